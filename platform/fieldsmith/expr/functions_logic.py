"""Rows of IF, SWITCH and COALESCE: the branches not taken are not computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from fieldsmith.base.text import _m
from fieldsmith.expr import python_comparison, sql_comparison, sql_numbers
from fieldsmith.expr.environment import Env, Evaluator
from fieldsmith.expr.function import Function, Parameter, Sql
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.once import once
from fieldsmith.expr.operators import CONDITION
from fieldsmith.expr.sql_values import sql_type
from fieldsmith.expr.types import Kind

if TYPE_CHECKING:
    from fieldsmith.expr.to_python import PythonCompiler
    from fieldsmith.expr.to_sql import SqlCompiler

_VALUES = frozenset(Kind) - {Kind.LIST, Kind.PARTS, Kind.OPAQUE, Kind.BLANK}


def _if(node: Apply, compiler: PythonCompiler) -> Evaluator:
    arguments = compiler.arguments(node)
    condition, chosen = arguments[:2]
    if len(arguments) == 2:
        blank = False if node.type.kind is Kind.BOOLEAN else None
        return lambda env: chosen(env) if condition(env) else blank
    otherwise = arguments[2]
    return lambda env: chosen(env) if condition(env) else otherwise(env)


def _sql_if(node: Apply, compiler: SqlCompiler) -> Sql:
    if node.type.is_number and compiler.sqlite:
        return sql_numbers.number(node, compiler)
    values = [_value(argument, node, compiler) for argument in node.arguments[1:]]
    return sa.case((compiler.condition(node.arguments[0]), values[0]), else_=values[1] if len(values) > 1 else _blank(node, compiler))


def _value(argument: Node, node: Apply, compiler: SqlCompiler) -> Sql:
    """A branch. PostgreSQL must hear the type where every branch is a bare NULL."""
    if isinstance(argument, Constant) and argument.value is None:
        return _blank(node, compiler)
    return sql_numbers.value(argument, compiler)


def _blank(node: Apply, compiler: SqlCompiler) -> Sql:
    if compiler.sqlite or node.type.kind in (Kind.BLANK, Kind.SET, Kind.RECORD):
        return sa.null()
    return sa.cast(sa.null(), sql_numbers.plain_type(node.type))


def _switch(node: Apply, compiler: PythonCompiler) -> Evaluator:
    operand, *rest = node.arguments
    last = compiler.evaluator(rest.pop()) if len(rest) % 2 else None
    blank = False if node.type.kind is Kind.BOOLEAN else None
    scale = max(operand.type.scale, *(case.type.scale for case in rest[::2]))
    cases = [python_comparison.at_scale(case, scale, compiler) for case in rest[::2]]
    values = [compiler.evaluator(value) for value in rest[1::2]]
    found = python_comparison.at_scale(operand, scale, compiler)

    def chosen(env: Env) -> Any:
        sought = found(env)
        for case, value in zip(cases, values, strict=True):
            if case(env) == sought:
                return value(env)
        return blank if last is None else last(env)

    return chosen


def _sql_switch(node: Apply, compiler: SqlCompiler) -> Sql:
    operand, *rest = node.arguments
    otherwise = _value(rest.pop(), node, compiler) if len(rest) % 2 else _blank(node, compiler)
    values = [_value(value, node, compiler) for value in rest[1::2]]
    cases, type_ = rest[::2], sql_type(node.type, compiler.dialect)
    if isinstance(operand, (FieldRef, Constant)):
        conditions = [sql_comparison.comparison("=", operand, case, compiler) for case in cases]
        return sa.type_coerce(sa.case(*zip(conditions, values, strict=True), else_=otherwise), type_)

    def among(sought: Sql) -> Sql:
        conditions = [sql_comparison.equal(operand, sought, case, compiler) for case in cases]
        return sa.case(*zip(conditions, values, strict=True), else_=otherwise)

    return sa.type_coerce(once(sql_comparison.plain(operand, compiler), among, compiler), type_)


def _coalesce(node: Apply, compiler: PythonCompiler) -> Evaluator:
    arguments = compiler.arguments(node)

    def first(env: Env) -> Any:
        for argument in arguments:
            value = argument(env)
            if value is not None:
                return value
        return None

    return first


def _sql_coalesce(node: Apply, compiler: SqlCompiler) -> Sql:
    if node.type.is_number and compiler.sqlite:
        return sql_numbers.number(node, compiler)
    values = [_value(argument, node, compiler) for argument in node.arguments]
    if len(values) == 1:
        return values[0]
    return sa.func.coalesce(*values, type_=sql_type(node.type, compiler.dialect))


_BRANCH = Parameter("value", _VALUES, unify="v")

ROWS: tuple[Function, ...] = (
    Function(
        "IF",
        "logic",
        (Parameter("condition", CONDITION), Parameter("then", _VALUES, unify="v"), Parameter("else", _VALUES, optional=True, unify="v")),
        "v",
        _m("One value when the condition is true, another when it is not."),
        (('IF(2 > 1, "yes", "no")', "yes"), ("IF(1 > 2, 5)", None)),
        _if,
        _sql_if,
    ),
    Function(
        "SWITCH",
        "logic",
        (
            Parameter("value", _VALUES, unify="c"),
            Parameter("case", _VALUES, repeated=True, unify="c"),
            Parameter("then", _VALUES, repeated=True, unify="v"),
            Parameter("else", _VALUES, optional=True, unify="v"),
        ),
        "v",
        _m("The value beside the first case that equals the first argument."),
        (('SWITCH(2, 1, "one", 2, "two", "many")', "two"), ('SWITCH(5, 1, "one")', None)),
        _switch,
        _sql_switch,
    ),
    Function(
        "COALESCE",
        "logic",
        (Parameter("value", _VALUES, repeated=True, unify="v"),),
        "v",
        _m("The first of the values that is not blank."),
        (("COALESCE(blank, 2, 3)", "2"),),
        _coalesce,
        _sql_coalesce,
    ),
)
