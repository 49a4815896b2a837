"""Record types in the studio: made, narrowed by ticks, renamed, made the default, taken away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, drafted, words

TYPES = "/studio/entity/lead/record-types/"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def everything(visitor: Visitor) -> dict[str, Any]:
    """A form with every value ticked."""
    model = visitor.workspace.runtime().model
    fields = [item for item in model.entities["lead"].own_fields() if item.type in ("choice", "multi_choice")]
    return {f"choices.{item.name}": list(model.choices[item.options["choices"]].active) for item in fields} | {"active": "yes"}


def make(visitor: Visitor, label: str, **more: Any) -> Any:
    return visitor.post(f"{TYPES}new", {**everything(visitor), "label": label, **{name.replace("__", "."): value for name, value in more.items()}})


def test_a_new_type_is_named_after_its_label_and_narrows_what_was_unticked(visitor: Visitor, admin: Person) -> None:
    statuses = everything(visitor)["choices.status"]
    answer = make(visitor, "Partner lead", help="From a partner.", choices__status=statuses[:2], label__zh_Hans="伙伴")
    assert answer.location == TYPES
    found = drafted(visitor, admin).model.record_types["lead.partner_lead"]
    assert found.choices == {"status": tuple(statuses[:2])}
    assert (found.help and found.help.text, found.label.translations) == ("From a partner.", {"zh_Hans": "伙伴"})
    assert "Offers fewer values" in words(visitor.get(TYPES))


def test_nothing_ticked_is_refused_beside_the_field(visitor: Visitor) -> None:
    form = everything(visitor)
    del form["choices.status"]
    answer = visitor.post(f"{TYPES}new", {**form, "label": "None"})
    assert answer.status_code == 422 and 'id="choices.status-error"' in answer.text


def test_there_is_one_default(visitor: Visitor, admin: Person) -> None:
    make(visitor, "One", default="yes")
    make(visitor, "Two", default="yes")
    assert drafted(visitor, admin).model.entities["lead"].fields["record_type"].default == "two"
    form = everything(visitor)
    del form["active"]
    answer = visitor.post(f"{TYPES}two", {**form, "label": "Two", "default": "yes"})
    assert answer.status_code == 422 and 'id="default-error"' in answer.text


def test_a_type_is_changed_and_renamed(visitor: Visitor, admin: Person) -> None:
    statuses = everything(visitor)["choices.status"]
    make(visitor, "One", choices__status=statuses[:1])
    ticks = visitor.get(f"{TYPES}one").text.partition('name="choices.status"')[2].partition("</fieldset>")[0]
    assert ticks.count(" checked") == 1
    visitor.post(f"{TYPES}one", {**everything(visitor), "label": "First", "name": "first", "help": "Begin."})
    body = drafted(visitor, admin).documents["record_type", "lead.first"].body
    assert (body["label"], body["help"], body.get("choices", {}), body["was"]) == ("First", "Begin.", {}, ["one"])


def test_a_type_is_taken_away(visitor: Visitor, admin: Person) -> None:
    make(visitor, "One")
    assert visitor.post(f"{TYPES}one/remove", {}).location == TYPES
    assert drafted(visitor, admin).model.record_types_of["lead"] == ()
    assert "No record types yet" in words(visitor.get(TYPES))
