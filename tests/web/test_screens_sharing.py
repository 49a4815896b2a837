"""Sharing a record and taking it out of a queue on screens, as plain forms."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.meta.layers import CUSTOM, layer_of
from fieldsmith.workspace import Workspace
from tests.web.conftest import Person, form_token, make_person, sign_in
from tests.web.screens import Visitor, words


def account(workspace: Workspace, owner: int) -> int:
    return workspace.write(lambda work: work.records.create(OPERATOR, "account", {"name": "Acme", "owner": owner})).id


def test_a_record_is_shared_and_taken_back_in_forms(client: FlaskClient, workspace: Workspace, clerk: Person, admin: Person) -> None:
    path = f"/account/{account(workspace, clerk.id)}"
    sign_in(client, clerk)
    assert f'href="{path}/sharing"' in client.get(path).text
    page = client.get(f"{path}/sharing").text
    sent = {"user": str(admin.id), "access": "edit", "reason": "Pre-sales", "until": "2026-12-24T18:00", "csrf_token": form_token(page)}
    assert client.post(f"{path}/sharing", data=sent).status_code in (302, 303)
    page = client.get(f"{path}/sharing").text
    assert all(text in page for text in ("Ana", "Pre-sales", "May edit", "Stop sharing with Ana"))
    [remove] = re.findall(rf'action="({path}/sharing/[0-9]+/remove)"', page)
    assert client.post(remove, data={"csrf_token": form_token(page)}).status_code in (302, 303)
    assert "Stop sharing" not in client.get(f"{path}/sharing").text


def test_a_share_is_changed_in_its_place(client: FlaskClient, workspace: Workspace, clerk: Person, admin: Person) -> None:
    path = f"/account/{account(workspace, clerk.id)}"
    sign_in(client, clerk)
    token = form_token(client.get(f"{path}/sharing").text)
    client.post(f"{path}/sharing", data={"user": str(admin.id), "access": "read", "until": "2026-12-24T18:00", "reason": "Pre-sales", "csrf_token": token})
    page = client.get(f"{path}/sharing").text
    share = f"{path}/sharing/" + page.partition(f'action="{path}/sharing/')[2].partition('"')[0]
    assert 'name="until" value="2026-12-24T18:00"' in page

    def change(**sent: str) -> str:
        sent = {"until": "2026-12-24T18:00", "until.was": "2026-12-24T18:00", "access": "read", "csrf_token": token, **sent}
        assert client.post(share, data=sent).status_code == 303
        return client.get(f"{path}/sharing").text

    page = change(access="edit")
    assert ("May edit" in page, 'value="2026-12-24T18:00"' in page, "Pre-sales" in page) == (True, True, True)
    assert 'name="until" value=""' in change(until="")
    assert 'name="until" value="2026-12-31T08:30"' in change(until="2026-12-31T08:30")
    assert "past already" in change(until="2020-01-01T00:00")
    assert 'name="until" value="2026-12-31T08:30"' in change(access="all", until="x", **{"until.was": "x"})


def test_who_did_not_share_and_may_not_change_the_record_changes_no_share(app: Flask, workspace: Workspace, admin: Person) -> None:
    looking = {"name": "looking", "entities": {"account": {"read": "all", "update": "own"}, "user": {"read": "all"}}}
    workspace.publish(SYSTEM, [layer_of(CUSTOM, [("role", "looking", looking)])], "role")
    id = account(workspace, admin.id)
    share = workspace.write(lambda work: work.sharing.add(admin.actor, "account", id, {"role": "user"})).id
    eve = Visitor(app, workspace, make_person(workspace, "Eve", "looking"))
    assert 'class="share-change"' not in eve.get(f"/account/{id}/sharing").text
    assert eve.post(f"/account/{id}/sharing/{share}", {"access": "edit"}).status_code == 303
    assert "Somebody else shared it" in words(eve.get(f"/account/{id}/sharing"))


def test_what_is_wrong_is_said_beside_its_field(client: FlaskClient, workspace: Workspace, clerk: Person, admin: Person) -> None:
    path = f"/account/{account(workspace, clerk.id)}"
    sign_in(client, clerk)
    token = form_token(client.get(f"{path}/sharing").text)
    nobody = client.post(f"{path}/sharing", data={"csrf_token": token})
    assert (nobody.status_code, 'id="user-error"' in nobody.text) == (422, True)
    past = client.post(f"{path}/sharing", data={"user": str(admin.id), "until": "2020-01-01T00:00", "csrf_token": token})
    assert (past.status_code, 'id="until-error"' in past.text, ">Ana</option>" in past.text) == (422, True, True)
    odd = client.post(f"{path}/sharing", data={"user": "x", "until": "soon", "csrf_token": token})
    assert odd.status_code == 422


def test_a_record_in_a_queue_is_taken_with_one_button(app: Flask, client: FlaskClient, workspace: Workspace) -> None:
    team = workspace.write(lambda work: work.records.create(OPERATOR, "team", {"name": "T"})).id
    queue = workspace.write(lambda work: work.records.create(OPERATOR, "user", {"name": "Inbound", "kind": "queue", "team": team})).id
    path = f"/account/{account(workspace, queue)}"
    cara = make_person(workspace, "Cara", "user")
    sign_in(client, cara)
    page = client.get(path).text
    assert f'action="{path}/take"' in page
    assert client.post(f"{path}/take", data={"csrf_token": form_token(page)}).status_code in (302, 303)
    page = client.get(path).text
    assert f'action="{path}/take"' not in page
    assert "Cara" in page
    assert client.post(f"{path}/take", data={"csrf_token": form_token(page)}).status_code in (302, 303)
