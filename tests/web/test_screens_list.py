"""List pages: views, order, search, paging, counts, the recycle bin, and addresses that make no sense."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from fieldsmith.base.context import SYSTEM
from fieldsmith.workspace import Workspace
from tests.meta.samples import package
from tests.web.conftest import Person
from tests.web.screens import Visitor, link, names, words


@pytest.fixture
def three(visitor: Visitor) -> Visitor:
    visitor.make_many("account", [{"name": name} for name in ("beta", "Alpha", "Gamma")])
    return visitor


def test_an_empty_list_says_what_to_do_next(visitor: Visitor) -> None:
    page = visitor.get("/account/")
    assert "Nothing here yet." in words(page) and link(page, "New") == "/account/new"


def test_rows_link_to_their_records(three: Visitor) -> None:
    assert '<a class="row-link" href="/account/1">beta</a>' in three.get("/account/?sort=name").text


@pytest.mark.parametrize(("sort", "shown"), [("name", ["Alpha", "beta", "Gamma"]), ("-name", ["Gamma", "beta", "Alpha"]), ("id", ["beta", "Alpha", "Gamma"])])
def test_order_by_a_column_folds_case(three: Visitor, sort: str, shown: list[str]) -> None:
    assert names(three.get(f"/account/?sort={sort}")) == shown


def test_a_column_head_sorts_and_then_turns_round(three: Visitor) -> None:
    once = link(three.get("/account/?sort=id"), "Account name")
    twice = three.get(once)
    assert once == "/account/?sort=name" and 'aria-sort="ascending"' in twice.text
    assert link(twice, "Account name") == "/account/?sort=-name"


def test_the_view_chooser_changes_columns_and_order(visitor: Visitor) -> None:
    visitor.make("opportunity", name="Small", amount="1")
    visitor.make("opportunity", name="Large", amount="9000")
    page = visitor.get(link(visitor.get("/opportunity/"), "By amount"))
    assert names(page) == ["Large", "Small"]


def test_columns_can_be_chosen_and_stay_while_one_sorts(visitor: Visitor) -> None:
    boss = visitor.make("account", name="Boss", phone="+12125550100")
    visitor.make("account", name="Acme", parent_account=boss)
    page = visitor.get("/account/?columns=name&columns=parent_account.phone")
    assert "Parent account · Phone" in words(page) and "tel:+12125550100" in page.text and "Website" not in page.text.partition("<table")[2]
    assert link(page, "Account name").startswith("/account/?sort=-name&columns=name,parent_account.phone")


def test_search_finds_words_and_keeps_the_order(three: Visitor) -> None:
    assert names(three.get("/account/?q=alp")) == ["Alpha"]
    assert link(three.get("/account/?q=alp&sort=-id"), "Account name") == "/account/?sort=name&q=alp"


def test_a_search_without_result_offers_all_rows(three: Visitor) -> None:
    page = three.get("/account/?q=nothing")
    assert "Nothing found for “nothing”." in words(page) and link(page, "Show all") == "/account/"


def test_search_characters_are_taken_literally(three: Visitor) -> None:
    assert three.get("/account/?q=%25_\\'\"*").status_code == 200


def test_pages_follow_each_other_without_gap(visitor: Visitor) -> None:
    visitor.make_many("account", [{"name": f"A{number:03}"} for number in range(120)])
    page, seen = visitor.get("/account/?sort=name"), []
    while True:
        seen += names(page)
        if "Show more" not in words(page):
            break
        page = visitor.get(link(page, "Show more"))
    assert seen == [f"A{number:03}" for number in range(120)]


def test_htmx_gets_only_further_rows(visitor: Visitor) -> None:
    visitor.make_many("account", [{"name": f"A{number:03}"} for number in range(60)])
    more = link(visitor.get("/account/?sort=name"), "Show more")
    part = visitor.get(more, HX_Request="true", HX_Target="more")
    assert part.text.lstrip().startswith("<tr>") and "<html" not in part.text and names(part)[0] == "A050"


def test_htmx_gets_only_the_table_while_one_types(three: Visitor) -> None:
    part = three.get("/account/?q=alp", HX_Request="true", HX_Target="list-table")
    assert "<html" not in part.text and 'id="list-count"' in part.text and names(part) == ["Alpha"]


def test_the_count_is_bounded_and_exact_on_demand(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor.make_many("account", [{"name": f"A{number}"} for number in range(60)])
    monkeypatch.setattr("fieldsmith.web.screens_list.COUNT_BOUND", 55)
    page = visitor.get("/account/")
    assert "55+" in words(page)
    assert " 60 " in words(visitor.get(link(page, "Count exactly")))


def test_values_are_shown_in_the_readers_way(visitor: Visitor) -> None:
    visitor.make("opportunity", name="Deal", amount="1234.5", stage="won", close_date="2026-12-01")
    row = visitor.get("/opportunity/").text.partition("<tbody>")[2]
    assert '<td class="num" data-label="Amount">$1,234.50</td>' in row
    assert '<span class="tint tint-green">Won</span>' in row and "Dec 1, 2026" in row


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "100% %s {0}", "\"'&"])
def test_markup_in_values_is_inert(visitor: Visitor, name: str) -> None:
    visitor.make("account", name=name)
    page = visitor.get("/account/")
    assert "<img src=x" not in page.text and names(page) == [name]


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/account/?view=nope", 400, "There is no view “nope” of Accounts."),
        ("/account/?sort=nope", 400, "Unknown field “nope” on Account."),
        ("/account/?sort=name;drop", 400, "Unknown field “name;drop” on Account."),
        ("/account/?sort=(select 1)", 400, "Unknown field"),
        ("/account/?sort=owner.password_hash", 400, "Unknown field"),
        ("/account/?after=nonsense", 400, "does not belong to this list"),
        ("/account/?columns=nope", 400, "Unknown field “nope” on Account."),
        ("/account/?columns=" + ",".join(f"c{number}" for number in range(50)), 400, "at most 40 columns"),
        ("/account/?undo=x", 400, "names a record by its number"),
        ("/account/?q=" + "x" * 1001, 400, "at most 1000 characters"),
        ("/nope/", 404, "There is no entity “nope”."),
        ("/__class__/", 404, "There is no entity"),
    ],
)
def test_addresses_that_make_no_sense_are_answered_in_words(visitor: Visitor, address: str, status: int, sentence: str) -> None:
    page = visitor.get(address)
    assert page.status_code == status and sentence in words(page)


def test_a_page_mark_of_another_order_is_refused(visitor: Visitor) -> None:
    visitor.make_many("account", [{"name": f"A{number}"} for number in range(60)])
    more = link(visitor.get("/account/?sort=name"), "Show more")
    assert visitor.get(more.replace("sort=name", "sort=-name")).status_code == 400


def test_the_recycle_bin_lists_and_restores(three: Visitor) -> None:
    three.post("/account/2/delete", {"version": "1"})
    page = three.get("/account/?deleted=1")
    assert "Alpha" in words(page) and "beta" not in words(page) and 'formaction="/account/2/restore"' in page.text
    assert three.post("/account/2/restore", {}).headers["Location"] == "/account/2"
    assert "Alpha" not in words(three.get("/account/?deleted=1")) and "Alpha" in names(three.get("/account/"))


def test_the_recycle_bin_is_for_who_may_delete(app: Flask, workspace: Workspace, clerk: Person) -> None:
    assert Visitor(app, workspace, clerk).get("/user/?deleted=1").status_code == 403


def test_visitors_are_sent_to_sign_in(app: Flask) -> None:
    answer = app.test_client().get("/account/?sort=name")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/account/%3Fsort%3Dname")


def test_a_list_in_chinese(visitor: Visitor) -> None:
    visitor.make("opportunity", name="交易", stage="won", close_date="2026-12-01")
    page = words(visitor.get("/opportunity/", Accept_Language="zh-CN"))
    assert "赢单" in page and "2026年12月1日" in page and "Won" not in page


def test_an_unknown_htmx_target_gets_a_whole_page(three: Visitor) -> None:
    assert three.get("/account/", HX_Request="true", HX_Target="somewhere-else").text.startswith("<!doctype html>")


def test_markup_in_metadata_is_inert_everywhere(visitor: Visitor) -> None:
    evil = "<img src=x onerror=alert(1)>%s{0}"
    names_of = {"label": evil, "help": evil}
    section = {"name": "main", "label": evil, "fields": ["name", "pick"]}
    documents: dict[str, list[dict[str, Any]]] = {
        "choices": [{"name": "evil", "values": [{"name": "one", "label": evil}]}],
        "entity": [
            {
                "name": "trap",
                "label": evil,
                "plural": evil,
                "fields": [{"name": "name", "type": "text", **names_of}, {"name": "pick", "type": "choice", "choices": "evil", **names_of}],
            }
        ],
        "layout": [{"name": "default", "entity": "trap", "path": "pick", "highlights": ["pick"], "sections": [section]}],
        "view": [{"name": "all", "entity": "trap", "label": evil, "columns": ["name", "pick"], "default": True}],
    }
    visitor.workspace.publish(SYSTEM, [package("evil", documents)], "test")
    visitor.make("trap", name=evil, pick="one")
    visitor.change("trap", 1, name=evil + "!")
    for path in ("/trap/", "/trap/1", "/trap/1/edit", "/trap/new", "/trap/1/delete", "/trap/?deleted=1", "/search?q=img", "/trap/1/history"):
        page = visitor.get(path)
        assert (page.status_code, page.text.count("<img src=x")) == (200, 0), path
