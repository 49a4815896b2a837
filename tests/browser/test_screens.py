"""The generated screens in a real browser: create, edit, pick, sort, page, conflict, delete, keyboard, phone, Chinese."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import PHONE, Site

pytestmark = pytest.mark.browser


def fits(page: Page) -> bool:
    """Nothing sticks out of the page sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def pick(page: Page, field: str, words: str, choice: str) -> None:
    """Type into a picker and choose what it offers."""
    page.locator(f"#{field}-ts-control").click()
    page.locator(f"#{field}-ts-control").fill(words)
    page.locator(".ts-dropdown .option", has_text=choice).first.click()


def test_a_record_is_made_with_a_picked_lookup(site: Site) -> None:
    site.make_many("account", [{"name": f"Acme {number}"} for number in range(30)])
    page = site.open("/opportunity/")
    page.locator('main a[href="/opportunity/new"]').first.click()
    page.fill("#name", "Renewal")
    pick(page, "account", "acme 17", "Acme 17")
    page.fill("#amount", "1,234.50")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Renewal")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/opportunity/1$"))
    values = site.values("opportunity", 1)
    assert (values["account"].label, str(values["amount"].amount)) == ("Acme 17", "1234.50")


def test_errors_come_back_beside_their_fields_and_the_first_has_the_focus(site: Site) -> None:
    page = site.open("/account/new")
    page.fill("#employees", "many")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#name-error")).to_contain_text("required")
    expect(page.locator("#name")).to_be_focused()
    expect(page.locator("#employees")).to_have_value("many")


def test_save_and_new_goes_on_with_an_empty_form(site: Site) -> None:
    page = site.open("/account/new")
    page.fill("#name", "First")
    page.get_by_role("button", name="Save and new").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator("#name")).to_have_value("")
    assert site.values("account", 1)["name"] == "First"


def test_a_file_is_uploaded(site: Site) -> None:
    page = site.open("/file/new")
    page.fill("#name", "Offer")
    page.set_input_files('input[type="file"]', {"name": "offer.txt", "mimeType": "text/plain", "buffer": b"hello"})
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="offer.txt")).to_be_visible()


def test_an_edit_shows_on_the_record_and_in_its_history(site: Site) -> None:
    site.make("account", name="Acme")
    page = site.open("/account/1")
    page.keyboard.press("e")
    page.fill("#phone", "+12125550100")
    page.locator("#phone").press("Control+Enter")
    expect(page.locator("#value-phone")).to_contain_text("555")
    expect(page.locator(".timeline")).to_contain_text("Phone to")


def test_leaving_typed_text_behind_asks_first(site: Site) -> None:
    site.make("account", name="Acme")
    page = site.open("/account/1/edit")
    page.fill("#name", "Other")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="Contacts").first.click()
    expect(page.locator("#name")).to_have_value("Other")
    assert asked == ["What you typed is not saved yet. Leave the page?"]


def test_a_column_head_sorts(site: Site) -> None:
    site.make_many("opportunity", [{"name": name, "amount": amount} for name, amount in (("A", "5"), ("B", "900"), ("C", "70"))])
    page = site.open("/opportunity/")
    page.get_by_role("link", name="Amount").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Amount")
    assert page.locator(".row-link").all_inner_texts() == ["A", "C", "B"]


def test_more_rows_come_as_one_scrolls(site: Site) -> None:
    site.make_many("account", [{"name": f"A{number:03}"} for number in range(120)])
    page = site.open("/account/?sort=name")
    expect(page.locator(".row-link")).to_have_count(50)
    page.locator(".row-link").last.focus()
    expect(page.locator(".row-link", has_text="A099")).to_have_count(1)
    page.locator(".row-link").last.focus()
    expect(page.locator(".row-link")).to_have_count(120)
    expect(page.locator("#more")).to_have_count(0)


def test_a_list_is_searched_as_one_types(site: Site) -> None:
    site.make_many("account", [{"name": name} for name in ("Acme", "Bolt", "Crane")])
    page = site.open("/account/")
    page.fill("#list-search", "bol")
    expect(page.locator(".row-link")).to_have_count(1)
    expect(page.locator("#list-count")).to_have_text("1")
    expect(page.locator("#list-search")).to_be_focused()
    assert page.url.endswith("q=bol")


def test_two_people_edit_and_the_second_chooses(site: Site) -> None:
    site.make("account", name="Acme")
    first, second = site.open("/account/1/edit"), site.open("/account/1/edit")
    first.fill("#name", "First")
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_role("heading", name="First")).to_be_visible()
    second.fill("#name", "Second")
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.get_by_text("While you were editing, Ana saved this record.")).to_be_visible()
    second.get_by_label("Theirs").check()
    second.get_by_role("button", name="Save my choice").click()
    expect(second.get_by_role("heading", name="First")).to_be_visible()


def test_a_stage_is_clicked(site: Site) -> None:
    site.make("opportunity", name="Deal")
    page = site.open("/opportunity/1")
    page.get_by_role("button", name="Negotiation").click()
    expect(page.locator(".path [aria-current=step]")).to_have_text("Negotiation")
    assert site.values("opportunity", 1)["stage"] == "negotiation"


def test_delete_can_be_undone(site: Site) -> None:
    site.make("account", name="Acme")
    page = site.open("/account/1")
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Move to the recycle bin").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Acme")).to_be_visible()


def test_the_keyboard_opens_a_new_form_and_leaves_it(site: Site) -> None:
    page = site.open("/account/")
    page.keyboard.press("n")
    expect(page.locator("#name")).to_be_focused()
    page.locator("#name").press("Escape")
    expect(page).to_have_url(re.compile(r"/account/$"))


def test_forms_work_without_scripts(site: Site) -> None:
    site.make("account", name="Acme")
    page = site.open("/contact/new", java_script_enabled=False)
    page.fill("#name-last", "Diaz")
    page.fill('[name="account.typed"]', "1")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Diaz")).to_be_visible()
    assert site.values("contact", 1)["account"].label == "Acme"


def test_a_phone_never_scrolls_sideways(site: Site) -> None:
    account = site.make("account", name="Acme " + "very long name " * 8, website="https://example.com/" + "long" * 30)
    site.make("opportunity", name="Deal " + "x" * 90, account=account, amount="123456789.00", stage="negotiation")
    page = site.open("/opportunity/", PHONE)
    paths = ("/opportunity/", "/opportunity/1", "/opportunity/1/edit", "/account/1", "/contact/new", "/search?q=deal", "/opportunity/?deleted=1")
    assert [path for path in paths if page.goto(site.url + path) is None or not fits(page)] == []


def test_the_screens_speak_chinese(site: Site) -> None:
    site.make("opportunity", name="年度续约", stage="won", close_date="2026-12-01")
    page = site.open("/opportunity/", locale="zh-CN")
    expect(page.locator("tbody")).to_contain_text("赢单")
    page.get_by_role("link", name="年度续约").click()
    expect(page.locator("#value-close_date")).to_have_text("2026年12月1日")
