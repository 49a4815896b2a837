"""The studio for somebody who shapes firms, does not see their secret, sees their grade masked, and reads deals of their own only."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from fieldsmith.base.context import OPERATOR
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.access.vaulted import ABSENT, EVERY, VAULTED
from tests.conftest import MakeWorkspace
from tests.unchanged import watch
from tests.web.conftest import make_person
from tests.web.screens import Visitor, words

ROLE: dict[str, Any] = {
    "name": "shaper",
    "label": "Shaper",
    "entities": {"firm": {**dict.fromkeys(EVERY, "own"), "read": "all"}, "deal": {"read": "own"}, "user": {"read": "all"}},
    "field_rights": {"firm": {"secret": "none", "grade": "masked"}},
    "studio": ["firm"],
}
FIRM = "/studio/entity/firm/"


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    """Both databases: records are tried and counted."""
    made = make_workspace("core", VAULTED)
    sets = made.changesets
    id = sets.open(OPERATOR, "Role")
    sets.put(OPERATOR, id, "role", "shaper", ROLE)
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    return made


@pytest.fixture
def app(workspace: Workspace) -> Flask:
    made = create_app(workspace)
    watch(made, workspace)
    return made


@pytest.fixture
def lee(app: Flask, workspace: Workspace) -> Visitor:
    return Visitor(app, workspace, make_person(workspace, "Lee", "shaper"))


def test_home_shows_their_entities_and_their_drafts_alone(lee: Visitor) -> None:
    home = lee.get("/studio/")
    assert home.status_code == 200 and f'href="{FIRM}"' in home.text and "/studio/entity/deal/" not in home.text
    for other in ("/studio/roles/", "/studio/people/", "/studio/packages/", "/studio/revisions/", "/studio/entities/new", "/studio/retired/"):
        assert other not in home.text
    assert 'href="/studio/"' in lee.get("/firm/").text, "the way there is in the menu"


def test_the_page_of_their_entity_offers_what_they_may(lee: Visitor) -> None:
    page = lee.get(FIRM)
    assert page.status_code == 200 and "secret" not in page.text and f"{FIRM}fields/city" in page.text
    for other in ("settings", "sharing/", "relations", "fields/city/remove", "fields/city/type"):
        assert f"{FIRM}{other}" not in page.text
    field = lee.get(f"{FIRM}fields/city").text
    assert "/rename" not in field and "/type" not in field and "/remove" not in field


@pytest.mark.parametrize("path", ["settings", "sharing/", "relations", "fields/city/type", "fields/city/remove", "fields/city/rename", "fields/secret/type"])
def test_the_rest_of_their_entity_is_refused(lee: Visitor, path: str) -> None:
    assert lee.get(FIRM + path).status_code == 403


@pytest.mark.parametrize("entity", ["deal", "campaign", "nothing"])
def test_entities_of_others_are_refused_whether_there_or_not(lee: Visitor, entity: str) -> None:
    answer = lee.get(f"/studio/entity/{entity}/")
    assert answer.status_code == 403 and words(answer) == words(lee.get("/studio/entity/absent/"))


def test_a_field_is_added_previewed_planned_and_published(lee: Visitor, workspace: Workspace) -> None:
    assert lee.post(f"{FIRM}fields/", {"label": "Region", "type": "text", "detail": ""}).status_code == 303
    [draft] = workspace.changesets.listed(OPERATOR)
    assert lee.post(f"/studio/drafts/{draft.id}/preview", {"role": ""}).status_code == 303
    assert "Region" in lee.get("/firm/new").text
    lee.post("/studio/preview/leave", {})
    plan = lee.get(f"/studio/drafts/{draft.id}/publish")
    assert plan.status_code == 200 and "ALTER TABLE" not in plan.text
    hash = workspace.changesets.plan(OPERATOR, draft.id).hash
    assert lee.post(f"/studio/drafts/{draft.id}/publish", {"hash": hash}).status_code == 303
    done = lee.get(f"/studio/drafts/{draft.id}/published")
    assert done.status_code == 200 and "/studio/revisions/" not in done.text
    assert "region" in workspace.runtime().model.entities["firm"].fields
    assert lee.get(f"/studio/drafts/{draft.id}").location.endswith("/published")


def test_a_preview_as_another_role_is_not_theirs(lee: Visitor, workspace: Workspace) -> None:
    lee.post(f"{FIRM}fields/", {"label": "Region", "type": "text", "detail": ""})
    [draft] = workspace.changesets.listed(OPERATOR)
    assert "plain" not in lee.get(f"/studio/drafts/{draft.id}/preview").text
    assert lee.post(f"/studio/drafts/{draft.id}/preview", {"role": "plain"}).status_code == 404


def test_drafts_of_others_are_not_there(lee: Visitor, workspace: Workspace) -> None:
    theirs = workspace.changesets.open(OPERATOR, "Quiet plans")
    assert "Quiet plans" not in lee.get("/studio/drafts/").text
    for page in ("", "/publish", "/preview", "/discard", "/conflicts", "/published"):
        assert lee.get(f"/studio/drafts/{theirs}{page}").status_code == 404


def test_what_they_may_not_say_is_refused_and_loses_nothing(lee: Visitor, workspace: Workspace) -> None:
    lee.post(f"{FIRM}fields/", {"label": "Region", "type": "text", "detail": ""})
    [draft] = workspace.changesets.listed(OPERATOR)
    before = workspace.changesets.get(OPERATOR, draft.id).edits
    sent = {"type": "choice", "label": "Kind", "name": "kind", "choices_new": "a\nb"}
    answer = lee.post(f"{FIRM}fields/new", sent)
    assert answer.status_code == 403 and "You may shape only" in answer.text
    assert lee.post(f"{FIRM}fields/new", {"type": "lookup", "label": "Master", "to": "deal", "owned": "1"}).status_code == 403
    assert workspace.changesets.get(OPERATOR, draft.id).edits == before


def expression(lee: Visitor, path: str, source: str, **more: str) -> str:
    answer = lee.post(f"/studio/expression/{path}", {"entity": "firm", "expression": source, **more})
    assert answer.status_code == 200
    return answer.text.replace("secret", "~").replace(ABSENT, "~").replace("grade", "~").replace("grabe", "~")


@pytest.mark.parametrize("path", ["check", "try"])
@pytest.mark.parametrize(("hidden", "absent"), [("secret", ABSENT), ("grade", "grabe")])
@pytest.mark.parametrize("source", ["ISBLANK({})", "COUNT(deals where firm.{} = blank)", "LENGTH({}) > 2"])
def test_hidden_fields_are_answered_like_absent_ones(lee: Visitor, path: str, hidden: str, absent: str, source: str) -> None:
    lee.make("firm", name="Acme", secret="hush", grade="high")
    assert expression(lee, path, source.format(hidden)) == expression(lee, path, source.format(absent))


def test_completion_and_lists_of_names_have_nothing_hidden(lee: Visitor) -> None:
    for source in ("", "s", "sec", "gr", "twi", "deals.firm.", "COUNT(deals where firm.s", "owner."):
        body = {"entity": "firm", "expression": source, "position": len(source), "context": "rule"}
        answer = lee.client.post("/studio/expression/complete", json=body, headers={"X-CSRF-Token": lee.token})
        assert answer.json is not None and not {"secret", "grade", "twice"} & {item["text"] for item in answer.json["items"]}
    names = lee.post("/studio/expression/names", {"entity": "firm", "expression": "", "context": "rule"}).text
    assert "secret" not in names and 'grade"' not in names and "city" in names
    rows = lee.post("/studio/expression/rows", {"entity": "firm", "as": "must", "expression": "name = 'a'"}).text
    assert "secret" not in rows and '"grade"' not in rows and "city" in rows


def test_entities_they_do_not_see_are_unknown_to_expressions(lee: Visitor) -> None:
    hidden, absent = (lee.post("/studio/expression/check", {"entity": name, "expression": "true"}) for name in ("team", "absent"))
    assert (hidden.status_code, words(hidden).replace("team", "absent")) == (absent.status_code, words(absent))


def test_an_expression_is_tried_with_their_own_reach(lee: Visitor) -> None:
    firm = lee.make("firm", name="Acme")
    lee.make("deal", name="Big", firm=firm, price="5")
    tried = lee.post("/studio/expression/try", {"entity": "firm", "expression": "COUNT(deals)", "part": "result", "record": str(firm)}).text
    assert "0" in words(tried) and "1" not in words(tried).replace("#1", "")


@pytest.mark.parametrize("about", ["required", "unique"])
def test_what_records_have_against_a_field_is_not_told_of_a_hidden_one(lee: Visitor, about: str) -> None:
    for name in ("Acme", "Bolt"):
        lee.make("firm", name=name, secret="same", grade="high")
    there, absent = (lee.post(f"{FIRM}field-records", {"name": name, "about": about, about: "1"}).text for name in ("grade", "absent"))
    secret = lee.post(f"{FIRM}field-records", {"name": "secret", "about": about, about: "1"}).text
    assert there == absent == secret and "same" not in secret


def test_a_rule_is_tried_on_what_they_may_read(lee: Visitor) -> None:
    lee.make("firm", name="Acme", secret="hush")
    sent = {"type": "validation", "label": "A", "message": "No", "must": "secret = 'x'", "when": ""}
    there, absent = (words(lee.post(f"{FIRM}rules/test", {**sent, "must": f"{name} = 'x'"})) for name in ("secret", ABSENT))
    assert there == absent and "Acme" not in there


@pytest.mark.parametrize("form", [{"columns": ["name", "{}"]}, {"columns": ["name"], "filter": ["{} = 'hush'"]}, {"columns": ["name"], "sort": ["{}"]}])
def test_a_view_of_hidden_fields_shows_no_records(lee: Visitor, form: dict[str, list[str]]) -> None:
    lee.make("firm", name="Acme", secret="hush", grade="high")

    def shown(name: str) -> str:
        return words(lee.post(f"{FIRM}views/preview", {key: [part.replace("{}", name) for part in value] for key, value in form.items()}))

    assert shown("secret") == shown(ABSENT) and "hush" not in shown("secret")


@pytest.mark.parametrize(
    "page",
    ["", "usage", "views/", "views/new", "layouts/", "layouts/default", "layouts/default/frame", "rules/", "rules/new/field", "record-types/new", "fields/new"],
)
def test_no_page_has_a_name_or_value_of_what_is_hidden(lee: Visitor, page: str) -> None:
    lee.make("firm", name="Acme", secret="hush", grade="high")
    answer = lee.get(FIRM + page)
    assert answer.status_code == 200
    for hidden in ("secret", "Secret", "hush", "twice", "Twice", "no_bad", "filtered"):
        assert hidden not in answer.text, hidden


def test_a_rule_naming_what_is_hidden_is_refused_beside_its_input(lee: Visitor, workspace: Workspace) -> None:
    sent = {"label": "Mine", "message": "No.", "when": ""}
    there, absent = (lee.post(f"{FIRM}rules/new/validation", {**sent, "must": f"{name} = 'x'"}) for name in ("secret", ABSENT))
    assert there.status_code == absent.status_code == 422
    assert words(there).replace("secret", ABSENT) == words(absent)
    assert workspace.changesets.listed(OPERATOR) == []


def test_the_form_of_a_published_field_offers_what_they_may_say(lee: Visitor, workspace: Workspace) -> None:
    page = lee.get(f"{FIRM}fields/city").text
    for key in ("label", "help", "required"):
        assert f'name="{key}"' in page
    for key in ("unique", "indexed", "read_only", "max_length", "default_expression"):
        assert f'name="{key}"' not in page
    assert lee.post(f"{FIRM}fields/city", {"type": "text", "label": "Town", "name": "city", "required": "1"}).status_code == 303
    [draft] = workspace.changesets.listed(OPERATOR)
    [edit] = (workspace.changesets.get(OPERATOR, draft.id).edits or {}).values()
    assert {operation.path for operation in edit.operations} == {"/fields/city/label", "/fields/city/required"}
    refused = lee.post(f"{FIRM}fields/city", {"type": "text", "label": "Town", "name": "city", "required": "1", "unique": "1"})
    assert refused.status_code == 403 and "You may shape only" in refused.text
    assert 'name="owned"' not in lee.get(f"{FIRM}fields/new?type=lookup").text


def test_a_field_of_the_draft_is_theirs_to_say(lee: Visitor) -> None:
    lee.post(f"{FIRM}fields/", {"label": "Region", "type": "text", "detail": ""})
    assert 'name="unique"' in lee.get(f"{FIRM}fields/region").text
    sent = {"type": "text", "label": "Region", "name": "region", "unique": "1", "max_length": "20"}
    assert lee.post(f"{FIRM}fields/region", sent).status_code == 303


def test_a_draft_with_what_they_may_not_say_any_more_locks_nobody_out(lee: Visitor, workspace: Workspace) -> None:
    lee.post(f"{FIRM}fields/", {"label": "Region", "type": "text", "detail": ""})
    sets = workspace.changesets
    id = sets.open(OPERATOR, "Role")
    operations = [{"op": "remove", "path": "/studio/firm"}, {"op": "add", "path": "/studio/deal"}]
    sets.change(OPERATOR, id, "role", "shaper", {"operations": operations})
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    assert lee.get("/studio/").status_code == lee.get("/studio/drafts/").status_code == lee.get("/studio/entity/deal/").status_code == 200
    assert lee.get(FIRM).status_code == 403
