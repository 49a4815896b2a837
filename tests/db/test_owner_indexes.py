"""Entities that some role reads by owner have an index by owner, made and dropped as roles change; nobody has to declare it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import SYSTEM
from fieldsmith.db.drift import drift
from fieldsmith.meta.layers import layer_of
from fieldsmith.workspace import Workspace
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import package

DEAL: dict[str, Any] = {"name": "deal", "fields": [{"name": "name", "type": "text"}]}
PLAIN = package("plain", {"entity": [DEAL]}, requires=["core"])
DECLARED = package("declared", {"entity": [{**DEAL, "indexes": [{"name": "by_owner", "fields": ["owner"]}]}]}, requires=["core"])
PRIVATE = package("private", {"entity": [{**DEAL, "sharing": "private"}]}, requires=["core"])
LINES = {"name": "line", "fields": [{"name": "name", "type": "text"}, {"name": "deal", "type": "lookup", "to": "deal", "owned": True}]}
DETAILS = package("details", {"entity": [DEAL, LINES]}, requires=["core"])


def reading(workspace: Workspace, granted: Any, entity: str = "deal") -> None:
    """The workspace's own layer has one role with these rights."""
    workspace.publish(SYSTEM, [layer_of("custom", [("role", "clerk", {"name": "clerk", "entities": {entity: granted}})])], "test")


def indexed(workspace: Workspace, entity: str = "deal") -> list[str]:
    """Indexes of the entity whose first column is the owner; and nothing else is missing or too many."""
    with workspace.read() as work:
        assert drift(work.connection, work.runtime.schema) == ()
        found = sa.inspect(work.connection).get_indexes(work.model.entities[entity].table)
        return [str(item["name"]) for item in found if item["column_names"][:1] == ["owner_id"]]


@pytest.mark.parametrize("scope", ["own", "team", "hierarchy"])
def test_it_comes_and_goes_with_the_role(make_workspace: MakeWorkspace, scope: str) -> None:
    workspace = make_workspace("core", PLAIN)
    Desk(workspace).make("deal", name="there already")
    assert indexed(workspace) == []
    reading(workspace, {"read": scope})
    assert len(indexed(workspace)) == 1
    reading(workspace, {"read": "all", "update": scope})
    assert indexed(workspace) == []
    reading(workspace, {"read": "all", "export": scope}, "*")
    assert len(indexed(workspace)) == 1


def test_a_declared_one_is_enough(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace("core", DECLARED)
    before = indexed(workspace)
    reading(workspace, {"read": "own"})
    assert indexed(workspace) == before and len(before) == 1


def test_a_right_goes_as_far_as_the_entity_is_shared(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace("core", PRIVATE)
    reading(workspace, ["read"])
    assert len(indexed(workspace)) == 1


def test_details_follow_their_master_and_need_none(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace("core", DETAILS)
    reading(workspace, {"read": "own"}, "*")
    assert len(indexed(workspace)) == 1
    assert indexed(workspace, "line") == []
