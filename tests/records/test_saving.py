"""Creating and changing: defaults, what is demanded, what is refused, versions, and what a refused save leaves behind."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, BadQuery, Conflict, NotFound, VersionMismatch
from fieldsmith.fields.values import Link
from fieldsmith.workspace import Work
from tests.desk import Desk, user


def test_defaults_fill_what_is_left_out_only(tiny: Desk) -> None:
    assert tiny.get("thing", tiny.make("thing", text="A"))["standard"] == "usual"
    assert tiny.get("thing", tiny.make("thing", text="A", standard=None))["standard"] is None


def test_the_owner_is_who_made_it_unless_said(tiny: Desk) -> None:
    ana, ben = (tiny.make("user", name=name) for name in ("Ana", "Ben"))
    mine = tiny.get("box", tiny.make("box", user(ana, "clerk"), name="b"))
    assert (mine["owner"], mine["created_by"]) == (Link(ana, "Ana"), Link(ana, "Ana"))
    assert tiny.get("box", tiny.make("box", user(ana, "clerk"), owner=ben))["owner"] == Link(ben, "Ben")
    assert tiny.get("box", tiny.make("box"))["owner"] is None


def test_a_save_says_who_and_when(tiny: Desk) -> None:
    ana = tiny.make("user", name="Ana")
    values = tiny.change("box", tiny.make("box", name="a"), user(ana, "clerk"), name="b").values
    assert (values["created_by"], values["modified_by"], values["version"]) == (None, Link(ana, "Ana"), 2)


def test_a_change_that_changes_nothing_writes_nothing(tiny: Desk) -> None:
    box = tiny.make("box")
    id = tiny.make("thing", text="A", decimal="1.5", many_to_many=[box], person_name={"first": "Ana", "last": "Li"})
    with tiny.unchanged():
        tiny.change("thing", id, text=" A ", decimal="1.50", many_to_many=[box, box], person_name={"first": "Ana", "last": "Li"})


@pytest.mark.parametrize("seen", [1, 3])
def test_another_version_than_the_one_seen_is_refused(tiny: Desk, seen: int) -> None:
    id = tiny.make("box", name="a")
    tiny.change("box", id, name="b")
    with tiny.refuses(("version_mismatch", "/version"), kind=VersionMismatch):
        tiny.change("box", id, name="c", seen=seen)
    with tiny.refuses(("version_mismatch", "/version"), kind=VersionMismatch):
        tiny.change("box", id, name="c", version=seen)
    with tiny.refuses(("version_mismatch", "/version"), kind=VersionMismatch):
        tiny.delete("box", id, seen=seen)


@pytest.mark.parametrize("id", [0, -1, 2, 2**63, 2**70])
def test_a_record_that_is_not_there_is_not_found(tiny: Desk, id: int) -> None:
    tiny.make("box")
    for call in (tiny.get, tiny.delete, tiny.change, tiny.restore):
        with tiny.refuses(kind=NotFound):
            call("box", id)


def test_a_unique_clash_names_the_field(tiny: Desk) -> None:
    tiny.make("box", code="A")
    other = tiny.make("box", code="B")
    with tiny.refuses(("not_unique", "/code"), kind=Conflict):
        tiny.make("box", code="A")
    with tiny.refuses(("not_unique", "/code"), kind=Conflict):
        tiny.change("box", other, code="A")


def test_unique_values_may_be_blank_and_come_free_with_the_bin(tiny: Desk) -> None:
    first = tiny.make("box", code="A")
    tiny.make("box")
    tiny.make("box")
    tiny.delete("box", first)
    assert tiny.get("box", tiny.make("box", code="A"))["code"] == "A"


def test_auto_numbers_have_no_gaps(tiny: Desk) -> None:
    first = tiny.make("thing", text="A")
    with pytest.raises(BadInput):
        tiny.make("thing")
    with pytest.raises(Conflict):
        tiny.workspace.write(lambda work: work.records.create_many(OPERATOR, "thing", [{"text": "B", "weight": 1}, {"text": "C", "weight": 1}]))
    second = tiny.make("thing", text="B")
    assert [tiny.get("thing", id)["auto_number"] for id in (first, second)] == ["N-0001", "N-0002"]


def test_ids_are_never_used_again(tiny: Desk) -> None:
    last = tiny.make("box", code="A")
    tiny.delete("box", last)
    with pytest.raises(NotFound):
        tiny.change("box", last, name="x")
    assert tiny.make("box") > last


def test_lookups_are_found_by_external_key(tiny: Desk) -> None:
    box = tiny.make("box", name="b", code="A'; --")
    key = {"external_id": {"code": "A'; --"}}
    id = tiny.make("thing", text="A", lookup=key, many_to_many=[key, box], polymorphic_lookup={"entity": "box", **key})
    values = tiny.get("thing", id)
    assert (values["lookup"], values["many_to_many"], values["polymorphic_lookup"]) == (Link(box, "b"), (Link(box, "b"),), Link(box, "b", "box"))


@pytest.mark.parametrize(("field", "value", "stored"), [("weight", "7.25", "7.250"), ("born", "2000-01-02", " 2000-01-02 ")])
def test_any_unique_field_finds_records(tiny: Desk, field: str, value: str, stored: Any) -> None:
    kin = tiny.make("thing", text="A", **{field: stored})
    assert tiny.get("thing", tiny.make("thing", text="B", kin={"external_id": {field: value}}))["kin"] == Link(kin, "A")


def test_many_to_many_is_replaced_as_a_whole(tiny: Desk) -> None:
    a, b, c = (tiny.make("box", name=name) for name in "abc")
    id = tiny.make("thing", text="A", many_to_many=[b, a])
    assert [link.label for link in tiny.change("thing", id, many_to_many=[c, b]).values["many_to_many"]] == ["b", "c"]
    assert tiny.change("thing", id, many_to_many=[]).values["many_to_many"] is None


def upsert(desk: Desk, field: str, value: Any, **values: Any) -> tuple[int, bool]:
    record, created = desk.workspace.write(lambda work: work.records.upsert(OPERATOR, "box", field, value, values))
    return record.id, created


def test_upsert_creates_then_changes(tiny: Desk) -> None:
    first, created = upsert(tiny, "code", "A", name="one")
    assert (created, tiny.get("box", first)["code"]) == (True, "A")
    assert upsert(tiny, "code", " A ", name="two") == (first, False)
    assert tiny.get("box", first)["name"] == "two"


@pytest.mark.parametrize(("field", "value"), [("name", "x"), ("cod", "x"), ("code", 7), ("code", " "), ("code", None)])
def test_upsert_needs_a_unique_field_and_a_value(tiny: Desk, field: str, value: Any) -> None:
    tiny.make("box", name="blank code")
    with tiny.unchanged(), pytest.raises(BadQuery):
        upsert(tiny, field, value, name="changed")


def test_a_transaction_that_fails_later_leaves_nothing(tiny: Desk) -> None:
    def task(work: Work) -> None:
        work.records.create(OPERATOR, "box", {"name": "b"})
        work.records.create(OPERATOR, "thing", {})

    with tiny.refuses(("required", "/text")):
        tiny.workspace.write(task)


@pytest.mark.parametrize("count", [1, 19, 20, 60])
def test_batches_of_any_size_are_stored_alike(tiny: Desk, count: int) -> None:
    rows = [{"text": f"t {at}\t\\N", "decimal": at, "boolean": True, "date": "2026-01-01", "json": {"a": "\\"}} for at in range(count)]
    tiny.workspace.write(lambda work: work.records.create_many(OPERATOR, "thing", rows))
    told = [(f"t {at}\t\\N", f"{at}.00", True, "2026-01-01", {"a": "\\"}) for at in range(count)]
    assert tiny.rows("thing", "text", "decimal", "boolean", "date", "json") == told
