"""A newer version of a package: what was changed here stays, what clashes is settled by a person, what was renamed is followed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import BadInput, Forbidden
from fieldsmith.meta.layers import Layer, layer_of
from fieldsmith.studio.conflicts import Stale
from fieldsmith.studio.upgrade import Upgrade, Upgrades
from fieldsmith.studio.upgrade_settling import Settlement
from tests.databases import SqliteTemplates
from tests.studio.conftest import Studio
from tests.studio.test_removals import sound
from tests.tiny import TINY

Body = dict[str, Any]
KEEP, TAKE = Settlement("keep"), Settlement("take")


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """What becomes of data is asked of both databases in test_upgrade_databases.py."""
    return sqlite_templates


def newer(**changed: Callable[[Body], Any]) -> Layer:
    """The package `tiny` 2.0.0 with documents changed in place: `entity_box=lambda body: …`."""
    rows = []
    for item in TINY.documents:
        body = copy.deepcopy(dict(item.body))
        if item.kind == "package":
            body["version"] = "2.0.0"
        change = changed.get(f"{item.kind}_{item.name}".replace(".", "_"))
        if change is not None:
            change(body)
        rows.append((item.kind, str(body.get("name", item.name)) if item.kind == "entity" else item.name, body))
    return layer_of("tiny", rows)


def field(body: Body, name: str) -> Body:
    found: Body = next(item for item in body["fields"] if item["name"] == name)
    return found


def upgrades(studio: Studio) -> Upgrades:
    return studio.desk.workspace.upgrades


def plan(studio: Studio, layer: Layer, settlement: Settlement | None = None) -> Upgrade:
    return upgrades(studio).plan(OPERATOR, [layer], settlement)


def apply(studio: Studio, layer: Layer, settlement: Settlement | None = None) -> int:
    return upgrades(studio).publish(OPERATOR, [layer], "upgrade", settlement)


def clashes(upgrade: Upgrade) -> list[tuple[str, Any, Any, Any]]:
    return [(item.path, item.base, item.mine, item.theirs) for item in upgrade.clashes]


def body(studio: Studio, kind: str, name: str) -> Any:
    return studio.desk.workspace.runtime().model.documents[kind, name].body


def label(text: str) -> Body:
    return {"op": "change", "path": "/plural", "value": text}


def test_the_same_package_again_changes_nothing(studio: Studio) -> None:
    studio.change(("entity", "box", label("Cases")))
    before = studio.desk.workspace.runtime().model.revision
    found = plan(studio, TINY)
    assert (found.changes, found.operations, found.differences, found.clashes) == ((), (), (), ())
    assert apply(studio, TINY) == before


def test_a_property_changed_on_both_sides_is_settled_by_a_person(studio: Studio) -> None:
    studio.change(("entity", "box", label("Cases")))
    theirs = newer(entity_box=lambda body: body.update(plural="Containers"))
    assert clashes(plan(studio, theirs)) == [("entity/box/plural", "Boxes", "Cases", "Containers")]
    with pytest.raises(BadInput) as caught:
        apply(studio, theirs)
    assert [(problem.code, problem.document) for problem in caught.value.problems] == [("to_settle", "entity/box/plural")]


@pytest.mark.parametrize(
    ("settlement", "plural", "kept"),
    [
        (KEEP, "Cases", [{"op": "change", "path": "/plural", "value": "Cases", "base": "Containers"}]),
        (TAKE, "Containers", None),
        (Settlement(choices={"entity/box/plural": {"value": "Vats"}}), "Vats", [{"op": "change", "path": "/plural", "value": "Vats", "base": "Containers"}]),
        (Settlement("take", {"entity/box/plural": "keep"}), "Cases", [{"op": "change", "path": "/plural", "value": "Cases", "base": "Containers"}]),
    ],
    ids=["keep", "take", "edit", "one kept"],
)
def test_a_clash_is_kept_taken_or_edited(studio: Studio, settlement: Settlement, plural: str, kept: Any) -> None:
    studio.change(("entity", "box", label("Cases")))
    theirs = newer(entity_box=lambda body: body.update(plural="Containers"))
    apply(studio, theirs, settlement)
    own = upgrades(studio).export(OPERATOR, "custom").layer.documents
    assert body(studio, "entity", "box")["plural"] == plural
    assert next((item.body["operations"] for item in own if item.name == "box"), None) == kept
    assert clashes(plan(studio, theirs)) == []


def test_a_clash_can_wait(studio: Studio) -> None:
    studio.change(("entity", "box", label("Cases")))
    theirs = newer(entity_box=lambda body: body.update(plural="Containers"))
    apply(studio, theirs, Settlement(later=True))
    assert body(studio, "entity", "box")["plural"] == "Cases"
    assert [item.path for item in upgrades(studio).open_clashes(OPERATOR)] == ["entity/box/plural"]
    assert [item.to_settle for item in upgrades(studio).listed(OPERATOR)] == [0, 1]
    apply(studio, theirs, TAKE)
    assert body(studio, "entity", "box")["plural"] == "Containers" and upgrades(studio).open_clashes(OPERATOR) == []


def test_the_same_change_on_both_sides_is_no_longer_ours(studio: Studio) -> None:
    studio.change(("entity", "box", label("Cases")))
    apply(studio, newer(entity_box=lambda body: body.update(plural="Cases")))
    assert [item.customised for item in upgrades(studio).listed(OPERATOR)] == [0, 0]


def test_a_field_that_both_added_is_one_field(studio: Studio) -> None:
    studio.change(("entity", "box", {"op": "add", "path": "/fields/colour", "value": {"type": "text", "label": "Tint"}}))
    id = studio.desk.make("box", name="A", colour="red")
    theirs = newer(entity_box=lambda body: body["fields"].append({"name": "colour", "type": "text", "label": "Colour"}))
    assert [item.ways for item in plan(studio, theirs).clashes] == [("keep", "take")]
    apply(studio, theirs, KEEP)
    assert field(body(studio, "entity", "box"), "colour")["label"] == "Tint"
    assert studio.desk.get("box", id)["colour"] == "red"


VIEW: Body = {"name": "pins", "entity": "vault", "columns": ["name", "pin"], "filter": 'pin <> "0"'}


def test_what_is_left_out_but_used_here_is_settled_first(studio: Studio) -> None:
    studio.change(("put", "view", "vault.pins", VIEW), ("entity", "vault", {"op": "change", "path": "/fields/pin/label", "value": "Code"}))
    theirs = newer(entity_vault=lambda body: body["fields"].pop())
    found = {item.path: item.ways for item in plan(studio, theirs).clashes}
    assert found == {"entity/vault/fields/pin/label": ("take",), "view/vault.pins/columns/pin": ("take",), "view/vault.pins/filter": ("edit",)}
    with pytest.raises(BadInput):
        apply(studio, theirs, TAKE)
    apply(studio, theirs, Settlement("take", {"view/vault.pins/filter": {"value": 'name <> ""'}}))
    assert body(studio, "view", "vault.pins")["columns"] == ["name"] and sound(studio.desk)


def test_hiding_what_is_gone_needs_no_settling(studio: Studio) -> None:
    studio.change(("entity", "vault", {"op": "hide", "path": "/fields/pin"}, {"op": "add", "path": "/fields/mark", "value": {"type": "text"}, "after": "pin"}))
    found = plan(studio, newer(entity_vault=lambda body: body["fields"].pop()))
    assert found.clashes == () and [path for path, _ in found.notes] == ["entity/vault/fields/pin", "entity/vault/fields/mark"]
    assert sorted(item.path for item in found.changes) == ["entity/vault/fields/pin", "package/tiny/version"]


def test_another_package_that_uses_what_is_gone_is_told(studio: Studio) -> None:
    rows: list[tuple[str, str, Any]] = [
        ("package", "plug", {"format": 1, "name": "plug", "version": "1.0.0", "requires": ["tiny"]}),
        ("view", "vault.pins", {"name": "pins", "entity": "vault", "columns": ["name", "pin"]}),
    ]
    apply(studio, layer_of("plug", rows))
    found = plan(studio, newer(entity_vault=lambda body: body["fields"].pop()))
    assert [(problem.code, problem.document, problem.pointer) for problem in found.problems] == [("in_use", "plug/view/vault.pins.json", "/columns/pin")]


def test_what_stood_behind_something_that_is_gone_keeps_its_place(studio: Studio) -> None:
    studio.change(("entity", "vault", {"op": "add", "path": "/fields/mark", "value": {"type": "text"}, "after": "pin"}))

    def swap(body: Body) -> None:
        body["fields"][1:] = [{"name": "keeper", "type": "text"}]

    apply(studio, newer(entity_vault=swap))
    assert studio.fields("vault") == ["name", "mark", "keeper"]


def test_an_entity_the_package_now_ships_takes_the_place_of_ours(studio: Studio) -> None:
    crate: Body = {"name": "crate", "fields": [{"name": "name", "type": "text"}, {"name": "weight", "type": "decimal"}]}
    rows = [(item.kind, item.name, item.body) for item in TINY.documents]
    theirs = layer_of("tiny", [*rows, ("entity", "crate", crate)])
    studio.desk.make("crate", name="A", weight="2")
    found = {item.path: item.ways for item in plan(studio, theirs).clashes}
    assert found["entity/crate"] == ("take",)
    settled = Settlement("take", {"view/crate.all/filter": {"value": "weight > 1"}})
    apply(studio, theirs, settled)
    assert studio.desk.rows("crate", "name", "weight") == [("A", "2.00")] and sound(studio.desk)


def test_choices_for_nothing_are_told(studio: Studio) -> None:
    found = plan(studio, TINY, Settlement(choices={"entity/box/plurel": "keep"}))
    assert [problem.code for problem in found.problems] == ["nothing_to_settle"]


def test_a_plan_that_no_longer_holds_is_refused(studio: Studio) -> None:
    theirs = newer(entity_box=lambda body: body.update(plural="Containers"))
    hash = plan(studio, theirs).hash
    studio.change(("entity", "vault", label("Safes")))
    with pytest.raises(Stale):
        upgrades(studio).publish(OPERATOR, [theirs], "upgrade", None, hash)


def test_only_administrators_upgrade(studio: Studio) -> None:
    clerk = Actor("user", 1, "C", ("clerk",))
    for call in (lambda: upgrades(studio).plan(clerk, [TINY]), lambda: upgrades(studio).publish(clerk, [TINY], "x"), lambda: upgrades(studio).listed(clerk)):
        with pytest.raises(Forbidden):
            call()
