"""What tests of the meta room share: the real field types, kept validators, and a way to compile a few documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fieldsmith.fields.base import FieldType
from fieldsmith.fields.registry import field_types
from fieldsmith.meta.compile import Compiled, compile_model
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.model import Model
from fieldsmith.meta.names import Names
from fieldsmith.meta.validation import Validators
from tests.meta.samples import package


@pytest.fixture(scope="session")
def types() -> dict[str, FieldType]:
    return field_types()


@pytest.fixture(scope="session")
def validators(types: dict[str, FieldType]) -> Validators:
    return Validators.load(types)


@pytest.fixture
def compiled(types: dict[str, FieldType], validators: Validators) -> Callable[..., Compiled]:
    """`compiled(layer, …)` or `compiled(entity=[…], view=[…])`."""

    def run(*layers: Layer, **documents: list[dict[str, Any]]) -> Compiled:
        return compile_model(layers or [package("shop", documents)], Names(), types, validators, 1)

    return run


@pytest.fixture
def model(compiled: Callable[..., Compiled]) -> Callable[..., Model]:
    def run(*layers: Layer, **documents: list[dict[str, Any]]) -> Model:
        found = compiled(*layers, **documents)
        assert found.model is not None, "\n".join(map(str, found.problems))
        return found.model

    return run


@pytest.fixture
def problems(compiled: Callable[..., Compiled]) -> Callable[..., list[tuple[str, str]]]:
    """The (code, pointer) of every problem, as a table of cases states them."""

    def run(*layers: Layer, **documents: list[dict[str, Any]]) -> list[tuple[str, str]]:
        return [(problem.code, problem.pointer) for problem in compiled(*layers, **documents).problems]

    return run
