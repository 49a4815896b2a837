"""Drafts: what rules, defaults and formulas say of a record before it is saved. On the screens: tests/web/test_screens_rules.py."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import NotFound
from fieldsmith.records.live import Draft
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import package


def rule(name: str, *fields: str, **says: str) -> dict[str, Any]:
    return {"type": "field", "entity": "claim", "name": name, "label": name, "fields": list(fields), **says}


CLAIMS = package(
    "claims",
    {
        "entity": [
            {
                "name": "claim",
                "fields": [
                    {"name": "name", "type": "text"},
                    {"name": "kind", "type": "text"},
                    {"name": "detail", "type": "text", "default_expression": "IF(kind = 'theft', 'what?', blank)"},
                    {"name": "police", "type": "text"},
                    {"name": "moody", "type": "text"},
                    {"name": "amount", "type": "decimal", "scale": 2, "default": "5"},
                    {"name": "whole", "type": "lookup", "to": "claim", "inverse": "parts"},
                    {"name": "part_count", "type": "rollup", "expression": "COUNT(parts)"},
                    {"name": "twice", "type": "formula", "returns": "decimal", "scale": 2, "expression": "amount * 2 + part_count"},
                ],
            }
        ],
        "rule": [
            rule("details", "detail", visible="kind = 'theft' or kind = 'fire'", required="kind = 'fire'"),
            rule("told", "police", visible="not ISBLANK(detail)"),
            rule("moods", "moody", visible="ISBLANK(moody)"),
            rule("closed", "kind", "amount", read_only="not ISNEW() and old.kind = 'closed'"),
            rule("fixed", "amount", read_only="kind = 'fixed'"),
            rule("changes", "detail", read_only="not ISNEW() and CHANGED(name)"),
        ],
    },
)


@pytest.fixture
def claims(make_workspace: MakeWorkspace) -> Desk:
    return Desk(make_workspace("core", CLAIMS))


def new(desk: Desk, **sent: Any) -> Draft:
    with desk.workspace.read() as work:
        return work.live.new(OPERATOR, "claim", sent, ("part_count", "twice"))


def changed(desk: Desk, id: int, **sent: Any) -> Draft:
    with desk.workspace.read() as work:
        return work.live.changed(OPERATOR, "claim", id, sent, ("part_count", "twice"))


def test_conditions_see_what_is_sent(claims: Desk) -> None:
    draft = new(claims, name="A", kind="fire")
    assert (draft.state("detail").visible, draft.state("detail").required, draft.state("name").open) == (True, True, True)
    assert not new(claims, name="A", kind="flood").state("detail").visible


def test_what_is_absent_takes_its_default_and_what_is_blank_stays_blank(claims: Desk) -> None:
    assert new(claims, kind="theft").values["detail"] == "what?"
    assert new(claims, kind="theft", detail=None).values["detail"] is None


def test_what_a_rule_hides_counts_as_not_sent_for_the_others(claims: Desk) -> None:
    assert new(claims, kind="fire", detail="roof").state("police").visible
    draft = new(claims, kind="flood", detail="roof", police="yes")
    assert not draft.state("police").visible and draft.values.get("police") is None


def test_a_field_that_hides_itself_comes_to_rest(claims: Desk) -> None:
    assert new(claims, moody="x").state("moody").visible


def test_what_a_rule_locks_is_what_would_be_saved(claims: Desk) -> None:
    draft = new(claims, kind="fixed", amount="9")
    assert (str(draft.values["amount"]), str(draft.state("amount").locked_by)) == ("5.00", "fixed")
    closed = claims.make("claim", name="A", kind="closed", amount="7")
    draft = changed(claims, closed, kind="open", amount="9")
    assert (draft.values["kind"], str(draft.values["amount"]), str(draft.computed["twice"])) == ("closed", "7.00", "14.00")


def test_changes_are_those_against_the_stored_record(claims: Desk) -> None:
    claim = claims.make("claim", name="A", kind="fire", detail="roof")
    assert changed(claims, claim, name="A").state("detail").locked_by is None
    assert changed(claims, claim, name="B").state("detail").locked_by is not None


def test_formulas_build_on_what_is_sent_and_a_new_record_has_no_rollup(claims: Desk) -> None:
    claim = claims.make("claim", name="A", amount="1")
    claims.make("claim", name="Part", whole=claim)
    draft = changed(claims, claim, amount="2.5")
    assert (draft.computed["part_count"], str(draft.computed["twice"])) == (1, "6.00")
    assert {name: str(value) for name, value in new(claims, amount="2.5").computed.items()} == {"twice": "5.00"}


def test_what_cannot_be_read_or_is_not_there_counts_as_blank(claims: Desk) -> None:
    draft = new(claims, amount="many", whole=77)
    assert (draft.values["amount"], draft.values["whole"], draft.computed["twice"]) == (None, None, None)


def test_a_record_that_is_not_there_has_no_draft(claims: Desk) -> None:
    with pytest.raises(NotFound):
        changed(claims, 77)


def test_hidden_fields_of_a_stored_record(claims: Desk) -> None:
    fire = claims.make("claim", name="A", kind="fire", detail="roof")
    flood = claims.make("claim", name="B", kind="flood")
    claims.delete("claim", flood)
    with claims.workspace.read() as work:
        assert work.live.hidden(OPERATOR, "claim", fire) == frozenset()
        assert work.live.hidden(OPERATOR, "claim", flood) == {"detail", "police"}
