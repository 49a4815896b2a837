"""A field gets another type: what the dry run says, what becomes of the values, and the way back."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Conflict, NotFound
from fieldsmith.studio.retyping import DryRun
from fieldsmith.studio.retyping_job import Job
from fieldsmith.studio.retyping_wish import wish_from
from tests.studio.conftest import Studio
from tests.studio.test_removals import sound

NOTE = {"op": "add", "path": "/fields/note", "value": {"type": "text", "label": "Note"}}


def look(studio: Studio, type: str, field: str = "note", **said: Any) -> DryRun:
    return studio.desk.workspace.retyping.look(OPERATOR, wish_from("crate", field, {"type": type, **said}))


def start(studio: Studio, type: str, field: str = "note", **said: Any) -> Job:
    return studio.desk.workspace.retyping.start(OPERATOR, wish_from("crate", field, {"type": type, **said}))


def noted(studio: Studio, *notes: str | None, **field: Any) -> list[int]:
    studio.change(("entity", "crate", {**NOTE, "value": {**NOTE["value"], **field}}))  # type: ignore[dict-item]
    return [studio.desk.make("crate", name=f"Crate {index}", note=note) for index, note in enumerate(notes)]


def test_the_dry_run_counts_and_names_what_does_not_convert(studio: Studio) -> None:
    ids = noted(studio, "12", " 1.5 ", None, "a lot", "n/a", "n/a")
    dry = look(studio, "decimal")
    assert (dry.rows, dry.converted, dry.blank, dry.failed) == (6, 2, 1, 3)
    assert [(item.id, item.label, item.value) for item in dry.failing] == [(ids[3], "Crate 3", "a lot"), (ids[4], "Crate 4", "n/a"), (ids[5], "Crate 5", "n/a")]
    assert str(dry.failing[0].message) == "“a lot” is not a number." and dry.values == {"a lot": 1, "n/a": 2}


def test_it_goes_on_only_when_every_value_is_mapped(studio: Studio) -> None:
    noted(studio, "12", "a lot", "n/a")
    with pytest.raises(BadInput) as refused:
        start(studio, "decimal")
    assert [problem.pointer for problem in refused.value.problems] == ["/map/a lot", "/map/n~1a"]
    assert studio.desk.rows("crate", "note") == [("12",), ("a lot",), ("n/a",)]
    job = start(studio, "decimal", map={"A lot": 1000, "n/a": None})
    assert (job.state, job.converted, job.blank) == ("done", 2, 1)
    assert studio.desk.rows("crate", "note") == [("12.00",), ("1000.00",), (None,)]
    assert sound(studio.desk)


CASES: tuple[tuple[str, dict[str, Any], str, Any], ...] = (
    ("integer", {"locale": "de"}, "1.234", 1234),
    ("percent", {}, "25 %", "25.00"),
    ("currency", {"currency": "EUR"}, "7.5", {"amount": "7.50", "currency": "EUR"}),
    ("date", {"date_format": "dd.MM.yyyy"}, "22.11.2026", "2026-11-22"),
    ("datetime", {}, "2026-11-22 10:00", "2026-11-22T10:00:00Z"),
    ("time", {}, "9:30", "09:30:00"),
    ("duration", {}, "1:30:00", 5400),
    ("long_text", {}, "x", "x"),
    ("boolean", {}, "yes", True),
    ("choice", {"options": {"choices": "crate_state"}}, "FULL", "full"),
    ("multi_choice", {"options": {"choices": "crate_state"}}, "full; lost", ["full", "lost"]),
    ("email", {}, "a@example.org", "a@example.org"),
)


def test_what_text_becomes(studio: Studio) -> None:
    rates = {"op": "add", "path": "/rates/EUR.2020-01-01", "value": {"currency": "EUR", "from": "2020-01-01", "rate": "2"}}
    added = [{"op": "add", "path": f"/fields/as_{type}", "value": {"type": "text"}} for type, *_ in CASES]
    studio.change(("company", "company", rates), ("entity", "crate", *added))
    values: dict[str, Any] = {f"as_{type}": before for type, _, before, _ in CASES}
    studio.desk.make("crate", name="A", **values)
    for type, said, _, _ in CASES:
        start(studio, type, f"as_{type}", **said)
    assert dict(zip((case[0] for case in CASES), studio.desk.rows("crate", *(f"as_{case[0]}" for case in CASES))[0], strict=True)) == {
        type: after for type, _, _, after in CASES
    }


REAL = (("1C1I7A6R", "GTX Plus Basic", "10/20/2016", "1054"), ("Z063OYW0", "GTXPro", "10/25/2016", "4514"), ("9ME3374G", "MG Special", "", ""))
"""As in the sample of sales that comes with Maven's CRM data: products written in two ways, dates of the United States, blanks."""


def test_rows_of_a_real_file(studio: Studio) -> None:
    desk = studio.desk
    for product in ("GTX Plus Basic", "GTX Pro", "MG Special"):
        desk.make("box", name=product)
    studio.change(("entity", "crate", *({"op": "add", "path": f"/fields/{name}", "value": {"type": "text"}} for name in ("product", "engaged", "value"))))
    for name, product, engaged, value in REAL:
        desk.make("crate", name=name, product=product, engaged=engaged, value=value)
    assert look(studio, "lookup", "product", options={"to": "box"}).values == {"GTXPro": 1}
    assert look(studio, "date", "engaged").failed == 2
    start(studio, "lookup", "product", options={"to": "box"}, map={"GTXPro": 2})
    start(studio, "date", "engaged", date_format="M/d/yyyy")
    start(studio, "currency", "value")
    assert [row[:2] for row in desk.rows("crate", "product.name", "engaged", "value")] == [
        ("GTX Plus Basic", "2016-10-20"),
        ("GTX Pro", "2016-10-25"),
        ("MG Special", None),
    ]
    assert desk.rows("crate", "value")[2] == (None,) and sound(desk)


def test_two_types_back_in_one_go(studio: Studio) -> None:
    noted(studio, "01", "2")
    first = studio.desk.workspace.runtime().model.revision
    start(studio, "integer")
    start(studio, "decimal")
    studio.desk.workspace.revisions.roll_back(OPERATOR, first)
    assert studio.desk.rows("crate", "note") == [("01",), ("2",)] and sound(studio.desk)


def test_a_choice_becomes_a_lookup_by_name(studio: Studio) -> None:
    desk = studio.desk
    full = desk.make("box", name="Full")
    ids = [desk.make("crate", name=state, state=state) for state in ("full", "empty")]
    studio.change(("entity", "crate", {"op": "add", "path": "/fields/copy", "value": {"type": "choice", "choices": "crate_state"}}))
    for id, state in zip(ids, ("full", "empty"), strict=True):
        desk.change("crate", id, copy=state)
    dry = look(studio, "lookup", "copy", options={"to": "box"})
    assert [(item.value, str(item.message)) for item in dry.failing] == [("Empty", "No record is called “Empty”.")]
    start(studio, "lookup", "copy", options={"to": "box"}, map={"empty": None})
    assert desk.rows("crate", "copy.name") == [("Full",), (None,)] and desk.get("crate", ids[0])["copy"].id == full


def test_what_would_no_longer_be_right_is_told_beforehand(studio: Studio) -> None:
    noted(studio, "x")
    dry = look(studio, "text", "weight")
    assert [(problem.code, problem.document, problem.pointer) for problem in dry.problems] == [
        ("no_common_type", "custom/entity/crate.json", "/fields/heavy/expression")
    ]
    assert {(use.kind, use.name) for use in dry.uses} == {("entity", "crate"), ("view", "crate.all")} and dry.blank == 1
    with pytest.raises(BadInput):
        start(studio, "text", "weight")


def test_what_uses_the_field_is_put_right_in_the_same_publish(studio: Studio) -> None:
    studio.desk.make("crate", name="A", weight="120.5")
    draft = studio.draft(("entity", "crate", {"op": "change", "path": "/fields/heavy/expression", "value": "VALUE(weight) > 100"}))
    job = start(studio, "text", "weight", changeset=draft)
    assert studio.desk.rows("crate", "weight", "heavy") == [("120.50", True)]
    assert studio.sets.get(OPERATOR, draft).revision == job.revision


def test_a_required_field_demands_what_stands_instead_of_blanks(studio: Studio) -> None:
    noted(studio, "1", "n/a", required=True)
    dry = look(studio, "integer", map={"n/a": None})
    assert [(problem.code, problem.pointer) for problem in dry.problems] == [("required_on_blanks", "/instead")]
    start(studio, "integer", map={"n/a": None}, instead=0)
    assert studio.desk.rows("crate", "note") == [(1,), (0,)]


def test_twins_that_arise_are_refused(studio: Studio) -> None:
    noted(studio, "1", "01", unique=True)
    with studio.desk.refuses(("duplicates", "/fields/note/unique")):
        start(studio, "integer")


def test_a_default_takes_the_new_form_or_goes(studio: Studio) -> None:
    noted(studio, default="7")
    start(studio, "integer")
    assert studio.desk.workspace.runtime().model.entities["crate"].fields["note"].default == 7


@pytest.mark.parametrize("way", ["undo", "rollback"])
def test_the_way_back_keeps_what_was_and_brings_what_was_entered_since(studio: Studio, way: str) -> None:
    ids = noted(studio, "01", "two", None, "4")
    workspace = studio.desk.workspace
    before = workspace.runtime().model.revision
    job = start(studio, "integer", map={"two": 2})
    studio.desk.change("crate", ids[3], note=40)
    studio.desk.make("crate", name="new", note=5)
    if way == "undo":
        workspace.retyping.undo(OPERATOR, job.id)
    else:
        workspace.revisions.roll_back(OPERATOR, before)
    assert studio.desk.rows("crate", "note") == [("01",), ("two",), (None,), ("40",), ("5",)]
    assert sound(studio.desk)
    with pytest.raises(Conflict):
        workspace.retyping.undo(OPERATOR, job.id)


def test_values_that_do_not_fit_on_the_way_back_are_told(studio: Studio) -> None:
    [id] = noted(studio, "short", max_length=10)
    job = start(studio, "long_text")
    studio.desk.change("crate", id, note="a much longer text")
    undone = studio.desk.workspace.retyping.undo(OPERATOR, job.id)
    assert (undone.count, undone.left[0].value) == (1, "a much longer text")
    assert studio.desk.rows("crate", "note") == [("short",)]
    summary = studio.desk.workspace.revisions.listed(OPERATOR)[0].summary
    assert "1 values of Note of Crate entered since do not fit" in summary and "a much longer text" in summary


def test_there_and_back_and_there_again(studio: Studio) -> None:
    noted(studio, "01", "two")
    workspace = studio.desk.workspace
    job = start(studio, "integer", map={"two": 2})
    workspace.retyping.undo(OPERATOR, job.id)
    workspace.revisions.roll_back(OPERATOR, job.revision or 0)
    assert studio.desk.rows("crate", "note") == [(1,), (2,)]


def test_fewer_decimals_are_told(studio: Studio) -> None:
    studio.desk.make("crate", name="A", weight="1.25")
    dry = look(studio, "decimal", "weight", options={"scale": 1})
    assert (dry.rounded, dry.rounding) == (1, ((1, "1.25"),))
    start(studio, "decimal", "weight", options={"scale": 1})
    assert studio.desk.rows("crate", "weight") == [("1.3",)]


def test_a_shorter_text_lists_what_is_too_long(studio: Studio) -> None:
    noted(studio, "short", "rather long")
    assert look(studio, "text", options={"max_length": 6}).values == {"rather long": 1}
    start(studio, "text", options={"max_length": 6}, map={"rather long": "long"})
    assert studio.desk.rows("crate", "note") == [("short",), ("long",)]


def test_a_pick_list_is_proposed_from_the_values(studio: Studio) -> None:
    noted(studio, "Hot", "hot", "Hot", "8 bit", "Größe")
    found = studio.desk.workspace.retyping.propose(OPERATOR, "crate", "note")
    assert [value["name"] for value in found.document["values"]] == ["v_8_bit", "grosse", "hot"] and found.counts["Hot"] == 3
    start(studio, "choice", options={"choices": found.document["name"]}, choices=found.document)
    assert studio.desk.rows("crate", "note")[:2] == [("hot",), ("hot",)]


@pytest.mark.parametrize(("field", "type"), [("heavy", "text"), ("note", "formula"), ("note", "nonsense"), ("note", "many_to_many")])
def test_what_cannot_change_its_type_is_refused(studio: Studio, field: str, type: str) -> None:
    noted(studio)
    with studio.desk.refuses(("cannot_retype", "/type")):
        start(studio, type, field)


def test_what_is_not_there_is_not_found(studio: Studio) -> None:
    with pytest.raises(NotFound):
        look(studio, "text", "nothing")


def test_history_goes_on(studio: Studio) -> None:
    desk = studio.desk
    [id] = noted(studio, "12")
    start(studio, "integer")
    desk.change("crate", id, note=13)
    with desk.workspace.read() as work:
        events = work.records.history(OPERATOR, "crate", id).items
    told = [(change.field.name, change.field.type, change.old, change.new) for event in events for change in event.changes if change.field.name == "note"]
    assert told == [("note", "integer", 12, 13), ("note", "text", None, "12")]
