"""Items 41 to 45 and 54: what a reader may not see answers on every road exactly as what does not exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.desk import Desk
from tests.tiny import TINY
from tests.web.conftest import Api, Person, contents, make_person
from tests.web.screens import Visitor

SECRET = "Zanzibar"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def app(make_workspace: Callable[..., Workspace]) -> Flask:
    """A thing that points at a vault its reader may not see, and at one through a lookup to several entities."""
    workspace = make_workspace("core", TINY)
    desk = Desk(workspace)
    desk.make("vault", name=SECRET, pin=SECRET)
    desk.make("thing", text="T", secret=1, polymorphic_lookup={"entity": "vault", "id": 1})
    desk.change("thing", 1, text="U")
    desk.change("vault", 1, pin=SECRET + "2")
    return create_app(workspace)


@pytest.fixture
def clerk(app: Flask) -> Person:
    return make_person(app.extensions["fieldsmith"].workspace, "Ben", "clerk", email="ben@example.com")


API = (
    ("get", "/records/{}", None),
    ("post", "/records/{}", {"name": "x"}),
    ("get", "/records/{}/1", None),
    ("patch", "/records/{}/1", {"name": "x"}),
    ("delete", "/records/{}/1", None),
    ("get", "/records/{}/1/history", None),
    ("get", "/records/{}/1/access", None),
    ("post", "/records/{}/1/actions/restore", None),
    ("put", "/records/{}/by/name/x", {"name": "x"}),
    ("post", "/records/{}/bulk", {"create": [{"name": "x"}]}),
    ("get", "/metadata/entity/{}", None),
)


def test_the_api_answers_as_for_what_is_not_there(app: Flask, clerk: Person) -> None:
    api, before = Api(app, clerk.token), contents(app.extensions["fieldsmith"].workspace)
    for method, path, body in API:
        hidden, missing = (getattr(api, method)(path.format(name), json=body) for name in ("vault", "vaulz"))
        assert hidden.status_code == missing.status_code == 404, path
        assert hidden.text.replace("vault", "vaulz") == missing.text, path
    assert contents(app.extensions["fieldsmith"].workspace) == before


def test_pages_answer_as_for_what_is_not_there(app: Flask, clerk: Person) -> None:
    visitor = Visitor(app, app.extensions["fieldsmith"].workspace, clerk)
    for path in ("/{}/", "/{}/1", "/{}/new", "/{}/1/edit", "/{}/1/history", "/{}/1/delete", "/{}/lookup?q=z", "/{}/1/files/1", "/{}/?deleted=1"):
        hidden, missing = (visitor.get(path.format(name)) for name in ("vault", "vaulz"))
        assert hidden.status_code == missing.status_code == 404, path
        assert hidden.text.replace("vault", "vaulz") == missing.text, path


def test_roads_through_a_lookup_answer_as_an_unknown_field(app: Flask, clerk: Person) -> None:
    api = Api(app, clerk.token)
    for part in ("columns", "sort"):
        for road in ("secret.pin", "secret.name", "secret.id", "owner.password_hash", "secret.pin__fold"):
            asked, unknown = (api.get(f"/records/thing?{part}={name}") for name in (road, road.rpartition(".")[0] + ".nothing"))
            assert asked.status_code == unknown.status_code == 400, road


def test_nothing_shown_says_what_is_hidden(app: Flask, clerk: Person) -> None:
    api = Api(app, clerk.token)
    for path in (
        "/records/thing",
        "/records/thing/1",
        "/records/thing/1/history",
        f"/search?q={SECRET}",
        "/openapi.json",
        "/metadata/entity",
        "/metadata/view",
    ):
        answer = api.get(path)
        assert answer.status_code == 200 and SECRET not in answer.text, path
    visitor = Visitor(app, app.extensions["fieldsmith"].workspace, clerk)
    for path in (
        "/",
        "/thing/",
        "/thing/1",
        "/thing/1/edit",
        "/thing/1/history",
        f"/search?q={SECRET[:4]}",
        "/thing/lookup?field=polymorphic_lookup",
        "/me",
        "/api/docs",
        "/help/expressions",
    ):
        answer = visitor.get(path)
        assert answer.status_code == 200 and SECRET not in answer.text, path


def test_the_hidden_entity_is_named_nowhere_in_descriptions(app: Flask, clerk: Person) -> None:
    api = Api(app, clerk.token)
    paths = api.get("/openapi.json").get_json()["paths"]
    assert not [path for path in paths if "vault" in path]
    assert "vault" not in {item["name"] for item in api.get("/metadata/entity").get_json()["items"]}


@pytest.mark.parametrize("value", [1, {"id": 1}, {"external_id": {"field": "name", "value": SECRET}}])
def test_a_hidden_record_cannot_be_pointed_at(app: Flask, clerk: Person, value: object) -> None:
    before = contents(app.extensions["fieldsmith"].workspace)
    answer = Api(app, clerk.token).post("/records/thing", json={"text": "x", "secret": value})
    assert answer.status_code == 422 and SECRET not in answer.get_json()["errors"][0]["message"].replace(f"“{SECRET}”", "")
    assert contents(app.extensions["fieldsmith"].workspace) == before
