"""`fieldsmith retired`: what is kept on the command line, its export and its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.studio.workbench import Said
from fieldsmith.workspace import Workspace
from tests.cli.conftest import Cli
from tests.desk import Desk


@pytest.fixture
def retired(workspace: Workspace) -> None:
    """A field of account with one value, out of use."""
    sets = workspace.changesets
    for operation in ({"op": "add", "path": "/fields/mark", "value": {"type": "text"}}, {"op": "remove", "path": "/fields/mark"}):
        id = sets.open(OPERATOR, "Marks")
        sets.say(OPERATOR, id, [Said("entity", "account", [operation])])
        sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
        if operation["op"] == "add":
            Desk(workspace).make("account", name="Acme", mark="gold")


@pytest.mark.usefixtures("retired")
def test_what_is_retired_is_listed_and_exported(cli: Cli, tmp_path: Path) -> None:
    assert cli.json("retired", "list") == [{"name": "account.mark", "type": "text", "rows": 1, "revision": 3}]
    assert cli.json("retired", "export", "account.mark", "mark.csv")["rows"] == 1
    assert (tmp_path / "mark.csv").read_text().split() == ["id,name,mark", "1,Acme,gold"]


@pytest.mark.usefixtures("retired")
def test_a_purge_asks_for_the_name(cli: Cli) -> None:
    assert cli.fails("retired", "purge", "account.mark") == [("not_confirmed", "/confirmation")]
    assert cli("retired", "purge", "account.mark", input="account.mark\n").exit_code == 0
    assert cli.json("retired", "list") == []


def test_what_is_not_retired_is_said(cli: Cli) -> None:
    assert cli("retired", "purge", "account.name", "--confirm", "account.name").exit_code == 1
