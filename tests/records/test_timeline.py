"""The timeline: a record's own saves and those of what is about it."""

from __future__ import annotations

import pytest

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import NotFound
from fieldsmith.workspace import Work, Workspace


def _story(work: Work) -> int:
    account = work.records.create(OPERATOR, "account", {"name": "Acme"}).id
    other = work.records.create(OPERATOR, "account", {"name": "Other"}).id
    about = {"entity": "account", "id": account}
    call = work.records.create(OPERATOR, "activity", {"subject": "Call Acme", "kind": "call", "regarding": about}).id
    work.records.create(OPERATOR, "activity", {"subject": "Call Other", "kind": "call", "regarding": {"entity": "account", "id": other}})
    work.records.update(OPERATOR, "activity", call, {"subject": "Called Acme"})
    work.records.update(OPERATOR, "account", account, {"website": "https://acme.example"})
    return account


def test_timeline_holds_the_saves_around_a_record_newest_first(workspace: Workspace) -> None:
    account = workspace.write(_story)
    with workspace.read() as work:
        items = work.records.timeline(OPERATOR, "account", account).items
    told = [(event.record.entity, event.record.label, event.operation) for event in items]
    assert told == [
        ("account", "Acme", "update"),
        ("activity", "Called Acme", "update"),
        ("activity", "Called Acme", "create"),
        ("account", "Acme", "create"),
    ]


def test_timeline_pages_follow_each_other(workspace: Workspace) -> None:
    account = workspace.write(_story)
    with workspace.read() as work:
        whole = work.records.timeline(OPERATOR, "account", account).items
        first = work.records.timeline(OPERATOR, "account", account, limit=3)
        rest = work.records.timeline(OPERATOR, "account", account, first.next)
    assert (*first.items, *rest.items) == whole
    assert rest.next is None


def test_history_stays_the_records_own(workspace: Workspace) -> None:
    account = workspace.write(_story)
    with workspace.read() as work:
        items = work.records.history(OPERATOR, "account", account).items
    assert [event.operation for event in items] == ["update", "create"]


def test_timeline_of_an_unreadable_record_is_not_found(workspace: Workspace) -> None:
    account = workspace.write(_story)
    with workspace.read() as work, pytest.raises(NotFound):
        work.records.timeline(Actor("user", 1, "Nobody", ()), "account", account)
