"""Single records shared by hand: who gets them, for how long, and that nobody gives more than they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR, SYSTEM, Actor, FixedClock
from fieldsmith.base.errors import BadInput, Conflict, FieldsmithError, Forbidden, NotFound
from fieldsmith.bulk import demo_purge
from fieldsmith.db.system_sharing import fs_share
from fieldsmith.meta.layers import CUSTOM, layer_of
from fieldsmith.records.sharing import Share
from tests.desk import Desk, user
from tests.records.test_concurrency import at_once

OWN = {"create": "own", "read": "own", "update": "own", "delete": "own"}
SELLER: dict[str, Any] = {"name": "seller", "entities": {"account": OWN, "contact": OWN, "user": {"read": "all"}, "team": {"read": "all"}}}
LOOKING: dict[str, Any] = {"name": "looking", "entities": {"account": {"read": "all", "update": "own"}, "user": {"read": "all"}}}
QUIET: dict[str, Any] = {"name": "quiet", "entities": {"account": OWN, "user": {"read": "all"}}, "actions": {"*": []}}


class Floor:
    """Ana owns account 1; Bo is in the team below hers, Cy has no team.

    Accounts have an index by owner: lists of who sees little are sought from the owners, single reads ask about the record. Both must agree.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        roles = [("role", role["name"], role) for role in (SELLER, LOOKING, QUIET)]
        desk.workspace.publish(SYSTEM, [layer_of(CUSTOM, roles)], "roles")
        self.top = desk.make("team", name="Top")
        self.low = desk.make("team", name="Low", parent_team=self.top)
        self.ana, self.bo, self.cy = (self.person(name, team) for name, team in (("Ana", self.top), ("Bo", self.low), ("Cy", None)))
        self.account = desk.make("account", name="Acme", owner=self.ana.id)

    def person(self, name: str, team: int | None = None, *roles: str) -> Actor:
        return user(self.desk.make("user", name=name, team=team), *(roles or ("seller",)), name=name)

    def share(self, actor: Actor | None = None, /, **values: Any) -> Share:
        return self.desk.workspace.write(lambda work: work.sharing.add(actor or self.ana, "account", self.account, values))

    def shares(self, actor: Actor) -> list[tuple[str, int | str | None, str]]:
        with self.desk.workspace.read() as work:
            return [(share.kind, share.grantee or share.role, share.access) for share in work.sharing.of(actor, "account", self.account)]

    def sees(self, actor: Actor) -> bool:
        """Whether a list has it; a single read must agree."""
        listed = self.account in self.desk.ids("account", actor=actor)
        try:
            self.desk.get("account", self.account, actor)
        except NotFound:
            assert not listed
            return False
        assert listed
        return True

    def changes(self, actor: Actor) -> bool:
        try:
            self.desk.change("account", self.account, actor, employees=5)
        except (Forbidden, NotFound):
            return False
        return True


@pytest.fixture
def floor(desk: Desk) -> Floor:
    return Floor(desk)


def test_without_a_share_it_is_not_there(floor: Floor) -> None:
    assert [floor.sees(actor) for actor in (floor.ana, floor.bo, floor.cy)] == [True, False, False]


@pytest.mark.parametrize(("kind", "who", "seen"), [("user", "bo", (True, False)), ("team", "top", (True, False)), ("role", "seller", (True, True))])
def test_a_share_reaches_whom_it_names(floor: Floor, kind: str, who: str, seen: tuple[bool, bool]) -> None:
    whom = getattr(floor, who, who)
    floor.share(**{kind: whom.id if isinstance(whom, Actor) else whom})
    assert (floor.sees(floor.bo), floor.sees(floor.cy)) == seen
    assert not floor.changes(floor.bo)


def test_a_share_to_edit_lets_change_but_not_delete(floor: Floor) -> None:
    floor.share(user=floor.bo.id, access="edit")
    assert floor.changes(floor.bo)
    with pytest.raises(Forbidden):
        floor.desk.delete("account", floor.account, floor.bo)


def test_a_share_ends_at_its_second(floor: Floor, clock: FixedClock) -> None:
    floor.share(user=floor.bo.id, until=(clock.at + timedelta(seconds=5)).isoformat() + "Z")
    object.__setattr__(clock, "at", clock.at + timedelta(seconds=4))
    assert floor.sees(floor.bo)
    object.__setattr__(clock, "at", clock.at + timedelta(seconds=1))
    assert not floor.sees(floor.bo)
    assert floor.shares(floor.ana) == []
    assert floor.share(user=floor.bo.id).until is None


def test_a_share_gives_nothing_where_the_role_has_no_right(floor: Floor) -> None:
    guest = floor.person("Dee", None, "nothing")
    floor.share(user=guest.id)
    with pytest.raises(NotFound):
        floor.desk.get("account", floor.account, guest)


def test_taking_a_share_back_holds_at_once(floor: Floor) -> None:
    share = floor.share(user=floor.bo.id)
    floor.desk.workspace.write(lambda work: work.sharing.remove(floor.ana, "account", floor.account, share.id))
    assert not floor.sees(floor.bo)


def test_changing_a_share(floor: Floor) -> None:
    share = floor.share(user=floor.bo.id, reason=" Pre-sales ")
    assert share.reason == "Pre-sales"
    change: Mapping[str, Any] = {"access": "edit", "reason": None}
    changed = floor.desk.workspace.write(lambda work: work.sharing.change(floor.ana, "account", floor.account, share.id, change))
    assert changed == replace(share, access="edit", reason="")
    assert floor.changes(floor.bo)


def test_who_may_only_look_shares_to_be_looked_at(floor: Floor) -> None:
    looking = floor.person("Eve", None, "looking")
    with floor.desk.unchanged(), pytest.raises(Forbidden):
        floor.share(looking, user=floor.bo.id, access="edit")
    share = floor.share(looking, user=floor.bo.id)
    assert floor.sees(floor.bo)
    with pytest.raises(Forbidden):
        floor.desk.workspace.write(lambda work: work.sharing.change(looking, "account", floor.account, share.id, {"access": "edit"}))


def test_others_shares_are_taken_back_only_by_who_may_change_the_record(floor: Floor) -> None:
    share = floor.share(user=floor.bo.id)
    looking = floor.person("Eve", None, "looking")
    with floor.desk.unchanged(), pytest.raises(Forbidden):
        floor.desk.workspace.write(lambda work: work.sharing.remove(looking, "account", floor.account, share.id))


@pytest.mark.parametrize(("who", "kind"), [("cy", NotFound), ("quiet", Forbidden)])
def test_who_may_not_share(floor: Floor, who: str, kind: type[FieldsmithError]) -> None:
    quiet = floor.person("Quinn", None, "quiet")
    actor = quiet if who == "quiet" else floor.cy
    floor.share(user=quiet.id, access="edit")
    with floor.desk.unchanged(), pytest.raises(kind):
        floor.share(actor, user=floor.bo.id)
    with pytest.raises(kind):
        floor.shares(actor)


@pytest.mark.parametrize(
    ("values", "code", "at"),
    [
        ({}, "required", "/user"),
        ({"user": 1, "team": 1}, "required", "/team"),
        ({"user": 99}, "not_found", "/user"),
        ({"user": "1"}, "not_found", "/user"),
        ({"team": 10**30}, "not_found", "/team"),
        ({"role": "sellr"}, "not_found", "/role"),
        ({"user": 1, "access": "own"}, "unknown_choice", "/access"),
        ({"user": 1, "until": "2020-01-01T00:00:00Z"}, "in_the_past", "/until"),
        ({"user": 1, "until": "soon"}, "not_datetime", "/until"),
        ({"user": 1, "reason": "x" * 121}, "too_long", "/reason"),
        ({"user": 1, "id": 4}, "unknown_field", "/id"),
    ],
)
def test_what_is_sent_wrong_is_said_at_its_place(floor: Floor, values: dict[str, Any], code: str, at: str) -> None:
    with floor.desk.unchanged(), pytest.raises(BadInput) as caught:
        floor.share(**values)
    assert [(problem.code, problem.pointer) for problem in caught.value.problems] == [(code, at)]


def test_sharing_twice_is_refused(floor: Floor) -> None:
    floor.share(user=floor.bo.id)
    with floor.desk.refuses(("shared_already", "/user"), kind=Conflict):
        floor.share(user=floor.bo.id, access="edit")


def test_of_two_equal_shares_at_once_one_is_refused(floor: Floor) -> None:
    whoms: tuple[dict[str, Any], ...] = ({"user": floor.bo.id}, {"team": floor.low}, {"role": "seller"})
    for whom in whoms:
        calls = [partial(floor.share, access=access, **whom) for access in ("read", "edit", "read")]
        assert at_once(calls).count(Conflict) == 2, whom
    assert len(floor.shares(floor.ana)) == 3


def test_the_database_itself_keeps_equal_shares_out(floor: Floor) -> None:
    floor.share(user=floor.bo.id)
    floor.share(role="seller")
    with floor.desk.workspace.read() as work:
        rows = [dict(row) for row in work.connection.execute(sa.select(fs_share)).mappings()]
    for row in rows:
        again = sa.insert(fs_share).values({**row, "id": row["id"] + 10})
        with floor.desk.workspace.database.write() as connection, pytest.raises(sa.exc.IntegrityError):
            connection.execute(again)


def test_details_are_shared_with_their_master(floor: Floor) -> None:
    line = next(name for name, entity in floor.desk.workspace.runtime().model.entities.items() if any(f.options.get("owned") for f in entity.fields.values()))
    with floor.desk.workspace.read() as work:
        assert not work.sharing.may(OPERATOR, line)
        assert work.sharing.may(OPERATOR, "account")


def test_sharing_is_in_the_audit_log(floor: Floor) -> None:
    share = floor.share(user=floor.bo.id)
    floor.desk.workspace.write(lambda work: work.sharing.remove(floor.ana, "account", floor.account, share.id))
    rows = [row for row in floor.desk.table("fs_audit") if row["event"].startswith("record.")]
    assert [(row["event"], row["entity"], row["record"], row["actor_name"]) for row in rows] == [
        ("record.shared", "account", floor.account, "Ana"),
        ("record.unshared", "account", floor.account, "Ana"),
    ]


def test_shares_go_with_what_is_deleted_for_good(floor: Floor) -> None:
    floor.share(user=floor.bo.id)
    floor.desk.delete("account", floor.account)
    floor.desk.workspace.write(lambda work: demo_purge.purge(work, {"account": [floor.account]}))
    assert floor.desk.table("fs_share") == []


class TestQueues:
    @pytest.fixture
    def queue(self, floor: Floor) -> int:
        id = floor.desk.make("user", name="Inbound", kind="queue", team=floor.low)
        floor.desk.change("account", floor.account, owner=id)
        return id

    def take(self, floor: Floor, actor: Actor) -> Any:
        return floor.desk.workspace.write(lambda work: work.queues.take(actor, "account", floor.account)).values["owner"].id

    def test_members_of_its_team_have_its_records_as_their_own(self, floor: Floor, queue: int) -> None:
        assert [floor.sees(actor) for actor in (floor.ana, floor.bo, floor.cy)] == [False, True, False]
        assert floor.changes(floor.bo)

    def test_taking_makes_one_the_owner(self, floor: Floor, queue: int) -> None:
        mate = floor.person("Mo", floor.low)
        assert self.take(floor, floor.bo) == floor.bo.id
        assert not floor.sees(mate)
        with pytest.raises(NotFound):
            self.take(floor, mate)

    def test_what_is_in_no_queue_is_not_taken(self, floor: Floor) -> None:
        with floor.desk.unchanged(), pytest.raises(Conflict):
            self.take(floor, floor.ana)

    def test_taking_needs_its_action_right(self, floor: Floor, queue: int) -> None:
        quiet = floor.person("Quinn", floor.low, "quiet")
        with floor.desk.unchanged(), pytest.raises(Forbidden):
            self.take(floor, quiet)

    def test_who_leaves_the_team_leaves_the_queue(self, floor: Floor, queue: int) -> None:
        assert floor.bo.id is not None
        floor.desk.change("user", floor.bo.id, team=None)
        assert not floor.sees(floor.bo)
