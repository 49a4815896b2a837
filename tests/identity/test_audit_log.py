"""Reading the audit log: filters, pages, export, for administrators only."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from fieldsmith.base.context import ANONYMOUS, OPERATOR, Actor
from fieldsmith.base.errors import BadQuery, Forbidden
from fieldsmith.base.text import ENGLISH
from fieldsmith.bulk.export import guarded
from fieldsmith.db.audit_digest import digest
from fieldsmith.identity.audit import note
from fieldsmith.identity.audit_export import COLUMNS, lines
from fieldsmith.identity.audit_log import LOOKED_AT, AuditLog, Wanted
from fieldsmith.identity.audit_refusals import Refusals
from fieldsmith.identity.audit_words import told
from fieldsmith.workspace import Workspace

NOON = datetime(2026, 11, 22, 12)
ANA = Actor("user", 7, "Ana Müller", ("administrator",), via="screen")
BEN = Actor("user", 8, "Ben", via="api", on_behalf="Ana Müller")
ROWS: tuple[tuple[Actor, str, str, dict[str, Any]], ...] = (
    (ANA, "sign_in", "7", {"address": "10.0.0.1"}),
    (ANONYMOUS, "sign_in.refused", "=ana", {"address": "10.0.0.2"}),
    (OPERATOR, "roles.changed", "8", {"roles": ("user",)}),
    (BEN, "masked.revealed", "", {"entity": "contact", "record": 3, "field": "salary"}),
    (BEN, "records.exported", "", {"entity": "account", "rows": 12, "filter": "name = '100%'"}),
)


@pytest.fixture
def log(workspace: Workspace) -> Iterator[AuditLog]:
    def fill(work: Any) -> None:
        for minute, (actor, event, subject, detail) in enumerate(ROWS):
            note(work.connection, NOON + timedelta(minutes=minute), actor, event, subject, **detail)

    workspace.write(fill)
    with workspace.read() as work:
        yield work.audit


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"person": "müller"}, [4, 3, 0]),
        ({"person": "MÜLLER"}, [4, 3, 0]),
        ({"person": "#8"}, [4, 3, 2]),
        ({"person": "#"}, []),
        ({"group": "sign_in"}, [1, 0]),
        ({"event": "sign_in"}, [0]),
        ({"entity": "user"}, [2, 0]),
        ({"entity": "user", "record": 8}, [2]),
        ({"entity": "contact", "record": 3}, [3]),
        ({"since": NOON + timedelta(minutes=3)}, [4, 3]),
        ({"until": NOON + timedelta(minutes=1)}, [0]),
        ({"text": "SALARY"}, [3]),
        ({"text": "%"}, [4]),
        ({"text": "=ana"}, [1]),
        ({"text": "a\0b"}, []),
        ({"text": "10.0.0", "group": "sign_in", "person": "anonymous"}, [1]),
    ],
)
def test_filters_say_which_rows(log: AuditLog, wanted: dict[str, Any], found: list[int]) -> None:
    first = log.page(OPERATOR, Wanted(event="sign_in", text="10.0.0.1")).items[0].seq
    assert [entry.seq - first for entry in log.page(OPERATOR, Wanted(**wanted)).items if entry.seq >= first] == found
    assert [entry.seq - first for entry in log.each(OPERATOR, Wanted(**wanted)) if entry.seq >= first] == found


def test_pages_go_on_where_the_one_before_ended(log: AuditLog) -> None:
    seen, after = [], None
    while True:
        page = log.page(OPERATOR, Wanted(since=NOON), after, 2)
        seen.append([entry.event for entry in page.items])
        after = page.next
        if after is None:
            break
    assert seen == [["records.exported", "masked.revealed"], ["roles.changed", "sign_in.refused"], ["sign_in"]]


@pytest.mark.parametrize("wanted", [{"group": "nonsense"}, {"event": "sign_inn"}])
def test_events_and_groups_that_do_not_exist_are_refused(log: AuditLog, wanted: dict[str, Any]) -> None:
    with pytest.raises(BadQuery):
        log.page(OPERATOR, Wanted(**wanted))


@pytest.mark.parametrize("mark", ["", "x", "-1", "9" * 19])
def test_a_forged_mark_is_refused(log: AuditLog, mark: str) -> None:
    with pytest.raises(BadQuery):
        log.page(OPERATOR, Wanted(), mark)


@pytest.mark.parametrize("actor", [ANONYMOUS, Actor("user", 8, "Ben", ("user",)), Actor("service", 8, "Ben")])
def test_only_administrators_read_it(log: AuditLog, actor: Actor) -> None:
    asked = (log.page, log.extent, lambda *both: list(log.each(*both)), lambda actor, _: log.verify(actor))
    for ask in asked:
        with pytest.raises(Forbidden):
            ask(actor, Wanted())


def test_an_export_ends_where_it_was_noted(log: AuditLog, workspace: Workspace) -> None:
    extent = log.extent(OPERATOR, Wanted(since=NOON))
    workspace.write(lambda work: note(work.connection, NOON, OPERATOR, "audit.exported"))
    with workspace.read() as work:
        assert len(list(work.audit.each(OPERATOR, Wanted(since=NOON), extent.newest))) == extent.count == len(ROWS)


def test_a_table_is_safe_in_a_spreadsheet_and_whole(log: AuditLog) -> None:
    text = "".join(lines(log.each(OPERATOR, Wanted(since=NOON)), "csv", guarded))
    header, *rows = csv.reader(io.StringIO(text))
    assert tuple(header) == COLUMNS
    assert [row[header.index("subject")] for row in rows] == ["", "", "8", "'=ana", "7"]
    assert rows[0][header.index("at")] == "2026-11-22T12:04:00.000000Z"


def test_json_lines_can_be_verified_by_another_program(log: AuditLog) -> None:
    rows = [json.loads(line) for line in "".join(lines(log.each(OPERATOR, Wanted()), "jsonl", guarded)).splitlines()]
    for newer, older in pairwise(rows):
        row = {**newer, "id": newer["seq"], "at": datetime.fromisoformat(newer["at"]).replace(tzinfo=None), "detail": newer["source"]}
        assert newer["hash"] == digest(older["hash"], row)


def test_rows_are_told_in_words(log: AuditLog) -> None:
    exported, revealed, roles, refused, signed = (told(entry, ENGLISH) for entry in log.page(OPERATOR, Wanted(since=NOON)).items)
    assert (signed.what, signed.details) == ("Signed in", (("Address", "10.0.0.1"),))
    assert (refused.what, refused.subject) == ("Sign-in refused: name and password did not match", "=ana")
    assert roles.details == (("Roles", "user"),)
    assert revealed.details == (("Field", "salary"),)
    assert exported.details == (("Filter", "name = '100%'"), ("Rows", "12"))


def test_an_event_of_another_program_is_told_by_its_name(workspace: Workspace) -> None:
    reason: dict[str, Any] = {"reason": "No {thing}.", "with": {"thing": "way"}}
    workspace.write(lambda work: note(work.connection, NOON, OPERATOR, "other.event", "x", **reason, empty=None, flag=True, more={"a": 1}))
    with workspace.read() as work:
        said = told(work.audit.page(OPERATOR, Wanted()).items[0], ENGLISH)
    assert (said.what, said.subject) == ("other.event", "x")
    assert said.details == (("flag", "yes"), ("more", "a: 1"), ("Reason", "No way."))


def test_a_reason_that_does_not_fit_its_parameters_is_told_as_it_is(workspace: Workspace) -> None:
    reason: dict[str, Any] = {"reason": "No {thing}", "with": {"other": "x"}}
    workspace.write(lambda work: note(work.connection, NOON, OPERATOR, "access.refused", **reason))
    with workspace.read() as work:
        assert told(work.audit.page(OPERATOR, Wanted()).items[0], ENGLISH).details == (("Reason", "No {thing}"),)


def test_what_cannot_be_stored_is_noted_nevertheless(workspace: Workspace) -> None:
    workspace.write(lambda work: note(work.connection, NOON, ANONYMOUS, "sign_in.refused", "a\0\ud800" + "x" * 5000, text="\ud800\0", more=["\0"]))
    with workspace.read() as work:
        entry = work.audit.page(OPERATOR, Wanted()).items[0]
        assert work.audit.verify(OPERATOR).whole
    assert (len(entry.subject), entry.subject[:4], entry.detail) == (2000, "a\ufffd?x", {"text": "?\ufffd", "more": ["\ufffd"]})


def test_refusals_are_admitted_once_a_minute() -> None:
    refusals, later = Refusals(), NOON + timedelta(seconds=61)
    assert [refusals.admit("user", 7, "a", NOON) for _ in range(4)] == [0, None, None, None]
    assert [refusals.admit("user", 7, "b", NOON), refusals.admit("user", 8, "a", NOON), refusals.admit("service", 7, "a", NOON)] == [0, 0, 0]
    assert [refusals.admit("user", 7, "a", later), refusals.admit("user", 7, "a", later)] == [3, None]
    assert refusals.admit("user", 7, "a", NOON) == 1


def test_a_search_for_text_stops_after_so_many_rows_and_goes_on_when_asked(workspace: Workspace, log: AuditLog) -> None:
    def fill(work: Any) -> None:
        for _ in range(LOOKED_AT + 100):
            note(work.connection, NOON, OPERATOR, "sign_out")

    workspace.write(fill)
    with workspace.read() as work:
        first = work.audit.page(OPERATOR, Wanted(text="10.0.0.2"))
        assert first.items == () and first.looked_back and first.next is not None
        rest = work.audit.page(OPERATOR, Wanted(text="10.0.0.2"), first.next)
        assert [entry.subject for entry in rest.items] == ["=ana"] and (rest.next, rest.looked_back) == (None, False)
        assert [entry.seq for entry in work.audit.each(OPERATOR, Wanted(text="10.0.0.2"))] == [rest.items[0].seq]
        assert not work.audit.page(OPERATOR, Wanted(person="#7")).looked_back
