"""Boards: columns with counts and sums, their cards, and moving a card through the same door as every save."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from fieldsmith.workspace import Workspace
from tests.desk import Desk
from tests.meta.samples import package
from tests.studio.conftest import Studio
from tests.web.conftest import Person, make_person
from tests.web.screens import Visitor, link, names, words

BOARD = "/opportunity/?view=pipeline"
RULE: dict[str, Any] = {
    "type": "validation",
    "name": "lost_needs_reason",
    "entity": "opportunity",
    "when": "stage = 'lost'",
    "must": "not ISBLANK(description)",
    "message": "Say why it was lost.",
    "field": "description",
}
WATCHER: dict[str, Any] = {"name": "watcher", "entities": {"*": ["read"]}}
STRICT = package("strict", {"rule": [RULE], "role": [WATCHER]}, requires=["crm"])


def heads(page: TestResponse) -> list[str]:
    return [words(head) for head in re.findall(r'<header class="board-head".*?</header>', page.text, re.S)]


def column(page: TestResponse, value: str) -> str:
    """The HTML of one column's cards."""
    return page.text.partition(f'data-list="{value}"')[2].partition("</section>")[0]


def cards(page: TestResponse, value: str) -> list[str]:
    return [html.unescape(name) for name in re.findall(r'class="row-link" href="[^"]+">([^<]*)<', column(page, value))]


def move(visitor: Visitor, id: int, to: str, before: str = "prospecting", version: int = 1, query: str = "view=pipeline") -> TestResponse:
    data = {"csrf_token": visitor.token, "to": to, "from": before, "version": version}
    return visitor.client.post(f"/opportunity/{id}/move?{query}", data=data, headers={"HX-Request": "true", "HX-Target": "list-table"})


def test_every_value_is_a_column_with_count_and_sum(visitor: Visitor) -> None:
    visitor.make("opportunity", name="A", amount="100", stage="won")
    visitor.make("opportunity", name="B", amount="2.5", stage="won")
    visitor.make("opportunity", name="C", stage="lost")
    page = visitor.get(BOARD)
    assert heads(page) == ["Prospecting 0", "Qualification 0", "Needs analysis 0", "Proposal 0", "Negotiation 0", "Won 2 $102.50", "Lost 1"]
    assert cards(page, "won") == ["A", "B"] and cards(page, "lost") == ["C"] and 'id="list-count"' in page.text


def test_cards_show_the_views_other_columns(visitor: Visitor) -> None:
    account = visitor.make("account", name="Acme <b>")
    visitor.make("opportunity", name="A", amount="100", account=account, close_date="2026-12-01")
    said = words(column(visitor.get(BOARD), "prospecting"))
    assert "Account Acme <b>" in said and "Amount $100.00" in said and "Close date Dec 1, 2026" in said and "Stage" not in said


def test_any_view_can_be_shown_as_a_board_and_back(visitor: Visitor) -> None:
    visitor.make("opportunity", name="Small deal", amount="1")
    visitor.make("opportunity", name="Large deal", amount="9")
    page = visitor.get("/opportunity/?view=by_amount&q=deal&filter=amount+%3E+0")
    board = visitor.get(link_to(page, "Board"))
    assert cards(board, "prospecting") == ["Large deal", "Small deal"] and heads(board)[0] == "Prospecting 2"
    assert link_to(board, "Table") == "/opportunity/?view=by_amount&q=deal&filter=amount+%3E+0"


def link_to(page: TestResponse, label: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]* aria-label="{label}"', page.text)
    assert found is not None
    return html.unescape(found[1])


def test_filter_and_search_narrow_columns_and_sums(visitor: Visitor) -> None:
    visitor.make_many("opportunity", [{"name": f"N{at}", "amount": str(at), "stage": "won"} for at in range(4)])
    assert heads(visitor.get(f"{BOARD}&filter=amount+%3E+1"))[5] == "Won 2 $5.00"
    assert heads(visitor.get(f"{BOARD}&q=N3"))[5] == "Won 1 $3.00"
    assert "Nothing matches the filter." in words(visitor.get(f"{BOARD}&filter=amount+%3E+9"))


def test_blank_values_come_first(visitor: Visitor) -> None:
    visitor.make("account", name="Rated", rating="hot")
    visitor.make("account", name="Unrated")
    page = visitor.get("/account/?show=board")
    assert heads(page)[0].startswith("None ") and "Unrated" in cards(page, "")


def test_long_columns_go_on(visitor: Visitor) -> None:
    visitor.make_many("opportunity", [{"name": f"N{at:03}", "stage": "won"} for at in range(70)] + [{"name": "other"}])
    page = visitor.get("/opportunity/?view=pipeline&sort=name")
    more = html.unescape(column(page, "won").partition('hx-get="')[2].partition('"')[0])
    assert cards(page, "won") == [f"N{at:03}" for at in range(50)]
    assert names(visitor.get(more, HX_Request="true")) == [f"N{at:03}" for at in range(50, 70)]
    assert names(visitor.get(link(page, "Show more")))[:2] == ["N000", "N001"] and "show=table" in link(page, "Show more")


def test_a_move_changes_the_choice_and_tells_card_and_sums(visitor: Visitor) -> None:
    id = visitor.make("opportunity", name="A", amount="5")
    answer = move(visitor, id, "won")
    assert answer.status_code == 200 and visitor.values("opportunity", id)["stage"] == "won"
    assert f'hx-swap-oob="true" class="board-card" id="card-{id}" data-item="{id}" data-version="2" data-column="won"' in answer.text
    assert {"Prospecting 0", "Won 1 $5.00"} <= set(heads(answer)) and "<html" not in answer.text


def test_a_card_the_board_no_longer_shows_goes(visitor: Visitor) -> None:
    id = visitor.make("opportunity", name="A")
    answer = move(visitor, id, "won", query="view=pipeline&filter=stage+%3C%3E+%27won%27")
    assert f'<li id="card-{id}" hx-swap-oob="delete">' in answer.text


def test_somebody_elses_change_is_not_overwritten(visitor: Visitor) -> None:
    id = visitor.make("opportunity", name="A")
    visitor.change("opportunity", id, stage="lost")
    answer = move(visitor, id, "won")
    assert answer.status_code == 412 and visitor.values("opportunity", id)["stage"] == "lost"
    assert "Somebody changed this record meanwhile, so it was not moved." in words(answer) and 'data-version="2" data-column="lost"' in answer.text


def test_a_retired_value_has_a_column_while_records_hold_it(visitor: Visitor, workspace: Workspace) -> None:
    id = visitor.make("opportunity", name="A", stage="proposal")
    Studio(Desk(workspace)).change(("choices", "sales_stage", {"op": "hide", "path": "/values/proposal"}))
    page = visitor.get(BOARD)
    assert heads(page)[-1] == "Proposal 1 no longer in use" and cards(page, "proposal") == ["A"]
    assert move(visitor, id, "won", "proposal").status_code == 200 and "Proposal" not in words(visitor.get(BOARD))
    assert move(visitor, id, "proposal", "won", 2).status_code == 422


class TestStrict:
    @pytest.fixture
    def workspace(self, make_workspace: Any) -> Workspace:
        found: Workspace = make_workspace("core", "crm", STRICT)
        return found

    def test_a_refused_move_says_why_and_the_card_stays(self, visitor: Visitor) -> None:
        id = visitor.make("opportunity", name="A", amount="5")
        answer = move(visitor, id, "lost")
        assert answer.status_code == 422 and "Say why it was lost." in words(answer)
        assert 'data-version="1" data-column="prospecting"' in answer.text and "Prospecting 1 $5.00" in heads(answer)

    def test_who_may_not_change_records_looks_only(self, app: Flask, workspace: Workspace, visitor: Visitor) -> None:
        id = visitor.make("opportunity", name="A")
        watcher = Visitor(app, workspace, make_person(workspace, "Eve", "watcher"))
        page = watcher.get(BOARD)
        assert cards(page, "prospecting") == ["A"] and "data-sortable" not in page.text and "/move" not in page.text
        assert move(watcher, id, "won").status_code == 403 and visitor.values("opportunity", id)["stage"] == "prospecting"


@pytest.mark.parametrize("to", ["nope", "x" * 300, "\x00", "<b>"])
def test_values_the_list_does_not_have_are_refused(visitor: Visitor, to: str) -> None:
    id = visitor.make("opportunity", name="A")
    assert move(visitor, id, to).status_code == 422 and visitor.values("opportunity", id)["stage"] == "prospecting"


def test_without_scripts_a_page_asks_for_the_column(visitor: Visitor) -> None:
    id = visitor.make("opportunity", name="A")
    page = visitor.get(f"/opportunity/{id}/move?view=pipeline")
    assert "Move “A” None" not in words(page) and "Move “A” Prospecting" in words(page) and 'value="won"' in page.text
    answer = visitor.post(f"/opportunity/{id}/move?view=pipeline", {"to": "won", "from": "prospecting", "version": "1"})
    assert (answer.status_code, answer.location) == (303, BOARD) and visitor.values("opportunity", id)["stage"] == "won"


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/opportunity/?show=kanban", 400, "cannot be shown as “kanban”"),
        ("/opportunity_line/?show=board", 400, "cannot be shown as “board”"),
        ("/opportunity_line/cards?column=x", 400, "have no pick list to make columns of"),
        ("/opportunity/cards?view=pipeline&column=won&after=zzz", 400, "does not belong to this list"),
        ("/opportunity/cards?view=pipeline&column=' or 1=1", 400, "The board has no column “' or 1=1”."),
        ("/opportunity/cards?view=pipeline&column=%00", 400, "The board has no column"),
        (f"{BOARD}&filter=nope+%3D+1", 400, "Unknown"),
        ("/opportunity/999/move?view=pipeline", 404, "There is no Opportunity 999"),
    ],
)
def test_addresses_that_make_no_sense(visitor: Visitor, address: str, status: int, said: str) -> None:
    answer = visitor.get(address)
    assert answer.status_code == status and said in words(answer)


def test_administrators_find_the_way_to_the_views_editor(visitor: Visitor, app: Flask, clerk: Person, workspace: Workspace) -> None:
    assert link(visitor.get("/opportunity/"), "Edit this view") == "/studio/entity/opportunity/views/all"
    assert "Edit this view" not in words(Visitor(app, workspace, clerk).get("/opportunity/"))
