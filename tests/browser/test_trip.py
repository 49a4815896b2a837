"""The whole trip of a new user in a real browser against a real server, on both databases: set up, bring in the tutorial's data,
look around, edit, add a field by metadata alone while the server runs, and see it everywhere."""

from __future__ import annotations

import csv
import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fieldsmith.db import system
from fieldsmith.db.engine import Database
from tests.browser.conftest import WIDE
from tests.browser.serving import PASSWORD, Served, Watched, serve, watch
from tests.databases import Templates

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial"
FILES = (
    ("account", "accounts.csv", "accounts.json"),
    ("product", "products.csv", "products.json"),
    ("user", "sales_teams.csv", "managers.json"),
    ("user", "sales_teams.csv", "agents.json"),
    ("opportunity", "sales_pipeline.csv", "opportunities.json"),
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def templates(request: pytest.FixtureRequest) -> Templates:
    found: Templates = request.getfixturevalue(f"{request.param}_templates")
    return found


@pytest.fixture
def served(templates: Templates, tmp_path: Path) -> Iterator[Served]:
    home = tmp_path / "home"
    home.mkdir()
    with templates.fresh("prepared", _prepare, home) as url, serve(home, database=url) as running:
        yield running


@pytest.fixture
def watched(chromium: Browser) -> Iterator[Watched]:
    with chromium.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, locale="en-US", timezone_id="Europe/Berlin") as context:
        yield watch(context)


def test_from_the_set_up_link_to_a_field_of_ones_own(served: Served, watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    page.set_default_timeout(15_000)
    expect.set_options(timeout=15_000)
    set_up(page, served)
    bring_in(served, tmp_path)
    look_around(page, served)
    opened = edit_one(page)
    add_a_field(page, served)
    fill_it(page, opened)
    see_it_everywhere(page, served, tmp_path)
    assert watched.troubles == []


def set_up(page: Page, served: Served) -> None:
    assert served.link is not None
    page.goto(served.link)
    page.get_by_label("Your name").fill("Ana Diaz")
    page.get_by_label("E-mail").fill("ana@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Company name").fill("Maven Hardware")
    page.get_by_label("Country").select_option("US")
    expect(page.get_by_label("Currency")).to_have_value("USD")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    page.get_by_label("Load demo data").uncheck()
    page.get_by_role("button", name="Finish set-up").click()
    expect(page).to_have_url(f"{served.url}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ana")
    assert page.goto(served.link) is not None  # the link works once
    expect(page.get_by_label("Your name")).to_have_count(0)


def bring_in(served: Served, folder: Path) -> None:
    for entity, file, map in FILES:
        said = served.run("import", entity, str(TUTORIAL / "data" / file), "--map", str(TUTORIAL / "maps" / map), folder=folder)
        assert " 0 refused." in said


def look_around(page: Page, served: Served) -> None:
    page.goto(served.url)
    page.get_by_role("link", name="Opportunities").first.click()
    expect(page.locator("#list-count")).to_have_text("8,800")
    sort_down(page, "Amount")
    expect(page.locator("tbody tr").first).to_contain_text("$30,288.00")
    page.get_by_label("Search this list").fill("GTK 500")
    expect(page.locator("#list-count")).to_have_text("40")
    page.get_by_label("Search all records").first.fill("Kan-code")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Kan-code").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kan-code")


def sort_down(page: Page, column: str) -> None:
    """The first click on a head sorts up, the second down."""
    for direction in ("ascending", "descending"):
        page.locator("thead").get_by_role("link", name=column).click()
        expect(page.locator(f"th[aria-sort={direction}]")).to_contain_text(column)


def edit_one(page: Page) -> str:
    """The address of a record whose next step was changed on the screen."""
    page.locator("#related-opportunities .row-link").first.click()
    expect(page.locator(".path")).to_be_visible()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Next step").fill("Send the contract")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".timeline > li").first).to_contain_text("Ana Diaz")
    expect(page.locator(".timeline > li").first).to_contain_text("Send the contract")
    return page.url


def add_a_field(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/opportunity/new")
    expect(page.get_by_label("Renewal date")).to_have_count(0)
    served.run("package", "apply", str(TUTORIAL / "renewal"), "--yes")
    page.reload()
    expect(page.get_by_label("Renewal date")).to_be_visible()


def fill_it(page: Page, opened: str) -> None:
    page.goto(opened)
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Renewal date").fill("2028-03-01")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#value-renewal_date")).to_have_text("Mar 1, 2028")
    expect(page.locator(".timeline > li").first).to_contain_text("Renewal date")


def see_it_everywhere(page: Page, served: Served, folder: Path) -> None:
    page.get_by_role("link", name="Opportunities").first.click()
    sort_down(page, "Renewal date")
    expect(page.locator("tbody tr").first).to_contain_text("Mar 1, 2028")
    token = json.loads(served.run("token", "new", "--user", "ana@example.com", "--json"))["token"]
    listed = ask(served, "/records/opportunity?columns=name,renewal_date&sort=-renewal_date&limit=1", token)
    assert listed["items"][0]["renewal_date"] == "2028-03-01"
    assert "renewal_date" in ask(served, "/openapi.json", token)["components"]["schemas"]["opportunity"]["properties"]
    served.run("export", "opportunity", "pipeline.csv", folder=folder)
    with (folder / "pipeline.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["renewal_date"] for row in csv.DictReader(file) if row["renewal_date"]] == ["2028-03-01"]
    page.goto(f"{served.url}/api/docs/opportunity")
    expect(page.get_by_text(re.compile("renewal_date")).first).to_be_visible()


def ask(served: Served, path: str, token: str) -> Any:
    asked = urllib.request.Request(f"{served.url}/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)


def _prepare(url: str) -> None:
    database = Database(url)
    with database.write() as connection:
        system.prepare(connection)
    database.dispose()
