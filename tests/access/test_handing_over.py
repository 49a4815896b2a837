"""The right “assign”: who has it gives a record to another owner, even to where they do not reach it any more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Forbidden, NotFound
from fieldsmith.records.many import Batch, save_many
from fieldsmith.web.app import create_app
from tests.bulk.loading import Files
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import package
from tests.web.conftest import Api, Person, make_person
from tests.web.screens import Visitor, words

OWN = {right: "own" for right in ("create", "read", "update", "delete", "import", "mass_change")}
LEAD: dict[str, Any] = {
    "name": "lead",
    "fields": [{"name": "name", "type": "text"}, {"name": "code", "type": "text", "unique": True}, {"name": "region", "type": "text"}],
}
ROLES: list[dict[str, Any]] = [
    {"name": "seller", "entities": {"lead": OWN | {"assign": "own"}, "user": {"read": "all"}}},
    {"name": "plain", "entities": {"lead": OWN, "user": {"read": "all"}}},
    {"name": "reading", "entities": {"lead": {"read": "all", "update": "all", "assign": "own"}, "user": {"read": "all"}}},
    {"name": "narrow", "entities": {"lead": OWN | {"assign": "all"}, "user": {"read": "all"}}, "restrict": {"lead": {"rights": ["assign"]}}},
]
LAYOUT = {"name": "default", "entity": "lead", "sections": [{"name": "main", "fields": ["name", "code", "owner"]}]}
LEADS = package("leads", {"entity": [LEAD], "layout": [LAYOUT], "role": ROLES}, requires=["core"])


@dataclass(frozen=True)
class Floor:
    """Ana may hand her leads over, Ben may not."""

    desk: Desk
    ana: Person
    ben: Person

    def lead(self, owner: Person) -> int:
        return self.desk.make("lead", name="Lead", code=f"L{len(self.desk.ids('lead'))}", owner=owner.id)

    def give(self, giver: Actor, id: int, **values: Any) -> Any:
        return self.desk.change("lead", id, giver, **{"owner": self.ben.id, **values})


@pytest.fixture
def floor(make_workspace: MakeWorkspace) -> Floor:
    workspace = make_workspace("core", LEADS)
    return Floor(Desk(workspace), make_person(workspace, "Ana", "seller"), make_person(workspace, "Ben", "plain"))


def test_a_lead_goes_to_somebody_else(floor: Floor) -> None:
    lead = floor.lead(floor.ana)
    left = floor.give(floor.ana.actor, lead)
    assert (left.is_gone, left.json) == (True, {"id": lead, "version": 2})
    assert floor.desk.get("lead", lead)["owner"].id == floor.ben.id
    with pytest.raises(NotFound):
        floor.desk.get("lead", lead, floor.ana.actor)


def test_only_the_owner_may_change_with_it(floor: Floor) -> None:
    lead = floor.lead(floor.ana)
    with pytest.raises(Forbidden), floor.desk.unchanged():
        floor.give(floor.ana.actor, lead, region="North")
    floor.give(floor.ana.actor, lead, name="Lead")  # which it is called already


@pytest.mark.parametrize("role", ["plain", "narrow"])
def test_without_the_right_it_stays_within_reach(floor: Floor, role: str) -> None:
    cy = make_person(floor.desk.workspace, "Cy", role)
    with pytest.raises(Forbidden), floor.desk.unchanged():
        floor.give(cy.actor, floor.lead(cy))


def test_the_right_must_reach_the_record_before(floor: Floor) -> None:
    dan = make_person(floor.desk.workspace, "Dan", "reading")
    assert not floor.give(dan.actor, floor.lead(floor.ana)).is_gone  # within reach before and after: needs no more than update
    with pytest.raises(NotFound):
        floor.give(floor.ana.actor, floor.lead(floor.ben))


def test_many_at_once_and_by_import(floor: Floor, tmp_path: Path) -> None:
    leads = [floor.lead(floor.ana) for _ in range(3)]
    batch = Batch(update=[{"id": id, "owner": floor.ben.id} for id in leads[:2]])
    write = floor.desk.workspace.write
    assert [row.status for row in write(lambda work: save_many(work.records, work.connection, floor.ana.actor, "lead", batch, "all"))] == [200, 200]
    files = Files(floor.desk, tmp_path)
    columns = {"code": {"field": "code"}, "owner": {"field": "owner", "lookup": {"by": "name"}}}
    assert files.load("lead", "code,owner\nL2,Ben\n", floor.ana.actor, columns, match="code").updated == 1
    assert floor.desk.ids("lead", actor=floor.ana.actor) == []


def test_the_api_answers_what_is_left_and_the_form_leads_to_the_list(floor: Floor) -> None:
    app, leads = create_app(floor.desk.workspace), [floor.lead(floor.ana) for _ in range(2)]
    answer = Api(app, floor.ana.token).patch(f"/records/lead/{leads[0]}", json={"owner": floor.ben.id})
    assert (answer.status_code, answer.json) == (200, {"id": leads[0], "version": 2})
    visitor = Visitor(app, floor.desk.workspace, floor.ana)
    saved = visitor.post(f"/lead/{leads[1]}/edit", {"owner": str(floor.ben.id), "version": "1", "name": "Lead", "code": "L1"})
    assert (saved.status_code, saved.headers["Location"]) == (303, "/lead/")
    assert "where you do not see it" in words(visitor.get("/lead/"))


def test_explaining_tells_who_may_hand_over(floor: Floor) -> None:
    api, lead = Api(create_app(floor.desk.workspace), floor.ana.token), floor.lead(floor.ana)
    assert api.get(f"/records/lead/{lead}/access").json["assign"] is True
