"""The promise of the studio: an app built, published, used and undone in a browser, without JSON or code, every interaction counted.

“Equipment rental”: three entities, 25 fields of 17 types, a formula, a rollup, two rules, layouts for two roles, a board, tabs.
A click, a key that is a command, filling one input and every line of a text are one interaction each.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

MOST = 60  # interactions for an entity
EQUIPMENT = """Serial number: text
Daily rate*: currency
Condition: choice: New, Good, Worn
Bought on: date
Weight: decimal
Photo: image
Insured: boolean"""
RENTER = """Email: email
Phone: phone
Address: address
Customer since: date
Reliability: rating"""
RENTAL = """Renter*: lookup: Renter
Equipment*: lookup: Equipment
Status*: choice: Planned, Out, Back
Starts on*: date
Ends on*: date
Price: currency
Discount: percent
Notes: long_text"""


class Hands:
    """What a person does, counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    @contextmanager
    def entity(self) -> Iterator[None]:
        """All that is done for one entity."""
        before = self.count
        yield
        assert self.count - before < MOST, self.count - before

    def click(self, what: Locator) -> None:
        self.count += 1
        what.click()

    def fill(self, what: Locator, text: str) -> None:
        self.count += max(1, len(text.splitlines()))
        what.fill(text)

    def choose(self, what: Locator, value: str) -> None:
        self.count += 1
        what.select_option(label=value)

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def link(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True).first)

    def button(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True).first)


def new_entity(hands: Hands, label: str, lines: str, count: int) -> None:
    page = hands.page
    hands.link("Studio")
    hands.link("New entity")
    hands.fill(page.get_by_label("What is one called?"), label)
    hands.fill(page.get_by_label("Several at once"), lines)
    hands.button("Create entity")
    expect(page.locator(".field-row")).to_have_count(count)


def computed(hands: Hands, kind: str, label: str, expression: str) -> None:
    page = hands.page
    hands.link("New field")
    hands.click(page.locator(f'a[href$="type={kind}"]'))
    hands.fill(page.locator("#label"), label)
    hands.fill(page.locator("#expression"), expression)
    hands.button("Add field")
    expect(page.locator(".field-row", has_text=label)).to_have_count(1)


def written(hands: Hands, name: str, expression: str) -> None:
    """A condition as an expression instead of rows."""
    text = hands.page.locator(f"#{name}")
    editor = hands.page.locator("[data-expression-editor]").filter(has=text)
    expect(editor.locator("[data-modes]")).not_to_have_attribute("hidden", "")
    hands.click(editor.get_by_role("button", name="Expression", exact=True))
    hands.fill(text, expression)


def rules(hands: Hands) -> None:
    page = hands.page
    hands.link("Rules")
    hands.click(page.locator('a[href$="/rules/new/validation"]').first)
    hands.fill(page.get_by_label("What people call the rule"), "Ends after it starts")
    written(hands, "must", "ends_on >= starts_on")
    hands.fill(page.get_by_label("What people read when the save is refused"), "The end lies before the start.")
    hands.button("Save")
    hands.click(page.locator('a[href$="/rules/new/field"]').first)
    hands.fill(page.get_by_label("What people call the rule"), "Price of what is out")
    hands.click(page.get_by_role("checkbox", name="Price", exact=True))
    hands.click(page.get_by_text("Required in some cases"))
    written(hands, "required", 'status <> "planned"')
    hands.button("Save")
    expect(page.locator(".rule-list").last).to_contain_text("Price of what is out")


def layouts(hands: Hands) -> None:
    """One for each role; the second has the notes taken off with the mouse."""
    page = hands.page
    for label, role in (("For administrators", "Administrator"), ("For the counter", "User")):
        hands.link("Layouts")
        hands.fill(page.locator("#new-label"), label)
        hands.click(page.locator("#new-layout").get_by_role("checkbox", name=role, exact=True))
        hands.button("Create and arrange")
        expect(page.locator("#layout-editor")).to_be_visible()
    tile, pool = page.locator("#field-of-notes"), page.locator("#layout-unused")
    hands.count += 1
    tile.locator("[data-handle]").hover()
    page.mouse.down()
    box = pool.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 10, steps=8)
    page.mouse.move(box["x"] + 44, box["y"] + 14, steps=4)
    page.mouse.up()
    expect(pool.locator("#field-of-notes")).to_be_visible()


def board(hands: Hands) -> None:
    page = hands.page
    hands.link("Views")
    hands.click(page.locator('a[href$="/views/new"]').first)
    hands.fill(page.locator("#label"), "By status")
    hands.click(page.get_by_role("radio", name="Board"))
    hands.choose(page.locator("#group"), "Status")
    hands.choose(page.locator("#sum"), "Price")
    hands.button("Save in the draft")
    expect(page.get_by_role("link", name="By status", exact=True)).to_be_visible()


def publish(hands: Hands) -> None:
    page = hands.page
    hands.link("Publish …")
    hands.fill(page.locator("#reason"), "Equipment rental")
    hands.button("Publish now")
    expect(page.locator("#page")).to_contain_text("revision 2")


def test_an_app_is_built_published_used_and_undone(site: Site) -> None:
    page = site.open("/studio/")
    hands = Hands(page)
    with hands.entity():
        new_entity(hands, "Equipment", EQUIPMENT, 8)
    with hands.entity():
        new_entity(hands, "Renter", RENTER, 6)
    with hands.entity():
        new_entity(hands, "Rental", RENTAL, 9)
        computed(hands, "formula", "Days", "DAYSBETWEEN(starts_on, ends_on)")
        rules(hands)
        layouts(hands)
        board(hands)
        hands.link("Studio")
        hands.click(page.locator('a[href="/studio/entity/equipment/"]').first)
        computed(hands, "rollup", "Times rented", "COUNT(rentals)")
        publish(hands)
    model = site.workspace.runtime().model
    made = [field for name in ("equipment", "renter", "rental") for field in model.entities[name].own_fields()]
    assert len(made) == 25 and len({field.type for field in made}) >= 12
    assert {layout.roles for layout in model.layouts.values() if layout.entity == "rental"} >= {("administrator",), ("user",)}
    use(site, page)
    undo(site, page)


def use(site: Site, page: Page) -> None:
    drill = site.make("equipment", name="Drill", daily_rate="20")
    renter = site.make("renter", name="Bo")
    page.goto(f"{site.url}/rental/new?equipment={drill}&renter={renter}&status=planned")
    page.fill("#name", "R-1")
    page.fill("#starts_on", "2026-12-01")
    page.fill("#ends_on", "2026-11-01")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator("#page")).to_contain_text("The end lies before the start.")
    page.fill("#ends_on", "2026-12-11")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator("#value-days")).to_have_text("10")
    page.goto(f"{site.url}/equipment/{drill}")
    expect(page.locator("#value-times_rented")).to_have_text("1")
    page.goto(f"{site.url}/rental/?view=by_status")
    expect(page.locator("#page")).to_contain_text("R-1")


def undo(site: Site, page: Page) -> None:
    """Back to before the app, and forth again: the records are there."""
    back_to(page, f"{site.url}/studio/revisions/1/roll-back")
    assert "rental" not in site.workspace.runtime().model.entities
    back_to(page, f"{site.url}/studio/revisions/2/roll-back")
    page.goto(f"{site.url}/rental/?view=by_status")
    expect(page.locator("#page")).to_contain_text("R-1")


def back_to(page: Page, address: str) -> None:
    page.goto(address)
    for tick in page.locator('main input[type="checkbox"]').all():
        tick.check()
    page.get_by_role("button", name="Go back now").click()
    page.wait_for_url(lambda url: "roll-back" not in url)
