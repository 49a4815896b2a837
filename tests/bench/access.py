"""What row rights cost: lists for readers who may see few, some and most of the rows, against the administrator's. Called by `run`.

20 roles, 50 sharing rules, 1,000 teams in a tree, 10,000 users who own the accounts evenly. Readers differ by their team only: a leaf
(0.1 % of the rows), a branch (10 %), nearly the whole tree (90 %). One user more, in no team of theirs, owns a tenth as many on top.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.base.context import OPERATOR, SYSTEM, Actor
from fieldsmith.base.settings import Settings
from fieldsmith.db.system import fs_login
from fieldsmith.identity import reach, sessions
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.meta.layers import CUSTOM, layer_of
from fieldsmith.meta.packages import read_package, shipped_packages
from fieldsmith.query.run import Queries, Query
from fieldsmith.web.app import create_app
from fieldsmith.web.auth import SESSION_COOKIE
from fieldsmith.workspace import Work, Workspace
from tests.bench.figures import Figure
from tests.bench.stores import Stores

ROLES, RULES, TEAMS, USERS = 20, 50, 1_000, 10_000
HEAVY = USERS + 1  # who owns a tenth as many accounts as all others together
MOST, SOME = 2, 3  # teams under the first: of nine tenths of all people, and of one tenth
ROUNDS = 30
COLUMNS = ("name", "owner", "industry", "phone", "modified_at")
ADMINISTRATOR = Actor("user", 1, "administrator", ("administrator",))


def measure_all(stores: Stores, dialects: Sequence[str], rows: int) -> list[Figure]:
    out: list[Figure] = []
    for dialect in dialects:
        for figure in measured(stores, dialect, rows):
            print(f"{dialect:<11} {figure.name}: {figure.shown} (wanted {figure.wanted})", flush=True)
            out.append(figure)
    return out


def measured(stores: Stores, dialect: str, rows: int) -> list[Figure]:
    folder = stores.scratch / f"access-{dialect}-{rows}"
    ready = folder / "ready"
    settings = Settings.load({"FIELDSMITH_DATABASE": stores.url(dialect, f"access_{rows}", folder)}, folder / "home")
    if not ready.exists():
        folder.mkdir(parents=True, exist_ok=True)
        stores.recreate(settings.database)
        _filled(settings, rows)
        ready.touch()
    _swept(settings)
    workspace = Workspace.open(settings)
    try:
        return [*_lists(workspace, dialect, rows), *_changes(workspace, dialect, rows)]
    finally:
        workspace.close()


def _lists(workspace: Workspace, dialect: str, rows: int) -> list[Figure]:
    out: list[Figure] = []
    people = {"0.1": _member(workspace, 500), "10": _member(workspace, SOME), "90": _member(workspace, MOST)}
    app = create_app(workspace)
    administrator = _browser(workspace, app, replace(ADMINISTRATOR, id=USERS))
    for sort in ("-modified_at", "name"):
        for share, reader in people.items():
            mine, theirs = _paired(_browser(workspace, app, reader), administrator, f"/account/?sort={sort}")
            print(f"{dialect:<11} {share} % by {sort}: {mine * 1000:.2f} ms, administrator {theirs * 1000:.2f} ms", flush=True)
            out.append(Figure(dialect, f"list of {rows:,} by {sort} for who sees {share} %, in administrators' time", mine / theirs, 1.5, "×"))
    return out


def _browser(workspace: Workspace, app: Flask, person: Actor) -> FlaskClient:
    """A browser in which this person is signed in."""
    assert person.id is not None
    user = person.id

    def signed_in(work: Work) -> str:
        if work.connection.execute(sa.select(fs_login.c.user_id).where(fs_login.c.user_id == user)).first() is None:
            Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now).add(SYSTEM, user, f"login {user}", person.roles)
        return sessions.begin(work.connection, work.now, user, 30, "127.0.0.1", "bench")

    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, workspace.write(signed_in))
    return client


def _paired(one: FlaskClient, other: FlaskClient, address: str) -> tuple[float, float]:
    """Median seconds of the whole page for each, asked in turn, once everything is warm."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(ROUNDS + 3):
        for client, times in zip((one, other), taken, strict=True):
            began = time.perf_counter()
            answer = client.get(address)
            if turn >= 3:
                times.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.text
    return statistics.median(taken[0]), statistics.median(taken[1])


def _page(workspace: Workspace, actor: Actor, query: Query) -> int:
    with workspace.read() as work:
        return len(work.queries.page(actor, query).rows)


def _changes(workspace: Workspace, dialect: str, rows: int) -> list[Figure]:
    rule = {"name": "r0", "entity": "account", "to": {"roles": ["role_0"]}, "when": f"annual_revenue > {time.time_ns() % 1_000_000 + 1_000_000}"}
    publish = _timed(lambda: _published(workspace, rule))
    moved, gone = _moved(workspace)
    return [
        Figure(dialect, f"publish a changed sharing rule with {rows:,} rows", publish, 2, "s"),
        Figure(dialect, "number 10,000 people and 1,000 teams anew", _timed(lambda: _renumbered(workspace)), 0.15, "s"),
        Figure(dialect, f"move an owner of {rows // 10:,} into a team, until its next list and count show them", moved, 0.5, "s"),
        Figure(dialect, f"move an owner of {rows // 10:,} out of a team, until its next list and count lack them", gone, 0.5, "s"),
        *[
            Figure(dialect, f"count for who sees {share} %, the first of a minute", _counted(workspace, team), 0.02, "s")
            for share, team in (("10", SOME), ("90", MOST))
        ],
    ]


def _published(workspace: Workspace, rule: dict[str, Any]) -> None:
    with workspace.read() as work:
        found = workspace.store.load(work.connection)
    custom = next(layer for layer in found.layers if layer.name == CUSTOM)
    rest = [(item.kind, item.name, item.body) for item in custom.documents if item.name != "account.r0"]
    workspace.publish(SYSTEM, [layer_of(CUSTOM, [*rest, ("sharing_rule", "account.r0", rule)])], "bench")
    _page(workspace, ADMINISTRATOR, Query("account", COLUMNS))


def _renumbered(workspace: Workspace) -> None:
    def anew(work: Work) -> None:
        work.connection.exec_driver_sql("DELETE FROM fs_reach")
        reach.rebuild(work.connection, work.schema)

    workspace.write(anew)


def _moved(workspace: Workspace) -> tuple[float, float]:
    """Seconds from when the heaviest owner is moved into and out of a team until the list and count of its members have followed."""
    reader = _member(workspace, 500)
    every, theirs = Query("account", COLUMNS), Query("account", COLUMNS, filters=(f"owner.id = {HEAVY}",))

    def moved_to(team: int, seen: bool) -> None:
        workspace.write(lambda work: work.records.update(OPERATOR, "user", HEAVY, {"team": team}))
        with workspace.read() as work:
            assert bool(work.queries.page(reader, theirs).rows) is seen
            assert work.queries.page(reader, every).rows
            assert work.queries.count(reader, every).exact is not seen

    taken = [(_timed(lambda: moved_to(500, True)), _timed(lambda: moved_to(1, False))) for _ in range(5)]
    return statistics.median(into for into, _ in taken), statistics.median(out for _, out in taken)


def _counted(workspace: Workspace, team: int) -> float:
    """Seconds of a bounded count of which nothing is remembered."""
    reader, every = _member(workspace, team), Query("account", COLUMNS)

    def counted() -> None:
        with workspace.read() as work:
            assert not Queries(work.runtime, work.connection, work.now).count(reader, every).exact

    counted()
    return statistics.median(_timed(counted) for _ in range(ROUNDS))


def _member(workspace: Workspace, team: int) -> Actor:
    with workspace.read() as work:
        id = work.connection.exec_driver_sql(f"SELECT min(user_id) FROM fs_reach WHERE team_id = {team}").scalar_one()
    return Actor("user", id, f"member of {team}", ("role_1",))


def _timed(task: Callable[[], Any]) -> float:
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


def _team_of(user: int) -> int:
    if user <= 3:
        return user
    return 900 + user % 101 if user % 10 == 0 else 4 + user % 896 if user % 10 else SOME


def _parent(team: int) -> int | None:
    if team == 1:
        return None
    if team <= 3:
        return 1
    return SOME if team >= 900 else max(MOST, team // 4) if team // 4 != SOME else MOST


def _filled(settings: Settings, rows: int) -> None:
    workspace = Workspace.open(settings)
    workspace.publish(SYSTEM, [read_package(folder) for folder in shipped_packages().values()], "bench")
    granted = {"account": {"read": "team", "update": "own"}, "user": ["read"], "team": ["read"]}
    roles = [("role", f"role_{at}", {"name": f"role_{at}", "entities": granted}) for at in range(ROLES)]
    rules = [("sharing_rule", f"account.r{at}", _rule(at)) for at in range(RULES)]
    workspace.publish(SYSTEM, [layer_of(CUSTOM, [*roles, *rules])], "bench")
    workspace.write(lambda work: _people(work, rows))
    workspace.write(lambda work: reach.rebuild(work.connection, work.schema))
    workspace.close()


def _swept(settings: Settings) -> None:
    """Statistics, and on PostgreSQL what autovacuum does within minutes: earlier runs leave dead rows behind."""
    engine = sa.create_engine(settings.database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")
    engine.dispose()


def _rule(at: int) -> dict[str, Any]:
    to = {"roles": [f"role_{at % ROLES}"]}
    return {"name": f"r{at}", "entity": "account", "to": to, "when": f"annual_revenue > {100_000 + at}"}


def _people(work: Work, rows: int) -> None:
    for entity, made in (
        ("team", [{"id": id, "name": f"Team {id:04}", "parent_team": _parent(id)} for id in range(1, TEAMS + 1)]),
        ("user", [{"id": id, "name": f"User {id:05}", "team": _team_of(id), "manager": id // 8 or None} for id in range(1, USERS + 1)]),
        ("user", [{"id": HEAVY, "name": "Heavy owner", "team": 1, "manager": None}]),
    ):
        _put(work, entity, made)
    whole = rows + rows // 10
    for start in range(0, whole, 20_000):
        accounts = [
            {"id": id, "name": f"Company {id * 7919 % 1_000_003:07}", "owner": id % USERS + 1 if id <= rows else HEAVY, "phone": f"+1 555 {id:07}"}
            for id in range(start + 1, min(start + 20_000, whole) + 1)
        ]
        _put(work, "account", accounts)


def _put(work: Work, entity: str, made: list[dict[str, Any]]) -> None:
    shape = work.runtime.shape(entity)
    for start in range(0, len(made), 5_000):
        part = made[start : start + 5_000]
        values = [{name: value for name, value in row.items() if name != "id"} for row in part]
        for row in values:
            shape.put_defaults(row)
        moments = [work.now - timedelta(minutes=row["id"] * 104_729 % 1_000_003) for row in part]  # two years, in no order
        packed = [shape.pack(row["id"], (moment, None), each) for row, moment, each in zip(part, moments, values, strict=True)]
        shape.insert.run(work.connection, packed)


if __name__ == "__main__":
    import sys

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    dialects = sys.argv[2:] or ["sqlite", "postgresql"]
    measure_all(Stores(Path("build/bench").absolute(), "postgresql+psycopg://127.0.0.1:5432/postgres"), dialects, count)
