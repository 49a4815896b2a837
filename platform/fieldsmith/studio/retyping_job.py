"""`Jobs`: changes of type under way and done, as `fs_retype` keeps them, and the work of filling the new column.

A job adds the column beside the old one, carries the values over in chunks by id, each chunk and its mark one transaction, and
then publishes. It may be killed at any time and goes on where it was; the lock of its row is its lease. What is saved meanwhile
is noted by triggers and carried again; the last of it inside the transaction that publishes, when nobody can save.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations, ops
from sqlalchemy.sql import quoted_name

from fieldsmith.base.context import Actor, Clock
from fieldsmith.base.errors import BadInput, Conflict, FieldsmithError, NotFound, Unavailable
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.db import ddl, locks, retype_log
from fieldsmith.db.columns import physical
from fieldsmith.db.engine import Database
from fieldsmith.db.indexes import foreign_keys_of
from fieldsmith.db.retype import Carrier, Carry, Failing, Tally, carry_noted
from fieldsmith.db.store import ModelStore
from fieldsmith.db.system import fs_retype
from fieldsmith.db.tables import Schema
from fieldsmith.studio.drafts import Drafts
from fieldsmith.studio.publish import Publishing
from fieldsmith.studio.returning import DONE
from fieldsmith.studio.retyping_change import Change, Changes, former_of
from fieldsmith.studio.retyping_wish import Wish, wish_from

FILLING, STOPPED, CANCELLED = retype_log.FILLING, "stopped", "cancelled"
_FIRST, _LARGEST = 500, 5_000
_LONG, _SHORT, _BREATH = 0.2, 0.05, 0.05  # seconds, as in `db.fill`
_PATIENCE, _PAUSE = 50, 0.2
_FEW = 2_000  # records that may be left to do in the transaction that publishes
_GIVE_WAY = "SET LOCAL lock_timeout = '300ms'"


@dataclass(frozen=True, slots=True)
class Job:
    """`state` is filling, done, stopped (see `problems`) or cancelled; records up to id `last` of `upto` are done. `revision` is what it became.

    `source` and `target` are uids; `former` is what was said of the field before.
    """

    id: int
    entity: str
    field: str
    type: str
    source: int
    target: int
    state: str
    last: int
    upto: int
    converted: int
    rounded: int
    blank: int
    started_at: datetime
    finished_at: datetime | None
    revision: int | None
    author_name: str
    problems: tuple[Mapping[str, Any], ...]
    wish: Wish
    former: Mapping[str, Any]


class Jobs:
    """One per workspace; several processes may be at them."""

    def __init__(self, publishing: Publishing, database: Database, store: ModelStore, clock: Clock) -> None:
        self._publishing, self._database, self._store, self._clock = publishing, database, store, clock
        self._carries: dict[tuple[int, int, str], Carry] = {}

    def open(self, connection: sa.Connection, actor: Actor, change: Change) -> Job:
        """Add the new column and note what is saved from now on; in the caller's transaction, which holds off publishing."""
        before, after = Schema(change.before, self._database.dialect), Schema(change.model, self._database.dialect)
        target = change.target
        keys = {key.column: key for key in foreign_keys_of(change.model, change.model.entities[target.entity])}
        operations: list[ops.MigrateOperation] = []
        for column in change.model.type_of(target).columns(target):
            key = keys.get(physical(target, column.part))
            operations += ddl.add_column(change.entity, target, column, after.dialect, key, column.default if not column.nullable else None)
        if target.sortable_fold:
            operations += ddl.add_fold(change.entity, target, after.dialect)
        invoker = Operations(MigrationContext.configure(connection=connection))
        for operation in operations:
            invoker.invoke(operation)
        self._store.reserve(connection, change.path, change.name)
        upto = connection.execute(sa.select(sa.func.max(before.table(change.source.entity).c.id))).scalar() or 0
        retype_log.watch(connection, before, change.source, target.uid)
        return self._noted(connection, actor, change, FILLING, upto, Tally(), None)

    def note(self, connection: sa.Connection, actor: Actor, change: Change, done: tuple[int, Tally]) -> Job:
        """One that was done at once."""
        return self._noted(connection, actor, change, DONE, 0, done[1], done[0])

    def _noted(self, connection: sa.Connection, actor: Actor, change: Change, state: str, upto: int, tally: Tally, revision: int | None) -> Job:
        now = self._clock.now()
        wish = {"entity": change.wish.entity, "field": change.wish.field, **change.wish.to_json()}
        row = {"entity": change.entity.uid, "source": change.source.uid, "target": change.target.uid, "state": state, "last": 0, "upto": upto}
        row |= {"converted": tally.converted, "rounded": tally.rounded, "blank": tally.blank, "started_at": now, "revision": revision}
        row |= {"wish": _json(wish), "former": _json(former_of(change.before, change.source)), "problems": "[]"}
        row |= {"author_id": actor.id, "author_kind": actor.kind, "author_name": actor.name, "finished_at": now if state == DONE else None}
        key = connection.execute(sa.insert(fs_retype).values(**row)).inserted_primary_key
        assert key is not None
        return self.get(connection, int(key[0]))

    def listed(self, connection: sa.Connection, limit: int) -> list[Job]:
        return [_job(row) for row in connection.execute(sa.select(fs_retype).order_by(fs_retype.c.id.desc()).limit(limit)).mappings()]

    def get(self, connection: sa.Connection, id: int) -> Job:
        row = connection.execute(sa.select(fs_retype).where(fs_retype.c.id == id)).mappings().first() if id < 2**63 else None
        if row is None:
            raise NotFound(_m("There is no change of type {id}.", id=id))
        return _job(row)

    def open_of(self, connection: sa.Connection, source: int) -> Job | None:
        """The job that is at the field with this uid."""
        going = fs_retype.c.state.in_((FILLING, STOPPED))
        row = connection.execute(sa.select(fs_retype).where(fs_retype.c.source == source, going)).mappings().first()
        return None if row is None else _job(row)

    def cancel(self, connection: sa.Connection, id: int) -> Job:
        locks.exclusive(connection)
        job = self._going(connection, id)
        retype_log.unwatch(connection, self._table(connection, job), job.target)
        self._drop(connection, job)
        self._set(connection, id, state=CANCELLED, finished_at=self._clock.now())
        return self.get(connection, id)

    def resume(self, connection: sa.Connection, id: int, map: Mapping[str, Any], leave_blank: bool) -> Job:
        job = self._going(connection, id)
        kept = job.wish.to_json()
        said = {**kept, "map": {**kept.get("map", {}), **map}, "leave_blank": leave_blank or job.wish.leave_blank}
        wish = wish_from(job.entity, job.field, said)
        retype_log.note_again(connection, job.target)
        self._set(connection, id, state=FILLING, problems="[]", wish=_json({"entity": job.entity, "field": job.field, **wish.to_json()}))
        return self.get(connection, id)

    def run(self, told: Callable[[Job], object] = lambda job: None, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Work until no job is left (True), or until `stopped` between two chunks. `told` hears of every chunk."""
        size, failures = _FIRST, 0
        while not stopped():
            began = time.monotonic()
            try:
                job = self.step(size)
            except Unavailable:
                failures += 1
                if failures > _PATIENCE:
                    raise
                time.sleep(_PAUSE)
                size = max(size // 2, 1)
                continue
            failures = 0
            if job is None:
                return True
            told(job)
            took = time.monotonic() - began
            time.sleep(min(took, _BREATH))
            size = min(size * 2, _LARGEST) if took < _SHORT else max(size // 2, 1) if took > _LONG else size
        return False

    def step(self, size: int) -> Job | None:
        """One chunk of the first job nobody else is at, or its publish; None: there is none."""
        with self._database.write() as connection:
            state = self._store.state_for_write(connection)
            job = self._taken(connection)
            if job is None:
                return None
            try:
                if not self._chunk(connection, job, state.revision, size):
                    return self.get(connection, job.id)
            except BadInput as refused:
                return self._stop(connection, job, refused)
        try:
            return self._publish(job.id)
        except Unavailable:
            raise
        except FieldsmithError as refused:
            with self._database.write() as connection:
                return self._stop(connection, job, refused)

    def _chunk(self, connection: sa.Connection, job: Job, revision: int, size: int) -> bool:
        """Carry some over. True when so little is left that publishing can do it."""
        carrier = Carrier(connection, self._carry(connection, job, revision))
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(_GIVE_WAY)
        left: Sequence[tuple[int, int]] = ()
        if job.last < job.upto:
            rows = carrier.rows(job.last, job.upto, size, lock=True)
            retype_log.note_failed(connection, job.target, carrier.carry_over(rows))
            last = rows[-1][0] if rows and len(rows) == size else job.upto
        else:
            last = job.last
            left = retype_log.noted(connection, job.target, size)
            carry_noted(carrier, connection, job.target, left)
        tally = carrier.tally
        done = {"converted": fs_retype.c.converted + tally.converted, "rounded": fs_retype.c.rounded + tally.rounded, "blank": fs_retype.c.blank + tally.blank}
        self._set(connection, job.id, last=last, **(done if job.last < job.upto else {}))
        return last >= job.upto and len(left) < min(size, _FEW)

    def _publish(self, id: int) -> Job:
        """The swap: what is left to carry over, the new model, the end of noting; all in one transaction."""
        with self._database.write() as connection:
            locks.exclusive(connection)
            job = self.get(connection, id)
            if job.state != FILLING or len(retype_log.noted(connection, job.target, _FEW + 1)) > _FEW:
                return job
            change = self._change(connection, job)
            carry = change.carry(Schema(change.before, self._database.dialect), Schema(change.model, self._database.dialect), filled=True)
            carrier = Carrier(connection, carry)
            while left := retype_log.noted(connection, job.target, _FEW):
                carry_noted(carrier, connection, job.target, left)
            failed = retype_log.failed(connection, job.target, 50)
            if failed:
                carrier = Carrier(connection, carry)
                carrier.measure(carrier.these(failed))
                raise BadInput([_unconverted(item) for item in carrier.tally.failing], _m("Some values entered meanwhile do not convert."))

            def carrying(old: Schema, new: Schema) -> Mapping[int, Carry]:
                return {change.target.uid: change.carry(old, new, filled=True)}

            proposal = self._publishing.planned(connection, change.stored, change.layers, change.sound, carrying)
            author = self._author(connection, id)
            revision = self._publishing.commit(connection, proposal, author, change.reason)
            if change.draft is not None:
                Drafts(connection, self._clock.now()).published(change.draft, revision)
            retype_log.unwatch(connection, self._table(connection, job), job.target)
            self._set(connection, id, state=DONE, revision=revision, finished_at=self._clock.now())
            return self.get(connection, id)

    def _taken(self, connection: sa.Connection) -> Job | None:
        query = sa.select(fs_retype).where(fs_retype.c.state == FILLING).order_by(fs_retype.c.id).limit(1).with_for_update(skip_locked=True)
        row = connection.execute(query).mappings().first()
        return None if row is None else _job(row)

    def _carry(self, connection: sa.Connection, job: Job, revision: int) -> Carry:
        """Compiled once per revision and wish."""
        key = (job.id, revision, _json(job.wish.to_json()))
        if key not in self._carries:
            change = self._change(connection, job)
            self._carries = {key: change.carry(Schema(change.before, self._database.dialect), Schema(change.model, self._database.dialect))}
        return self._carries[key]

    def _change(self, connection: sa.Connection, job: Job) -> Change:
        """From what is published now: the field may have another name since."""
        model = self._publishing.model_of(self._store.load(connection))
        field = next((item for entity in model.entities.values() for item in entity.own_fields() if item.uid == job.source), None)
        if field is None:
            raise BadInput([Problem("field_gone", _m("The field “{name}” is gone.", name=f"{job.entity}.{job.field}"))])
        wish = wish_from(field.entity, field.name, job.wish.to_json())
        changes = Changes(connection, self._publishing, self._store, Drafts(connection, self._clock.now()))
        return changes.of(wish, self._store.name_of(connection, job.target))

    def _stop(self, connection: sa.Connection, job: Job, refused: FieldsmithError) -> Job:
        problems = [problem.to_json() for problem in refused.problems] or [{"code": "refused", "pointer": "", "message": str(refused.title)}]
        self._set(connection, job.id, state=STOPPED, problems=_json(problems))
        return self.get(connection, job.id)

    def _going(self, connection: sa.Connection, id: int) -> Job:
        job = self.get(connection, id)
        if job.state not in (FILLING, STOPPED):
            raise Conflict(_m("This change of type is over."))
        return job

    def _table(self, connection: sa.Connection, job: Job) -> str:
        entity = connection.execute(sa.select(fs_retype.c.entity).where(fs_retype.c.id == job.id)).scalar_one()
        return self._store.name_of(connection, entity).physical

    def _drop(self, connection: sa.Connection, job: Job) -> None:
        """The new column, into which nobody entered anything. SQLite cannot drop one that points at another table: that stays, blank or not."""
        name, table = self._store.name_of(connection, job.target), self._table(connection, job)
        if connection.dialect.name == "sqlite" and job.type == "lookup":
            return
        there = [column["name"] for column in sa.inspect(connection).get_columns(table)]
        invoker = Operations(MigrationContext.configure(connection=connection))
        for column in there:
            if column == name.physical or column.startswith(f"{name.physical}__"):
                invoker.drop_column(quoted_name(table, True), quoted_name(column, True))
        self._store.mark_purged(connection, [job.target])

    def _author(self, connection: sa.Connection, id: int) -> Actor:
        row = connection.execute(sa.select(fs_retype.c.author_kind, fs_retype.c.author_id, fs_retype.c.author_name).where(fs_retype.c.id == id)).one()
        return Actor(row[0], row[1], row[2])

    def _set(self, connection: sa.Connection, id: int, **values: Any) -> None:
        connection.execute(sa.update(fs_retype).where(fs_retype.c.id == id).values(**values))


def _unconverted(item: Failing) -> Problem:
    message = _m("Record #{id} has “{value}”: {reason}", id=item.record, value=item.value[:60], reason=item.problem.message)
    return Problem("does_not_convert", message, pointer("map", item.value[:200]), _m("Map this value, or say that what does not convert becomes blank."))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _job(row: Mapping[Any, Any]) -> Job:
    wish = json.loads(row["wish"])
    entity, field = wish.pop("entity"), wish.pop("field")
    keys = ("id", "source", "target", "state", "last", "upto", "converted", "rounded", "blank", "started_at", "finished_at", "revision", "author_name")
    made = wish_from(entity, field, wish)
    problems = tuple(json.loads(row["problems"]))
    return Job(entity=entity, field=field, type=made.type, problems=problems, wish=made, former=json.loads(row["former"]), **{key: row[key] for key in keys})
