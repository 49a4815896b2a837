"""History and outbox: one row of each per save, in the transaction of the save."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadQuery, NotFound
from fieldsmith.records.history import Event
from tests.desk import Desk, user


def events(desk: Desk, entity: str, id: int, actor: Any = OPERATOR) -> tuple[Event, ...]:
    with desk.workspace.read() as work:
        return work.records.history(actor, entity, id).items


def told(event: Event) -> dict[str, tuple[Any, Any]]:
    return {change.field.name: (change.old, change.new) for change in event.changes}


def test_every_save_is_told_newest_first(tiny: Desk) -> None:
    ana = tiny.make("user", name="Ana")
    id = tiny.make("box", user(ana, "clerk", name="Ana"), name="a")
    tiny.change("box", id, name="b")
    tiny.delete("box", id)
    tiny.restore("box", id)
    found = events(tiny, "box", id)
    assert [(event.operation, event.version, event.by) for event in found] == [
        ("restore", 4, "operator"),
        ("delete", 3, "operator"),
        ("update", 2, "operator"),
        ("create", 1, "Ana"),
    ]
    assert (found[3].by_id, found[3].via, found[3].at) == (ana, "api", tiny.workspace.clock.now())


def test_a_change_is_told_from_old_to_new_by_uid(tiny: Desk) -> None:
    id = tiny.make("thing", text="A", decimal="1")
    tiny.change("thing", id, text="B", decimal="1.0", date="2026-01-02")
    assert told(events(tiny, "thing", id)[0]) == {"text": ("A", "B"), "date": (None, "2026-01-02")}
    fields = tiny.workspace.runtime().model.entities["thing"].fields
    assert json.loads(tiny.table("fs_history")[-1]["changes"]) == {str(fields["text"].uid): ["A", "B"], str(fields["date"].uid): [None, "2026-01-02"]}


def test_references_are_told_with_the_names_they_have_now(tiny: Desk) -> None:
    box, vault = tiny.make("box", name="b"), tiny.make("vault", name="v")
    id = tiny.make("thing", text="A")
    tiny.change("thing", id, lookup=box, many_to_many=[box], polymorphic_lookup={"entity": "vault", "id": vault})
    tiny.change("box", box, name="crate")
    assert told(events(tiny, "thing", id)[0]) == {
        "lookup": (None, {"id": box, "label": "crate"}),
        "many_to_many": (None, [{"id": box, "label": "crate"}]),
        "polymorphic_lookup": (None, {"entity": "vault", "id": vault, "label": "v"}),
    }


def test_history_hides_the_names_of_records_one_may_not_read(tiny: Desk) -> None:
    vault = tiny.make("vault", name="v")
    id = tiny.make("thing", text="A", secret=vault, polymorphic_lookup={"entity": "vault", "id": vault})
    found = told(events(tiny, "thing", id, user(1, "clerk"))[0])
    assert found["secret"] == (None, {"id": vault, "label": None})
    assert found["polymorphic_lookup"] == (None, {"entity": None, "id": vault, "label": None})


def test_history_goes_by_pages(tiny: Desk) -> None:
    id = tiny.make("box", name="0")
    for number in range(1, 5):
        tiny.change("box", id, name=str(number))
    versions, after = [], None
    with tiny.workspace.read() as work:
        while True:
            page = work.records.history(OPERATOR, "box", id, after, 2)
            versions.append([event.version for event in page.items])
            after = page.next
            if after is None:
                break
    assert versions == [[5, 4], [3, 2], [1]]


@pytest.mark.parametrize("mark", ["", "x", "-1", "1e3", "9" * 19, "１"])
def test_a_forged_mark_is_refused(tiny: Desk, mark: str) -> None:
    id = tiny.make("box")
    with tiny.workspace.read() as work, pytest.raises(BadQuery):
        work.records.history(OPERATOR, "box", id, mark)


def test_history_of_what_is_not_there_or_not_readable_is_not_found(tiny: Desk) -> None:
    vault = tiny.make("vault")
    for actor, entity, id in ((OPERATOR, "box", 9), (OPERATOR, "nonsense", 1), (user(1, "clerk"), "vault", vault)):
        with pytest.raises(NotFound):
            events(tiny, entity, id, actor)


def test_each_save_puts_one_row_in_the_outbox(tiny: Desk) -> None:
    id = tiny.make("box", name="a")
    tiny.change("box", id, name="b")
    tiny.change("box", id, name="b")
    tiny.delete("box", id)
    uid = tiny.workspace.runtime().model.entities["box"].uid
    rows = [(row["kind"], row["entity"], row["record"], row["revision"]) for row in tiny.table("fs_outbox")]
    assert rows == [("create", uid, id, 1), ("update", uid, id, 1), ("delete", uid, id, 1)]


def test_a_save_undone_leaves_neither_history_nor_outbox(tiny: Desk) -> None:
    def task(work: Any) -> None:
        work.records.create(OPERATOR, "box", {"name": "a"})
        raise RuntimeError

    with tiny.unchanged(), pytest.raises(RuntimeError):
        tiny.workspace.write(task)
