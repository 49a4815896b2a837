"""Records in and out by command, with the rights of who asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fieldsmith.workspace import Workspace
from tests.cli.conftest import Cli
from tests.desk import Desk

Written = Callable[[str, str], str]
ACCOUNTS = "name,employees\nAcme,7\nBolt,x\n"


def test_an_import_says_what_it_did_and_where_refused_rows_are(cli: Cli, written: Written, tmp_path: Path) -> None:
    answer = cli.json("import", "account", written("a.csv", ACCOUNTS))
    assert (answer["rows"], answer["created"], answer["refused"], answer["rejects"]) == (2, 1, 1, "a.rejected.csv")
    assert "Bolt" in (tmp_path / "a.rejected.csv").read_text("utf-8-sig")
    assert "2 rows: 1 created" in cli("import", "account", written("a.csv", ACCOUNTS)).stdout


def test_a_dry_run_keeps_nothing(cli: Cli, workspace: Workspace, written: Written) -> None:
    with Desk(workspace).unchanged():
        assert "nothing was kept" in cli("import", "account", written("a.csv", ACCOUNTS), "--dry-run").stdout


def test_an_import_by_a_map(cli: Cli, workspace: Workspace, written: Written) -> None:
    said = {"name": "accounts", "entity": "account", "columns": {"N": {"field": "name"}, "P": {"field": "parent_account", "lookup": {"by": "name"}}}}
    answer = cli.json("import", "account", written("a.csv", "N,P\nA,B\nB,\n"), "--map", written("map.json", json.dumps(said)), "--rejects", "r.csv")
    assert (answer["created"], answer["linked"]) == (2, 1)
    assert Desk(workspace).rows("account", "parent_account") == [({"id": 2, "label": "B"},), (None,)]


MAPS: list[tuple[Any, str]] = [
    ({"name": "m", "entity": "contact", "columns": {"name": {"field": "name"}}}, "wrong_entity"),
    ({"name": "m", "entity": "account", "columns": {"name": {"field": "name", "colour": 1}}}, "unknown_key"),
    ([], "not_an_object"),
]


@pytest.mark.parametrize(("said", "code"), MAPS, ids=[code for _, code in MAPS])
def test_a_map_with_problems_is_refused(cli: Cli, workspace: Workspace, written: Written, said: Any, code: str) -> None:
    with Desk(workspace).unchanged():
        assert code in {found for found, _ in cli.fails("import", "account", written("a.csv", ACCOUNTS), "--map", written("map.json", json.dumps(said)))}


@pytest.mark.parametrize(
    ("words", "problems"),
    [
        (("import", "acount", "a.csv"), [("unknown_entity", "")]),
        (("import", "account", "missing.csv"), [("unreadable_file", "")]),
        (("import", "account", "a.csv", "--map", "missing.json"), [("unreadable_file", "")]),
        (("import", "account", "a.csv", "--match", "nmae"), [("not_unique_field", "/match")]),
        (("import", "account", "a.csv", "--locale", "xx"), [("unknown_locale", "/locale")]),
        (("import", "account", "a.csv", "--rejects", "no/such/r.csv"), [("no_folder", "/rejects")]),
        (("export", "acount", "-"), [("unknown_entity", "")]),
        (("export", "account", "-", "--view", "nonsense"), [("unknown_view", "/view")]),
        (("export", "account", "-", "--columns", "nmae"), [("unknown_field", "/columns")]),
        (("export", "account", "no/such/a.csv"), [("unusable_file", "")]),
        (("export", "account", "-", "--filter", "nme = 1"), [("unknown_field", "/filter")]),
        (("query", "account", "--filter", "nme = 1"), [("unknown_field", "/filter")]),
        (("query", "account", "--limit", "0"), [("bad_limit", "/limit")]),
        (("query", "account", "--sort", "name;drop"), [("unknown_field", "/sort")]),
        (("query", "account", "--columns", "a,b"), [("unknown_field", "/columns"), ("unknown_field", "/columns")]),
        (("query", "acount"), [("unknown_entity", "")]),
        (("query", "account", "--as", "nobody"), []),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_told(cli: Cli, written: Written, words: tuple[str, ...], problems: list[tuple[str, str]]) -> None:
    written("a.csv", ACCOUNTS)
    assert cli.fails(*words) == problems


def test_an_export_writes_a_file_or_stdout(cli: Cli, workspace: Workspace, tmp_path: Path) -> None:
    Desk(workspace).make("account", name="北京=1")
    assert cli("export", "account", "-", "--columns", "name").stdout.splitlines() == ["name", "北京=1"]
    assert cli.json("export", "account", "out.csv", "--view", "all")["count"] == 1
    assert "北京=1" in (tmp_path / "out.csv").read_text("utf-8")


def test_an_export_that_fails_leaves_the_old_file(cli: Cli, tmp_path: Path, written: Written) -> None:
    written("out.csv", "old")
    cli.fails("export", "account", "out.csv", "--columns", "nmae")
    assert (tmp_path / "out.csv").read_text() == "old"


def test_a_query_prints_rows(cli: Cli, workspace: Workspace) -> None:
    for name in ("Acme", "Bolt"):
        Desk(workspace).make("account", name=name)
    assert cli.json("query", "account", "--columns", "name", "--sort", "-name") == [{"id": 2, "name": "Bolt"}, {"id": 1, "name": "Acme"}]
    assert "Acme" in cli("query", "account").stdout


def test_as_a_user_only_that_users_rights_hold(cli: Cli, ben: str, written: Written) -> None:
    users = written("u.csv", "name\nEve\n")
    assert cli.json("import", "account", written("a.csv", ACCOUNTS), "--as", ben)["created"] == 1
    assert cli.json("query", "account", "--columns", "name,owner,created_by", "--as", "ben")[0]["owner"]["label"] == "Ben"
    for words in (("import", "user", users), ("export", "user", "-")):
        result = cli(*words, "--as", ben)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "Ask an administrator" in result.stderr
