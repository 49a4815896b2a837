"""What holds for every address of the studio: administrators only, never without the form token, and no draft so faulty that a page breaks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from fieldsmith.meta.validation import Validators
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import V1, Api, Person
from tests.web.screens import Visitor

NAMES = {
    **{"entity": ("crate",), "field": ("state",), "layout": ("big",), "view": ("all",), "rule": ("heavy", "shown"), "kind": ("app",)},
    **{"language": ("zh_Hans",), "value": ("full",)},
}
"""What stands in addresses, by what it is called in them."""
NAME = {"/studio/choices/": "crate_state", "/studio/navigation/": "rental", "/studio/entity/": "big", "/studio/packages/": "crm"}
ANYBODY = ("/studio/preview/leave", "/studio/access/leave")
"""Forgets a cookie of the browser, which is all it does."""
API = tuple(f"{V1}/{part}" for part in ("changesets", "packages", "revisions", "retypes", "retired", "metadata/entity/"))
FIELDS: list[Any] = [
    {"name": "name", "type": "text"},
    {"name": "state", "type": "choice", "choices": "crate_state"},
    {"name": "weight", "type": "decimal"},
]
SOUND: dict[tuple[str, str], dict[str, Any]] = {
    ("choices", "crate_state"): {"name": "crate_state", "values": [{"name": "full"}, {"name": "empty"}]},
    ("entity", "crate"): {"name": "crate", "fields": FIELDS},
    ("layout", "crate.big"): {"name": "big", "entity": "crate", "sections": [{"name": "main", "fields": ["name"]}]},
    ("view", "crate.all"): {"name": "all", "entity": "crate", "columns": ["name"]},
    ("rule", "crate.heavy"): {"name": "heavy", "entity": "crate", "type": "validation", "must": "weight > 0", "message": "No."},
    ("rule", "crate.shown"): {"name": "shown", "entity": "crate", "type": "field", "fields": ["weight"], "visible": "weight > 0"},
    ("record_type", "crate.big"): {"name": "big", "entity": "crate"},
    ("tab", "crate"): {"name": "crate", "entity": "crate"},
    ("app", "rental"): {"name": "rental", "tabs": ["crate"]},
    ("role", "keeper"): {"name": "keeper"},
    ("translation", "mine"): {"name": "mine", "language": "zh_Hans", "labels": {"entity/crate/label": "Kiste"}},
    ("import_map", "crates"): {"name": "crates", "entity": "crate", "columns": {"A": {"field": "name"}}},
}
WRONG: dict[str, dict[str, Any]] = {
    "wrong types inside": {
        "entity": {"label": [[]], "icon": {"a": 1}, "fields": [*FIELDS, 7, None, {"name": [], "type": "text"}, {"name": "odd", "type": {}}], "indexes": [7]},
        "choices": {"label": {"a": 1}, "values": [{"name": "full", "for": 7}, {"name": {"a": 1}}, None, "x"], "depends_on": []},
        "layout": {"sections": [{"name": "main", "columns": "x", "fields": [7, {}]}, 7], "related": [{"name": 7}], "components": [None], "roles": [7]},
        "view": {"columns": [{}, 7], "sort": [None], "filter": 7, "show": [], "group": {}, "sum": [], "default": "x"},
        "rule": {"must": 7, "fields": [{}], "message": [], "visible": {}, "label": 7},
        "record_type": {"label": 7, "choices": {"state": 7}, "default": [], "help": {}},
        **{"tab": {"view": [], "icon": 7}, "app": {"tabs": [{}], "roles": [[]], "order": None, "label": 7}, "role": {"label": [], "entities": {"crate": 7}}},
        **{"translation": {"labels": {"entity/crate/label": []}}, "import_map": {"columns": {"A": 7}}},
    },
    "lists that are none": {
        **{"entity": {"fields": None}, "choices": {"values": {"a": 1}}, "layout": {"sections": 7, "related": "x", "tabs": {}}, "view": {"columns": 7}},
        **{"rule": {"type": {}, "fields": 7}, "record_type": {"choices": [[]]}, "tab": {"entity": []}, "app": {"tabs": 7}, "role": {"entities": [7]}},
        **{"translation": {"labels": 7, "language": 7}, "import_map": {"columns": "x", "entity": []}},
    },
    "names of nothing": {
        "entity": {"fields": [*FIELDS[:1], {"name": "state", "type": "choice", "choices": "gone", "depends_on": "gone"}], "name_field": "gone", "zzz": 1},
        **{"choices": {"depends_on": "gone", "values": [{"name": "full", "for": ["gone"]}]}, "tab": {"entity": "gone", "view": "gone"}},
        "layout": {"sections": [{"name": "main", "fields": ["gone"], "tab": "gone", "visible": "gone > ("}], "related": [{"name": "r", "entity": "gone"}]},
        **{"view": {"columns": ["gone", "gone.gone"], "filter": "gone >", "show": "board", "group": "gone"}, "rule": {"must": "gone(", "fields": ["gone"]}},
        **{"record_type": {"choices": {"gone": ["gone"]}}, "app": {"tabs": ["gone"], "roles": ["gone"]}, "role": {"entities": {"gone": ["gone"]}}},
        **{"translation": {"labels": {"entity/gone/label": "x"}}, "import_map": {"entity": "gone"}},
    },
}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def addresses(app: Flask, method: str, *prefixes: str) -> list[str]:
    """Every address below `prefixes` that takes `method`, with every combination of names."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(prefixes) and method in (rule.methods or ())]
    assert rules
    return [address for rule in rules for address in _filled(app, rule)]


def _filled(app: Flask, rule: Rule) -> Iterator[str]:
    name = next((name for prefix, name in NAME.items() if rule.rule.startswith(prefix)), "x")
    keys = sorted(rule.arguments)
    for values in itertools.product(*((name,) if key == "name" else NAMES.get(key, (1,)) for key in keys)):
        yield app.url_map.bind("localhost").build(rule.endpoint, dict(zip(keys, values, strict=True)))


def test_only_administrators_come_in(app: Flask, workspace: Workspace, clerk: Person) -> None:
    visitor = Visitor(app, workspace, clerk)
    for address in addresses(app, "GET", "/studio"):
        assert visitor.client.get(address, follow_redirects=True).status_code == 403, address
    for address in addresses(app, "POST", "/studio"):
        assert address in ANYBODY or visitor.post(address, {}).status_code == 403, address


def test_only_administrators_shape_by_api(app: Flask, clerk_api: Api) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        for address in addresses(app, method, *API):
            answer = getattr(clerk_api, method.lower())(address.removeprefix(V1), **({} if method == "GET" else {"json": {}}))
            assert answer.status_code in (403, 422), (method, address)  # 422: what was sent makes no sense whoever sent it


def test_nothing_is_posted_without_the_token(app: Flask, workspace: Workspace, admin: Person) -> None:
    visitor = Visitor(app, workspace, admin)
    for address in addresses(app, "POST", "/studio"):
        assert visitor.client.post(address).status_code == 403, address


def faulty(workspace: Workspace, admin: Person, faults: dict[str, dict[str, Any]]) -> int:
    """A draft with every kind of document, each wrong."""
    sets = workspace.changesets
    id = sets.open(admin.actor, "Faulty")
    for (kind, name), document in SOUND.items():
        sets.put(admin.actor, id, kind, name, {**document, **faults[kind]})
    assert len(sets.check(admin.actor, id).problems) > 5
    return id


@pytest.mark.parametrize("faults", ["wrong types inside", "names of nothing"])
def test_no_draft_breaks_a_page(app: Flask, workspace: Workspace, admin: Person, faults: str) -> None:
    visitor = Visitor(app, workspace, admin)
    faulty(workspace, admin, WRONG[faults])
    for address in addresses(app, "GET", "/studio/drafts", "/studio/entit", "/studio/choices", "/studio/navigation", "/studio/translations", "/studio/company"):
        assert visitor.get(address).status_code < 500, address


def test_screens_get_documents_of_the_right_shape(workspace: Workspace, admin: Person) -> None:
    bench = workspace.changesets.look(admin.actor, faulty(workspace, admin, WRONG["lists that are none"]))
    shapes = Validators.load(bench.model.types)
    assert [key for key, document in bench.documents.items() if [*shapes.misshapen(key[0], document.body)]] == []
    assert bench.documents["entity", "crate"].body["fields"] == [] and ("rule", "crate.heavy") not in bench.documents
