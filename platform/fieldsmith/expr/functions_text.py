"""Rows of the text functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fieldsmith.base.text import Message, _m
from fieldsmith.expr import sql_as_text, sql_text, text_values
from fieldsmith.expr.environment import Env, Evaluator
from fieldsmith.expr.function import Function, Parameter
from fieldsmith.expr.nodes import Apply
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.types import BOOLEAN, INTEGER, MAX_SCALE, TEXT, Kind, Type, decimal

_TEXT = frozenset({Kind.TEXT})
_INTEGER = frozenset({Kind.INTEGER})
_WRITABLE = frozenset({Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.CHOICE})
_ONE = (Parameter("text", _TEXT),)
_TEXT_COUNT = (Parameter("text", _TEXT), Parameter("count", _INTEGER))
_TEXT_PART = (Parameter("text", _TEXT), Parameter("part", _TEXT))

Python = Callable[[Apply, PythonCompiler], Evaluator]


def _strict(plain: Callable[..., Any]) -> Python:
    return lambda node, compiler: compiler.strict(node, plain)


def _lenient(plain: Callable[..., Any]) -> Python:
    """`plain` gets blanks too."""

    def build(node: Apply, compiler: PythonCompiler) -> Evaluator:
        arguments = compiler.arguments(node)
        return lambda env: plain(*[argument(env) for argument in arguments])

    return build


def _truth(plain: Callable[[str, str], bool]) -> Python:
    """`plain` of two texts, false when one is blank."""

    def build(node: Apply, compiler: PythonCompiler) -> Evaluator:
        text, part = compiler.arguments(node)

        def holds(env: Env) -> bool:
            whole = text(env)
            if whole is None:
                return False
            sought = part(env)
            return sought is not None and plain(whole, sought)

        return holds

    return build


def _as_text(node: Apply, compiler: PythonCompiler) -> Evaluator:
    [argument] = node.arguments
    kind, scale = argument.type.kind, argument.type.scale
    if kind is Kind.BOOLEAN:
        condition = compiler.evaluator(argument)
        return lambda env: text_values.boolean_text(condition(env))
    if kind is Kind.INTEGER:
        return compiler.strict(node, str)
    if kind is Kind.DECIMAL:
        return compiler.strict(node, lambda scaled: text_values.number_text(scaled, scale))
    if kind in (Kind.DATE, Kind.DATETIME, Kind.TIME):
        return compiler.strict(node, text_values.moment_text)
    return compiler.evaluator(argument)


def _row(name: str, parameters: tuple[Parameter, ...], result: Type, python: Python, sql: Any, help: Message, *examples: tuple[str, str | None]) -> Function:
    return Function(name, "text", parameters, result, help, examples, python, sql)


_COUNTING: tuple[Function, ...] = (
    _row(
        "LEN",
        _ONE,
        INTEGER,
        _lenient(text_values.length),
        sql_text.length,
        _m("How many characters the text has; 0 when it is blank."),
        ('LEN("Zoë")', "3"),
        ('LEN("👍🏽")', "2"),
        ("LEN(blank)", "0"),
    ),
    _row(
        "LEFT",
        _TEXT_COUNT,
        TEXT,
        _strict(text_values.left),
        sql_text.left,
        _m("The first characters of the text; blank when the count is below 1."),
        ('LEFT("Ada Lovelace", 3)', "Ada"),
        ('LEFT("Ada", 10)', "Ada"),
        ('LEFT("Ada", -1)', None),
    ),
    _row(
        "RIGHT",
        _TEXT_COUNT,
        TEXT,
        _strict(text_values.right),
        sql_text.right,
        _m("The last characters of the text; blank when the count is below 1."),
        ('RIGHT("A-1007", 4)', "1007"),
        ('RIGHT("A-1007", 0)', None),
    ),
    _row(
        "MID",
        (Parameter("text", _TEXT), Parameter("start", _INTEGER), Parameter("count", _INTEGER)),
        TEXT,
        _strict(text_values.mid),
        sql_text.mid,
        _m("Characters from the middle of the text. The first is at position 1; blank when start or count is below 1."),
        ('MID("A-1007-X", 3, 4)', "1007"),
        ('MID("Ada", 3, 9)', "a"),
        ('MID("Ada", 0, 2)', None),
    ),
    _row(
        "FIND",
        (Parameter("part", _TEXT), Parameter("text", _TEXT)),
        INTEGER,
        _strict(text_values.find),
        sql_text.find,
        _m("The position of the first occurrence of a part in the text; 0 when it is not there. Capitals matter."),
        ('FIND("@", "ada@example.com")', "4"),
        ('FIND("ADA", "ada@example.com")', "0"),
    ),
)

_CHANGING: tuple[Function, ...] = (
    _row(
        "UPPER",
        _ONE,
        TEXT,
        _strict(text_values.upper),
        sql_text.upper,
        _m("The text in capitals."),
        ('UPPER("straße")', "STRASSE"),
        ('UPPER("Ελλάς")', "ΕΛΛΆΣ"),
    ),
    _row(
        "LOWER",
        _ONE,
        TEXT,
        _strict(text_values.lower),
        sql_text.lower,
        _m("The text in small letters."),
        ('LOWER("ADA")', "ada"),
        ('LOWER("ΟΔΟΣ")', "οδος"),
    ),
    _row(
        "TRIM",
        _ONE,
        TEXT,
        _strict(text_values.trim),
        sql_text.trim,
        _m("The text without white space at its ends, and with one space for every run of white space inside."),
        ('TRIM("  Ada   Lovelace ")', "Ada Lovelace"),
        ('TRIM("   ")', None),
    ),
    _row(
        "SUBSTITUTE",
        (Parameter("text", _TEXT), Parameter("old", _TEXT), Parameter("new", _TEXT)),
        TEXT,
        _lenient(text_values.substitute),
        sql_text.substitute,
        _m("The text with every occurrence of the old part replaced; a blank new part takes it away. Capitals matter."),
        ('SUBSTITUTE("2026-11-22", "-", "/")', "2026/11/22"),
        ('SUBSTITUTE("555-0100", "-", "")', "5550100"),
        ('SUBSTITUTE("aaa", "aa", "b")', "ba"),
    ),
    _row(
        "INITIALS",
        _ONE,
        TEXT,
        _strict(text_values.initials),
        sql_text.initials,
        _m("The first character of every word, in capitals."),
        ('INITIALS("Ada Lovelace")', "AL"),
        ('INITIALS("ludwig van beethoven")', "LVB"),
    ),
)

_ASKING: tuple[Function, ...] = (
    _row(
        "CONTAINS",
        _TEXT_PART,
        BOOLEAN,
        _truth(text_values.contains),
        sql_text.contains,
        _m("Whether a part occurs in the text, whatever the case; false when one of them is blank."),
        ('CONTAINS("Müller GmbH", "MÜLLER")', "true"),
        ('CONTAINS("100%", "_")', "false"),
        ('CONTAINS("Ada", blank)', "false"),
    ),
    _row(
        "STARTSWITH",
        _TEXT_PART,
        BOOLEAN,
        _truth(text_values.starts_with),
        sql_text.starts_with,
        _m("Whether the text begins with a part, whatever the case; false when one of them is blank."),
        ('STARTSWITH("Straße", "STRASS")', "true"),
        ('STARTSWITH("Ada", "da")', "false"),
    ),
    _row(
        "ENDSWITH",
        _TEXT_PART,
        BOOLEAN,
        _truth(text_values.ends_with),
        sql_text.ends_with,
        _m("Whether the text ends with a part, whatever the case; false when one of them is blank."),
        ('ENDSWITH("report.PDF", ".pdf")', "true"),
        ('ENDSWITH("report.pdf", "report")', "false"),
    ),
)

_CONVERTING: tuple[Function, ...] = (
    _row(
        "TEXT",
        (Parameter("value", _WRITABLE),),
        TEXT,
        _as_text,
        sql_as_text.as_text,
        _m("The value as text: a number in plain digits, a date like 2026-11-22, a date with time in UTC, a choice as its value."),
        ("TEXT(12.50)", "12.5"),
        ("TEXT(1000000)", "1000000"),
        ("TEXT(1 = 1)", "true"),
        ("TEXT(DATE(2026, 11, 22))", "2026-11-22"),
    ),
    _row(
        "VALUE",
        _ONE,
        decimal(MAX_SCALE),
        _strict(text_values.value),
        sql_text.value,
        _m("The number a text writes in plain digits, like -12.50; blank when it writes none."),
        ('VALUE("-12.50")', "-12.5"),
        ('VALUE("1,000")', None),
        ('VALUE("abc")', None),
    ),
)

ROWS: tuple[Function, ...] = (*_COUNTING, *_CHANGING, *_ASKING, *_CONVERTING)
