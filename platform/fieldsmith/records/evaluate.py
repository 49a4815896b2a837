"""Trying an expression out: is it right, what does it give for a record, and how did it come to that?

    check_expression(work, actor, "opportunity", "amount * 2")
    evaluate(work, actor, "opportunity", "amount * 2", id=7, engine="sql", explain=True)

With the caller's rights: the record must be one the caller may read, names they may not see are unknown, and a path to a record they
may not see ends in a blank. Nothing is written. Called by the API and `fieldsmith eval`; forms, rules and filters compile once and have their own ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Literal, Protocol, TypeVar

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.expr.check import check
from fieldsmith.expr.environment import Env, moment_of
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.facts import aggregates, references
from fieldsmith.expr.nodes import Node
from fieldsmith.expr.types import BOOLEAN, Type
from fieldsmith.expr.vocabulary import Place, Vocabulary
from fieldsmith.fields.base import Json
from fieldsmith.meta.places import filter_place, formula_place, rule_place
from fieldsmith.meta.vocabulary import ModelVocabulary
from fieldsmith.query.run import Queries
from fieldsmith.records import inputs
from fieldsmith.records.evaluate_steps import MAX_SQL_STEPS, computed_by_python, computed_by_sql, parts_of, written_out
from fieldsmith.records.evaluate_values import to_json
from fieldsmith.records.guarded import guarded
from fieldsmith.records.links import stored_links
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.sources import Lookups, Reached, saved_source, stored_source
from fieldsmith.records.targets import Shapes, Targets

T = TypeVar("T")
Engine = Literal["python", "sql"]
ENGINES: tuple[Engine, ...] = ("python", "sql")
CONTEXTS: tuple[str, ...] = ("any", "filter", "condition", "formula", "rule", "default")
"""Where an expression may be meant to stand: what it may speak of, and what it must give."""
_LONGEST_STEP = 1_000


class Revision(Reached, Shapes, Protocol):
    """What evaluating needs of the revision (`Runtime`)."""


class Transaction(Protocol):
    """What is needed of a `Work`."""

    @property
    def runtime(self) -> Revision: ...
    @property
    def connection(self) -> sa.Connection: ...
    @property
    def now(self) -> datetime: ...
    @property
    def queries(self) -> Queries: ...


@dataclass(frozen=True, slots=True)
class Checked:
    """`type` is None where there are problems."""

    type: Type | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One sub-expression: where it stands in the source, and what it gave. Long texts are cut."""

    source: str
    start: int
    end: int
    type: Type
    value: Json


@dataclass(frozen=True, slots=True)
class Evaluated:
    """`steps` are in the order of evaluation, what is inside before what it is inside of; None unless asked for."""

    type: Type
    value: Json
    steps: tuple[Step, ...] | None

    @property
    def json(self) -> dict[str, Json]:
        """As the API and `fieldsmith eval --json` answer."""
        out: dict[str, Json] = {"type": self.type.kind.value, "value": self.value}
        if self.steps is not None:
            out["steps"] = [
                {"source": step.source, "start": step.start, "end": step.end, "type": step.type.kind.value, "value": step.value} for step in self.steps
            ]
        return out


def place_of(entity: str, context: str = "any") -> Place:
    """Raises `BadInput` for a context that does not exist."""
    made: Mapping[str, Callable[[], Place]] = {
        "any": partial(Place, entity),
        "filter": partial(filter_place, entity),
        "condition": partial(Place, entity, BOOLEAN),
        "formula": partial(formula_place, entity, None),
        "rule": partial(rule_place, entity),
        "default": partial(Place, entity, aggregates=False),
    }
    if context not in made:
        message = _m("There is no context “{name}”. Contexts are: {names}.", name=context[:100], names=", ".join(CONTEXTS))
        raise BadInput([Problem("unknown_context", message, "/context", did_you_mean(context[:100], CONTEXTS))])
    return made[context]()


def vocabulary_of(work: Transaction, actor: Actor) -> Vocabulary:
    """The names `actor` may use."""
    runtime = work.runtime
    unspoken = runtime.policy.sight(actor).unspoken
    return runtime.keep_some(("vocabulary", unspoken), lambda: ModelVocabulary(runtime.schema.model, unspoken)) if unspoken else runtime.schema.model.vocabulary


def check_expression(work: Transaction, actor: Actor, entity: str, source: str, context: str = "any") -> Checked:
    """What `source` gives over records of `entity`, or what is wrong with it; raises `NotFound` for an entity the actor may not see."""
    work.queries.entity(actor, entity)
    try:
        node = _checked(work, actor, source, place_of(entity, context))
    except ExpressionError as wrong:
        return Checked(None, wrong.problems)
    return Checked(node.type, ())


def evaluate(
    work: Transaction,
    actor: Actor,
    entity: str,
    source: str,
    *,
    id: int | None = None,
    values: Mapping[str, Any] | None = None,
    engine: Engine = "python",
    explain: bool = False,
) -> Evaluated:
    """What `source` gives for the record `id`, for one with the raw `values` that nobody saved yet, or for `id` as `values` would change it.

    Without either every field is blank. With `values` a save is tried out, so that `old`, ISNEW and CHANGED have a meaning.
    Raises `BadInput` (expression and values), `NotFound` (entity, record).
    """
    work.queries.entity(actor, entity)
    if id is not None:
        work.queries.one(actor, entity, id)
    sql, guard = engine == "sql", work.queries.guard(actor)
    node = _checked(work, actor, source, Place(entity, changes=values is not None and not sql, sql=sql))
    parts = parts_of(node) if explain else [node]
    if sql:
        _require_stored(node, id, values)
        if explain:
            _require_few(node)
        found = computed_by_sql(work.runtime.schema, work.connection, entity, id, parts, moment_of(actor, work.now), actor.id, guard)
    else:
        env = guarded(work.queries, work.runtime.schema.model, actor, entity, _environment(work, actor, entity, id, values))
        found = computed_by_python(work.runtime.schema.model, vocabulary_of(work, actor), parts, env)
    steps = tuple(_step(source, part, value) for part, value in zip(parts, found, strict=True)) if explain else None
    return Evaluated(node.type, to_json(found[-1], node.type), steps)


def _checked(work: Transaction, actor: Actor, source: str, place: Place) -> Node:
    """Problems point at `/expression`."""
    try:
        return check(source, place, vocabulary_of(work, actor), work.runtime.schema.model.functions)
    except ExpressionError as wrong:
        raise ExpressionError([replace(problem, pointer="/expression") for problem in wrong.problems], wrong.title) from None


def _step(source: str, part: Node, value: Any) -> Step:
    span = part.span
    shown = value[:_LONGEST_STEP] + "…" if isinstance(value, str) and len(value) > _LONGEST_STEP else value
    return Step(source[span.start : span.end], span.start, span.end, part.type, to_json(shown, part.type))


def _require_stored(node: Node, id: int | None, values: Mapping[str, Any] | None) -> None:
    cure = _m("Leave the values out, or let the engine be “python”.")
    if values is not None:
        raise BadInput([Problem("not_stored", _m("The database computes with stored records, not with values sent along."), "/values", cure)])
    roots = {*(ref.root for ref in references(node)), *(each.root for each in aggregates(node))}
    if id is None and "record" in roots:
        message = _m("The database computes with stored records: say of which record the fields are.")
        raise BadInput([Problem("not_stored", message, "/id", _m("Give its id, or let the engine be “python”."))])


def _require_few(node: Node) -> None:
    """Every step is an expression of its own to the database, so a deep tree is sent many times over."""
    if written_out(node) > MAX_SQL_STEPS:
        message = _m("The expression has too many steps for the database to tell each one.")
        raise BadInput([Problem("too_many_steps", message, "/explain", _m("Leave “explain” out, or let the engine be “python”."))])


def _environment(work: Transaction, actor: Actor, entity: str, id: int | None, values: Mapping[str, Any] | None) -> Env:
    shape = work.runtime.shape(entity)
    lookups = Lookups(work.runtime, work.connection, actor, moment_of(actor, work.now))
    row = None if id is None else shape.seen(work.connection, [id])[id]
    stored = None if row is None else stored_source(lookups, shape, row)
    if values is None:
        return lookups.env(saved_source(lookups, shape, None, {}) if stored is None else stored)
    current = {} if row is None else _current(work, shape, row)
    new = _read(work, actor, shape, values, current)
    if row is None:
        stamps = {"created_at": work.now, "created_by": actor.id, "modified_at": work.now, "modified_by": actor.id, "version": 1}
        return lookups.env(saved_source(lookups, shape, None, {**stamps, **new}), changed=frozenset(new), is_new=True)
    changed = shape.differing(current, new)
    return lookups.env(saved_source(lookups, shape, id, {**current, **changed}), stored, frozenset(changed))


def _current(work: Transaction, shape: EntityShape, row: tuple[Any, ...]) -> dict[str, Any]:
    links = {name: stored_links(work.connection, work.runtime.schema, item, row[0]) for name, item in shape.links.items()}
    return {**shape.stamps(row), **shape.current(row), **links, "id": row[0], "version": row[1]}


def _read(work: Transaction, actor: Actor, shape: EntityShape, values: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical values, read as a save reads them; nothing is demanded, since nothing is saved. Problems point at `/values`."""
    problems: list[Problem] = []
    new = inputs.read(shape, values, current or None, problems, work.runtime.policy.sight(actor))
    Targets(work.runtime, work.connection, actor, work.now).check(shape, [new], [problems], hold=False)
    if problems:
        raise BadInput([problem.under("/values") for problem in problems])
    return new
