"""The navigation editor: tabs put into apps, moved and taken out; new apps and tabs; what packages made is hidden, not lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, drafted, words

BASE = "/studio/navigation"
SERVICE = ("case", "account", "contact", "product", "activity")


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def moved(visitor: Visitor, **sent: str) -> None:
    names = {"source": "from", "into": "list"}
    assert visitor.post(f"{BASE}/move", {names.get(name, name): value for name, value in sent.items()}).status_code == 303


def test_apps_and_the_pool_of_tabs(visitor: Visitor) -> None:
    page = visitor.get(BASE)
    assert 'data-list="service"' in page.text and 'id="handle-service-case"' in page.text and 'id="handle-pool-case"' in page.text
    assert "Administrator" in words(page)


@pytest.mark.parametrize(
    ("moves", "tabs"),
    [
        ([{"item": "quote", "into": "service", "after": "case"}], ("case", "quote", "account", "contact", "product", "activity")),
        ([{"item": "quote", "into": "service"}], (*SERVICE, "quote")),
        ([{"item": "quote", "into": "service", "after": ""}], ("quote", *SERVICE)),
        ([{"item": "activity", "into": "service", "source": "service", "after": ""}], ("activity", "case", "account", "contact", "product")),
        ([{"item": "case", "into": "", "source": "service"}], SERVICE[1:]),
        ([{"item": "case", "into": "", "source": "service"}, {"item": "case", "into": "service", "after": "account"}], ("account", "case", *SERVICE[2:])),
        (
            [{"item": "case", "into": "", "source": "service"}, {"item": "case", "into": "service"}, {"item": "case", "into": "", "source": "service"}],
            SERVICE[1:],
        ),
        ([{"item": "quote", "into": "service"}, {"item": "quote", "into": "", "source": "service"}], SERVICE),
    ],
)
def test_a_tab_is_put_in_moved_and_taken_out(visitor: Visitor, admin: Person, moves: list[dict[str, str]], tabs: tuple[str, ...]) -> None:
    for each in moves:
        moved(visitor, **each)
    assert drafted(visitor, admin).model.apps["service"].tabs == tabs


def test_from_one_app_to_another(visitor: Visitor, admin: Person) -> None:
    moved(visitor, item="case", into="sales", source="service", after="lead")
    apps = drafted(visitor, admin).model.apps
    assert "case" not in apps["service"].tabs and apps["sales"].tabs[:3] == ("activity", "lead", "case")


def test_a_new_app_with_roles_and_a_new_tab_in_it(visitor: Visitor, admin: Person) -> None:
    assert visitor.post(f"{BASE}/new-app", {"label": "Rentals", "icon": "truck", "order": "5", "roles": ["user"], "label.zh_Hans": "租赁"}).status_code == 303
    assert visitor.post(f"{BASE}/new-tab", {"opens": "opportunity.", "label": "Deals", "icon": "", "app": "rentals"}).status_code == 303
    model = drafted(visitor, admin).model
    app, tab = model.apps["rentals"], model.tabs["deals"]
    assert (app.tabs, app.roles, app.label.translations) == (("deals",), ("user",), {"zh_Hans": "租赁"})
    assert (tab.entity, tab.view, tab.label.text) == ("opportunity", None, "Deals")


@pytest.mark.parametrize(
    ("kind", "sent", "told"),
    [
        ("app", {"label": ""}, "This is needed."),
        ("app", {"label": "Rentals", "order": "many"}, "Write a whole number from 0 to 9999."),
        ("app", {"label": "Rentals", "roles": ["nobody"]}, "nobody"),
        ("app", {"label": "Rentals", "icon": "no-such-icon"}, "Choose one from the list."),
        ("tab", {"label": "Deals", "opens": ""}, "Choose what the tab opens."),
        ("tab", {"label": "Deals", "opens": "opportunity.nothing"}, "nothing"),
    ],
)
def test_what_is_wrong_stands_on_the_form(visitor: Visitor, admin: Person, kind: str, sent: dict[str, Any], told: str) -> None:
    answer = visitor.post(f"{BASE}/new-{kind}", sent)
    assert answer.status_code == 422 and told in words(answer)
    assert visitor.workspace.changesets.listed(admin.actor) == []


def test_an_app_of_a_package_is_changed_and_hidden(visitor: Visitor, admin: Person) -> None:
    visitor.post(f"{BASE}/apps/service", {"label": "Help desk", "icon": "headset", "order": "20", "roles": []})
    assert drafted(visitor, admin).model.apps["service"].label.text == "Help desk"
    visitor.post(f"{BASE}/apps/service/hide", {"hidden": "yes"})
    assert "service" not in drafted(visitor, admin).model.apps
    visitor.post(f"{BASE}/apps/service/hide", {"hidden": "no"})
    assert drafted(visitor, admin).model.apps["service"].label.text == "Help desk"


def test_ones_own_tab_is_deleted_and_leaves_its_apps(visitor: Visitor, admin: Person) -> None:
    visitor.post(f"{BASE}/new-tab", {"opens": "opportunity.", "label": "Deals", "app": "service"})
    visitor.post(f"{BASE}/tabs/deals/delete", {})
    model = drafted(visitor, admin).model
    assert "deals" not in model.tabs and model.apps["service"].tabs == SERVICE
