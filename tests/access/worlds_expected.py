"""What a record must look like in an answer to one person, by the oracle. Used by the paths of a trial."""

from __future__ import annotations

from typing import Any

from tests.access.worlds import Row, Soul
from tests.access.worlds_trial import SHOWN, SYSTEM_FIELDS, Trial

MASK = "••••"


def expect_item(trial: Trial, soul: Soul, row: Row, item: dict[str, Any]) -> None:
    """Fails unless `item` is `row` as `soul` may see it: every field there may be, no other, each with its value or mask."""
    fields = {field["name"]: field for field in trial.world.entities[row.entity]["fields"]}
    wanted = {name for name in (*SYSTEM_FIELDS, *fields) if trial.oracle.field(soul, row.entity, name) != "none"}
    assert item.keys() - {"deleted_at"} == wanted, trial.story(soul, f"shows the fields {sorted(item.keys() ^ wanted)} of {row.entity} wrongly")
    for name in wanted & fields.keys():
        right = trial.oracle.field(soul, row.entity, name)
        assert right in SHOWN or item[name] is None or str(item[name]).startswith(MASK), trial.story(soul, f"shows {name} without its mask")
        if right in SHOWN:
            _expect_value(trial, soul, row, fields[name], item[name])


def _expect_value(trial: Trial, soul: Soul, row: Row, field: dict[str, Any], found: Any) -> None:
    name, kind, value = field["name"], field["type"], row.values.get(field["name"])
    if kind in ("text", "integer", "external_id", "choice"):
        assert found == value, trial.story(soul, f"gives {found!r} for {name} of {row.entity} {row.id} instead of {value!r}")
    elif kind in ("lookup", "polymorphic_lookup"):
        assert (found is None) == (value is None), trial.story(soul, f"gives {found!r} for {name} of {row.entity} {row.id}")
        if value is not None and not value.deleted:
            _expect_label(trial, soul, value, found)
    elif kind == "many_to_many":
        seen = [other for other in value or () if not other.deleted and trial.oracle.sees(soul, other)] if named(trial, soul, field["to"]) else []
        assert {link["id"] for link in found or ()} == {other.id for other in seen}, trial.story(soul, f"links {found!r}")


def _expect_label(trial: Trial, soul: Soul, row: Row, found: Any) -> None:
    shown = trial.oracle.sees(soul, row) and named(trial, soul, row.entity)
    label = row.values[f"{row.entity}_name"] if shown else None
    assert (found["id"], found["label"]) == (row.id, label), trial.story(soul, f"calls {row.entity} {row.id} {found!r} instead of {label!r}")


def named(trial: Trial, soul: Soul, entity: str) -> bool:
    """May `soul` see what records of `entity` are called?"""
    return trial.oracle.field(soul, entity, f"{entity}_name") in SHOWN
