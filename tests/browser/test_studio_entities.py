"""Entities shaped in a real browser: by keyboard in few interactions, moved, and reset to what their package says."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from fieldsmith.studio.workbench import Said
from tests.browser.conftest import PHONE, Site

QUICK = (
    ("Serial number", None, ""),
    ("Daily rate", "currency", ""),
    ("Condition", "choice", "New, Good, Worn"),
    ("Owner company", "lookup", "Account"),
    ("Bought on", "date", ""),
    ("Weight", "decimal", ""),
    ("Photo", "image", ""),
)


class Hands:
    """Counts what a person does: a click, a key that is a command, filling one input."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def click(self, selector: str) -> None:
        self.count += 1
        self.page.click(selector)

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def fill(self, selector: str, text: str) -> None:
        self.count += 1
        self.page.fill(selector, text)

    def choose(self, selector: str, value: str) -> None:
        self.count += 1
        self.page.select_option(selector, value)


def test_an_entity_with_eight_fields_by_keyboard(site: Site) -> None:
    page = site.open("/studio/entities/new")
    hands = Hands(page)
    hands.fill("#label", "Equipment")
    expect(page.locator("#name")).to_have_value("equipment")
    hands.press("Enter")
    page.wait_for_url("**/studio/entity/equipment/")
    expect(page.locator(".field-row")).to_have_count(1)
    for at, (label, kind, detail) in enumerate(QUICK, start=2):
        hands.fill("#label", label)
        if kind is not None:
            hands.choose("#type", kind)
        if detail:
            hands.fill("#detail", detail)
        hands.press("Enter")
        expect(page.locator(".field-row")).to_have_count(at)
        expect(page.locator("#label")).to_be_focused()
    assert hands.count <= 24
    (draft,) = site.workspace.changesets.listed(site.person.actor)
    bench = site.workspace.changesets.look(site.person.actor, draft.id)
    assert bench.sound and len(bench.documents["entity", "equipment"].body["fields"]) == 8


def test_fields_are_moved_by_keyboard_without_leaving_the_page(site: Site) -> None:
    page = site.open("/studio/entity/account/", PHONE)
    names = page.locator(".field-row").evaluate_all("rows => rows.map(row => row.dataset.item)")
    handle = page.locator(f"[data-item={names[1]}] [data-handle]")
    handle.focus()
    for key in ("Space", "ArrowUp", "Space"):
        page.keyboard.press(key)
    expect(page.locator(".draft-bar .badge").first).to_contain_text("1")
    moved = page.locator(".field-row").evaluate_all("rows => rows.map(row => row.dataset.item)")
    assert moved[:2] == [names[1], names[0]]
    (draft,) = site.workspace.changesets.listed(site.person.actor)
    body = site.workspace.changesets.look(site.person.actor, draft.id).documents["entity", "account"].body
    assert [item["name"] for item in body["fields"]][:2] == moved[:2]


def test_a_property_is_reset_to_its_base(site: Site) -> None:
    sets = site.workspace.changesets
    id = sets.open(site.person.actor, "Shapes")
    sets.say(site.person.actor, id, [Said("entity", "account", [{"op": "change", "path": "/icon", "value": "users"}])])
    sets.publish(site.person.actor, id, sets.plan(site.person.actor, id).hash)
    page = site.open("/studio/entity/account/settings")
    page.get_by_role("button", name="Where “Icon” comes from: Your workspace, revision 2, by Ana").click()
    card = page.locator(".origin-card:popover-open")
    expect(card).to_contain_text("Reason: Shapes")
    expect(card).to_contain_text("The package says: building")
    card.get_by_role("button", name="Reset to base").click()
    expect(page.locator(".draft-bar")).to_contain_text("Changes: 1")
    expect(page.locator("#icon")).to_have_value("building")


def test_the_preview_follows_what_is_typed(site: Site) -> None:
    page = site.open("/studio/entity/account/fields/new?type=choice")
    expect(page.locator("#label")).to_be_focused()
    page.fill("#label", "Condition")
    page.fill("#choices_new", "New\nWorn")
    preview = page.locator("#field-preview")
    expect(preview.locator("label")).to_have_text("Condition")
    expect(preview.locator("option")).to_have_text(["", "New", "Worn"])
    expect(page.locator("#name")).to_have_value("condition")
