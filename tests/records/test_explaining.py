"""Explanations of access, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.base.errors import Forbidden, NotFound
from fieldsmith.db import system
from fieldsmith.db.system_sharing import fs_reach, fs_share, fs_team_reach
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.roles import RIGHTS, Right
from fieldsmith.records.explaining import Explained, explain, subject_named, subject_of
from fieldsmith.workspace import Work, Workspace
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import package

DEAL: dict[str, Any] = {
    "name": "deal",
    "sharing": "private",
    "features": ["history"],
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "region", "type": "text"},
        {"name": "amount", "type": "integer"},
        {"name": "secret", "type": "text"},
        {"name": "double", "type": "formula", "returns": "integer", "expression": "amount * 2"},
    ],
}
LINE: dict[str, Any] = {
    "name": "line",
    "features": ["history"],
    "fields": [{"name": "name", "type": "text"}, {"name": "deal", "type": "lookup", "to": "deal", "owned": True}],
}
PORTAL_USER: dict[str, Any] = {"extends": "user", "operations": [{"op": "add", "path": "/fields/deal", "value": {"type": "lookup", "to": "deal"}}]}
ALL = {right: "all" for right in RIGHTS}
READING = {"user": ["read"], "team": ["read"]}


def world(roles: Iterable[Mapping[str, Any]], rules: Iterable[Mapping[str, Any]] = ()) -> Layer:
    documents = {"entity": [DEAL, LINE, PORTAL_USER], "role": [*map(dict, roles)], "sharing_rule": [*map(dict, rules)]}
    return package("sales", documents, requires=["core"])


def role(name: str, deal: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "entities": {**READING, "deal": deal, "line": deal if isinstance(deal, list) else list(deal)}, **more}


SALES = world(
    [
        role("sales", {"read": "own", "history": "own"}),
        role("chief", {"read": "hierarchy", "update": "team"}),
        role("seer", {"read": "all"}),
        role("outer", ["read"]),
    ],
    [{"name": "east", "label": "East", "entity": "deal", "when": "region = 'East' and amount > 10", "to": {"roles": ["sales"]}}],
)


class Cast:
    """People with logins in a tree of teams (`above` by name), and managers; the reach of all of them."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.desk = Desk(workspace)
        self.people: dict[str, int] = {}
        self.teams: dict[str, int] = {}

    def team(self, name: str, above: str | None = None) -> None:
        self.teams[name] = self.desk.make("team", name=name, parent_team=self.teams[above] if above else None)

    def person(self, name: str, *roles: str, team: str | None = None, boss: str | None = None) -> int:
        id = self.desk.make("user", name=name, team=self.teams[team] if team else None, manager=self.people[boss] if boss else None)
        self.people[name] = id

        def login(work: Work) -> None:
            Users(work.connection, work.model, work.schema, Passwords(self.workspace.settings), work.now).add(OPERATOR, id, name.lower(), roles)

        self.workspace.write(login)
        return id

    def settle(self) -> None:
        """Number both trees in preorder, as `fs_reach` holds them."""
        with self.workspace.read() as work:
            users = {id: work.records.get(SYSTEM, "user", id).values for id in self.people.values()}
            teams = {id: work.records.get(SYSTEM, "team", id).values for id in self.teams.values()}
        in_teams = _preorder({id: _id(values["parent_team"]) for id, values in teams.items()})
        in_bosses = _preorder({id: _id(values["manager"]) for id, values in users.items()})

        def put(work: Work) -> None:
            work.connection.execute(sa.delete(fs_reach))
            work.connection.execute(sa.delete(fs_team_reach))
            for id, (at, to) in in_teams.items():
                work.connection.execute(sa.insert(fs_team_reach), {"team_id": id, "team_at": at, "team_to": to})
            for id, values in users.items():
                team = _id(values["team"])
                place: tuple[int | None, int | None] = (None, None) if team is None else in_teams[team]
                row = {
                    "user_id": id,
                    "team_id": team,
                    "queue_of": None,
                    "team_at": place[0],
                    "team_to": place[1],
                    "boss_at": in_bosses[id][0],
                    "boss_to": in_bosses[id][1],
                }
                work.connection.execute(sa.insert(fs_reach), row)

        self.workspace.write(put)


def _id(link: Any) -> int | None:
    return None if link is None else int(getattr(link, "id", link))


def _preorder(above: Mapping[int, int | None]) -> dict[int, tuple[int, int]]:
    out: dict[int, tuple[int, int]] = {}
    numbers = iter(range(1, 10_000))

    def visit(id: int) -> int:
        at = last = next(numbers)
        for child in sorted(each for each, parent in above.items() if parent == id):
            last = visit(child)
        out[id] = (at, last)
        return last

    for root in sorted(id for id, parent in above.items() if parent is None):
        visit(root)
    return out


@pytest.fixture
def cast(make_workspace: MakeWorkspace) -> Cast:
    """North over North East, and West; Ana leads Ben."""
    found = Cast(make_workspace("core", SALES))
    found.team("North")
    found.team("North East", "North")
    found.team("West")
    found.person("Root", "administrator")
    found.person("Ana", "chief", team="North")
    found.person("Ben", "sales", team="North East", boss="Ana")
    found.person("Cem", "sales", team="West")
    found.person("Dee", "seer")
    found.settle()
    return found


def told(cast: Cast, name: str, entity: str, id: int | None, right: Right, reader: str = "Root") -> tuple[bool, str]:
    found = asked(cast, name, entity, id, reader).answers[right]
    return found.allowed, " ".join(map(str, found.because))


def asked(cast: Cast, name: str, entity: str, id: int | None, reader: str = "Root") -> Explained:
    with cast.workspace.read() as work:
        return explain(work, subject_of(work, cast.people[reader]).actor, subject_of(work, cast.people[name]), entity, id)


def test_scopes_say_whose_record_it_is(cast: Cast) -> None:
    bens = cast.desk.make("deal", name="A", owner=cast.people["Ben"], region="West", amount=1)
    cems = cast.desk.make("deal", name="B", owner=cast.people["Cem"], region="East", amount=20)
    nobodys = cast.desk.make("deal", name="C", region="West")
    expected: list[tuple[str, int, Right, bool, str]] = [
        ("Ben", bens, "read", True, "Ben owns the record."),
        ("Ana", bens, "read", True, "The owner, Ben, is in team “North East”, which is “North”, the team of Ana, or below it."),
        ("Ana", cems, "read", False, "The owner, Cem, neither reports to Ana nor is in a team of “North” or below."),
        (
            "Ana",
            cems,
            "update",
            False,
            "Ana may not see the record at all. Role Chief lets read Deals: records of the own team and of people who report to one. The owner, Cem, neither",
        ),
        ("Dee", nobodys, "read", True, "This reaches every record of Deals."),
        ("Dee", nobodys, "update", False, "Role Seer may read Deals, but no role lets Dee change them."),
        ("Root", nobodys, "delete", True, "Role Administrator may do everything."),
        ("Ben", cems, "read", True, "Sharing rule “East” matches because region = ‘East’, amount = 20."),
        ("Cem", bens, "read", False, "The owner is Ben, not Cem. Sharing rule “East” does not match because region = ‘West’."),
        ("Ben", nobodys, "read", False, "Nobody owns the record. Sharing rule “East” does not match because region = ‘West’."),
    ]
    for name, id, right, allowed, because in expected:
        found = told(cast, name, "deal", id, right)
        assert found[0] is allowed and because in found[1], (name, id, right, found)


def test_only_the_comparison_that_decides_is_told(cast: Cast) -> None:
    small = cast.desk.make("deal", name="A", region="East", amount=5)
    blank = cast.desk.make("deal", name="A", region="East")
    assert "because amount = 5." in told(cast, "Ben", "deal", small, "read")[1]
    assert "because amount is blank." in told(cast, "Ben", "deal", blank, "read")[1]


def test_a_detail_is_explained_by_its_master(cast: Cast) -> None:
    deal = cast.desk.make("deal", name="Big", owner=cast.people["Ben"], region="West")
    line = cast.desk.make("line", name="L", deal=deal)
    assert told(cast, "Ben", "line", line, "read") == (True, "It belongs to Deal Big, which Ben may read. Ben owns the record.")
    allowed, because = told(cast, "Cem", "line", line, "read")
    assert not allowed and because.startswith("Role Sales lets read Lines. It belongs to Deal Big, which Cem may not read. The owner is Ben, not Cem.")


def test_shares_of_one_record_say_by_whom_and_until_when(cast: Cast) -> None:
    id = cast.desk.make("deal", name="A", owner=cast.people["Ben"], region="West")

    def share(work: Work) -> None:
        row = {"entity": work.model.entities["deal"].uid, "record": id, "kind": "team", "grantee": cast.teams["West"], "access": "read"}
        more = {"reason": "manual", "until": work.now.replace(year=2027), "at": work.now, "by": cast.people["Ben"]}
        work.connection.execute(sa.insert(fs_share), {**row, **more})

    assert told(cast, "Cem", "deal", id, "read")[1].endswith("The record itself is shared with nobody.")
    cast.workspace.write(share)
    assert told(cast, "Cem", "deal", id, "read") == (True, "The record is shared with team “West”, by Ben, until 2027-11-22 09:30 (UTC).")
    cast.workspace.write(lambda work: work.connection.execute(sa.update(fs_share).values(until=work.now.replace(year=2025))))
    assert "The record was shared with team “West” until 2025-11-22 09:30 (UTC)." in told(cast, "Cem", "deal", id, "read")[1]


def test_restrictions_and_fields_name_their_role(cast: Cast) -> None:
    limits = {"records": "region <> 'West'", "rights": ["delete"], "fields": {"secret": "masked"}}
    cast.workspace.publish(SYSTEM, [world([role("sales", ALL, field_rights={"deal": {"amount": "none"}}), role("limit", {}, restrict={"deal": limits})])], "t")
    cast.person("Eve", "sales", "limit")
    cast.settle()
    west, east = (cast.desk.make("deal", name="A", region=region, amount=1, secret="1234567890") for region in ("West", "East"))
    assert told(cast, "Eve", "deal", west, "read") == (False, "The restriction of role Limit takes the record away, because region = ‘West’.")
    assert told(cast, "Eve", "deal", east, "delete") == (False, "A restriction of role Limit takes it away.")
    found = asked(cast, "Eve", "deal", east)
    assert {name: (found.fields[name].use, str(found.fields[name].because)) for name in ("secret", "amount", "double", "region")} == {
        "secret": ("masked", "A restriction of role Limit masks Secret."),
        "amount": ("none", "Role Sales hides Amount."),
        "double": ("none", "Double is computed from something that is hidden or masked."),
        "region": ("update", "Nothing limits Region."),
    }


def test_people_from_outside_have_a_path(cast: Cast) -> None:
    portal = {"name": "outer", "entities": {"deal": ["read"], "line": ["read"]}, "portal": {"account": "deal", "paths": {"deal": "", "line": "deal"}}}
    cast.workspace.publish(SYSTEM, [world([portal])], "t")
    mine, other = cast.desk.make("deal", name="Mine"), cast.desk.make("deal", name="Other")
    cast.person("Pia", "outer")
    cast.desk.change("user", cast.people["Pia"], deal=mine)
    lines = [cast.desk.make("line", name="L", deal=deal) for deal in (mine, other)]
    assert told(cast, "Pia", "line", lines[0], "read") == (True, "It belongs to the account of Pia, Mine, by deal.")
    assert told(cast, "Pia", "line", lines[1], "read") == (False, "Role Outer lets read Lines. It does not belong to the account of Pia, Mine, by deal.")
    assert told(cast, "Pia", "user", cast.people["Ben"], "read") == (False, "Role Outer is for people from outside and has no path to Users.")


def test_who_is_outside_is_not_told_a_path_they_do_not_see(cast: Cast) -> None:
    outer = {"portal": {"account": "deal", "paths": {"deal": "", "line": "deal"}}, "field_rights": {"line": {"deal": "none"}}}
    cast.workspace.publish(SYSTEM, [world([{"name": "outer", "entities": {"deal": ["read"], "line": ["read"]}, **outer}])], "t")
    mine = cast.desk.make("deal", name="Mine")
    cast.person("Pia", "outer")
    cast.desk.change("user", cast.people["Pia"], deal=mine)
    line = cast.desk.make("line", name="L", deal=mine)
    assert told(cast, "Pia", "line", line, "read", reader="Pia") == (True, "It belongs to the account of Pia, Mine.")
    assert told(cast, "Pia", "line", line, "read") == (True, "It belongs to the account of Pia, Mine, by deal.")  # the administrator is


def test_a_suspended_login_and_none_at_all(cast: Cast) -> None:
    id = cast.desk.make("deal", name="A", owner=cast.people["Ben"])
    cast.workspace.write(lambda work: work.connection.execute(sa.update(system.fs_login).where(system.fs_login.c.name == "ben").values(active=False)))
    cast.people["Fay"] = cast.desk.make("user", name="Fay")
    assert told(cast, "Ben", "deal", id, "read") == (False, "The login of Ben is suspended, so nothing is allowed.")
    assert told(cast, "Fay", "deal", id, "read") == (False, "Fay has no login, so nothing is allowed.")


def test_who_asks_for_themselves_learns_no_more_than_they_see(cast: Cast) -> None:
    fields = {"deal": {"amount": "none"}}
    rule = {"name": "rich", "label": "Rich", "entity": "deal", "when": "amount > 10", "to": {"roles": ["sales"]}, "access": "edit"}
    cast.workspace.publish(SYSTEM, [world([role("sales", {"read": "own", "update": "own"}, field_rights=fields)], [rule])], "t")
    id = cast.desk.make("deal", name="A", owner=cast.people["Cem"], amount=50)
    assert told(cast, "Ben", "deal", id, "read", reader="Ben") == (True, "Sharing rule “Rich” matches because of a value you may not see.")
    assert "amount = 50" in told(cast, "Ben", "deal", id, "read")[1]
    poor = cast.desk.make("deal", name="A", owner=cast.people["Cem"], amount=5)
    with pytest.raises(NotFound):
        asked(cast, "Ben", "deal", poor, reader="Ben")
    with pytest.raises(Forbidden):
        asked(cast, "Ben", "deal", id, reader="Cem")


def test_people_are_named_by_login_or_number(cast: Cast) -> None:
    with cast.workspace.read() as work:
        assert subject_named(work, "BEN").id == subject_named(work, str(cast.people["Ben"])).id == cast.people["Ben"]
        with pytest.raises(NotFound):
            subject_named(work, "nobody")
