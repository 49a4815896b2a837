"""What names mean, and the problems of those that mean nothing."""

from __future__ import annotations

import pytest

from fieldsmith.expr.nodes import FieldRef
from fieldsmith.expr.types import INTEGER, decimal
from tests.expr.check_world import SmallVocabulary, checked, problems, shape


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("amount", "amount:decimal 2"),
        ("won", "won:boolean"),
        ("stage", "stage:choice stages"),
        ("account", "account:record account"),
        ("about", "about:record account user"),
        ("account.name", "account.name:text"),
        ("account.owner.team.name", "account.owner.team.name:text"),
        ("account.parent_account.parent_account.parent_account.parent_account.name", ".".join(["account", *["parent_account"] * 4, "name:text"])),
        ("address.city", "address.city:text"),
        ("amount.currency", "amount.currency:text"),
        ("amount.amount", "amount.amount:decimal 2"),
        ("user", "user.id:record user"),
        ("user.id", "user.id:integer"),
        ("user.team.name", "user.team.name:text"),
        ("user.manager.manager.name", "user.manager.manager.name:text"),
    ],
)
def test_names_lead_to_fields(source: str, expected: str) -> None:
    assert shape(checked(source)) == expected


def test_a_path_remembers_its_lookups() -> None:
    node = checked("account.owner.name")
    assert isinstance(node, FieldRef)
    assert [(hop.entity, hop.name) for hop in node.hops] == [("deal", "account"), ("account", "owner")]
    assert (node.symbol.entity, node.path) == ("user", "account.owner.name")


def test_old_is_the_record_before_the_change() -> None:
    assert shape(checked("old.account.name", changes=True)) == "old.account.name:text"


def test_parameters_have_the_types_of_the_place() -> None:
    node = checked("params.most", params={"most": decimal(3)})
    assert isinstance(node, FieldRef) and (node.root, node.symbol.field, node.type) == ("params", "most", decimal(3))


def test_parameters_need_no_record() -> None:
    assert shape(checked("params.most + 1", entity=None, params={"most": INTEGER})) == "+[params.most:integer, 1:integer]:integer"


@pytest.mark.parametrize(
    ("source", "code", "column", "message", "hint"),
    [
        ("amout", "unknown_field", 1, "Unknown field “amout” on Opportunity.", "Did you mean “amount”?"),
        ("1 + amout", "unknown_field", 5, "Unknown field “amout” on Opportunity.", "Did you mean “amount”?"),
        ("zzz", "unknown_field", 1, "Unknown field “zzz” on Opportunity.", ""),
        ("usr", "unknown_field", 1, "Unknown field “usr” on Opportunity.", "Did you mean “user”?"),
        ("today", "unknown_field", 1, "Unknown field “today” on Opportunity.", "TODAY(…)"),
        ("account.nam", "unknown_field", 9, "Unknown field “nam” on Account.", "Did you mean “name”?"),
        ("account.owner.team.nme", "unknown_field", 20, "Unknown field “nme” on Team.", "Did you mean “name”?"),
        ("user.nme", "unknown_field", 6, "Unknown field “nme” on User.", "Did you mean “name”?"),
        ("name.first", "not_a_lookup", 1, "“name” is no lookup", ""),
        ("about.name", "polymorphic_path", 1, "“about” may be a record of several entities", "TYPE(about)"),
        ("account." + "parent_account." * 5 + "name", "too_many_hops", 69, "more than 5 lookups", "formula field"),
        ("address.cty", "unknown_part", 9, "“address” has no part “cty”.", "Did you mean “city”?"),
        ("address.zzz", "unknown_part", 9, "“address” has no part “zzz”.", "city, country"),
        ("address.city.zip", "unknown_part", 14, "“address” has no part “zip”.", "city, country"),
        ("address", "part_needed", 1, "“address” has several parts", "address.city"),
        ("address = blank", "part_needed", 1, "“address” has several parts", "address.city"),
        ("file", "only_isblank", 1, "whether “file” is blank", "ISBLANK(file)"),
        ("account.file <> blank", "only_isblank", 1, "whether “account.file” is blank", "ISBLANK(account.file)"),
        ("lines", "list_outside_aggregate", 1, "“lines” is a list of records.", "COUNT(lines)"),
        ("lines.total", "list_outside_aggregate", 1, "“lines” is a list of records.", "COUNT(lines)"),
        ("account.deals", "list_outside_aggregate", 9, "“deals” is a list of records.", "COUNT(account.deals)"),
        ("partners", "list_outside_aggregate", 1, "“partners” is a list of records.", "COUNT(partners)"),
        ("partners = blank", "list_outside_aggregate", 1, "“partners” is a list of records.", "COUNT(partners)"),
        ("partners.name", "list_outside_aggregate", 1, "“partners” is a list of records.", "COUNT(partners)"),
        ("old.amount", "root_not_allowed", 1, "“old” cannot be used here.", "rules and workflows"),
        ("parent.amount", "root_not_allowed", 1, "“parent” cannot be used here.", "record outside"),
        ("params.most", "root_not_allowed", 1, "“params” cannot be used here.", "no parameters"),
    ],
)
def test_names_that_mean_nothing(source: str, code: str, column: int, message: str, hint: str) -> None:
    [problem] = problems(source)
    assert (problem.code, problem.line, problem.column) == (code, 1, column)
    assert message in str(problem.message)
    assert hint in str(problem.hint) if hint else problem.hint is None


@pytest.mark.parametrize("source", ["user", "user.team.name", "owner = user"])
def test_nobody_acts_where_the_answer_is_for_everybody(source: str) -> None:
    [problem] = problems(source, acting=False)
    assert problem.code == "root_not_allowed" and "same for everybody" in str(problem.hint)


def test_old_alone_needs_a_field() -> None:
    [problem] = problems("old", changes=True)
    assert problem.code == "field_needed" and "old.id" in str(problem.hint)


@pytest.mark.parametrize(
    ("source", "column", "message", "hint"),
    [
        ("params.mst", 8, "Unknown parameter “mst”.", "Did you mean “most”?"),
        ("params.zzz", 8, "Unknown parameter “zzz”.", "params.least, params.most"),
        ("params", 1, "Say which parameter.", "params.least, params.most"),
        ("params.most.x", 1, "Unknown parameter “most.x”.", "Did you mean “most”?"),
    ],
)
def test_parameters_that_are_not_there(source: str, column: int, message: str, hint: str) -> None:
    [problem] = problems(source, params={"least": INTEGER, "most": INTEGER})
    assert (problem.code, problem.column, str(problem.message)) == ("unknown_param", column, message)
    assert hint in str(problem.hint)


def test_without_a_record_there_are_no_fields() -> None:
    [problem] = problems("amount + 1", entity=None)
    assert problem.code == "no_record"


def test_a_hidden_field_is_an_unknown_field() -> None:
    vocabulary = SmallVocabulary(hidden=frozenset({"deal.amount", "account.name"}))
    for hidden, plain in (("amount", "amounx"), ("account.name", "account.namx")):
        [seen], [unknown] = problems(hidden, vocabulary=vocabulary), problems(plain, vocabulary=vocabulary)
        assert seen.code == unknown.code == "unknown_field"
        assert str(seen.message) == str(unknown.message).replace(plain.split(".")[-1], hidden.split(".")[-1])
        assert hidden.split(".")[-1] not in str(seen.hint)


def test_lines_and_columns_count_from_one() -> None:
    [problem] = problems("amount +\n  amout")
    assert (problem.line, problem.column) == (2, 3)


def test_every_problem_is_found_at_once_and_in_order() -> None:
    found = problems('LEN(amout) + stag * 2 > 1 and stage = "wom" and foo(nme)')
    assert [problem.code for problem in found] == ["unknown_field", "unknown_field", "unknown_choice", "unknown_function", "unknown_field"]
    assert [problem.column for problem in found] == [5, 14, 39, 49, 53]


def test_no_more_than_twenty_problems_are_told_at_once() -> None:
    assert len(problems(f"COALESCE({', '.join(f'amuont{at}' for at in range(100))})")) == 20
