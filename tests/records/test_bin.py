"""The recycle bin: what a deletion takes along, blanks or is stopped by, and what a restore brings back."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.errors import Conflict, Forbidden, NotFound
from tests.desk import Desk, user


def family(desk: Desk) -> tuple[int, int, int]:
    """A box with a part, whose screw goes with it."""
    box = desk.make("box", name="box", code="B")
    part = desk.make("part", name="part", box=box, serial="P")
    return box, part, desk.make("screw", name="screw", part=part, key="S")


def test_a_deleted_record_is_gone_but_kept(tiny: Desk) -> None:
    id = tiny.make("box", name="a")
    tiny.delete("box", id)
    with pytest.raises(NotFound):
        tiny.get("box", id)
    assert tiny.ids("box") == []
    assert tiny.ids("box", deleted=True) == [id]
    assert tiny.get("box", id, deleted=True)["name"] == "a"


def test_deleting_takes_along_what_cascades_through_any_depth(tiny: Desk) -> None:
    box, part, screw = family(tiny)
    held = tiny.make("screw", name="held", holder={"entity": "box", "id": box})
    tiny.delete("box", box)
    assert (tiny.ids("part"), tiny.ids("screw")) == ([], [])
    assert tiny.ids("screw", deleted=True) == [screw, held]
    assert len({row["deleted_batch"] for row in deleted(tiny, "part") + deleted(tiny, "screw") + deleted(tiny, "box")}) == 1
    assert tiny.get("part", part, deleted=True)["version"] == 2


def deleted(desk: Desk, entity: str) -> list[dict[str, object]]:
    with desk.workspace.read() as work:
        table = work.schema.table(entity)
        return [dict(row) for row in work.connection.execute(table.select()).mappings()]


def test_restoring_brings_the_whole_batch_back(tiny: Desk) -> None:
    box, part, screw = family(tiny)
    tiny.delete("box", box)
    ana = tiny.make("user", name="Ana")
    assert tiny.restore("box", box, user(ana, "clerk")).values["version"] == 3
    assert (tiny.ids("box"), tiny.ids("part"), tiny.ids("screw")) == ([box], [part], [screw])
    assert tiny.get("screw", screw)["modified_by"] == (ana, "Ana", None)
    assert tiny.rows("screw", "name", search="screw") == [("screw",)]


def test_what_was_deleted_before_stays_in_the_bin(tiny: Desk) -> None:
    box, part, screw = family(tiny)
    tiny.delete("screw", screw)
    tiny.delete("box", box)
    tiny.restore("box", box)
    assert (tiny.ids("part"), tiny.ids("screw")) == ([part], [])


def test_a_lookup_that_restricts_refuses_the_deletion(tiny: Desk) -> None:
    _, part, _ = family(tiny)
    tiny.make("part", name="other", box=tiny.make("box"), spare_of=part)
    with tiny.refuses(("in_use", ""), kind=Conflict):
        tiny.delete("part", part)


def test_a_restricting_lookup_deep_in_a_cascade_refuses_all_of_it(tiny: Desk) -> None:
    box, part, _ = family(tiny)
    tiny.make("part", name="other", box=tiny.make("box"), spare_of=part)
    with tiny.refuses(("in_use", ""), kind=Conflict):
        tiny.delete("box", box)


def test_a_restricting_record_that_goes_too_does_not_refuse(tiny: Desk) -> None:
    box, part, _ = family(tiny)
    tiny.make("part", name="spare", box=box, spare_of=part)
    tiny.delete("box", box)
    assert tiny.ids("part") == []


def test_other_lookups_are_blanked_with_history(tiny: Desk) -> None:
    box = tiny.make("box", name="b")
    id = tiny.make("thing", text="A", lookup=box, many_to_many=[box], polymorphic_lookup={"entity": "box", "id": box})
    tiny.delete("box", box)
    values = tiny.get("thing", id)
    assert [values[name] for name in ("lookup", "many_to_many", "polymorphic_lookup", "version")] == [None, None, None, 3]
    with tiny.workspace.read() as work:
        changes = [change.field.name for event in work.records.history(user(1, "administrator"), "thing", id).items[:2] for change in event.changes]
    assert sorted(changes) == ["lookup", "polymorphic_lookup"]


def test_links_to_a_restored_record_come_back(tiny: Desk) -> None:
    box = tiny.make("box", name="b")
    id = tiny.make("thing", text="A", many_to_many=[box])
    tiny.delete("box", box)
    tiny.restore("box", box)
    assert tiny.get("thing", id)["many_to_many"] == ((box, "b", None),)


def test_a_record_that_points_at_itself_can_be_deleted(tiny: Desk) -> None:
    id = tiny.make("thing", text="A")
    tiny.change("thing", id, kin=id)
    tiny.delete("thing", id)
    assert tiny.ids("thing") == []


def test_a_restore_that_clashes_is_refused(tiny: Desk) -> None:
    id = tiny.make("box", code="B")
    tiny.delete("box", id)
    tiny.make("box", code="B")
    with tiny.refuses(("not_unique", "/code"), kind=Conflict):
        tiny.restore("box", id)


def test_a_restore_that_clashes_deep_in_its_batch_is_refused(tiny: Desk) -> None:
    box, _, _ = family(tiny)
    tiny.delete("box", box)
    tiny.make("screw", key="S")
    with tiny.refuses(("not_unique", "/key"), kind=Conflict):
        tiny.restore("box", box)


def test_a_child_is_not_restored_without_its_parent(tiny: Desk) -> None:
    box, part, _ = family(tiny)
    tiny.delete("box", box)
    with tiny.refuses(("in_recycle_bin", "/box"), kind=Conflict):
        tiny.restore("part", part)


@pytest.mark.parametrize("pointer", ["part", "holder"])
def test_a_record_is_not_restored_to_a_target_deleted_since(tiny: Desk, pointer: str) -> None:
    box, part, _ = family(tiny)
    target: dict[str, Any] = {"part": part, "holder": {"entity": "box", "id": box}}
    screw = tiny.make("screw", **{pointer: target[pointer]})
    tiny.delete("screw", screw)
    tiny.delete("box", box)
    with tiny.refuses(("in_recycle_bin", "/" + pointer), kind=Conflict):
        tiny.restore("screw", screw)


def test_only_what_is_in_the_bin_can_be_restored(tiny: Desk) -> None:
    id = tiny.make("box")
    with tiny.refuses(kind=NotFound):
        tiny.restore("box", id)


def test_restoring_needs_the_right_to_delete(tiny: Desk) -> None:
    id = tiny.make("box")
    tiny.delete("box", id)
    with tiny.refuses(kind=Forbidden):
        tiny.restore("box", id, user(1, "reader"))


def test_recycled_records_are_not_found_by_search_or_lookup(tiny: Desk) -> None:
    id = tiny.make("box", name="crate", code="B")
    tiny.delete("box", id)
    assert tiny.rows("box", "name", search="crate") == []
    for sent in (id, {"external_id": {"code": "B"}}):
        with pytest.raises(Exception, match=r"(There is n|N)o Box"):
            tiny.make("thing", text="A", lookup=sent)


def test_what_a_record_points_at_already_may_be_in_the_bin(tiny: Desk) -> None:
    ana = tiny.make("user", name="Ana")
    id = tiny.make("box", user(ana, "clerk"), name="a")
    tiny.delete("user", ana)
    assert tiny.change("box", id, **{**tiny.json("box", id), "name": "b"}).values["owner"] == (ana, "Ana", None)
