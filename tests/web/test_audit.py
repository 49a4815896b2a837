"""The audit log on the screen and by the API; which requests are noted in it."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.base.context import OPERATOR, FixedClock
from fieldsmith.identity.audit import note
from fieldsmith.identity.audit_log import LOOKED_AT, Entry, Wanted
from fieldsmith.workspace import Work, Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Api, Person, form_token, sign_in
from tests.web.screens import Visitor, words

LATE = datetime(2026, 11, 22, 23, 30)


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def noted(workspace: Workspace, **wanted: Any) -> list[Entry]:
    with workspace.read() as work:
        return list(work.audit.page(OPERATOR, Wanted(**wanted)).items)


def put(workspace: Workspace, event: str, subject: str = "", at: datetime = LATE, **detail: Any) -> None:
    workspace.write(lambda work: note(work.connection, at, OPERATOR, event, subject, **detail))


def test_rows_are_told_in_words(visitor: Visitor, workspace: Workspace) -> None:
    account = visitor.make("account", name="Acme <b>")
    put(workspace, "masked.revealed", entity="account", record=account, field="tax_number")
    put(workspace, "sign_in.refused", "<img src=x>", address="10.0.0.1")
    page = visitor.get("/studio/audit/").text
    assert "A masked value was revealed" in page and f'<a href="/account/{account}">Account: Acme &lt;b&gt;</a>' in page
    assert "<img src=x>" not in page and "&lt;img src=x&gt;" in page
    assert "Field tax_number" in words(page) and "on the command line" in words(page)


def test_times_and_days_are_the_readers(visitor: Visitor, workspace: Workspace, admin: Person) -> None:
    visitor.change("user", admin.id, time_zone="Asia/Taipei")
    put(workspace, "sign_in.refused", "night")
    page = visitor.get("/studio/audit/?since=2026-11-23&text=night").text
    assert "Nov 23, 2026" in page and "7:30:00" in page and 'datetime="2026-11-22T23:30:00.000000Z"' in page
    assert "Nothing fits" in visitor.get("/studio/audit/?until=2026-11-22&text=night").text
    assert "Nov 23, 2026" in visitor.get("/studio/audit/?until=2026-11-23&text=night").text


@pytest.mark.parametrize("query", ["since=yesterday", "until=2026-02-30", "record=x", "group=nonsense", "text=" + "x" * 300, "after=x"])
def test_a_filter_that_cannot_be_says_so(visitor: Visitor, query: str) -> None:
    answer = visitor.get(f"/studio/audit/?{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text or "invalid-feedback" in answer.text


def test_older_rows_follow_by_pages_with_the_same_filter(visitor: Visitor, workspace: Workspace) -> None:
    for number in range(60):
        put(workspace, "sign_in.refused", f"n{number:03}")
    page = visitor.get("/studio/audit/?group=sign_in").text
    assert "n059" in page and "n009" not in page
    older = page.partition('href="/studio/audit/?group=sign_in&amp;after=')[2].partition('"')[0]
    second = visitor.get(f"/studio/audit/?group=sign_in&after={older}").text
    assert "n009" in second and "n010" not in second and "Older ones" not in second


def test_a_button_verifies_the_chain(visitor: Visitor, workspace: Workspace) -> None:
    whole = visitor.post("/studio/audit/verify", {})
    assert whole.status_code == 200 and "The log is whole" in whole.text
    with workspace.database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER fs_audit_no_update")
        connection.exec_driver_sql("UPDATE fs_audit SET subject = 'x' WHERE id = 2")
    broken = visitor.post("/studio/audit/verify", {}).text
    assert "Row 2 was changed, or rows before it are missing or changed." in broken and "The log is whole" not in broken
    assert [entry.detail["result"] for entry in noted(workspace, event="audit.verified")] == ["broken at 2", "whole"]
    assert visitor.get("/studio/audit/verify").location == "/studio/audit/"


def test_what_is_filtered_can_be_taken_away_and_that_is_noted(visitor: Visitor, workspace: Workspace, admin: Person) -> None:
    put(workspace, "sign_in.refused", "=1+1")
    answer = visitor.get("/studio/audit/export.csv?text=%3D1")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    header, row = csv.reader(io.StringIO(answer.text))
    assert dict(zip(header, row, strict=True))["subject"] == "'=1+1"
    assert json.loads(visitor.get("/studio/audit/export.jsonl?text=%3D1%2B").text)["subject"] == "=1+1"
    first = noted(workspace, event="audit.exported")[-1]
    assert (first.by, first.detail) == ("Ana", {"filter": "text: =1", "format": "csv", "rows": 1})


@pytest.mark.parametrize("path", ["/studio/audit/", "/studio/audit/export.csv", "/studio/audit/export.jsonl", "/studio/audit/verify"])
def test_only_administrators_come_in(app: Flask, workspace: Workspace, clerk: Person, path: str) -> None:
    ben = Visitor(app, workspace, clerk)
    answer = ben.post(path, {}) if path.endswith("verify") else ben.get(path)
    assert answer.status_code == 403
    assert noted(workspace, event="audit.exported") == [] and noted(workspace, event="audit.verified") == []


def test_the_api_lists_exports_and_verifies(api: Api, workspace: Workspace) -> None:
    put(workspace, "roles.changed", "7", at=LATE + timedelta(microseconds=5), roles=["user"])
    row = api.get("/audit?event=roles.changed&since=2026-11-22T23:30:00Z").get_json()["items"][0]
    assert (row["at"], row["entity"], row["record"], row["detail"]) == ("2026-11-22T23:30:00.000005Z", "user", 7, {"roles": ["user"]})
    assert len(api.get("/audit?limit=1").get_json()["items"]) == 1
    assert json.loads(api.get("/audit/export?format=jsonl").text.splitlines()[0])["event"] == "roles.changed"
    verdict = api.get("/audit/verify").get_json()
    assert verdict["whole"] is True and verdict["head"].startswith(f"{verdict['rows']}:")
    assert api.get(f"/audit/verify?witness={verdict['head']}").get_json()["whole"] is True


@pytest.mark.parametrize(
    ("path", "status"),
    [("/audit?since=x", 400), ("/audit?nonsense=1", 400), ("/audit?event=x", 400), ("/audit/export?format=xml", 400), ("/audit/verify?witness=x", 422)],
)
def test_the_api_refuses_what_cannot_be(api: Api, path: str, status: int) -> None:
    assert api.get(path).status_code == status


@pytest.mark.parametrize("path", ["/audit", "/audit/export", "/audit/verify"])
def test_the_api_is_for_administrators(clerk_api: Api, path: str) -> None:
    assert clerk_api.get(path).status_code == 403


def test_refused_access_is_noted_once_a_minute(clerk_api: Api, workspace: Workspace, clerk: Person) -> None:
    for _ in range(3):
        assert clerk_api.patch("/records/user/1", json={"name": "x"}).status_code == 403
    clerk_api.get("/revisions")
    found = noted(workspace, event="access.refused")
    assert [(entry.by_id, entry.entity, entry.record, entry.detail["path"]) for entry in found] == [
        (clerk.id, "", None, "/api/v1/revisions"),
        (clerk.id, "user", 1, "/api/v1/records/user/1"),
    ]
    workspace.clock = FixedClock(workspace.clock.now() + timedelta(minutes=2))
    clerk_api.patch("/records/user/1", json={"name": "x"})
    assert noted(workspace, event="access.refused")[0].detail["left_out"] == 2
    assert len(noted(workspace, event="access.refused")) == 3


def test_visitors_who_are_refused_are_not_noted(client: FlaskClient, workspace: Workspace) -> None:
    assert client.post("/login", data={"name": "a", "password": "b"}).status_code == 403
    assert noted(workspace, event="access.refused") == []


def test_signing_in_and_out_is_noted(client: FlaskClient, workspace: Workspace, admin: Person) -> None:
    sign_in(client, admin)
    page = client.get("/me").text
    client.post("/logout", data={"csrf_token": page.partition('name="csrf_token" value="')[2].partition('"')[0]})
    assert [(entry.event, entry.record) for entry in noted(workspace, group="sign_in")] == [("sign_out", admin.id), ("sign_in", admin.id)]


def test_publishing_is_noted(workspace: Workspace, admin: Person) -> None:
    sets = workspace.changesets
    id = sets.open(admin.actor, "Marks")
    sets.put(admin.actor, id, "choices", "mark", {"name": "mark", "values": [{"name": "good"}]})
    revision = sets.publish(admin.actor, id, sets.plan(admin.actor, id).hash)
    workspace.revisions.roll_back(admin.actor, 1)
    back, made = noted(workspace, group="metadata")[:2]
    assert (made.event, made.by, made.detail["reason"], made.subject) == ("metadata.published", "Ana", "Marks", "2")
    assert (back.event, back.detail["back_to"], back.subject) == ("metadata.rolled_back", 1, "3")
    assert revision is not None


def test_history_by_the_api_tells_microseconds_order_and_who_acted(api: Api, workspace: Workspace) -> None:
    made = api.post("/records/account", json={"name": "Acme"}).get_json()
    event = api.get(f"/records/account/{made['id']}/history").get_json()["items"][0]
    assert event["at"] == "2026-11-22T09:30:00.000000Z"
    assert (type(event["seq"]), event["as"], event["via"], event["run"]) == (int, None, "api", None)


def test_a_record_page_says_by_what_way_and_who_really_acted(visitor: Visitor, workspace: Workspace, admin: Person) -> None:
    acting = replace(admin.actor, via="import", run="a & b.csv", on_behalf="operator")
    id = workspace.write(lambda work: work.records.create(acting, "account", {"name": "Acme"})).id
    page = visitor.get(f"/account/{id}").text
    assert "by the import of a &amp; b.csv · operator acted in their place" in page
    assert 'title="2026-11-22 09:30:00.000000 UTC · #' in page


def test_a_loop_of_guesses_does_not_flood_the_log(client: FlaskClient, workspace: Workspace, admin: Person) -> None:
    token = form_token(client.get("/login").text)
    for _ in range(15):
        client.post("/login", data={"name": "ana", "password": "wrong", "csrf_token": token})
    assert [len(noted(workspace, event=name)) for name in ("sign_in.refused", "sign_in.throttled")] == [10, 1]
    workspace.clock = FixedClock(workspace.clock.now() + timedelta(minutes=2))
    client.post("/login", data={"name": "ana", "password": "wrong", "csrf_token": token})
    assert noted(workspace, event="sign_in.throttled")[0].detail["left_out"] == 4


def test_who_signed_in_is_found_by_name(client: FlaskClient, workspace: Workspace, admin: Person) -> None:
    sign_in(client, admin)
    assert [entry.event for entry in noted(workspace, person="ana", group="sign_in")] == ["sign_in"]


def test_a_long_search_offers_to_go_on(visitor: Visitor, workspace: Workspace) -> None:
    put(workspace, "sign_in.refused", "needle")

    def fill(work: Work) -> None:
        for _ in range(LOOKED_AT):
            note(work.connection, LATE, OPERATOR, "sign_out")

    workspace.write(fill)
    page = visitor.get("/studio/audit/?text=needle").text
    assert "The search has looked at 10,000 rows" in words(page) and "Nothing fits" not in page
    [further] = re.findall(r'href="([^"]+after=[^"]+)"', page)
    page = visitor.get(further.replace("&amp;", "&")).text
    assert "needle" in page and "Search further back" not in page
