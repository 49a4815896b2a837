"""Packages as screens: what was changed of each, out as a ZIP, in by an upload that is looked at, settled and published or drafted."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from fieldsmith.base.context import OPERATOR
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.packages import read_package, shipped_packages
from fieldsmith.studio.bundle import bundle_json, layer_from
from fieldsmith.studio.upgrade_settling import Settlement
from fieldsmith.workspace import Workspace
from tests.conftest import MakeWorkspace
from tests.databases import SqliteTemplates
from tests.rental import OWN, WEBSITE
from tests.web.conftest import Person
from tests.web.screens import Visitor, words


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """tests/studio runs on both databases."""
    return sqlite_templates


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace("core", "crm", OWN)


def newer(workspace: Workspace, website: str = "Web site") -> dict[str, Any]:
    """The shipped `crm` 1.1.0, with another label where this workspace has one of its own."""
    found = bundle_json(read_package(shipped_packages()["crm"]), workspace.publishing.validators.schemas, workspace.types)
    account = next(item["body"] for item in found["documents"] if (item["kind"], item["name"]) == ("entity", "account"))
    next(field for field in account["fields"] if field["name"] == "website")["label"] = website
    del found["sum"]
    return {**found, "package": {**found["package"], "version": "1.1.0"}}


def upload(visitor: Visitor, content: Any, name: str = "package.json") -> TestResponse:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return visitor.post("/studio/packages/upload", {"package": (io.BytesIO(raw), name)})


def hash_of(page: TestResponse) -> str:
    found = re.search(r'name="hash" value="([0-9a-f]+)"', page.text)
    assert found is not None
    return found[1]


def test_packages_are_listed_with_what_was_changed_here(visitor: Visitor) -> None:
    page = words(visitor.get("/studio/packages/"))
    assert "This workspace" in page and "Made here: 7 Changes: 8" in page and "CRM crm 1.0.0 · needs core Changes here: 7" in page


def test_a_change_is_reset_to_base_in_the_draft(visitor: Visitor, workspace: Workspace) -> None:
    assert "Changed Field “Home page” · Label" in words(visitor.get("/studio/packages/crm/"))
    visitor.post("/studio/packages/crm/reset", {"kind": "entity", "name": "account", "path": WEBSITE["path"]})
    assert "Reset in your draft" in words(visitor.get("/studio/packages/crm/"))
    id = workspace.changesets.listed(OPERATOR)[0].id
    workspace.changesets.publish(OPERATOR, id, workspace.changesets.plan(OPERATOR, id).hash)
    assert "Home page" not in visitor.get("/studio/packages/crm/").text


def test_what_is_chosen_brings_what_it_needs(visitor: Visitor) -> None:
    page = words(visitor.get("/studio/packages/custom/export?only=entity/rental"))
    assert "Pick list “Rental state” Entity “Rental” uses it" in page
    archive = zipfile.ZipFile(io.BytesIO(visitor.get("/studio/packages/custom/download?only=entity/rental&as=rentals").data))
    names = ("choices/rental_state", "entity/rental", "layout/rental.default", "rule/rental.short", "translation/own", "view/rental.all")
    assert sorted(archive.namelist()) == sorted(f"rentals/{name}" for name in (*(f"{name}.json" for name in names), "package.json", "package.sum"))
    assert "There is no package" in visitor.get("/studio/packages/nothing/export").text
    assert visitor.get("/studio/packages/custom/export?only=entity/nothing").status_code == 422


def test_an_upgrade_is_settled_and_published(visitor: Visitor, workspace: Workspace) -> None:
    address = upload(visitor, newer(workspace)).location
    page = visitor.get(address)
    assert "Keep yours Home page Take theirs Web site" in words(page) and 'value="publish"' not in page.text
    sent = {"path.0": "entity/account/fields/website/label", "way.0": "edit", "value.0": "Address on the web"}
    settled = visitor.post(address, {**sent, "act": "plan"})
    assert "Package crm: version 1.0.0 becomes 1.1.0" in words(settled)
    assert visitor.post(address, {**sent, "act": "publish", "hash": hash_of(page)}).status_code == 409
    assert visitor.post(address, {**sent, "act": "publish", "hash": hash_of(settled)}).location == "/studio/packages/"
    model = workspace.runtime().model
    assert (model.packages["crm"].version, str(model.entities["account"].fields["website"].label)) == ("1.1.0", "Address on the web")
    assert visitor.get(address).status_code == 404


def test_what_waits_after_an_upgrade_is_settled_on_the_packages_page(visitor: Visitor, workspace: Workspace) -> None:
    workspace.upgrades.publish(OPERATOR, [layer_from(newer(workspace))], "upgrade", Settlement(later=True))
    assert "To settle: 1" in visitor.get("/studio/packages/").text
    visitor.post("/studio/packages/crm/settle", {"path.0": "entity/account/fields/website/label", "way.0": "take"})
    assert str(workspace.runtime().model.entities["account"].fields["website"].label) == "Web site"
    assert "To settle" not in visitor.get("/studio/packages/").text


def test_a_download_goes_into_a_draft_elsewhere(visitor: Visitor, workspace: Workspace) -> None:
    content = visitor.get("/studio/packages/custom/download").data
    workspace.publish(OPERATOR, [Layer("custom", "", ())], "clear")
    address = upload(visitor, content, "custom.zip").location
    assert visitor.post(address, {"act": "draft"}).location.startswith("/studio/drafts/")
    assert "rental" not in workspace.runtime().model.entities
    id = workspace.changesets.listed(OPERATOR)[0].id
    workspace.changesets.publish(OPERATOR, id, workspace.changesets.plan(OPERATOR, id).hash)
    assert "Nothing: everything in it is here already." in visitor.get(upload(visitor, content).location).text


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04", b'{"format": 2}', b"[]"], ids=["empty", "text", "zip", "newer", "list"])
def test_what_is_no_package_is_refused_on_the_spot(visitor: Visitor, content: bytes) -> None:
    answer = upload(visitor, content)
    assert answer.status_code == 422 and 'role="alert"' in answer.text


def test_a_package_with_problems_shows_them(visitor: Visitor) -> None:
    bad = {"format": 1, "package": {"format": 1, "name": "bad", "version": "1.0.0"}, "documents": [{"kind": "entity", "name": "a", "body": {"name": "a"}}]}
    address = upload(visitor, bad).location
    assert "fields" in words(visitor.get(address)) and 'value="publish"' not in visitor.get(address).text
    assert visitor.post(address, {"act": "publish", "hash": "x"}).status_code == 422
    assert visitor.post(address, {"act": "forget"}).location == "/studio/packages/" and visitor.get(address).status_code == 404


def test_only_administrators_see_packages(app: Flask, workspace: Workspace, clerk: Person) -> None:
    other = Visitor(app, workspace, clerk)
    for path in ("/studio/packages/", "/studio/packages/crm/", "/studio/packages/crm/download", "/studio/packages/uploads/1"):
        assert other.get(path).status_code == 403
    assert upload(other, {}).status_code == 403
