"""The command line on a real workspace."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fieldsmith.base.context import OPERATOR
from fieldsmith.cli.main import main
from fieldsmith.rollout.installing import add_user
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """What commands ask of a database the services' tests ask of both; the tutorial runs on both."""
    return sqlite_templates


@dataclass(frozen=True)
class Cli:
    """`cli("query", "account")` → its result; `cli.json(...)` → what it answered; `cli.fails(...)` → the problems it told."""

    home: Path

    def __call__(self, *arguments: str, input: str | None = None, home: Path | None = None) -> Result:
        environment: dict[str, str | None] = {"FIELDSMITH_HOME": str(home or self.home), "FIELDSMITH_PASSWORD_MEMORY_KIB": "8", "LC_ALL": "C.UTF-8"}
        environment |= {} if home is not None else {"FIELDSMITH_SECRET": "s" * 40}  # that of the fixture `workspace`
        return CliRunner(catch_exceptions=False).invoke(main, list(arguments), input=input, env=environment)

    def json(self, *arguments: str) -> Any:
        result = self(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def fails(self, *arguments: str) -> list[tuple[str, str]]:
        """(code, pointer) of each problem, after exit 1; every one of them says what to do or what was meant."""
        result = self(*arguments, "--json")
        assert (result.exit_code, result.stdout) == (1, ""), result.output
        body = json.loads(result.stderr)
        assert body.keys() == {"title", "errors"}
        assert all(problem.keys() >= {"code", "pointer", "message"} for problem in body["errors"])
        return [(problem["code"], problem["pointer"]) for problem in body["errors"]]


@pytest.fixture
def cli(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.chdir(tmp_path)
    return Cli(workspace.settings.home)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str], str]:
    """`written("a.csv", "name\\nA\\n")` → the path of a file that says so."""

    def write(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return str(path)

    return write


@pytest.fixture
def ben(workspace: Workspace) -> str:
    """A user with the role `user`."""
    add_user(workspace, OPERATOR, "Ben", None, ("user",), None)
    return "Ben"
