"""Rows of the number functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from fieldsmith.base.text import _m
from fieldsmith.expr import number_values, sql_numbers
from fieldsmith.expr.bounds import exponent
from fieldsmith.expr.environment import Env, Evaluator
from fieldsmith.expr.function import Function, Misused, Parameter, Sql
from fieldsmith.expr.nodes import Apply, Constant, Node
from fieldsmith.expr.operators import NUMBERS, power, power_type, same_type, strict
from fieldsmith.expr.types import DIGITS, INTEGER, MAX_SCALE, Kind, Type, decimal, number

if TYPE_CHECKING:
    from fieldsmith.expr.to_python import PythonCompiler
    from fieldsmith.expr.to_sql import SqlCompiler

_MOST_EXPONENT = 30
_INTEGER = frozenset({Kind.INTEGER})
_COMPARABLE = NUMBERS | {Kind.TEXT, Kind.DATE, Kind.DATETIME, Kind.TIME}
_VALUE = Parameter("number", NUMBERS)


def _round(node: Apply, compiler: PythonCompiler) -> Evaluator:
    evaluate, digits = compiler.evaluator(node.arguments[0]), exponent(node)
    shift, within = number_values.shifter(digits - node.arguments[0].type.scale), number_values.within
    tens = number_values.ten(max(-digits, 0))

    def rounded(env: Env) -> int | None:
        value = evaluate(env)
        return None if value is None else within(shift(value) * tens)

    return rounded


def _rounded_type(arguments: Sequence[Node]) -> Type:
    return number(max(_digits(arguments), 0))


def _digits(arguments: Sequence[Node]) -> int:
    return int(arguments[1].value or 0) if len(arguments) > 1 and isinstance(arguments[1], Constant) else 0


def _check_digits(arguments: Sequence[Node]) -> None:
    if not -DIGITS < _digits(arguments) <= MAX_SCALE:
        message = _m("ROUND keeps at most {most} decimals.", most=MAX_SCALE)
        raise Misused("bad_digits", message, 1, _m("Write a number from -{low} to {most}.", low=DIGITS - 1, most=MAX_SCALE))


def _check_exponent(arguments: Sequence[Node]) -> None:
    times = arguments[1]
    if not isinstance(times, Constant) or times.value is None or abs(times.value) > _MOST_EXPONENT:
        message = _m("An exponent is a whole number written out, from -{most} to {most}.", most=_MOST_EXPONENT)
        raise Misused("bad_exponent", message, 1, _m("Write the exponent as a number, like POWER(amount, 2)."))


def _at_scale(plain: Callable[[int, int], Any]) -> Callable[[Apply], Callable[[int], Any]]:
    def make(node: Apply) -> Callable[[int], Any]:
        scale = node.arguments[0].type.scale
        return lambda value: plain(value, scale)

    return make


def _extreme(pick: Callable[..., Any]) -> Callable[[Apply, PythonCompiler], Evaluator]:
    def make(node: Apply, compiler: PythonCompiler) -> Evaluator:
        arguments = compiler.arguments(node)

        def found(env: Env) -> Any:
            values = [value for argument in arguments if (value := argument(env)) is not None]
            return pick(values) if values else None

        return found

    return make


def _sql_extreme(node: Apply, compiler: SqlCompiler) -> Sql:
    if node.type.is_number:
        return sql_numbers.number(node, compiler)
    values = [compiler.value(argument) for argument in node.arguments]
    smallest = node.function == "MIN"
    if len(values) == 1:
        return values[0]
    if not compiler.sqlite:
        if node.type.kind is Kind.TEXT:
            values = [sa.collate(value, "C") for value in values]
        return sa.Function("least" if smallest else "greatest", *values, type_=values[0].type)
    return compiler.call("fs_least_text" if smallest else "fs_greatest_text", *values, type_=sa.String())


def _row(name: str, result: Type | Callable[[Sequence[Node]], Type], help_: Any, examples: Any, plain: Callable[[Apply], Callable[..., Any]]) -> Function:
    return Function(name, "number", (_VALUE,), result, help_, examples, strict(plain), sql_numbers.number)


_SAME = Parameter("number", NUMBERS, unify="n")
_REPEATED = Parameter("value", _COMPARABLE, repeated=True, unify="n")

ROWS: tuple[Function, ...] = (
    _row("ABS", same_type, _m("The number without its sign."), (("ABS(-2.5)", "2.5"),), lambda node: abs),
    Function(
        "ROUND",
        "number",
        (_VALUE, Parameter("digits", _INTEGER, optional=True, constant=True)),
        _rounded_type,
        _m("Rounds to so many decimals, halves away from zero; negative digits round to tens, hundreds …"),
        (("ROUND(2.345, 2)", "2.35"), ("ROUND(-2.5)", "-3"), ("ROUND(1250, -2)", "1300")),
        _round,
        sql_numbers.number,
        check=_check_digits,
    ),
    _row("FLOOR", INTEGER, _m("The largest whole number that is not greater."), (("FLOOR(-2.5)", "-3"),), _at_scale(number_values.floor)),
    _row("CEILING", INTEGER, _m("The smallest whole number that is not less."), (("CEILING(-2.5)", "-2"),), _at_scale(number_values.ceiling)),
    Function(
        "MOD",
        "number",
        (_SAME, Parameter("divisor", NUMBERS, unify="n")),
        "n",
        _m("What is left after division, with the sign of the divisor; by zero gives blank."),
        (("MOD(7, 3)", "1"), ("MOD(-7, 3)", "2"), ("MOD(7, 0)", None)),
        strict(lambda node: number_values.modulo),
        sql_numbers.number,
    ),
    Function(
        "POWER",
        "number",
        (_VALUE, Parameter("exponent", _INTEGER, constant=True)),
        power_type,
        _m("The number raised to a whole power from -30 to 30."),
        (("POWER(1.5, 2)", "2.25"), ("POWER(0, -1)", None)),
        power,
        sql_numbers.number,
        check=_check_exponent,
    ),
    _row(
        "SQRT",
        decimal(MAX_SCALE),
        _m("The square root, to 8 decimals; blank below zero."),
        (("SQRT(2)", "1.41421356"), ("SQRT(-1)", None)),
        _at_scale(number_values.square_root),
    ),
    Function(
        "MIN",
        "number",
        (_REPEATED,),
        "n",
        _m("The smallest or earliest of the values; blanks do not count."),
        (("MIN(3, 1.5, blank)", "1.5"),),
        _extreme(min),
        _sql_extreme,
    ),
    Function(
        "MAX",
        "number",
        (_REPEATED,),
        "n",
        _m("The greatest or latest of the values; blanks do not count."),
        (("MAX(3, 1.5)", "3"),),
        _extreme(max),
        _sql_extreme,
    ),
    _row("SIGN", INTEGER, _m("1, 0 or -1: whether the number is above, at or below zero."), (("SIGN(-2.5)", "-1"),), lambda node: number_values.sign),
)
