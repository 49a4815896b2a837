"""Long random runs (`make fuzz`): whatever is sent is taken or refused in words, and what is taken reads back as it is.

A few tries of each run with the ordinary tests; the marked ones make thousands. A failure prints the input that did it.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsmith.base.errors import BadInput
from fieldsmith.fields.base import Invalid
from fieldsmith.fields.registry import field_types
from fieldsmith.meta.compile import compile_model
from fieldsmith.meta.documents import read_json
from fieldsmith.meta.layers import Layer, layer_of
from fieldsmith.meta.names import Names
from fieldsmith.meta.packages import read_package, shipped_packages
from fieldsmith.meta.validation import Validators
from tests.fields.sample import field_of, scope

FEW = settings(max_examples=60, deadline=None, derandomize=True, database=None)
MANY = settings(max_examples=1_500, deadline=None, database=None)
TYPES = field_types()

ODD = [
    "",
    " ",
    "\0",
    "\ud800",
    "=1+1",
    "' or 1=1 --",
    "{{7*7}}",
    "<img src=x onerror=alert(1)>",
    "NaN",
    "-0",
    "1e999",
    "9" * 400,
    "٣",
    "１２",
    "29-02-2023",
    "\u202e",
]
TEXTS = st.one_of(
    st.text(max_size=40), st.sampled_from(ODD), st.dates().map(str), st.datetimes().map(str), st.decimals(allow_nan=False, allow_infinity=False).map(str)
)
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
KEYS = st.one_of(
    TEXTS, st.sampled_from(["id", "label", "entity", "amount", "currency", "latitude", "longitude", "first", "last", "street", "city", "external_id"])
)
VALUES = st.recursive(PLAIN, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)), max_leaves=12)


def _coerces_or_refuses(kind: str, raw: Any) -> None:
    """A canonical value goes out as JSON, comes back as it was, and can be packed and unpacked."""
    field, type_ = field_of(kind), TYPES[kind]
    coerce = type_.coercer(field, scope())
    try:
        value = coerce(copy.deepcopy(raw))
    except Invalid as refused:
        assert refused.code and str(refused)
        return
    if value is None:
        return
    encode = type_.encoder(field)
    sent = encode(value) if encode else value
    assert coerce(json.loads(json.dumps(sent))) == value
    if type_.columns(field):
        assert type_.unpacker(field)(type_.packer(field)(value)) == value
    assert isinstance(type_.search_text(value), str)


@pytest.mark.parametrize("kind", TYPES)
@FEW
@given(raw=VALUES)
def test_a_few_values(kind: str, raw: Any) -> None:
    _coerces_or_refuses(kind, raw)


@pytest.mark.fuzz
@pytest.mark.parametrize("kind", TYPES)
@MANY
@given(raw=VALUES)
def test_many_values(kind: str, raw: Any) -> None:
    _coerces_or_refuses(kind, raw)


def _reads_or_refuses(source: bytes) -> None:
    try:
        found = read_json(source)
    except BadInput as refused:
        assert refused.problems
        return
    assert json.loads(json.dumps(found, default=str, allow_nan=False)) is not None or found is None


@pytest.mark.fuzz
@MANY
@given(source=st.one_of(st.binary(max_size=60), VALUES.map(lambda value: json.dumps(value).encode())))
def test_many_bodies(source: bytes) -> None:
    _reads_or_refuses(source)


@pytest.fixture(scope="module")
def shipped() -> list[Layer]:
    return [read_package(folder) for folder in shipped_packages().values()]


@pytest.fixture(scope="module")
def validators() -> Validators:
    return Validators.load(TYPES)


def _spoilt(layer: Layer, chance: random.Random) -> Layer:
    """`layer` with one thing in one document changed, taken away, doubled or made senseless."""
    rows = [(document.kind, document.name, copy.deepcopy(dict(document.body))) for document in layer.documents]
    _, _, body = chance.choice(rows)
    places = list(_places(body))
    holder, key = chance.choice(places)
    blow = chance.randrange(5)
    if blow == 0:
        holder[key] = chance.choice([None, True, -1, 10**30, 1.5, [], {}, *ODD])
    elif blow == 1:
        del holder[key]
    elif blow == 2 and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        other, from_key = chance.choice(places)
        holder[key] = copy.deepcopy(other[from_key])
    return layer_of(layer.name, rows)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (holder, key) inside a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)


def _builds_or_refuses(shipped: list[Layer], validators: Validators, seed: int) -> None:
    chance = random.Random(seed)
    at = chance.randrange(len(shipped))
    layers = [_spoilt(layer, chance) if number == at else layer for number, layer in enumerate(shipped)]
    compiled = compile_model(layers, Names(), TYPES, validators, 1)
    assert (compiled.model is None) == bool(compiled.problems)
    assert all(problem.code and str(problem.message) for problem in compiled.problems)


@pytest.mark.parametrize("seed", range(12))
def test_a_few_spoilt_packages(shipped: list[Layer], validators: Validators, seed: int) -> None:
    _builds_or_refuses(shipped, validators, seed)


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(1_000, 2_000))
def test_many_spoilt_packages(shipped: list[Layer], validators: Validators, seed: int) -> None:
    _builds_or_refuses(shipped, validators, seed)
