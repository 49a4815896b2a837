"""Fields in a marshmallow schema: shapes of errors, pointers, loading and dumping."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import marshmallow
import pytest

from fieldsmith.fields.registry import field_types
from fieldsmith.fields.schema import TypedField, marshmallow_field, problems_of
from tests.fields.sample import field_of, scope


def typed(kind: str, **said: Any) -> TypedField:
    return marshmallow_field(field_types()[kind], field_of(kind, **said), scope())


@pytest.fixture
def schema() -> marshmallow.Schema:
    fields = {"name": typed("text", required=True), "amount": typed("currency"), "closed": typed("boolean"), "home": typed("address")}
    return marshmallow.Schema.from_dict(dict(fields))()


def test_good_values_are_loaded_as_canonical_ones(schema: marshmallow.Schema) -> None:
    loaded = schema.load({"name": " Acme ", "amount": "12.5", "closed": None})
    assert loaded == {"name": "Acme", "amount": (Decimal("12.50"), "USD", Decimal("12.50")), "closed": False}


def test_absent_fields_stay_absent(schema: marshmallow.Schema) -> None:
    assert schema.load({}) == {}


def test_errors_have_marshmallows_shape_and_our_problems(schema: marshmallow.Schema) -> None:
    with pytest.raises(marshmallow.ValidationError) as error:
        schema.load({"name": 5, "home": {"country": "Philipines"}, "colour": "red"})
    assert error.value.messages["home"]["country"][0].code == "unknown_country"  # type: ignore[call-overload]
    assert sorted((problem.pointer, problem.code) for problem in problems_of(error.value)) == [
        ("/colour", "unknown_field"),
        ("/home/country", "unknown_country"),
        ("/name", "not_text"),
    ]


def test_a_near_miss_gets_a_suggestion(schema: marshmallow.Schema) -> None:
    with pytest.raises(marshmallow.ValidationError) as error:
        schema.load({"home": {"country": "Philipines"}})
    assert str(problems_of(error.value)[0].hint) == "Did you mean “Philippines”?"


def test_blank_is_refused_where_the_field_is_required(schema: marshmallow.Schema) -> None:
    with pytest.raises(marshmallow.ValidationError) as error:
        schema.load({"name": "  "})
    assert [problem.code for problem in problems_of(error.value)] == ["required"]


def test_a_body_that_is_no_object_is_a_problem_of_the_whole(schema: marshmallow.Schema) -> None:
    with pytest.raises(marshmallow.ValidationError) as error:
        schema.load([])
    assert [(problem.pointer, problem.code) for problem in problems_of(error.value)] == [("", "not_object")]


def test_values_are_dumped_as_the_api_writes_them(schema: marshmallow.Schema) -> None:
    loaded = schema.load({"name": "Acme", "amount": {"amount": 5, "currency": "EUR"}})
    assert schema.dump(loaded) == {"name": "Acme", "amount": {"amount": "5.00", "currency": "EUR"}}
