"""The wizard that changes the type of a field, as screens: choose, try on the records, map what does not fit, do it, undo it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, words

PAGE = "/studio/entity/account/fields/mark/type"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def visitor(app: Flask, workspace: Workspace, admin: Person) -> Visitor:
    """With a text field “mark” and three accounts."""
    sets = workspace.changesets
    id = sets.open(admin.actor, "Mark")
    sets.change(admin.actor, id, "entity", "account", {"operations": [{"op": "add", "path": "/fields/mark", "value": {"type": "text", "label": "Mark"}}]})
    sets.publish(admin.actor, id, sets.plan(admin.actor, id).hash)
    made = Visitor(app, workspace, admin)
    for name, mark in (("Acme", "12"), ("Beta", "n/a"), ("Gamma", None)):
        made.make("account", name=name, mark=mark)
    return made


def marks(visitor: Visitor) -> list[object]:
    return [visitor.values("account", id)["mark"] for id in (1, 2, 3)]


def test_every_type_it_can_become_is_offered(visitor: Visitor) -> None:
    page = visitor.get(PAGE)
    assert "It is a Text now." in words(page)
    assert f"{PAGE}?type=integer" in page.text and "?type=formula" not in page.text


def test_the_dry_run_names_what_does_not_fit(visitor: Visitor) -> None:
    page = visitor.post(PAGE, {"type": "integer"})
    assert page.status_code == 200
    assert "Tried on 3 records Convert 1 Are rounded 0 Are or become blank 1 Do not convert 1" in words(page)
    assert "“n/a” is not a whole number." in words(page) and 'value="start"' not in page.text
    assert marks(visitor) == ["12", "n/a", None]


def test_mapped_tried_again_and_done_then_undone(visitor: Visitor) -> None:
    answers = {"type": "integer", "value-0": "n/a", "becomes-0": "-"}
    assert 'value="start"' in visitor.post(PAGE, answers).text
    done = visitor.post(PAGE, {**answers, "then": "start"})
    assert done.status_code == 303 and marks(visitor) == [12, None, None]
    page = visitor.get(done.location)
    assert "Done. It is revision" in words(page)
    visitor.change("account", 1, mark=13)
    back = visitor.post(f"{done.location}/undo", {})
    assert back.status_code == 303
    assert marks(visitor) == ["13", "n/a", None]


def test_starting_with_values_left_is_refused_in_words(visitor: Visitor) -> None:
    page = visitor.post(PAGE, {"type": "integer", "then": "start"})
    assert page.status_code == 422 and "“n/a” is not a whole number." in words(page)


def test_a_choice_gets_a_list_of_the_values_there_are(visitor: Visitor) -> None:
    page = visitor.get(f"{PAGE}?type=choice")
    assert re.search(r'<textarea[^>]*name="choices_new"[^>]*>\s*12\nn/a</textarea>', page.text)
    dry = visitor.post(PAGE, {"type": "choice", "choices_new": "12\n13"})
    assert "Do not convert 1" in words(dry) and ">13</option>" in dry.text
    visitor.post(PAGE, {"type": "choice", "choices_new": "12\n13", "leave_blank": "1", "then": "start"})
    assert marks(visitor)[1:] == [None, None] and marks(visitor)[0] is not None


def test_many_records_are_done_in_the_background(visitor: Visitor, workspace: Workspace, admin: Person) -> None:
    workspace.retyping.at_once = 1
    started = visitor.post(PAGE, {"type": "integer", "leave_blank": "1", "then": "start"})
    page = visitor.get(started.location)
    assert "every 1s" in page.text and "Done: 0 percent." in words(page)
    visitor.change("account", 2, mark="22")
    workspace.retyping.jobs.run()
    told = visitor.get(f"{started.location}/progress")
    assert "every 1s" not in told.text and "Done. It is revision" in words(told) and marks(visitor) == [12, 22, None]


def test_a_job_that_stopped_asks_and_goes_on(visitor: Visitor, workspace: Workspace) -> None:
    workspace.retyping.at_once = 1
    place = visitor.post(PAGE, {"type": "integer", "value-0": "n/a", "becomes-0": "0", "then": "start"}).location
    visitor.change("account", 3, mark="a lot")
    workspace.retyping.jobs.run()
    assert "Record #3 has “a lot”" in words(visitor.get(place))
    visitor.post(f"{place}/resume", {"value-0": "a lot", "becomes-0": "99"})
    workspace.retyping.jobs.run()
    assert marks(visitor) == [12, 0, 99]


def test_a_job_is_given_up(visitor: Visitor, workspace: Workspace) -> None:
    workspace.retyping.at_once = 1
    place = visitor.post(PAGE, {"type": "integer", "leave_blank": "1", "then": "start"}).location
    visitor.post(f"{place}/cancel", {})
    assert "It was given up" in words(visitor.get(place)) and marks(visitor) == ["12", "n/a", None]


@pytest.mark.parametrize("path", ["/studio/entity/account/fields/none/type", "/studio/entity/none/fields/mark/type", "/studio/retypes/99"])
def test_what_is_not_there_is_not_found(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 404
