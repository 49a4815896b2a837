"""`fieldsmith user …`: suspension, sessions, reset links and the second factor, by whoever runs the server."""

from __future__ import annotations

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.identity import resets, sessions
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.second_factor import SecondFactor
from fieldsmith.identity.users import Users
from fieldsmith.rollout.installing import add_user
from fieldsmith.workspace import Work, Workspace
from tests.cli.conftest import Cli


@pytest.fixture(autouse=True)
def boss(workspace: Workspace) -> None:
    add_user(workspace, OPERATOR, "Boss", None, ("administrator",), None)


def users(work: Work, workspace: Workspace) -> Users:
    return Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now)


def test_a_user_is_suspended_and_let_in_again(cli: Cli, ben: str, workspace: Workspace) -> None:
    states = []
    for verb in ("suspend", "resume"):
        cli.json("user", verb, ben)
        with workspace.read() as work:
            states.append(users(work, workspace).find(ben).active)
    assert states == [False, True]


def test_the_last_administrator_is_not_suspended(cli: Cli) -> None:
    assert cli("user", "suspend", "Boss").exit_code == 1


def test_sessions_end(cli: Cli, ben: str, workspace: Workspace) -> None:
    id = cli.json("user", "resume", ben)["id"]
    workspace.write(lambda work: sessions.begin(work.connection, work.now, id, 1, "127.0.0.1", "test"))
    cli.json("user", "sign-out", ben)
    with workspace.read() as work:
        assert sessions.list_of(work.connection, work.now, id) == []


def test_a_reset_link_is_printed_and_good(cli: Cli, ben: str, workspace: Workspace) -> None:
    link = cli.json("user", "reset-link", ben)["link"]
    address, _, token = link.partition("?token=")
    assert address == "http://127.0.0.1:8000/login/reset" and cli("user", "reset-link", ben).stdout.startswith(address)
    fresh = cli.json("user", "reset-link", ben)["link"].partition("?token=")[2]
    workspace.write(lambda work: resets.use(work.connection, work.now, users(work, workspace), fresh, "quite another sentence", None))
    assert token != fresh


def test_the_second_factor_is_taken_off(cli: Cli, ben: str, workspace: Workspace) -> None:
    id = cli.json("user", "resume", ben)["id"]

    def factor(work: Work) -> SecondFactor:
        return SecondFactor(work.connection, workspace.settings.secret, work.now)

    workspace.write(lambda work: factor(work).begin(id))
    assert cli.json("user", "reset-totp", ben) == {"name": ben, "removed": False}  # never confirmed
    with workspace.read() as work:
        assert factor(work).pending(id, "ben", "x") is None


@pytest.mark.parametrize("verb", ["suspend", "resume", "sign-out", "reset-link", "reset-totp"])
def test_an_unknown_name_is_told(cli: Cli, verb: str) -> None:
    result = cli("user", verb, "nobody")
    assert result.exit_code == 1 and "nobody" in result.stderr
