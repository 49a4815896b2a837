"""`Records`: save, delete, restore for one actor, within one transaction. Screens, API, CLI and import all come through here.

A save reads like the trip it makes: may this actor → read the input → find the lookups → defaults and required → write
rows, links, history, outbox, search → give back the record as the actor sees it. Wrong input is collected and thrown once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.access.sight import Sight
from fieldsmith.base.context import OWNING, SYSTEM, Actor
from fieldsmith.base.errors import BadInput, BadQuery, FieldsmithError, NotFound, VersionMismatch
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import _m
from fieldsmith.fields.base import Invalid
from fieldsmith.fields.values import ExternalKey
from fieldsmith.meta.roles import Right
from fieldsmith.query.rows import Record
from fieldsmith.query.run import Kept, Queries
from fieldsmith.records import inputs
from fieldsmith.records.bin import Bin
from fieldsmith.records.clashes import refuse_clash
from fieldsmith.records.files import check_files
from fieldsmith.records.history import HistoryPage, read_history, read_timeline
from fieldsmith.records.links import keep_unseen, stored_links
from fieldsmith.records.reach import Reach
from fieldsmith.records.revealing import Revealing
from fieldsmith.records.rules import Rules, Save
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.sources import first_stamps
from fieldsmith.records.targets import Targets
from fieldsmith.records.write import Change, Services, Writer


class Revision(Services, Kept, Protocol):
    """What records need of the revision (`Runtime`)."""


class Records:
    """Writes (and reads back) within one transaction."""

    def __init__(self, runtime: Revision, connection: sa.Connection, queries: Queries, now: datetime) -> None:
        self._runtime = runtime
        self._connection = connection
        self._queries = queries
        self._now = now
        self.writer = Writer(runtime, connection, now)
        self.rules = Rules(runtime, connection, now)
        self.reach = Reach(queries)
        self.revealing = Revealing(runtime, connection, queries, now)

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
        sight = self._runtime.policy.sight(actor)
        read = [inputs.read(shape, sent, None, own, sight) for sent, own in zip(rows, problems, strict=True)]
        concerned = self.rules.concern(shape)
        given = [frozenset(values) for values in read] if concerned else []
        missing: list[list[Problem]] = [[] for _ in rows]
        self._look_up(actor, shape, [None] * len(read), read, missing)
        for values in read:
            if "owner" not in values and actor.kind in OWNING:
                values["owner"] = actor.id  # not looked up: also who may see no user owns what they make
        stamps = self.stamps(actor)
        saves = [Save(None, None, values, own, stamps, said) for values, own, said in zip(read, problems, given, strict=True)] if concerned else []
        self.rules.fill_defaults(actor, shape, saves)
        for values, own, more in zip(read, problems, missing, strict=True):
            inputs.complete(shape, values, own, sight)
            own += more
        self.rules.enforce(actor, shape, saves)
        _refuse([self._shown(shape, own, sight) for own in problems], indexed)
        with self._clashes(shape, sight):
            ids = self.writer.insert(actor, shape, read)
        self.reach.require(actor, "create", shape.entity, ids)
        return ids

    def update(self, actor: Actor, entity: str, id: int, values: Mapping[str, Any], version: int | None = None) -> Record:
        """The record with the fields in `values` changed (a merge patch that stops at the field).

        `version` (or a `version` among the values) is the one the caller saw: another one raises `VersionMismatch`.
        Nothing is written, and the version stays, when no value differs. Who may hand the record over gives it to whom they like: then
        only its id and version may be left of it (`Record.is_gone`).
        """
        shape = self._shape(actor, entity, "update")
        stored, current = self._current(actor, shape, id, "update")
        _match_version(shape, current["version"], version, values)
        problems: list[Problem] = []
        sight = self._runtime.policy.sight(actor)
        sent = {name: value for name, value in values.items() if name != "version"}
        read = inputs.read(shape, sent, {**current, **stored, **self._asked(entity, id, sent.keys() - stored.keys() - current.keys())}, problems, sight)
        inputs.demand(shape, read, stored, problems)
        new = shape.differing(stored, read)  # what stays is not asked for again: its target may be in the bin by now
        self._look_up(actor, shape, [id], [new], [problems])
        keep_unseen(self._queries, actor, shape, stored, new)
        changed = shape.differing(stored, new)  # again, since external keys are ids now
        if changed:
            self.rules.enforce(actor, shape, [Save(id, stored, changed, problems, current, frozenset(changed))])
        _refuse([self._shown(shape, problems, sight)], False)
        if changed:
            handed_over = self.reach.may_hand_over(actor, shape.entity, id, changed)
            with self._clashes(shape, sight):
                self.writer.update(actor, shape, [Change(id, current["version"], stored, changed)])
            if not handed_over:
                self.reach.require_still(actor, "update", shape.entity, [id])
            elif not self._queries.seen(actor, entity, [id]):
                return self._queries.handed_over(entity, id)
        return self.get(actor, entity, id)

    def upsert(self, actor: Actor, entity: str, field: str, value: Any, values: Mapping[str, Any]) -> tuple[Record, bool]:
        """Update the record whose unique `field` is `value`, or create it; True when created."""
        shape = self._shape(actor, entity, "read")
        by = shape.entity.fields.get(field)
        unspoken = self._runtime.policy.sight(actor).unspoken
        if by is None or not by.unique or (entity, field) in unspoken:
            unique = [item.name for item in shape.entity.fields.values() if item.unique and (entity, item.name) not in unspoken]
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
        if found and self._queries.seen(actor, entity, [found[0][1]]):  # of a record one may not see one learns what creating it would tell
            return self.update(actor, entity, found[0][1], values), False
        return self.create(actor, entity, {field: value, **values}), True

    def delete(self, actor: Actor, entity: str, id: int, version: int | None = None) -> None:
        """Move the record, and what cascades from it, to the recycle bin; raises `Conflict` where a lookup restricts it."""
        shape = self._shape(actor, entity, "delete")
        _, current = self._current(actor, shape, id, "delete")
        _match_version(shape, current["version"], version, {})
        self._bin().delete(actor, shape, id)

    def require_mass_change(self, actor: Actor, entity: str, id: int) -> None:
        """Raise `NotFound` or `Forbidden` unless the actor may change the record as one of many in a call."""
        shape = self._shape(actor, entity, "update")
        self._runtime.policy.require(actor, "mass_change", entity)
        self._current(actor, shape, id, "mass_change")

    def many(self, entity: str) -> AbstractContextManager[None]:
        """Around many saves of records of `entity` in a row: rollups over them are computed once, unless its rules look at rollups."""
        known = entity in self._runtime.schema.model.entities
        return self.writer.rollups.together() if known and not self._runtime.logic(entity).looks_at_rollups else nullcontext()

    def restore(self, actor: Actor, entity: str, id: int) -> Record:
        """Bring the record back with everything that went with it; raises `Conflict` on a unique clash."""
        shape = self._shape(actor, entity, "delete")
        self.get(actor, entity, id, deleted=True)
        self.reach.require(actor, "delete", shape.entity, [id])
        self._bin().restore(actor, shape, id)
        return self.get(actor, entity, id)

    def history(self, actor: Actor, entity: str, id: int, after: str | None = None, limit: int = 50) -> HistoryPage:
        """Saves of a record, live or recycled, newest first; raises `NotFound`."""
        self._require_there(actor, entity, id)
        return read_history(self._runtime, self._connection, self._queries, actor, self._queries.entity(actor, entity), id, after, limit)

    def timeline(self, actor: Actor, entity: str, id: int, after: str | None = None, limit: int = 50) -> HistoryPage:
        """`history` with the saves of activities, notes and files about the record."""
        self._require_there(actor, entity, id)
        found = self._queries.entity(actor, entity)
        return read_timeline(self._runtime, self._connection, self._queries, actor, found, id, after, limit)

    def _asked(self, entity: str, id: int, names: Set[str]) -> dict[str, Any]:
        """Those of `names` whose values are worked out when they are read: what a GET gave may be sent back."""
        if not names & self._runtime.schema.model.computed.get(entity, {}).keys():
            return {}
        values = self._queries.one(SYSTEM, entity, id).values
        return {name: values[name] for name in names & values.keys()}

    def _require_there(self, actor: Actor, entity: str, id: int) -> None:
        """Raise `NotFound` unless the record is there, live or recycled, and visible."""
        try:
            self.get(actor, entity, id)
        except NotFound:
            self.get(actor, entity, id, deleted=True)

    def _bin(self) -> Bin:
        return Bin(self._runtime, self._connection, self._queries, self._now, self.writer.rollups)

    def _shape(self, actor: Actor, entity: str, right: Right) -> EntityShape:
        self._queries.entity(actor, entity)
        self._runtime.policy.require(actor, right, entity)
        return self._runtime.shape(entity)

    def _current(self, actor: Actor, shape: EntityShape, id: int, right: Right) -> tuple[dict[str, Any], dict[str, Any]]:
        """Stored canonical values (with links) and the system fields of one live record that `right` reaches; `NotFound`, `Forbidden`."""
        rows = shape.load.rows(self._connection, {"id": id}) if 0 < id < 2**63 else []
        if not rows or rows[0][2] is not None or not self._queries.reaches(actor, "read", shape.entity.name, [id]):
            raise NotFound(_m("There is no {entity} {id}.", entity=shape.entity.label, id=id))
        self.reach.require(actor, right, shape.entity, [id])
        stored = shape.current(rows[0])
        for name, item in shape.links.items():
            stored[name] = stored_links(self._connection, self._runtime.schema, item, id)
        return stored, {"id": id, "version": rows[0][1], **shape.stamps(rows[0])}

    def _look_up(self, actor: Actor, shape: EntityShape, ids: Sequence[int | None], rows: Sequence[dict[str, Any]], problems: Sequence[list[Problem]]) -> None:
        """Find what lookups and files name; what is not there becomes a problem."""
        Targets(self._runtime, self._connection, actor, self._now).check(shape, rows, problems)
        check_files(self._connection, actor, shape, ids, rows, problems)

    @staticmethod
    def _shown(shape: EntityShape, problems: list[Problem], sight: Sight) -> list[Problem]:
        """Problems as who saves may read them: a rule that points at a field hidden from them points nowhere."""
        unseen = {name for name in shape.entity.fields if sight.hides(shape.entity.name, name)}
        return [replace(item, pointer="") if item.code == "rule" and item.pointer[1:] in unseen else item for item in problems] if unseen else problems

    def stamps(self, actor: Actor) -> dict[str, Any]:
        """System fields of a record about to be made."""
        return first_stamps(actor, self._now)

    @contextmanager
    def _clashes(self, shape: EntityShape, sight: Sight) -> Iterator[None]:
        try:
            yield
        except FieldsmithError:
            raise
        except Exception as error:
            refuse_clash(error, self._runtime.schema, shape.entity, sight.hidden)
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
