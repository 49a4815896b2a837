"""Why a condition is true or false of a record: the comparison that decides, with the values it looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fieldsmith.base.context import Actor
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.check import check
from fieldsmith.expr.environment import moment_of
from fieldsmith.expr.nodes import Aggregate, Apply, FieldRef, Node, members, outermost
from fieldsmith.expr.types import Kind
from fieldsmith.meta.places import filter_place
from fieldsmith.meta.system_fields import USER
from fieldsmith.records.evaluate import Transaction
from fieldsmith.records.evaluate_steps import computed_by_python, parts_of
from fieldsmith.records.evaluate_values import to_json
from fieldsmith.records.explaining_words import listed
from fieldsmith.records.sources import Lookups

_MOST_TOLD = 3
_LONGEST = 120
_Values = Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class Why:
    """`told`: “region = ‘West’”, the values that decide; `steps`: each part of the condition and what it gives, the inner ones first."""

    holds: bool
    told: str | Message
    steps: tuple[tuple[str, str | Message], ...]


def why(work: Transaction, reader: Actor, actor: Actor, entity: str, id: int, text: str) -> Why:
    """`text` evaluated for the stored record with the definer's rights, as rules are, `actor` being the user it speaks of.

    What `reader` may not see is not told.
    """
    model = work.runtime.schema.model
    node = check(text, filter_place(entity), model.vocabulary, model.functions)
    lookups = Lookups(work.runtime, work.connection, replace(actor, kind="system"), moment_of(actor, work.now))
    record = lookups.record(entity, id)
    if record is None:
        return Why(False, _m("the record is not there"), ())
    parts = parts_of(node)
    values = {_key(part): value for part, value in zip(parts, computed_by_python(model, model.vocabulary, parts, lookups.env(record)), strict=True)}
    holds = values[_key(node)] is True
    telling = _Telling(work, reader, text, values)
    told = list({str(said): said for leaf in _deciding(node, values) for said in telling.leaf(leaf)}.values())[:_MOST_TOLD]
    steps = tuple(telling.steps(parts)) if work.runtime.policy.is_administrator(reader) else ()
    return Why(holds, listed(told), steps)


def _key(node: Node) -> int:
    return id(node)


def _deciding(node: Node, values: _Values) -> Iterator[Node]:
    """The comparisons on which the value of `node` hangs."""
    if isinstance(node, Apply) and node.function in ("and", "or"):
        parts = members(node)
        true = [part for part in parts if values.get(_key(part)) is True]
        rest = [part for part in parts if values.get(_key(part)) is not True]
        one = rest[:1] if node.function == "and" else true[:1]
        for part in one or parts:
            yield from _deciding(part, values)
    elif isinstance(node, Apply) and node.function == "not":
        yield from _deciding(node.arguments[0], values)
    else:
        yield node


class _Telling:
    """Values in words, as far as the reader may see them."""

    def __init__(self, work: Transaction, reader: Actor, text: str, values: _Values) -> None:
        self._work = work
        self._reader = reader
        self._text = text
        self._values = values
        self._sight = work.runtime.policy.sight(reader)

    def leaf(self, node: Node) -> Iterator[str | Message]:
        looked_at = list(outermost(node))
        if not looked_at:
            yield _m("{condition} is {value}", condition=self._source(node), value=self._value(node))
        for part in looked_at:
            if not self._visible(part):
                yield _m("of a value you may not see")
            elif self._values.get(_key(part)) is None:
                yield _m("{field} is blank", field=self._source(part))
            else:
                yield _m("{field} = {value}", field=self._source(part), value=self._value(part))

    def steps(self, parts: Sequence[Node]) -> Iterator[tuple[str, str | Message]]:
        seen: set[str] = set()
        for part in parts:
            source = self._source(part)
            if source not in seen and source[:1] not in "\"'" and not source.replace(".", "").isdigit():
                seen.add(source)
                yield source, self._value(part)

    def _visible(self, part: FieldRef | Aggregate) -> bool:
        """Administrators see all. Others only what stands in the record itself, or about themselves: other records have rules of their own."""
        if self._sight.everything:
            return True
        if isinstance(part, Aggregate) or part.hops:
            return False
        return (USER if part.root == "user" else part.symbol.entity, part.symbol.field) not in self._sight.unspoken

    def _source(self, node: Node) -> str:
        return _cut(self._text[node.span.start : node.span.end])

    def _value(self, node: Node) -> str | Message:
        value = to_json(self._values.get(_key(node)), node.type)
        if value is None:
            return _m("blank")
        kind = node.type.kind
        if kind is Kind.BOOLEAN:
            return _m("yes") if value else _m("no")
        if kind is Kind.RECORD:
            entity, id = (str(value["entity"]), value["id"]) if isinstance(value, dict) else (node.type.entities[0], value)
            assert isinstance(id, int)
            name = self._work.queries.label(self._reader, entity, id) if self._work.queries.readable(self._reader, entity) else None
            return name or f"#{id}"
        if isinstance(value, list):
            return ", ".join(f"‘{each}’" for each in value)
        return f"‘{_cut(str(value))}’" if isinstance(value, str) and kind in (Kind.TEXT, Kind.CHOICE) else _cut(str(value))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
