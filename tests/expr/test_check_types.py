"""Types of operators and literals, and the problems of operands that do not go together."""

from __future__ import annotations

import pytest

from fieldsmith.expr.nodes import walk
from fieldsmith.expr.types import BOOLEAN, DATE, DATETIME, INTEGER, TEXT, Type, decimal
from tests.expr.check_world import MONEY, STAGE, checked, kind, problems, record, shape


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # literals
        ("12", "12:integer"),
        ("12.50", "1250:decimal 2"),
        ("0.000000001", "1:decimal 9"),
        ("-5", "-5:integer"),
        ("-(1.5)", "-15:decimal 1"),
        ("-(-5)", "5:integer"),
        ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999:integer"),
        ('"don""t"', 'don"t:text'),
        ('""', "None:text"),
        ("true", "True:boolean"),
        ("blank", "None:blank"),
        # arithmetic
        ("quantity + 1", "+[quantity:integer, 1:integer]:integer"),
        ("amount - 1", "-[amount:decimal 2, 100:decimal 2]:decimal 2"),
        ("amount + rate", "+[to_scale[amount:decimal 2]:decimal 4, rate:decimal 4]:decimal 4"),
        ("quantity - rate", "-[to_scale[quantity:integer]:decimal 4, rate:decimal 4]:decimal 4"),
        ("amount * rate", "*[amount:decimal 2, rate:decimal 4]:decimal 6"),
        ("rate * rate * amount", "*[*[rate:decimal 4, rate:decimal 4]:decimal 8, amount:decimal 2]:decimal 8"),
        ("quantity * quantity", "*[quantity:integer, quantity:integer]:integer"),
        ("quantity / quantity", "/[quantity:integer, quantity:integer]:decimal 8"),
        ("amount ^ 2", "^[amount:decimal 2, 2:integer]:decimal 4"),
        ("rate ^ 3", "^[rate:decimal 4, 3:integer]:decimal 8"),
        ("rate ^ 0", "^[rate:decimal 4, 0:integer]:integer"),
        ("quantity ^ -2", "^[quantity:integer, -2:integer]:decimal 8"),
        ("-2 ^ 2", "negate[^[2:integer, 2:integer]:integer]:integer"),
        ("-amount", "negate[amount:decimal 2]:decimal 2"),
        ("amount + blank", "+[amount:decimal 2, None:decimal 2]:decimal 2"),
        ("-blank", "None:integer"),
        # dates
        ("closed_on + 1", "+[closed_on:date, 1:integer]:date"),
        ("1 + closed_on", "+[closed_on:date, 1:integer]:date"),
        ("closed_on - quantity", "-[closed_on:date, quantity:integer]:date"),
        ("closed_on - opened_on", "-[closed_on:date, opened_on:date]:integer"),
        ('closed_on - "2026-01-31"', "-[closed_on:date, 2026-01-31:date]:integer"),
        ("closed_on - blank", "-[closed_on:date, None:integer]:date"),
        ("blank - closed_on", "-[None:date, closed_on:date]:integer"),
        # texts, conditions
        ('name & " " & blank', "&[&[name:text,  :text]:text, None:text]:text"),
        ("won and not won or blank", "or[and[won:boolean, not[won:boolean]:boolean]:boolean, False:boolean]:boolean"),
        # comparisons keep the scales of their operands
        ("amount > rate", ">[amount:decimal 2, rate:decimal 4]:boolean"),
        ("amount >= 0.125", ">=[amount:decimal 2, 125:decimal 3]:boolean"),
        ("quantity in (1, 2.5, blank)", "in[quantity:integer, 1:integer, 25:decimal 1, None:decimal 1]:boolean"),
        ("quantity not in (1, 2)", "not[in[quantity:integer, 1:integer, 2:integer]:boolean]:boolean"),
        ("name < note", "<[name:text, note:text]:boolean"),
        ('"" = name', "=[None:text, name:text]:boolean"),
        ("won = blank", "=[won:boolean, None:boolean]:boolean"),
        ("blank = blank", "=[None:blank, None:blank]:boolean"),
        ("tags <> tags", "<>[tags:set stages, tags:set stages]:boolean"),
        ("tags = blank", "=[tags:set stages, None:set stages]:boolean"),
        # literals take the type of what they stand opposite
        ('stage = "won"', "=[stage:choice stages, won:choice stages]:boolean"),
        ('"won" <> stage', "<>[won:choice stages, stage:choice stages]:boolean"),
        ('stage = ""', "=[stage:choice stages, None:choice stages]:boolean"),
        ('stage in ("won", next_stage)', "in[stage:choice stages, won:choice stages, next_stage:choice stages]:boolean"),
        ('"won" in (stage, next_stage)', "in[won:choice stages, stage:choice stages, next_stage:choice stages]:boolean"),
        ('stage = IF(won, "won", "lost")', "=[stage:choice stages, IF[won:boolean, won:choice stages, lost:choice stages]:choice stages]:boolean"),
        ('closed_on >= "2026-11-22"', ">=[closed_on:date, 2026-11-22:date]:boolean"),
        ('calls_at < "09:30"', "<[calls_at:time, 09:30:00:time]:boolean"),
        ('calls_at < "09:30:15.25"', "<[calls_at:time, 09:30:15.250000:time]:boolean"),
        ("account = 5", "=[account:record account, 5:record account]:boolean"),
        ("account in (1, 2)", "in[account:record account, 1:record account, 2:record account]:boolean"),
        ("owner = user", "=[owner:record user, user.id:record user]:boolean"),
        ("about = regards", "=[about:record account user, regards:record account deal]:boolean"),
        ("about = blank", "=[about:record account user, None:record account user]:boolean"),
    ],
)
def test_types(source: str, expected: str) -> None:
    assert shape(checked(source)) == expected


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-22 09:30", "2026-11-22 09:30:00"),
        ("2026-11-22T09:30:00", "2026-11-22 09:30:00"),
        ("2026-11-22T09:30:00.5Z", "2026-11-22 09:30:00.500000"),
        ("2026-11-22 09:30Z", "2026-11-22 09:30:00"),
        ("2026-11-22 09:30+02:00", "2026-11-22 07:30:00"),
        ("2026-11-22T00:30:00-05:30", "2026-11-22 06:00:00"),
    ],
)
def test_datetimes_are_utc_unless_they_say_otherwise(text: str, utc: str) -> None:
    assert shape(checked(f'opened_at = "{text}"')) == f"=[opened_at:datetime, {utc}:datetime]:boolean"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ('closed_on = "2026-02-29"', "bad_date"),
        ('closed_on = "22.11.2026"', "bad_date"),
        ('closed_on = "20261122"', "bad_date"),
        ('closed_on = "2026-W47-7"', "bad_date"),
        ('closed_on = "0000-01-01"', "bad_date"),
        ('closed_on = "２０２６-11-22"', "bad_date"),
        ('closed_on = "2026-11-22 09:30"', "bad_date"),
        ('opened_at = "2026-11-22"', "bad_datetime"),
        ('opened_at = "2026-11-22 24:00"', "bad_datetime"),
        ('opened_at = "2026-11-22 09:30 CET"', "bad_datetime"),
        ('opened_at = "0001-01-01 00:30+02:00"', "bad_datetime"),
        ('opened_at = "2026-11-22 09:30+99:00"', "bad_datetime"),
        ('calls_at = "9:30"', "bad_time"),
        ('calls_at = "25:00"', "bad_time"),
    ],
)
def test_texts_that_are_no_dates(source: str, code: str) -> None:
    [problem] = problems(source)
    assert (problem.code, problem.column) == (code, source.index('"') + 1)
    assert "Write it like" in str(problem.hint)


_ROUND = "ROUND(…, 0), FLOOR(…) or CEILING(…)"


@pytest.mark.parametrize(
    ("source", "code", "column", "message", "hint"),
    [
        ('stage = "wom"', "unknown_choice", 9, "“wom” is not a choice of the list “stages”.", "Did you mean “won”?"),
        ('stage = "Won"', "unknown_choice", 9, "“Won” is not a choice", "Did you mean “won”?"),
        ('stage in ("won", "zzz")', "unknown_choice", 18, "“zzz” is not a choice", "Its values are: open, won, lost."),
        ('IF(won, stage, "wn") = "won"', "unknown_choice", 16, "“wn” is not a choice", "“won”"),
        ("9^9^9", "bad_exponent", 3, "from -30 to 30", "amount ^ 2"),
        ("2 ^ 31", "bad_exponent", 5, "from -30 to 30", "amount ^ 2"),
        ("2 ^ -31", "bad_exponent", 5, "from -30 to 30", "amount ^ 2"),
        ("2 ^ 0.5", "bad_exponent", 5, "whole number", "amount ^ 2"),
        ("2 ^ quantity", "bad_exponent", 5, "written out", "amount ^ 2"),
        ("2 ^ blank", "bad_exponent", 5, "written out", "amount ^ 2"),
        ("closed_on + 1.5", "date_arithmetic", 1, "a date and a decimal number", _ROUND),
        ("closed_on + opened_on", "date_arithmetic", 1, "“+” does not work with a date and a date", "ADDDAYS"),
        ("1 - closed_on", "date_arithmetic", 1, "a whole number and a date", "date - days"),
        ("opened_at + 1", "date_arithmetic", 1, "a date with time and a whole number", "ADDMINUTES"),
        ("opened_at - opened_at", "date_arithmetic", 1, "a date with time and a date with time", "MINUTESBETWEEN"),
        ("opened_at - closed_on", "date_arithmetic", 1, "a date with time and a date", "DAYSBETWEEN"),
        ("calls_at + 60", "date_arithmetic", 1, "a time and a whole number", "DATETIME"),
        ("name + closed_on", "date_arithmetic", 1, "text and a date", "TEXT"),
        ('closed_on - "gestern"', "bad_date", 13, "“gestern” is not a date.", "2026-11-22"),
        ("closed_on * 2", "number_expected", 1, "“*” reckons with numbers, but “closed_on” is a date.", ""),
        ("name + note", "number_expected", 1, "“+” reckons with numbers", "Join texts with “&”."),
        ("name + 1", "number_expected", 1, "“name” is text", "VALUE"),
        ("name * 2", "number_expected", 1, "“name” is text", "VALUE"),
        ("-name", "number_expected", 2, "“name” is text", "VALUE"),
        ("won + 1", "number_expected", 1, "“won” is a condition", ""),
        ("amount & name", "text_expected", 1, "“&” joins texts, but “amount” is a decimal number.", "TEXT"),
        ("name & stage", "text_expected", 8, "“stage” is a choice", "LABEL"),
        ("name & closed_on", "text_expected", 8, "“closed_on” is a date", "TEXT"),
        ("name & won", "text_expected", 8, "“won” is a condition", "IF("),
        ("name & account", "text_expected", 8, "“account” is a record", ""),
        ("amount = name", "no_common_type", 10, "a decimal number and text do not go together", "VALUE"),
        ('amount = "5"', "no_common_type", 10, "a decimal number and text", "VALUE"),
        ("name = 5", "no_common_type", 8, "text and a whole number", "TEXT"),
        ("stage = name", "no_common_type", 9, "a choice and text", "LABEL"),
        ("stage = size", "no_common_type", 9, "choices of two lists, “stages” and “sizes”", "TEXT"),
        ('tags = "won"', "no_common_type", 8, "a set of choices and text", "INCLUDES"),
        ("closed_on = opened_at", "no_common_type", 13, "a date and a date with time", "DATEOF"),
        ("account = owner", "no_common_type", 11, "records of different entities: account and user", ""),
        ("about = account", "no_common_type", 9, "account, user and account", "TYPE"),
        ("about = 5", "no_common_type", 9, "a record and a whole number", "TYPE"),
        ("won = 1", "no_common_type", 7, "a condition and a whole number", ""),
        ("quantity in (1, name)", "no_common_type", 17, "a whole number and text", "VALUE"),
        ('stage < "won"', "not_ordered", 1, "“<” cannot order a choice", "in"),
        ("tags > tags", "not_ordered", 1, "a set of choices", "= or <>"),
        ("won >= true", "not_ordered", 1, "a condition", "= or <>"),
        ("account < 5", "not_ordered", 1, "a record", "= or <>"),
        ("won and name", "condition_expected", 9, "“name” is text", "ISBLANK"),
        ("not amount", "condition_expected", 5, "“amount” is a decimal number", "Compare"),
    ],
)
def test_operands_that_do_not_fit(source: str, code: str, column: int, message: str, hint: str) -> None:
    [problem] = problems(source)
    assert (problem.code, problem.line, problem.column) == (code, 1, column)
    assert message in str(problem.message)
    assert hint in str(problem.hint) if hint else problem.hint is None


@pytest.mark.parametrize(
    ("source", "expects", "expected"),
    [
        ("quantity", INTEGER, "store[quantity:integer]:integer"),
        ("quantity", MONEY, "store[quantity:integer]:decimal 2"),
        ("rate", MONEY, "store[rate:decimal 4]:decimal 2"),
        ("5", MONEY, "store[5:integer]:decimal 2"),
        ("ROUND(rate, 0)", INTEGER, "store[ROUND[rate:decimal 4, 0:integer]:integer]:integer"),
        ("blank", MONEY, "None:decimal 2"),
        ("blank", STAGE, "None:choice stages"),
        ("blank", BOOLEAN, "False:boolean"),
        ("IF(won, blank, blank)", DATE, "IF[won:boolean, None:date, None:date]:date"),
        ('"won"', STAGE, "won:choice stages"),
        ('IF(won, "won", IF(won, "lost"))', STAGE, "IF[won:boolean, won:choice stages, IF[won:boolean, lost:choice stages]:choice stages]:choice stages"),
        ('"2026-11-22"', DATE, "2026-11-22:date"),
        ('"2026-11-22 10:00Z"', DATETIME, "2026-11-22 10:00:00:datetime"),
        ('"2026-11-22"', TEXT, "2026-11-22:text"),
        ("7", record("user"), "7:record user"),
        ("user", record("user"), "user.id:record user"),
        ("won", BOOLEAN, "won:boolean"),
        ("name", None, "name:text"),
    ],
)
def test_the_place_says_what_is_wanted(source: str, expects: Type | None, expected: str) -> None:
    assert shape(checked(source, expects=expects)) == expected


@pytest.mark.parametrize(
    ("source", "expects", "code", "hint"),
    [
        ("amount", INTEGER, "wrong_result", _ROUND),
        ("stage", TEXT, "wrong_result", "LABEL"),
        ("amount", TEXT, "wrong_result", "TEXT"),
        ("name", MONEY, "wrong_result", "VALUE"),
        ("opened_at", DATE, "wrong_result", "DATEOF"),
        ("size", STAGE, "wrong_result", "TEXT"),
        ("name", BOOLEAN, "condition_expected", "ISBLANK"),
        ("account", record("user"), "wrong_result", ""),
        ('"wom"', STAGE, "unknown_choice", "“won”"),
        ('IF(won, "won", "lst")', STAGE, "unknown_choice", "“lost”"),
        ('"soon"', DATE, "bad_date", "2026-11-22"),
        ("partners", None, "list_outside_aggregate", "COUNT"),
    ],
)
def test_what_the_place_cannot_take(source: str, expects: Type | None, code: str, hint: str) -> None:
    [problem] = problems(source, expects=expects)
    assert problem.code == code
    assert hint in str(problem.hint) if hint else problem.hint is None


def test_long_texts_are_cut_in_sentences() -> None:
    [problem] = problems(f"stage = '{'x' * 500}'")
    assert len(str(problem.message)) < 100


def test_a_choice_whose_list_is_not_to_be_seen_takes_any_value() -> None:
    place = {"params": {"any": Type(STAGE.kind), "gone": Type(STAGE.kind, choices="gone")}}
    assert shape(checked('params.any = "x"', **place)) == "=[params.any:choice, x:choice]:boolean"
    assert shape(checked('params.gone = "x"', **place)) == "=[params.gone:choice gone, x:choice gone]:boolean"
    assert shape(checked("params.any = stage", **place)) == "=[params.any:choice, stage:choice stages]:boolean"


def test_nothing_unknown_is_left_in_a_checked_tree() -> None:
    node = checked('IF(won, amount * 2, SWITCH(stage, "won", 1, 2)) + SUM(lines.total)', expects=decimal(2))
    assert {kind(each.type) for each in walk(node)} == {"boolean", "decimal 2", "integer", "choice stages"}


def test_spans_say_where_each_part_stands() -> None:
    source = "IF(won, amount , 0) + (rate * 2)"
    node = checked(source)
    said = {source[each.span.start : each.span.end] for each in walk(node)}
    assert said == {source, "IF(won, amount , 0)", "won", "amount", "0", "(rate * 2)", "rate", "2"}


def test_values_of_many_scales_may_not_pass_the_depth() -> None:
    deep = "quantity"
    for at in range(40):
        deep = f"IF(won, {deep}, {'0.' + '1' * (at + 1) if at < 30 else '1'})"
    [problem] = problems(deep)
    assert problem.code == "expression_too_deep" and "scales" in str(problem.message)
