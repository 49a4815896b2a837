"""Record types and choices that hang on others on the screens: asked first, offered, followed, shown, refused."""

from __future__ import annotations

import re

import pytest

from fieldsmith.web.app import create_app
from tests.conftest import MakeWorkspace
from tests.databases import SqliteTemplates
from tests.meta.samples import entity, package
from tests.records.test_narrowing import SHOP
from tests.web.conftest import make_person
from tests.web.screens import Visitor, link, names, words
from tests.web.test_screens_rules import asked, field


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """Screens are the same on every database."""
    return sqlite_templates


@pytest.fixture
def shop(make_workspace: MakeWorkspace) -> Visitor:
    workspace = make_workspace("core", SHOP)
    return Visitor(create_app(workspace), workspace, make_person(workspace, "Ana", "administrator"))


def options(page: str, name: str) -> list[str]:
    return [value for value in re.findall(r'<option value="([^"]*)"', field(page, name)) if value]


def chosen(page: str, name: str) -> list[str]:
    return re.findall(r'<option value="([^"]+)" selected', field(page, name))


def test_a_new_record_asks_for_its_type_and_keeps_what_the_address_says(shop: Visitor) -> None:
    page = shop.get("/deal/new?name=Big&country=de")
    assert "Which kind?" in page.text and "Old" not in page.text
    assert link(page, "Fresh Default") == "/deal/new?name=Big&country=de&record_type=fresh"
    form = shop.get("/deal/new?name=Big&country=de&record_type=renewal").text
    assert chosen(form, "record_type") == ["renewal"] and 'value="Big"' in form


def test_the_form_offers_what_fits(shop: Visitor) -> None:
    page = shop.get("/deal/new?record_type=renewal&country=de").text
    assert (options(page, "stage"), options(page, "region"), options(page, "city")) == (["won", "lost"], ["hesse", "other"], [])
    assert 'data-watch="record_type country region"' in page
    page = shop.get("/deal/new?record_type=fresh").text
    assert (options(page, "stage"), chosen(page, "region")) == (["open", "won", "lost"], ["texas"])


def test_choices_follow_what_is_chosen(shop: Visitor) -> None:
    found = asked(shop, "/deal/form", record_type="fresh", country="us", region="texas")
    assert [choice["value"] for choice in found["choices"]["region"]] == ["texas", "other"]
    assert found["choices"]["city"] == [{"value": "dallas", "text": "Dallas"}]
    deal = shop.make("deal", country="us", region="texas")
    found = asked(shop, f"/deal/{deal}/form", country="de", region="texas")
    assert [choice["value"] for choice in found["choices"]["region"]] == ["hesse", "other"]


def test_without_script_the_save_refuses_beside_the_dependent_field(shop: Visitor) -> None:
    deal = shop.make("deal", name="A", country="us", region="texas")
    answer = shop.post(f"/deal/{deal}/edit", {"name": "A", "record_type": "fresh", "country": "de", "region": "texas", "version": "1"})
    assert answer.status_code == 422
    assert "“Texas” does not go with Country “Germany”" in words(field(answer.text, "region"))
    assert chosen(answer.text, "region") == ["texas"]


def test_an_edit_can_change_the_type(shop: Visitor) -> None:
    deal = shop.make("deal", name="A", stage="won")
    assert chosen(shop.get(f"/deal/{deal}/edit").text, "record_type") == ["fresh"]
    shop.post(f"/deal/{deal}/edit", {"name": "A", "record_type": "renewal", "version": "1"})
    assert shop.values("deal", deal)["record_type"] == "renewal"


def test_a_record_says_its_type_and_its_path_has_the_stages_of_it(shop: Visitor) -> None:
    deal = shop.make("deal", name="A", record_type="renewal", stage="won")
    page = shop.get(f"/deal/{deal}").text
    assert '<span class="tint tint-grey">Renewal</span>' in page
    assert re.findall(r'<button name="value" value="([^"]+)"', page) == ["won", "lost"]


def test_a_list_filters_and_shows_the_type(shop: Visitor) -> None:
    shop.make("deal", name="A")
    shop.make("deal", name="B", record_type="renewal", stage="won")
    assert names(shop.get("/deal/?filter=record_type+%3D+%22renewal%22")) == ["B"]


def test_one_type_alone_is_not_asked_for(make_workspace: MakeWorkspace) -> None:
    only = package("only", {"entity": [entity("deal")], "record_type": [{"name": "fresh", "entity": "deal"}]})
    workspace = make_workspace("core", only)
    visitor = Visitor(create_app(workspace), workspace, make_person(workspace, "Ana", "administrator"))
    assert chosen(visitor.get("/deal/new").text, "record_type") == ["fresh"]
