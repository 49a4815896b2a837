"""Who is below whom: the numbers in `fs_reach` say at every commit what a walk up the records says, whatever way they changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.base.errors import BadInput, FieldsmithError, Unavailable
from fieldsmith.bulk import demo
from fieldsmith.db.system_sharing import fs_reach, fs_share, fs_team_reach, fs_unplaced, upgrade
from fieldsmith.identity import reach
from fieldsmith.meta.layers import CUSTOM, layer_of
from fieldsmith.workspace import Workspace
from tests.desk import Desk
from tests.records.test_concurrency import at_once


def walk(above: dict[int, int | None], id: int | None) -> Iterator[int]:
    """`id` and everything above it; ends in a circle too."""
    seen: set[int] = set()
    while id is not None and id in above and id not in seen:
        seen.add(id)
        yield id
        id = above[id]


def stored(desk: Desk, entity: str) -> dict[int, dict[str, Any]]:
    """Every row of an entity, recycled ones too, by id and field."""
    with desk.workspace.read() as work:
        table, fields = work.schema.table(entity), work.model.entities[entity].fields
        names = {name: work.schema.columns(fields[name])[0] for name in ("team", "manager", "kind", "parent_team") if name in fields}
        rows = work.connection.execute(sa.select(table.c.id, *names.values())).all()
        return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}


def right(desk: Desk) -> bool:
    """Do the tables say what the records say, about every two users and teams?"""
    users, teams = stored(desk, "user"), stored(desk, "team")
    bosses = {id: row["manager"] for id, row in users.items()}
    parents = {id: row["parent_team"] for id, row in teams.items()}
    rows, ranges = {row["user_id"]: row for row in desk.table("fs_reach")}, {row["team_id"]: row for row in desk.table("fs_team_reach")}
    assert rows.keys() == users.keys() and ranges.keys() == teams.keys()
    for me, mine in rows.items():
        assert (mine["team_id"], mine["queue_of"]) == (users[me]["team"], users[me]["team"] if users[me]["kind"] == "queue" else None)
        for other, theirs in rows.items():
            below = users[me]["team"] in walk(parents, users[other]["team"])
            assert within(mine, "team", theirs) == (users[me]["team"] is not None and below), (me, other)
            assert me == other or within(mine, "boss", theirs) == (me in walk(bosses, other)), (me, other)
    for upper in ranges:
        assert all(within(ranges[upper], "team", ranges[lower]) == (upper in walk(parents, lower)) for lower in ranges)
    return True


def within(mine: Any, tree: str, theirs: Any) -> bool:
    at = theirs[f"{tree}_at"]
    return None not in (at, mine[f"{tree}_at"]) and bool(mine[f"{tree}_at"] <= at <= mine[f"{tree}_to"])


@pytest.mark.parametrize(
    "turn",
    [
        lambda desk, a, b, c: desk.change("user", c, manager=b),
        lambda desk, a, b, c: desk.change("user", b, manager=None),
        lambda desk, a, b, c: desk.change("user", c, team=2),
        lambda desk, a, b, c: desk.change("user", b, team=None),
        lambda desk, a, b, c: desk.change("user", c, kind="queue"),
        lambda desk, a, b, c: desk.change("team", 2, parent_team=None),
        lambda desk, a, b, c: desk.delete("team", 1),
        lambda desk, a, b, c: desk.delete("user", a),
        lambda desk, a, b, c: (desk.delete("user", a), desk.restore("user", a)),
        lambda desk, a, b, c: desk.make("user", name="New", manager=c, team=1),
        lambda desk, a, b, c: desk.make("team", name="Below", parent_team=1),
    ],
)
def test_every_way_to_change_people_and_teams_moves_them(desk: Desk, turn: Any) -> None:
    top = desk.make("team", name="Top")
    desk.make("team", name="Low", parent_team=top)
    a = desk.make("user", name="A", team=top)
    b = desk.make("user", name="B", manager=a, team=2)
    c = desk.make("user", name="C", team=top)
    assert right(desk)
    turn(desk, a, b, c)
    assert right(desk)


def test_demo_people_come_and_go(desk: Desk) -> None:
    demo.load(desk.workspace, OPERATOR, "en")
    assert right(desk)
    demo.remove(desk.workspace, OPERATOR)
    assert right(desk)


CHANGES = st.lists(
    st.tuples(st.sampled_from(["manager", "team", "parent_team", "kind", "delete", "restore", "new"]), st.integers(0, 5), st.integers(0, 6)), max_size=12
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each run goes on from the one before
@given(changes=CHANGES)
def test_any_run_of_changes_leaves_the_numbers_right(desk_of_six: Desk, changes: list[tuple[str, int, int]]) -> None:
    desk = desk_of_six
    users, teams = sorted(stored(desk, "user")), sorted(stored(desk, "team"))
    for what, at, to in changes:
        try:
            if what == "parent_team":
                desk.change("team", teams[at], parent_team=teams[to] if to < 6 else None)
            elif what == "manager":
                desk.change("user", users[at], manager=users[to] if to < 6 else None)
            elif what == "team":
                desk.change("user", users[at], team=teams[to] if to < 6 else None)
            elif what == "kind":
                desk.change("user", users[at], kind="queue" if to % 2 else "person")
            elif what == "new":
                desk.make("user", name="N", manager=users[at], team=teams[to % 6])
            else:
                (desk.delete if what == "delete" else desk.restore)("team" if to % 2 else "user", (teams if to % 2 else users)[at])
        except FieldsmithError:
            continue  # a circle, or a record that is (not) in the bin: nothing changed
    assert right(desk)


@pytest.fixture
def desk_of_six(make_workspace: Any) -> Desk:
    desk = Desk(make_workspace("core"))
    for number in range(6):
        desk.make("team", name=f"T{number}")
        desk.make("user", name=f"U{number}")
    return desk


@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=10))
def test_numbers_are_those_of_a_walk_also_where_there_are_circles(above: list[int | None]) -> None:
    parents = {id: parent if parent is None or parent < len(above) else None for id, parent in enumerate(above)}
    numbers = reach.numbered(parents)
    broken = dict(parents)
    for id in parents:
        if parents[id] is not None and id in walk(parents, parents[id]) and id == min(walk(parents, id)):
            broken[id] = None
    assert sorted(at for at, _ in numbers.values()) == list(range(1, len(above) + 1))
    for upper in parents:
        below = {lower for lower in parents if numbers[upper][0] <= numbers[lower][0] <= numbers[upper][1]}
        assert below == {lower for lower in parents if upper in walk(broken, lower)}


@pytest.mark.parametrize(("entity", "field"), [("user", "manager"), ("team", "parent_team")])
def test_a_circle_is_refused_at_the_field(desk: Desk, entity: str, field: str) -> None:
    def below(top: int, **more: Any) -> dict[str, Any]:
        return {field: top, **more}

    one = desk.make(entity, name="One")
    two = desk.make(entity, **below(one, name="Two"))
    three = desk.make(entity, **below(two, name="Three"))
    for top in (one, two, three):
        with desk.refuses(("circle", f"/{field}")):
            desk.change(entity, one, **below(top))
    assert right(desk)


@pytest.mark.parametrize(("entity", "field"), [("user", "manager"), ("team", "parent_team")])
def test_two_saves_at_once_make_no_circle(desk: Desk, entity: str, field: str) -> None:
    def put(id: int, top: int) -> Any:
        below: dict[str, Any] = {field: top}
        return lambda: desk.change(entity, id, **below).id

    one, two = desk.make(entity, name="One"), desk.make(entity, name="Two")
    results = at_once([put(one, two), put(two, one)])
    assert [result for result in results if result not in (one, two)] in ([BadInput], [Unavailable]), "told of the circle, or to try again"
    assert right(desk)


def test_people_hired_and_moved_at_once_all_have_their_places(desk: Desk) -> None:
    chiefs = [desk.make("user", name=f"Chief {number}") for number in range(3)]
    at_once([lambda chief=chief: [desk.make("user", name="P", manager=chief) for _ in range(4)] for chief in chiefs])  # type: ignore[misc]
    assert right(desk)


def test_a_move_without_reports_touches_one_row(desk: Desk) -> None:
    chiefs = [desk.make("user", name=f"Chief {number}") for number in range(2)]
    team = desk.make("team", name="T")
    people = [desk.make("user", name=f"P{number}", manager=chiefs[number % 2]) for number in range(6)]
    before = {row["user_id"]: row for row in desk.table("fs_reach")}
    desk.change("user", people[0], manager=chiefs[1], team=team)
    assert [row["user_id"] for row in desk.table("fs_reach") if before[row["user_id"]] != row] == [people[0]]
    assert right(desk)


@pytest.mark.parametrize("changes", [{"manager": 1}, {"team": 1}, {"kind": "queue"}, {"name": "Other"}])
def test_whatever_changes_of_people_is_known_at_the_next_request(desk: Desk, changes: dict[str, Any]) -> None:
    desk.make("team", name="T")
    desk.make("user", name="A")
    b = desk.make("user", name="B")
    [before] = desk.table("fs_state")
    desk.change("user", b, **changes)
    [after] = desk.table("fs_state")
    assert after["access"] > before["access"]


def test_an_upgraded_database_places_its_people_when_it_is_opened(desk: Desk) -> None:
    chief = desk.make("user", name="A", team=desk.make("team", name="T"))
    desk.make("user", name="B", manager=chief)
    with desk.workspace.database.write() as connection:
        for table in (fs_reach, fs_team_reach, fs_share, fs_unplaced):
            table.drop(connection)
        upgrade(connection)
    opened = Workspace.open(desk.workspace.settings, desk.workspace.clock)
    opened.close()
    assert right(desk)
    assert desk.table("fs_unplaced") == []


def test_publishing_the_fields_places_who_is_there(make_workspace: Any) -> None:
    person: dict[str, Any] = {"name": "user", "fields": [{"name": "name", "type": "text"}]}
    bare = layer_of("core", [("package", "core", {"name": "core", "format": 1, "version": "1.0.0"}), ("entity", "user", person)])
    desk = Desk(make_workspace())
    desk.workspace.publish(SYSTEM, [bare], "people without managers")
    desk.make("user", name="A")
    assert [row["boss_at"] for row in desk.table("fs_reach")] == [None]
    more = {"extends": "user", "operations": [{"op": "add", "path": "/fields/manager", "value": {"type": "lookup", "to": "user"}}]}
    desk.workspace.publish(SYSTEM, [layer_of(CUSTOM, [("entity", "user", more)])], "managers")
    desk.make("user", name="B", manager=1)
    assert [row["boss_at"] for row in desk.table("fs_reach")] == [1, 1]
