"""Formula and rollup: whatever they return, they behave as that type does, but nobody writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fieldsmith.fields.base import FieldType, Reader, Storage
from fieldsmith.fields.computed import RETURNS, FormulaType, RollupType
from tests.fields.sample import field_of, scope

SCOPE = scope()
READER = Reader("en_US", "en", "Europe/Berlin")
KINDS = [FormulaType(), RollupType()]
CHOICE = {"returns": "choice", "choices": "stage"}


def options(returns: str) -> dict[str, Any]:
    return {**(CHOICE if returns == "choice" else {"returns": returns}), "stored": True}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("returns", RETURNS)
def test_the_traits_of_a_field_are_those_of_what_it_returns(kind: FieldType, returns: str) -> None:
    of, found = RETURNS[returns](), kind.for_field(field_of(kind.name, options(returns)))
    assert type(found) is type(kind)
    assert (found.widget, found.operators, found.align_end, found.sortable, found.folds) == (of.widget, of.operators, of.align_end, of.sortable, of.folds)
    assert not (found.writable or found.can_be_unique or found.can_be_name or found.searchable)


@pytest.mark.parametrize(
    ("returns", "storage"),
    [
        ("text", Storage.TEXT),
        ("integer", Storage.INTEGER),
        ("currency", Storage.DECIMAL),
        ("boolean", Storage.BOOLEAN),
        ("datetime", Storage.DATETIME),
        ("duration", Storage.INTEGER),
        ("choice", Storage.TEXT),
    ],
)
def test_a_kept_value_has_one_column_that_may_be_empty(returns: str, storage: Storage) -> None:
    [column] = FormulaType().columns(field_of("formula", options(returns)))
    assert (column.part, column.storage, column.nullable, column.default) == ("", storage, True, None)


def test_what_is_not_kept_has_no_column() -> None:
    item = field_of("formula", {"returns": "decimal"})
    assert FormulaType().columns(item) == ()
    assert FormulaType().packer(item)(Decimal(1)) == ()


def test_a_value_worked_out_by_a_query_is_unpacked_too() -> None:
    assert FormulaType().unpacker(field_of("formula", {"returns": "boolean"}))((None,)) is False


def test_decimals_have_the_declared_scale() -> None:
    [column] = FormulaType().columns(field_of("formula", {**options("percent"), "scale": 5}))
    assert column.scale == 5


def test_money_is_shown_in_company_currency() -> None:
    item = field_of("rollup", {"returns": "currency"})
    show = RollupType().displayer(item, SCOPE, READER)
    assert (show(Decimal("1234.50")), show(Decimal("-1.00"))) == ("$1,234.50", "-$1.00")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_api_says_it_is_only_read(kind: FieldType) -> None:
    assert kind.json_schema(field_of(kind.name, options("text")), SCOPE)["readOnly"] is True


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"returns": "choice"}, "choices"),
        ({"returns": "text", "choices": "stage"}, "choices"),
        ({"returns": "integer", "scale": 2}, "scale"),
        ({"returns": "decimal", "scale": 2}, None),
        (CHOICE, None),
    ],
)
def test_options_must_fit_what_it_returns(said: dict[str, Any], key: str | None) -> None:
    assert [found[0] for found in FormulaType().option_problems(field_of("formula", said))] == ([] if key is None else [key])


def test_a_rollup_that_says_nothing_of_it_has_no_such_problem() -> None:
    assert RollupType().option_problems(field_of("rollup", {"scale": 3})) == ()
