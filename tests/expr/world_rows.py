"""Records of the world in Python: read from the JSON of fixtures, answered as `environment.Source`.

A record is a mapping of field → canonical value without blanks, with its `id` and whether it is `recycled`. In JSON, records
have names; lookups, lists and polymorphic lookups name their targets (`"acme"`, `["acme"]`, `"account:acme"`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from fieldsmith.expr.vocabulary import Related
from fieldsmith.fields.values import Money, RecordRef
from tests.expr.world import ENTITIES, PARTS, Spec, spec


@dataclass(frozen=True, slots=True)
class Record:
    entity: str
    id: int
    values: Mapping[str, Any]
    recycled: bool = False


@dataclass(slots=True)
class Records:
    """All records of a world by entity and id, and the ids of those that have names."""

    by_entity: dict[str, dict[int, Record]] = field(default_factory=lambda: {name: {} for name in ENTITIES})
    ids: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, entity: str, id_: int, values: Mapping[str, Any], recycled: bool = False) -> Record:
        kept = {name: value for name, value in values.items() if value is not None and value != ()}
        record = self.by_entity[entity][id_] = Record(entity, id_, kept, recycled)
        return record

    def source(self, entity: str, id_: int) -> WorldSource:
        return WorldSource(self, self.by_entity[entity][id_])

    def targets(self, record: Record, list_field: str) -> tuple[int, ...]:
        """The live records of a many-to-many field."""
        [target] = spec(record.entity, list_field).entities
        return tuple(id_ for id_ in record.values.get(list_field, ()) if not self.by_entity[target][id_].recycled)


@dataclass(frozen=True, slots=True)
class WorldSource:
    """A record as evaluators in Python read it."""

    records: Records
    record: Record

    def get(self, field: str) -> Any:
        if ENTITIES[self.record.entity][field].startswith("list"):
            return self.records.targets(self.record, field) or None
        return self.record.values.get(field)

    def follow(self, lookup: str) -> WorldSource | None:
        id_ = self.record.values.get(lookup)
        return None if id_ is None else self.records.source(spec(self.record.entity, lookup).entities[0], id_)

    def related(self, related: Related) -> Iterable[WorldSource]:
        for record in self.records.by_entity[related.entity].values():
            if not record.recycled and self._belongs(record, related):
                yield WorldSource(self.records, record)

    def _belongs(self, record: Record, related: Related) -> bool:
        mine = self.record
        if related.via == "link":
            return record.id in mine.values.get(related.field, ())
        value = record.values.get(related.field)
        if related.via == "lookup":
            return bool(value == mine.id)
        if related.via == "polymorphic":
            return bool(value == RecordRef(mine.entity, mine.id))
        return mine.id in (value or ())


def read_records(fixtures: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Records:
    """Records of `{"deal": {"big": {"d2": "1.50", "account": "acme"}}}`. Every entity has one named `blank`, too."""
    records = Records()
    named = {entity: {"blank": {}, **fixtures.get(entity, {})} for entity in ENTITIES}
    for entity, rows in named.items():
        for number, name in enumerate(rows, 1):
            records.ids[entity, name] = number
    for entity, rows in named.items():
        for name, row in rows.items():
            values = {key: canonical(Spec.of(ENTITIES[entity][key]), value, records.ids) for key, value in row.items() if key != "recycled"}
            records.add(entity, records.ids[entity, name], values, bool(row.get("recycled")))
    return records


def canonical(found: Spec, raw: Any, ids: Mapping[tuple[str, str], int]) -> Any:
    """The value a fixture means."""
    if raw is None or raw == "" or raw == []:
        return None
    match found.word:
        case "decimal":
            return _decimal(raw, found.scale)
        case "currency":
            parts = raw if isinstance(raw, dict) else {"amount": raw, "currency": "EUR", "company": raw}
            return Money(_decimal(parts["amount"], found.scale), parts["currency"], _decimal(parts["company"], found.scale))
        case "date":
            return date.fromisoformat(raw)
        case "datetime":
            return datetime.fromisoformat(raw).astimezone(UTC).replace(tzinfo=None)
        case "time":
            return time.fromisoformat(raw)
        case "set":
            return tuple(raw)
        case "lookup":
            return ids[found.entities[0], raw]
        case "list":
            return tuple(ids[found.entities[0], name] for name in raw)
        case "polymorphic":
            entity, _, name = raw.partition(":")
            return RecordRef(entity, ids[entity, name])
        case "person" | "address":
            return {short: raw.get(short) for short in PARTS[found.word]}
    return raw


def _decimal(raw: str, scale: int) -> Decimal:
    value = Decimal(raw)
    assert value == round(value, scale), f"{raw} has more than {scale} digits after the point"
    return value


def every_record(records: Records) -> Iterator[Record]:
    """All of them, entity by entity."""
    for rows in records.by_entity.values():
        yield from rows.values()
