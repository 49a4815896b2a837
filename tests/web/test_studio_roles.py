"""Roles in the studio: the matrix and its cells, fields, what is taken away, copies, differences, settings; all of it in the draft."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask

from fieldsmith.meta.roles import Role
from fieldsmith.studio.workbench import Said
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, words

ROLES = "/studio/roles/"
SALES = f"{ROLES}sales"
EVERYTHING = {"create", "read", "update", "delete", "export", "import", "mass_change", "merge", "history", "assign", "reveal"}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def visitor(app: Flask, workspace: Workspace, admin: Person) -> Visitor:
    visitor = Visitor(app, workspace, admin)
    assert visitor.post(f"{ROLES}new", {"label": "Sales"}).location == SALES
    return visitor


def body(visitor: Visitor, admin: Person, role: str = "sales") -> Mapping[str, Any]:
    """The role as the draft has it."""
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    return visitor.workspace.changesets.look(admin.actor, draft.id).documents["role", role].body


def model(visitor: Visitor, admin: Person, role: str = "sales") -> Role:
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    return visitor.workspace.changesets.look(admin.actor, draft.id).model.roles[role]


def cell(visitor: Visitor, entity: str, right: str, scope: str, role: str = "sales") -> None:
    assert visitor.post(f"{ROLES}{role}/cell", {"entity": entity, "right": right, "scope": scope}).status_code == 303


def test_a_cell_is_saved_by_itself(visitor: Visitor, admin: Person) -> None:
    cell(visitor, "account", "read", "team")
    cell(visitor, "account", "update", "own")
    assert model(visitor, admin).entities == {"account": {"read": "team", "update": "own"}}


def test_a_cell_as_the_entity_says_stands_beside_one_with_a_scope(visitor: Visitor, admin: Person) -> None:
    cell(visitor, "account", "read", "sharing")
    cell(visitor, "account", "update", "own")
    assert model(visitor, admin).granted("account") == {"read": None, "update": "own"}


def test_a_row_as_shared_throughout_is_a_plain_list(visitor: Visitor, admin: Person) -> None:
    visitor.post(f"{SALES}/bulk", {"entities": ["account", "contact"], "rights": "", "scope": "sharing"})
    assert body(visitor, admin)["entities"]["contact"] == ["create", "read", "update", "delete", "export", "import", "assign", "reveal"]
    assert set(model(visitor, admin).granted("account")) == EVERYTHING


def test_a_column_of_chosen_rows(visitor: Visitor, admin: Person) -> None:
    cell(visitor, "account", "update", "own")
    visitor.post(f"{SALES}/bulk", {"entities": ["account", "contact"], "rights": "read", "scope": "all"})
    assert model(visitor, admin).entities == {"account": {"read": "all", "update": "own"}, "contact": {"read": "all"}}


def test_an_entity_not_named_has_the_rights_of_every_other(visitor: Visitor, admin: Person) -> None:
    cell(visitor, "*", "read", "team")
    cell(visitor, "account", "update", "own")
    assert model(visitor, admin).granted("account") == {"read": "team", "update": "own"}
    visitor.post(f"{SALES}/bulk", {"entities": "account", "rights": "", "scope": "inherit"})
    assert set(model(visitor, admin).entities) == {"*"}


def test_what_a_package_says_of_a_role_can_be_changed_and_comes_back(visitor: Visitor, admin: Person) -> None:
    cell(visitor, "user", "update", "own", role="user")
    assert model(visitor, admin, "user").granted("user") == {"read": None, "update": "own", "history": None}
    cell(visitor, "user", "update", "none", role="user")
    assert model(visitor, admin, "user").granted("user") == {"read": None, "history": None}
    visitor.post(f"{ROLES}user/bulk", {"entities": "user", "rights": "", "scope": "inherit"})
    assert model(visitor, admin, "user").granted("user") == {"read": None, "history": None}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"entity": "account", "right": "read", "scope": "most"}, 422),
        ({"entity": "account", "right": "look", "scope": "all"}, 422),
        ({"entity": "nothing", "right": "read", "scope": "all"}, 404),
        ({}, 404),
    ],
)
def test_a_cell_that_is_none_is_refused(visitor: Visitor, admin: Person, sent: dict[str, str], status: int) -> None:
    assert visitor.post(f"{SALES}/cell", sent).status_code == status
    assert "entities" not in body(visitor, admin)


def test_htmx_gets_the_row_and_the_draft_bar(visitor: Visitor) -> None:
    answer = visitor.client.post(
        f"{SALES}/cell", data={"csrf_token": visitor.token, "entity": "account", "right": "read", "scope": "team"}, headers={"HX-Request": "true"}
    )
    assert answer.text.lstrip().startswith('<tr data-entity="account"') and "scope-team" in answer.text
    assert 'hx-swap-oob="outerHTML:.draft-bar"' in answer.text and "<html" not in answer.text


def test_fields_are_set_one_by_one_and_all_at_once(visitor: Visitor, admin: Person) -> None:
    place = f"{SALES}/entity/account/fields"
    visitor.post(place, {"f.phone": "masked", "f.website": "none"})
    visitor.post(place, {"f.website": "edit"})
    assert body(visitor, admin)["field_rights"] == {"account": {"phone": "masked"}}
    visitor.post(place, {"all": "read"})
    assert set(model(visitor, admin).fields["account"].values()) == {"read"} and "owner" not in model(visitor, admin).fields["account"]
    visitor.post(place, {"all": "edit"})
    assert "account" not in body(visitor, admin).get("field_rights", {})


def test_what_is_taken_away(visitor: Visitor, admin: Person) -> None:
    place = f"{SALES}/entity/account/restrict"
    sent = {"records": 'industry = "retail"', "rights": ["delete"], "c.phone": "read"}
    assert visitor.post(place, sent).status_code == 303
    found = model(visitor, admin).restrict["account"]
    assert (found.records, set(found.rights), dict(found.fields)) == ('industry = "retail"', {"delete"}, {"phone": "read"})
    assert "At most: Read" in words(visitor.get(f"{SALES}/entity/account"))
    assert visitor.post(place, {"records": "", "c.phone": ""}).status_code == 303
    assert body(visitor, admin).get("restrict", {}) == {}


def test_a_faulty_restriction_stands_on_the_form(visitor: Visitor, admin: Person) -> None:
    answer = visitor.post(f"{SALES}/entity/account/restrict", {"records": "industri = 1"})
    assert answer.status_code == 422 and "industri" in words(answer) and 'id="records-error"' in answer.text
    assert "restrict" not in body(visitor, admin)


def test_a_copy_may_what_the_first_may(visitor: Visitor, admin: Person) -> None:
    cell(visitor, "account", "read", "team")
    assert 'value="Copy of Sales"' in visitor.get(f"{ROLES}new?copy=sales").text
    assert visitor.post(f"{ROLES}new", {"label": "Sales east", "copy": "sales"}).location == f"{ROLES}sales_east"
    assert model(visitor, admin, "sales_east").entities == model(visitor, admin).entities
    page = words(visitor.get(f"{ROLES}compare?one=sales&other=sales_east"))
    assert "Both roles say the same." in page


def test_only_what_differs_is_compared(visitor: Visitor) -> None:
    visitor.post(f"{ROLES}new", {"label": "Sales east", "copy": "sales"})
    cell(visitor, "account", "read", "team", role="sales_east")
    visitor.post(f"{ROLES}sales_east/entity/account/fields", {"f.phone": "masked"})
    page = words(visitor.get(f"{ROLES}compare?one=sales&other=sales_east"))
    assert "Read None Team" in page and "Field Phone Edit Masked" in page
    assert "Export" not in page and "Field Website" not in page


def test_settings(visitor: Visitor, admin: Person) -> None:
    sent = {
        "label": "Sellers",
        "start": "account",
        "studio": ["account", "contact"],
        "limited": "yes",
        "named": ["*", "contact"],
        "action.account": ["share"],
        "label.zh_Hans": "销售",
    }
    assert visitor.post(f"{SALES}/settings", sent).status_code == 303
    role = model(visitor, admin)
    assert (role.label.text, role.start, sorted(role.studio)) == ("Sellers", "account", ["account", "contact"])
    assert role.actions == {"account": {"share"}, "*": frozenset(), "contact": frozenset()} and role.label.translations == {"zh_Hans": "销售"}
    assert visitor.post(f"{SALES}/settings", {"label": "Sellers", "label.zh_Hans": "销售"}).status_code == 303
    role = model(visitor, admin)
    assert (role.start, role.studio, role.actions, role.label.text) == ("", frozenset(), None, "Sellers")


def test_actions_are_ticks_and_unknown_ones_stay_with_a_warning(visitor: Visitor, admin: Person) -> None:
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    actions = {"*": ["share"], "account": ["take", "dance"]}
    visitor.workspace.changesets.say(admin.actor, draft.id, [Said("role", "sales", [{"op": "change", "path": "/actions", "value": actions}])])
    page = visitor.get(f"{SALES}/settings")
    ticks = set(re.findall(r'name="action[.]([a-z*]+)" value="([a-z]+)"( checked)?', page.text))
    assert {("*", "share", " checked"), ("*", "take", ""), ("account", "take", " checked"), ("account", "dance", " checked")} <= ticks
    assert words(page).count("There is no such action") == 1
    sent = {"label": "Sales", "limited": "yes", "named": ["*", "account"], "action.*": ["share"], "action.account": ["take", "dance"]}
    assert visitor.post(f"{SALES}/settings", sent).status_code == 303
    assert body(visitor, admin)["actions"] == {"*": ["share"], "account": ["take", "dance"]}


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"label": ""}, "This is needed."),
        ({"label": "S", "portal": "yes"}, "Choose the lookup that leads from a person to their account."),
        ({"label": "S", "start": "nowhere"}, "There is no tab"),
    ],
)
def test_faulty_settings_stand_on_the_form(visitor: Visitor, admin: Person, sent: dict[str, str], told: str) -> None:
    answer = visitor.post(f"{SALES}/settings", sent)
    assert answer.status_code == 422 and told in words(answer)
    assert body(visitor, admin)["label"] == "Sales"


def test_a_role_for_people_from_outside(visitor: Visitor, admin: Person) -> None:
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    lookup = {"op": "add", "path": "/fields/dealer", "value": {"type": "lookup", "to": "account"}}
    visitor.workspace.changesets.change(admin.actor, draft.id, "entity", "user", {"operations": [lookup]})
    assert visitor.post(f"{SALES}/settings", {"label": "Sales", "portal": "yes", "account": "dealer"}).status_code == 303
    page = visitor.get(f"{SALES}/settings")
    assert 'name="path.contact"' in page.text and "Is the account" in words(page)
    visitor.post(f"{SALES}/settings", {"label": "Sales", "portal": "yes", "account": "dealer", "path.account": ".", "path.contact": "account"})
    portal = model(visitor, admin).portal
    assert portal is not None and dict(portal.paths) == {"account": "", "contact": "account"}
    assert "For people from outside" in words(visitor.get(SALES))


def test_the_overview_tells_how_far_each_role_goes(visitor: Visitor, clerk: Person) -> None:
    cell(visitor, "account", "read", "team")
    page = visitor.get(ROLES)
    assert "Sales, read: Team change: None" in words(page) and f'href="{SALES}/entity/account"' in page.text
    assert "People: 1" in words(page)
    assert "Ben" in words(visitor.get(f"{ROLES}user/holders")) and "Nobody holds this role" in words(visitor.get(f"{SALES}/holders"))


def test_ones_own_role_goes_and_a_packages_does_not(visitor: Visitor, admin: Person) -> None:
    assert visitor.post(f"{SALES}/retire", {}).location == ROLES
    assert visitor.post(f"{ROLES}user/retire", {}).location == f"{ROLES}user/settings"
    assert "cannot be taken away" in words(visitor.get(f"{ROLES}user/settings"))


def test_a_role_that_is_not_there(visitor: Visitor) -> None:
    for place in ("nobody", "nobody/settings", "nobody/holders", "nobody/entity/account", "sales/entity/nothing", "compare?one=nobody&other=sales"):
        assert visitor.get(f"{ROLES}{place}").status_code == 404, place
