"""`EntityShape`: everything about writing one entity, compiled once per revision: coercers, packers, statements.

Values here are canonical (`fields.values`), lookups plain ids. `records` and `bulk` share it, so one save and a million rows
go through the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from fieldsmith.db.folding import fold
from fieldsmith.db.insertion import Insertion
from fieldsmith.db.prepared import Converter, Prepared, among, binder, key_list
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field, FieldType, Scope
from fieldsmith.meta.model import Entity, Model
from fieldsmith.query.select import plain_reader
from fieldsmith.records.narrowing import narrowed_fields, put_defaults

_LOOKUP_TYPES = frozenset({"lookup", "polymorphic_lookup", "many_to_many"})
_MAX_KEPT_UPDATES = 256
_STAMPS = ("created_at", "created_by", "modified_at", "modified_by", "version")
_LOADED = ("id", "version", "deleted_at", "created_at", "created_by", "modified_at", "modified_by")


@dataclass(frozen=True, slots=True)
class Slot:
    """One stored field: how its values are packed, read from a row of `load` (from `start` on), encoded and folded."""

    field: Field
    type: FieldType
    columns: tuple[sa.Column[Any], ...]
    pack: Callable[[Any], tuple[Any, ...]]
    read: Callable[[tuple[Any, ...]], Any]
    encode: Callable[[Any], Any] | None
    start: int
    fold: sa.Column[Any] | None


class EntityShape:
    """Coercers and statements of one entity; stateless but for statements kept on first use."""

    def __init__(self, schema: Schema, entity: Entity, scope: Scope) -> None:
        self.schema = schema
        self.entity = entity
        self.table = schema.table(entity.name)
        self.scope = scope
        model = schema.model
        own = [item for item in entity.fields.values() if (not item.system or item.name == "owner") and not _computed_elsewhere(schema, item)]
        self.defaults = _defaults(model, own, scope)
        self.narrowed = narrowed_fields(model, entity)
        self.checks = {item.name: check for item in own if (check := model.type_of(item).change_check(item, scope)) is not None}
        self.coercers = {name: model.type_of(item).coercer(item, scope) for name, item in entity.fields.items()}
        self.links = {item.name: item for item in own if item.type == "many_to_many"}
        self.lookups = {item.name: item for item in own if item.type in _LOOKUP_TYPES}
        self.files = {item.name: item for item in own if item.type in ("file", "image")}
        self.required = tuple(item for item in own if item.required)
        self.numbered = {item.name: item for item in own if item.type == "auto_number"}
        self.searchable = tuple((item.name, model.type_of(item).search_text) for item in own if model.type_of(item).searchable)
        stored = [item for item in own if item.name not in self.links]
        self._load_columns = [self.table.c[name] for name in _LOADED]
        self._load_columns += [column for item in stored for column in schema.columns(item)]
        self.load = Prepared(self._select(self.table.c.id == sa.bindparam("id", type_=sa.BigInteger)), schema.compiler)
        self.load_many = Prepared(self._select(among(self.table.c.id, schema.dialect)), schema.compiler)
        self._seen = Prepared(sa.select(*self._load_columns).where(among(self.table.c.id, schema.dialect)), schema.compiler)
        self.slots = self._slots(stored)
        self.unsettled = tuple(name for name, slot in self.slots.items() if not schema.settled(slot.field))
        folded = [slot for slot in self.slots.values() if slot.fold is not None]
        self._folds = tuple((slot.start - len(_LOADED) + len(_STAMPS) + 1, slot.fold) for slot in folded if slot.fold is not None)
        inserted = [self.table.c[name] for name in ("id", *_STAMPS)]
        inserted += [column for slot in self.slots.values() for column in slot.columns]
        inserted += [fold for _, fold in self._folds]
        self.insert = Insertion(self.table, inserted, schema.compiler)
        self._places = self._placed()
        self._blank = (None,) * sum(len(slot.columns) for slot in self.slots.values())
        self._told = {item.name: (str(item.uid), self._teller(item)) for item in own}
        self._by: dict[tuple[str, bool], Prepared] = {}
        self._key_binders: dict[str, Converter | None] = {}
        self._updates: dict[tuple[str, ...], Prepared] = {}

    def differs(self, name: str, old: Any, new: Any) -> bool:
        """Would a person call the two canonical values of field `name` different?"""
        if old is None or new is None:
            return old is not new
        return not self.schema.model.type_of(self.entity.fields[name]).same(old, new)

    def differing(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
        """The values of `new` that are not those of `old`."""
        return {name: value for name, value in new.items() if self.differs(name, old.get(name), value)}

    def put_defaults(self, values: dict[str, Any]) -> None:
        """Plain defaults into what a new record says nothing of."""
        if self.narrowed:
            put_defaults(self.defaults, self.narrowed, values)
            return
        for name, value in self.defaults.items():
            values.setdefault(name, value)

    def pack(self, id: int, stamps: tuple[datetime, int | None], values: Mapping[str, Any]) -> Sequence[Any]:
        """The row `insert` takes for a new record: `stamps` are (now, acting user)."""
        now, by = stamps
        row: list[Any] = [id, now, by, now, by, 1, *self._blank]
        for name, value in values.items():
            if value is not None and (place := self._places.get(name)) is not None:
                at, end, pack = place
                if pack is None:
                    row[at] = value
                else:
                    row[at:end] = pack(value)
        for at, _ in self._folds:
            text = row[at]
            row.append(None if text is None else fold(text))
        return row

    def stored(self, connection: sa.Connection, ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
        """Rows as `load` gives them, by id, in one statement."""
        return {row[0]: row for row in self.load_many.rows(connection, {"keys": key_list(ids, self.schema.dialect)})}

    def seen(self, connection: sa.Connection, ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
        """`stored` for who only looks: the records are not held."""
        return {row[0]: row for row in self._seen.rows(connection, {"keys": key_list(ids, self.schema.dialect)})}

    def ids_by(self, connection: sa.Connection, name: str, keys: Sequence[Any], *, hold: bool = False) -> list[tuple[Any, int]]:
        """(value, id) of the live records whose field `name` (or id) has one of the values `keys`, given as its first column holds them.

        `hold` keeps the records from being deleted until the transaction ends.
        """
        kept = self._by.get((name, hold))
        if kept is None:
            column = self.table.c.id if name == "id" else self.slots[name].columns[0]
            which = (among(column, self.schema.dialect), self.table.c.deleted_at.is_(None))
            found = sa.select(column, self.table.c.id).where(*which)
            self._key_binders[name] = binder(column.type, self.schema.compiler)
            kept = self._by[name, hold] = Prepared(found.with_for_update(read=True, key_share=True) if hold else found, self.schema.compiler)
        bind, turn = self._key_binders[name], kept.converters[0]
        bound = keys if bind is None else [bind(key) for key in keys]
        rows = kept.rows(connection, {"keys": key_list(bound, self.schema.dialect)})
        return [(row[0] if turn is None else turn(row[0]), row[1]) for row in rows]

    def current(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """Canonical values of a row given by `load`, without many-to-many links."""
        return {name: slot.read(row) for name, slot in self.slots.items()}

    def stamps(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """Who made and last changed the row given by `load`, and when; canonical."""
        convert = self.load.converters
        return {name: row[at] if row[at] is None or (turn := convert[at]) is None else turn(row[at]) for at, name in enumerate(_LOADED) if at > 2}

    def update(self, names: tuple[str, ...]) -> Prepared:
        """`UPDATE` of the fields `names` where id and version match; binds as `update_values` names them."""
        kept = self._updates.get(names)
        if kept is None:
            if len(self._updates) >= _MAX_KEPT_UPDATES:
                self._updates.clear()
            columns = [column for name in names for column in self._written(self.slots[name])]
            assigned = {column.name: sa.bindparam(f"u{at}", type_=column.type) for at, column in enumerate(columns)}
            assigned["modified_at"] = sa.bindparam("now", type_=self.table.c.modified_at.type)
            assigned["modified_by"] = sa.bindparam("by", type_=sa.BigInteger)
            statement = (
                sa.update(self.table)
                .where(self.table.c.id == sa.bindparam("row"), self.table.c.version == sa.bindparam("was"), self.table.c.deleted_at.is_(None))
                .values({**assigned, "version": self.table.c.version + 1})
            )
            kept = Prepared(statement, self.schema.compiler)
            self._updates[names] = kept
        return kept

    def update_values(self, names: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
        """Binds of `update` for the new canonical `values` of `names`."""
        out: list[Any] = []
        for name in names:
            slot = self.slots[name]
            parts = slot.pack(values[name])
            out += parts
            if slot.fold is not None:
                out.append(None if parts[0] is None else fold(parts[0]))
        return {f"u{at}": value for at, value in enumerate(out)}

    def encoded(self, name: str, value: Any) -> Any:
        """A canonical value as history keeps it: JSON, lookups as ids."""
        tell = self._told[name][1]
        return value if value is None or tell is None else tell(value)

    def created_changes(self, values: Mapping[str, Any]) -> str:
        """History text of a new record: every filled field by uid, from blank."""
        out: dict[str, Any] = {}
        for name, value in values.items():
            if value is not None:
                uid, tell = self._told[name]
                out[uid] = (None, value if tell is None else tell(value))
        return orjson.dumps(out).decode()

    def changes(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        """History text of an update: the fields of `new`, each from its old value."""
        fields = self.entity.fields
        return orjson.dumps({str(fields[name].uid): [self.encoded(name, old[name]), self.encoded(name, value)] for name, value in new.items()}).decode()

    def search_row(self, id: int, values: Mapping[str, Any]) -> tuple[int, str, str]:
        """(id, label, text to find) for the search index."""
        name = values.get(self.entity.name_field)
        label = "" if name is None else self.label(name)
        texts = [find(values[field]) for field, find in self.searchable if values.get(field) is not None]
        return id, label, "\n".join(texts)

    def label(self, name: Any) -> str:
        """A record's name from the canonical value of its name field."""
        slot = self.slots[self.entity.name_field]
        return str(slot.pack(name)[0])

    def _teller(self, item: Field) -> Callable[[Any], Any] | None:
        """What makes JSON of a canonical value for history; None where it is JSON already."""
        if item.name in self.links:
            return list
        return None if item.type == "lookup" else self.slots[item.name].encode

    def _placed(self) -> dict[str, tuple[int, int, Callable[[Any], tuple[Any, ...]] | None]]:
        """Field → where its columns stand in a row for `insert`, and what packs them (None: the value is the column)."""
        out: dict[str, tuple[int, int, Callable[[Any], tuple[Any, ...]] | None]] = {}
        at = len(_STAMPS) + 1
        for name, slot in self.slots.items():
            end = at + len(slot.columns)
            plain = len(slot.columns) == 1 and type(slot.type).packer is FieldType.packer
            out[name] = (at, end, None if plain else slot.pack)
            at = end
        return out

    def _select(self, which: sa.ColumnElement[bool]) -> sa.Select[Any]:
        statement = sa.select(*self._load_columns).where(which)
        return statement.with_for_update() if self.schema.dialect == "postgresql" else statement

    def _slots(self, stored: Sequence[Field]) -> dict[str, Slot]:
        slots: dict[str, Slot] = {}
        at = len(_LOADED)
        for item in stored:
            columns = self.schema.columns(item)
            field_type = self.schema.model.type_of(item)
            own = list(self.load.converters[at : at + len(columns)])
            read = plain_reader(field_type, item, at, own)
            slots[item.name] = Slot(item, field_type, columns, field_type.packer(item), read, field_type.encoder(item), at, self.schema.fold(item))
            at += len(columns)
        return slots

    @staticmethod
    def _written(slot: Slot) -> list[sa.Column[Any]]:
        return [*slot.columns, slot.fold] if slot.fold is not None else list(slot.columns)


def _computed_elsewhere(schema: Schema, item: Field) -> bool:
    """Is `item` computed by the database or by queries, so that nothing writes it?"""
    return schema.keeping(item) in ("generated", "query")


def _defaults(model: Model, own: Sequence[Field], scope: Scope) -> dict[str, Any]:
    values = {item.name: model.type_of(item).default_value(item, scope) for item in own}
    return {name: value for name, value in values.items() if value is not None}
