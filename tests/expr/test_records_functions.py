"""ISBLANK, INCLUDES, LABEL, TYPE on all three evaluators; ISNEW and CHANGED in Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.db.engine import Database
from fieldsmith.expr.function import Misused
from fieldsmith.expr.nodes import Apply, Constant, FieldRef
from fieldsmith.expr.types import BOOLEAN, Kind, Type, decimal
from fieldsmith.fields.values import RecordRef
from tests.databases import prepare_database
from tests.expr.by_hand import FORMS, FUNCTIONS, HERE, STAGE, STAGES, address, by_python, by_sql, call, install, polymorphic


def stage(value: str | None) -> Constant:
    return Constant(value, STAGE, HERE)


def stages(*values: str) -> Constant:
    return Constant(values or None, STAGES, HERE)


ACCOUNT = Type(Kind.RECORD, entities=("account",))
REACHED = ("account", "contact")

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("ISBLANK", ("Ada",), False),
    ("ISBLANK", (None,), True),
    ("ISBLANK", (0,), False),
    ("ISBLANK", (Constant(None, decimal(2), HERE),), True),
    ("ISBLANK", (False,), False),
    ("ISBLANK", (stages(),), True),
    ("ISBLANK", (stages("won"),), False),
    ("ISBLANK", (address("Bern"),), False),
    ("ISBLANK", (address(None),), True),
    ("ISBLANK", (polymorphic(RecordRef("contact", 3), *REACHED),), False),
    ("INCLUDES", (stages("won", "lost"), stage("won")), True),
    ("INCLUDES", (stages("won", "lost"), stage("lost")), True),
    ("INCLUDES", (stages("won_back"), stage("won")), False),
    ("INCLUDES", (stages("won"), stage(None)), False),
    ("INCLUDES", (stages(), stage("won")), False),
    ("LABEL", (stage("lost"),), "Lost"),
    ("LABEL", (stage("gone"),), None),
    ("LABEL", (stage(None),), None),
    ("TYPE", (Constant(7, ACCOUNT, HERE),), "account"),
    ("TYPE", (Constant(None, ACCOUNT, HERE),), None),
]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def connection(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Connection]:
    templates = request.getfixturevalue(f"{request.param}_templates")
    with templates.fresh("bare", prepare_database, tmp_path_factory.mktemp("records")) as url:
        database = Database(url)
        with database.write() as opened:
            install(opened)
            yield opened
        database.dispose()


def forms(values: tuple[Any, ...]) -> list[Any]:
    """A value of several parts is always a field."""
    composite = any(isinstance(value, Constant) and value.type.kind is Kind.PARTS for value in values)
    return ["columns"] if composite else list(FORMS)


@pytest.mark.parametrize(("function", "values", "expected"), CASES)
def test_answer_in_python(function: str, values: tuple[Any, ...], expected: Any) -> None:
    assert {by_python(call(function, *values, form=form), *values) for form in forms(values)} == {expected}


@pytest.mark.parametrize(("function", "values", "expected"), CASES)
def test_answer_in_sql(connection: sa.Connection, function: str, values: tuple[Any, ...], expected: Any) -> None:
    assert {by_sql(connection, call(function, *values, form=form), *values) for form in forms(values)} == {expected}


@pytest.mark.parametrize(("language", "label"), [("en", "Won"), ("zh_Hans", "成交"), ("de", "Gewonnen"), ("zh_Hant", "Won")])
@pytest.mark.parametrize("form", FORMS)
def test_a_label_is_in_the_acting_language(connection: sa.Connection, language: str, label: str, form: Any) -> None:
    node = call("LABEL", stage("won"), form=form)
    assert by_python(node, stage("won"), language=language) == label
    assert by_sql(connection, node, stage("won"), language=language) == label


@pytest.mark.parametrize("value", [RecordRef("account", 1), RecordRef("contact", 1), None])
def test_type_of_a_polymorphic_lookup(connection: sa.Connection, value: RecordRef | None) -> None:
    field = polymorphic(value or RecordRef("account", 1), *REACHED)
    node = call("TYPE", field, form="columns")
    if value is None:
        assert by_python(node, polymorphic(None, *REACHED)) is None
        return
    assert (by_python(node, field), by_sql(connection, node, field)) == (value.entity, value.entity)


@pytest.mark.parametrize("value", [True, False])
def test_isnew(value: bool) -> None:
    assert by_python(call("ISNEW"), is_new=value) is value


@pytest.mark.parametrize(("changed", "answer"), [({"a0"}, True), ({"a1"}, False), (set(), False)])
def test_changed(changed: set[str], answer: bool) -> None:
    assert by_python(call("CHANGED", "x", form="columns"), "x", changed=frozenset(changed)) is answer


def foreign(root: Any) -> FieldRef:
    [field] = call("CHANGED", "x", form="columns").arguments
    assert isinstance(field, FieldRef)
    return FieldRef(root, (), field.symbol, field.type, HERE)


@pytest.mark.parametrize(
    ("function", "argument", "code"),
    [
        ("CHANGED", foreign("old"), "not_own_field"),
        ("CHANGED", Constant("x", BOOLEAN, HERE), "not_own_field"),
        ("TYPE", Apply("IF", (), ACCOUNT, HERE), "not_a_field"),
        ("LABEL", Constant("x", Type(Kind.CHOICE), HERE), "unknown_list"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(function: str, argument: Any, code: str) -> None:
    check = FUNCTIONS[function].check
    assert check is not None
    with pytest.raises(Misused) as caught:
        check([argument])
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["ISNEW", "CHANGED"])
def test_what_a_save_changes_is_no_sql(name: str) -> None:
    assert FUNCTIONS[name].sql is None
    assert FUNCTIONS[name].needs == {"change"}
