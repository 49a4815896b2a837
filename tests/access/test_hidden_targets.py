"""Lookups to several entities, for somebody to whom one of these is not there: no page and no answer names it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask

from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.conftest import MakeWorkspace
from tests.tiny import TINY
from tests.web.conftest import Api, make_person
from tests.web.screens import Visitor

FIELD = "polymorphic_lookup"


@dataclass(frozen=True)
class Clerk:
    """Somebody who knows boxes and no vaults; thing `boxed` points at box 1, `locked` at vault 1."""

    api: Api
    visitor: Visitor
    boxed: int
    locked: int


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace("core", TINY)


@pytest.fixture
def app(workspace: Workspace) -> Flask:
    return create_app(workspace)


@pytest.fixture
def clerk(workspace: Workspace, app: Flask) -> Clerk:
    ben = make_person(workspace, "Ben", "clerk")
    visitor = Visitor(app, workspace, ben)
    box, vault = visitor.make("box", name="Crate"), visitor.make("vault", name="Gold")
    boxed, locked = (visitor.make("thing", text="A thing", **{FIELD: {"entity": entity, "id": id}}) for entity, id in (("box", box), ("vault", vault)))
    return Clerk(Api(app, ben.token), visitor, boxed, locked)


PAGES = (
    *("/thing/", "/thing/?columns=text,polymorphic_lookup", "/thing/{id}", "/thing/{id}/edit", "/thing/{id}/history", "/thing/new"),
    *("/thing/lookup?field=polymorphic_lookup&q=", "/api/v1/openapi.json", "/api/docs/thing", "/api/v1/metadata/entity", "/api/v1/records/thing"),
    *("/api/v1/records/thing/{id}", "/api/v1/records/thing/{id}/history", "/api/v1/records/thing/{id}/timeline", "/thing/filter"),
)


def test_no_page_names_the_entity(clerk: Clerk) -> None:
    for page in PAGES:
        answer = clerk.visitor.get(page.format(id=clerk.locked))
        assert answer.status_code == 200, page
        assert "vault" not in answer.text.lower(), page
        assert "Gold" not in answer.text, page


def test_its_value_is_shown_as_that_of_a_hidden_record(clerk: Clerk) -> None:
    assert clerk.api.get(f"/records/thing/{clerk.locked}").json[FIELD] == {"entity": None, "id": 1, "label": None}
    assert clerk.api.get(f"/records/thing/{clerk.boxed}").json[FIELD] == {"entity": "box", "id": 1, "label": "Crate"}
    [made] = clerk.api.get(f"/records/thing/{clerk.locked}/history").json["items"]
    [change] = [item for item in made["changes"] if item["field"] == FIELD]
    assert change["new"] == {"entity": None, "id": 1, "label": None}


def test_what_was_read_may_be_sent_back_and_stays(clerk: Clerk) -> None:
    record = f"/records/thing/{clerk.locked}"
    answer = clerk.api.patch(record, json={FIELD: clerk.api.get(record).json[FIELD], "text": "anew"})
    assert answer.status_code == 200, answer.text
    assert clerk.visitor.values("thing", clerk.locked)[FIELD].entity == "vault"
    form = {"text": "again", "version": answer.json["version"], FIELD: ":1"}
    assert clerk.visitor.post(f"/thing/{clerk.locked}/edit", form).status_code == 303
    assert clerk.visitor.values("thing", clerk.locked)[FIELD].entity == "vault"
    assert clerk.api.patch(record, json={FIELD: {"entity": None, "id": 2}}).status_code == 422


def test_writing_it_answers_as_for_an_entity_that_is_not_there(clerk: Clerk) -> None:
    def answer(name: str) -> tuple[int, str]:
        found = clerk.api.post("/records/thing", json={"text": "x", FIELD: {"entity": name, "id": 1}})
        return found.status_code, found.text.replace(name, "~")

    assert answer("vault") == answer("wault")


@pytest.mark.parametrize("engine", ["python", "sql"])
def test_expressions_see_that_there_is_something_but_not_of_which_entity(clerk: Clerk, engine: str) -> None:
    def value(expression: str, id: int) -> object:
        body = {"entity": "thing", "expression": expression, "id": id, "engine": engine}
        return clerk.api.post("/expressions/evaluate", json=body).json["value"]

    assert [value(f"TYPE({FIELD})", id) for id in (clerk.boxed, clerk.locked)] == ["box", None]
    assert value(f"ISBLANK({FIELD})", clerk.locked) is False
    assert value(FIELD, clerk.locked) == {"entity": None, "id": 1}
    assert clerk.api.get(f'/records/thing?filter=TYPE({FIELD})="vault"').json["items"] == []


def test_complaints_about_expressions_do_not_name_it(clerk: Clerk) -> None:
    found = clerk.api.post("/expressions/check", json={"entity": "thing", "expression": f"COALESCE({FIELD}, kin)"})
    assert found.json["problems"]
    assert "vault" not in found.text
