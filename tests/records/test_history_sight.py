"""History is seen only as far as the records and fields may be seen, and says exactly when, by what door and who really acted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import Forbidden
from fieldsmith.records.history import Event, HistoryPage
from tests.conftest import MakeWorkspace
from tests.desk import Desk, user
from tests.meta.samples import package

PERSON = {
    "name": "guest",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "phone", "type": "phone"},
        {"name": "account", "type": "text"},
        {"name": "wage", "type": "decimal", "scale": 2},
        {"name": "hired", "type": "date"},
        {"name": "mentor", "type": "lookup", "to": "guest"},
    ],
}
REMARK = {"name": "remark", "fields": [{"name": "name", "type": "text"}, {"name": "about", "type": "polymorphic_lookup", "to": ["guest"]}]}
ROLES: list[dict[str, Any]] = [
    {"name": "boss", "administrator": True},
    {"name": "desk", "entities": {"guest": ["read", "update"]}, "field_rights": {"guest": {"wage": "none", "mentor": "none"}}},
    {
        "name": "phone",
        "entities": {"guest": ["read"]},
        "field_rights": {"guest": {"account": "masked", "wage": "masked", "hired": "masked", "mentor": "masked"}},
    },
    {"name": "blind", "entities": {"guest": {"read": "all", "history": "none"}}},
    {"name": "listener", "entities": {"guest": ["read", "history"], "remark": {"read": "own", "history": "all"}}},
    {"name": "gossip", "entities": {"guest": ["read", "history"], "remark": {"history": "all"}}},
    {"name": "owner", "entities": {"guest": {"read": "all", "history": "own"}}},
]
HOTEL = package("hotel", {"entity": [PERSON, REMARK], "role": ROLES})


@pytest.fixture
def hotel(make_workspace: MakeWorkspace) -> Desk:
    return Desk(make_workspace("core", HOTEL))


def page(desk: Desk, id: int, actor: Actor, after: str | None = None, limit: int = 50) -> HistoryPage:
    with desk.workspace.read() as work:
        return work.records.history(actor, "guest", id, after, limit)


def told(event: Event) -> dict[str, tuple[Any, Any]]:
    return {change.field.name: (change.old, change.new) for change in event.changes}


def test_hidden_fields_are_left_out(hotel: Desk) -> None:
    id = hotel.make("guest", name="Ana", wage="10")
    hotel.change("guest", id, name="Anna", wage="12.50")
    assert [told(event) for event in page(hotel, id, user(1, "desk")).items] == [{"name": ("Ana", "Anna")}, {"name": (None, "Ana")}]
    assert "wage" in told(page(hotel, id, user(1, "boss")).items[0])


def test_a_change_of_hidden_fields_only_did_not_happen(hotel: Desk) -> None:
    id = hotel.make("guest", name="Ana")
    for wage in range(1, 8):
        hotel.change("guest", id, wage=wage)
    hotel.change("guest", id, name="Anna", wage=9)
    hotel.change("guest", id, wage=10)
    assert [event.operation for event in page(hotel, id, user(1, "desk")).items] == ["update", "create"]
    assert len(page(hotel, id, user(1, "boss")).items) == 10


@pytest.mark.parametrize("hidden", [0, 1, 5, 400])
def test_pages_do_not_tell_how_much_is_hidden(hotel: Desk, hidden: int) -> None:
    id = hotel.make("guest", name="0")
    for number in range(1, 4):
        hotel.workspace.write(lambda work: [work.records.update(OPERATOR, "guest", id, {"wage": wage}) for wage in range(1, hidden + 1)])
        hotel.change("guest", id, name=str(number))
    hotel.change("guest", id, wage=0)
    first = page(hotel, id, user(1, "desk"), None, 2)
    second = page(hotel, id, user(1, "desk"), first.next, 2)
    assert ([len(first.items), len(second.items)], second.next) == ([2, 2], None)
    assert first.next == str(first.items[-1].seq)


def test_masked_fields_are_told_as_masks(hotel: Desk) -> None:
    mentor = hotel.make("guest", name="Eva")
    id = hotel.make("guest", name="Ana", account="DE123456789", wage="1234567.50", hired="2026-01-31", mentor=mentor)
    hotel.change("guest", id, wage=None, account="short")
    newest, first = page(hotel, id, user(1, "phone")).items
    assert told(newest) == {"wage": ("••••", None), "account": ("••••6789", "••••")}
    assert told(first) == {"name": (None, "Ana"), "account": (None, "••••6789"), "wage": (None, "••••"), "hired": (None, "••••"), "mentor": (None, "••••")}


def test_the_right_to_see_history_is_a_right_of_its_own(hotel: Desk) -> None:
    id = hotel.make("guest", name="Ana")
    with pytest.raises(Forbidden):
        page(hotel, id, user(1, "blind"))
    with hotel.workspace.read() as work, pytest.raises(Forbidden):
        work.records.timeline(user(1, "blind"), "guest", id)


def test_history_reaches_as_far_as_its_scope(hotel: Desk) -> None:
    ana, ben = hotel.make("user", name="Ana"), hotel.make("user", name="Ben")
    mine, theirs = hotel.make("guest", name="a", owner=ana), hotel.make("guest", name="b", owner=ben)
    assert len(page(hotel, mine, user(ana, "owner")).items) == 1
    with pytest.raises(Forbidden):
        page(hotel, theirs, user(ana, "owner"))


def test_history_says_who_acted_as_whom_in_which_import_and_in_what_order(hotel: Desk) -> None:
    ana = hotel.make("user", name="Ana")
    acting = replace(user(ana, "boss", name="Ana"), on_behalf="operator", via="import", run="guests.csv")
    first, second = hotel.make("guest", acting, name="a"), hotel.make("guest", name="b")
    (event,), (other,) = page(hotel, first, OPERATOR).items, page(hotel, second, OPERATOR).items
    assert (event.by, event.on_behalf, event.via, event.run) == ("Ana", "operator", "import", "guests.csv")
    assert (other.on_behalf, other.run) == ("", "")
    assert event.at == other.at and event.seq < other.seq


def test_a_timeline_tells_of_nothing_that_is_out_of_sight(hotel: Desk) -> None:
    """A random world found it: the right to histories went further than that to records."""
    ana, ben = hotel.make("user", name="Ana"), hotel.make("user", name="Ben")
    guest = hotel.make("guest", name="Eva")
    about = {"entity": "guest", "id": guest}
    mine, theirs = (hotel.make("remark", name=name, about=about, owner=owner) for name, owner in (("kind", ana), ("secret", ben)))
    with hotel.workspace.read() as work:
        for actor, wanted in ((user(ana, "listener"), {mine}), (user(ana, "gossip"), set()), (OPERATOR, {mine, theirs})):
            items = work.records.timeline(actor, "guest", guest).items
            assert {event.record.id for event in items if event.record.entity == "remark"} == wanted
