"""A database somebody damaged is made what its metadata say, by a plan seen first; on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Forbidden
from fieldsmith.db.drift import drift
from fieldsmith.studio.conflicts import Stale
from tests.desk import user
from tests.studio.conftest import Studio

KEPT = {"op": "add", "path": "/fields/shout", "value": {"type": "formula", "returns": "text", "expression": "upper(name)"}}
BUYERS = {"op": "add", "path": "/fields/buyers", "value": {"type": "many_to_many", "to": "user"}}
UNIQUE = {"op": "change", "path": "/fields/name/unique", "value": True}


def names(studio: Studio) -> dict[str, str]:
    """The physical name of every field, index names by uid; "" is the table."""
    entity = studio.desk.workspace.runtime().model.entities["crate"]
    return {"": entity.table, **{field.name: field.column for field in entity.own_fields()}}


def run(studio: Studio, *statements: str) -> None:
    with studio.desk.workspace.database.write() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def repaired(studio: Studio) -> list[str]:
    """The titles of what was done; the database must be sound after."""
    workspace = studio.desk.workspace
    planned = workspace.repairing.plan(OPERATOR)
    workspace.repairing.repair(OPERATOR, planned.hash)
    with workspace.read() as work:
        assert drift(work.connection, work.schema, workspace.store.attic(work.connection)) == ()
    return [str(item.title) for item in planned.operations]


def test_a_sound_database_needs_nothing(studio: Studio) -> None:
    planned = studio.desk.workspace.repairing.plan(OPERATOR)
    assert planned.operations == () and planned.beyond == ()


def test_a_lost_column_comes_back_blank(studio: Studio) -> None:
    studio.change(("entity", "crate", {"op": "remove", "path": "/fields/heavy"}))
    id = studio.desk.make("crate", name="A", weight="7")
    known = names(studio)
    run(studio, f'ALTER TABLE "{known[""]}" DROP COLUMN "{known["weight"]}"')
    assert repaired(studio) == ["Add the column of Weight of Crate again; its values are lost"]
    assert studio.desk.get("crate", id)["weight"] is None


def test_a_lost_formula_is_computed_anew(studio: Studio) -> None:
    studio.change(("entity", "crate", KEPT))
    id = studio.desk.make("crate", name="a")
    known = names(studio)
    with studio.desk.workspace.read() as work:
        table = work.schema.table("crate")
        gone = [column.name for column in table.columns if column.name.startswith(known["shout"])]
    run(studio, *(f'ALTER TABLE "{known[""]}" DROP COLUMN "{name}"' for name in reversed(gone)))
    repaired(studio)
    studio.desk.workspace.filling.run()
    assert studio.desk.get("crate", id)["shout"] == "A"


@pytest.mark.parametrize("what", ["table", "link", "index"])
def test_lost_tables_and_indexes_are_made_again(studio: Studio, what: str) -> None:
    studio.change(("entity", "crate", BUYERS))
    known = names(studio)
    uid = known[""].rpartition("_")[2]
    drop = {"link": f'DROP TABLE "{known["buyers"]}"', "index": f'DROP INDEX "ix_{uid}_created"'}
    run(studio, drop["link"], f'DROP TABLE "{known[""]}"') if what == "table" else run(studio, drop[what])
    assert repaired(studio)
    assert studio.desk.make("crate", name="A")


def test_what_records_forbid_is_said_and_nothing_done(studio: Studio) -> None:
    studio.change(("entity", "crate", UNIQUE))
    workspace, table = studio.desk.workspace, names(studio)[""]
    studio.desk.make("crate", name="A")
    with workspace.read() as work:
        index = next(item.name for item in _indexes(work) if item.unique)
    run(studio, f'DROP INDEX "{index}"')
    studio.desk.make("crate", name="B")
    run(studio, f'UPDATE "{table}" SET "{names(studio)["name"]}" = \'A\'')
    with pytest.raises(BadInput):
        workspace.repairing.repair(OPERATOR, workspace.repairing.plan(OPERATOR).hash)


def test_a_repair_is_bound_to_its_plan_and_for_administrators(studio: Studio) -> None:
    with pytest.raises(Stale):
        studio.desk.workspace.repairing.repair(OPERATOR, "x")
    with pytest.raises(Forbidden):
        studio.desk.workspace.repairing.plan(user(1, "clerk"))


def test_what_only_a_backup_cures_is_said(studio: Studio) -> None:
    table = names(studio)[""]
    run(studio, f'ALTER TABLE "{table}" RENAME COLUMN version TO other')
    planned = studio.desk.workspace.repairing.plan(OPERATOR)
    assert planned.operations == () and "version" in str(planned.beyond[0])


def _indexes(work: Any) -> Any:
    from fieldsmith.db.indexes import indexes_of

    return indexes_of(work.model, work.model.entities["crate"])
