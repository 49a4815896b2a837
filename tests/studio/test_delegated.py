"""Who shapes some entities only: what they may put into a draft and publish, and that everything else is refused."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import Forbidden, NotFound
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.desk import user

LEE = user(7, "shaper")
FIELD = {"op": "add", "path": "/fields/region", "value": {"type": "text"}}
LAYOUT = {"name": "mine", "entity": "account", "sections": [{"name": "main", "fields": ["name"]}]}
VIEW = {"name": "mine", "entity": "account", "columns": ["name"]}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    """With a role that may shape accounts."""
    sets = workspace.changesets
    id = sets.open(OPERATOR, "Role")
    sets.put(OPERATOR, id, "role", "shaper", {"name": "shaper", "entities": {"account": ["read"]}, "studio": ["account"]})
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    return workspace


def change(workspace: Workspace, entity: str, *operations: dict[str, Any], actor: Actor = LEE) -> int:
    id = workspace.changesets.open(actor, "Mine")
    workspace.changesets.change(actor, id, "entity", entity, {"operations": list(operations)})
    return id


def test_a_new_field_a_layout_and_a_view_are_published(shop: Workspace) -> None:
    id = change(shop, "account", FIELD, {"op": "change", "path": "/fields/region/label", "value": "Region"})
    shop.changesets.put(LEE, id, "layout", "account.mine", LAYOUT)
    shop.changesets.put(LEE, id, "view", "account.mine", VIEW)
    shop.changesets.publish(LEE, id, shop.changesets.plan(LEE, id).hash)
    model = shop.runtime().model
    assert model.entities["account"].fields["region"].label.text == "Region" and "account.mine" in model.views


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "change", "path": "/sharing", "value": "all"},
        {"op": "add", "path": "/fields/master", "value": {"type": "lookup", "to": "campaign", "owned": True}},
        {"op": "change", "path": "/fields/parent_account/owned", "value": True},
        {"op": "change", "path": "/fields/parent_account/to", "value": "contact"},
        {"op": "change", "path": "/fields/won_amount/expression", "value": "1"},
        {"op": "rename", "path": "/fields/phone", "value": "telephone"},
        {"op": "rename", "path": "", "value": "customer"},
        {"op": "remove", "path": "/fields/phone"},
        {"op": "change", "path": "/name_field", "value": "phone"},
        {"op": "change", "path": "/features", "value": []},
    ],
)
def test_what_may_widen_who_sees_what_is_refused(shop: Workspace, operation: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        change(shop, "account", operation)


@pytest.mark.parametrize(
    ("kind", "name", "document"),
    [
        ("role", "shaper", {"name": "shaper", "administrator": True}),
        ("role", "mine", {"name": "mine", "administrator": True}),
        ("sharing_rule", "account.mine", {"name": "mine", "entity": "account", "when": "true", "to": {"roles": ["shaper"]}}),
        ("view", "contact.mine", {**VIEW, "entity": "contact"}),
        ("entity", "account", {"name": "account", "fields": [{"name": "name", "type": "text"}]}),
        ("entity", "mine", {"name": "mine", "fields": [{"name": "name", "type": "text"}]}),
        ("tab", "mine", {"name": "mine", "entity": "account"}),
        ("translation", "mine", {"name": "mine", "language": "zh_Hans", "labels": {}}),
        ("company", "company", {"name": "company", "currency": "EUR"}),
    ],
)
def test_documents_of_others_are_refused(shop: Workspace, kind: str, name: str, document: dict[str, Any]) -> None:
    id = shop.changesets.open(LEE, "Mine")
    with pytest.raises(Forbidden):
        shop.changesets.put(LEE, id, kind, name, document)
    with pytest.raises(Forbidden):
        shop.changesets.retire(LEE, id, kind, name)
    assert shop.changesets.get(LEE, id).edits == {}


def test_fields_of_another_entity_are_refused(shop: Workspace) -> None:
    with pytest.raises(Forbidden):
        change(shop, "contact", FIELD)


def test_drafts_of_others_are_not_there(shop: Workspace) -> None:
    theirs = change(shop, "account", FIELD, actor=OPERATOR)
    sets = shop.changesets
    assert sets.listed(LEE) == []
    for ask in (sets.get, sets.check, sets.plan, sets.discard, sets.undo):
        with pytest.raises(NotFound):
            ask(LEE, theirs)
    with pytest.raises(NotFound):
        sets.publish(LEE, theirs, sets.plan(OPERATOR, theirs).hash)


def test_what_shows_everything_is_for_administrators(shop: Workspace) -> None:
    id = change(shop, "account", FIELD)
    for ask in (lambda: shop.changesets.model(LEE, id), lambda: shop.changesets.open_undo(LEE, 1)):
        with pytest.raises(Forbidden):
            ask()


def test_a_draft_is_looked_through_again_when_the_right_went(shop: Workspace) -> None:
    id = change(shop, "account", FIELD)
    hash = shop.changesets.plan(LEE, id).hash
    mine = change(shop, "account", FIELD, actor=OPERATOR)
    shop.changesets.discard(OPERATOR, mine)
    change_role = shop.changesets.open(OPERATOR, "Role")
    operations = [{"op": "remove", "path": "/studio/account"}, {"op": "add", "path": "/studio/contact"}]
    shop.changesets.change(OPERATOR, change_role, "role", "shaper", {"operations": operations})
    shop.changesets.publish(OPERATOR, change_role, shop.changesets.plan(OPERATOR, change_role).hash)
    with pytest.raises(Forbidden):
        shop.changesets.publish(LEE, id, hash)
    assert "region" not in shop.runtime().model.entities["account"].fields


def test_who_shapes_nothing_is_refused(shop: Workspace) -> None:
    with pytest.raises(Forbidden):
        shop.changesets.open(user(8, "user"), "Mine")
