"""Documents of kind `rule`, default expressions and filters of views: built, checked, translated, compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fieldsmith.fields.base import FieldType
from fieldsmith.meta.compile import Compiled
from fieldsmith.meta.diff import differences
from fieldsmith.meta.model import FieldRule, Model, ValidationRule
from fieldsmith.meta.packages import read_package, write_package
from fieldsmith.meta.schemas import SchemaSet
from tests.meta.samples import custom, entity, package

Compile = Callable[..., Compiled]
Build = Callable[..., Model]
Problems = Callable[..., list[tuple[str, str]]]

DEAL = entity(
    "deal",
    {"name": "amount", "type": "decimal"},
    {"name": "closed", "type": "date"},
    {"name": "done", "type": "boolean"},
    {"name": "note", "type": "rich_text"},
    {"name": "home", "type": "address"},
    {"name": "double", "type": "formula", "returns": "decimal", "expression": "amount * 2"},
)
POSITIVE = {"name": "positive", "entity": "deal", "type": "validation", "must": "amount > 0", "message": "Enter an amount.", "field": "amount"}
CLOSING = {"name": "closing", "entity": "deal", "type": "field", "fields": ["closed"], "visible": "done", "required": "done and ISNEW()"}


def test_rules_are_part_of_the_model(model: Build) -> None:
    found = model(entity=[DEAL], rule=[POSITIVE, CLOSING])
    positive, closing = found.rules["deal.positive"], found.rules["deal.closing"]
    assert isinstance(positive, ValidationRule) and isinstance(closing, FieldRule)
    assert (str(positive.label), str(positive.message), positive.must, positive.when, positive.field) == (
        "Positive",
        "Enter an amount.",
        "amount > 0",
        "",
        "amount",
    )
    assert (closing.fields, closing.visible, closing.required, closing.read_only) == (("closed",), "done", "done and ISNEW()", "")
    assert found.rules_of == {"deal": (positive, closing)}


def test_a_hidden_rule_is_not_in_force(model: Build) -> None:
    change = {"extends": "deal.positive", "operations": [{"op": "hide", "path": ""}]}
    found = model(package("shop", {"entity": [DEAL], "rule": [POSITIVE]}), custom({"rule": [change]}))
    assert found.rules == {}


def test_labels_and_messages_are_translated(model: Build) -> None:
    words = {"rule/deal.positive/label": "正数", "rule/deal.positive/message": "请输入金额。"}
    rule = model(entity=[DEAL], rule=[POSITIVE], translation=[{"name": "shop_zh", "language": "zh_Hans", "labels": words}]).rules["deal.positive"]
    assert isinstance(rule, ValidationRule)
    assert rule.label.translations == {"zh_Hans": "正数"}
    assert rule.message.translations == {"zh_Hans": "请输入金额。"}


def without(body: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != key}


BAD = [
    (without(POSITIVE, "must"), [("missing_key", "")]),
    (without(POSITIVE, "message"), [("missing_key", "")]),
    ({**POSITIVE, "fields": ["amount"]}, [("unknown_key", "/fields")]),
    ({**POSITIVE, "field": "amout"}, [("unknown_field", "/field")]),
    ({**POSITIVE, "entity": "deel"}, [("unknown_entity", "/entity")]),
    ({**POSITIVE, "must": "amout > 0"}, [("unknown_field", "/must")]),
    ({**POSITIVE, "must": "amount"}, [("condition_expected", "/must")]),
    ({**POSITIVE, "when": "name"}, [("condition_expected", "/when")]),
    ({**POSITIVE, "type": "other"}, [("not_allowed", "/type")]),
    ({**CLOSING, "must": "true"}, [("unknown_key", "/must")]),
    (without(CLOSING, "fields"), [("missing_key", "")]),
    ({**CLOSING, "fields": ["colsed"]}, [("unknown_field", "/fields/colsed")]),
    ({**CLOSING, "fields": ["done"]}, [("never_blank", "/fields/done")]),
    ({**CLOSING, "fields": ["double"]}, [("cannot_be_ruled", "/fields/double")]),
    ({**CLOSING, "fields": ["created_at"]}, [("cannot_be_ruled", "/fields/created_at")]),
    (without(without(CLOSING, "visible"), "required"), [("missing_key", "")]),
    ({**CLOSING, "visible": "dome"}, [("unknown_field", "/visible")]),
    ({**CLOSING, "read_only": "1 +"}, [("unexpected_end", "/read_only")]),
]


@pytest.mark.parametrize(("rule", "expected"), BAD)
def test_faulty_rules_are_refused(compiled: Compile, rule: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    found = compiled(entity=[DEAL], rule=[rule]).problems
    assert [(problem.code, problem.pointer) for problem in found] == expected
    assert {problem.document for problem in found} == {f"shop/rule/{rule['entity']}.{rule['name']}.json"}


@pytest.mark.parametrize(
    "rule",
    [
        without({**CLOSING, "fields": ["double", "owner"]}, "required"),
        without({**CLOSING, "fields": ["owner"], "read_only": "true"}, "required"),
        {**POSITIVE, "must": "CHANGED(amount) or old.amount = amount or user.name = name"},
    ],
)
def test_what_can_be_ruled(compiled: Compile, rule: dict[str, Any]) -> None:
    assert compiled(package("core", {"entity": [entity("user")]}), package("shop", {"entity": [DEAL], "rule": [rule]})).problems == ()


def test_rules_of_a_refused_entity_are_not_judged(problems: Problems) -> None:
    assert problems(entity=[entity("deal", {"name": "amount", "type": "nothing"})], rule=[POSITIVE, CLOSING]) == [("unknown_field_type", "/fields/amount/type")]


def test_rules_may_come_change_and_translate_but_not_go(model: Build) -> None:
    one, two = model(entity=[DEAL]), model(entity=[DEAL], rule=[POSITIVE])
    three = model(entity=[DEAL], rule=[{**POSITIVE, "must": "amount > 1"}])
    assert [(item.kind, item.document, item.additive) for item in differences(one, two)] == [("document_added", "rule/deal.positive", True)]
    assert [(item.kind, item.document, item.additive) for item in differences(two, three)] == [("document_changed", "rule/deal.positive", True)]
    assert [(item.kind, item.additive) for item in differences(two, one)] == [("document_removed", False)]


def test_filters_and_default_expressions_may_change(model: Build) -> None:
    view = {"name": "big", "entity": "deal", "columns": ["name"]}
    two = entity("deal", *DEAL["fields"][1:])
    two["fields"][2] = {**two["fields"][2], "default_expression": "TODAY()"}
    found = differences(model(entity=[DEAL], view=[view]), model(entity=[two], view=[{**view, "filter": "amount > 1"}]))
    assert [(item.document, item.pointer, item.additive) for item in found] == [
        ("entity/deal", "/fields/closed/default_expression", True),
        ("view/deal.big", "", True),
    ]


def test_a_package_folder_holds_rules_by_entity_and_name(tmp_path: Path, types: dict[str, FieldType]) -> None:
    layer = package("shop", {"entity": [DEAL], "rule": [POSITIVE]})
    written = write_package(layer, tmp_path / "shop", SchemaSet.load(), types)
    assert tmp_path / "shop" / "rule" / "deal.positive.json" in written
    assert [document.name for document in read_package(tmp_path / "shop").documents if document.kind == "rule"] == ["deal.positive"]


def with_default(**keys: Any) -> dict[str, Any]:
    return entity("deal", {"name": "amount", "type": "decimal"}, {"name": "other", "type": "lookup", "to": "deal", "inverse": "others"}, {"name": "f", **keys})


def test_a_default_expression_is_part_of_its_field(model: Build) -> None:
    field = model(entity=[with_default(type="date", default_expression="TODAY() + 30")]).entities["deal"].fields["f"]
    assert field.default_expression == "TODAY() + 30"
    assert "default_expression" not in field.options


@pytest.mark.parametrize(
    ("keys", "code", "place"),
    [
        ({"type": "date", "default_expression": "1"}, "wrong_result", "default_expression"),
        ({"type": "date", "default_expression": "nothing"}, "unknown_field", "default_expression"),
        ({"type": "date", "default": "2026-01-01", "default_expression": "TODAY()"}, "two_defaults", "default_expression"),
        ({"type": "auto_number", "default_expression": "'x'"}, "no_default", "default_expression"),
        ({"type": "address", "default_expression": "'x'"}, "no_default", "default_expression"),
        ({"type": "rich_text", "default_expression": "'x'"}, "no_default", "default_expression"),
        ({"type": "many_to_many", "to": "deal", "default_expression": "1"}, "no_default", "default_expression"),
        ({"type": "integer", "default_expression": "COUNT(others)"}, "aggregate_not_allowed", "default_expression"),
        ({"type": "integer", "default_expression": ""}, "too_short", "default_expression"),
    ],
)
def test_faulty_default_expressions_are_refused(problems: Problems, keys: dict[str, Any], code: str, place: str) -> None:
    assert problems(entity=[with_default(**keys)]) == [(code, f"/fields/f/{place}")]


@pytest.mark.parametrize(
    "keys",
    [
        {"type": "currency", "default_expression": "amount * 2"},
        {"type": "integer", "default_expression": "5", "required": True},
        {"type": "lookup", "to": "deal", "default_expression": "other"},
        {"type": "boolean", "default_expression": "amount > 5"},
        {"type": "text", "default_expression": "'No. ' & TEXT(amount)"},
    ],
)
def test_default_expressions_give_what_the_field_takes(problems: Problems, keys: dict[str, Any]) -> None:
    assert problems(entity=[with_default(**keys)]) == []


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ({"filter": "amount > 1 and done"}, []),
        ({"filter": "amout > 1"}, [("unknown_field", "/filter")]),
        ({"filter": "old.amount > 1"}, [("root_not_allowed", "/filter")]),
        ({"columns": ["name", "double"], "sort": ["-double"]}, []),
    ],
)
def test_views_filter(compiled: Compile, view: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    found = compiled(entity=[DEAL], view=[{"name": "some", "entity": "deal", "columns": ["name"], **view}])
    assert [(problem.code, problem.pointer) for problem in found.problems] == expected
    if found.model is not None:
        assert found.model.views["deal.some"].filter == view.get("filter", "")


def test_a_field_that_is_always_required_cannot_be_hidden(problems: Problems) -> None:
    box = entity("box", {"name": "size", "type": "integer", "required": True})
    rule = {"type": "field", "entity": "box", "name": "big", "fields": ["size"], "visible": 'name = "big"'}
    assert problems(entity=[box], rule=[rule]) == [("required_hidden", "/fields/size")]
