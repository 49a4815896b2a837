"""What a model takes over from the one before: the same objects where nothing differs, and never where something does."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from fieldsmith.fields.base import FieldType
from fieldsmith.meta.compile import Compiled, compile_model
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.names import Names
from fieldsmith.meta.validation import Validators
from tests.meta.samples import entity, package

BASE: dict[str, list[dict[str, Any]]] = {
    "entity": [
        entity("account", {"name": "twice", "type": "formula", "returns": "text", "expression": "name"}),
        entity("deal", {"name": "stage", "type": "choice", "choices": "stage", "default": "open"}),
        entity("line", {"name": "deal", "type": "lookup", "to": "deal"}),
        entity("note"),
    ],
    "choices": [{"name": "stage", "values": [{"name": "open"}, {"name": "won"}]}],
}


class Succession:
    """Compiles changed copies of `BASE` as the successors of its model."""

    def __init__(self, types: dict[str, FieldType], validators: Validators) -> None:
        self._types, self._validators = types, validators
        self._first = compile_model([package("shop", BASE)], Names(), types, validators, 1)
        assert self._first.model is not None
        self.before: Model = self._first.model

    def after(self, change: Any, shared: bool = True) -> Compiled:
        documents = copy.deepcopy(BASE)
        change(documents)
        layers = [package("shop", documents)]
        return compile_model(layers, self._first.names, self._types, self._validators, 2, previous=self.before if shared else None)


@pytest.fixture
def succession(types: dict[str, FieldType], validators: Validators) -> Succession:
    return Succession(types, validators)


def _field(documents: Any) -> None:
    documents["entity"][3]["fields"].append({"name": "text", "type": "text"})


def _translated(documents: Any) -> None:
    documents["translation"] = [{"name": "zh", "language": "zh_Hans", "labels": {"entity/deal/label": "商机"}}]


def _lookup(documents: Any) -> None:
    documents["entity"][3]["fields"].append({"name": "line", "type": "lookup", "to": "line", "inverse": "notes"})


def _without_deal(documents: Any) -> None:
    del documents["entity"][1]


def _without_value(documents: Any) -> None:
    del documents["choices"][0]["values"][0]


def _renamed_value(documents: Any) -> None:
    documents["choices"][0]["values"][1]["label"] = "Gained"


CHANGES = {"field": _field, "translated": _translated, "lookup": _lookup, "renamed value": _renamed_value}


@pytest.mark.parametrize(
    ("change", "shared"),
    [(_field, {"deal", "line"}), (_translated, set()), (_lookup, {"deal"}), (_renamed_value, {"deal", "line", "note"})],
    ids=list(CHANGES),
)
def test_what_is_the_same_is_the_same_object(succession: Succession, change: Any, shared: set[str]) -> None:
    model = succession.after(change).model
    assert model is not None
    assert {name for name, found in model.entities.items() if found is succession.before.entities[name]} == shared


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_the_model_is_the_one_built_anew(succession: Succession, change: Any) -> None:
    shared, anew = (succession.after(change, shared=shared).model for shared in (True, False))
    assert shared is not None and anew is not None

    def said(item: Entity) -> object:
        return item.label.translations, item.references, list(item.fields.values())

    assert {name: said(item) for name, item in shared.entities.items()} == {name: said(item) for name, item in anew.entities.items()}


@pytest.mark.parametrize(
    ("change", "problem"),
    [(_without_deal, ("unknown_entity", "/fields/deal/to")), (_without_value, ("bad_default", "/fields/stage/default"))],
    ids=["target gone", "value gone"],
)
def test_what_no_longer_holds_is_found_in_entities_taken_over(succession: Succession, change: Any, problem: tuple[str, str]) -> None:
    found = succession.after(change).problems
    assert [(item.code, item.pointer) for item in found] == [problem]
