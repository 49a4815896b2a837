"""Every command once for good and once for bad input: exit codes, answers, problems."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fieldsmith import __version__
from fieldsmith.workspace import Workspace
from tests.cli.conftest import Cli
from tests.desk import Desk

Written = Callable[[str, str], str]
RENEWAL = str(Path(__file__).parents[2] / "docs" / "tutorial" / "renewal")


def test_help_and_version(cli: Cli) -> None:
    assert cli("--version").stdout.split()[-1] == __version__
    for words in ((), ("user",), ("token",), ("package",), ("translate",), ("import",)):
        assert cli(*words, "--help").exit_code == 0


@pytest.mark.parametrize(
    "words", [("nonsense",), ("import", "account"), ("query", "account", "--limit", "x"), ("user", "add", "Ana"), ("package", "check", "missing")]
)
def test_wrong_usage_exits_2(cli: Cli, words: tuple[str, ...]) -> None:
    result = cli(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage:" in result.stderr


@pytest.mark.parametrize("words", [("query", "account"), ("doctor",), ("package", "list"), ("export", "account", "-"), ("token", "new", "--user", "x")])
def test_without_a_workspace_the_cure_is_said(cli: Cli, tmp_path: Path, words: tuple[str, ...]) -> None:
    result = cli(*words, home=tmp_path / "empty")
    assert result.exit_code == 1
    assert "fieldsmith init" in result.stderr


def test_init_makes_a_workspace_and_may_be_run_again(cli: Cli, tmp_path: Path, written: Written) -> None:
    home, password = tmp_path / "new", written("password", "correct horse battery\n")
    words = ("init", "--admin", "ana@example.com", "--password-file", password, "--json", "--demo")
    first, again = (json.loads(cli(*words, home=home).stdout) for _ in range(2))
    assert (first["revision"], first["administrator"]) == (1, 1)
    assert first["demo"] > 100
    assert again == {"revision": 1, "administrator": None, "demo": 0}


@pytest.mark.parametrize("password", ["", "short\n"])
def test_init_refuses_a_bad_password(cli: Cli, written: Written, password: str) -> None:
    assert cli.fails("init", "--admin", "ana", "--password-file", written("password", password)) != []
    assert cli("init", "--admin", "ana").exit_code == 2


def test_config_prints_every_setting_with_its_origin(cli: Cli, workspace: Workspace) -> None:
    rows = {row["key"]: row for row in cli.json("config")}
    assert rows["home"] == {"key": "home", "value": str(workspace.settings.home), "origin": "FIELDSMITH_HOME"}
    assert rows["secret"]["value"] == "••••••"
    assert "password_memory_kib" in cli("config").stdout


def test_config_refuses_settings_that_are_wrong(cli: Cli) -> None:
    (cli.home / "fieldsmith.toml").write_text("port = 70000\nprot = 1\n")
    assert cli.fails("config") == [("bad_setting", "/port"), ("unknown_setting", "/prot")]


def test_doctor_finds_nothing_wrong_with_a_sound_workspace(cli: Cli, workspace: Workspace) -> None:
    found = {problem["code"] for problem in json.loads(cli("doctor", "--json").stdout)["problems"]}
    assert found <= {"no_front_end"}


def test_doctor_repairs_what_is_missing_after_asking(cli: Cli, workspace: Workspace) -> None:
    index = f"ix_{workspace.runtime().model.entities['account'].table.rpartition('_')[2]}_created"
    with workspace.database.write() as connection:
        connection.exec_driver_sql(f'DROP INDEX "{index}"')
    assert "schema_drift" in cli("doctor", "--json").stdout
    told = cli("doctor", "--repair", "--yes").stdout
    assert f'CREATE INDEX "{index}"' in told or f"CREATE INDEX {index}" in told
    assert "schema_drift" not in cli("doctor", "--json").stdout and "Nothing is missing" in cli("doctor", "--repair").stdout


def test_doctor_tells_drift_and_missing_files(cli: Cli, workspace: Workspace) -> None:
    Desk(workspace).upload()
    next((workspace.settings.home / "files").rglob("*/*")).unlink()
    with workspace.database.write() as connection:
        connection.exec_driver_sql(f'ALTER TABLE "{workspace.runtime().schema.table("tag").name}" ADD COLUMN extra TEXT')
    result = cli("doctor", "--json")
    assert result.exit_code == 1
    assert {"schema_drift", "missing_file"} <= {problem["code"] for problem in json.loads(result.stdout)["problems"]}


def test_the_shell_has_the_workspace(cli: Cli) -> None:
    assert cli("shell", input="print(len(ws.runtime().model.packages), actor.name)\n").stdout.count("2 operator") == 1


def test_users_are_added(cli: Cli, written: Written) -> None:
    added = cli.json("user", "add", "Ana", "--email", "ana@example.com", "--role", "user", "--password-file", written("password", "correct horse battery\n"))
    assert added == {"id": 1, "name": "Ana", "roles": ["user"]}
    assert cli.json("query", "user", "--columns", "name,email") == [{"id": 1, "name": "Ana", "email": "ana@example.com"}]


@pytest.mark.parametrize("words", [("Ana", "--role", "nonsense"), ("ben", "--role", "user"), ("Ana", "--role", "user", "--email", "x")])
def test_users_that_cannot_be_added_leave_nothing(cli: Cli, ben: str, workspace: Workspace, words: tuple[str, ...]) -> None:
    with Desk(workspace).unchanged():
        assert cli("user", "add", *words, "--json").exit_code == 1


def test_a_token_is_made_and_printed_once(cli: Cli, ben: str) -> None:
    assert len(cli.json("token", "new", "--user", "ben")["token"]) > 20
    assert len(cli("token", "new", "--user", "Ben", "--scope", "read").stdout.strip()) > 20


@pytest.mark.parametrize("words", [("--user", "nobody"), ("--user", "Ben", "--scope", "everything")])
def test_a_token_needs_a_user_and_known_scopes(cli: Cli, ben: str, words: tuple[str, ...]) -> None:
    assert cli("token", "new", *words).exit_code == 1


def test_packages_are_listed(cli: Cli) -> None:
    assert [item["name"] for item in cli.json("package", "list")] == ["core", "crm"]
    assert "crm" in cli("package", "list").stdout


def test_a_package_is_checked_compared_and_applied(cli: Cli, workspace: Workspace) -> None:
    with Desk(workspace).unchanged():
        assert cli.json("package", "check", RENEWAL) == {"problems": []}
        assert "ADD COLUMN" in cli("package", "diff", RENEWAL).stdout
        assert cli("package", "apply", RENEWAL, input="n\n").exit_code == 1
    assert cli.json("package", "apply", RENEWAL, "--yes")["revision"] == 2
    assert cli.json("query", "opportunity", "--columns", "renewal_date") == []
    assert cli.json("package", "apply", RENEWAL, "--yes") == {"revision": 2, "differences": []}
    assert cli("package", "diff", RENEWAL).stdout == "Nothing to change.\n"


def test_a_package_with_problems_is_refused_with_their_places(cli: Cli, workspace: Workspace, written: Written) -> None:
    written("bad/package.json", '{"format": 1, "name": "bad", "version": "1.0.0", "requires": ["crm"]}')
    folder = str(Path(written("bad/entity/thing.json", '{"name": "thing", "fields": [{"name": "x", "type": "lookup", "to": "acount"}]}')).parent.parent)
    with Desk(workspace).unchanged():
        result = cli("package", "check", folder, "--json")
        assert result.exit_code == 1
        assert {problem["document"] for problem in json.loads(result.stdout)["problems"]} == {"bad/entity/thing.json"}
        assert cli.fails("package", "apply", folder, "--yes") != []
    assert "Did you mean “account”?" in cli("package", "check", folder).stderr


def test_a_package_is_exported_and_is_no_different_then(cli: Cli, tmp_path: Path) -> None:
    assert len(cli.json("package", "export", "crm", str(tmp_path / "crm"))["files"]) > 20
    assert cli("package", "diff", str(tmp_path / "crm")).stdout == "Nothing to change.\n"
    assert cli.fails("package", "export", "crmm", str(tmp_path / "x")) == [("unknown_package", "/name")]


def test_revisions_are_listed_shown_and_gone_back_to(cli: Cli, workspace: Workspace) -> None:
    assert cli("package", "apply", RENEWAL, "--yes").exit_code == 0
    assert [item["number"] for item in cli.json("revision", "list")] == [2, 1]
    shown = cli.json("revision", "show", "2")
    assert shown["author"] == "operator" and shown["differences"]
    assert cli("revision", "show", "2").exit_code == 0
    assert cli("revision", "rollback", "1", input="n\n").exit_code == 1
    assert cli.json("revision", "rollback", "1", "--yes") == {"revision": 3}
    assert workspace.runtime().model.revision == 3
    assert cli.fails("revision", "rollback", "9") == []


def test_translations_are_counted(cli: Cli) -> None:
    assert {row["language"] for row in cli.json("translate", "status")} == {"en", "zh_Hans", "zh_Hant"}
