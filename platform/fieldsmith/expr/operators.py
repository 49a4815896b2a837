"""Rows of the operators, and of the two steps nobody writes: "to_scale" and "store"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from fieldsmith.base.text import Message, _m
from fieldsmith.expr import number_values, python_comparison, sql_comparison, sql_numbers
from fieldsmith.expr.bounds import exponent, product_drop, quotient_up
from fieldsmith.expr.environment import Env, Evaluator
from fieldsmith.expr.function import Function, Parameter, Sql
from fieldsmith.expr.nodes import Apply, Constant, Node, members
from fieldsmith.expr.sql_text import guarded
from fieldsmith.expr.text_values import limited
from fieldsmith.expr.types import BOOLEAN, DATE, DIGITS, INTEGER, MAX_SCALE, STORED_DIGITS, TEXT, Kind, Type, decimal, number

if TYPE_CHECKING:
    from fieldsmith.expr.to_python import PythonCompiler
    from fieldsmith.expr.to_sql import SqlCompiler

Python = Callable[[Apply, "PythonCompiler"], Evaluator]
ToSql = Callable[[Apply, "SqlCompiler"], Sql]

NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})
CONDITION = frozenset({Kind.BOOLEAN})
_ROW = 30
_ORDERED = NUMBERS | {Kind.TEXT, Kind.DATE, Kind.DATETIME, Kind.TIME}
_EQUAL = _ORDERED | {Kind.BOOLEAN, Kind.CHOICE, Kind.SET, Kind.RECORD}


# ---------------------------------------------------------------------------------------------------------------- and, or, not


def _and(node: Apply, compiler: PythonCompiler) -> Evaluator:
    left, right = compiler.arguments(node)
    return lambda env: bool(left(env) and right(env))


def _or(node: Apply, compiler: PythonCompiler) -> Evaluator:
    left, right = compiler.arguments(node)
    return lambda env: bool(left(env) or right(env))


def _not(node: Apply, compiler: PythonCompiler) -> Evaluator:
    [condition] = compiler.arguments(node)
    return lambda env: not condition(env)


def _sql_and(node: Apply, compiler: SqlCompiler) -> Sql:
    return sa.and_(*(compiler.condition(part) for part in members(node)))


def _sql_or(node: Apply, compiler: SqlCompiler) -> Sql:
    return sa.or_(*(compiler.condition(part) for part in members(node)))


def _sql_not(node: Apply, compiler: SqlCompiler) -> Sql:
    [inside] = node.arguments
    if isinstance(inside, Apply) and inside.function == "ISBLANK":
        return sa.not_(compiler.condition(inside))
    if isinstance(inside, Constant):
        return sa.false() if inside.value else sa.true()
    return compiler.condition(inside).is_not(sa.true())


# ------------------------------------------------------------------------------------------------------------------------ text


def _join(node: Apply, compiler: PythonCompiler) -> Evaluator:
    """A chain is joined at once here too: what is beyond `MAX_TEXT` is the whole of it, never a part."""
    parts = [compiler.evaluator(part) for part in members(node)]
    return lambda env: limited("".join([part(env) or "" for part in parts]))


def _sql_join(node: Apply, compiler: SqlCompiler) -> Sql:
    """The empty text is blank; the parts of a chain are joined at once."""
    parts = [part for part in members(node) if not (isinstance(part, Constant) and part.value is None)]
    texts = [compiler.value(part) if isinstance(part, Constant) else _or_empty(compiler.value(part)) for part in parts]
    if not texts:
        return sa.null()
    joined = _joined(texts)
    if any(isinstance(part, Constant) for part in parts):
        # SQLAlchemy takes COLLATE for looser than ||, PostgreSQL for tighter
        return guarded(joined if compiler.sqlite or len(texts) == 1 else sa.sql.elements.Grouping(joined), node, compiler)
    return guarded(sa.func.nullif(joined, sa.literal_column("''", sa.String()), type_=sa.String()), node, compiler)


def _joined(texts: Sequence[Sql]) -> Sql:
    """A long row in brackets, for SQLAlchemy goes down one step for each part."""
    while len(texts) > _ROW:
        texts = [sa.sql.elements.Grouping(_joined(texts[start : start + _ROW])) for start in range(0, len(texts), _ROW)]
    joined = texts[0]
    for text in texts[1:]:
        joined = joined.op("||", precedence=6, return_type=sa.String())(text)
    return joined


def _or_empty(text: Sql) -> Sql:
    return sa.func.coalesce(text, sa.literal_column("''", sa.String()), type_=sa.String())


# --------------------------------------------------------------------------------------------------------------------- numbers


def strict(plain: Callable[[Apply], Callable[..., Any]]) -> Python:
    """A row's `python` from what makes, of a node, the plain function over its values."""
    return lambda node, compiler: compiler.strict(node, plain(node))


def _add(node: Apply, compiler: PythonCompiler) -> Evaluator:
    moved = as_date_call(node)
    return compiler.strict(node, _plain_add(node)) if moved is None else compiler.evaluator(moved)


def _plain_add(node: Apply) -> Callable[..., Any]:
    return number_values.add if node.function == "+" else number_values.subtract


def _sql_add(node: Apply, compiler: SqlCompiler) -> Sql:
    moved = as_date_call(node)
    return sql_numbers.number(node, compiler) if moved is None else compiler.value(moved)


def as_date_call(node: Apply) -> Apply | None:
    """`date ± days` and `date − date` as the function that they are; None for numbers."""
    left, right = node.arguments
    if node.type.kind is Kind.DATE:
        if left.type.kind is not Kind.DATE:
            left, right = right, left
        days = right if node.function == "+" else Apply("negate", (right,), INTEGER, right.span)
        return Apply("ADDDAYS", (left, days), DATE, node.span)
    if left.type.kind is Kind.DATE:
        return Apply("DAYSBETWEEN", (right, left), INTEGER, node.span)
    return None


def _multiply(node: Apply) -> Callable[..., Any]:
    drop = product_drop(node)
    if drop == 0:
        return _product
    shift, within = number_values.shifter(-drop), number_values.within
    return lambda a, b: within(shift(a * b))


def _product(a: int, b: int) -> int | None:
    return number_values.within(a * b)


def _divide(node: Apply) -> Callable[..., Any]:
    return number_values.divider(quotient_up(node))


def power(node: Apply, compiler: PythonCompiler) -> Evaluator:
    """`^` and POWER."""
    base, times = node.arguments[0], exponent(node)
    value, scale, result = compiler.evaluator(base), base.type.scale, node.type.scale

    def raised(env: Env) -> int | None:
        found = value(env)
        return None if found is None else number_values.power(found, times, scale, result)

    return raised


def _rescale(carried: int, node: Apply) -> Callable[..., Any]:
    digits = node.type.scale - node.arguments[0].type.scale
    if digits == 0:
        return partial(number_values.within, limit=10**carried)
    limit, shift, within = 10**carried, number_values.shifter(digits), number_values.within
    return lambda value: within(shift(value), limit)


# ---------------------------------------------------------------------------------------------------------------- result types


def wider(arguments: Sequence[Node]) -> Type:
    """The type of a sum of numbers."""
    scale = max(argument.type.scale for argument in arguments)
    return decimal(scale) if any(argument.type.kind is Kind.DECIMAL for argument in arguments) else INTEGER


def _sum_type(arguments: Sequence[Node]) -> Type:
    kinds = [argument.type.kind for argument in arguments]
    if kinds == [Kind.DATE, Kind.DATE]:
        return INTEGER
    return DATE if Kind.DATE in kinds else wider(arguments)


def _product_type(arguments: Sequence[Node]) -> Type:
    scale = min(MAX_SCALE, sum(argument.type.scale for argument in arguments))
    return wider(arguments) if scale == 0 else decimal(scale)


def power_type(arguments: Sequence[Node]) -> Type:
    """A negative exponent divides."""
    times = arguments[1].value if isinstance(arguments[1], Constant) else 0
    return decimal(MAX_SCALE) if times < 0 else number(min(MAX_SCALE, arguments[0].type.scale * times))


def same_type(arguments: Sequence[Node]) -> Type:
    return arguments[0].type


# ------------------------------------------------------------------------------------------------------------------------ rows


def _row(
    name: str,
    kinds: frozenset[Kind],
    count: int,
    result: Type | Callable[[Sequence[Node]], Type],
    help_: Message,
    examples: tuple[tuple[str, str | None], ...],
    python: Python,
    sql: ToSql,
) -> Function:
    names = ("left", "right") if count == 2 else ("value",)
    return Function(name, "operator", tuple(Parameter(each, kinds) for each in names), result, help_, examples, python, sql)


def _comparison(symbol: str, help_: Message, *examples: tuple[str, str]) -> Function:
    kinds = _EQUAL if symbol in ("=", "<>") else _ORDERED
    return _row(symbol, kinds, 2, BOOLEAN, help_, examples, python_comparison.compare, sql_comparison.compare)


_TEXT = frozenset({Kind.TEXT})
_SUMMANDS = NUMBERS | {Kind.DATE}

ROWS: tuple[Function, ...] = (
    _row("or", CONDITION, 2, BOOLEAN, _m("True when one of the conditions is true."), (("1 = 2 or 2 = 2", "true"),), _or, _sql_or),
    _row("and", CONDITION, 2, BOOLEAN, _m("True when both conditions are true."), (("1 = 2 and 2 = 2", "false"),), _and, _sql_and),
    _row("not", CONDITION, 1, BOOLEAN, _m("True when the condition is not."), (("not 1 = 2", "true"),), _not, _sql_not),
    _comparison("=", _m("True when both are the same; blank is the same as blank."), ("5 = 5.0", "true"), ("5 = blank", "false")),
    _comparison("<>", _m("True when they differ; blank differs from everything else."), ("5 <> blank", "true")),
    _comparison("<", _m("True when the left one is less or earlier; never with a blank."), ("1.5 < 2", "true"), ("1 < blank", "false")),
    _comparison("<=", _m("True when the left one is not greater or later; never with a blank."), ("2.0 <= 2", "true")),
    _comparison(">", _m("True when the left one is greater or later; never with a blank."), ('"b" > "a"', "true")),
    _comparison(">=", _m("True when the left one is not less or earlier; never with a blank."), ("2 >= 2.01", "false")),
    Function(
        "in",
        "operator",
        (Parameter("value", _EQUAL), Parameter("item", _EQUAL, repeated=True)),
        BOOLEAN,
        _m("True when the value is one of those listed; a blank only when “blank” is listed."),
        (('"b" in ("a", "b")', "true"), ("3 not in (1, 2)", "true"), ("blank in (1, blank)", "true")),
        python_comparison.member,
        sql_comparison.member,
    ),
    _row("&", _TEXT, 2, TEXT, _m("Joins two texts; blank counts as empty."), (('"a" & "b"', "ab"), ('blank & "b"', "b")), _join, _sql_join),
    _row(
        "+",
        _SUMMANDS,
        2,
        _sum_type,
        _m("Adds numbers, or days to a date."),
        (("1.5 + 2", "3.5"), ("DATE(2026, 11, 22) + 10", "2026-12-02"), ("1 + blank", None)),
        _add,
        _sql_add,
    ),
    _row(
        "-",
        _SUMMANDS,
        2,
        _sum_type,
        _m("Subtracts numbers, days from a date, or two dates."),
        (("1.5 - 2", "-0.5"), ("DATE(2026, 11, 22) - DATE(2026, 11, 1)", "21")),
        _add,
        _sql_add,
    ),
    _row("*", NUMBERS, 2, _product_type, _m("Multiplies, with at most 8 decimals."), (("1.5 * 2.5", "3.75"),), strict(_multiply), sql_numbers.number),
    _row(
        "/",
        NUMBERS,
        2,
        decimal(MAX_SCALE),
        _m("Divides, to 8 decimals; by zero gives blank."),
        (("2 / 3", "0.66666667"), ("1 / 0", None)),
        strict(_divide),
        sql_numbers.number,
    ),
    _row(
        "^",
        NUMBERS,
        2,
        power_type,
        _m("Raises to a power from -30 to 30."),
        (("2 ^ 10", "1024"), ("-2 ^ 2", "-4"), ("2 ^ -1", "0.5")),
        power,
        sql_numbers.number,
    ),
    _row("negate", NUMBERS, 1, same_type, _m("The number with the other sign."), (("-(1 + 2)", "-3"),), strict(lambda node: int.__neg__), sql_numbers.number),
    _row("to_scale", NUMBERS, 1, same_type, _m("The number with other decimals."), (), strict(partial(_rescale, DIGITS)), sql_numbers.number),
    _row("store", NUMBERS, 1, same_type, _m("The number as it is stored."), (), strict(partial(_rescale, STORED_DIGITS)), sql_numbers.number),
)
