"""Keeps `fs_reach` and `fs_team_reach`: the trees of teams and of managers, numbered in preorder. `identity.people` calls it within the save.

Every user record has a row, recycled ones too, since they may own records; so has every team. Only people who have or had reports
are numbered in the tree of managers: all others stand at their manager's number with nothing below them, so that hiring, moving or
losing one of them touches one row. What stands in a circle (nothing lets one be saved) counts as if its first member had nobody above.
Rooms that ask who reaches what read the tables (`query.guard`); nobody else writes them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from fieldsmith.db import system_sharing
from fieldsmith.db.insertion import Insertion
from fieldsmith.db.system_sharing import fs_reach, fs_share, fs_team_reach
from fieldsmith.db.tables import Schema

PERSON, TEAM = "user", "team"
QUEUE = "queue"
_CHUNK = 500
_ANEW_FROM = 200  # rows that differ, from which writing all of them is cheaper than finding each

Place = tuple[int | None, int | None]
Row = tuple[Any, ...]
"""As the columns of its table: of a user `_Reach.user_row`, of a team (team, at, to)."""


def rebuild(connection: sa.Connection, schema: Schema) -> None:
    """Number everything anew and write what differs: after publishing, upgrading, and where a tree itself changed."""
    if PERSON in schema.model.entities:
        _Reach(connection, schema).all()


def place_first(connection: sa.Connection, schema: Schema) -> None:
    """`rebuild` for a database whose tables were made before there was a model to fill them by."""
    rebuild(connection, schema)
    system_sharing.mark_placed(connection)


def place(connection: sa.Connection, schema: Schema, ids: Collection[int], moved: bool) -> None:
    """Put the users `ids` where their records say; `moved`: their managers may be others than before.

    Numbers the tree anew only where one with reports moved, or somebody has reports for the first time.
    """
    reach = _Reach(connection, schema)
    for chunk in _chunks(sorted(ids)):
        if not reach.some(chunk, moved):
            reach.all()
            return


def append(connection: sa.Connection, schema: Schema, ids: Collection[int]) -> None:
    """Number new teams; those without a team above come last, without touching others."""
    if _parents(connection, schema, TEAM, "parent_team", ids):
        rebuild(connection, schema)
        return
    last = connection.execute(sa.select(sa.func.max(fs_team_reach.c.team_to))).scalar() or 0
    _write(connection, fs_team_reach, {id: (id, last + at, last + at) for at, id in enumerate(sorted(ids), 1)}, {})


def forget(connection: sa.Connection, schema: Schema) -> None:
    """Drop the rows of users and teams that were deleted for good, and shares with them. Gaps in the numbers do no harm."""
    for entity, table in ((PERSON, fs_reach), (TEAM, fs_team_reach)):
        if entity in schema.model.entities:
            key: sa.Column[Any] = next(iter(table.primary_key.columns))
            there = sa.select(schema.table(entity).c.id)
            connection.execute(sa.delete(table).where(key.not_in(there)))
            connection.execute(sa.delete(fs_share).where(fs_share.c.kind == entity, fs_share.c.grantee.not_in(there)))


def in_circle(connection: sa.Connection, schema: Schema, entity: str, field: str, ids: Iterable[int]) -> bool:
    """Is one of `ids` above itself by way of `field`? Ends also where others stand in a circle."""
    above = _pointing(schema, entity, field)
    if above is None:
        return False
    table = schema.table(entity)
    for id in ids:
        up = sa.select(above.label("id")).where(table.c.id == id).cte("up", recursive=True)
        up = up.union(sa.select(above).where(table.c.id == up.c.id))
        if connection.execute(sa.select(up.c.id).where(up.c.id == id).limit(1)).first() is not None:
            return True
    return False


def numbered(parents: Mapping[int, int | None]) -> dict[int, tuple[int, int]]:
    """Node → (its number, the last number below it), in preorder, from node → parent. Parents that are no nodes count as none."""
    below: dict[int, list[int]] = {}
    roots = []
    for id in sorted(parents):
        parent = parents[id]
        if parent is None or parent not in parents:
            roots.append(id)
        else:
            below.setdefault(parent, []).append(id)
    out: dict[int, tuple[int, int]] = {}
    count = 0

    def number(root: int) -> None:
        nonlocal count
        count += 1
        out[root] = (count, count)
        opened = [(root, iter(below.get(root, ())))]
        while opened:
            id, rest = opened[-1]
            child = next(rest, None)
            if child is None:
                out[id] = (out[id][0], count)
                opened.pop()
            elif child not in out:
                count += 1
                out[child] = (count, count)
                opened.append((child, iter(below.get(child, ()))))

    for root in roots:
        number(root)
    for id in parents:
        if id not in out:
            number(_first_of_circle(parents, id))
    return out


def _first_of_circle(parents: Mapping[int, int | None], id: int) -> int:
    """The lowest member of the circle that `id` leads up to."""
    walked: dict[int, None] = {}
    here: int | None = id
    while here is not None and here not in walked:
        walked[here] = None
        here = parents[here]
    way = list(walked)
    return min(way[way.index(here) :]) if here is not None else id


class _Reach:
    """The tables as they should be, for one schema."""

    def __init__(self, connection: sa.Connection, schema: Schema) -> None:
        self._connection = connection
        self._schema = schema
        self._users = schema.table(PERSON)
        self._team = _pointing(schema, PERSON, "team", TEAM)
        self._manager = _pointing(schema, PERSON, "manager")
        kind = schema.model.entities[PERSON].fields.get("kind")
        self._kind = schema.columns(kind)[0] if kind is not None and kind.type == "choice" else None

    def all(self) -> None:
        """Everything anew."""
        teams = self._teams()
        people = self._people(None)
        led = {manager for _, _, manager, _ in people if manager is not None}
        chiefs = numbered({id: manager for id, _, manager, _ in people if id in led})
        wanted = {id: self._row(id, team, kind, teams, _standing(id, manager, chiefs)) for id, team, manager, kind in people}
        _settle(self._connection, fs_team_reach, {id: (id, *found) for id, found in teams.items()})
        _settle(self._connection, fs_reach, wanted)

    def some(self, ids: Sequence[int], moved: bool) -> bool:
        """Place `ids`; False where the tree of managers has to be numbered anew."""
        people = self._people(ids)
        near = {*ids, *(manager for _, _, manager, _ in people if manager is not None)}
        known = {row[0]: tuple(row) for row in self._connection.execute(sa.select(fs_reach).where(fs_reach.c.user_id.in_(near)))}
        chiefs = {id: (row[5], row[6]) for id, row in known.items() if row[5] is not None and row[6] >= row[5]}
        if any((manager is not None and manager not in chiefs) or (moved and id in chiefs) for id, _, manager, _ in people):
            return False
        named = {team for _, team, _, _ in people if team is not None}
        found = self._connection.execute(sa.select(fs_team_reach).where(fs_team_reach.c.team_id.in_(named))).all()
        teams = {row[0]: (row[1], row[2]) for row in found}
        wanted = {id: self._row(id, team, kind, teams, _standing(id, manager, chiefs)) for id, team, manager, kind in people}
        _write(self._connection, fs_reach, wanted, {id: known[id] for id in ids if id in known})
        return True

    def _row(self, id: int, team: int | None, kind: str | None, teams: Mapping[int, tuple[int, int]], boss: Place) -> Row:
        at: Place = teams.get(team, (None, None)) if team is not None else (None, None)
        return (id, team, team if kind == QUEUE else None, *at, *boss)

    def _people(self, ids: Sequence[int] | None) -> list[tuple[int, int | None, int | None, str | None]]:
        """(id, team, manager, kind) of the users `ids`, or of all; recycled ones too."""
        columns = [sa.null() if column is None else column for column in (self._team, self._manager, self._kind)]
        query = sa.select(self._users.c.id, *columns)
        found = self._connection.execute(query if ids is None else query.where(self._users.c.id.in_(ids)))
        return [(row[0], row[1], row[2], row[3]) for row in found.all()]

    def _teams(self) -> dict[int, tuple[int, int]]:
        if TEAM not in self._schema.model.entities:
            return {}
        return numbered(_parents_of_all(self._connection, self._schema))


def _standing(id: int, manager: int | None, chiefs: Mapping[int, Place]) -> Place:
    """The places of a user in the tree of managers: their own, or behind their manager with nothing below."""
    own = chiefs.get(id)
    if own is not None:
        return own
    at = None if manager is None else chiefs.get(manager, (None, None))[0]
    return (at, None if at is None else at - 1)


def _pointing(schema: Schema, entity: str, field: str, to: str | None = None) -> sa.Column[Any] | None:
    """The column of the lookup `field` to `to` (else to its own entity), None where there is none."""
    found = schema.model.entities[entity].fields.get(field) if entity in schema.model.entities else None
    if found is None or found.type != "lookup" or found.options.get("to") != (to or entity):
        return None
    return schema.columns(found)[0]


def _parents_of_all(connection: sa.Connection, schema: Schema) -> dict[int, int | None]:
    table, above = schema.table(TEAM), _pointing(schema, TEAM, "parent_team")
    found = connection.execute(sa.select(table.c.id, sa.null() if above is None else above)).all()
    return {row[0]: row[1] for row in found}


def _parents(connection: sa.Connection, schema: Schema, entity: str, field: str, ids: Collection[int]) -> bool:
    """Does one of `ids` point at another by `field`?"""
    above = _pointing(schema, entity, field)
    if above is None:
        return False
    table = schema.table(entity)
    return any(connection.execute(sa.select(table.c.id).where(table.c.id.in_(chunk), above.is_not(None)).limit(1)).first() for chunk in _chunks(sorted(ids)))


def _settle(connection: sa.Connection, table: sa.Table, wanted: Mapping[int, Row]) -> None:
    """Have `table` hold just the rows `wanted`, by their first column."""
    present = {row[0]: tuple(row) for row in connection.execute(sa.select(table))}
    gone = [id for id in present if id not in wanted]
    differing = sum(row != present.get(id) for id, row in wanted.items())
    if differing + len(gone) >= _ANEW_FROM:
        connection.execute(sa.delete(table))
        _write(connection, table, wanted, {})
        return
    key: sa.Column[Any] = next(iter(table.primary_key.columns))
    for chunk in _chunks(gone):
        connection.execute(sa.delete(table).where(key.in_(chunk)))
    _write(connection, table, wanted, present)


def _write(connection: sa.Connection, table: sa.Table, wanted: Mapping[int, Row], present: Mapping[int, Row]) -> None:
    """Insert or change the rows `wanted` that differ from those `present`."""
    names = [column.name for column in table.columns]
    fresh = [row for id, row in wanted.items() if id not in present]
    if fresh:
        Insertion(table, list(table.columns), connection.dialect).run(connection, fresh)
    changed = [row for id, row in wanted.items() if id in present and row != present[id]]
    if changed:
        key: sa.BindParameter[int] = sa.bindparam("key")
        statement = sa.update(table).where(table.c[names[0]] == key).values({name: sa.bindparam(f"to_{name}") for name in names[1:]})
        rows = [{"key": row[0], **{f"to_{name}": value for name, value in zip(names[1:], row[1:], strict=True)}} for row in changed]
        connection.execute(statement, rows)


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))
