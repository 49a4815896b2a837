"""“Try on a record”: what an expression of the draft gives for a stored record, and how it came to that.

Records are kept by the published model, so an expression can be tried as soon as every field it reads is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.nodes import Aggregate, FieldRef, Node, walk
from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.meta.model import Model
from fieldsmith.query.run import Query
from fieldsmith.records.evaluate import Step, evaluate
from fieldsmith.web import current, page
from fieldsmith.web.studio.desk import Desk, shown

_MOST_STEPS = 60
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class TriedStep:
    source: str
    value: str


@dataclass(frozen=True, slots=True)
class Trial:
    """`why` says why there is no value. `pickable`: records can be searched for; `record` is (id, name) of the one tried."""

    pickable: bool
    record: tuple[str, str] | None = None
    why: Message | None = None
    value: str = ""
    type: Message | None = None
    steps: Sequence[TriedStep] = ()


def tried(now: Desk, entity: str, source: str, node: Node | None, record: str, *, changes: bool) -> Trial:
    """`node` is `source` checked over the draft's model, None where it is faulty. With `changes` a save that changes nothing is tried."""
    published = current.model()
    if entity not in published.entities:
        return Trial(False, why=_m("Nothing to try it on yet: {entity} is not published.", entity=_label(now, entity)))
    chosen = _record(now, entity, record)
    if chosen is None:
        return Trial(False, why=_m("Nothing to try it on: there is no {entity} yet.", entity=published.entities[entity].label))
    if node is None:
        why = _m("Put the expression right first.") if source.strip() else _m("Write an expression first.")
        return Trial(True, chosen, why)
    missing = next(unpublished(published, node), None)
    if missing is not None:
        return Trial(True, chosen, _m("“{field}” is not published yet, so no record has a value for it. Publish the draft to try this.", field=missing))
    try:
        found = evaluate(current.work(), now.actor, entity, source, id=int(chosen[0]), values={} if changes else None, explain=True)
    except BadInput as wrong:
        why = wrong.problems[0].message if wrong.problems else wrong.title
        return Trial(True, chosen, _m("This cannot be tried before the draft is published: {reason}", reason=why))
    steps = [TriedStep(_cut(step.source), in_reader_words(now, step.type, step.value)) for step in _told(found.steps or ())]
    return Trial(True, chosen, None, in_reader_words(now, found.type, found.value), None, steps)


def in_reader_words(now: Desk, type_: Type, value: Any) -> str:
    """A value of the expressions API as people write it."""
    if value is None:
        return page.say(_m("blank"))
    language = now.words.language
    if type_.kind is Kind.BOOLEAN:
        return page.say(_m("yes") if value else _m("no"))
    if type_.kind in (Kind.INTEGER, Kind.DECIMAL):
        return str(format_decimal(Decimal(value), locale=language, decimal_quantization=False))
    if type_.kind is Kind.DATE:
        return str(format_date(date.fromisoformat(value), "medium", locale=language))
    if type_.kind is Kind.DATETIME:
        moment = datetime.fromisoformat(value.removesuffix("Z")).replace(tzinfo=UTC).astimezone(ZoneInfo(now.actor.timezone))
        return str(format_datetime(moment, "medium", tzinfo=moment.tzinfo, locale=language))
    if type_.kind is Kind.CHOICE:
        return _choice(now, type_, value)
    if type_.kind is Kind.SET:
        return ", ".join(_choice(now, type_, each) for each in value)
    if type_.kind is Kind.RECORD:
        return _record_label(now, type_, value)
    return _m("“{words}”", words=_cut(str(value))).render(now.words) if type_.kind is Kind.TEXT else _cut(str(value))


def _record(now: Desk, entity: str, asked: str) -> tuple[str, str] | None:
    """The record asked for, else the newest one, with its name; None where there is none to see."""
    queries = current.work().queries
    if asked.isascii() and asked.isdigit() and len(asked) < 19:
        found = queries.labels(now.actor, entity, [int(asked)])
        if int(asked) in found:
            return asked, found[int(asked)] or f"#{asked}"
    try:
        rows = queries.page(now.actor, Query(entity, ("id",), limit=1)).rows
    except NotFound:
        return None
    if not rows:
        return None
    id = rows[0][0]
    return str(id), queries.label(now.actor, entity, id) or f"#{id}"


def unpublished(published: Model, node: Node) -> Iterator[str]:
    """What the expression reads and the published model does not have, by label."""

    def known(symbol: Symbol) -> bool:
        entity = published.entities.get(symbol.entity)
        return entity is not None and symbol.field in entity.fields

    for here in walk(node):
        if isinstance(here, FieldRef):
            yield from (page.say(each.label) for each in (*here.hops, here.symbol) if here.root != "params" and not known(each))
        elif isinstance(here, Aggregate):
            target = published.entities.get(here.related.entity)
            owner = published.entities.get(here.related.owner if here.related.via == "link" else here.related.entity)
            if target is None or owner is None or here.related.field not in owner.fields:
                yield here.related.name


def _told(steps: Sequence[Step]) -> Iterator[Step]:
    """Steps worth telling: not the plain numbers and texts in the source, and the last one stands above already."""
    plain = [step for step in steps[:-1] if step.source[:1] not in "\"'" and not step.source.replace(".", "").isdigit()]
    seen: set[str] = set()
    for step in plain:
        if step.source not in seen and len(seen) < _MOST_STEPS:
            seen.add(step.source)
            yield step


def _choice(now: Desk, type_: Type, value: str) -> str:
    known = now.model.choices.get(type_.choices)
    found = None if known is None else known.values.get(value)
    return value if found is None else found.label.render(now.words)


def _record_label(now: Desk, type_: Type, value: Any) -> str:
    entity, id = (value["entity"], value["id"]) if isinstance(value, dict) else (type_.entities[0], value)
    return current.work().queries.labels(now.actor, entity, [id]).get(id) or f"#{id}"


def _label(now: Desk, entity: str) -> str:
    found = now.model.entities.get(entity)
    return shown(None if found is None else found.label, entity, now.words)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
