"""`fieldsmith eval`: what it prints, what it answers as JSON, and how it says what is wrong."""

from __future__ import annotations

import json

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.workspace import Workspace
from tests.cli.conftest import Cli


@pytest.fixture
def acme(workspace: Workspace) -> str:
    return str(workspace.write(lambda work: work.records.create(OPERATOR, "account", {"name": "Acme", "employees": 3})).id)


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("employees / 2", "1.5"),
        ("'Dear ' & name", "Dear Acme"),
        ("employees > 2", "true"),
        ("website", "blank"),
        ("STARTOF(DATE(2026, 11, 22), 'month')", "2026-11-01"),
    ],
)
@pytest.mark.parametrize("engine", ["python", "sql"])
def test_the_answer_is_printed(cli: Cli, acme: str, engine: str, expression: str, shown: str) -> None:
    result = cli("eval", expression, "--entity", "account", "--record", acme, "--engine", engine)
    assert (result.exit_code, result.stdout, result.stderr) == (0, shown + "\n", "")


def test_json_has_type_value_and_steps(cli: Cli, acme: str) -> None:
    assert cli.json("eval", "employees / 2", "--entity", "account", "--record", acme) == {"type": "decimal", "value": "1.5"}
    explained = cli.json("eval", "employees / 2", "--entity", "account", "--record", acme, "--explain")
    assert [(step["source"], step["value"]) for step in explained["steps"]] == [("employees", 3), ("2", 2), ("employees / 2", "1.5")]


def test_explained_for_people(cli: Cli) -> None:
    lines = cli("eval", "1 + 1 > 1", "--entity", "account", "--explain").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["part", "type", "value"],
        ["---------", "-------", "-----"],
        ["1", "integer", "1"],
        ["1", "integer", "1"],
        ["1", "+", "1", "integer", "2"],
        ["1", "integer", "1"],
        ["1", "+", "1", ">", "1", "boolean", "true"],
        [],
        ["true"],
    ]


def test_constants_need_no_record(cli: Cli) -> None:
    assert cli("eval", "2 ^ 10", "--entity", "account").stdout == "1024\n"
    assert cli("eval", "ISBLANK(name)", "--entity", "account").stdout == "true\n"


def test_problems_show_the_place(cli: Cli) -> None:
    result = cli("eval", "employees > 3 and\nnam = 'x'", "--entity", "account")
    assert (result.exit_code, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert lines[1:3] == ["    nam = 'x'", "    ^"]
    assert lines[3].startswith("  2: ") and lines[3].endswith("Did you mean “name”?")


def test_problems_as_json(cli: Cli) -> None:
    assert cli.fails("eval", "nam", "--entity", "account") == [("unknown_field", "/expression")]
    body = json.loads(cli("eval", "1 +\n nam", "--entity", "account", "--json").stderr)
    assert (body["errors"][0]["line"], body["errors"][0]["column"]) == (2, 2)


def test_what_is_not_there(cli: Cli) -> None:
    assert cli.fails("eval", "1", "--entity", "acount") == [("unknown_entity", "")]
    assert cli.fails("eval", "1", "--entity", "account", "--record", "77") == []
    assert cli("eval", "1").exit_code == 2
    assert cli("eval", "1", "--entity", "account", "--engine", "perl").exit_code == 2


def test_as_a_user_with_their_rights_and_zone(cli: Cli, ben: str, workspace: Workspace) -> None:
    id = cli.json("eval", "user", "--entity", "account", "--as", ben)["value"]
    workspace.write(lambda work: work.records.update(OPERATOR, "user", id, {"time_zone": "Pacific/Kiritimati"}))
    assert cli("eval", "user.name & TEXT(HOUR(DATETIME(2026, 11, 22, 9, 0)))", "--entity", "account", "--as", ben).stdout == "Ben9\n"
    assert cli("eval", "DATETIME(2026, 11, 22, 9, 0)", "--entity", "account", "--as", ben).stdout == "2026-11-21T19:00:00Z\n"


def test_text_cannot_steer_the_terminal(cli: Cli) -> None:
    assert "\x1b" not in cli("eval", "'a\x1b[31mb'", "--entity", "account").output
