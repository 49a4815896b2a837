"""JSON Schema problems: code, pointer by names, hint."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.problems import Problem
from fieldsmith.meta.validation import Validators
from tests.meta.samples import entity


def field(**keys: Any) -> dict[str, Any]:
    return entity("deal", {"name": "amount", "type": "integer", **keys})


CASES: list[tuple[str, Any, str, str, str | None]] = [
    ("entity", entity("deal", lable="Deal"), "unknown_key", "/lable", "Did you mean “label”?"),
    ("entity", field(requird=True), "unknown_key", "/fields/amount/requird", "Did you mean “required”?"),
    ("entity", field(max_length=5), "unknown_key", "/fields/amount/max_length", None),
    ("entity", field(type="integr"), "unknown_field_type", "/fields/amount/type", "Did you mean “integer”?"),
    ("entity", {"name": "deal", "fields": [{"name": "amount"}]}, "missing_key", "/fields/amount", None),
    ("entity", {"name": "deal"}, "missing_key", "", None),
    ("entity", field(required="yes"), "wrong_type", "/fields/amount/required", None),
    ("entity", field(label=""), "too_short", "/fields/amount/label", None),
    ("entity", field(label="x" * 256), "too_long", "/fields/amount/label", None),
    ("entity", entity("deal", {"name": "account", "type": "lookup"}), "missing_key", "/fields/account", None),
    ("entity", entity("deal", features=["file"]), "not_allowed", "/features/0", "Did you mean “files”?"),
    ("entity", [], "wrong_type", "", None),
    ("choices", {"name": "stage", "values": [{"name": "won", "colour": "grean"}]}, "not_allowed", "/values/won/colour", "Did you mean “green”?"),
    ("view", {"name": "all", "entity": "deal", "columns": ["name"], "filter": ["amount > 1"]}, "wrong_type", "/filter", None),
    ("layout", {"name": "default", "entity": "deal", "sections": [{"name": "main", "columns": 4, "fields": []}]}, "too_big", "/sections/main/columns", None),
    ("role", {"name": "clerk", "entities": {"Deal!": []}}, "bad_name", "/entities/Deal!", None),
    ("company", {"name": "company", "accent": "red"}, "bad_format", "/accent", None),
    ("package", {"format": 1, "name": "crm", "version": "1"}, "bad_format", "/version", None),
    ("entity", {"extends": "deal", "operations": [{"op": "remove", "path": "/fields/amount"}]}, "not_yet", "/operations/0/op", None),
    ("entity", {"extends": "deal", "operations": [], "name": "x"}, "unknown_key", "/name", None),
]


@pytest.mark.parametrize(("kind", "body", "code", "pointer", "hint"), CASES)
def test_each_fault_is_named_with_its_place(validators: Validators, kind: str, body: Any, code: str, pointer: str, hint: str | None) -> None:
    found = validators.problems(kind, body, "x.json")
    problem = next(problem for problem in found if problem.pointer == pointer)
    assert (problem.code, problem.document) == (code, "x.json")
    assert hint is None or str(problem.hint) == hint


@pytest.mark.parametrize("name", ["__class__", "a b", "x" * 49, "😀", 'a";drop table x', "Amount", "1st", "name\n", ""])
def test_names_that_are_none_are_refused(validators: Validators, name: str) -> None:
    def bad(body: dict[str, Any], pointer: str) -> list[Problem]:
        return [problem for problem in validators.problems("entity", body) if problem.code == "bad_name" and problem.pointer == pointer]

    assert bad(entity(name), "/name")
    assert bad({"name": "deal", "fields": [{"name": name, "type": "text"}]}, f"/fields/{name or 0}/name")


@pytest.mark.parametrize("name", ["order", "case", "select", "x" * 48])
def test_sql_words_are_fine_as_names(validators: Validators, name: str) -> None:
    assert validators.problems("entity", entity(name, label='商机 <b>"x"</b> 😀')) == []


def test_every_fault_of_a_document_is_told(validators: Validators) -> None:
    body = entity("deal", {"name": "a", "type": "integer", "min": "x"}, {"name": "B", "type": "nothing"}, plurl="x")
    assert {problem.pointer for problem in validators.problems("entity", body)} == {"/plurl", "/fields/a/min", "/fields/B/type"}


def test_a_list_longer_than_it_may_be_is_refused_once(validators: Validators) -> None:
    body = {"extends": "deal", "operations": [{"op": "add", "pth": "/x"}] * 10_001}
    assert [(problem.code, problem.pointer) for problem in validators.problems("entity", body)] == [("too_long", "/operations")]
