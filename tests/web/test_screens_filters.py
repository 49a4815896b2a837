"""Filters of list pages: what they show, what every link keeps, faults, chips, views with a filter, and the builder without scripts."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.conftest import MakeWorkspace
from tests.meta.samples import package
from tests.tiny import TINY
from tests.web.conftest import make_person
from tests.web.screens import Visitor, link, names, words

VIEWS: list[dict[str, Any]] = [
    {"name": "all", "entity": "thing", "label": "All things", "columns": ["text", "integer"], "default": True},
    {"name": "some", "entity": "thing", "label": "Some things", "columns": ["text"], "sort": ["text"], "filter": "integer > 2 and boolean = false"},
    {"name": "secret", "entity": "thing", "label": "Secret things", "columns": ["text"], "filter": 'secret.pin = "1"'},
    {"name": "hers", "entity": "thing", "label": "Hers", "columns": ["text"], "filter": "owner = 1"},
]


@pytest.fixture
def deals(visitor: Visitor) -> Visitor:
    acme = visitor.make("account", name="Acme", industry="retail")
    visitor.make("opportunity", name="Small", amount="1", stage="won", account=acme, close_date="2026-01-05")
    visitor.make("opportunity", name="Large", amount="9000", stage="lost")
    visitor.make("opportunity", name="Open", amount="500", stage="proposal", account=acme)
    return visitor


@pytest.fixture
def things(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace("core", TINY, package("views", {"view": VIEWS}, requires=["tiny"]))


def as_person(workspace: Workspace, *roles: str) -> Visitor:
    return Visitor(create_app(workspace), workspace, make_person(workspace, "Eve", *roles))


def filtered(visitor: Visitor, source: str, more: str = "", **headers: str) -> TestResponse:
    return visitor.get(f"/opportunity/?filter={quote(source)}{more}", **headers)


def source_in(address: str) -> str:
    return parse_qs(urlsplit(address).query).get("filter", [""])[0]


def apply(visitor: Visitor, pairs: list[tuple[str, str]], entity: str = "opportunity") -> str:
    """The filter that the builder's form leads to."""
    answer = visitor.get(f"/{entity}/filter?" + urlencode([*pairs, ("do", "apply")]))
    assert answer.status_code == 303
    return source_in(answer.headers["Location"])


def rows(*three: tuple[str, str, str]) -> list[tuple[str, str]]:
    """Rows as the form sends them; nobody touched the text."""
    sent = [[(f"f.{at}.field", field), (f"f.{at}.op", operator), (f"f.{at}.value", value)] for at, (field, operator, value) in enumerate(three)]
    return [pair for row in sent for pair in row] + [("f.was", ""), ("filter", "")]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("stage = 'won'", ["Small"]),
        ("stage in ('won', 'lost')", ["Large", "Small"]),
        ("account.industry = 'retail' and amount > 100", ["Open"]),
        ("CONTAINS(name, 'L')", ["Large", "Small"]),
        ("owner = user", []),
    ],
)
def test_a_filter_narrows_rows_and_count(deals: Visitor, source: str, shown: list[str]) -> None:
    page = filtered(deals, source, "&sort=name")
    assert page.status_code == 200 and names(page) == shown and f'class="muted tabular">{len(shown)}<' in page.text


def test_a_filter_and_a_search_both_hold(deals: Visitor) -> None:
    assert names(filtered(deals, "amount > 100", "&q=large")) == ["Large"]


def test_every_link_keeps_the_filter(visitor: Visitor) -> None:
    visitor.make_many("opportunity", [{"name": f"N{number:03}", "amount": str(number)} for number in range(70)])
    page = filtered(visitor, "amount >= 10", "&sort=name")
    assert [source_in(link(page, said)) for said in ("Amount", "Show more", "By amount", "As in the view", "Filter")] == ["amount >= 10"] * 5
    assert page.text.count('<input type="hidden" name="filter" value="amount &gt;= 10">') == 2
    assert names(visitor.get(link(page, "Show more"))) == [f"N{number:03}" for number in range(60, 70)]


def test_the_exact_count_is_that_of_the_filter(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor.make_many("opportunity", [{"name": f"N{number}", "amount": str(number)} for number in range(70)])
    monkeypatch.setattr("fieldsmith.web.screens_list.COUNT_BOUND", 55)
    exact = link(filtered(visitor, "amount >= 10"), "Count exactly")
    assert " 60 " in words(visitor.get(exact)) and source_in(exact) == "amount >= 10"


def test_the_recycle_bin_knows_no_filter(deals: Visitor) -> None:
    deals.post("/opportunity/1/delete", {"version": "1"})
    assert 'href="/opportunity/?deleted=1"' in filtered(deals, "stage = 'lost'").text
    page = filtered(deals, "stage = 'lost'", "&deleted=1")
    assert "Small" in words(page) and 'id="filter-open"' not in page.text


def test_what_is_kept_of_lists_never_mixes_filters(visitor: Visitor) -> None:
    visitor.make_many("opportunity", [{"name": f"N{number}", "amount": str(number)} for number in range(120)])
    for _ in range(2):
        plain, narrow, other = visitor.get("/opportunity/"), filtered(visitor, "amount >= 10"), filtered(visitor, "amount >= 20")
        assert [words(page).count("Amount is at least") for page in (plain, narrow, other)] == [0, 1, 1]
        assert [source_in(link(page, "Filter")) for page in (plain, narrow, other)] == ["", "amount >= 10", "amount >= 20"]
        assert [source_in(link(page, "Show more")) for page in (plain, narrow, other)] == ["", "amount >= 10", "amount >= 20"]


def test_nothing_matches(deals: Visitor) -> None:
    page = filtered(deals, "amount > 10000")
    assert "Nothing matches the filter." in words(page) and link(page, "Clear the filter") == "/opportunity/"


@pytest.mark.parametrize(
    ("source", "marked", "sentence"),
    [
        ("stage = 'wom'", "'wom'", "Did you mean “won”?"),
        ("amout > 5", "amout", "Did you mean “amount”?"),
        ("name =\n  'a' and\n  nobody.x = 1", "nobody.x", "nobody"),
        ("amount", "amount", "condition"),
        ("amount >", " ", ""),
        ("name = '<script>", "'", ""),
        ("x" * 10_001, "", "at most 10000"),
    ],
)
def test_a_faulty_filter_keeps_what_was_typed_and_marks_the_place(deals: Visitor, source: str, marked: str, sentence: str) -> None:
    page = filtered(deals, source)
    assert page.status_code == 400 and names(page) == [] and "<script>" not in page.text
    kept = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.S)
    assert kept is not None and html.unescape(kept[1]) == source
    assert marked in [html.unescape(found) for found in re.findall("<mark>(.*?)</mark>", page.text, re.S)] or marked == ""
    assert sentence in words(page) and link(page, "Clear the filter") == "/opportunity/"


def test_a_faulty_filter_as_a_sheet_and_while_one_types_a_search(deals: Visitor) -> None:
    sheet = filtered(deals, "amount >", HX_Request="true", HX_Target="list-table")
    assert sheet.status_code == 400 and "<html" not in sheet.text and "The filter cannot be read." in words(sheet)


def test_a_field_nobody_shows_this_reader_is_an_unknown_one(things: Workspace) -> None:
    clerk = as_person(things, "clerk")
    page = clerk.get("/thing/?filter=" + quote("secret.pin = '1'"))
    assert page.status_code == 400 and "pin" not in words(page).replace("secret.pin = '1'", "")
    builder = clerk.get("/thing/filter")
    assert 'value="text"' in builder.text and "secret.pin" not in builder.text


@pytest.mark.parametrize(
    ("source", "chips"),
    [
        ("stage = 'won'", ["Stage is Won"]),
        ("stage in ('won', 'lost')", ["Stage is one of Won, Lost"]),
        ("amount >= 1234.5 and account = 1", ["Amount is at least 1,234.5", "Account is Acme"]),
        ("owner = user or ISBLANK(account)", ["Owner is me", "Account is blank"]),
        ("CONTAINS(account.name, '<b>')", ["Account · Account name contains “<b>”"]),
        ("close_date < '2026-02-01'", ["Close date is before Feb 1, 2026"]),
        ("probability > 25", ["Probability is more than 25%"]),
        ("account = 99", ["Account is #99"]),
        ("COUNT(lines) > 0", ["Opportunity lines has any"]),
        ("LEN(name) > 4", ["LEN(name) > 4"]),
    ],
)
def test_chips_say_the_filter_in_words(deals: Visitor, source: str, chips: list[str]) -> None:
    page = filtered(deals, source)
    assert [words(chip) for chip in re.findall(r'<span class="chip">(.*?)<a ', page.text, re.S)] == chips


def test_a_cross_takes_one_condition_away(deals: Visitor) -> None:
    page = filtered(deals, "stage = 'won' or amount > 5000 or name = 'Open'", "&sort=name")
    crosses = [html.unescape(address) for address in re.findall(r'class="chip-cross" href="([^"]+)"', page.text)]
    assert [source_in(address) for address in crosses] == ['amount > 5000 or name = "Open"', 'stage = "won" or name = "Open"', 'stage = "won" or amount > 5000']
    assert names(deals.get(crosses[1])) == ["Open", "Small"] and link(page, "Clear") == "/opportunity/?sort=name"


def test_a_view_with_a_filter(things: Workspace) -> None:
    eve = as_person(things, "administrator")
    eve.make_many("thing", [{"text": f"T{number}", "integer": number, "boolean": number == 4} for number in range(6)])
    page = eve.get("/thing/?view=some")
    assert names(page) == ["T3", "T5"] and "View: Integer is more than 2 and Boolean is no" in words(page)
    assert names(eve.get("/thing/?view=some&filter=integer+%3D+5")) == ["T5"]
    assert "View: owner = 1" in words(eve.get("/thing/?view=hers"))


def test_a_kept_view_with_a_filter_stays_right(things: Workspace) -> None:
    eve = as_person(things, "administrator")
    eve.make_many("thing", [{"text": f"T{number:03}", "integer": number} for number in range(120)])
    for _ in range(2):
        assert "View:" not in words(eve.get("/thing/")) and " 120 " in words(eve.get("/thing/"))
        page = eve.get("/thing/?view=some")
        assert "View: Integer is more than 2" in words(page) and " 117 " in words(page) and names(page)[0] == "T003"


def test_a_view_without_records_says_so(things: Workspace) -> None:
    assert "No record belongs to this view now." in words(as_person(things, "administrator").get("/thing/?view=some"))


def test_a_view_whose_filter_its_reader_may_not_follow_is_refused(things: Workspace) -> None:
    as_person(things, "administrator").make("thing", text="T")
    clerk = Visitor(create_app(things), things, make_person(things, "Clara", "clerk"))
    for more in ("", "&filter=integer+%3D+1", "&filter=nonsense"):
        page = clerk.get("/thing/?view=secret" + more)
        assert page.status_code == 403 and "The view “Secret things” filters by something you may not see." in words(page)
        assert "pin" not in words(page) and names(page) == []
    assert clerk.get("/thing/?view=some").status_code == 200


@pytest.mark.parametrize(
    ("three", "source"),
    [
        ([("stage", "is", "won")], 'stage = "won"'),
        ([("amount", "more", "1,234.50"), ("name", "contains", 'a "b"')], 'amount > 1234.50 and CONTAINS(name, "a ""b""")'),
        ([("amount", "more", "many")], 'amount > "many"'),
        ([("account", "is", "1"), ("owner", "mine", "")], "account = 1 and owner = user"),
        ([("", "", ""), ("name", "is", "")], ""),
    ],
)
def test_the_form_writes_the_expression(deals: Visitor, three: list[tuple[str, str, str]], source: str) -> None:
    assert apply(deals, rows(*three)) == source


def test_any_of_the_rows_and_several_values(deals: Visitor) -> None:
    sent = [*rows(("stage", "one_of", "won"), ("amount", "less", "5")), ("f.0.value", "lost"), ("f.join", "any")]
    assert apply(deals, sent) == 'stage in ("won", "lost") or amount < 5'


def test_a_duration_is_typed_as_hours_and_minutes(things: Workspace) -> None:
    eve = as_person(things, "administrator")
    assert apply(eve, rows(("duration", "at_least", "1:30")), "thing") == "duration >= 5400"
    assert 'value="1:30"' in eve.get("/thing/filter?filter=duration+%3E%3D+5400").text
    assert "Duration is at least 1:30" in words(eve.get("/thing/?filter=duration+%3E%3D+5400"))


def test_the_text_wins_when_it_was_edited(deals: Visitor) -> None:
    pairs = [pair for pair in rows(("stage", "is", "won")) if pair[0] not in ("f.was", "filter")]
    assert apply(deals, [*pairs, ("f.was", "a = 1"), ("filter", "LEN(name) > 4\r\nand amount > 1")]) == "LEN(name) > 4\nand amount > 1"
    assert apply(deals, [*pairs, ("f.was", "a = 1"), ("filter", "a = 1")]) == 'stage = "won"'
    assert apply(deals, [("filter", "LEN(name) > 4")]) == "LEN(name) > 4"


def test_the_form_keeps_view_order_columns_and_search(deals: Visitor) -> None:
    page = deals.get("/opportunity/filter?view=by_amount&sort=name&columns=name,amount&q=a")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    answer = deals.get("/opportunity/filter?" + urlencode([*fields.items(), *rows(("stage", "is", "won")), ("do", "apply")]))
    assert answer.headers["Location"] == "/opportunity/?view=by_amount&sort=name&columns=name,amount&q=a&filter=stage+%3D+%22won%22"


def test_without_scripts_a_row_is_added_and_taken_away(deals: Visitor) -> None:
    sent = urlencode(rows(("stage", "is", "won"), ("amount", "more", "5")))
    more = deals.get(f"/opportunity/filter?{sent}&do=add")
    assert more.text.count('class="filter-row"') == 3 and more.text.startswith("<!doctype html>")
    less = deals.get(f"/opportunity/filter?{sent}&do=remove.0")
    assert less.text.count('class="filter-row"') == 1 and 'name="f.was" value="amount &gt; 5"' in less.text


def test_a_field_chosen_without_scripts_is_asked_how_to_compare(deals: Visitor) -> None:
    page = deals.get("/opportunity/filter?" + urlencode([("f.0.field", "stage"), ("f.0.op", "more"), ("f.was", ""), ("filter", ""), ("do", "apply")]))
    assert page.status_code == 200 and '<option value="won">Won</option>' in page.text


@pytest.mark.parametrize(
    ("source", "fragments"),
    [
        ("stage = 'won'", ['<option value="stage" selected>', '<option value="is" selected>', '<option value="won" selected>Won</option>']),
        ("close_date < '2026-02-01'", ['type="date" name="f.0.value" value="2026-02-01"']),
        ("account = 1", ['data-source="/account/lookup"', '<option value="1" selected>Acme</option>']),
        ("account.owner.name = 'A'", ['<option value="account.owner.name" selected>Account · Owner · Name</option>']),
        ("amount > 5 or owner = user", ['<option value="any" selected>', 'inputmode="decimal"', '<option value="mine" selected>is me</option>']),
        ("LEN(name) > 5", ["Written by hand"]),
    ],
)
def test_the_builder_shows_the_filter_it_was_opened_with(deals: Visitor, source: str, fragments: list[str]) -> None:
    page = deals.get(f"/opportunity/filter?filter={quote(source)}", HX_Request="true", HX_Target="filter-bar")
    assert "<html" not in page.text and [fragment for fragment in fragments if fragment not in page.text] == []
    assert html.escape(source, quote=False) in page.text.replace("&#39;", "'")


def test_pieces_for_scripts(deals: Visitor) -> None:
    text = deals.get("/opportunity/filter?part=text&f.0.field=stage&f.0.op=is&f.0.value=won")
    assert text.json == {"filter": 'stage = "won"'} and text.headers["Cache-Control"] == "no-store"
    row = deals.get("/opportunity/filter?part=row&at=3&f.3.field=amount&f.3.op=includes&f.3.value=7")
    assert row.text.count('class="filter-row"') == 1 and 'name="f.3.value" value="7"' in row.text
    assert 'name="f.4.field"' in deals.get("/opportunity/filter?part=row&f.3.field=amount").text
    assert "<mark>amout</mark>" in deals.get("/opportunity/filter?part=faults&filter=amout+%3E+5").text
    assert "<mark>" not in deals.get("/opportunity/filter?part=faults&filter=").text
    assert 'class="filter-row"' in deals.get("/opportunity/filter?part=rows&filter=amount+%3E+5").text


@pytest.mark.parametrize(
    "query",
    [
        *("do=remove.x", "do=1", "part=x", "f.9999999.field=name&do=apply", "f.0.field=&do=add", "at=-1&part=row"),
        *("f.0.field=account&f.0.op=is&f.0.value=x&do=add", "f.0.field=account&f.0.op=is&f.0.value=" + "9" * 30 + "&do=add"),
    ],
)
def test_the_builder_answers_anything(deals: Visitor, query: str) -> None:
    assert deals.get(f"/opportunity/filter?{query}").status_code in (200, 303)


def test_the_builder_is_for_who_may_read_the_list(app: Flask, things: Workspace) -> None:
    assert as_person(things, "clerk").get("/vault/filter").status_code == 404
    assert app.test_client().get("/opportunity/filter").status_code == 303


def test_a_filter_in_chinese(deals: Visitor) -> None:
    page = words(filtered(deals, "stage = 'won'", Accept_Language="zh-CN"))
    assert "阶段" in page and "赢单" in page and "Won" not in page
