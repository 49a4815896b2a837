"""Another workspace's layer put into a draft: the draft, published, says what the layer says."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.meta.layers import Layer, layer_of
from fieldsmith.studio.upgrade_drafting import Unsettled, load_into
from fieldsmith.studio.upgrade_settling import Settlement
from tests.conftest import MakeWorkspace
from tests.databases import SqliteTemplates
from tests.desk import Desk
from tests.studio.conftest import CRATE, STATES, VIEW, Studio
from tests.studio.test_upgrade import label, upgrades
from tests.tiny import TINY

SPARE = {"op": "add", "path": "/fields/spare", "value": {"type": "text"}}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """Drafts are published in test_changesets on both."""
    return sqlite_templates


@pytest.fixture
def other(make_workspace: MakeWorkspace) -> Studio:
    """Where the layer comes from; it began with the same three documents."""
    made = Studio(Desk(make_workspace("core", TINY)))
    made.change(("put", "choices", "crate_state", STATES), ("put", "entity", "crate", CRATE), ("put", "view", "crate.all", VIEW))
    return made


def custom(studio: Studio) -> Layer:
    return upgrades(studio).export(OPERATOR, "custom").layer


def load(studio: Studio, layer: Layer, settlement: Settlement | None = None) -> None:
    id = studio.sets.open(OPERATOR, "load")
    load_into(studio.sets, upgrades(studio), OPERATOR, id, layer, settlement)
    studio.publish(id)


def said(studio: Studio) -> dict[tuple[str, str], Any]:
    return {(item.kind, item.name): item.body for item in custom(studio).documents}


def test_a_draft_takes_over_everything_the_other_workspace_did(studio: Studio, other: Studio) -> None:
    upgrades(studio).publish(OPERATOR, [custom(other)], "begin")
    other.change(
        ("entity", "crate", {"op": "rename", "path": "/fields/weight", "value": "mass"}),
        ("entity", "box", label("Cases"), SPARE),
        ("entity", "vault", {"op": "hide", "path": "/fields/pin"}),
    )
    load(studio, custom(other))
    assert said(studio) == said(other)
    other.change(("entity", "box", {"op": "remove", "path": "/fields/spare"}), ("retire", "view", "crate.all"), ("entity", "crate", label("Boxes of wood")))
    upgrades(studio).publish(OPERATOR, [custom(other)], "catch up")
    assert said(studio) == said(other)


def test_a_clash_is_settled_before_it_goes_into_a_draft(studio: Studio, other: Studio) -> None:
    studio.change(("entity", "box", label("Cases")))
    other.change(("entity", "box", label("Vats")))
    with pytest.raises(Unsettled) as caught:
        load(studio, custom(other))
    assert [clash.path for clash in caught.value.clashes] == ["entity/box/plural"]
    load(studio, custom(other), Settlement("take"))
    assert said(studio)["entity", "box"]["operations"] == [{**label("Vats"), "base": "Boxes"}]


def test_a_package_that_is_not_installed_becomes_the_workspaces_own(studio: Studio) -> None:
    rows: list[tuple[str, str, Any]] = [
        ("package", "more", {"format": 1, "name": "more", "version": "1.0.0", "requires": ["tiny"]}),
        ("entity", "barrel", {"name": "barrel", "fields": [{"name": "name", "type": "text"}]}),
        ("entity", "box", {"extends": "box", "operations": [SPARE]}),
    ]
    load(studio, layer_of("more", rows))
    assert said(studio)["entity", "box"]["operations"] == [SPARE] and ("entity", "barrel") in said(studio)
    assert ("view", "crate.all") in said(studio)
