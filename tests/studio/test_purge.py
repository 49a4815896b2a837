"""Purging: what is retired is listed with its rows, exported, dropped for good with its name typed, and never comes back by mistake."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Forbidden, NotFound
from fieldsmith.rollout.doctor import examine
from fieldsmith.studio.purge import Attic, Kept
from tests.desk import Desk, user
from tests.studio.conftest import Studio
from tests.studio.test_removals import WITHOUT_WEIGHT, remove

WEIGHT = ("entity", "crate", {"op": "add", "path": "/fields/weight", "value": {"type": "decimal"}})
WITHOUT_CRATE = (("retire", "entity", "crate"),)


def attic(studio: Studio) -> Attic:
    return studio.desk.workspace.attic


def only(studio: Studio) -> Kept:
    (found,) = attic(studio).listed(OPERATOR)
    return found


def sound(desk: Desk) -> bool:
    return not [problem for problem in examine(desk.workspace) if problem.code != "no_front_end"]


@pytest.fixture
def light(studio: Studio) -> Studio:
    """Two crates, one with a weight; then the field is retired."""
    studio.desk.make("crate", name="A", weight="7.50")
    studio.desk.make("crate", name="=B")
    studio.change(*WITHOUT_WEIGHT)
    return studio


def test_what_is_retired_is_listed_with_its_rows(light: Studio) -> None:
    found = only(light)
    assert (found.name, found.rows, found.type, str(found.label)) == ("crate.weight", 1, "decimal", "Weight")
    assert found.until == light.desk.workspace.runtime().model.revision


def test_a_computed_field_leaves_nothing_to_keep(light: Studio) -> None:
    assert "crate.heavy" not in [item.name for item in attic(light).listed(OPERATOR)]


def test_it_comes_back_as_it_was(light: Studio) -> None:
    (said,) = attic(light).comeback(OPERATOR, only(light).uid)
    light.change((said.kind, said.name, *said.operations))
    assert light.desk.rows("crate", "weight") == [("7.50",), (None,)] and attic(light).listed(OPERATOR) == []


def test_what_would_go_is_exported(light: Studio) -> None:
    out = io.StringIO()
    assert attic(light).export(OPERATOR, only(light).uid, out) == 1
    assert out.getvalue().splitlines() == ["id,name,weight", "1,A,7.50"]


def test_purging_needs_the_name(light: Studio) -> None:
    with light.desk.unchanged(), pytest.raises(BadInput, match="Type “crate"):
        attic(light).purge(OPERATOR, only(light).uid, "weight")


def test_only_administrators_purge(light: Studio) -> None:
    uid = only(light).uid
    with light.desk.unchanged(), pytest.raises(Forbidden):
        attic(light).purge(user(1, "user"), uid, "crate.weight")


def test_what_is_purged_is_gone_and_noted(light: Studio) -> None:
    uid = only(light).uid
    attic(light).purge(OPERATOR, uid, "crate.weight")
    assert attic(light).listed(OPERATOR) == [] and sound(light.desk)
    with light.desk.workspace.read() as work:
        table = work.schema.table("crate").name
        assert not [column["name"] for column in sa.inspect(work.connection).get_columns(table) if column["name"].startswith("weight")]
        noted = sa.text("SELECT event, subject FROM fs_audit ORDER BY id DESC LIMIT 1")
        assert work.connection.execute(noted).one() == ("metadata.purged", "crate.weight")
    with pytest.raises(NotFound):
        attic(light).purge(OPERATOR, uid, "crate.weight")


def test_the_history_forgets_what_is_purged(light: Studio) -> None:
    def told() -> list[str]:
        with light.desk.workspace.read() as work:
            return list(work.connection.execute(sa.text("SELECT changes FROM fs_history WHERE changes LIKE '%7.5%'")).scalars())

    assert told()
    attic(light).purge(OPERATOR, only(light).uid, "crate.weight")
    assert not told()


def test_a_purged_name_begins_empty(light: Studio) -> None:
    attic(light).purge(OPERATOR, only(light).uid, "crate.weight")
    light.change(WEIGHT)
    assert light.desk.rows("crate", "weight") == [(None,), (None,)] and sound(light.desk)


def test_a_rollback_says_that_data_were_purged(light: Studio) -> None:
    before = light.desk.workspace.runtime().model.revision - 1
    attic(light).purge(OPERATOR, only(light).uid, "crate.weight")
    revisions = light.desk.workspace.revisions
    with light.desk.unchanged(), pytest.raises(BadInput) as refused:
        revisions.roll_back(OPERATOR, before)
    assert [(problem.code, problem.pointer) for problem in refused.value.problems] == [("data_purged", "/entity/crate/fields/weight")]
    revisions.roll_back(OPERATOR, before, accept_purged=True)
    assert light.desk.rows("crate", "weight") == [(None,), (None,)] and sound(light.desk)
    assert revisions.get(OPERATOR, before)[1] is not None


def test_an_entity_goes_with_what_pointed_at_it(studio: Studio) -> None:
    studio.change(("entity", "crate", {"op": "add", "path": "/fields/boxes", "value": {"type": "many_to_many", "to": "box"}}))
    crate = studio.desk.make("crate", name="A")
    studio.change(("entity", "box", {"op": "add", "path": "/fields/crate", "value": {"type": "lookup", "to": "crate"}}))
    studio.change(("entity", "box", {"op": "add", "path": "/fields/crates_too", "value": {"type": "many_to_many", "to": "crate"}}))
    box = studio.desk.make("box", name="Box", crate=crate, crates_too=[crate])
    studio.change(("entity", "box", *remove("/fields/crate", "/fields/crates_too")), *WITHOUT_CRATE)
    assert {item.name for item in attic(studio).listed(OPERATOR)} == {"crate", "box.crate", "box.crates_too"}
    found = next(item for item in attic(studio).listed(OPERATOR) if item.name == "crate")
    assert found.rows == 1
    attic(studio).purge(OPERATOR, found.uid, "crate")
    assert attic(studio).listed(OPERATOR) == [] and sound(studio.desk)
    assert studio.desk.get("box", box)["name"] == "Box"


def test_an_entity_comes_back_with_its_views(studio: Studio) -> None:
    studio.desk.make("crate", name="A")
    studio.change(*WITHOUT_CRATE)
    said = attic(studio).comeback(OPERATOR, only(studio).uid)
    assert {(item.kind, item.name) for item in said} == {("entity", "crate"), ("view", "crate.all")}
    studio.change(*(("put", item.kind, item.name, item.document) for item in said))
    assert studio.desk.rows("crate", "name") == [("A",)] and sound(studio.desk)
