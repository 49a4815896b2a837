"""Rows: every scope, sharing rule, restriction and share, the same for lists, single records, paths, sums and every write."""

from __future__ import annotations

import io
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import BadInput, BadQuery, Conflict, FieldsmithError, Forbidden, NotFound
from fieldsmith.bulk.export import export_csv
from fieldsmith.query.run import Query
from fieldsmith.records.many import Batch, save_many
from tests.conftest import MakeWorkspace
from tests.desk import Desk, user
from tests.meta.samples import package

EVERY = ["create", "read", "update", "delete", "export", "import"]


def scoped(scope: str, *rights: str) -> dict[str, str]:
    return {right: scope for right in rights or ("create", "read", "update", "delete", "export", "import", "history", "mass_change")}


DEAL: dict[str, Any] = {
    "name": "deal",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "firm", "type": "lookup", "to": "firm", "inverse": "deals"},
        {"name": "region", "type": "text"},
        {"name": "amount", "type": "decimal", "scale": 2},
        {"name": "code", "type": "external_id", "unique": True},
    ],
}
FIRM: dict[str, Any] = {
    "name": "firm",
    "sharing": "private",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "city", "type": "text"},
        {"name": "worth", "type": "rollup", "expression": "SUM(deals.amount)", "returns": "decimal", "scale": 2},
    ],
}
ITEM: dict[str, Any] = {
    "name": "item",
    "fields": [{"name": "name", "type": "text"}, {"name": "deal", "type": "lookup", "to": "deal", "owned": True, "inverse": "items"}],
}
ROLES: list[dict[str, Any]] = [
    {"name": "own", "entities": {"deal": scoped("own"), "firm": EVERY, "item": EVERY, "user": ["read"]}},
    {"name": "team", "entities": {"deal": scoped("team"), "firm": ["read"]}},
    {"name": "chief", "entities": {"deal": scoped("hierarchy"), "firm": ["read"]}},
    {"name": "seeing", "entities": {"deal": {"read": "all", "update": "own"}, "firm": ["read"]}},
    {"name": "west", "entities": {"deal": scoped("all")}, "restrict": {"deal": {"records": "region = 'West'", "rights": ["delete"]}}},
    {"name": "east", "entities": {"deal": scoped("own", "read", "update")}},
    {"name": "none", "entities": {"firm": ["read"]}},
]
SHARING: list[dict[str, Any]] = [
    {"name": "east", "entity": "deal", "when": "region = 'East'", "to": {"roles": ["east"]}, "access": "edit"},
    {"name": "sold_by_own", "entity": "deal", "owners": {"roles": ["own"]}, "when": "amount > 100", "to": {"teams": ["Sales"]}},
    {"name": "for_nobody", "entity": "deal", "to": {"roles": ["none"]}},
]
WORLD = package("world", {"entity": [DEAL, FIRM, ITEM], "role": ROLES, "sharing_rule": SHARING}, requires=["core"])


class World:
    """Ana leads Sales, Ben (reporting to her) and Cy work in its team North, Dan in another one; each owns a deal of their name."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        sales = desk.make("team", name="Sales")
        north = desk.make("team", name="North", parent_team=sales)
        other = desk.make("team", name="Other")
        self.ana = desk.make("user", name="Ana", team=sales)
        self.ben = desk.make("user", name="Ben", team=north, manager=self.ana)
        self.cy = desk.make("user", name="Cy", team=north)
        self.dan = desk.make("user", name="Dan", team=other, manager=self.ben)
        self.deals = {
            name: desk.make("deal", name=name, owner=id, region=region, amount=amount, code=name)
            for name, id, region, amount in (
                ("ana", self.ana, "West", 10),
                ("ben", self.ben, "East", 20),
                ("cy", self.cy, "West", 300),
                ("dan", self.dan, "", 40),
            )
        }

    def seen(self, actor: Actor, **more: Any) -> set[str]:
        return {row[0] for row in self.desk.rows("deal", "name", actor=actor, **more)}


@pytest.fixture
def world(make_workspace: MakeWorkspace) -> World:
    return World(Desk(make_workspace("core", WORLD)))


def test_a_scope_says_how_far_a_right_goes(world: World) -> None:
    assert world.seen(user(world.ben, "own")) == {"ben"}
    assert world.seen(user(world.ben, "team")) == {"ben", "cy"}
    assert world.seen(user(world.ana, "team")) == {"ana", "ben", "cy"}
    assert world.seen(user(world.ben, "chief")) == {"ben", "cy", "dan"}
    assert world.seen(user(world.dan, "chief")) == {"dan"}
    assert world.seen(user(world.dan, "seeing")) == {"ana", "ben", "cy", "dan"}
    assert world.seen(user(world.dan, "own", "seeing")) == {"ana", "ben", "cy", "dan"}, "roles merge by maximum"


def test_a_list_a_record_and_a_count_agree(world: World) -> None:
    actor = user(world.ben, "team")
    with world.desk.workspace.read() as work:
        assert work.queries.count(actor, Query("deal", ())).value == 2
        assert work.queries.reaches(actor, "read", "deal", world.deals.values()) == {world.deals["ben"], world.deals["cy"]}
    for name, id in world.deals.items():
        if name in ("ben", "cy"):
            assert world.desk.get("deal", id, actor)["name"] == name
        else:
            with pytest.raises(NotFound):
                world.desk.get("deal", id, actor)


def test_sharing_rules_add_and_only_where_the_right_is_granted(world: World) -> None:
    east = user(world.dan, "east")
    assert world.seen(east) == {"dan", "ben"}
    world.desk.change("deal", world.deals["ben"], east, name="ben")
    assert world.seen(user(world.cy, "own")) == {"cy"}, "in a team below Sales, yet nothing over 100 is owned by a holder of the role"
    with pytest.raises(NotFound):
        world.seen(user(world.dan, "none"))
    with pytest.raises(Forbidden), world.desk.unchanged():
        world.desk.delete("deal", world.deals["ben"], east)


def test_restrictions_win(world: World) -> None:
    west = user(world.dan, "west", "seeing")
    assert world.seen(west) == {"ana", "cy"}
    with pytest.raises(Forbidden), world.desk.unchanged():
        world.desk.change("deal", world.deals["ana"], west, region="East")
    with pytest.raises(Forbidden), world.desk.unchanged():
        world.desk.delete("deal", world.deals["ana"], west)


def test_what_may_be_seen_is_not_always_changed(world: World) -> None:
    actor = user(world.dan, "seeing")
    assert world.desk.change("deal", world.deals["dan"], actor, region="North").values["region"] == "North"
    with pytest.raises(Forbidden), world.desk.unchanged():
        world.desk.change("deal", world.deals["ana"], actor, region="North")


def test_a_record_is_made_and_given_within_reach(world: World) -> None:
    ben = user(world.ben, "own")
    mine = world.desk.make("deal", ben, name="new")
    assert mine in world.desk.ids("deal", actor=ben)
    with pytest.raises(Forbidden), world.desk.unchanged():
        world.desk.make("deal", ben, name="hers", owner=world.ana)
    with pytest.raises(Forbidden), world.desk.unchanged():
        world.desk.change("deal", mine, ben, owner=world.ana)


def test_paths_and_sums_end_at_what_may_be_seen(world: World) -> None:
    ben, ana = user(world.ben, "own"), user(world.ana, "own")
    firm = world.desk.make("firm", name="Acme", city="Rome", owner=world.ana)
    world.desk.change("deal", world.deals["ben"], firm=firm)
    assert world.desk.rows("deal", "name", "firm", "firm.city", actor=ben) == [("ben", {"id": firm, "label": None}, None)]
    assert world.seen(ben, filters=("firm.city = 'Rome'",)) == set()
    assert world.seen(OPERATOR, filters=("firm.city = 'Rome'",)) == {"ben"}
    assert world.desk.rows("firm", "name", "worth", actor=ana) == [("Acme", "20.00")], "a rollup is the same for everybody"
    assert world.desk.rows("firm", "name", actor=ana, filters=("COUNT(deals) > 0",)) == [], "what one asks oneself counts what one sees"


def test_details_follow_their_master(world: World) -> None:
    item = world.desk.make("item", name="x", deal=world.deals["ben"])
    ben, cy = user(world.ben, "own"), user(world.cy, "own")
    assert world.desk.ids("item", actor=ben) == [item]
    assert world.desk.ids("item", actor=cy) == []
    with pytest.raises(NotFound), world.desk.unchanged():
        world.desk.delete("item", item, cy)
    with pytest.raises(BadInput), world.desk.unchanged():
        world.desk.make("item", cy, name="y", deal=world.deals["ben"])
    world.desk.make("item", ben, name="y", deal=world.deals["ben"])


def test_lookups_take_only_what_may_be_seen(world: World) -> None:
    ben = user(world.ben, "own")
    firm = world.desk.make("firm", name="Acme", owner=world.ana)
    with world.desk.refuses(("not_found", "/firm")):
        world.desk.change("deal", world.deals["ben"], ben, firm=firm)


def test_restoring_needs_the_right_to_delete(world: World) -> None:
    world.desk.delete("deal", world.deals["cy"])
    with pytest.raises(Forbidden), world.desk.unchanged():
        world.desk.restore("deal", world.deals["cy"], user(world.dan, "seeing"))
    with pytest.raises(NotFound), world.desk.unchanged():
        world.desk.restore("deal", world.deals["cy"], user(world.dan, "own"))
    world.desk.restore("deal", world.deals["cy"], user(world.cy, "own"))


def test_bulk_changes_say_row_by_row(world: World) -> None:
    ben = user(world.ben, "own")
    batch = Batch(update=[{"id": id, "region": "X"} for id in world.deals.values()])
    results = world.desk.workspace.write(lambda work: save_many(work.records, work.connection, ben, "deal", batch, "each"))
    assert [result.status for result in results] == [404, 200, 404, 404]


def test_an_upsert_is_no_way_to_a_hidden_record(world: World) -> None:
    with pytest.raises(FieldsmithError), world.desk.unchanged():
        world.desk.workspace.write(lambda work: work.records.upsert(user(world.ben, "own"), "deal", "code", "ana", {"region": "X"}))


def test_an_export_holds_what_its_right_reaches(world: World) -> None:
    def exported(actor: Actor) -> list[str]:
        target = io.StringIO()
        with world.desk.workspace.read() as work:
            export_csv(work, actor, "deal", target, ("name",))
        return target.getvalue().split()[1:]

    assert exported(user(world.ben, "team")) == ["ben", "cy"]
    with pytest.raises(Forbidden):
        exported(user(world.ben, "seeing"))


def test_moving_to_another_team_holds_at_once(world: World) -> None:
    ana = user(world.ana, "team")
    world.desk.change("user", world.dan, team=1)
    assert world.seen(ana) == {"ana", "ben", "cy", "dan"}
    world.desk.change("user", world.cy, team=None)
    assert world.seen(ana) == {"ana", "ben", "dan"}


def test_a_sort_or_group_by_what_is_hidden_is_refused(make_workspace: MakeWorkspace) -> None:
    role = {"name": "clerk", "entities": {"deal": ["read"]}, "field_rights": {"deal": {"amount": "none", "region": "masked"}}}
    desk = Desk(make_workspace("core", package("masks", {"entity": [DEAL, FIRM, ITEM], "role": [role]}, requires=["core"])))
    desk.make("deal", name="a", amount=5, region="Westphalia")
    clerk = user(1, "clerk")
    assert desk.rows("deal", "name", "region", actor=clerk) == [("a", "••••alia")]
    for query in (Query("deal", ("amount",)), Query("deal", ("name",), ("amount",)), Query("deal", ("name",), ("region",))):
        with pytest.raises(BadQuery) as caught, desk.workspace.read() as work:
            work.queries.page(clerk, query)
        assert caught.value.problems[0].code == "unknown_field"
    for text in ("amount > 1", "region = 'x'"):
        with pytest.raises(BadQuery), desk.workspace.read() as work:
            work.queries.page(clerk, Query("deal", ("name",), filters=(text,)))


def test_a_clash_names_no_hidden_field(make_workspace: MakeWorkspace) -> None:
    role = {"name": "clerk", "entities": {"deal": EVERY}, "field_rights": {"deal": {"code": "none"}}}
    coded = {**DEAL, "fields": [{**item, "default": "x"} if item["name"] == "code" else item for item in DEAL["fields"]]}
    desk = Desk(make_workspace("core", package("codes", {"entity": [coded, FIRM, ITEM], "role": [role]}, requires=["core"])))
    desk.make("deal", name="a", code="x")
    with desk.refuses(("not_unique", ""), kind=Conflict):
        desk.make("deal", user(1, "clerk"), name="b")
