"""`/records/{entity}/{id}/access`: rights, fields and sentences; of others for administrators only."""

from __future__ import annotations

from fieldsmith.base.context import OPERATOR
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.meta.roles import RIGHTS
from fieldsmith.workspace import Work, Workspace
from tests.web.conftest import Api, Person


def made(workspace: Workspace) -> int:
    return workspace.write(lambda work: work.records.create(OPERATOR, "account", {"name": "Acme"})).id


def test_every_right_is_answered_with_a_sentence(api: Api, clerk: Person, workspace: Workspace) -> None:
    found = api.get(f"/records/account/{made(workspace)}/access?user={clerk.id}").json
    assert set(found) == {*RIGHTS, "fields", "because"}
    assert (found["read"], found["merge"], found["fields"]["name"], found["fields"]["created_at"]) == (True, True, "update", "read")
    assert "May read: This reaches every record of Accounts." in found["because"] and len(found["because"]) == len(RIGHTS)


def test_everybody_may_ask_for_themselves(clerk_api: Api, clerk: Person, workspace: Workspace) -> None:
    path = f"/records/account/{made(workspace)}/access"
    assert clerk_api.get(path).json == clerk_api.get(f"{path}?user={clerk.id}").json
    no = clerk_api.get(f"/records/user/{clerk.id}/access").json
    assert no["read"] and not no["update"] and set(no["fields"].values()) == {"read"}
    assert "May not change: Role User may read Users, but no role lets Ben change them." in no["because"]


def test_only_administrators_ask_for_others_and_only_of_what_is_there(api: Api, clerk_api: Api, admin: Person, workspace: Workspace) -> None:
    id = made(workspace)
    for caller, path, status in (
        (clerk_api, f"/records/account/{id}/access?user={admin.id}", 403),
        (clerk_api, "/records/account/999/access", 404),
        (api, "/records/account/999/access", 404),
        (api, f"/records/account/{id}/access?user=999", 404),
        (api, f"/records/account/{id}/access?user=x", 400),
        (api, f"/records/account/{id}/access?who=1", 400),
        (api, f"/records/nothing/{id}/access", 404),
    ):
        assert caller.get(path).status_code == status, path


def test_a_suspended_user_may_nothing(api: Api, clerk: Person, workspace: Workspace) -> None:
    def suspend(work: Work) -> None:
        Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now).set_active(OPERATOR, clerk.id, False)

    id = made(workspace)
    workspace.write(suspend)
    found = api.get(f"/records/account/{id}/access?user={clerk.id}").json
    assert not any(found[right] for right in RIGHTS) and found["fields"] == {}
    assert "May not read: The login of Ben is suspended, so nothing is allowed." in found["because"]
