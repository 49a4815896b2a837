"""`Records`: save, delete, restore for one actor, within one transaction. Screens, API, CLI and import all come through here.

A save reads like the trip it makes: may this actor → read the input → find the lookups → defaults and required → write
rows, links, history, outbox, search → give back the record as the actor sees it. Wrong input is collected and thrown once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, BadQuery, FieldsmithError, NotFound, VersionMismatch
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import _m
from fieldsmith.fields.base import Invalid
from fieldsmith.fields.values import ExternalKey
from fieldsmith.query.rows import Record
from fieldsmith.query.run import Queries
from fieldsmith.records import inputs
from fieldsmith.records.bin import Bin
from fieldsmith.records.clashes import refuse_clash
from fieldsmith.records.files import check_files
from fieldsmith.records.history import HistoryPage, read_history, read_timeline
from fieldsmith.records.links import stored_links
from fieldsmith.records.rules import Rules, Save
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.targets import Targets
from fieldsmith.records.write import Change, Services, Writer


class Revision(Services, Protocol):
    """What records need of the revision (`Runtime`)."""

    @property
    def policy(self) -> Policy: ...


class Records:
    """Writes (and reads back) within one transaction."""

    def __init__(self, runtime: Revision, connection: sa.Connection, queries: Queries, now: datetime) -> None:
        self._runtime = runtime
        self._connection = connection
        self._queries = queries
        self._now = now
        self.writer = Writer(runtime, connection, now)
        self.rules = Rules(runtime, connection, now)

    def get(self, actor: Actor, entity: str, id: int, *, deleted: bool = False) -> Record:
        """The record as the actor sees it; raises `NotFound`."""
        return self._queries.one(actor, entity, id, deleted=deleted)

    def create(self, actor: Actor, entity: str, values: Mapping[str, Any]) -> Record:
        """A new record from raw `values`; raises `BadInput`, `Conflict` (unique clash), `Forbidden`."""
        [id] = self.create_many(actor, entity, [values])
        return self.get(actor, entity, id)

    def create_many(self, actor: Actor, entity: str, rows: Sequence[Mapping[str, Any]], *, indexed: bool = False) -> Sequence[int]:
        """New records, all or none. With `indexed`, problems point at `/<row number>/<field>`."""
        shape = self._shape(actor, entity, "create")
        problems: list[list[Problem]] = [[] for _ in rows]
        read = [inputs.read(shape, sent, None, own) for sent, own in zip(rows, problems, strict=True)]
        concerned = self.rules.concern(shape)
        given = [frozenset(values) for values in read] if concerned else []
        for values in read:
            if "owner" not in values and actor.kind == "user":
                values["owner"] = actor.id
        missing: list[list[Problem]] = [[] for _ in rows]
        self._look_up(actor, shape, [None] * len(read), read, missing)
        stamps = self.stamps(actor)
        saves = [Save(None, None, values, own, stamps, said) for values, own, said in zip(read, problems, given, strict=True)] if concerned else []
        self.rules.fill_defaults(actor, shape, saves)
        for values, own, more in zip(read, problems, missing, strict=True):
            inputs.complete(shape, values, own)
            own += more
        self.rules.enforce(actor, shape, saves)
        _refuse(problems, indexed)
        with self._clashes(shape):
            return self.writer.insert(actor, shape, read)

    def update(self, actor: Actor, entity: str, id: int, values: Mapping[str, Any], version: int | None = None) -> Record:
        """The record with the fields in `values` changed (a merge patch that stops at the field).

        `version` (or a `version` among the values) is the one the caller saw: another one raises `VersionMismatch`.
        Nothing is written, and the version stays, when no value differs.
        """
        shape = self._shape(actor, entity, "update")
        stored, current = self._current(actor, shape, id)
        _match_version(shape, current["version"], version, values)
        problems: list[Problem] = []
        read = inputs.read(shape, {name: value for name, value in values.items() if name != "version"}, {**current, **stored}, problems)
        inputs.demand(shape, read, stored, problems)
        new = shape.differing(stored, read)  # what stays is not asked for again: its target may be in the bin by now
        self._look_up(actor, shape, [id], [new], [problems])
        changed = shape.differing(stored, new)  # again, since external keys are ids now
        if changed:
            self.rules.enforce(actor, shape, [Save(id, stored, changed, problems, current, frozenset(changed))])
        _refuse([problems], False)
        if changed:
            with self._clashes(shape):
                self.writer.update(actor, shape, [Change(id, current["version"], stored, changed)])
        return self.get(actor, entity, id)

    def upsert(self, actor: Actor, entity: str, field: str, value: Any, values: Mapping[str, Any]) -> tuple[Record, bool]:
        """Update the record whose unique `field` is `value`, or create it; True when created."""
        shape = self._shape(actor, entity, "read")
        by = shape.entity.fields.get(field)
        if by is None or not by.unique:
            unique = [item.name for item in shape.entity.fields.values() if item.unique]
            message = _m("{entity} has no unique field “{name}” to upsert by.", entity=shape.entity.label, name=field[:100])
            raise BadQuery([Problem("unknown_field", message, "", did_you_mean(field[:100], unique))])
        try:
            key = shape.coercers[field](value)
        except Invalid as invalid:
            raise BadQuery([Problem(invalid.code, invalid.message, pointer(field), invalid.hint)]) from None
        if key is None or isinstance(key, ExternalKey):
            message = _m("{field} to upsert by is blank.", field=by.label)
            raise BadQuery([Problem("required", message, pointer(field), _m("Fill it in."))])
        found = shape.ids_by(self._connection, field, [key])
        if found:
            return self.update(actor, entity, found[0][1], values), False
        return self.create(actor, entity, {field: value, **values}), True

    def delete(self, actor: Actor, entity: str, id: int, version: int | None = None) -> None:
        """Move the record, and what cascades from it, to the recycle bin; raises `Conflict` where a lookup restricts it."""
        shape = self._shape(actor, entity, "delete")
        _, current = self._current(actor, shape, id)
        _match_version(shape, current["version"], version, {})
        self._bin().delete(actor, shape, id)

    def many(self, entity: str) -> AbstractContextManager[None]:
        """Around many saves of records of `entity` in a row: rollups over them are computed once, unless its rules look at rollups."""
        known = entity in self._runtime.schema.model.entities
        return self.writer.rollups.together() if known and not self._runtime.logic(entity).looks_at_rollups else nullcontext()

    def restore(self, actor: Actor, entity: str, id: int) -> Record:
        """Bring the record back with everything that went with it; raises `Conflict` on a unique clash."""
        shape = self._shape(actor, entity, "delete")
        self.get(actor, entity, id, deleted=True)
        self._bin().restore(actor, shape, id)
        return self.get(actor, entity, id)

    def history(self, actor: Actor, entity: str, id: int, after: str | None = None, limit: int = 50) -> HistoryPage:
        """Saves of a record, live or recycled, newest first; raises `NotFound`."""
        self._require_there(actor, entity, id)
        return read_history(self._connection, self._queries, actor, self._queries.entity(actor, entity), id, after, limit)

    def timeline(self, actor: Actor, entity: str, id: int, after: str | None = None, limit: int = 50) -> HistoryPage:
        """`history` with the saves of activities, notes and files about the record."""
        self._require_there(actor, entity, id)
        found = self._queries.entity(actor, entity)
        return read_timeline(self._connection, self._runtime.schema, self._queries, actor, found, id, after, limit)

    def _require_there(self, actor: Actor, entity: str, id: int) -> None:
        """Raise `NotFound` unless the record is there, live or recycled, and visible."""
        try:
            self.get(actor, entity, id)
        except NotFound:
            self.get(actor, entity, id, deleted=True)

    def _bin(self) -> Bin:
        return Bin(self._runtime, self._connection, self._now, self.writer.rollups)

    def _shape(self, actor: Actor, entity: str, right: str) -> EntityShape:
        self._queries.entity(actor, entity)
        self._runtime.policy.require(actor, right, entity)
        return self._runtime.shape(entity)

    def _current(self, actor: Actor, shape: EntityShape, id: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Stored canonical values (with links) and the system fields of one live record."""
        rows = shape.load.rows(self._connection, {"id": id}) if 0 < id < 2**63 else []
        if not rows or rows[0][2] is not None:
            raise NotFound(_m("There is no {entity} {id}.", entity=shape.entity.label, id=id))
        stored = shape.current(rows[0])
        for name, item in shape.links.items():
            stored[name] = stored_links(self._connection, self._runtime.schema, item, id)
        return stored, {"id": id, "version": rows[0][1], **shape.stamps(rows[0])}

    def _look_up(self, actor: Actor, shape: EntityShape, ids: Sequence[int | None], rows: Sequence[dict[str, Any]], problems: Sequence[list[Problem]]) -> None:
        """Find what lookups and files name; what is not there becomes a problem."""
        Targets(self._runtime, self._connection, actor).check(shape, rows, problems)
        check_files(self._connection, actor, shape, ids, rows, problems)

    def stamps(self, actor: Actor) -> dict[str, Any]:
        """System fields of a record about to be made."""
        return {"created_at": self._now, "created_by": actor.id, "modified_at": self._now, "modified_by": actor.id, "version": 1}

    @contextmanager
    def _clashes(self, shape: EntityShape) -> Iterator[None]:
        try:
            yield
        except FieldsmithError:
            raise
        except Exception as error:
            refuse_clash(error, self._runtime.schema, shape.entity)
            raise


def _refuse(problems: Sequence[list[Problem]], indexed: bool) -> None:
    found = [problem.under(f"/{at}") if indexed else problem for at, own in enumerate(problems) for problem in own]
    if found:
        raise BadInput(found)


def _match_version(shape: EntityShape, stored: int, asked: int | None, values: Mapping[str, Any]) -> None:
    sent = values.get("version")
    for version in (asked, sent if type(sent) is int else None):
        if version is not None and version != stored:
            message = _m(
                "{entity} is at version {stored}, not {asked}: somebody changed it meanwhile.", entity=shape.entity.label, stored=stored, asked=version
            )
            raise VersionMismatch(message, [Problem("version_mismatch", message, "/version", _m("Read it again, then repeat the change."))])
    if "version" in values and type(sent) is not int:
        raise BadInput([Problem("not_an_integer", _m("A version is a whole number."), "/version")])
