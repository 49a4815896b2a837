"""Layouts: whom they are for, tabs, conditions and components; what is wrong with them, what they mention, what has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fieldsmith.meta.diff import differences
from fieldsmith.meta.model import Model
from fieldsmith.meta.operations import apply_operations
from fieldsmith.meta.references import uses
from tests.meta.samples import custom, entity, package

DEAL = entity("deal", {"name": "stage", "type": "choice", "choices": "stages"}, {"name": "amount", "type": "integer"}, {"name": "terms", "type": "text"})
STAGES = {"name": "stages", "values": [{"name": "open"}, {"name": "won"}]}
RENEWAL = {"name": "renewal", "entity": "deal"}
SELLER = {"name": "seller"}
LAYOUT: dict[str, Any] = {
    "name": "sellers",
    "entity": "deal",
    "roles": ["seller"],
    "record_types": ["renewal"],
    "tabs": [{"name": "facts"}, {"name": "papers", "label": "Paper work"}],
    "sections": [
        {"name": "main", "fields": ["name", "amount"]},
        {"name": "closing", "label": "Closing", "fields": ["terms"], "tab": "papers", "visible": "stage = 'won'"},
    ],
    "components": [{"name": "hint", "component": "text", "text": "Ask for the terms.", "tab": "papers"}, {"name": "changes", "component": "history"}],
}
Build = Callable[..., Model]


def shop(**documents: Any) -> Any:
    return package("shop", {"entity": [DEAL], "choices": [STAGES], "record_type": [RENEWAL], "role": [SELLER], **documents})


def changed(**keys: Any) -> Any:
    return shop(layout=[{**LAYOUT, **keys}])


def test_a_layout_says_whom_it_is_for_and_where_everything_stands(model: Build) -> None:
    layout = model(shop(layout=[LAYOUT])).layouts["deal.sellers"]
    assert (layout.roles, layout.record_types, [tab.label.text for tab in layout.tabs]) == (("seller",), ("renewal",), ["Facts", "Paper work"])
    assert {place: (part.tab, part.visible) for place, part in layout.parts.items()} == {
        "sections/main": (None, ""),
        "sections/closing": ("papers", "stage = 'won'"),
        "components/hint": ("papers", ""),
        "components/changes": (None, ""),
    }


def test_tabs_and_texts_are_translated(model: Build) -> None:
    labels = {"layout/deal.sellers/tabs/facts/label": "资料", "layout/deal.sellers/components/hint/text": "问条款"}
    layout = model(shop(layout=[LAYOUT], translation=[{"name": "shop_zh", "language": "zh_Hans", "labels": labels}])).layouts["deal.sellers"]
    assert layout.tabs[0].label.translations == {"zh_Hans": "资料"}
    assert layout.components[0].text is not None
    assert layout.components[0].text.translations == {"zh_Hans": "问条款"}


def test_layouts_out_of_use_are_not_offered(model: Build) -> None:
    found = model(changed(active=False))
    assert [layout.name for layout in found.layouts_of["deal"]] == ["default"]


SECTION = {"name": "main", "fields": ["name"]}
BAD = [
    ("unknown role", {"roles": ["buyer"]}, ("unknown_role", "/roles/buyer")),
    ("unknown record type", {"record_types": ["fresh"]}, ("unknown_record_type", "/record_types/fresh")),
    ("unknown tab", {"sections": [{**SECTION, "tab": "facs"}]}, ("unknown_tab", "/sections/main/tab")),
    ("unknown field in a condition", {"sections": [{**SECTION, "visible": "amont > 1"}]}, ("unknown_field", "/sections/main/visible")),
    ("a condition that is no yes or no", {"sections": [{**SECTION, "visible": "amount"}]}, ("condition_expected", "/sections/main/visible")),
    ("a field twice", {"sections": [SECTION, {"name": "more", "fields": ["name"]}]}, ("placed_twice", "/sections/more/fields/name")),
    ("a text that says nothing", {"components": [{"name": "hint", "component": "text"}]}, ("missing_key", "/components/hint")),
    ("one name twice", {"tabs": [{"name": "papers"}, {"name": "papers"}]}, ("same_name", "/tabs/papers")),
    ("the default for some", {"name": "default"}, ("default_for_all", "/record_types")),
    ("no default", {"name": "default", "roles": [], "record_types": [], "active": False}, ("default_for_all", "/active")),
]


@pytest.mark.parametrize(("keys", "expected"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_wrong_is_told(problems: Callable[..., list[tuple[str, str]]], keys: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in problems(changed(**keys))


def test_conditions_and_readers_are_mentions(model: Build) -> None:
    graph = uses(model(shop(layout=[LAYOUT])))
    places = {
        use.pointer for target in ("entity/deal/fields/stage", "choices/stages/values/won", "role/seller") for use in graph[target] if use.kind == "layout"
    }
    assert places == {"/sections/closing/visible", "/roles/seller"}


CHANGES: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    (
        "moved to another section",
        [{"op": "hide", "path": "/sections/main/fields/amount"}, {"op": "add", "path": "/sections/closing/fields/amount"}],
        ["Layout deal.sellers: Amount goes to Closing"],
    ),
    ("taken off", [{"op": "hide", "path": "/sections/main/fields/amount"}], ["Layout deal.sellers: Amount is no longer shown"]),
    ("another order", [{"op": "move", "path": "/sections/main/fields/amount", "after": None}], ["Layout deal.sellers: another order of fields in Main"]),
    ("a new tab", [{"op": "add", "path": "/tabs/more", "value": {}}], ["Layout deal.sellers: new tab More"]),
    ("a component gone", [{"op": "hide", "path": "/components/hint"}], ["Layout deal.sellers: component Hint is gone"]),
    ("columns", [{"op": "change", "path": "/sections/main/columns", "value": 3}], ["Layout deal.sellers, section Main: columns – becomes 3"]),
    ("for whom", [{"op": "hide", "path": "/record_types/renewal"}], ["Layout deal.sellers: record_types become –"]),
]


@pytest.mark.parametrize(("operations", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_changes_are_told_in_words(model: Build, operations: list[dict[str, Any]], expected: list[str]) -> None:
    layer = custom({"layout": [{"extends": "deal.sellers", "operations": operations}]})
    found = differences(model(shop(layout=[LAYOUT])), model(shop(layout=[LAYOUT]), layer))
    assert [str(item.message) for item in found] == expected


def test_parts_of_a_layout_are_hidden_not_taken_away() -> None:
    body, _, problems = apply_operations("layout", LAYOUT, [{"op": "hide", "path": "/tabs/papers"}, {"op": "hide", "path": "/components/hint"}], "")
    assert (problems, body["tabs"][1]["hidden"], body["components"][0]["hidden"]) == ([], True, True)


def test_a_page_nobody_arranged_lists_what_looks_the_record_up(model: Build) -> None:
    lines = entity(
        "line",
        {"name": "deal", "type": "lookup", "to": "deal", "inverse": "lines"},
        {"name": "old_deal", "type": "lookup", "to": "deal", "inverse": "old_lines", "hidden": True},
        {"name": "spare", "type": "lookup", "to": "deal"},
    )
    found = model(shop(entity=[DEAL, lines])).layouts["deal.default"].related
    assert [(item.name, item.entity, item.field) for item in found] == [("lines", "line", "deal")]
    assert "deal" not in found[0].columns
