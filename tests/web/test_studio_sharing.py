"""An entity's sharing in the studio: its default, rules by condition and owner, what they match and cost today."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.meta.roles import Group, SharingRule
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, words

SHARING = "/studio/entity/account/sharing/"
RETAIL = {"label": "Retail for all", "when": 'industry = "retail"', "to.roles": ["user"], "access": "read"}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def rule(visitor: Visitor, admin: Person, name: str = "retail_for_all") -> SharingRule:
    """As the draft has it."""
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    return visitor.workspace.changesets.look(admin.actor, draft.id).model.sharing_rules[f"account.{name}"]


def test_a_rule_is_made_told_and_counted(visitor: Visitor, admin: Person) -> None:
    visitor.make_many("account", [{"name": f"A{at}", "industry": "retail" if at < 3 else None} for at in range(5)])
    assert visitor.post(f"{SHARING}new", RETAIL).location == SHARING
    made = rule(visitor, admin)
    assert (made.when, made.to, made.access, made.owners) == ('industry = "retail"', Group(("user",)), "read", None)
    page = words(visitor.get(SHARING))
    assert "Records where Industry is Retail → User (read)" in page and "Matches now: 3" in page


def test_a_rule_no_index_helps_is_named_when_saved(visitor: Visitor) -> None:
    visitor.post(f"{SHARING}new", {**RETAIL, "when": 'UPPER(name) = "ACME"'})
    page = words(visitor.get(SHARING))
    assert page.count("No index finds these records") == 2  # a notice once, and beside the rule
    assert page.partition("No index finds")[0].rstrip().endswith(("“Retail for all”:", "Matches now: 0"))


def test_a_rule_by_owner_counts_what_they_own(visitor: Visitor, admin: Person, clerk: Person) -> None:
    visitor.make("account", name="Bens", owner=clerk.id)
    visitor.make("account", name="Anas", owner=admin.id)
    visitor.post(f"{SHARING}new", {"label": "Bens", "owners.users": ["ben"], "to.roles": ["administrator"], "access": "edit"})
    page = words(visitor.get(SHARING))
    assert "Matches now: 1" in page and "owned by ben → Administrator (read and change)" in page


def test_a_rule_is_changed_member_by_member(visitor: Visitor, admin: Person) -> None:
    visitor.post(f"{SHARING}new", {**RETAIL, "to.teams": ["East"], "owners.roles": ["user"]})
    sent = {"label": "Shops", "when": "", "to.teams": ["East", "West"], "owners.users": ["ana"], "access": "edit"}
    assert visitor.post(f"{SHARING}retail_for_all", sent).location == SHARING
    made = rule(visitor, admin)
    assert (made.label.text, made.when, made.access) == ("Shops", "", "edit")
    assert (made.to, made.owners) == (Group((), ("East", "West")), Group((), (), ("ana",)))
    assert 'value="West" selected' in visitor.get(f"{SHARING}retail_for_all").text


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({**RETAIL, "label": ""}, "This is needed."),
        ({**RETAIL, "to.roles": []}, "Name at least one role, team or person."),
        ({**RETAIL, "when": ""}, "Say which records"),
        ({**RETAIL, "when": "industri = 1"}, "industri"),
        ({**RETAIL, "access": "all"}, "Choose one from the list."),
        ({**RETAIL, "to.roles": ["nobody"]}, "There is no role"),
    ],
)
def test_what_is_wrong_stands_on_the_form(visitor: Visitor, admin: Person, sent: dict[str, Any], told: str) -> None:
    answer = visitor.post(f"{SHARING}new", sent)
    assert answer.status_code == 422 and told in words(answer)
    assert visitor.workspace.changesets.listed(admin.actor) == []


def test_the_default_is_set(visitor: Visitor, admin: Person) -> None:
    assert visitor.post(f"{SHARING}default", {"sharing": "private"}).location == SHARING
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    assert visitor.workspace.changesets.look(admin.actor, draft.id).model.entities["account"].sharing == "private"
    assert visitor.post(f"{SHARING}default", {"sharing": "everybody"}).status_code == 422


def test_a_rule_is_switched_off_and_taken_away(visitor: Visitor, admin: Person) -> None:
    visitor.post(f"{SHARING}new", RETAIL)
    visitor.post(f"{SHARING}retail_for_all/switch", {"on": "no"})
    assert "Out of force" in words(visitor.get(SHARING))
    visitor.post(f"{SHARING}retail_for_all/delete", {})
    assert "No sharing rules" in words(visitor.get(SHARING))


def test_a_rule_on_a_new_field_waits_for_publishing(visitor: Visitor, admin: Person) -> None:
    id = visitor.workspace.changesets.open(admin.actor, "Field")
    add = {"op": "add", "path": "/fields/region", "value": {"type": "text"}}
    visitor.workspace.changesets.change(admin.actor, id, "entity", "account", {"operations": [add]})
    assert visitor.post(f"{SHARING}new", {**RETAIL, "when": 'region = "West"'}).status_code == 303
    assert "It uses what is not published yet" in words(visitor.get(SHARING))


def test_people_are_picked_from_real_records(visitor: Visitor, clerk: Person) -> None:
    visitor.make("team", name="East")
    visitor.make("user", name="Nobody with a login")
    asked = "/studio/sharing/people?kind="
    assert visitor.get(f"{asked}team&q=eas").json == {"items": [{"value": "East", "text": "East", "note": ""}], "next": None}
    assert visitor.get(f"{asked}user&q=ben").json == {"items": [{"value": "ben", "text": "Ben", "note": "ben"}], "next": None}
    assert visitor.get(f"{asked}user&q=nobody").json == {"items": [], "next": None}
    assert visitor.get(f"{asked}account").status_code == 404
