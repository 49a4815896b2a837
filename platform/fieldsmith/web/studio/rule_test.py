"""How many records of today would fail a rule, with a few of them: to know before publishing. Asked of what is stored and published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.check import check
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.meta.places import rule_place
from fieldsmith.query.run import Query
from fieldsmith.web import current, page
from fieldsmith.web.studio.desk import Desk
from fieldsmith.web.studio.expression_trial import unpublished
from fieldsmith.web.studio.rule_form import EXPRESSIONS, VALIDATION, RuleForm

LOOKED_AT = 100_000
"""The newest records are looked at, so that the answer comes in a moment however many there are."""
_BOUND = 10_000
_SAMPLE = 5


@dataclass(frozen=True, slots=True)
class Failing:
    """`why` says why nothing could be counted. `exact` is False where there are more than `count`; `cut`: only the newest were looked at."""

    why: Message | None = None
    count: int = 0
    exact: bool = True
    cut: bool = False
    sample: Sequence[tuple[int, str]] = ()


def failing(now: Desk, entity: str, form: RuleForm) -> Failing:
    """Records of `entity` that break the rule as it stands in the form."""
    reason = _unfit(now, entity, form)
    if reason is not None:
        return Failing(reason)
    broken = broken_by(form)
    if broken is None:
        return Failing(_m("It refuses no save by itself, so there is nothing to count."))
    queries = current.work().queries
    newest = queries.page(now.actor, Query(entity, ("id",), limit=1)).rows
    if not newest:
        return Failing()
    first = newest[0][0] - LOOKED_AT
    filters = (broken, f"id > {first}") if first > 0 else (broken,)
    try:
        found = queries.page(now.actor, Query(entity, ("id",), limit=_SAMPLE, filters=filters)).rows
        count = queries.count(now.actor, Query(entity, (), filters=filters), _BOUND) if found else None
    except BadQuery as wrong:
        return Failing(_m("Stored records cannot be tested with it: {reason}", reason=wrong.problems[0].message if wrong.problems else wrong.title))
    labels = queries.labels(now.actor, entity, [row[0] for row in found])
    sample = [(row[0], labels.get(row[0]) or f"#{row[0]}") for row in found]
    return Failing(None, 0 if count is None else count.value, count is None or count.exact, first > 0, sample)


def broken_by(form: RuleForm) -> str | None:
    """The filter that finds records a save of which the rule would refuse; None where it refuses none by itself."""
    said = form.values
    if form.type == VALIDATION:
        failed = f"not {_within(said['must'])}"
        return f"{_within(said['when'])} and {failed}" if said["when"] else failed
    if not said["required"] or not form.fields:
        return None
    blank = " or ".join(f"ISBLANK({name})" for name in form.fields)
    shown = f"{_within(said['visible'])} and " if said["visible"] else ""
    return f"{shown}{_within(said['required'])} and ({blank})"


def _within(source: str) -> str:
    """In brackets; a comment at its end reaches as far as the line."""
    return f"({source}\n)"


def _unfit(now: Desk, entity: str, form: RuleForm) -> Message | None:
    published, model = current.model(), now.model
    if entity not in published.entities:
        return _m("There are no records to test it on before {entity} is published.", entity=page.say(model.entities[entity].label))
    for name in EXPRESSIONS[form.type]:
        source = form.values[name]
        if not source:
            continue
        try:
            node = check(source, rule_place(entity), model.vocabulary, model.functions)
        except ExpressionError:
            return _m("Put the expressions right first.")
        missing = next(unpublished(published, node), None)
        if missing is not None:
            return _m("“{field}” is not published yet, so no record has a value for it.", field=missing)
    if form.type == VALIDATION and not form.values["must"]:
        return _m("Say first what must be true.")
    missing_field = next((name for name in form.fields if name not in published.entities[entity].fields), None)
    return None if missing_field is None else _m("“{field}” is not published yet, so no record has a value for it.", field=missing_field)
