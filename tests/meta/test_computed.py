"""Formulas and rollups worked out: what they return, what is kept, in which order; circles and faults."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest

from fieldsmith.expr.nodes import Apply
from fieldsmith.expr.types import decimal
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.build import build_model
from fieldsmith.meta.canonical import canonical_text
from fieldsmith.meta.compile import Compiled, compile_model
from fieldsmith.meta.computed import work_out
from fieldsmith.meta.diff import differences
from fieldsmith.meta.layers import merge
from fieldsmith.meta.model import Computation, Model
from fieldsmith.meta.names import Names
from fieldsmith.meta.schemas import SchemaSet
from fieldsmith.meta.validation import Validators
from tests.meta.samples import entity, package

Compile = Callable[..., Compiled]
Build = Callable[..., Model]
Problems = Callable[..., list[tuple[str, str]]]

STAGE = {"name": "stage", "values": [{"name": "open"}, {"name": "won"}]}
CHILD = (
    {"name": "amount", "type": "currency"},
    {"name": "hours", "type": "duration"},
    {"name": "share", "type": "percent", "scale": 1},
    {"name": "count", "type": "integer"},
    {"name": "closed", "type": "date"},
    {"name": "stage", "type": "choice", "choices": "stage"},
    {"name": "account", "type": "lookup", "to": "account", "inverse": "deals"},
    {"name": "about", "type": "polymorphic_lookup", "to": ["account"], "inverse": "mentions"},
    {"name": "partners", "type": "many_to_many", "to": "account", "inverse": "partnerships"},
)
USER = entity("user")


def formula(name: str, expression: str, returns: str = "decimal", **options: Any) -> dict[str, Any]:
    return {"name": name, "type": "formula", "returns": returns, "expression": expression, **options}


def rollup(name: str, expression: str, **options: Any) -> dict[str, Any]:
    return {"name": name, "type": "rollup", "expression": expression, **options}


def world(*account: dict[str, Any], deal: tuple[dict[str, Any], ...] = ()) -> dict[str, list[dict[str, Any]]]:
    return {"entity": [entity("account", *account), entity("deal", *CHILD, *deal)], "choices": [STAGE]}


def one(model: Build, *account: dict[str, Any], deal: tuple[dict[str, Any], ...] = ()) -> Computation:
    """The computation of the first field given."""
    name = "deal" if deal else "account"
    field = (deal or account)[0]["name"]
    return model(package("core", {"entity": [USER]}), package("shop", world(*account, deal=deal), requires=["core"])).computed[name][field]


@pytest.mark.parametrize(
    ("expression", "stored", "plain"),
    [
        ("amount * 2", True, True),
        ("IF(ISBLANK(closed), 0, 1)", True, True),
        ("LEN(name)", True, True),
        ("YEAR(closed)", True, True),
        ("amount.amount", True, True),
        ("IF(ISBLANK(account), 0, 1)", True, True),
        ("LEN(account.name)", False, False),
        ("DAYSBETWEEN(closed, TODAY())", False, False),
        ("YEAR(created_at)", False, False),
        ("IF(owner = user, 1, 0)", False, False),
        ("LEN(LABEL(stage))", False, False),
        ("IF(ISBLANK(partners), 0, 1)", False, False),
        ("COUNT(partners)", False, False),
    ],
)
def test_a_formula_is_kept_when_only_its_own_record_decides(model: Build, expression: str, stored: bool, plain: bool) -> None:
    found = one(model, deal=(formula("f", expression),))
    assert (found.stored, found.plain) == (stored, plain)
    assert found.field.options["stored"] is stored


@pytest.mark.parametrize(
    ("expression", "stored"),
    [
        ("COUNT(deals)", True),
        ("SUM(deals.amount)", True),
        ("SUM(deals.amount where stage = 'won')", True),
        ("COUNT(mentions)", True),
        ("COUNT(partnerships)", False),
        ("SUM(deals.amount) + 1", False),
        ("SUM(deals.amount where owner.name = 'x')", False),
        ("SUM(deals.amount where closed < TODAY())", False),
        ("SUM(deals.amount where name = parent.name)", False),
    ],
)
def test_a_rollup_is_kept_when_only_columns_of_the_children_decide(model: Build, expression: str, stored: bool) -> None:
    assert one(model, rollup("r", expression)).stored is stored


def test_a_rollup_that_is_not_to_be_kept_is_not(model: Build) -> None:
    assert not one(model, rollup("r", "COUNT(deals)", stored=False)).stored


@pytest.mark.parametrize("child", [True, False])
def test_a_rollup_over_formulas_is_kept_when_they_are(model: Build, child: bool) -> None:
    documents = world(rollup("r", "SUM(deals.f)"), deal=(formula("f", "amount" if child else "LEN(account.name)"),))
    found = model(**documents)
    assert found.computed["account"]["r"].stored is child


@pytest.mark.parametrize(
    ("expression", "options"),
    [
        ("COUNT(deals)", {"returns": "integer"}),
        ("SUM(deals.amount)", {"returns": "currency", "scale": 2}),
        ("MAX(deals.share)", {"returns": "percent", "scale": 1}),
        ("SUM(deals.hours)", {"returns": "duration"}),
        ("AVG(deals.hours)", {"returns": "decimal", "scale": 2}),
        ("AVG(deals.amount)", {"returns": "currency", "scale": 2}),
        ("SUM(deals.count)", {"returns": "integer"}),
        ("MIN(deals.closed)", {"returns": "date"}),
        ("MAX(deals.name)", {"returns": "text"}),
        ("MAX(deals.created_at)", {"returns": "datetime"}),
        ("COUNT(deals) > 1", {"returns": "boolean"}),
        ("SUM(deals.twice)", {"returns": "currency", "scale": 2}),
        ("AVG(deals.count)", {"returns": "decimal", "scale": 2}),
    ],
)
def test_a_rollup_returns_what_its_expression_gives(model: Build, expression: str, options: dict[str, Any]) -> None:
    documents = world(rollup("r", expression), deal=(formula("twice", "amount * 2", "currency"),))
    found = model(package("core", {"entity": [USER]}), package("shop", documents)).entities["account"].fields["r"]
    assert {key: value for key, value in found.options.items() if key not in ("expression", "stored")} == options


def test_what_a_rollup_returns_may_hang_on_another_of_another_entity(model: Build) -> None:
    documents = {
        "entity": [
            entity("group", rollup("all", "SUM(accounts.total)")),
            entity("account", {"name": "group", "type": "lookup", "to": "group", "inverse": "accounts"}, rollup("total", "SUM(deals.amount)")),
            entity("deal", {"name": "account", "type": "lookup", "to": "account", "inverse": "deals"}, {"name": "amount", "type": "currency", "scale": 4}),
        ]
    }
    found = model(**documents)
    assert found.entities["group"].fields["all"].options["scale"] == 4
    assert found.computed["group"]["all"].stored


def test_a_number_ends_in_store_at_the_declared_scale(model: Build) -> None:
    found = one(model, deal=(formula("f", "amount * share", scale=3),))
    assert isinstance(found.node, Apply)
    assert (found.node.function, found.node.type) == ("store", decimal(3))


def test_computations_come_in_the_order_of_their_ranks(model: Build) -> None:
    fields = (formula("c", "b + a"), formula("b", "a + 1"), formula("a", "amount"))
    found = model(**world(deal=fields)).computed["deal"]
    assert [(name, item.rank, item.reads, item.plain) for name, item in found.items()] == [
        ("a", 1, ("amount",), True),
        ("b", 2, ("a",), False),
        ("c", 3, ("b", "a"), False),
    ]


def test_a_formula_on_one_that_is_not_kept_is_not_kept(model: Build) -> None:
    fields = (formula("b", "a + 1"), formula("a", "LEN(account.name)"))
    assert not model(**world(deal=fields)).computed["deal"]["b"].stored


def test_the_model_has_the_fields_of_the_computations(model: Build) -> None:
    found = model(**world(deal=(formula("a", "amount", indexed=True),)))
    assert found.entities["deal"].fields["a"] is found.computed["deal"]["a"].field


@pytest.mark.parametrize(("field", "folds"), [({"indexed": True}, True), ({}, False)])
def test_kept_text_that_lists_sort_by_has_a_folded_companion(model: Build, field: dict[str, Any], folds: bool) -> None:
    assert one(model, deal=(formula("f", "UPPER(name)", "text", **field),)).field.sortable_fold is folds


CIRCLES = [
    ([formula("a", "a + 1")], "a → a"),
    ([formula("a", "b"), formula("b", "a")], "a → b → a"),
    ([formula("a", "manager.a + 1")], "a → a"),
]


@pytest.mark.parametrize(("fields", "path"), CIRCLES)
def test_circles_are_refused_with_their_path(compiled: Compile, fields: list[dict[str, Any]], path: str) -> None:
    found = compiled(entity=[entity("deal", {"name": "manager", "type": "lookup", "to": "deal"}, *fields)])
    [problem] = found.problems
    assert problem.code == "expression_cycle"
    assert str(problem.message) == f"The expressions read each other in a circle: {path}."


@pytest.mark.parametrize("returns", [{"returns": "decimal"}, {}])
def test_a_circle_over_entities_names_them(compiled: Compile, returns: dict[str, str]) -> None:
    found = compiled(**world(rollup("total", "SUM(deals.part)", **returns), deal=(formula("part", "account.total / 2"),)))
    [problem] = found.problems
    assert problem.code == "expression_cycle"
    assert str(problem.message) == "The expressions read each other in a circle: account.total → deal.part → account.total."


def test_rollups_whose_types_hang_on_each_other_are_a_circle(compiled: Compile) -> None:
    one = entity("one", {"name": "two", "type": "lookup", "to": "two", "inverse": "ones"}, rollup("r", "MAX(twos.r)"))
    two = entity("two", {"name": "one", "type": "lookup", "to": "one", "inverse": "twos"}, rollup("r", "MAX(ones.r)"))
    assert [(problem.code, str(problem.message)) for problem in compiled(entity=[one, two]).problems] == [
        ("expression_cycle", "The expressions read each other in a circle: one.r → two.r → one.r.")
    ]


BAD = [
    ([formula("f", "amout * 2")], "unknown_field", "/fields/f/expression"),
    ([formula("f", "name")], "wrong_result", "/fields/f/expression"),
    ([formula("f", "closed", "text")], "wrong_result", "/fields/f/expression"),
    ([formula("f", "'wom'", "choice", choices="stage")], "unknown_choice", "/fields/f/expression"),
    ([formula("f", "amount * ")], "unexpected_end", "/fields/f/expression"),
    ([formula("f", "amount", unique=True)], "cannot_be_unique", "/fields/f/unique"),
    ([formula("f", "amount", required=True)], "never_blank", "/fields/f/required"),
    ([formula("f", "amount", default=1)], "no_default", "/fields/f/default"),
    ([formula("f", "amount", default_expression="1")], "no_default", "/fields/f/default_expression"),
    ([formula("f", "LEN(account.name)", indexed=True)], "cannot_be_indexed", "/fields/f/indexed"),
    ([formula("f", "'won'", "choice")], "bad_option", "/fields/f/choices"),
    ([formula("f", "amount", choices="stage")], "bad_option", "/fields/f/choices"),
    ([formula("f", "name", "text", scale=2)], "bad_option", "/fields/f/scale"),
    ([formula("f", "ISNEW()", "boolean")], "no_change", "/fields/f/expression"),
    ([formula("f", "old.amount")], "root_not_allowed", "/fields/f/expression"),
    ([{"name": "f", "type": "formula", "expression": "1"}], "missing_key", "/fields/f"),
    ([rollup("f", "account")], "wrong_result", "/fields/f/expression"),
    ([rollup("f", "1")], "no_aggregate", "/fields/f/expression"),
    ([rollup("f", "COUNT(partners)", stored=True)], "cannot_be_stored", "/fields/f/stored"),
]


@pytest.mark.parametrize(("fields", "code", "place"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_faults_are_told_where_they_are(problems: Problems, fields: list[dict[str, Any]], code: str, place: str) -> None:
    assert problems(**world(deal=tuple(fields))) == [(code, place)]


def test_a_problem_says_where_in_the_expression_it_is(compiled: Compile) -> None:
    [problem] = compiled(**world(deal=(formula("f", "amount + amout"),))).problems
    assert str(problem.message) == "At character 10 of the expression: Unknown field “amout” on Deal."
    assert str(problem.hint) == "Did you mean “amount”?"
    [problem] = compiled(**world(deal=(formula("f", "amount +\n  amout"),))).problems
    assert str(problem.message).startswith("Line 2, column 3 of the expression:")


def test_what_leads_into_a_refused_document_is_not_judged(problems: Problems) -> None:
    broken = entity("account", {"name": "size", "type": "hugee"})
    found = problems(entity=[broken, entity("deal", *CHILD, formula("f", "account.size * 2"), rollup("r", "COUNT(things)"))], choices=[STAGE])
    assert found == [("unknown_field_type", "/fields/size/type")]


def test_what_reads_a_faulty_rollup_is_not_judged(problems: Problems) -> None:
    found = problems(**world(rollup("r", "SUM(deals.amout)"), formula("f", "r + 1")))
    assert found == [("unknown_field", "/fields/r/expression")]


def test_an_entity_has_no_more_than_so_many(problems: Problems) -> None:
    fields = [formula(f"f{number}", "1") for number in range(201)]
    assert problems(entity=[entity("deal", *fields)]) == [("too_many_computed", "/fields")]


def test_a_trusted_model_is_the_same(types: dict[str, FieldType], validators: Validators) -> None:
    layers = [package("shop", world(rollup("r", "SUM(deals.f)"), deal=(formula("f", "amount"),)))]
    one, two = (compile_model(layers, Names(), types, kept, 1, trusted=kept is None).model for kept in (validators, None))
    assert one is not None and two is not None
    assert one.entities == two.entities
    kept = [{name: [(key, item.field, item.stored, item.rank) for key, item in found.items()] for name, found in at.computed.items()} for at in (one, two)]
    assert kept[0] == kept[1]


def test_changing_an_expression_only_adds(model: Build) -> None:
    one = model(**world(deal=(formula("f", "amount"),)))
    two = model(**world(deal=(formula("f", "LEN(account.name)", scale=4),)))
    found = [(item.pointer, item.additive) for item in differences(one, two)]
    assert found == [("/fields/f/expression", True), ("/fields/f/scale", True), ("/fields/f/stored", True)]


def test_a_model_without_any_costs_nothing(types: dict[str, FieldType]) -> None:
    fields = [{"name": f"f{number}", "type": "text"} for number in range(60)]
    layers = [package("shop", {"entity": [entity(f"e{number}", *fields) for number in range(300)]})]
    built, _ = build_model(merge(layers).documents, Names(), types, 1)
    start = perf_counter()
    found, _ = work_out(built)
    assert found is built
    assert perf_counter() - start < 0.05


def test_the_scale_of_a_rollup_is_kept_in_its_canonical_text(types: dict[str, FieldType]) -> None:
    body = entity("account", rollup("r", "AVG(deals.amount)", scale=2))
    assert '"scale": 2' in canonical_text("entity", body, SchemaSet.load(), types)


def test_the_scale_of_a_rollup_may_be_said(model: Build) -> None:
    found = one(model, rollup("r", "AVG(deals.amount)", scale=5)).field.options
    assert (found["returns"], found["scale"]) == ("currency", 5)


def test_formulas_that_grow_too_large_together_are_refused_with_their_chain(compiled: Compile) -> None:
    doubling = [formula("f0", "account.size + account.size"), *(formula(f"f{n}", f"f{n - 1} + f{n - 1} + f{n - 1}") for n in range(1, 9))]
    [problem] = compiled(**world({"name": "size", "type": "integer"}, deal=tuple(doubling))).problems
    assert (problem.code, problem.pointer) == ("expression_too_large", "/fields/f6/expression")
    assert "f6 → f5 → f4 → f3 → f2 → f1 → f0." in str(problem.message)


def test_a_long_chain_of_formulas_that_are_kept_is_no_matter(problems: Problems) -> None:
    assert problems(**world(deal=(formula("f0", "amount"), *(formula(f"f{n}", f"f{n - 1} + f{n - 1}") for n in range(1, 90))))) == []
