"""What is found from its owners (few records) is the same as what is asked about row by row: pages in every order, page marks, counts, sums."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.query.rows import Page
from fieldsmith.query.run import Queries, Query
from tests.conftest import MakeWorkspace
from tests.desk import Desk, user
from tests.meta.samples import package

LEAD: dict[str, Any] = {
    "name": "lead",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "amount", "type": "decimal", "scale": 2},
        {"name": "stage", "type": "choice", "choices": "stage"},
        {"name": "twice", "type": "formula", "expression": "amount * 2", "returns": "decimal", "scale": 2},
        {"name": "above", "type": "lookup", "to": "lead"},
    ],
    "indexes": [{"name": "by_name", "fields": ["name"]}],
}
STAGES = {"name": "stage", "values": [{"name": "new"}, {"name": "done"}]}
RIGHTS = {right: "team" for right in ("read", "update")}
ROLES: list[dict[str, Any]] = [
    {"name": "seller", "entities": {"lead": {**RIGHTS, "export": "own"}, "user": ["read"]}},
    {"name": "chief", "entities": {"lead": {"read": "hierarchy"}, "user": ["read"]}},
    {"name": "barred", "entities": {"lead": {"read": "team"}, "user": ["read"]}, "restrict": {"lead": {"records": "amount < 9"}}},
]
RULES: list[dict[str, Any]] = [
    {"name": "big", "entity": "lead", "when": "amount >= 15", "to": {"roles": ["seller"]}},
    {"name": "of_chiefs", "entity": "lead", "owners": {"teams": ["Other"]}, "when": "above.amount > 3", "to": {"roles": ["seller"]}},
]
SHOP = package("ways", {"entity": [LEAD], "choices": [STAGES], "role": ROLES, "sharing_rule": RULES}, requires=["core"])
SORTS = [("name",), ("-name",), ("amount", "-name"), ("-amount",), ("stage", "id"), ("owner",), ("-twice",), ("above.name",), ("-modified_at",), ()]
COLUMNS = ("id", "name", "owner", "above")


class Leads:
    """Forty leads of four people in two teams and a queue; some without name or amount, some shared, some in the bin."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        top = desk.make("team", name="Top")
        teams = [desk.make("team", name="Below", parent_team=top), desk.make("team", name="Other")]
        chief = desk.make("user", name="Chief", team=top)
        people = [chief, *(desk.make("user", name=name, team=teams[at], manager=chief) for at, name in enumerate(("Bea", "Oto")))]
        people.append(desk.make("user", name="Queue", kind="queue", team=teams[0]))
        ids: list[int] = []
        for at in range(40):
            values: dict[str, Any] = {
                "name": None if at % 5 == 0 else f"L{at * 7 % 11}",
                "amount": None if at % 4 == 1 else at % 20,
                "stage": (None, "new", "done")[at % 3],
            }
            ids.append(desk.make("lead", owner=people[at % 4], above=ids[at // 2] if at % 3 else None, **values))
        for id in ids[::9]:
            desk.delete("lead", id)
        desk.workspace.write(lambda work: work.sharing.add(OPERATOR, "lead", ids[2], {"user": people[1]}))
        self.readers = [user(people[1], "seller"), user(chief, "chief"), user(people[1], "barred"), user(people[2], "seller", "chief"), user(chief, "seller")]

    def read(self, narrow: bool, what: str, *asked: Any) -> Any:
        """What queries answer that know who sees few, or such that look at each row."""
        with self.desk.workspace.read() as work:
            queries = work.queries if narrow else Queries(work.runtime, work.connection, work.now)
            return getattr(queries, what)(*asked)

    def all(self, actor: Actor, query: Query, begin: bool, then: bool) -> list[tuple[Any, ...]]:
        """Every row of the list, its pages asked for in turns."""
        out: list[tuple[Any, ...]] = []
        turn = begin
        for _ in range(30):
            page: Page = self.read(turn, "page", actor, query)
            if page.total is not None:
                assert page.total == self.read(False, "count", actor, query, None).value
            out += [tuple(column.json(row) for column in page.columns) for row in page.rows]
            if page.next is None:
                return out
            query, turn = replace(query, after=page.next), then if turn == begin else begin
        raise AssertionError("there is always a next page")


@pytest.fixture
def leads(make_workspace: MakeWorkspace) -> Leads:
    return Leads(Desk(make_workspace("core", SHOP)))


def test_only_queries_that_know_who_sees_few_begin_at_the_owners(leads: Leads) -> None:
    for actor in leads.readers:
        assert leads.read(True, "_compiled", actor, Query("lead", COLUMNS)).narrow
        assert not leads.read(False, "_compiled", actor, Query("lead", COLUMNS)).narrow


def test_pages_are_the_same_in_every_order_and_marks_fit_both(leads: Leads) -> None:
    for actor in leads.readers:
        for sort in SORTS:
            plain = Query("lead", COLUMNS, sort, limit=3)
            wanted = leads.all(actor, plain, False, False)
            assert len(wanted) > 3
            assert leads.all(actor, plain, True, True) == wanted, sort
            assert leads.all(actor, plain, True, False) == wanted, sort
            assert leads.all(actor, plain, False, True) == wanted, sort


@pytest.mark.parametrize("more", [{"filters": ("amount > 5", "owner.name <> 'Chief'")}, {"holding": ("stage", None)}, {"search": "L"}, {"right": "export"}])
def test_so_are_filtered_searched_and_exported_ones(leads: Leads, more: dict[str, Any]) -> None:
    for actor in leads.readers[: 1 if more.get("right") else None]:
        query = Query("lead", COLUMNS, ("name",), limit=4, **more)
        wanted = leads.all(actor, query, False, False)
        assert leads.all(actor, query, True, True) == wanted
        for bound in (None, 2, 10_000):
            counts = [leads.read(narrow, "count", actor, query, bound) for narrow in (True, False)]
            assert counts[0] == counts[1] and (bound == 2 or counts[0].value == len(wanted))


def test_counts_are_the_same_and_stop_at_their_bound(leads: Leads) -> None:
    for actor in leads.readers:
        query = Query("lead", COLUMNS)
        wanted = len(leads.all(actor, query, False, False))
        for bound in (None, 1, wanted - 1, wanted, wanted + 1):
            counts = [leads.read(narrow, "count", actor, query, bound) for narrow in (True, False)]
            exact = bound is None or bound >= wanted
            assert [(count.value, count.exact) for count in counts] == [(wanted if exact else bound, exact)] * 2


def test_columns_of_a_board_add_up_alike(leads: Leads) -> None:
    for actor in leads.readers:
        one, other = (leads.read(narrow, "totals", actor, Query("lead", COLUMNS), "stage", "amount") for narrow in (True, False))
        assert one == other and one
