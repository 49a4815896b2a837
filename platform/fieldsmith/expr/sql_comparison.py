"""`= <> < <= > >= in` as SQL conditions. The side that is constant is brought to the scale of the other: a column stays as
it is and an index serves. Blank is a value to `=` and `<>`, and nothing is before or after it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from fieldsmith.expr import postgresql_numbers, sqlite_numbers, sqlite_whole
from fieldsmith.expr.bounds import bound
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.number_values import WORD
from fieldsmith.expr.once import once
from fieldsmith.expr.sql_numbers import value as sql_value
from fieldsmith.expr.types import Kind

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler

Condition = sa.ColumnElement[bool]
_ORDER: dict[str, Callable[[Any, Any], Any]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compare(node: Apply, compiler: SqlCompiler) -> Condition:
    """The SQL of a comparison node; NULL counts as false."""
    left, right = node.arguments
    return comparison(node.function, left, right, compiler)


def comparison(symbol: str, left: Node, right: Node, compiler: SqlCompiler) -> Condition:
    """`left symbol right`."""
    if isinstance(left, Constant) and not isinstance(right, Constant):
        left, right, symbol = right, left, _MIRRORED[symbol]
    if isinstance(right, Constant) and right.value is None:
        return _with_blank(symbol, left, compiler)
    if left.type.is_number and right.type.is_number:
        if isinstance(right, Constant) and not isinstance(left, Constant):
            return _number_and_constant(symbol, left, right, compiler)
        return _numbers(symbol, left, right, compiler)
    a, b = _comparable(sql_value(left, compiler)), _comparable(sql_value(right, compiler))
    if left.type.kind is Kind.TEXT and not compiler.sqlite and not isinstance(left, FieldRef) and not isinstance(right, FieldRef):
        a = sa.collate(a, "C")
    return _apply(symbol, a, b, isinstance(right, Constant) or left.type.kind is right.type.kind is Kind.BOOLEAN, compiler)


def _with_blank(symbol: str, node: Node, compiler: SqlCompiler) -> Condition:
    """Against the word `blank`."""
    if isinstance(node, Constant):
        return sa.true() if (symbol == "=") is (node.value is None) and symbol in ("=", "<>") else sa.false()
    if symbol == "=":
        return sql_value(node, compiler).is_(None)
    return sql_value(node, compiler).is_not(None) if symbol == "<>" else sa.false()


def _apply(symbol: str, a: Sql, b: Sql, definite: bool, compiler: SqlCompiler) -> Condition:
    """`definite`: `b` is never blank, so that `=` need not treat blank as a value."""
    if symbol == "=":
        return a == b if definite else same(a, b, compiler)
    if symbol == "<>":
        return _is(a, "IS NOT" if compiler.sqlite else "IS DISTINCT FROM", b)
    found: Condition = _ORDER[symbol](a, b)
    return found


def same(a: Sql, b: Sql, compiler: SqlCompiler) -> Condition:
    """`=` of two values that may both be blank."""
    return _is(a, "IS" if compiler.sqlite else "IS NOT DISTINCT FROM", b)


def _is(a: Sql, words: str, b: Sql) -> Condition:
    """By hand: SQLAlchemy's own forgets, on SQLite, that values are to be written in, as column definitions want them."""
    found: Condition = a.self_group(sa.sql.operators.mul).op(words, precedence=5, is_comparison=True)(b.self_group(sa.sql.operators.mul))
    return found


def _number_and_constant(symbol: str, node: Node, constant: Constant, compiler: SqlCompiler) -> Condition:
    scale = node.type.scale
    lead = scale - constant.type.scale
    wanted, rest = (constant.value * 10**lead, 0) if lead >= 0 else divmod(constant.value, 10**-lead)
    if rest:  # between two values of the scale: `wanted` is the one below
        if symbol in ("=", "<>"):
            return sa.true() if symbol == "<>" else sa.false()
        symbol = "<=" if symbol in ("<", "<=") else ">"
    most = bound(node)
    if abs(wanted) > most or (wanted == most == WORD and isinstance(node, FieldRef)):
        return _out_of_reach(symbol, wanted > 0, node, compiler)
    if not compiler.sqlite:
        column = compiler.value(node) if isinstance(node, FieldRef) else postgresql_numbers.number(node, compiler)
        whole = node.type.kind is Kind.INTEGER and isinstance(node, FieldRef)
        return _apply(symbol, column, sqlite_whole.integer(wanted) if whole else postgresql_numbers.literal(wanted, scale), True, compiler)
    found = sqlite_numbers.whole(node, compiler)
    other = sqlite_whole.whole_number(wanted)
    if found.wide and symbol in _ORDER:
        return _called(symbol, found.sql, other.sql, 0, compiler)
    return _apply(symbol, found.sql, other.sql, True, compiler)


def _out_of_reach(symbol: str, above: bool, node: Node, compiler: SqlCompiler) -> Condition:
    """Against a number that no value of `node` comes up to."""
    if symbol in ("=", "<>"):
        return sa.true() if symbol == "<>" else sa.false()
    if (symbol in ("<", "<=")) is above:
        return sql_value(node, compiler).is_not(None)
    return sa.false()


def _numbers(symbol: str, left: Node, right: Node, compiler: SqlCompiler) -> Condition:
    definite = isinstance(right, Constant)
    if not compiler.sqlite:
        first, second = (compiler.value(side) if isinstance(side, FieldRef) else postgresql_numbers.number(side, compiler) for side in (left, right))
        return _apply(symbol, first, second, definite, compiler)
    a, b = sqlite_numbers.whole(left, compiler), sqlite_numbers.whole(right, compiler)
    digits = right.type.scale - left.type.scale
    coarse, times = (a, 10**digits) if digits > 0 else (b, 10**-digits)
    if digits and not a.wide and not b.wide and coarse.bound * times < WORD:
        raised = sqlite_whole.op(coarse.sql, "*", sqlite_whole.integer(times))
        return _apply(symbol, raised, b.sql, definite, compiler) if digits > 0 else _apply(symbol, a.sql, raised, definite, compiler)
    if digits or ((a.wide or b.wide) and symbol in _ORDER):
        return _called(symbol, a.sql, b.sql, digits, compiler)
    return _apply(symbol, as_it_is(left, a.sql, right), as_it_is(right, b.sql, left), definite, compiler)


def as_it_is(node: Node, value: Sql, other: Node) -> Sql:
    """`value`, the SQL of `node`, to be compared in SQLite with `other`.

    Beside a column of whole numbers SQLite takes digits for a REAL ("affinity", datatype3.html), and -2^63 - 2 would equal
    -2^63. A sign before the column, which FLOOR and others may hand on, stops that; no index serves such a comparison anyway.
    """
    if isinstance(node, Constant) or isinstance(other, (Constant, FieldRef)) or bound(other) < WORD:
        return value
    return sa.UnaryExpression(value.self_group(sa.sql.operators.mul), operator=sa.sql.operators.custom_op("+"), type_=value.type)


def _called(symbol: str, a: Sql, b: Sql, digits: int, compiler: SqlCompiler) -> Condition:
    lead = sqlite_whole.integer(digits)
    if symbol in ("=", "<>"):
        same = compiler.call("fs_same", a, b, lead, type_=sqlite_whole.INT)
        return same == (1 if symbol == "=" else 0)
    found: Condition = _ORDER[symbol](compiler.call("fs_compare", a, b, lead, type_=sqlite_whole.INT), 0)
    return found


def member(node: Apply, compiler: SqlCompiler) -> Condition:
    """`operand in (item, …)`: a blank operand is in it only when the word `blank` is among the items."""
    operand, *items = node.arguments
    blank = any(isinstance(item, Constant) and item.value is None for item in items)
    items = [item for item in items if not (isinstance(item, Constant) and item.value is None)]
    if isinstance(operand, Constant):
        return _constant_member(operand, items, blank, compiler)
    if all(isinstance(item, Constant) for item in items):
        return _among(operand, items, blank, compiler)
    return _member_of_any(operand, items, blank, compiler)


def _constant_member(operand: Constant, items: Sequence[Node], blank: bool, compiler: SqlCompiler) -> Condition:
    if operand.value is None:
        return sa.true() if blank else sa.false()
    return sa.or_(sa.false(), *(comparison("=", operand, item, compiler) for item in items))


def _among(operand: Node, items: Sequence[Node], blank: bool, compiler: SqlCompiler) -> Condition:
    """Against constants only."""
    sought = plain(operand, compiler)
    values = [found for item in items if (found := _constant_for(operand, item, compiler)) is not None]
    if not blank:
        return sought.in_(values) if values else sa.false()
    if isinstance(operand, FieldRef):
        return sa.or_(sought.in_(values), sought.is_(None)) if values else sought.is_(None)
    return sa.func.coalesce(sought.in_(values), sa.true(), type_=sa.Boolean()).is_(sa.true()) if values else sought.is_(None)


def equal(operand: Node, value: Sql, case: Node, compiler: SqlCompiler) -> Condition:
    """`operand = case` where `value` is the SQL of the operand, for which blank is a value."""
    if isinstance(case, Constant):
        if case.value is None:
            return value.is_(None)
        other = _constant_for(operand, case, compiler)
        return sa.false() if other is None else value == other
    digits = case.type.scale - operand.type.scale
    other = plain(case, compiler)
    if compiler.sqlite and operand.type.is_number and digits:
        return _called("=", value, other, digits, compiler)
    if compiler.sqlite and operand.type.is_number:
        return same(as_it_is(operand, value, case), as_it_is(case, other, operand), compiler)
    return same(value, other, compiler)


def plain(node: Node, compiler: SqlCompiler) -> Sql:
    """The SQL of a value to be compared with others."""
    if node.type.is_number and not compiler.sqlite and not isinstance(node, FieldRef):
        return postgresql_numbers.number(node, compiler)
    return _comparable(sql_value(node, compiler))


def _comparable(found: Sql) -> Sql:
    """A function may find that it can only be blank. SQLAlchemy's null() would turn = into IS NULL, and refuses <."""
    return sa.literal_column("NULL") if isinstance(found, sa.sql.elements.Null) else found


def _constant_for(operand: Node, item: Node, compiler: SqlCompiler) -> Sql | None:
    """A constant in the form of the operand; None when it can equal none of its values."""
    assert isinstance(item, Constant)
    if not operand.type.is_number:
        return sql_value(item, compiler)
    lead = operand.type.scale - item.type.scale
    wanted, rest = (item.value * 10**lead, 0) if lead >= 0 else divmod(item.value, 10**-lead)
    most = bound(operand)
    if rest or abs(wanted) > most or (wanted == most == WORD and isinstance(operand, FieldRef)):
        return None
    if compiler.sqlite:
        return sqlite_whole.whole_number(wanted).sql
    whole = operand.type.kind is Kind.INTEGER and isinstance(operand, FieldRef)
    return sqlite_whole.integer(wanted) if whole else postgresql_numbers.literal(wanted, operand.type.scale)


def _member_of_any(operand: Node, items: Sequence[Node], blank: bool, compiler: SqlCompiler) -> Condition:
    """Against items that are computed. The operand is written once, as long as it is."""

    def any_of(value: Sql) -> Sql:
        found = [_equal_and_there(operand, value, item, compiler) for item in items]
        return sa.or_(*found, *([value.is_(None)] if blank else []))

    value = plain(operand, compiler)
    if isinstance(operand, FieldRef):
        return any_of(value)
    return once(value, any_of, compiler).is_(sa.true())


def _equal_and_there(operand: Node, value: Sql, item: Node, compiler: SqlCompiler) -> Condition:
    """Plain `=` of SQL: blank equals nothing."""
    digits = item.type.scale - operand.type.scale
    other = _constant_for(operand, item, compiler) if isinstance(item, Constant) else plain(item, compiler)
    if other is None:
        return sa.false()
    if compiler.sqlite and operand.type.is_number and digits and not isinstance(item, Constant):
        return compiler.call("fs_compare", value, other, sqlite_whole.integer(digits), type_=sqlite_whole.INT) == 0
    if compiler.sqlite and operand.type.is_number:
        return as_it_is(operand, value, item) == as_it_is(item, other, operand)
    return value == other
