"""“Show” beside a masked value: for who has the right “reveal” on the record, one value at a time, audited, and on no other road."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from fieldsmith.identity import throttle
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import package
from tests.unchanged import watch
from tests.web.conftest import Api, Person, make_person
from tests.web.screens import Visitor, words

ALL = {"read": "all", "update": "all", "export": "all", "history": "all"}
CLIENT: dict[str, Any] = {
    "name": "client",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "salary", "type": "decimal"},
        {"name": "iban", "type": "text"},
        {"name": "friend", "type": "lookup", "to": "client"},
        {"name": "secret", "type": "text"},
        {"name": "pet", "type": "lookup", "to": "pet"},
    ],
}
PET: dict[str, Any] = {"name": "pet", "fields": [{"name": "name", "type": "text"}]}
MASKED = {"client": {"salary": "masked", "iban": "masked", "friend": "masked", "pet": "masked", "secret": "none"}}
ROLES: list[dict[str, Any]] = [
    {"name": "asking", "entities": {"client": ALL | {"reveal": "own"}, "user": {"read": "all"}}, "field_rights": MASKED},
    {"name": "masked", "entities": {"client": ALL}, "field_rights": MASKED},
    {"name": "capped", "entities": {"client": ALL | {"reveal": "all"}}, "restrict": {"client": {"fields": {"iban": "masked"}}}},
]
CLIENTS = package("clients", {"entity": [CLIENT, PET], "role": ROLES}, requires=["core"])


@dataclass(frozen=True)
class Bank:
    """Eve may see behind the masks of her own clients: `mine`, not `other`."""

    workspace: Workspace
    app: Flask
    eve: Person
    mine: int
    other: int

    def ask(self, field: object, id: int | None = None, person: Person | None = None) -> Any:
        return Api(self.app, (person or self.eve).token).post(f"/records/client/{id or self.mine}/actions/reveal", json={"field": field})

    def audited(self) -> list[tuple[Any, ...]]:
        with self.workspace.read() as work:
            rows = work.connection.exec_driver_sql("SELECT actor_id, entity, record, detail FROM fs_audit WHERE event = 'masked.revealed' ORDER BY id").all()
        return [tuple(row) for row in rows]


@pytest.fixture
def bank(make_workspace: MakeWorkspace) -> Bank:
    workspace = make_workspace("core", CLIENTS)
    app, desk = create_app(workspace), Desk(workspace)
    watch(app, workspace)
    eve = make_person(workspace, "Eve", "asking")
    friend, pet = desk.make("client", name="Friend"), desk.make("pet", name="Rex")
    values: dict[str, Any] = {"salary": "1234.50", "iban": "DE0099887766", "friend": friend, "pet": pet, "secret": "hush"}
    more_of: list[dict[str, Any]] = [{"owner": eve.id}, {}]
    ids = [desk.make("client", name="Acme", **values, **more) for more in more_of]
    return Bank(workspace, app, eve, *ids)


def test_one_value_is_answered_and_noted(bank: Bank) -> None:
    answer = bank.ask("salary")
    assert (answer.status_code, answer.json) == (200, {"field": "salary", "value": "1234.50"})
    assert "no-store" in answer.headers["Cache-Control"]
    assert bank.audited() == [(bank.eve.id, "client", bank.mine, '{"field": "salary"}')]
    assert bank.ask("iban").json["value"] == "DE0099887766"
    assert bank.ask("friend").json["value"]["label"] == "Friend"
    assert bank.ask("pet").json["value"] == {"id": 1, "label": None}, "what a lookup leads to stays hidden"


def test_the_record_is_still_masked_everywhere(bank: Bank) -> None:
    bank.ask("iban")
    api = Api(bank.app, bank.eve.token)
    pages = ("/records/client", f"/records/client/{bank.mine}", f"/records/client/{bank.mine}/history", "/search?q=DE0099887766")
    assert not [page for page in pages if "DE00" in api.get(page).text or "1234.5" in api.get(page).text]


@pytest.mark.parametrize(
    ("field", "id", "status"),
    [("iban", "other", 403), ("name", "mine", 422), ("secret", "mine", 422), ("nothing", "mine", 422), (None, "mine", 422), (["iban"], "mine", 422)],
)
def test_what_is_not_to_be_shown_is_refused_and_not_noted(bank: Bank, field: object, id: str, status: int) -> None:
    answer = bank.ask(field, getattr(bank, id))
    assert answer.status_code == status
    assert "DE00" not in answer.text and bank.audited() == []


def test_a_hidden_field_answers_like_one_that_is_not_there(bank: Bank) -> None:
    assert bank.ask("secret").text.replace("secret", "~") == bank.ask("sebret").text.replace("sebret", "~")


@pytest.mark.parametrize("role", ["masked", "capped"])
def test_without_the_right_or_against_a_restriction_it_stays_masked(bank: Bank, role: str) -> None:
    assert bank.ask("iban", person=make_person(bank.workspace, "Cy", role)).status_code == 403


def test_so_many_and_no_more(bank: Bank) -> None:
    for _ in range(throttle.REVEALS):
        assert bank.workspace.write(lambda work: work.records.revealing.wait(bank.eve.actor)) == 0
    answer = bank.ask("iban")
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert bank.audited() == []


def test_the_record_page_offers_it_where_it_may_be_had(bank: Bank) -> None:
    eve = Visitor(bank.app, bank.workspace, bank.eve)
    page = eve.get(f"/client/{bank.mine}").text
    assert ('name="field" value="iban"' in page, 'value="secret"' in page) == (True, False)
    assert 'name="field"' not in eve.get(f"/client/{bank.other}").text
    assert 'name="field"' not in eve.get("/client/").text
    assert "DE0099887766" in words(eve.post(f"/client/{bank.mine}/reveal", {"field": "iban"}))
    part = eve.client.post(f"/client/{bank.mine}/reveal", data={"csrf_token": eve.token, "field": "salary"}, headers={"HX-Request": "true"})
    assert ("1,234.50" in part.text, "<html" in part.text, part.headers["Cache-Control"]) == (True, False, "no-store")
    assert [row[3] for row in bank.audited()] == ['{"field": "iban"}', '{"field": "salary"}']
    refused = eve.post(f"/client/{bank.other}/reveal", {"field": "iban"})
    assert (refused.status_code, refused.headers["Location"]) == (303, f"/client/{bank.other}")
    assert "behind the mask" in words(eve.get(f"/client/{bank.other}"))


def test_who_views_as_somebody_is_shown_nothing(bank: Bank) -> None:
    ana = Visitor(bank.app, bank.workspace, make_person(bank.workspace, "Ana", "administrator"))
    ana.post("/studio/access/view", {"user": str(bank.eve.id), "password": "correct horse battery"})
    page = ana.get(f"/client/{bank.mine}").text
    assert "••••" in page and 'name="field"' not in page
    answer = ana.post(f"/client/{bank.mine}/reveal", {"field": "iban"})
    assert answer.status_code == 403 and "DE00" not in answer.text
    assert bank.audited() == []
