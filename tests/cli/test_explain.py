"""`fieldsmith explain access`: rights and fields in words, as JSON, and what is wrong with a question."""

from __future__ import annotations

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.meta.roles import RIGHTS
from fieldsmith.workspace import Workspace
from tests.cli.conftest import Cli
from tests.web.conftest import Person, make_person


@pytest.fixture
def ben(workspace: Workspace) -> Person:
    return make_person(workspace, "Ben", "user")


@pytest.fixture
def acme(workspace: Workspace) -> str:
    return str(workspace.write(lambda work: work.records.create(OPERATOR, "account", {"name": "Acme"})).id)


def test_every_right_is_told_with_its_path(cli: Cli, ben: Person, acme: str) -> None:
    told = cli("explain", "access", "ben", "account", acme).stdout
    assert "May read: This reaches every record of Accounts.\n    Role User lets read Accounts: all records.\n  + This reaches" in told
    no = cli("explain", "access", str(ben.id), "user", str(ben.id)).stdout
    assert "May not change: Role User may read Users, but no role lets Ben change them." in no


def test_a_field_and_an_entity_alone(cli: Cli, ben: Person, acme: str) -> None:
    assert cli("explain", "access", "ben", "account", acme, "name").stdout == "Account name: read and change. Nothing limits Account name.\n"
    assert "May create:" in cli("explain", "access", "ben", "account").stdout


def test_json_has_rights_checks_and_fields(cli: Cli, ben: Person, acme: str) -> None:
    found = cli.json("explain", "access", "ben", "account", acme)
    assert set(found["rights"]) == set(RIGHTS) and found["rights"]["read"]["allowed"] is True and found["user"] == ben.id
    assert found["fields"]["name"] == {"use": "update", "because": "Nothing limits Account name."}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody", "account", "1"), "There is no login “nobody”."),
        (("ben", "acount"), "There is no entity “acount”."),
        (("ben", "account", "999"), "There is no Account 999."),
        (("ben", "account", "{id}", "nme"), "Account has no field “nme”."),
    ],
)
def test_what_is_not_there_is_said(cli: Cli, ben: Person, acme: str, arguments: tuple[str, ...], said: str) -> None:
    result = cli("explain", "access", *(item.format(id=acme) for item in arguments))
    assert result.exit_code == 1 and said in result.stderr
