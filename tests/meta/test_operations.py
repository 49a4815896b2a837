"""Operations on named items: add, change, hide, move."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.meta.operations import apply_operations

ENTITY: dict[str, Any] = {
    "name": "deal",
    "fields": [{"name": "name", "type": "text"}, {"name": "amount", "type": "currency"}, {"name": "stage", "type": "choice"}],
}
LAYOUT: dict[str, Any] = {"name": "default", "entity": "deal", "sections": [{"name": "main", "fields": ["name", "amount", "stage"]}]}
VIEW: dict[str, Any] = {"name": "all", "entity": "deal", "columns": ["name", "amount", "stage"]}
CHOICES: dict[str, Any] = {"name": "stage", "values": [{"name": "open"}, {"name": "won"}]}


def run(kind: str, body: dict[str, Any], **operation: Any) -> dict[str, Any]:
    out, _, problems = apply_operations(kind, body, [operation], "custom/x.json")
    assert problems == []
    return out


def names(items: list[Any]) -> list[str]:
    return [item if isinstance(item, str) else item["name"] for item in items]


@pytest.mark.parametrize(
    ("operation", "order"),
    [
        ({"op": "add", "path": "/fields/day", "value": {"type": "date"}}, "name amount stage day"),
        ({"op": "add", "path": "/fields/day", "value": {"type": "date"}, "after": "name"}, "name day amount stage"),
        ({"op": "add", "path": "/fields/day", "value": {"type": "date", "name": "day"}, "after": None}, "day name amount stage"),
        ({"op": "move", "path": "/fields/name", "after": "stage"}, "amount stage name"),
        ({"op": "move", "path": "/fields/stage", "after": None}, "stage name amount"),
    ],
)
def test_members_are_added_and_moved_by_name(operation: dict[str, Any], order: str) -> None:
    assert " ".join(names(run("entity", ENTITY, **operation)["fields"])) == order


def test_one_property_is_changed_and_the_rest_kept() -> None:
    out = run("entity", ENTITY, op="change", path="/fields/amount/label", value="Sum")
    assert out["fields"][1] == {"name": "amount", "type": "currency", "label": "Sum"}
    assert "label" not in ENTITY["fields"][1]


def test_a_list_the_document_does_not_have_yet_is_made() -> None:
    out = run("entity", ENTITY, op="add", path="/indexes/by_stage", value={"fields": ["stage"]})
    assert out["indexes"] == [{"name": "by_stage", "fields": ["stage"]}]


def test_members_of_a_list_of_names_need_no_value() -> None:
    assert run("view", VIEW, op="add", path="/columns/owner", after="name")["columns"] == ["name", "owner", "amount", "stage"]


@pytest.mark.parametrize(
    ("kind", "body", "path", "key", "expected"),
    [
        ("view", VIEW, "/columns/amount", "columns", ["name", "stage"]),
        ("view", VIEW, "", "hidden", True),
        ("choices", CHOICES, "/values/won", "values", [{"name": "open"}, {"name": "won", "active": False}]),
        ("layout", LAYOUT, "/sections/main/fields/amount", "hidden", ["amount"]),
        ("layout", LAYOUT, "/sections/main", "sections", [{**LAYOUT["sections"][0], "hidden": True}]),
    ],
)
def test_hiding_takes_out_of_sight(kind: str, body: dict[str, Any], path: str, key: str, expected: Any) -> None:
    assert run(kind, body, op="hide", path=path)[key] == expected


@pytest.mark.parametrize(
    ("operation", "code", "hint"),
    [
        ({"op": "change", "path": "/fields/amout/label", "value": "x"}, "unknown_path", "amount"),
        ({"op": "add", "path": "/feilds/day", "value": {"type": "date"}}, "unknown_path", "fields"),
        ({"op": "move", "path": "/fields/amount", "after": "nam"}, "unknown_path", "name"),
        ({"op": "hide", "path": "/fields/amout"}, "unknown_path", "amount"),
        ({"op": "add", "path": "/fields/amount", "value": {"type": "date"}}, "already_there", None),
        ({"op": "add", "path": "/fields/day", "value": {"type": "date", "name": "dya"}}, "name_differs", None),
        ({"op": "add", "path": "/label"}, "missing_value", None),
        ({"op": "change", "path": "/fields/amount", "value": {}}, "change_member", None),
        ({"op": "change", "path": "/fields", "value": []}, "change_list", None),
        ({"op": "change", "path": "/fields/amount/name", "value": "sum"}, "fixed_key", None),
        ({"op": "change", "path": "/name", "value": "sum"}, "fixed_key", None),
        ({"op": "change", "path": "/fields/amount/label/x", "value": 1}, "unknown_path", None),
        ({"op": "hide", "path": "/name_field"}, "cannot_hide", None),
        ({"op": "move", "path": "/label", "after": None}, "cannot_move", None),
        ({"op": "move", "path": "/fields/amount"}, "missing_after", None),
        ({"op": "hide", "path": ""}, "bad_path", None),
    ],
)
def test_what_cannot_be_done_is_a_problem_and_changes_nothing(operation: dict[str, Any], code: str, hint: str | None) -> None:
    out, touched, problems = apply_operations("entity", ENTITY, [operation], "custom/entity/deal.json")
    assert [(problem.code, problem.pointer, problem.document) for problem in problems] == [(code, "/operations/0/path", "custom/entity/deal.json")]
    assert hint is None or hint in str(problems[0].hint)
    assert (touched, out["fields"]) == ([], ENTITY["fields"])


def test_a_faulty_operation_does_not_stop_the_others() -> None:
    operations = [{"op": "hide", "path": "/fields/nothing"}, {"op": "add", "path": "/label", "value": "Deal"}]
    out, touched, problems = apply_operations("entity", ENTITY, operations, "custom/x.json")
    assert (out["label"], touched, len(problems)) == ("Deal", ["/label"], 1)
