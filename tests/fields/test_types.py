"""What every field type must keep, whatever it is."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldsmith.fields.base import FieldType, Invalid, Reader, Storage
from fieldsmith.fields.computed import COMPUTED
from fieldsmith.fields.registry import FIELD_TYPES, field_types
from fieldsmith.fields.values import ExternalKey
from tests.fields.sample import NEEDED, field_of, scope

SCOPE = scope()
EACH = pytest.mark.parametrize("kind", field_types().values(), ids=lambda kind: kind.name)
ODD = [
    *(None, True, 0, -1, 2**63, 10**400, 1.5, -0.0, float("nan"), float("inf"), 5e-324, "", "\0", "\ud800", "x" * 5000, "9" * 5000, b"x", object()),
    *([], {}, [None], [[]], {"id": []}, {"id": {}}, {"entity": [], "id": 1}, {"external_id": {"a": {}}}, {"amount": 1, "currency": []}, {"country": {}}),
    *(
        {"amount": {}},
        {"latitude": [], "longitude": {}},
        {"first": [], "last": {}},
        {1: 2},
        Decimal("NaN"),
        Decimal("1E+999999"),
        date(1, 1, 1),
        datetime(1, 1, 1),
    ),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "entity", "amount", "currency", "first", "last", "latitude"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def keeps(kind: FieldType, raw: Any) -> None:
    """Refused in words, or a value that survives JSON and storage."""
    item = field_of(kind.name)
    coerce = kind.coercer(item, SCOPE)
    try:
        value = coerce(raw)
    except Invalid as invalid:
        assert str(invalid.message) and str(invalid.hint)
        return
    if value is None or isinstance(value, ExternalKey):
        return
    encode = kind.encoder(item)
    sent = json.dumps(value if encode is None else encode(value), allow_nan=False)
    assert coerce(json.loads(sent)) == value
    if kind.columns(item):
        assert kind.unpacker(item)(kind.packer(item)(value)) == value


@EACH
@pytest.mark.parametrize("raw", ODD, ids=range(len(ODD)))
def test_odd_input_is_refused_in_words_or_kept(kind: FieldType, raw: Any) -> None:
    keeps(kind, raw)


@EACH
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(raw=JSON)
def test_any_json_is_refused_in_words_or_kept(kind: FieldType, raw: Any) -> None:
    keeps(kind, raw)


@EACH
@settings(max_examples=25, deadline=None, derandomize=True)
@given(text=st.text(st.sampled_from("a0９é中王 \t\n\u3000\ufeff\ud800\0<>&\"'=+-.,:;/@#%(){}[]\\|"), max_size=12))
def test_any_text_of_a_file_is_refused_in_words_or_read(kind: FieldType, text: str) -> None:
    item = field_of(kind.name)
    read, coerce = kind.text_reader(item, SCOPE, date_format="d.M.yyyy", locale="de"), kind.coercer(item, SCOPE)
    try:
        coerce(read(text))
    except Invalid as invalid:
        assert str(invalid.message) and str(invalid.hint)


@EACH
def test_the_example_is_valid_and_accepted(kind: FieldType) -> None:
    item = field_of(kind.name)
    example = kind.example(item, SCOPE)
    jsonschema.validate(json.loads(json.dumps(example)), kind.json_schema(item, SCOPE))
    assert kind.coercer(item, SCOPE)(example) is not None


@EACH
def test_the_json_schema_is_a_schema_and_shows_the_example(kind: FieldType) -> None:
    item = field_of(kind.name)
    schema = kind.json_schema(item, SCOPE)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert kind.example(item, SCOPE) in schema["examples"]


@EACH
def test_the_json_schema_lets_pass_what_the_api_reads(kind: FieldType) -> None:
    item = field_of(kind.name)
    encode, value = kind.encoder(item), kind.coercer(item, SCOPE)(kind.example(item, SCOPE))
    jsonschema.validate(json.loads(json.dumps(value if encode is None else encode(value))), kind.json_schema(item, SCOPE))


@EACH
def test_options_are_described(kind: FieldType) -> None:
    schema = {"type": "object", "properties": dict(kind.option_properties), "required": list(kind.required_options), "additionalProperties": False}
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(NEEDED.get(kind.name, {}), schema)
    assert all(option["description"].endswith(".") for option in kind.option_properties.values())


@EACH
def test_what_a_type_says_of_itself_fits_together(kind: FieldType) -> None:
    columns = kind.columns(field_of(kind.name, {"stored": True} if kind.name in COMPUTED else {}))
    parts = [column.part for column in columns]
    assert not kind.sortable or kind.sort_part in parts
    assert "" not in parts[1:]
    assert not (kind.folds and columns[0].storage is not Storage.TEXT)
    assert not (kind.can_be_name and columns[0].part)
    assert str(kind.title) and str(kind.help).endswith(".")


@EACH
def test_canonical_values_are_accepted_again(kind: FieldType) -> None:
    item = field_of(kind.name)
    coerce = kind.coercer(item, SCOPE)
    value = coerce(kind.example(item, SCOPE))
    assert kind.name == "json" or coerce(value) == value


@EACH
def test_values_are_shown_and_searched_as_text(kind: FieldType) -> None:
    item = field_of(kind.name)
    value = kind.coercer(item, SCOPE)(kind.example(item, SCOPE))
    shown = [kind.displayer(item, SCOPE, Reader(locale, locale[:7], "Asia/Shanghai"))(value) for locale in ("en_US", "zh_Hans_CN", "zh_Hant_TW", "ar_EG")]
    assert all(shown)
    assert bool(kind.search_text(value)) >= kind.searchable


def test_the_registry_gives_a_fresh_mapping_each_time() -> None:
    assert field_types() == field_types() or field_types().keys() == field_types().keys()
    assert field_types() is not field_types()


def test_names_are_unique() -> None:
    assert len({kind.name for kind in FIELD_TYPES}) == len(FIELD_TYPES) == 32
