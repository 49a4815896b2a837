"""Layouts on the screens: whom each is for, tabs, parts shown on a condition, texts, where the history goes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fieldsmith.base.context import Actor
from fieldsmith.web.app import create_app
from fieldsmith.web.screens_here import layout_of
from tests.conftest import MakeWorkspace
from tests.databases import SqliteTemplates
from tests.meta.samples import package
from tests.web.conftest import make_person
from tests.web.screens import Visitor

FIELDS = [{"name": name, "type": "text"} for name in ("name", "terms", "secret")] + [{"name": "size", "type": "integer"}]


def layout(name: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "entity": "deal", "label": name, "sections": [{"name": "main", "fields": ["name"]}], **keys}


TABBED = layout(
    "tabbed",
    record_types=["renewal"],
    tabs=[{"name": "facts"}, {"name": "papers", "label": "Paper work"}, {"name": "void"}],
    sections=[
        {"name": "main", "fields": ["name", "size"]},
        {"name": "closing", "fields": ["terms"], "tab": "papers", "visible": "size > 5"},
        {"name": "never", "fields": ["secret"], "tab": "void", "visible": "size > 1000"},
    ],
    related=[{"name": "notes", "entity": "memo", "field": "deal", "tab": "papers", "visible": "size > 5"}],
    components=[
        {"name": "hint", "component": "text", "label": "Mind", "text": "Ask for the terms.", "tab": "papers"},
        {"name": "small", "component": "text", "text": "A small one.", "visible": "size < 3"},
        {"name": "changes", "component": "history", "tab": "papers"},
    ],
)
DEALS = package(
    "deals",
    {
        "entity": [
            {"name": "deal", "fields": FIELDS},
            {"name": "memo", "fields": [{"name": "name", "type": "text"}, {"name": "deal", "type": "lookup", "to": "deal"}]},
        ],
        "record_type": [{"name": name, "entity": "deal"} for name in ("plain", "renewal", "big")],
        "role": [{"name": "seller", "entities": {"*": ["create", "read", "update"]}}, {"name": "boss"}],
        "layout": [
            layout("default"),
            TABBED,
            layout("for_sellers", roles=["seller", "boss"]),
            layout("big_for_sellers", record_types=["big"], roles=["seller"]),
            layout("for_big", record_types=["big"]),
            layout("unused", record_types=["big"], roles=["boss"], active=False),
        ],
    },
)


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """Which layout a page has, no database decides."""
    return sqlite_templates


@pytest.fixture
def deals(make_workspace: MakeWorkspace) -> Visitor:
    workspace = make_workspace("core", DEALS)
    return Visitor(create_app(workspace), workspace, make_person(workspace, "Ana", "administrator"))


BEST = [
    ("nobody in particular", (), "plain", "default"),
    ("a role", ("seller",), "plain", "for_sellers"),
    ("no type", ("boss",), None, "for_sellers"),
    ("a type", (), "big", "for_big"),
    ("a type counts for more than a role", ("boss",), "big", "for_big"),
    ("both", ("boss", "seller"), "big", "big_for_sellers"),
]


@pytest.mark.parametrize(("roles", "record_type", "expected"), [case[1:] for case in BEST], ids=[case[0] for case in BEST])
def test_the_layout_that_fits_best_is_taken(deals: Visitor, roles: tuple[str, ...], record_type: str | None, expected: str) -> None:
    model = deals.workspace.runtime().model
    assert layout_of(model, model.entities["deal"], Actor("user", 1, "Ben", roles), record_type).name == expected


def test_a_layout_for_everybody_comes_before_the_default(deals: Visitor, make_workspace: MakeWorkspace) -> None:
    shop = package("deals_all", {"entity": [{"name": "deal", "fields": FIELDS}], "layout": [layout("default"), layout("all")]})
    model = make_workspace("core", shop).runtime().model
    assert layout_of(model, model.entities["deal"], Actor("user", 1, "Ben"), None).name == "all"


def tabs(page: str) -> list[str]:
    return re.findall(r'data-tab="(\w+)"', page)


def front(page: str) -> list[str]:
    return re.findall(r'data-panel="(\w+)"(?! hidden)>', page)


def test_the_record_page_has_the_tabs_that_show_something(deals: Visitor) -> None:
    page = deals.get(f"/deal/{deals.make('deal', name='A', record_type='renewal', size=9, terms='net 30')}").text
    assert (tabs(page), front(page)) == (["facts", "papers"], ["facts"])
    assert page.index('data-panel="papers" hidden') < page.index("Ask for the terms.") < page.index("net 30") < page.index('id="related-notes"')
    assert "record-side" not in page and page.index('id="related-notes"') < page.index('class="timeline"')


def test_the_address_says_which_tab_is_in_front(deals: Visitor) -> None:
    id = deals.make("deal", name="A", record_type="renewal", size=9)
    assert front(deals.get(f"/deal/{id}?tab=papers").text) == ["papers"]
    assert front(deals.get(f"/deal/{id}?tab=void").text) == ["facts"]


def test_parts_are_shown_on_their_condition(deals: Visitor) -> None:
    page = deals.get(f"/deal/{deals.make('deal', name='A', record_type='renewal', size=2, terms='net 30')}").text
    assert ("net 30" in page.partition('class="timeline"')[0], 'id="related-notes"' in page, "A small one." in page) == (False, False, True)


def test_another_type_has_another_page(deals: Visitor) -> None:
    page = deals.get(f"/deal/{deals.make('deal', name='A', record_type='plain', terms='net 30')}").text
    assert (tabs(page), "record-side" in page, "net 30" in page.partition("record-side")[0]) == ([], True, True)


def section(page: str, legend: str) -> str:
    """The opening tag of the form's section."""
    found = re.search(rf'<fieldset class="form-section"([^>]*)>\s*<legend>{legend}</legend>', page)
    assert found is not None, legend
    return found[1]


def test_the_form_has_the_tabs_and_hides_what_is_not_to_be_shown(deals: Visitor) -> None:
    page = deals.get("/deal/new?record_type=renewal&size=2").text
    assert (tabs(page), front(page)) == (["facts", "papers", "void"], ["facts"])
    assert (section(page, "Main"), section(page, "Closing").strip()) == ("", "hidden")
    assert 'data-field="terms" hidden disabled' in page
    assert 'data-follow="/deal/form"' in page and 'data-watch="size"' in page


def test_a_form_follows_the_conditions_while_one_types(deals: Visitor) -> None:
    answer = deals.post("/deal/form", {"record_type": "renewal", "name": "A", "size": "9"}).get_json()
    assert (answer["fields"]["terms"]["visible"], answer["fields"]["secret"]["visible"], answer["parts"]) == (True, False, {"components/small": False})


def test_a_tab_with_something_wrong_comes_to_the_front(deals: Visitor) -> None:
    sent = {"record_type": "renewal", "name": "A", "size": "9", "terms": "x" * 300}
    page = deals.post("/deal/new", sent)
    assert (page.status_code, front(page.text), 'data-tab="papers" class="tab-wrong"' in page.text) == (422, ["papers"], True)


def test_what_a_layout_leaves_out_can_still_be_written_by_who_may(deals: Visitor) -> None:
    """A layout arranges, it does not protect: rules and rights do."""
    id = deals.make("deal", name="A", record_type="big")
    assert deals.post(f"/deal/{id}/edit", {"name": "B", "version": "1"}).status_code == 303
    page = deals.get(f"/deal/{id}").text
    assert "<h1>B</h1>" in page
