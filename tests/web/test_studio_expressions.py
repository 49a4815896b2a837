"""What the studio's expression editor asks: faults with fixes, completion, names, rows and trying out, over the draft's model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from fieldsmith.studio.workbench import Said
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, words

DISCOUNT = [{"op": "add", "path": "/fields/discount", "value": {"type": "decimal", "label": "Discount"}}]


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def visitor(app: Flask, workspace: Workspace, admin: Person) -> Visitor:
    """An administrator whose draft gives opportunities a discount."""
    id = workspace.changesets.open(admin.actor, "Discounts")
    workspace.changesets.say(admin.actor, id, [Said("entity", "opportunity", DISCOUNT)])
    return Visitor(app, workspace, admin)


def asked(visitor: Visitor, call: str, expression: str, **more: Any) -> str:
    return visitor.post(f"/studio/expression/{call}", {"entity": "opportunity", "expression": expression, **more}).text


@pytest.mark.parametrize(
    ("expression", "more", "told"),
    [
        ("discount * 2", {}, "Gives a decimal number."),
        ("discount > 2", {"context": "filter"}, "Gives a condition."),
        ("discount > 2", {"context": "formula", "returns": "currency"}, "The expression must give a decimal number, but it gives a condition."),
        ("amount", {"context": "filter"}, "amount"),
        ("CHANGED(stage)", {"context": "rule"}, "Gives a condition."),
        ("amount +", {}, "amount +"),
    ],
)
def test_what_it_gives_or_what_is_wrong(visitor: Visitor, expression: str, more: dict[str, str], told: str) -> None:
    assert told in words(asked(visitor, "check", expression, **more))


@pytest.mark.parametrize(
    ("expression", "fix"),
    [("1 +\n discont", 'data-fix="discount" data-start="5" data-end="12"'), ("stage = 'wonn'", 'data-fix="won" data-start="9" data-end="13"')],
)
def test_a_misspelt_name_has_a_fix(visitor: Visitor, expression: str, fix: str) -> None:
    assert fix in asked(visitor, "check", expression)


def test_completion_knows_what_is_only_in_the_draft(visitor: Visitor) -> None:
    body = json.dumps({"entity": "opportunity", "expression": "disc", "position": 4})
    answer = visitor.client.post("/studio/expression/complete", data=body, content_type="application/json", headers={"X-CSRF-Token": visitor.token})
    assert [item["text"] for item in answer.get_json()["items"]] == ["discount"]


def test_names_are_grouped_and_say_what_they_are(visitor: Visitor) -> None:
    page = asked(visitor, "names", "", context="formula")
    for inserted in ("discount", "account.name", "IF()"):
        assert f'data-insert="{inserted}"' in page
    assert "ISNEW" not in page and "ISNEW" in asked(visitor, "names", "", context="rule")


def test_rows_of_an_expression_and_back(visitor: Visitor) -> None:
    page = asked(visitor, "rows", 'stage = "won" or discount > 5', **{"as": "when"})
    assert 'name="when.f.0.field"' in page and 'name="when.f.1.value" value="5"' in page
    sent = {"as": "when", "part": "text", "when.f.0.field": "stage", "when.f.0.op": "is", "when.f.0.value": "won", "when.f.join": "all"}
    assert json.loads(asked(visitor, "rows", "", **sent)) == {"expression": 'stage = "won"'}


def test_a_row_is_drawn_anew(visitor: Visitor) -> None:
    page = asked(visitor, "rows", "", **{"as": "when", "part": "row", "at": "3", "when.f.3.field": "discount"})
    assert 'name="when.f.3.op"' in page and "is at least" in page


def test_what_rows_cannot_say_is_told(visitor: Visitor) -> None:
    assert "Written by hand" in asked(visitor, "rows", "amount * 2 > 5")


def test_trying_takes_the_newest_record_and_tells_the_steps(visitor: Visitor) -> None:
    account = visitor.make("account", name="Acme")
    for name, amount in (("First", "1000"), ("Second", "2500.50")):
        visitor.make("opportunity", name=name, account=account, amount=amount, stage="won")
    page = words(asked(visitor, "try", 'IF(stage = "won", UPPER(name), "")'))
    assert "Second" in page and "Result “SECOND”" in page and "name “Second”" in page and "stage Won" in page


def test_trying_a_rule_has_the_record_before(visitor: Visitor) -> None:
    visitor.make("opportunity", name="Deal", account=visitor.make("account", name="Acme"))
    assert "Result yes" in words(asked(visitor, "try", "old.name = name and not CHANGED(name)", context="rule"))


@pytest.mark.parametrize(
    ("entity", "expression", "why"),
    [
        ("opportunity", "discount * 2", "“Discount” is not published yet"),
        ("opportunity", "discont", "Put the expression right first."),
        ("opportunity", " ", "Write an expression first."),
        ("contact", "name", "there is no Contact yet"),
    ],
)
def test_why_it_cannot_be_tried(visitor: Visitor, entity: str, expression: str, why: str) -> None:
    visitor.make("opportunity", name="Deal", account=visitor.make("account", name="Acme"))
    assert why in words(asked(visitor, "try", expression, entity=entity))


@pytest.mark.parametrize("call", ["check", "names", "try", "rows"])
def test_an_entity_nobody_knows(visitor: Visitor, call: str) -> None:
    assert visitor.post(f"/studio/expression/{call}", {"entity": "nothing", "expression": "1"}).status_code == 404


def test_only_administrators(app: Flask, workspace: Workspace, clerk: Person) -> None:
    assert Visitor(app, workspace, clerk).post("/studio/expression/check", {"entity": "account", "expression": "1"}).status_code == 403
