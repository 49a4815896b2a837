"""`Attic`: what was retired and is kept, its way back, its export, and its end.

Retiring loses nothing; purging does: it drops the columns or the table in a transaction of its own. Whoever purges types the name.
A rollback to a revision that had it says so (`studio.rollback`), and the name added again begins empty.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor, Clock
from fieldsmith.base.errors import BadInput, Forbidden, NotFound
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Label, _m
from fieldsmith.db import locks
from fieldsmith.db.attic import drop_entity, drop_field, forget_field, is_kept, points_at, rows_of, values_of
from fieldsmith.db.engine import Database
from fieldsmith.db.fill import open_fills
from fieldsmith.db.store import ModelStore, Retired
from fieldsmith.db.tables import Schema, is_link
from fieldsmith.fields.base import Field
from fieldsmith.meta.documents import OWNED_KINDS
from fieldsmith.meta.layers import CUSTOM
from fieldsmith.meta.model import Entity, Model
from fieldsmith.studio.publish import Note, Publishing
from fieldsmith.studio.workbench import Said

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets would run


@dataclass(frozen=True, slots=True)
class Kept:
    """A retired field, or an entity where `field` is None. `rows` hold values; `until` is the revision it left with, `taken` its last label's."""

    uid: int
    entity: str
    field: str | None
    label: Label
    entity_label: Label
    type: str | None
    until: int
    rows: int

    @property
    def name(self) -> str:
        """What to type to purge it: `crate.weight`, or `crate`."""
        return self.entity if self.field is None else f"{self.entity}.{self.field}"


@dataclass(frozen=True, slots=True)
class _Found:
    uid: int
    path: str
    until: int
    schema: Schema
    entity: Entity
    field: Field | None
    present: Entity | None  # the entity as it is now


class Attic:
    """One per workspace. Every method is one transaction."""

    def __init__(self, publishing: Publishing, database: Database, store: ModelStore, clock: Clock, policy: Callable[[], Policy], note: Note) -> None:
        self._publishing = publishing
        self._database = database
        self._store = store
        self._clock = clock
        self._policy = policy
        self._note = note

    def listed(self, actor: Actor, entity: str | None = None) -> list[Kept]:
        """What is kept, newest first; of one present entity only its fields."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            found = [item for item in self._all(connection) if entity is None or (item.present is not None and item.present.name == entity and item.field)]
            return [_told(connection, item) for item in found]

    def get(self, actor: Actor, uid: int) -> Kept:
        """Raises `NotFound`."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            return _told(connection, self._one(connection, uid))

    def comeback(self, actor: Actor, uid: int) -> list[Said]:
        """Edits that add it again as it was, an entity with its layouts, views, rules and tabs. Raises `NotFound`."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            found = self._one(connection, uid)
            stored = self._store.load(connection, found.until - 1)
            documents = found.schema.model.documents
            if found.field is not None:
                body = documents["entity", found.entity.name].body
                value = next(item for item in body["fields"] if item["name"] == found.field.name)
                name = found.present.name if found.present is not None else found.entity.name
                return [Said("entity", name, [{"op": "add", "path": pointer("fields", found.field.name), "value": dict(value)}])]
            own = [item for layer in stored.layers if layer.name == CUSTOM for item in layer.documents if "operations" not in item.body]
            name = found.entity.name
            return [Said(item.kind, item.name, document=item.body) for item in own if _belongs(item.kind, item.name, item.body, name)]

    def export(self, actor: Actor, uid: int, out: TextIO) -> int:
        """Write what purging would take as CSV: the record's id, of fields also its name; the number of rows. Raises `NotFound`."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            found = self._one(connection, uid)
            named = found.entity.fields.get(found.entity.name_field)
            fields = [found.field] if found.field is not None else [item for item in found.entity.own_fields() if is_kept(found.schema, item)]
            if found.field is not None and named is not None and named.name != found.field.name and found.present is not None:
                fields = [named, *fields] if _still(found.present, named) else fields
            writer = csv.writer(out, lineterminator="\r\n")
            writer.writerow(["id", *(item.name for item in _as_written(fields))])
            count = 0
            only = found.field is not None
            for id, texts in _values(connection, found, fields, only):
                writer.writerow([id, *(_guarded(text) for text in texts)])
                count += 1
            name = _told(connection, found).name
        with self._database.write() as connection:
            self._note(connection, self._clock.now(), actor, "retired.exported", name, rows=count)
        return count

    def purge(self, actor: Actor, uid: int, confirmation: str) -> Kept:
        """Drop it for good; what went. Raises `BadInput` unless `confirmation` is its `Kept.name`, `NotFound`."""
        self._require_administrator(actor)
        with self._database.write() as connection:
            locks.exclusive(connection)
            found = self._one(connection, uid)
            told = _told(connection, found)
            if confirmation.strip() != told.name:
                message = _m("Type “{name}” to purge it for good.", name=told.name)
                raise BadInput([Problem("not_confirmed", message, "/confirmation")])
            gone = self._drop(connection, found)
            self._store.mark_purged(connection, gone)
            self._forget_text(connection, found)
            self._note(connection, self._clock.now(), actor, "metadata.purged", told.name, rows=told.rows, until=told.until)
            return told

    def _drop(self, connection: sa.Connection, found: _Found) -> list[int]:
        """The uids of everything that went: with an entity its fields, and the retired fields that pointed at it."""
        if found.field is not None:
            drop_field(connection, found.schema, found.entity, found.field)
            forget_field(connection, found.entity, found.field)
            return [found.uid]
        gone = [found.uid]
        own = {field.uid for field in found.entity.own_fields()}
        for item in self._each(connection):
            if item.field is None:
                continue
            if item.entity.uid == found.entity.uid:
                gone.append(item.uid)
                if is_link(item.field) and item.uid not in own:
                    drop_field(connection, item.schema, item.entity, item.field)
            elif is_kept(item.schema, item.field) and points_at(item.schema, item.field, found.entity):
                drop_field(connection, item.schema, item.entity, item.field)
                forget_field(connection, item.entity, item.field)
                gone.append(item.uid)
        drop_entity(connection, found.schema, found.entity)
        return [*gone, *own, *(index.uid for index in found.entity.indexes)]

    def _forget_text(self, connection: sa.Connection, found: _Found) -> None:
        """Have the search rows made anew, should what was purged still be found: it may have been retired before that was done by publishing."""
        if found.field is not None and found.present is not None and found.schema.model.type_of(found.field).searchable:
            model = self._publishing.model_of(self._store.load(connection))
            open_fills(connection, Schema(model, self._database.dialect), (), searched=[found.present])
            self._store.raise_fills(connection)

    def _one(self, connection: sa.Connection, uid: int) -> _Found:
        found = next((item for item in self._all(connection) if item.uid == uid), None)
        if found is None:
            raise NotFound(_m("Nothing retired has the number {number}. It was purged or is in use again.", number=uid))
        return found

    def _all(self, connection: sa.Connection) -> list[_Found]:
        """Newest first. The fields of a retired entity belong to it and are not told apart."""
        found = [item for item in self._each(connection) if item.field is None or (item.present is not None and is_kept(item.schema, item.field))]
        return sorted(found, key=lambda item: (-item.until, item.path))

    def _each(self, connection: sa.Connection) -> Iterator[_Found]:
        now = self._publishing.model_of(self._store.load(connection))
        known: dict[int, Schema] = {}
        for path, retired in self._store.kept(connection):
            parts = path.split("/")
            if parts[0] != "entity" or len(parts) not in (2, 4) or (len(parts) == 4 and parts[2] != "fields"):
                continue
            schema = self._schema(connection, retired, known)
            entity = schema.model.entities.get(parts[1])
            field = entity.fields.get(parts[3]) if entity is not None and len(parts) == 4 else None
            if entity is not None and (field is not None or len(parts) == 2):
                yield _Found(retired.name.uid, path, retired.until, schema, entity, field, now.entities_by_uid.get(entity.uid))

    def _schema(self, connection: sa.Connection, retired: Retired, known: dict[int, Schema]) -> Schema:
        if retired.until not in known:
            model: Model = self._publishing.model_of(self._store.load(connection, retired.until - 1))
            known[retired.until] = Schema(model, self._database.dialect)
        return known[retired.until]

    def _require_administrator(self, actor: Actor) -> None:
        if not self._policy().is_administrator(actor):
            raise Forbidden(_m("Only administrators may shape the system. Ask one."))


def purged_problems(paths: list[str]) -> list[Problem]:
    """What a rollback has to say of the things that were purged since."""
    shown = [path.split("/") for path in paths if "/indexes/" not in path]
    wholes = {parts[1] for parts in shown if len(parts) == 2}
    out = []
    for parts in shown:
        if len(parts) == 4 and parts[1] in wholes:
            continue
        name = ".".join(parts[1::2])
        hint = _m("Roll back all the same to have it again, empty.")
        out.append(Problem("data_purged", _m("The data of “{name}” was purged since that revision and cannot come back.", name=name), pointer(*parts), hint))
    return out


def _told(connection: sa.Connection, found: _Found) -> Kept:
    rows = rows_of(connection, found.schema, found.entity, found.field)
    entity = found.present or found.entity
    label = found.field.label if found.field is not None else found.entity.label
    kind = found.field.type if found.field is not None else None
    return Kept(found.uid, entity.name, found.field.name if found.field is not None else None, label, entity.label, kind, found.until, rows)


def _values(connection: sa.Connection, found: _Found, fields: list[Field], only: bool) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold the field itself: its name may be there without."""
    last = len(fields) - 1
    for id, texts in values_of(connection, found.schema, found.entity, fields, every=not only):
        if not only or texts[last]:
            yield id, texts


def _as_written(fields: list[Field]) -> list[Field]:
    """Links come last."""
    return sorted(fields, key=lambda item: item.type == "many_to_many")


def _still(present: Entity, named: Field) -> bool:
    return any(item.uid == named.uid for item in present.own_fields())


def _belongs(kind: str, name: str, body: Mapping[str, Any], entity: str) -> bool:
    if kind == "entity":
        return name == entity
    if kind in OWNED_KINDS:
        return name.partition(".")[0] == entity
    return kind == "tab" and body.get("entity") == entity


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
