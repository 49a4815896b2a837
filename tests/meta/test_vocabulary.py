"""The names of a model as expressions see them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fieldsmith.expr.types import TEXT, Kind
from fieldsmith.expr.vocabulary import Calendar
from fieldsmith.meta.model import Model
from fieldsmith.meta.vocabulary import ModelVocabulary, Name
from tests.meta.samples import entity

DEAL = entity(
    "deal",
    {"name": "account", "type": "lookup", "to": "account", "inverse": "deals"},
    {"name": "payer", "type": "lookup", "to": "account"},
    {"name": "about", "type": "polymorphic_lookup", "to": ["account", "tag"], "inverse": "mentions"},
    {"name": "tags", "type": "many_to_many", "to": "tag", "inverse": "tagged"},
    {"name": "stage", "type": "choice", "choices": "stage"},
)
STAGE = {"name": "stage", "label": "Stage", "values": [{"name": "open", "label": "Open"}, {"name": "won", "active": False}]}


@pytest.fixture
def shop(model: Callable[..., Model]) -> Model:
    return model(entity=[entity("account"), entity("tag"), DEAL], choices=[STAGE])


def test_an_entity_has_its_own_and_system_fields_but_no_trace_of_the_bin(shop: Model) -> None:
    names = shop.vocabulary.entity("deal")
    assert names is not None
    assert [*names.fields][:3] == ["id", "owner", "created_at"]
    assert "deleted_at" not in names.fields
    assert names.fields["name"].type == TEXT
    assert len(names.fields) == 7 + 6


@pytest.mark.parametrize(
    ("entity_name", "name", "target", "via"),
    [
        ("account", "deals", "deal", "lookup"),
        ("account", "mentions", "deal", "polymorphic"),
        ("tag", "mentions", "deal", "polymorphic"),
        ("deal", "tags", "tag", "link"),
        ("tag", "tagged", "deal", "inverse link"),
    ],
)
def test_lists_are_what_points_here_by_an_inverse_name(shop: Model, entity_name: str, name: str, target: str, via: str) -> None:
    names = shop.vocabulary.entity(entity_name)
    assert names is not None
    related = names.related[name]
    assert (related.name, related.owner, related.entity, related.via) == (name, entity_name, target, via)


def test_a_lookup_without_inverse_name_has_no_list(shop: Model) -> None:
    names = shop.vocabulary.entity("account")
    assert names is not None
    assert [*names.related] == ["deals", "mentions"]


@pytest.mark.parametrize("hidden", [{"deal"}, {("deal", "account")}])
def test_what_is_hidden_is_not_there(shop: Model, hidden: set[str | Name]) -> None:
    seen = ModelVocabulary(shop, frozenset(hidden))
    deal, account = seen.entity("deal"), seen.entity("account")
    assert deal is None or "account" not in deal.fields
    assert account is not None
    assert "deals" not in account.related


def test_a_link_to_a_hidden_entity_is_no_list(shop: Model) -> None:
    names = ModelVocabulary(shop, frozenset({"tag"})).entity("deal")
    assert names is not None
    assert not names.related
    assert names.fields["tags"].type.kind is Kind.LIST


def test_what_is_not_there_is_none(shop: Model) -> None:
    assert shop.vocabulary.entity("nothing") is None
    assert shop.vocabulary.choices("nothing") is None


def test_names_are_linked_once(shop: Model) -> None:
    first = shop.vocabulary.entity("deal")
    assert first is shop.vocabulary.entity("deal")
    assert first is not None
    assert first.fields["name"] is first.fields["name"]


def test_pick_lists_have_retired_values_too(shop: Model) -> None:
    found = shop.vocabulary.choices("stage")
    assert found is not None
    assert [(choice.value, str(choice.label)) for choice in found] == [("open", "Open"), ("won", "Won")]


def test_the_calendar_is_the_companys(model: Callable[..., Model]) -> None:
    calendar = {"workdays": [1, 2], "holidays": [{"date": "2026-12-25", "label": "Christmas"}]}
    found = model(company=[{"name": "company", "fiscal_year_start": 4, "calendar": calendar}])
    assert found.calendar == Calendar(4, (1, 2), frozenset({"2026-12-25"}))
