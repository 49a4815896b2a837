"""Each access case driven over every address that has it: as nobody, as somebody who may not, as somebody who may."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from fieldsmith.base.context import OPERATOR
from fieldsmith.cli.main import main
from fieldsmith.rollout.installing import add_user
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.access.cases import COMMANDS, ROUTES
from tests.access.cases_studio import SHAPED
from tests.cli.conftest import Cli
from tests.databases import SqliteTemplates
from tests.unchanged import watch
from tests.web.conftest import Person, make_person
from tests.web.screens import Visitor
from tests.web.test_hardening_routes import address

RECORDS = ("READ", "CREATE", "UPDATE", "DELETE", "HISTORY", "SHARE", "REVEAL")


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """Addresses and rights are the same on both databases."""
    return sqlite_templates


@pytest.fixture
def app(workspace: Workspace) -> Flask:
    made = create_app(workspace)
    watch(made, workspace)
    return made


@pytest.fixture
def filled(app: Flask, workspace: Workspace) -> Visitor:
    """An administrator, and a record for addresses to name."""
    admin = Visitor(app, workspace, make_person(workspace, "Ana", "administrator"))
    admin.make("account", name="Acme")
    return admin


def addresses(app: Flask, *cases: str) -> list[tuple[str, str]]:
    rules = {f"{method} {rule.rule}": (method, address(rule)) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    return [rules[line] for line, case in ROUTES.items() if case in cases]


def call(app: Flask, person: Person | None, visitor: Visitor | None, method: str, path: str) -> TestResponse:
    """By token where a program would, else by session."""
    if path.startswith("/api/v1"):
        headers = {} if person is None else {"Authorization": f"Bearer {person.token}"}
        return app.test_client().open(path, method=method, headers=headers, json=None if method == "GET" else {}, buffered=True)
    if visitor is None:
        return app.test_client().open(path, method=method, buffered=True)
    return visitor.client.open(path, method=method, headers={"X-CSRF-Token": visitor.token}, buffered=True)


def test_only_public_addresses_answer_nobody(app: Flask, filled: Visitor) -> None:
    for method, path in addresses(app, "OWN", "METADATA", "ADMINISTRATORS", "STUDIO", *RECORDS):
        answer = call(app, None, None, method, path)
        sent_to_sign_in = answer.status_code in (302, 303) and "/login" in answer.headers["Location"]
        assert sent_to_sign_in or answer.status_code in (401, 403), f"{method} {path} answers nobody {answer.status_code}"
    for method, path in addresses(app, "PUBLIC"):
        answer = call(app, None, None, method, path)
        assert answer.status_code != 401 and "Acme" not in answer.text, f"{method} {path} asks for a sign-in"


def test_who_has_no_role_finds_no_record(app: Flask, filled: Visitor, workspace: Workspace) -> None:
    nobody = make_person(workspace, "Nemo")
    visitor = Visitor(app, workspace, nobody)
    for method, path in addresses(app, *RECORDS):
        answer = call(app, nobody, visitor, method, path)
        assert answer.status_code in (400, 404, 403) and "Acme" not in answer.text, f"{method} {path} answers {answer.status_code}"


@pytest.mark.parametrize("case", ["ADMINISTRATORS", "STUDIO"])
def test_who_may_everything_with_records_administers_nothing(app: Flask, filled: Visitor, workspace: Workspace, case: str) -> None:
    clerk = make_person(workspace, "Ben", "user")
    visitor = Visitor(app, workspace, clerk)
    for method, path in addresses(app, case):
        answer = call(app, clerk, visitor, method, path)
        unread = path.startswith("/api/") and answer.status_code == 422  # the body is read before anybody is asked
        assert unread or answer.status_code in (403, 404), f"{method} {path} answers a clerk {answer.status_code}"


@pytest.mark.parametrize("case", ["OWN", "METADATA"])
def test_who_is_signed_in_is_answered(app: Flask, filled: Visitor, workspace: Workspace, case: str) -> None:
    clerk = make_person(workspace, "Ben", "user")
    for method, path in addresses(app, case):
        answer = call(app, clerk, Visitor(app, workspace, clerk), method, path)
        assert answer.status_code < 500 and answer.status_code != 401, f"{method} {path} answers {answer.status_code}"
        assert "/login" not in answer.headers.get("Location", "") or path == "/logout", f"{method} {path} wants another sign-in"


@pytest.mark.parametrize(("role", "cases"), [("user", RECORDS), ("administrator", ("ADMINISTRATORS", "STUDIO"))])
def test_who_may_is_let_in(app: Flask, filled: Visitor, workspace: Workspace, role: str, cases: tuple[str, ...]) -> None:
    person = make_person(workspace, "Ben", role)
    visitor = Visitor(app, workspace, person)
    for method, path in addresses(app, *cases):
        if path != "/demo/load":  # hundreds of records: its own tests load them
            answer = call(app, person, visitor, method, path)
            assert answer.status_code not in (401, 403) and answer.status_code < 500, f"{method} {path} answers {answer.status_code}"


@pytest.fixture
def shaper(app: Flask, filled: Visitor, workspace: Workspace) -> Visitor:
    """Somebody who shapes accounts, and does nothing else but read them."""
    sets = workspace.changesets
    id = sets.open(OPERATOR, "Role")
    sets.put(OPERATOR, id, "role", "shaper", {"name": "shaper", "entities": {"account": ["read"]}, "studio": ["account"]})
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    return Visitor(app, workspace, make_person(workspace, "Lee", "shaper"))


def test_who_shapes_accounts_only_opens_what_is_theirs(app: Flask, shaper: Visitor) -> None:
    """Every address of the studio, about accounts: those of the list are let in, all others are refused."""
    theirs = {line for line in SHAPED.split("\n") if line}
    for rule in app.url_map.iter_rules():
        for method in rule.methods or ():
            line = f"{method} {rule.rule}"
            if ROUTES.get(line) != "STUDIO":
                continue
            answer = call(app, None, shaper, method, address(rule))
            if line in theirs:
                assert answer.status_code < 500 and (answer.status_code != 403 or "You may shape only" in answer.text), f"{line} answers {answer.status_code}"
            else:
                assert answer.status_code in (403, 404), f"{line} answers {answer.status_code}"


def test_who_shapes_accounts_only_is_refused_contacts(app: Flask, shaper: Visitor) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/studio/entity/"):
            for method in rule.methods or ():
                answer = call(app, None, shaper, method, address(rule).replace("/account/", "/contact/"))
                assert method in ("HEAD", "OPTIONS") or answer.status_code in (403, 404), f"{method} {rule.rule} answers {answer.status_code}"


@pytest.fixture
def cli(workspace: Workspace) -> Cli:
    return Cli(workspace.settings.home)


def test_commands_that_act_as_somebody_know_their_rights(cli: Cli, filled: Visitor, workspace: Workspace, tmp_path: object) -> None:
    add_user(workspace, OPERATOR, "Nemo", None, (), None)
    asked = {
        "query": ("query", "account"),
        "export": ("export", "account", "-"),
        "import": ("import", "account", f"{tmp_path}/a.csv"),
        "eval": ("eval", "name", "--entity", "account", "--record", "1"),
    }
    assert asked.keys() == {name for name, case in COMMANDS.items() if case == "AS"} and main.name
    with open(f"{tmp_path}/a.csv", "w", encoding="utf-8") as file:
        file.write("name\nBolt\n")
    for words in asked.values():
        result = cli(*words, "--as", "Nemo")
        assert result.exit_code == 1 and "Acme" not in result.output, f"{words}: {result.output}"
        assert cli(*words).exit_code == 0, words
