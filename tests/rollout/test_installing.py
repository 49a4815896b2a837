"""Installing shipped packages and first users; and what doctor says of a workspace."""

from __future__ import annotations

import copy

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.meta.layers import Layer, layer_of
from fieldsmith.meta.packages import read_package, shipped_packages
from fieldsmith.rollout.doctor import examine
from fieldsmith.rollout.installing import add_user, install_shipped
from fieldsmith.workspace import Workspace
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import custom
from tests.rental import RENEWAL, WEBSITE

PASSWORD = "correct horse battery"


def test_shipped_packages_are_installed_once(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace()
    assert (install_shipped(workspace, OPERATOR), install_shipped(workspace, OPERATOR)) == (1, 1)
    assert list(workspace.runtime().model.packages) == ["core", "crm"]


def older(layer: Layer) -> Layer:
    """`layer` before the shipped version, when the web site of an account had another label."""
    rows = [(item.kind, item.name, copy.deepcopy(dict(item.body))) for item in layer.documents]
    account = next(body for kind, name, body in rows if (kind, name) == ("entity", "account"))
    next(field for field in account["fields"] if field["name"] == "website")["label"] = "Address"
    return layer_of(layer.name, rows)


def test_a_newer_program_brings_packages_up_to_date_and_keeps_what_was_changed(make_workspace: MakeWorkspace) -> None:
    workspace, shipped = make_workspace(), shipped_packages()
    base = {**WEBSITE, "base": "Address"}
    renewal = {"extends": "opportunity", "operations": [RENEWAL]}
    own = custom({"entity": [{"extends": "account", "operations": [base]}, renewal]})
    workspace.publish(OPERATOR, [read_package(shipped["core"]), older(read_package(shipped["crm"])), own], "begin")
    assert (install_shipped(workspace, OPERATOR), install_shipped(workspace, OPERATOR)) == (2, 2)
    model = workspace.runtime().model
    assert (str(model.entities["account"].fields["website"].label), "renewal" in model.entities["opportunity"].fields) == ("Home page", True)
    assert [clash.path for clash in workspace.upgrades.open_clashes(OPERATOR)] == ["entity/account/fields/website/label"]


def test_a_user_is_a_record_with_a_login(desk: Desk) -> None:
    id = add_user(desk.workspace, OPERATOR, " Ana ", "ana@example.com", ("user",), PASSWORD)
    values = desk.get("user", id)
    assert (values["name"], values["email"]) == ("Ana", "ana@example.com")
    assert [row["name"] for row in desk.table("fs_login")] == ["Ana"]


WRONG: list[tuple[str, str | None, str, str | None]] = [
    ("", None, "user", None),
    ("Ben", "x", "user", None),
    ("Ben", None, "nonsense", None),
    ("Ben", None, "user", "short"),
    ("ANA", None, "user", None),
]


@pytest.mark.parametrize(("name", "email", "role", "password"), WRONG)
def test_a_user_that_cannot_be_made_leaves_nothing(desk: Desk, name: str, email: str | None, role: str, password: str | None) -> None:
    add_user(desk.workspace, OPERATOR, "Ana", None, ("user",), None)
    with desk.unchanged(), pytest.raises((BadInput, Conflict)):
        add_user(desk.workspace, OPERATOR, name, email, (role,), password)


def found(workspace: Workspace) -> set[str]:
    """What doctor finds, but for the front end, which not every checkout has built."""
    return {problem.code for problem in examine(workspace)} - {"no_front_end"}


def test_doctor_finds_a_sound_workspace_sound(tiny: Desk) -> None:
    tiny.make("thing", text="A", file=tiny.upload())
    with tiny.unchanged():
        assert found(tiny.workspace) == set()


def test_doctor_tells_a_missing_column_and_a_missing_file(tiny: Desk) -> None:
    tiny.upload()
    next((tiny.workspace.settings.home / "files").rglob("*/*")).unlink()
    schema = tiny.workspace.runtime().schema
    [column] = schema.columns(schema.model.entities["vault"].fields["pin"])
    with tiny.workspace.database.write() as connection:
        connection.exec_driver_sql(f'ALTER TABLE "{schema.table("vault").name}" DROP COLUMN "{column.name}"')
    assert found(tiny.workspace) == {"schema_drift", "missing_file"}
