"""Record pages: details, path, related lists, history, delete, undo and restore."""

from __future__ import annotations

import pytest
from flask import Flask

from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, link, names, words


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """What these pages ask of a database the records tests ask of both."""
    return sqlite_templates


@pytest.fixture
def deal(visitor: Visitor) -> str:
    account = visitor.make("account", name="Acme")
    return f"/opportunity/{visitor.make('opportunity', name='Deal', account=account, amount='12.5', stage='qualification')}"


def test_a_record_shows_highlights_details_and_links(visitor: Visitor, deal: str) -> None:
    page = visitor.get(deal)
    assert page.status_code == 200 and '<a href="/account/1">Acme</a>' in page.text
    assert '<dd id="value-amount">$12.50</dd>' in page.text


@pytest.mark.parametrize("path", ["/opportunity/99", "/opportunity/0", "/opportunity/9223372036854775808", "/opportunity/x", "/nope/1"])
def test_what_is_not_there_is_404_in_words(visitor: Visitor, path: str) -> None:
    page = visitor.get(path)
    assert page.status_code == 404 and "Traceback" not in page.text and "There is" in words(page)


def test_a_click_on_the_path_sets_the_stage(visitor: Visitor, deal: str) -> None:
    answer = visitor.post(deal + "/path", {"value": "won", "version": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, deal)
    assert visitor.values("opportunity", 1)["stage"] == "won"
    assert '<li class="now"><button name="value" value="won" aria-current="step">' in visitor.get(deal).text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [({"value": "won", "version": "7"}, "Somebody changed this record meanwhile"), ({"value": "nope", "version": "1"}, "nope")],
)
def test_a_click_that_cannot_be_done_changes_nothing_and_says_why(visitor: Visitor, deal: str, sent: dict[str, str], sentence: str) -> None:
    visitor.post(deal + "/path", sent)
    assert visitor.values("opportunity", 1)["stage"] == "qualification"
    assert sentence in words(visitor.get(deal))


def test_history_says_what_changed_from_what_to_what(visitor: Visitor, deal: str) -> None:
    visitor.post(deal + "/edit", {"version": "1", "stage": "won", "next_step": "Call", "amount": ""})
    page = words(visitor.get(deal))
    assert "Ana made changes" in page and "Stage from Qualification to Won" in page
    assert "Next step to Call" in page and "Amount from $12.50 to blank" in page


def test_long_history_goes_on(visitor: Visitor, deal: str) -> None:
    for number in range(12):
        visitor.change("opportunity", 1, next_step=f"step {number}")
    page = visitor.get(deal)
    more = visitor.get(link(page, "Show more"))
    assert "step 11" in words(page) and "created the record" not in words(page) and "created the record" in words(more)


def test_related_lists_show_the_first_rows_and_lead_to_all(visitor: Visitor) -> None:
    account = visitor.make("account", name="Acme")
    visitor.make_many("contact", [{"name": {"last": f"P{number:02}"}, "account": account} for number in range(12)])
    page = visitor.get(f"/account/{account}")
    assert names(page) == [f"P{number:02}" for number in range(10)]
    everyone = visitor.get(f"/account/{account}/related/contacts")
    assert f'href="/account/{account}/related/contacts"' in page.text and len(names(everyone)) == 12


def test_a_related_lists_new_fills_the_lookup_in(visitor: Visitor) -> None:
    account = visitor.make("account", name="Acme & Co")
    assert f'href="/contact/new?account={account}"' in visitor.get(f"/account/{account}").text
    assert f'<option value="{account}" selected>Acme &amp; Co</option>' in visitor.get(f"/contact/new?account={account}").text


@pytest.mark.parametrize("path", ["/account/1/related/nope", "/account/9/related/contacts", "/account/1/related/contacts?after=x"])
def test_related_lists_that_are_not_there(visitor: Visitor, path: str) -> None:
    visitor.make("account", name="Acme")
    assert visitor.get(path).status_code in (400, 404)


def test_delete_asks_then_offers_to_undo(visitor: Visitor, deal: str) -> None:
    assert "Delete “Deal”?" in words(visitor.get(deal + "/delete"))
    answer = visitor.post(deal + "/delete", {"version": "1"})
    listed = visitor.get(answer.headers["Location"])
    assert "Deal" not in names(listed) and 'action="/opportunity/1/restore"' in listed.text
    assert visitor.post("/opportunity/1/restore", {}).headers["Location"] == deal
    assert names(visitor.get("/opportunity/")) == ["Deal"]


def test_a_deleted_record_is_shown_as_such_and_cannot_be_edited(visitor: Visitor, deal: str) -> None:
    visitor.post(deal + "/delete", {"version": "1"})
    assert "in the recycle bin" in words(visitor.get(deal))
    assert visitor.get(deal + "/edit").status_code == 404


def test_delete_of_a_version_somebody_changed_is_not_done(visitor: Visitor, deal: str) -> None:
    visitor.change("opportunity", 1, next_step="Call")
    visitor.post(deal + "/delete", {"version": "1"})
    assert "was not deleted" in words(visitor.get(deal))


def test_delete_that_would_leave_others_without_target_says_so(visitor: Visitor) -> None:
    product = visitor.make("product", name="GTX Pro")
    deal = visitor.make("opportunity", name="Deal")
    visitor.make("opportunity_line", name="Item", opportunity=deal, product=product, quantity=1)
    answer = visitor.post(f"/product/{product}/delete", {"version": "1"})
    assert answer.status_code == 409 and "still point at this" in words(answer) and visitor.get(f"/product/{product}").status_code == 200


def test_a_form_without_token_changes_nothing(visitor: Visitor, deal: str) -> None:
    for path in ("/path", "/delete", "/restore", "/edit"):
        assert visitor.client.post(deal + path, data={"value": "won", "name": "X"}).status_code == 403
    assert visitor.values("opportunity", 1)["version"] == 1


@pytest.mark.parametrize("path", ["/restore", "/path"])
def test_get_never_changes_state(visitor: Visitor, deal: str, path: str) -> None:
    assert visitor.get(deal + path).status_code == 405


def test_who_may_only_read_sees_no_buttons_and_cannot_post(app: Flask, workspace: Workspace, clerk: Person) -> None:
    visitor = Visitor(app, workspace, clerk)
    path = f"/user/{clerk.id}"
    page = visitor.get(path)
    assert page.status_code == 200 and "/edit" not in page.text.partition("<main")[2]
    assert [visitor.get(path + "/edit").status_code, visitor.post(path + "/delete", {}).status_code, visitor.post(path + "/restore", {}).status_code] == [
        403,
        403,
        403,
    ]


@pytest.mark.parametrize("words_found", ["globex", "globe", "环球"])
def test_search_groups_hits_by_entity(visitor: Visitor, words_found: str) -> None:
    visitor.make("account", name="Globex 环球公司")
    visitor.make("opportunity", name="Globex 环球 renewal")
    visitor.make("account", name="Acme")
    page = visitor.get(f"/search?q={words_found}")
    assert "Globex 环球公司" in words(page) and "Globex 环球 renewal" in words(page) and "Acme" not in words(page)


def test_a_search_too_long_is_refused_in_words(visitor: Visitor) -> None:
    page = visitor.get("/search?q=" + "x" * 1001)
    assert page.status_code == 400 and "at most 1000 characters" in words(page)


def test_search_never_shows_markup_of_records(visitor: Visitor) -> None:
    visitor.make("account", name="Evil <script>alert(1)</script>")
    assert "<script>alert" not in visitor.get("/search?q=evil").text


def test_pickers_get_names_the_reader_may_see(visitor: Visitor) -> None:
    visitor.make_many("account", [{"name": f"Acme {number:02}"} for number in range(25)])
    first = visitor.get("/account/lookup?q=acme").get_json()
    second = visitor.get(f"/account/lookup?q=acme&after={first['next']}").get_json()
    assert [item["text"] for item in [*first["items"], *second["items"]]] == [f"Acme {number:02}" for number in range(25)]
    assert second["next"] is None and visitor.get("/account/lookup?q=" + "x" * 1001).status_code == 400


def test_a_polymorphic_picker_asks_all_its_entities(visitor: Visitor) -> None:
    visitor.make("account", name="Acme")
    visitor.make("opportunity", name="Acme renewal")
    found = visitor.get("/activity/lookup?field=regarding&q=acme").get_json()["items"]
    assert {item["value"] for item in found} == {"account:1", "opportunity:1"}
    assert visitor.get("/activity/lookup?field=subject").status_code == 400
