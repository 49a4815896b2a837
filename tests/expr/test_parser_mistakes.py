"""Mistakes people make: each is found where it is, named, and told with its cure."""

from __future__ import annotations

import pytest

from fieldsmith.base.problems import Problem
from fieldsmith.expr.errors import ExpressionError, caret
from fieldsmith.expr.grammar import GRAMMAR, KEYWORDS, SIGNS
from fieldsmith.expr.limits import MAX_DEPTH, MAX_LENGTH, MAX_NODES, MAX_PROBLEMS
from fieldsmith.expr.mistakes import WRONG_SIGNS
from fieldsmith.expr.parser import parse


def problems(source: str) -> tuple[Problem, ...]:
    with pytest.raises(ExpressionError) as refused:
        parse(source)
    return refused.value.problems


def problem(source: str) -> Problem:
    [only] = problems(source)
    return only


# Source, column, code, a part of the message or of its hint.
SPELLING = [
    ("a == b", 3, "unknown_sign", "Write “=”."),
    ("a === b", 3, "unknown_sign", "Write “=”."),
    ("a != b", 3, "unknown_sign", "Write “<>”."),
    ("a=<b", 2, "unknown_sign", "Write “<=”."),
    ("a => b", 3, "unknown_sign", "Write “>=”."),
    ("a && b", 3, "unknown_sign", "Write “and”."),
    ("a || b", 3, "unknown_sign", "“or” between conditions, “&” to join text"),
    ("a | b", 3, "unknown_sign", "“or” between conditions"),
    ("!a", 1, "unknown_sign", "“not”"),
    ("a ** 2", 3, "unknown_sign", "Write “^”."),
    ("a % 2", 3, "unknown_sign", "MOD(a, b)"),
    ("a // 2", 3, "unknown_sign", "FLOOR(a / b)"),
    ("a # why", 3, "unknown_sign", "“--”"),
    ("a -> b", 3, "unknown_sign", "joined by a point"),
    ("a := 5", 3, "unknown_sign", "can set none"),
    ("a += 5", 3, "unknown_sign", "can set none"),
    ("a;", 2, "unknown_sign", "commas"),
    ("lambda: a", 7, "unknown_sign", "defines no functions"),
    ("a @ b", 3, "unknown_sign", "quotes"),
    ("$5", 1, "unknown_sign", "currency"),
    ("→", 1, "unknown_sign", "not a sign of the language"),
    ("\ta + \x07", 6, "unreadable_character", "U+0007"),
    ("a\u200b", 2, "unreadable_character", "invisible character (U+200B)"),
    ("\ufeffa", 1, "unreadable_character", "U+FEFF"),
    ("'a\0'", 3, "unreadable_character", "U+0000"),
    ("'a\ud800'", 3, "unreadable_character", "U+D800"),
    ("'a" + "\u0301" * 5000 + "'", 33, "unreadable_character", "accents"),
    ("“Dear” & a", 1, "typographic_quote", "straight quotes"),
    ("‘Dear ， (’ & a", 1, "typographic_quote", "straight quotes"),
    ("「客户」 & a", 1, "typographic_quote", "straight quotes"),
    ("F（a)", 2, "typographic_sign", "Write “(”."),
    ("F(a，b)", 4, "typographic_sign", "Write “,”."),
    ("F(a、b)", 4, "typographic_sign", "Write “,”."),
    ("F(a）", 4, "typographic_sign", "Write “)”."),
    ("a ＝ b", 3, "typographic_sign", "Write “=”."),
    ("a ≠ b", 3, "typographic_sign", "Write “<>”."),
    ("a ≥ b", 3, "typographic_sign", "Write “>=”."),
    ("a × b", 3, "typographic_sign", "Write “*”."),
    ("a − b", 3, "typographic_sign", "Write “-”."),
    ("a – b", 3, "typographic_sign", "Write “-”."),
    ("a ∧ b", 3, "typographic_sign", "Write “and”."),
    ("a ％ b", 3, "unknown_sign", "MOD(a, b)"),
    (".5", 1, "malformed_number", "Write 0.5."),
    ("5.", 1, "malformed_number", "Write 5."),
    ("1.2.3", 1, "malformed_number", "12.50"),
    ("1e5", 1, "malformed_number", "power of ten"),
    ("1_000", 1, "malformed_number", "Write 1000."),
    ("１２", 1, "malformed_number", "Write 12, with the digits 0 to 9."),
    ("٣ + 1", 1, "malformed_number", "12.50"),
    ("12abc", 1, "malformed_number", "missing after the number"),
    ("1" * 39, 1, "number_too_long", "38 digits"),
    ("0." + "1" * 38, 1, "number_too_long", "38 digits"),
    ("Amount + 1", 1, "malformed_name", "“amount”"),
    ("account.OwnerName", 1, "malformed_name", "“account.owner_name”"),
    ("TODAY", 1, "malformed_name", "“TODAY()”"),
    ("a = NULL", 5, "malformed_name", "“blank”"),
    ("None", 1, "malformed_name", "“blank”"),
    ("客户 = 1", 1, "malformed_name", "letters a to z"),
    ("größe", 1, "malformed_name", "letters a to z"),
    ("a.and", 1, "malformed_name", "“and” is a word of the language"),
    ("a.Where.b", 1, "malformed_name", "“where” is a word of the language"),
    ("__class__", 1, "malformed_name", "begin with a letter"),
    ("__import__('os')", 1, "malformed_name", "cannot be the name of a function"),
    ("().__class__", 3, "unknown_syntax", "no attributes"),
    ("'a'.upper", 4, "unknown_syntax", "no attributes"),
    ("account . name", 9, "unknown_syntax", "account.name"),
    ("name.upper()", 1, "unknown_syntax", "UPPER(…)"),
    ('a & "b', 5, "unclosed_text", "never closed"),
    ("don't", 4, "unclosed_text", "never closed"),
    ('"say \\"yes"', 11, "unclosed_text", "without a backslash"),
]


@pytest.mark.parametrize(("source", "column", "code", "words"), SPELLING, ids=[ascii(case[0])[:30] for case in SPELLING])
def test_a_slip_of_spelling_is_told_with_its_cure(source: str, column: int, code: str, words: str) -> None:
    found = problem(source)
    assert (found.line, found.column, found.code) == (1, column, code)
    assert words in str(found)


ORDER = [
    ("", 1, "empty_expression", "empty"),
    ("  -- nothing", 1, "empty_expression", "empty"),
    ("------", 1, "empty_expression", "empty"),
    ("a +", 4, "unexpected_end", "after “+”, where a value is expected"),
    ("a and ", 6, "unexpected_end", "after “and”, where a condition is expected"),
    ("NOT", 4, "unexpected_end", "after “not”, where a condition is expected"),
    ("a in", 5, "unexpected_end", "a list in brackets"),
    ("a not", 6, "unexpected_end", "a list in brackets"),
    ("F(", 3, "unexpected_end", "a value is expected"),
    ("F(a,", 5, "unexpected_end", "a value is expected"),
    ("F(a, (b + c)", 2, "unclosed_bracket", "Write “)”"),
    ("(F(a)", 1, "unclosed_bracket", "Write “)”"),
    ("a in (b", 6, "unclosed_bracket", "Write “)”"),
    ("a)", 2, "unopened_bracket", "closes nothing"),
    (")", 1, "unopened_bracket", "closes nothing"),
    ("F(a) + b) * c", 9, "unopened_bracket", "closes nothing"),
    ("()", 2, "missing_value", "brackets are empty"),
    ("a in ()", 7, "missing_value", 'stage in ("won", "lost")'),
    ("a in (b,)", 9, "missing_value", 'stage in ("won", "lost")'),
    ("F(a,)", 5, "missing_value", "An argument is missing"),
    ("F(,a)", 3, "missing_value", "An argument is missing"),
    ("F(a,,b)", 5, "missing_value", "An argument is missing"),
    ("COUNT(where a)", 7, "missing_value", "related list is missing"),
    ("=a", 1, "missing_value", "Leave the first “=” out."),
    ("* a", 1, "missing_value", "begins with “*”"),
    ("+5", 1, "missing_value", "Leave the sign of a positive number out."),
    ("a + + b", 5, "missing_value", "“+” needs a value on its left"),
    ("a * / b", 5, "missing_value", "between “*” and “/”"),
    ("a & & b", 5, "missing_value", "Write it once."),
    ("a = = b", 5, "missing_value", "Write it once."),
    ("a < = b", 5, "missing_value", "Write “<=” without a space."),
    ("a > = b", 5, "missing_value", "Write “>=” without a space."),
    ("a < > b", 5, "missing_value", "Write “<>” without a space."),
    ("a = > b", 5, "missing_value", "Write “>=”."),
    ("(a + ) * b", 6, "missing_value", "between “+” and “)”"),
    ("^^^", 1, "missing_value", "begins with “^”"),
    ("a < b < c", 7, "chained_comparison", "a < b and b < c"),
    ("a = b in (c)", 7, "chained_comparison", "a < b and b < c"),
    ("a in (b) not in (c)", 10, "chained_comparison", "a < b and b < c"),
    ("a = not b", 5, "misplaced_not", "(not …)"),
    ("- not b", 3, "misplaced_not", "(not …)"),
    ("a not b", 7, "misplaced_not", "not in (…)"),
    ("a not = b", 7, "misplaced_not", "“<>”"),
    ("a in b", 6, "missing_list", "list in brackets"),
    ("a, b", 2, "misplaced_comma", "one value"),
    ("1,5 * a", 2, "misplaced_comma", "1.5"),
    ("(a, b)", 3, "misplaced_comma", "Close the bracket"),
    ("SUM(a where b, c)", 14, "misplaced_comma", "one condition"),
    ("a where b", 3, "misplaced_where", "aggregate"),
    ("(a where b)", 4, "misplaced_where", "aggregate"),
    ("SUM(a, b where c)", 10, "misplaced_where", "first argument"),
    ("SUM(a where b where c)", 15, "misplaced_where", "first argument"),
    ("a 5", 3, "missing_operator", "between “a” and “5”"),
    ("F(a 5)", 5, "missing_operator", "A comma or an operator is missing"),
    ("a in (b 5)", 9, "missing_operator", "A comma or an operator is missing"),
    ("first name", 7, "missing_operator", "not its label"),
    ('"Dear " name', 9, "missing_operator", "Join text with “&”."),
    ('f"Dear {name}"', 2, "missing_operator", "joined to text with “&”"),
    ("\"it\"'s'", 5, "missing_operator", "written twice"),
    ("1 000", 3, "missing_operator", "without spaces"),
    ("2 (a)", 3, "missing_operator", "Write “*”"),
    ("(a)(b)", 4, "missing_operator", "Write “*”"),
    ("lambda x", 8, "missing_operator", "functions of its own"),
    ("import os", 8, "missing_operator", "no statements"),
    ("a is blank", 3, "missing_operator", "phone = blank"),
    ('a like "x"', 3, "missing_operator", "CONTAINS"),
    ("a between 1 and 2", 3, "missing_operator", "both limits"),
    ("if a then b", 4, "missing_operator", "IF(condition, value, otherwise)"),
    ("a mod b", 3, "missing_operator", "MOD(a, b)"),
    ("a xor b", 3, "missing_operator", "“<>”"),
]


@pytest.mark.parametrize(("source", "column", "code", "words"), ORDER, ids=[case[0] for case in ORDER])
def test_a_misplaced_word_is_told_with_its_cure(source: str, column: int, code: str, words: str) -> None:
    found = problem(source)
    assert (found.line, found.column, found.code) == (1, column, code)
    assert words in str(found)


def test_all_slips_of_spelling_are_told_together_in_order() -> None:
    found = problems("IF（Amount == 1，\n  b != 2, C)")
    assert [(slip.line, slip.column) for slip in found] == [(1, 3), (1, 4), (1, 11), (1, 15), (2, 5), (2, 11)]


def test_no_more_slips_than_a_person_can_read() -> None:
    assert len(problems("a == " * 1000)) == MAX_PROBLEMS


def test_the_place_is_a_line_and_a_column() -> None:
    source = "a\n  + -- why\r\n  b b"
    found = problem(source)
    assert (found.line, found.column) == (3, 5)
    assert caret(source, found) == "  b b\n    ^"


@pytest.mark.parametrize("source", [case[0] for case in SPELLING + ORDER], ids=[ascii(case[0])[:30] for case in SPELLING + ORDER])
def test_no_name_of_the_grammar_reaches_people(source: str) -> None:
    said = " ".join(f"{found.message} {found.hint or ''}" for found in problems(source)).replace("NOT", "")
    terminals = {*KEYWORDS.values(), *SIGNS.values(), "NUMBER", "TEXT", "NAME", "CALL", "$END"}
    assert terminals <= {*GRAMMAR.split(), "$END"}
    assert not [word for word in said.split() if word.strip("“”.,") in terminals]


@pytest.mark.parametrize("source", [f"a {sign} b" for sign in WRONG_SIGNS])
def test_every_foreign_sign_is_one_problem(source: str) -> None:
    assert problem(source).code == "unknown_sign"


def test_a_long_name_is_shortened() -> None:
    assert len(str(problem("A" * 9000).message)) < 80


LIMITS = [
    ("a" * (MAX_LENGTH + 1), "expression_too_long"),
    ("\n" * 10_000_000, "expression_too_long"),
    ("(" * 10_000, "expression_too_deep"),
    ("F(" * 5_000, "expression_too_deep"),
    ("a in (" * 1_600, "expression_too_deep"),
    ("not " * MAX_DEPTH + "a", "expression_too_deep"),
    ("- " * MAX_DEPTH + "a", "expression_too_deep"),
    ("a" + "^a" * MAX_DEPTH, "expression_too_deep"),
    ("a" + "+a" * MAX_DEPTH, "expression_too_deep"),
    ("a" + " or a" * MAX_DEPTH, "expression_too_deep"),
    ("F(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH, "expression_too_deep"),
    ("not " * 2_500, "expression_too_large"),
    ("a" + "-" * 9_999, "expression_too_large"),
    ("^" * 10_000, "expression_too_large"),
    (f"F({','.join('a' * MAX_NODES)})", "expression_too_large"),
]


@pytest.mark.parametrize(("source", "code"), LIMITS, ids=[f"{source[:8]!r}… {code}" for source, code in LIMITS])
def test_what_is_over_a_limit_is_one_clear_problem(source: str, code: str) -> None:
    found = problem(source)
    assert found.code == code
    assert found.hint is not None


def test_not_in_is_one_node() -> None:
    rows = ", ".join(["a not in (b)"] * 600)
    assert parse(f"F({rows})")
