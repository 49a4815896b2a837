"""Many saves in one call: all or none, or each on its own with a result per row. The API's bulk route and mass actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Conflict, FieldsmithError, Forbidden, NotFound, TooLarge, VersionMismatch
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.records.service import Records

MAX_ROWS = 10_000
Verb = Literal["create", "update", "delete"]
Mode = Literal["all", "each"]


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row: `status` as its own call would have answered (201, 200, 204, 4xx)."""

    op: Verb
    index: int
    id: int | None
    status: int
    errors: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """`update` rows hold `id` (and may hold `version`); `delete` rows are ids or objects with `id` and `version`."""

    create: Sequence[Any] = ()
    update: Sequence[Any] = ()
    delete: Sequence[Any] = ()


def save_many(records: Records, connection: sa.Connection, actor: Actor, entity: str, batch: Batch, mode: Mode) -> list[RowResult]:
    """Results in the order create, update, delete.

    With mode "all" the first kind of fault undoes everything: raises `BadInput` or `Conflict` whose pointers name the row
    (`/create/3/name`). With "each" a faulty row changes nothing and the others are saved.
    """
    if len(batch.create) + len(batch.update) + len(batch.delete) > MAX_ROWS:
        raise TooLarge(_m("One bulk call holds at most {limit} rows.", limit=MAX_ROWS))
    with records.many(entity):
        if mode == "all":
            return _all(records, connection, actor, entity, batch)
        steps = _steps(records, actor, entity, batch)
        return [_each(connection, op, at, step) for op, at, step in steps]


def _all(records: Records, connection: sa.Connection, actor: Actor, entity: str, batch: Batch) -> list[RowResult]:
    out: list[RowResult] = []
    problems: list[Problem] = []
    if batch.create:
        rows = [row if isinstance(row, Mapping) else {} for row in batch.create]
        problems += [_not_an_object(f"/create/{at}") for at, row in enumerate(batch.create) if not isinstance(row, Mapping)]
        if problems:
            raise BadInput(problems)
        try:
            with connection.begin_nested():
                ids = records.create_many(actor, entity, rows, indexed=True)
            out += [RowResult("create", at, id, 201) for at, id in enumerate(ids)]
        except BadInput as error:
            problems += [problem.under("/create") for problem in error.problems]
        except Conflict:
            _refuse_first_clash(records, actor, entity, rows)
            raise
    for op, at, step in _steps(records, actor, entity, Batch((), batch.update, batch.delete)):
        try:
            out.append(RowResult(op, at, step(), _DONE[op]))
        except BadInput as error:
            problems += [problem.under(f"/{op}/{at}") for problem in error.problems]
        except (Conflict, NotFound, VersionMismatch) as error:
            raise _in_row(error, f"/{op}/{at}") from error
    if problems:
        raise BadInput(problems)
    return out


def _refuse_first_clash(records: Records, actor: Actor, entity: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """The database refused the rows as one batch: save them one by one to find the row at fault. The caller's transaction ends with it."""
    for at, row in enumerate(rows):
        try:
            records.create_many(actor, entity, [row])
        except Conflict as error:
            raise _in_row(error, f"/create/{at}") from error


def _in_row(error: FieldsmithError, where: str) -> Conflict:
    own = error.problems or (Problem("not_found" if isinstance(error, NotFound) else "conflict", error.title),)
    return Conflict(error.title, [problem.under(where) for problem in own])


def _steps(records: Records, actor: Actor, entity: str, batch: Batch) -> list[tuple[Verb, int, Callable[[], int]]]:
    out: list[tuple[Verb, int, Callable[[], int]]] = []
    out += [("create", at, _creation(records, actor, entity, row)) for at, row in enumerate(batch.create)]
    out += [("update", at, _update(records, actor, entity, row, len(batch.update) > 1)) for at, row in enumerate(batch.update)]
    out += [("delete", at, _deletion(records, actor, entity, row)) for at, row in enumerate(batch.delete)]
    return out


def _creation(records: Records, actor: Actor, entity: str, row: Any) -> Callable[[], int]:
    def step() -> int:
        return records.create_many(actor, entity, [_object(row)])[0]

    return step


def _update(records: Records, actor: Actor, entity: str, row: Any, many: bool) -> Callable[[], int]:
    """One alone is no mass change, and needs no right to make one."""

    def step() -> int:
        values = dict(_object(row))
        id = _id(values.pop("id", None))
        if many:
            records.require_mass_change(actor, entity, id)
        return records.update(actor, entity, id, values).id

    return step


def _deletion(records: Records, actor: Actor, entity: str, row: Any) -> Callable[[], int]:
    def step() -> int:
        version = row.get("version") if isinstance(row, Mapping) else None
        id = _id(row.get("id") if isinstance(row, Mapping) else row)
        if version is not None and type(version) is not int:
            raise BadInput([Problem("not_an_integer", _m("A version is a whole number."), "/version")])
        records.delete(actor, entity, id, version)
        return id

    return step


def _each(connection: sa.Connection, op: Verb, at: int, step: Callable[[], int]) -> RowResult:
    point = connection.begin_nested()
    try:
        id = step()
    except FieldsmithError as error:
        point.rollback()
        status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 422)
        return RowResult(op, at, None, status, error.problems or (Problem("refused", error.title),))
    except BaseException:
        point.rollback()
        raise
    point.commit()
    return RowResult(op, at, id, _DONE[op])


_DONE: Mapping[Verb, int] = {"create": 201, "update": 200, "delete": 204}
_STATUSES: tuple[tuple[type[FieldsmithError], int], ...] = ((BadInput, 422), (NotFound, 404), (Conflict, 409), (VersionMismatch, 412), (Forbidden, 403))


def _object(row: Any) -> Mapping[str, Any]:
    if not isinstance(row, Mapping):
        raise BadInput([_not_an_object("")])
    return row


def _not_an_object(where: str) -> Problem:
    return Problem("not_an_object", _m("A row must be an object of fields."), where)


def _id(value: Any) -> int:
    if type(value) is not int:
        raise BadInput([Problem("not_an_id", _m("An id is a whole number."), "/id", _m("Send the record's id."))])
    return value
