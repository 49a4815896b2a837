"""The start page: what is mine, what changed, the pipelines; an empty workspace; demo data in and out."""

from __future__ import annotations

from flask import Flask

from fieldsmith.workspace import Workspace
from tests.web.conftest import Person
from tests.web.screens import Visitor


def test_an_empty_workspace_says_what_to_do_first(visitor: Visitor) -> None:
    page = visitor.get("/").text
    assert 'class="step-card" href="/account/new"' in page and 'action="/demo/load"' in page


def test_my_open_activities_come_by_due_date(visitor: Visitor, admin: Person, clerk: Person) -> None:
    for subject, owner, status, due in [
        ("Later", admin.id, "not_started", "2026-12-24T10:00:00Z"),
        ("Sooner", admin.id, "in_progress", "2026-11-20T10:00:00Z"),
        ("Some day", admin.id, "waiting", None),
        ("Done", admin.id, "completed", "2026-11-19T10:00:00Z"),
        ("Ben's", clerk.id, "not_started", "2026-11-18T10:00:00Z"),
    ]:
        visitor.make("activity", subject=subject, owner=owner, status=status, due_at=due)
    mine = visitor.get("/").text.partition("My open activities")[2]
    assert [mine.index(text) for text in ("Sooner", "Later", "Some day")] == sorted(mine.index(text) for text in ("Sooner", "Later", "Some day"))
    assert "Done" not in mine and "Ben" not in mine
    assert mine.count("Overdue:") == 1


def test_pipelines_count_by_stage(visitor: Visitor) -> None:
    visitor.make_many("opportunity", [{"name": f"Deal {n}", "stage": "won" if n < 3 else "lost"} for n in range(5)])
    page = " ".join(visitor.get("/").text.split())
    assert '<span class="truncate">Won</span></span></dt><dd>3</dd>' in page
    assert '<span class="truncate">Lost</span></span></dt><dd>2</dd>' in page


def test_recent_changes_are_escaped_and_linked(visitor: Visitor) -> None:
    id = visitor.make("account", name="<img src=x onerror=alert(1)>")
    page = visitor.get("/").text
    assert f'href="/account/{id}"' in page and "<img" not in page


def test_demo_data_goes_in_and_out(visitor: Visitor) -> None:
    assert visitor.post("/demo/load", {}).status_code == 303
    assert "demo records were loaded." in visitor.get("/").text
    assert visitor.post("/demo/load", {}).status_code == 409
    assert visitor.post("/demo/remove", {}).status_code == 303
    assert 'class="step-card"' in visitor.get("/").text


def test_demo_data_is_for_administrators(app: Flask, workspace: Workspace, clerk: Person) -> None:
    visitor = Visitor(app, workspace, clerk)
    assert "/demo/load" not in visitor.get("/").text
    assert visitor.post("/demo/load", {}).status_code == 403
    assert visitor.post("/demo/remove", {}).status_code == 403
