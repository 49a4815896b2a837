"""Publishing: all or nothing, seen at once by everybody."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.base.settings import Settings
from fieldsmith.bulk.export import export_csv
from fieldsmith.meta.layers import Layer
from fieldsmith.workspace import Workspace
from tests.desk import Desk
from tests.meta.samples import custom, entity


def added(*fields: dict[str, Any], to: str = "box") -> Layer:
    return custom({"entity": [{"extends": to, "operations": [{"op": "add", "path": f"/fields/{item['name']}", "value": item} for item in fields]}]})


COLOUR = added({"name": "shade", "type": "colour", "label": "Shade"})


def test_a_new_field_is_at_once_in_records_lists_and_exports(tiny: Desk) -> None:
    old = tiny.make("box", name="old")
    assert tiny.workspace.publish(OPERATOR, [COLOUR], "add shade") == 2
    new = tiny.make("box", name="new", shade="#AABBCC")
    assert tiny.rows("box", "name", "shade") == [("old", None), ("new", "#aabbcc")]
    assert tiny.json("box", old)["shade"] is None
    out = io.StringIO()
    with tiny.workspace.read() as work:
        export_csv(work, OPERATOR, "box", out, ("id", "shade"))
    assert out.getvalue().splitlines()[2] == f"{new},#aabbcc"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (added({"name": "maker", "type": "lookup", "to": "nowhere"}), "unknown_entity"),
        (added({"name": "id", "type": "text"}), "reserved_name"),
        (custom({"entity": [entity("crate"), {"extends": "boxx", "operations": [{"op": "hide", "path": "/fields/name"}]}]}), "nothing_to_extend"),
    ],
)
def test_a_problem_leaves_every_table_as_it_was(tiny: Desk, wrong: Layer, code: str) -> None:
    with tiny.unchanged(), pytest.raises(BadInput) as caught:
        tiny.workspace.publish(OPERATOR, [COLOUR, wrong], "test")
    assert code in {problem.code for problem in caught.value.problems}
    assert [problem.code for problem in tiny.workspace.publishing.check([wrong])] == [problem.code for problem in caught.value.problems]


def test_data_that_does_not_fit_leaves_every_table_as_it_was(tiny: Desk) -> None:
    tiny.make("box", name="A")
    layer = added({"name": "first", "type": "text"}, {"name": "maker", "type": "lookup", "to": "user", "owned": True})
    with tiny.unchanged(), pytest.raises((BadInput, Conflict)):
        tiny.workspace.publish(OPERATOR, [layer], "test")


def test_nothing_new_is_no_new_revision(tiny: Desk) -> None:
    assert tiny.workspace.publish(OPERATOR, [COLOUR], "one") == 2
    with tiny.unchanged():
        assert tiny.workspace.publish(OPERATOR, [COLOUR], "two") == 2
    assert tiny.workspace.publishing.propose([COLOUR]).differences == ()


def test_a_proposal_says_what_would_change_and_changes_nothing(tiny: Desk) -> None:
    with tiny.unchanged():
        proposal = tiny.workspace.publishing.propose([COLOUR])
    assert proposal.base == 1
    assert [str(item.message) for item in proposal.differences] != []
    assert any("ADD COLUMN" in sql for step in proposal.plan.steps for sql in step.sql)


def test_the_revision_says_who_when_and_why(tiny: Desk) -> None:
    tiny.workspace.publish(OPERATOR, [COLOUR], "for the shop")
    row = tiny.table("fs_revision")[-1]
    assert (row["number"], row["actor_kind"], row["actor_name"], row["reason"]) == (2, "operator", "operator", "for the shop")
    assert "hade" in row["summary"]


def test_a_base_that_is_no_longer_newest_is_refused(tiny: Desk) -> None:
    tiny.workspace.publish(OPERATOR, [COLOUR], "one")
    other = added({"name": "shade", "type": "colour", "label": "Shade"}, {"name": "weight", "type": "integer"})
    with tiny.unchanged(), pytest.raises(Conflict, match="Plan again"):
        tiny.workspace.publish(OPERATOR, [other], "two", base=1)
    assert tiny.workspace.publish(OPERATOR, [other], "two", base=2) == 3


def another(workspace: Workspace) -> Workspace:
    """The same database as another process has it."""
    found: Settings = workspace.settings
    return Workspace.open(found, workspace.clock)


def test_another_process_sees_the_new_revision_at_its_next_call(tiny: Desk) -> None:
    other = Desk(another(tiny.workspace))
    try:
        assert "shade" not in other.workspace.runtime().model.entities["box"].fields
        tiny.workspace.publish(SYSTEM, [COLOUR], "test")
        assert other.get("box", other.make("box", shade="#aabbcc"))["shade"] == "#aabbcc"
    finally:
        other.workspace.close()


def test_a_request_in_flight_finishes_on_the_model_it_began_with(tiny: Desk) -> None:
    other = Desk(another(tiny.workspace))
    try:
        id = other.make("box", name="A")
        with other.workspace.read() as work:
            tiny.workspace.publish(SYSTEM, [COLOUR], "test")
            found = work.records.get(OPERATOR, "box", id).values
            assert found["name"] == "A" and "shade" not in found and work.revision == 1
        assert other.get("box", id)["shade"] is None
    finally:
        other.workspace.close()


def test_what_is_compiled_is_kept_while_the_revision_holds(tiny: Desk) -> None:
    before = tiny.workspace.runtime()
    tiny.make("box")
    assert tiny.workspace.runtime() is before
    tiny.workspace.publish(SYSTEM, [COLOUR], "test")
    assert tiny.workspace.runtime() is not before


def test_publishing_and_saving_at_once_lose_nothing(tiny: Desk) -> None:
    made: list[int] = []
    writer = threading.Thread(target=lambda: made.extend(tiny.make("box", name=str(at)) for at in range(10)))
    writer.start()
    tiny.workspace.publish(SYSTEM, [COLOUR], "test")
    writer.join()
    assert tiny.ids("box") == made
