"""`TargetNames`: records by what they are called, for a field that becomes a lookup or ceases to be one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.folding import fold
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field
from fieldsmith.fields.conversion import Conversion

_MOST = 50_000  # names remembered
_AT_ONCE = 500


class TargetNames:
    """`label` is that of records `source` points at, `ids` are records of the entity `target` points at, live ones, by their name field.

    `match` names another field of that entity to find them by. Names differ neither by case nor by width.
    """

    def __init__(self, connection: sa.Connection, before: Schema, source: Field, after: Schema, target: Field, match: str | None = None) -> None:
        self._connection = connection
        self._before, self._source, self._after, self._target, self._match = before, source, after, target, match
        self._labels: dict[int, str | None] = {}
        self._ids: dict[str, tuple[int, ...]] = {}

    def swapped(self) -> TargetNames:
        """For the way back."""
        return TargetNames(self._connection, self._after, self._target, self._before, self._source, None)

    def prepare(self, values: Iterable[Any], over: Conversion) -> None:
        """Ask at once for what converting `values` will ask one by one."""
        known: list[Any] = [value for value in dict.fromkeys(item for item in values if isinstance(item, (str, int)))] if self._is_asked() else []
        if self._source.type == "lookup":
            self._ask_labels([value for value in known if value not in self._labels])
        if self._target.type == "lookup":
            self._ask_ids([text for text in dict.fromkeys(fold(over.text(value)) for value in known) if text not in self._ids])

    def label(self, id: int) -> str | None:
        if id not in self._labels:
            self._ask_labels([id])
        return self._labels[id]

    def ids(self, text: str) -> Sequence[int]:
        folded = fold(text)
        if folded not in self._ids:
            self._ask_ids([folded])
        return self._ids[folded]

    def _is_asked(self) -> bool:
        return "lookup" in (self._source.type, self._target.type)

    def _ask_labels(self, ids: Sequence[int]) -> None:
        if len(self._labels) > _MOST:
            self._labels.clear()
        schema, entity = self._before, self._source.options["to"]
        column, field = self._named(schema, entity, None)
        write = schema.model.type_of(field).export_text(field)
        table = schema.table(entity)
        self._labels.update(dict.fromkeys(ids))
        for part in _parts(ids):
            rows = self._connection.execute(sa.select(table.c.id, *schema.columns(field)).where(table.c.id.in_(part), column.is_not(None)))
            unpack = schema.model.type_of(field).unpacker(field)
            self._labels.update({row[0]: write(unpack(row[1:])) for row in rows})

    def _ask_ids(self, texts: Sequence[str]) -> None:
        if len(self._ids) > _MOST:
            self._ids.clear()
        schema, entity = self._after, self._target.options["to"]
        column, field = self._named(schema, entity, self._match)
        key = schema.fold(field)
        wanted: sa.ColumnElement[Any] = schema.folded(sa.cast(column, sa.Text)) if key is None else key
        table = schema.table(entity)
        self._ids.update(dict.fromkeys(texts, ()))
        for part in _parts(texts):
            rows = self._connection.execute(sa.select(table.c.id, wanted).where(wanted.in_(part), table.c.deleted_at.is_(None)).order_by(table.c.id))
            for id, text in rows:
                self._ids[text] = (*self._ids[text], id)

    def _named(self, schema: Schema, entity: str, match: str | None) -> tuple[sa.Column[Any], Field]:
        owner = schema.model.entities[entity]
        field = owner.fields[match or owner.name_field]
        return schema.columns(field)[0], field


def _parts(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
