"""The studio's answer to “may they, and why”, who sees a record, and viewing the product as somebody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from fieldsmith.base.context import OPERATOR, FixedClock
from fieldsmith.identity import sessions
from fieldsmith.identity.audit_log import Wanted
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.web.viewing_as import LASTS, VIEW_COOKIE
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person, contents, make_person, sign_in
from tests.web.screens import Visitor, words


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def proven(visitor: Visitor, workspace: Workspace, admin: Person) -> Visitor:
    """The administrator's password was given just now."""
    sign_in(visitor.client, admin)
    visitor.token = visitor.get("/search").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    return visitor


def events(workspace: Workspace, admin: Person) -> list[tuple[str, str, str]]:
    with workspace.read() as work:
        found = work.audit.page(admin.actor, Wanted(group="access"), None, 50).items
    return [(entry.event, entry.by, entry.subject) for entry in reversed(found) if entry.event.startswith("view_as")]


def test_the_question_is_answered_in_words(visitor: Visitor, clerk: Person) -> None:
    id = visitor.make("account", name="Acme")
    page = visitor.get(f"/studio/access/?user={clerk.id}&entity=account&record={id}&right=update")
    assert "Yes May change: This reaches every record of Accounts." in words(page) and "Role User lets change Accounts: all records." in words(page)
    no = words(visitor.get(f"/studio/access/?user={clerk.id}&entity=user&record={clerk.id}&right=delete"))
    assert "No May not delete: Role User may read Users, but no role lets Ben delete them." in no
    assert "Ben may change it Nothing limits Account name." in words(visitor.get(f"/studio/access/?user={clerk.id}&entity=account&record={id}&field=name"))


@pytest.mark.parametrize("query", ["", "?user=x&entity=nothing", "?user=999&entity=account", "?user={id}&entity=account&record=999", "?right=all&field=x"])
def test_whatever_is_asked_is_a_page(visitor: Visitor, clerk: Person, query: str) -> None:
    assert visitor.get("/studio/access/" + query.format(id=clerk.id)).status_code in (200, 404)


def test_who_sees_a_record(visitor: Visitor, clerk: Person, admin: Person) -> None:
    id = visitor.make("account", name="Acme")
    assert f'href="/studio/access/who/account/{id}"' in visitor.get(f"/account/{id}").text
    page = words(visitor.get(f"/studio/access/who/account/{id}"))
    assert "People: 2" in page and "administers 1" in page and "role reaches every record 1" in page and "Ben" in page
    assert visitor.get("/studio/access/who/account/999").status_code == 404


def test_only_administrators_ask(app: Flask, workspace: Workspace, visitor: Visitor, clerk: Person) -> None:
    other = Visitor(app, workspace, clerk)
    for path in ("/studio/access/", f"/studio/access/who/account/{visitor.make('account', name='A')}"):
        assert other.get(path).status_code == 403
    assert other.post("/studio/access/view", {"user": clerk.id}).status_code == 403


def test_viewing_needs_a_fresh_password(visitor: Visitor, clerk: Person, workspace: Workspace) -> None:
    workspace.clock = FixedClock(workspace.clock.now() + timedelta(minutes=16))
    answer = visitor.post("/studio/access/view", {"user": clerk.id})
    assert answer.status_code == 303 and answer.location.startswith("/me/confirm")
    assert visitor.client.get_cookie(VIEW_COOKIE) is None


def test_the_product_as_somebody_sees_it_read_only_and_logged(proven: Visitor, clerk: Person, workspace: Workspace, admin: Person) -> None:
    id = proven.make("account", name="Acme")
    assert proven.post("/studio/access/view", {"user": clerk.id}).location == "/"
    page = proven.get(f"/account/{id}")
    assert "You see what Ben sees." in words(page) and 'href="/studio/"' not in page.text
    assert proven.get("/studio/").status_code == 403
    before = contents(workspace)
    for path, sent in (
        (f"/account/{id}/edit", {"name": "B"}),
        ("/account/new", {"name": "N"}),
        ("/studio/access/view", {"user": admin.id}),
        ("/me/preferences", {}),
    ):
        refused = proven.post(path, sent)
        assert refused.status_code == 403 and "Stop viewing first" in refused.text, path
    assert proven.get("/me").status_code == 403
    assert contents(workspace) == before
    assert proven.post("/studio/access/leave", {}).location == f"/studio/access/?user={clerk.id}"
    assert proven.get("/studio/").status_code == 200 and "You see what" not in proven.get("/").text
    assert events(workspace, admin) == [("view_as.began", "Ana", str(clerk.id)), ("view_as.ended", "Ana", str(clerk.id))]


def test_it_ends_by_itself(proven: Visitor, clerk: Person, workspace: Workspace, admin: Person) -> None:
    proven.post("/studio/access/view", {"user": clerk.id})
    workspace.clock = FixedClock(workspace.clock.now() + LASTS + timedelta(seconds=1))
    assert "viewing as somebody else has ended" in proven.get("/").text
    assert proven.get("/studio/").status_code == 200
    assert [event for event, _, _ in events(workspace, admin)] == ["view_as.began", "view_as.ended"]


def test_the_cookie_of_another_or_made_up_is_worth_nothing(app: Flask, proven: Visitor, clerk: Person, admin: Person, workspace: Workspace) -> None:
    proven.post("/studio/access/view", {"user": clerk.id})
    cookie = proven.client.get_cookie(VIEW_COOKIE)
    assert cookie is not None
    other = Visitor(app, workspace, clerk)
    for value in (cookie.value, f"{admin.id}.9999999999.x", "x", ""):
        other.client.set_cookie(VIEW_COOKIE, value)
        assert other.get("/studio/").status_code == 403 and "You see what" not in other.get("/").text


def test_it_ends_with_the_session_it_was_begun_in(proven: Visitor, clerk: Person, workspace: Workspace, admin: Person) -> None:
    """The cookie is signed for that session: without it, and in another session of the same administrator, it opens nothing."""
    proven.post("/studio/access/view", {"user": clerk.id})
    cookie = proven.client.get_cookie(VIEW_COOKIE)
    assert cookie is not None and proven.get("/studio/").status_code == 403
    workspace.write(lambda work: sessions.end_all(work.connection, admin.id))
    assert "/login" in proven.get("/account/").location
    sign_in(proven.client, admin)
    proven.client.set_cookie(VIEW_COOKIE, cookie.value)
    assert "You see what" not in proven.get("/account/").text and proven.get("/studio/").status_code == 200


@pytest.mark.parametrize("suspended", ["admin", "clerk"])
def test_suspending_either_person_ends_it(proven: Visitor, clerk: Person, workspace: Workspace, admin: Person, suspended: str) -> None:
    proven.post("/studio/access/view", {"user": clerk.id})
    cookie = proven.client.get_cookie(VIEW_COOKIE)
    assert cookie is not None
    person = {"admin": admin, "clerk": clerk}[suspended]
    if suspended == "admin":  # somebody must administer
        make_person(workspace, "Cai", "administrator")
    workspace.write(
        lambda work: Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now).set_active(OPERATOR, person.id, False)
    )
    answer = proven.get("/account/")
    proven.client.set_cookie(VIEW_COOKIE, cookie.value)
    again = proven.get("/account/")
    for seen in (answer, again):
        assert "You see what" not in seen.text
    assert again.status_code == (303 if suspended == "admin" else 200)


def test_losing_the_role_ends_it(proven: Visitor, clerk: Person, workspace: Workspace, admin: Person) -> None:
    proven.post("/studio/access/view", {"user": clerk.id})
    make_person(workspace, "Cai", "administrator")
    workspace.write(
        lambda work: Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now).set_roles(OPERATOR, admin.id, ("user",))
    )
    assert "You see what" not in proven.get("/account/").text and proven.get("/studio/").status_code == 403


def test_nobody_views_as_themselves_or_as_who_may_not_sign_in(proven: Visitor, admin: Person) -> None:
    fay = proven.make("user", name="Fay")
    for user, status in ((admin.id, 422), (fay, 422), (999, 404), ("x", 404)):
        assert proven.post("/studio/access/view", {"user": user}).status_code == status
