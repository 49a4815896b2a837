"""`Retyping`: a field gets another type (or other options that store values otherwise), with its values. Administrators only.

`look` is the dry run: what would become of every record. `start` does it: in one publish where the table is small, else by a job
that fills the new column while people go on working (`retyping_job`) and then publishes. The column there was is retired: undoing,
or rolling back, brings it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor, Clock
from fieldsmith.base.errors import BadInput, Conflict, Forbidden
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.db import locks
from fieldsmith.db.engine import Database
from fieldsmith.db.retype import Carrier, Carry, Tally, names_of
from fieldsmith.db.steps import SLOW_ROWS
from fieldsmith.db.store import ModelStore
from fieldsmith.db.tables import Schema
from fieldsmith.meta.references import Use
from fieldsmith.studio.drafts import Drafts
from fieldsmith.studio.publish import Publishing, same
from fieldsmith.studio.returning import DONE
from fieldsmith.studio.retyping_change import Change, Changes
from fieldsmith.studio.retyping_job import Job, Jobs
from fieldsmith.studio.retyping_proposal import Proposed, proposed
from fieldsmith.studio.retyping_wish import Wish

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FailingRecord:
    """`label` is what the record is called, `value` the text that does not convert, `message` why."""

    id: int
    label: str
    value: str
    message: Message
    hint: Message | None


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would become of `rows` records. `values` are the different texts that fail, with how many records have each; the first of both.

    While there are `problems` nothing can be started. `background`: a job would do it.
    """

    rows: int
    converted: int
    rounded: int
    blank: int
    failed: int
    failing: tuple[FailingRecord, ...]
    values: Mapping[str, int]
    rounding: tuple[tuple[int, str], ...]
    problems: tuple[Problem, ...]
    uses: tuple[Use, ...]
    background: bool


@dataclass(frozen=True, slots=True)
class Undone:
    """`left` are records whose values, entered since, do not fit the former type: `count` of them, kept in the column that was left."""

    revision: int
    count: int
    left: tuple[FailingRecord, ...]


class Retyping:
    """One per workspace."""

    def __init__(
        self,
        publishing: Publishing,
        database: Database,
        store: ModelStore,
        clock: Clock,
        policy: Callable[[], Policy],
        at_once: int = SLOW_ROWS,
    ) -> None:
        self._publishing, self._database, self._store, self._clock, self._policy = publishing, database, store, clock, policy
        self.at_once = at_once  # tables of up to so many records are converted in the publish itself
        self.jobs = Jobs(publishing, database, store, clock)

    def look(self, actor: Actor, wish: Wish) -> DryRun:
        """Try it on every record and change nothing. Raises `NotFound`, or `BadInput` where no dry run makes sense."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            change = self._changes(connection).of(wish)
            rows = self._rows(connection, change)
            tally, demands = Tally(), list(change.problems)
            dialect = self._database.dialect
            if change.problems:
                supposed = change.supposed
                if supposed is not None:
                    model, target = supposed
                    carry = Carry(Schema(change.before, dialect), change.source, Schema(model, dialect), target, change.wish.manner, change.wish.match)
                    tally = _measured(connection, carry)
            else:
                tally = _measured(connection, change.carry(Schema(change.before, dialect), Schema(change.model, dialect)))
                demands += [] if change.direct else _demands(change, tally)
            failing = _told(connection, change, tally)
            counts = (tally.converted, tally.rounded, tally.blank, tally.failed)
            background = rows > self.at_once and not change.direct
            return DryRun(rows, *counts, failing, tally.values, tuple(tally.rounding), tuple(demands), change.uses, background)

    def propose(self, actor: Actor, entity: str, field: str) -> Proposed:
        """A pick list made of the different values of a field. Raises `BadInput` where there are too many."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            return proposed(connection, self._publishing.model_of(self._store.load(connection)), self._database.dialect, entity, field)

    def start(self, actor: Actor, wish: Wish) -> Job:
        """Do it; what became of it, or the job that is at it. Raises `BadInput` while values do not convert and nobody said what to do with them."""
        dry = self.look(actor, wish)
        if dry.problems:
            raise BadInput(dry.problems)
        if dry.failed:
            raise BadInput(_refusals(dry), _m("{count} values do not convert. Map them, or say that they become blank.", count=dry.failed))
        with self._database.write() as connection:
            locks.exclusive(connection)
            change = self._changes(connection).of(wish)
            if same(change.stored.layers, change.layers):
                raise Conflict(_m("The field is of this type already."))
            if self.jobs.open_of(connection, change.source.uid) is not None:
                raise Conflict(_m("The type of this field is being changed already."))
            if self._rows(connection, change) > self.at_once and not change.direct:
                return self.jobs.open(connection, actor, change)
            return self.jobs.note(connection, actor, change, self._at_once(connection, actor, change))

    def listed(self, actor: Actor, limit: int = 50) -> list[Job]:
        """Changes of type, newest first."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            return self.jobs.listed(connection, limit)

    def get(self, actor: Actor, id: int) -> Job:
        """Raises `NotFound`."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            return self.jobs.get(connection, id)

    def cancel(self, actor: Actor, id: int) -> Job:
        """Give up a job that is not done; the field stays what it is. Raises `Conflict` when it is done."""
        return self._writing(actor, lambda connection: self.jobs.cancel(connection, id))

    def resume(self, actor: Actor, id: int, map: Mapping[str, Any], leave_blank: bool) -> Job:
        """Go on with a job that stopped, with more values mapped."""
        return self._writing(actor, lambda connection: self.jobs.resume(connection, id, map, leave_blank))

    def undo(self, actor: Actor, id: int) -> Undone:
        """Give the field the type it had; values nobody touched since are as they were. Raises `Conflict` when it is of another type by now."""

        def undone(connection: sa.Connection) -> Undone:
            locks.exclusive(connection)
            job = self.jobs.get(connection, id)
            model = self._publishing.model_of(self._store.load(connection))
            field = next((item for entity in model.entities.values() for item in entity.own_fields() if item.uid == job.target), None)
            if job.state != DONE or field is None or job.source == job.target:
                raise Conflict(_m("This change of type cannot be undone: the field is no longer what it made."))
            former = dict(job.former)
            wish = Wish(field.entity, field.name, former.pop("type"), former)
            name = self._store.name_of(connection, job.source)
            if not name.physical:
                raise Conflict(_m("The values of the former type were purged: there is no way back."))
            change = self._changes(connection).of(wish, name)
            proposal = self._publishing.planned(connection, change.stored, change.layers, change.sound)
            carried: list[tuple[Any, Tally]] = []
            reason = _m("undo: {field} is of type {type} again", field=field.name, type=wish.type)
            revision = self._publishing.commit(connection, proposal, actor, str(reason), carried.append)
            tally = carried[0][1] if carried else Tally()
            return Undone(revision, tally.failed, _told(connection, change, tally))

        return self._writing(actor, undone)

    def _at_once(self, connection: sa.Connection, actor: Actor, change: Change) -> tuple[int, Tally]:
        def carrying(old: Schema, new: Schema) -> Mapping[int, Any]:
            return {} if change.direct else {change.target.uid: change.carry(old, new)}

        proposal = self._publishing.planned(connection, change.stored, change.layers, change.sound, carrying)
        carried: list[tuple[Any, Tally]] = []
        revision = self._publishing.commit(connection, proposal, actor, change.reason, carried.append)
        if change.draft is not None:
            Drafts(connection, self._clock.now()).published(change.draft, revision)
        return revision, carried[0][1] if carried else Tally()

    def _rows(self, connection: sa.Connection, change: Change) -> int:
        table = Schema(change.before, self._database.dialect).table(change.source.entity)
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())

    def _changes(self, connection: sa.Connection) -> Changes:
        return Changes(connection, self._publishing, self._store, Drafts(connection, self._clock.now()))

    def _writing(self, actor: Actor, task: Callable[[sa.Connection], T]) -> T:
        self._require_administrator(actor)
        with self._database.write() as connection:
            return task(connection)

    def _require_administrator(self, actor: Actor) -> None:
        if not self._policy().is_administrator(actor):
            raise Forbidden(_m("Only administrators may shape the system. Ask one."))


def _measured(connection: sa.Connection, carry: Carry) -> Tally:
    carrier = Carrier(connection, carry)
    for rows in carrier.chunks():
        carrier.measure(rows)
    return carrier.tally


def _demands(change: Change, tally: Tally) -> list[Problem]:
    """What has to be said before it can be started, other than of values that fail."""
    target = change.target
    if not (target.required and tally.blank and change.wish.instead is None):
        return []
    message = _m("“{field}” is required, but {count} records would be without a value.", field=target.label, count=tally.blank)
    return [Problem("required_on_blanks", message, "/instead", _m("Say which value these records get."))]


def _refusals(dry: DryRun) -> list[Problem]:
    """One problem per different value that fails, the first of them."""
    said = {item.value: item for item in reversed(dry.failing)}
    return [Problem("does_not_convert", item.message, pointer("map", value[:200]), item.hint) for value, item in list(said.items())[::-1]]


def _told(connection: sa.Connection, change: Change, tally: Tally) -> tuple[FailingRecord, ...]:
    schema = Schema(change.before, connection.dialect.name)
    names = names_of(connection, schema, change.entity, [item.record for item in tally.failing])
    return tuple(FailingRecord(item.record, names.get(item.record, ""), item.value, item.problem.message, item.problem.hint) for item in tally.failing)
