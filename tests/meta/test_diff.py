"""Differences between two models, as people are told them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fieldsmith.meta.diff import differences
from fieldsmith.meta.model import Model
from tests.meta.samples import entity

DAY = {"name": "day", "type": "date"}
STAGE = {"name": "stage", "values": [{"name": "open"}]}
BEFORE: dict[str, Any] = {"entity": [entity("deal", DAY)], "choices": [STAGE], "role": [{"name": "clerk"}]}


def after(**kinds: Any) -> dict[str, Any]:
    return {**BEFORE, **kinds}


CASES: list[tuple[dict[str, Any], str, str, bool, str]] = [
    (after(entity=[entity("deal", DAY), entity("note")]), "entity_added", "entity/note", True, "New entity Note"),
    (after(entity=[]), "entity_removed", "entity/deal", False, "Entity Deal is gone"),
    (after(entity=[entity("deal", DAY, label="Sale", plural="Deals")]), "entity_changed", "entity/deal/label", True, "Sale: label Deal becomes Sale"),
    (after(entity=[entity("deal", DAY, {"name": "end", "type": "date"})]), "field_added", "entity/deal/fields/end", True, "New field End (Date) on Deal"),
    (after(entity=[entity("deal")]), "field_removed", "entity/deal/fields/day", False, "Field Day of Deal is gone"),
    (after(entity=[entity("deal", {**DAY, "type": "text"})]), "field_retyped", "entity/deal/fields/day/type", False, "Type of Day on Deal: Date becomes Text"),
    (
        after(entity=[entity("deal", {**DAY, "required": True})]),
        "field_changed",
        "entity/deal/fields/day/required",
        True,
        "Day on Deal: required false becomes true",
    ),
    (after(entity=[entity("deal", DAY, indexes=[{"name": "i", "fields": ["day"]}])]), "index_added", "entity/deal/indexes/i", True, "New index i on Deal: day"),
    (after(choices=[STAGE, {**STAGE, "name": "kind"}]), "choices_added", "choices/kind", True, "New pick list Kind"),
    (after(choices=[]), "choices_removed", "choices/stage", False, "Pick list Stage is gone"),
    (
        after(choices=[{"name": "stage", "values": [{"name": "open"}, {"name": "won"}]}]),
        "choice_added",
        "choices/stage/values/won",
        True,
        "New value Won in Stage",
    ),
    (
        after(choices=[{"name": "stage", "values": [{"name": "open", "colour": "red"}]}]),
        "choice_changed",
        "choices/stage/values/open",
        True,
        "Value Open of Stage changed",
    ),
    (after(role=[{"name": "clerk", "administrator": True}]), "document_changed", "role/clerk", True, "role clerk changed"),
    (after(role=[]), "document_removed", "role/clerk", False, "role clerk is gone"),
]


@pytest.mark.parametrize(("documents", "kind", "place", "additive", "sentence"), CASES)
def test_each_difference_is_told(model: Callable[..., Model], documents: dict[str, Any], kind: str, place: str, additive: bool, sentence: str) -> None:
    (found,) = differences(model(**BEFORE), model(**documents))
    assert (found.kind, found.document + found.pointer, found.additive, str(found.message)) == (kind, place, additive, sentence)


def test_a_changed_target_is_not_additive(model: Callable[..., Model]) -> None:
    def lookup(to: str) -> Model:
        return model(entity=[entity("a"), entity("b"), entity("deal", {"name": "of", "type": "lookup", "to": to})])

    (found,) = differences(lookup("a"), lookup("b"))
    assert (found.kind, found.pointer, found.additive) == ("field_changed", "/fields/of/to", False)


def test_nothing_differs_from_itself(model: Callable[..., Model]) -> None:
    assert differences(model(**BEFORE), model(**BEFORE)) == ()


def test_everything_is_new_to_an_empty_workspace(model: Callable[..., Model]) -> None:
    assert [found.kind for found in differences(None, model(**BEFORE))] == ["package_added", "entity_added", "choices_added", "document_added"]
