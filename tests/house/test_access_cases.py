"""Every address of the site and every command says who may use it (`tests/access/cases.py`)."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from fieldsmith.cli.main import main
from fieldsmith.web.app import create_app
from fieldsmith.web.studio.delegated import OPEN
from tests.access.cases import COMMANDS, ROUTES
from tests.access.cases_studio import SHAPED
from tests.conftest import MakeWorkspace
from tests.databases import SqliteTemplates


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def commands(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for part, inner in command.commands.items():
            yield from commands(inner, f"{name} {part}".strip())
    else:
        yield name, command


def test_every_address_has_an_access_case(make_workspace: MakeWorkspace) -> None:
    rules = create_app(make_workspace()).url_map.iter_rules()
    there = {f"{method} {rule.rule}" for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert not there - ROUTES.keys(), f"without a case in tests/access/cases.py: {sorted(there - ROUTES.keys())}"
    assert not ROUTES.keys() - there, f"no longer there: {sorted(ROUTES.keys() - there)}"


def test_what_delegated_administrators_may_open_is_written_down_twice(make_workspace: MakeWorkspace) -> None:
    """A new address of the studio is refused to them until it stands in `web.studio.delegated` and in the registry."""
    rules = list(create_app(make_workspace()).url_map.iter_rules())
    open_ = {f"{method} {rule.rule}" for rule in rules if rule.endpoint in OPEN for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    declared = {line for line in SHAPED.split("\n") if line}
    assert open_ == declared
    assert {rule.endpoint for rule in rules} >= OPEN
    assert all(ROUTES[line] == "STUDIO" for line in declared)


def test_every_command_has_an_access_case() -> None:
    there = {name for name, _ in commands(main)}
    assert not there - COMMANDS.keys(), f"without a case in tests/access/cases.py: {sorted(there - COMMANDS.keys())}"
    assert not COMMANDS.keys() - there, f"no longer there: {sorted(COMMANDS.keys() - there)}"


def test_the_commands_that_act_as_somebody_are_those_with_the_option() -> None:
    acting = {name for name, command in commands(main) if any(item.name == "user" and "--as" in item.opts for item in command.params)}
    assert acting == {name for name, case in COMMANDS.items() if case == "AS"}
