"""Values a page needs from other rows: many-to-many links, targets of polymorphic lookups, file descriptions.

One statement per column and target entity for a whole page, never one per row, and each compiled once per revision.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.prepared import Prepared, among, key_list
from fieldsmith.db.system import fs_file
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field
from fieldsmith.fields.values import Link
from fieldsmith.query.guard import Guard
from fieldsmith.query.rows import Row, StoredFile

LATE_TYPES = frozenset({"many_to_many", "polymorphic_lookup", "file", "image"})


@dataclass(frozen=True, slots=True)
class Late:
    """A column to fill in: its field and where its key stands in the selected row.

    The key is the record's id for many-to-many, (id, entity) for a polymorphic lookup, the target's id for a lookup that was
    one join too many, the file's id for files.
    """

    field: Field
    at: int


class LateValues:
    """Reads late values of one revision for one kind of reader; keeps its statements. Safe for several threads.

    `who` are the values of the binds that say who reads, and when.
    """

    def __init__(self, schema: Schema, guard: Guard) -> None:
        self._schema = schema
        self._guard = guard
        self._labels: dict[str, Prepared] = {}
        self._links: dict[tuple[str, str], Prepared] = {}
        self._files = self._prepared(sa.select(fs_file.c.id, fs_file.c.name, fs_file.c.size, fs_file.c.media_type).where(self._among(fs_file.c.id)))

    def fill(self, connection: sa.Connection, late: Sequence[Late], rows: Sequence[Row], who: Mapping[str, Any]) -> list[Row]:
        """`rows` with one more value per late column at their end."""
        values = [self._values(connection, item, rows, who) for item in late]
        return [tuple(row) + extra for row, extra in zip(rows, zip(*values, strict=True), strict=True)]

    def labels(self, connection: sa.Connection, entity: str, ids: Iterable[int], who: Mapping[str, Any]) -> dict[int, str | None]:
        """Names of live records of `entity` by id; ids that are gone or out of sight are left out."""
        if not self._guard.names(entity):
            return {}
        kept = self._labels.get(entity)
        if kept is None:
            table, name = self._named(entity)
            kept = self._labels[entity] = self._prepared(sa.select(table.c.id, name).where(self._among(table.c.id), *self._live(entity, table)))
        return dict(self._rows(connection, kept, ids, who))

    def _values(self, connection: sa.Connection, item: Late, rows: Sequence[Row], who: Mapping[str, Any]) -> list[Any]:
        keys = {row[item.at] for row in rows if row[item.at] is not None}
        if item.field.type == "many_to_many":
            linked = self._linked(connection, item.field, keys, who)
            return [linked.get(row[item.at]) for row in rows]
        if item.field.type == "lookup":
            named = self.labels(connection, item.field.options["to"], keys, who)
            return [None if row[item.at] is None else Link(row[item.at], named.get(row[item.at])) for row in rows]
        if item.field.type == "polymorphic_lookup":
            return self._typed(connection, item.at, rows, who)
        files = {row[0]: StoredFile(*row) for row in self._rows(connection, self._files, keys, who)}
        return [files.get(row[item.at]) for row in rows]

    def _linked(self, connection: sa.Connection, item: Field, ids: set[int], who: Mapping[str, Any]) -> Mapping[int, tuple[Link, ...]]:
        to = item.options["to"]
        if not self._guard.names(to):
            return {}
        kept = self._links.get((item.entity, item.name))
        if kept is None:
            kept = self._links[item.entity, item.name] = self._prepared(self._links_of(item))
        out: dict[int, list[Link]] = {}
        for left, right, label in self._rows(connection, kept, ids, who):
            out.setdefault(left, []).append(Link(right, label))
        return {left: tuple(links) for left, links in out.items()}

    def _links_of(self, item: Field) -> sa.Select[Any]:
        link = self._schema.link(item)
        target, name = self._named(item.options["to"])
        return (
            sa.select(link.c.left_id, target.c.id, name)
            .join_from(link, target, target.c.id == link.c.right_id)
            .where(self._among(link.c.left_id), *self._live(item.options["to"], target))
            .order_by(link.c.left_id, name, target.c.id)
        )

    def _typed(self, connection: sa.Connection, at: int, rows: Sequence[Row], who: Mapping[str, Any]) -> list[Any]:
        wanted: dict[str, set[int]] = {}
        for row in rows:
            if row[at] is not None and row[at + 1] in self._schema.model.entities:
                wanted.setdefault(row[at + 1], set()).add(row[at])
        known = {name: self.labels(connection, name, ids, who) for name, ids in wanted.items()}
        sight = self._guard.sight
        return [None if row[at] is None else Link(row[at], known.get(row[at + 1], {}).get(row[at]), sight.entity(row[at + 1])) for row in rows]

    def _named(self, entity: str) -> tuple[sa.Table, sa.Column[Any]]:
        found = self._schema.model.entities[entity]
        return self._schema.table(entity), self._schema.columns(found.fields[found.name_field])[0]

    def _live(self, entity: str, table: Any) -> list[sa.ColumnElement[bool]]:
        """That a record is not in the bin, and there for the reader."""
        seen = self._guard.readable(entity, table, itertools.count(1))
        return [table.c.deleted_at.is_(None), *(() if seen is None else (seen,))]

    def _rows(self, connection: sa.Connection, statement: Prepared, keys: Iterable[int], who: Mapping[str, Any]) -> list[Row]:
        wanted = sorted(set(keys))
        return statement.rows(connection, {**who, "keys": key_list(wanted, self._schema.dialect)}) if wanted else []

    def _among(self, column: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        return among(column, self._schema.dialect)

    def _prepared(self, statement: sa.Select[Any]) -> Prepared:
        return Prepared(statement, self._schema.compiler)
