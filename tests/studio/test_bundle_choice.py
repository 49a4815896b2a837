"""What a chosen set of the workspace's own layer brings along, and what it leaves."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from tests.databases import SqliteTemplates
from tests.studio.conftest import Studio

LAYOUT: dict[str, Any] = {"name": "default", "entity": "crate", "sections": [{"name": "main", "fields": ["name", "weight"]}]}
PALLET: dict[str, Any] = {
    "name": "pallet",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "crate", "type": "lookup", "to": "crate"},
        {"name": "kind", "type": "choice", "choices": "pallet_kind"},
    ],
}
WORDS: dict[str, Any] = {
    "name": "words",
    "language": "zh_Hans",
    "labels": {"entity/crate/label": "箱", "entity/pallet/label": "托盘", "entity/box/fields/load/label": "载"},
}
LOAD = {"op": "add", "path": "/fields/load", "value": {"type": "rollup", "expression": "SUM(crates.weight)"}}
SPARE = {"op": "add", "path": "/fields/spare", "value": {"type": "text"}}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """Nothing here is asked of a database."""
    return sqlite_templates


@pytest.fixture
def shop(studio: Studio) -> Studio:
    studio.change(
        ("put", "layout", "crate.default", LAYOUT),
        ("put", "choices", "pallet_kind", {"name": "pallet_kind", "values": [{"name": "wood"}]}),
        ("put", "entity", "pallet", PALLET),
        ("put", "tab", "crates", {"name": "crates", "entity": "crate", "view": "all"}),
        ("put", "translation", "words", WORDS),
        ("entity", "box", LOAD, SPARE),
    )
    return studio


def chosen(studio: Studio, *only: str) -> tuple[list[str], list[str]]:
    found = studio.desk.workspace.upgrades.export(OPERATOR, "custom", only)
    return [item.path for item in found.brought], list(found.left)


def test_an_entity_brings_what_belongs_to_it_and_what_it_mentions(shop: Studio) -> None:
    brought, left = chosen(shop, "entity/crate")
    assert brought == ["entity/crate", "layout/crate.default", "view/crate.all", "choices/crate_state", "translation/words"]
    assert left == ["entity/box/fields/load", "entity/pallet", "tab/crates"]


def test_an_entity_looked_up_comes_without_its_screens(shop: Studio) -> None:
    assert chosen(shop, "entity/pallet")[0] == ["entity/pallet", "entity/crate", "choices/pallet_kind", "choices/crate_state", "translation/words"]


def test_one_field_of_a_packages_entity_can_be_chosen(shop: Studio) -> None:
    found = shop.desk.workspace.upgrades.export(OPERATOR, "custom", ["entity/box/fields/load"])
    bodies = {(item.kind, item.name): item.body for item in found.layer.documents}
    assert bodies["entity", "box"]["operations"] == [LOAD]
    assert bodies["translation", "words"]["labels"] == {"entity/crate/label": "箱", "entity/box/fields/load/label": "载"}
    assert (found.layer.part, found.requires) == (True, ("tiny",))


def test_everything_says_why_it_came(shop: Studio) -> None:
    found = shop.desk.workspace.upgrades.export(OPERATOR, "custom", ["tab/crates"])
    assert {item.path: str(item.why) for item in found.brought}["view/crate.all"] == "tab/crates uses it"


def test_a_part_can_become_a_package_of_its_own(shop: Studio) -> None:
    layer = shop.desk.workspace.upgrades.export(OPERATOR, "custom", ["entity/crate"], "crates").layer
    assert (layer.name, layer.part, layer.requires) == ("crates", False, ("tiny",))
    assert layer.documents[0].body == {"format": 1, "name": "crates", "version": "1.0.0", "requires": ["tiny"]}


@pytest.mark.parametrize(
    ("name", "only", "as_", "code"),
    [("custom", ["entity/crte"], None, "unknown_item"), ("tyni", [], None, "unknown_package"), ("custom", ["entity/crate"], "tiny", "bad_name")],
)
def test_what_is_not_there_cannot_be_exported(shop: Studio, name: str, only: list[str], as_: str | None, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        shop.desk.workspace.upgrades.export(OPERATOR, name, only, as_)
    assert caught.value.problems[0].code == code and caught.value.problems[0].hint is not None
