"""Record types: the field they give their entity, what is wrong with them, where things are mentioned, what has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fieldsmith.meta.diff import differences
from fieldsmith.meta.model import Model
from fieldsmith.meta.references import uses
from tests.meta.samples import custom, entity, package

STAGES = {"name": "stages", "values": [{"name": "open"}, {"name": "won"}, {"name": "lost"}]}
DEAL = entity("deal", {"name": "stage", "type": "choice", "choices": "stages"}, {"name": "size", "type": "integer"})
RENEWAL: dict[str, Any] = {"name": "renewal", "entity": "deal", "label": "Renewal", "choices": {"stage": ["open", "won"]}}
FRESH: dict[str, Any] = {"name": "fresh", "entity": "deal", "default": True}
VIEW = {"name": "all", "entity": "deal", "columns": ["name", "record_type"], "filter": "record_type = 'renewal'"}
Build = Callable[..., Model]


def shop(*record_types: dict[str, Any], **documents: list[dict[str, Any]]) -> Any:
    return package("shop", {"entity": [DEAL], "choices": [STAGES], "record_type": list(record_types), **documents})


def test_an_entity_with_record_types_has_the_field(model: Build) -> None:
    found = model(shop(RENEWAL, FRESH), custom({"view": [VIEW]}))
    field = found.entities["deal"].fields["record_type"]
    assert (field.type, field.default, field.required, found.choices[field.options["choices"]].all) == ("choice", "fresh", False, ("renewal", "fresh"))
    assert [item.name for item in found.record_types_of["deal"]] == ["renewal", "fresh"]
    assert found.record_types["deal.renewal"].choices == {"stage": ("open", "won")}


def test_other_entities_have_no_such_field_and_no_layout_shows_it_unasked(model: Build) -> None:
    found = model(shop(RENEWAL, entity=[DEAL, entity("note")]))
    assert "record_type" not in found.entities["note"].fields
    assert found.record_types_of["note"] == ()
    assert "record_type" not in found.layouts["deal.default"].sections[0].fields
    assert "record_type" not in found.views_of["deal"][0].columns


def test_record_types_are_translated(model: Build) -> None:
    words = {"name": "shop.zh", "language": "zh_Hans", "labels": {"record_type/deal.renewal/label": "续约", "record_type/deal.renewal/help": "老客户"}}
    found = model(shop({**RENEWAL, "help": "Again."}, translation=[{**words, "name": "shop_zh"}]))
    assert found.choices["deal.record_type"].values["renewal"].label.translations == {"zh_Hans": "续约"}


BAD = [
    ("unknown entity", [{**RENEWAL, "entity": "deel"}], ("unknown_entity", "/entity")),
    ("unknown field", [{**RENEWAL, "choices": {"stag": ["open"]}}], ("unknown_field", "/choices/stag")),
    ("unknown value", [{**RENEWAL, "choices": {"stage": ["opn"]}}], ("unknown_choice", "/choices/stage/opn")),
    ("no choice field", [{**RENEWAL, "choices": {"size": ["open"]}}], ("cannot_be_narrowed", "/choices/size")),
    ("the field itself", [{**RENEWAL, "choices": {"record_type": ["renewal"]}}], ("cannot_be_narrowed", "/choices/record_type")),
    ("nothing left", [{**RENEWAL, "choices": {"stage": []}}], ("too_short", "/choices/stage")),
    ("two defaults", [{**RENEWAL, "default": True}, FRESH], ("two_defaults", "/default")),
    ("inactive default", [{**FRESH, "active": False}], ("inactive_default", "/default")),
]


@pytest.mark.parametrize(("record_types", "expected"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_faults_are_told_where_they_are(problems: Callable[..., Any], record_types: list[dict[str, Any]], expected: tuple[str, str]) -> None:
    assert problems(shop(*record_types)) == [expected]


@pytest.mark.parametrize("filter_", ["record_type = 'renewl'", "record_type = 5"])
def test_comparisons_with_record_types_are_checked(problems: Callable[..., Any], filter_: str) -> None:
    assert [place for _, place in problems(shop(RENEWAL, view=[{**VIEW, "filter": filter_}]))] == ["/filter"]


def test_a_field_cannot_be_called_record_type(problems: Callable[..., Any]) -> None:
    assert problems(entity=[entity("note", {"name": "record_type", "type": "text"})]) == [("reserved_name", "/fields/record_type/name")]


def test_mentions_are_found(model: Build) -> None:
    found = uses(model(shop(RENEWAL, FRESH, view=[VIEW])))
    assert [(use.kind, use.pointer) for use in found["record_type/deal.renewal"]] == [("view", "/filter")]
    assert [(use.kind, use.pointer) for use in found["choices/stages/values/won"]] == [("record_type", "/choices/stage/won")]
    assert ("record_type", "/choices/stage") in [(use.kind, use.pointer) for use in found["entity/deal/fields/stage"]]


def test_differences_are_readable(model: Build) -> None:
    before, after = model(shop()), model(shop({**RENEWAL, "choices": {"stage": ["open"]}}))
    told = [(item.kind, str(item.message)) for item in differences(before, after)]
    assert told == [("field_added", "New field Record type (Choice) on Deal"), ("record_type_added", "New record type Renewal of Deal")]
    later = model(shop({**RENEWAL, "name": "again", "was": ["renewal"], "active": False}))
    assert [(item.kind, item.document + item.pointer, str(item.message)) for item in differences(after, later)] == [
        ("record_type_renamed", "record_type/deal.again", "Record type renewal of Deal is now called again"),
        ("record_type_changed", "record_type/deal.again/active", "Record type Renewal of Deal: active true becomes false"),
        ("record_type_changed", "record_type/deal.again/choices/stage", "Record type Renewal of Deal: values of stage become open, won"),
    ]
    assert [item.kind for item in differences(after, before)] == ["field_removed", "record_type_removed"]
