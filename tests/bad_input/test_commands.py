"""The command line with arguments and files nobody should give it: exit 1 or 2, words on stderr, never a trace."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fieldsmith.cli.main import main
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.desk import Desk

ODD = ("", " ", "a\nb", "x" * 5_000, "\udcff", "\x1b[31mred", "a\0b", "<b>", "'; drop table x; --", "../..", "-")


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def run(workspace: Workspace, *arguments: str) -> Result:
    """Exceptions are not caught: one of them is a failure."""
    environment = {"FIELDSMITH_HOME": str(workspace.settings.home), "FIELDSMITH_PASSWORD_MEMORY_KIB": "8"}
    return CliRunner(catch_exceptions=False).invoke(main, list(arguments), env=environment)


def refused(workspace: Workspace, *arguments: str) -> str:
    result = run(workspace, *arguments)
    assert result.exit_code in (1, 2) and "Traceback" not in result.stderr and result.stderr.strip(), arguments
    return result.stderr


def test_odd_arguments_are_answered_in_words(desk: Desk, tmp_path: Path) -> None:
    workspace, missing, table = desk.workspace, str(tmp_path / "no" / "x"), tmp_path / "a.csv"
    table.write_text("name\nA\n")
    with desk.unchanged():
        for odd in ODD:
            refused(workspace, "query", "--", odd)
            refused(workspace, "query", "account", f"--as={odd}")
            refused(workspace, "query", "account", f"--columns=name,{odd}x")
            refused(workspace, "export", "account", str(tmp_path / "out"), f"--view={odd}")
            refused(workspace, "token", "new", f"--user={odd}")
            refused(workspace, "user", "add", "zed", f"--role={odd}")
            refused(workspace, "import", "account", str(table), f"--match={odd}")
            refused(workspace, "package", "export", f"--home={workspace.settings.home}", "--", odd, str(tmp_path / "package"))
        for words in (("export", "account", missing), ("package", "export", "crm", str(table / "x")), ("import", "account", missing)):
            refused(workspace, *words)
        for words in (
            ("import", "account", str(tmp_path)),
            ("package", "check", str(table)),
            ("export", "account", str(tmp_path)),
            ("doctor", "--home", str(table)),
        ):
            assert run(workspace, *words).exit_code == 2, words
    assert not (tmp_path / "out").exists() and not (tmp_path / "package").exists()


def test_a_device_is_written_to_not_replaced(desk: Desk, tmp_path: Path) -> None:
    desk.make("account", name="Acme")
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    assert run(desk.workspace, "export", "account", str(link)).exit_code == 0
    assert link.is_symlink() and not link.is_file()


def test_nothing_printed_steers_the_terminal(desk: Desk, tmp_path: Path) -> None:
    workspace = desk.workspace
    desk.make("account", name="Acme\u202e")
    table = tmp_path / "a.csv"
    table.write_text("name,\x1b[31mred\nA,B\n")
    for words in (("query", "account"), ("query", "\x1b[31m"), ("import", "account", str(table), "--match", "\x1b]0;x\x07")):
        result = run(workspace, *words)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", result.stdout + result.stderr), words
