"""Calls of functions and aggregates over lists: what comes out, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.expr.nodes import Aggregate
from tests.expr.check_world import SmallVocabulary, checked, problems, shape


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("IF(won, amount, 0)", "IF[won:boolean, amount:decimal 2, 0:decimal 2]:decimal 2"),
        ("if(won, 1.5, quantity)", "IF[won:boolean, 15:decimal 1, to_scale[quantity:integer]:decimal 1]:decimal 1"),
        ("IF(won, stage)", "IF[won:boolean, stage:choice stages]:choice stages"),
        ('IF(won, stage, "lost")', "IF[won:boolean, stage:choice stages, lost:choice stages]:choice stages"),
        ('IF(won, closed_on, "2026-01-31")', "IF[won:boolean, closed_on:date, 2026-01-31:date]:date"),
        ("IF(won, account, 5)", "IF[won:boolean, account:record account, 5:record account]:record account"),
        ("IF(won, about, regards)", "IF[won:boolean, about:record account user, regards:record account deal]:record account deal user"),
        ("IF(blank, won, blank)", "IF[False:boolean, won:boolean, False:boolean]:boolean"),
        ("SWITCH(won, blank, 1, 2)", "SWITCH[won:boolean, None:boolean, 1:integer, 2:integer]:integer"),
        ("IF(won, blank, blank)", "IF[won:boolean, None:blank, None:blank]:blank"),
        ("LEN(IF(won, blank, blank))", "LEN[IF[won:boolean, None:text, None:text]:text]:integer"),
        (
            'SWITCH(stage, "won", 1, "lost", 2.5, 0)',
            "SWITCH[stage:choice stages, won:choice stages, 10:decimal 1, lost:choice stages, 25:decimal 1, 0:decimal 1]:decimal 1",
        ),
        ('SWITCH(stage, "won", name)', "SWITCH[stage:choice stages, won:choice stages, name:text]:text"),
        ("COALESCE(amount, rate, 0)", "COALESCE[to_scale[amount:decimal 2]:decimal 4, rate:decimal 4, 0:decimal 4]:decimal 4"),
        ("MAX(quantity, 1, blank)", "MAX[quantity:integer, 1:integer, None:integer]:integer"),
        ("MOD(amount, 3)", "MOD[amount:decimal 2, 300:decimal 2]:decimal 2"),
        ("ROUND(amount, 1)", "ROUND[amount:decimal 2, 1:integer]:decimal 1"),
        ("ROUND(amount, -2)", "ROUND[amount:decimal 2, -2:integer]:integer"),
        ("ROUND(blank, 1)", "ROUND[None:integer, 1:integer]:decimal 1"),
        ("LEFT(name)", "LEFT[name:text]:text"),
        ("LEFT(name, 2)", "LEFT[name:text, 2:integer]:text"),
        ("LEN(blank)", "LEN[None:text]:integer"),
        ('INCLUDES(tags, "won")', "INCLUDES[tags:set stages, won:choice stages]:boolean"),
        ("INCLUDES(tags, stage)", "INCLUDES[tags:set stages, stage:choice stages]:boolean"),
        ("INCLUDES(tags, blank)", "INCLUDES[tags:set stages, None:choice]:boolean"),
        ('INCLUDES(blank, "won")', "INCLUDES[None:set, won:choice]:boolean"),
        ('YEAR("2026-01-31")', "YEAR[2026-01-31:date]:integer"),
        ('YEAR("2026-01-31 23:00")', "YEAR[2026-01-31 23:00:00:datetime]:integer"),
        ('DAYSBETWEEN("2026-01-01", "2026-01-31")', "DAYSBETWEEN[2026-01-01:date, 2026-01-31:date]:integer"),
        ('DAYSBETWEEN(opened_at, "2026-01-31 10:00")', "DAYSBETWEEN[opened_at:datetime, 2026-01-31 10:00:00:datetime]:integer"),
        ("YEAR(blank)", "YEAR[None:date]:integer"),
        ('STARTOF(opened_at, "month")', "STARTOF[opened_at:datetime, month:text]:datetime"),
        ("ISBLANK(file)", "ISBLANK[file:opaque]:boolean"),
        ("ISBLANK(address)", "ISBLANK[address:parts]:boolean"),
        ("ISBLANK(partners)", "ISBLANK[partners:list account]:boolean"),
        ("ISBLANK(blank)", "ISBLANK[None:blank]:boolean"),
        ("TYPE(about)", "TYPE[about:record account user]:text"),
        ("TODAY() - 1", "-[TODAY[]:date, 1:integer]:date"),
    ],
)
def test_calls(source: str, expected: str) -> None:
    assert shape(checked(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("COUNT(lines)", "COUNT<lines>[]:integer"),
        ("COUNT(partners)", "COUNT<partners>[]:integer"),
        ("COUNT(account.deals)", "COUNT<account.deals>[]:integer"),
        ("COUNT(lines.product)", "COUNT<lines>[product:text]:integer"),
        ("COUNT(lines where not cancelled)", "COUNT<lines>[not[cancelled:boolean]:boolean]:integer"),
        ("SUM(lines.total)", "SUM<lines>[total:decimal 2]:decimal 2"),
        ("SUM(lines.buyer.budget)", "SUM<lines>[buyer.budget:decimal 2]:decimal 2"),
        ("SUM(lines.quantity)", "SUM<lines>[quantity:integer]:integer"),
        ("AVG(lines.quantity)", "AVG<lines>[quantity:integer]:decimal 8"),
        ("MIN(lines.due_on)", "MIN<lines>[due_on:date]:date"),
        ("MAX(lines.product)", "MAX<lines>[product:text]:text"),
        ("MAX(lines.total where quantity > 1)", "MAX<lines>[total:decimal 2, >[quantity:integer, 1:integer]:boolean]:decimal 2"),
        ('COUNT(lines where kind = "won")', "COUNT<lines>[=[kind:choice stages, won:choice stages]:boolean]:integer"),
        ("COUNT(lines where parent.stage = kind)", "COUNT<lines>[=[parent.stage:choice stages, kind:choice stages]:boolean]:integer"),
        ("COUNT(lines where parent.account.owner = user)", "COUNT<lines>[=[parent.account.owner:record user, user.id:record user]:boolean]:integer"),
        ("COUNT(lines where deal.won)", "COUNT<lines>[deal.won:boolean]:integer"),
        ("MAX(amount)", "MAX[amount:decimal 2]:decimal 2"),
        ("COUNT(lines) * 2", "*[COUNT<lines>[]:integer, 2:integer]:integer"),
    ],
)
def test_aggregates(source: str, expected: str) -> None:
    assert shape(checked(source)) == expected


def test_an_aggregate_knows_its_list() -> None:
    node = checked("SUM(account.deals.amount where won)")
    assert isinstance(node, Aggregate)
    assert (node.root, [hop.name for hop in node.hops], node.related.entity, node.related.field) == ("record", ["account"], "deal", "account")


@pytest.mark.parametrize(
    ("source", "code", "column", "message", "hint"),
    [
        ("LENN(name)", "unknown_function", 1, "no function “LENN”", "Did you mean “LEN”?"),
        ("summ(lines.total)", "unknown_function", 1, "no function “SUMM”", "Did you mean “SUM”?"),
        ("xyz(1)", "unknown_function", 1, "no function “XYZ”", ""),
        ("to_scale(1)", "unknown_function", 1, "no function “TO_SCALE”", ""),
        ("LEN()", "wrong_arguments", 1, "LEN does not take 0 arguments.", "LEN(text)"),
        ("1 + LEN(name, 1)", "wrong_arguments", 5, "LEN does not take 2 arguments.", "LEN(text)"),
        ("LEFT()", "wrong_arguments", 1, "LEFT does not take 0", "LEFT(text, [count])"),
        ("SWITCH(stage)", "wrong_arguments", 1, "SWITCH does not take 1", "SWITCH(value, case, result, …, [default])"),
        ("COALESCE()", "wrong_arguments", 1, "COALESCE does not take 0", "COALESCE(value, …)"),
        ("TODAY(1)", "wrong_arguments", 1, "TODAY takes no arguments.", "TODAY()"),
        ("LEN(amount)", "wrong_type", 5, "LEN expects text as “text”, but “amount” is a decimal number.", "TEXT(…)"),
        ("ROUND(name, 1)", "wrong_type", 7, "ROUND expects a number as “number”, but “name” is text.", "VALUE(…)"),
        ("YEAR(name)", "wrong_type", 6, "YEAR expects a date or a date with time", ""),
        ('YEAR("soon")', "bad_date", 6, "“soon” is not a date", "2026-11-22"),
        ("TYPE(5)", "wrong_type", 6, "TYPE expects a record", ""),
        ("LABEL(name)", "wrong_type", 7, "LABEL expects a choice", ""),
        ("LEFT(name, 1.5)", "wrong_type", 12, "LEFT expects a whole number as “count”", "ROUND"),
        ("TEXT(account)", "wrong_type", 6, "“account” is a record", ""),
        ("MAX(stage, next_stage)", "wrong_type", 5, "“stage” is a choice", "LABEL"),
        ("LEN(address)", "part_needed", 5, "several parts", "address.city"),
        ("IF(won, file)", "only_isblank", 9, "whether “file” is blank", "ISBLANK(file)"),
        ("IF(name, 1, 2)", "condition_expected", 4, "“name” is text", "ISBLANK"),
        ("IF(won, 1, name)", "no_common_type", 9, "text and a whole number", "TEXT"),
        ('INCLUDES(tags, "wn")', "unknown_choice", 16, "“wn” is not a choice", "“won”"),
        ("INCLUDES(tags, size)", "no_common_type", 16, "two lists, “stages” and “sizes”", ""),
        ("INCLUDES(stage, next_stage)", "wrong_type", 10, "INCLUDES expects a set of choices", ""),
        ("ROUND(amount, quantity)", "constant_needed", 15, "“digits” of ROUND must be written out.", "not a field"),
        ('STARTOF(closed_on, "dey")', "unknown_unit", 20, "No such unit.", "day, month"),
        ("LEN(name where won)", "where_not_allowed", 16, "“where” belongs to COUNT", "IF("),
        ("ISNEW()", "no_change", 1, "ISNEW cannot be used here", "Rules"),
        ("CHANGED(amount)", "no_change", 1, "CHANGED cannot be used here", "Rules"),
        ("SOUNDEX(name)", "python_only", 1, "works in Python only", "Rules"),
    ],
)
def test_calls_that_are_refused(source: str, code: str, column: int, message: str, hint: str) -> None:
    [problem] = problems(source)
    assert (problem.code, problem.line, problem.column) == (code, 1, column)
    assert message in str(problem.message)
    assert hint in str(problem.hint) if hint else problem.hint is None


@pytest.mark.parametrize(
    ("source", "code", "column", "message", "hint"),
    [
        ("COUNT(line)", "list_expected", 7, "“line” is no list of records of Opportunity.", "Did you mean “lines”?"),
        ("COUNT(zzz)", "list_expected", 7, "no list of records", "Its lists are: lines, partners."),
        ("SUM(amount)", "list_expected", 5, "“amount” is no list", "SUM(list.field)"),
        ("SUM(account.name)", "list_expected", 5, "“account.name” is no list", "SUM(list.field)"),
        ("SUM(1)", "list_expected", 5, "SUM works on one list of records.", "SUM(list.field)"),
        ("COUNT()", "list_expected", 1, "COUNT works on one list", "COUNT(list)"),
        ("SUM(lines.total * 2)", "list_expected", 5, "SUM works on one list", "SUM(list.field)"),
        ("MAX(amount where won)", "list_expected", 5, "“amount” is no list", "MAX(list.field)"),
        ("SUM(lines)", "field_needed", 5, "which field of “lines”", "SUM(lines.total)"),
        ("MAX(lines)", "field_needed", 5, "which field of “lines”", "MAX(lines.total)"),
        ("MAX(lines.total, 3)", "list_outside_aggregate", 5, "“lines” is a list", "COUNT(lines)"),
        ("SUM(lines.totl)", "unknown_field", 11, "Unknown field “totl” on Line.", "“total”"),
        ("SUM(lines.kind)", "wrong_type", 11, "SUM takes a number, but “kind” is a choice.", ""),
        ("AVG(lines.product)", "wrong_type", 11, "AVG takes a number, but “product” is text.", ""),
        ("MIN(lines.cancelled)", "wrong_type", 11, "“cancelled” is a condition", ""),
        ("SUM(lines.address)", "part_needed", 11, "several parts", "city"),
        ("COUNT(lines where amount > 1)", "unknown_field", 19, "Unknown field “amount” on Line.", ""),
        ("COUNT(lines where total)", "condition_expected", 19, "“total” is a decimal number", "Compare"),
        ("COUNT(lines where parent.amont > 1)", "unknown_field", 26, "Unknown field “amont” on Opportunity.", "“amount”"),
        ("COUNT(lines where COUNT(lines) > 1)", "nested_aggregate", 19, "A list inside a list", "rollup"),
        ("COUNT(lines where COUNT(buyer.deals) > 1)", "nested_aggregate", 19, "A list inside a list", "rollup"),
        ("COUNT(account.deals.lines)", "list_outside_aggregate", 21, "“lines” is a list", ""),
        ("COUNT(user.deals)", "list_of_root", 7, "not of “user”", ""),
        ("COUNT(old.lines)", "list_of_root", 7, "not of “old”", ""),
    ],
)
def test_aggregates_that_are_refused(source: str, code: str, column: int, message: str, hint: str) -> None:
    [problem] = problems(source)
    assert (problem.code, problem.line, problem.column) == (code, 1, column)
    assert message in str(problem.message)
    assert hint in str(problem.hint) if hint else True


@pytest.mark.parametrize(
    ("source", "place", "code"),
    [
        ("TODAY()", {"acting": False}, "not_acting"),
        ("COUNT(lines)", {"aggregates": False}, "aggregate_not_allowed"),
        ("COUNT(lines)", {"entity": None}, "no_record"),
        ("COUNT(lines where CHANGED(total))", {"changes": True}, "no_change"),
        ("COUNT(lines where old.total > 1)", {"changes": True}, "root_not_allowed"),
        ("CHANGED(account.name)", {"changes": True}, "not_own_field"),
        ("CHANGED(amount + 1)", {"changes": True}, "not_own_field"),
    ],
)
def test_the_place_forbids(source: str, place: dict[str, Any], code: str) -> None:
    assert [problem.code for problem in problems(source, **place)] == [code]


def test_the_place_allows() -> None:
    assert problems("ISNEW() or CHANGED(amount) and old.amount < amount or CHANGED(address)", changes=True) == []
    assert problems("SOUNDEX(name)", sql=False) == []
    assert problems("YEAR(opened_at) = 2026", acting=False) == []


def test_a_list_whose_field_is_hidden_has_no_such_field() -> None:
    vocabulary = SmallVocabulary(hidden=frozenset({"line.total"}))
    [problem] = problems("SUM(lines.total)", vocabulary=vocabulary)
    assert (problem.code, problem.column) == ("unknown_field", 11)


def test_problems_of_arguments_are_all_found() -> None:
    found = problems('IF(nme, LEN(amount), foo("wom")) + COUNT(lines where totl > 1)')
    assert [problem.code for problem in found] == ["unknown_field", "wrong_type", "unknown_function", "unknown_field"]
