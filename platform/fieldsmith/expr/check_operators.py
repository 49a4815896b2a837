"""Types of operators. Each gets its operands checked and gives the node, or reports what does not fit."""

from __future__ import annotations

from collections.abc import Sequence

from fieldsmith.base.text import Message, _m
from fieldsmith.expr.check_literals import adopt, definite, negated, wider
from fieldsmith.expr.check_state import ORDERED, Checking, faulty, in_words, is_literal
from fieldsmith.expr.check_unify import conversion, level, needs_part, unify
from fieldsmith.expr.nodes import Apply, Constant, Node
from fieldsmith.expr.syntax import Binary, Membership, Span, Unary
from fieldsmith.expr.types import BOOLEAN, DATE, INTEGER, MAX_SCALE, TEXT, Kind, Type, decimal, number

MAX_EXPONENT = 30
_DATES = frozenset({Kind.DATE, Kind.DATETIME, Kind.TIME})


def unary(state: Checking, syntax: Unary, operand: Node) -> Node:
    """`not` and `-`."""
    if syntax.operator == "not":
        conditions = _conditions(state, [operand])
        return Apply("not", tuple(conditions), BOOLEAN, syntax.span) if conditions else state.report_done(syntax.span)
    numbers = _numbers(state, "-", [operand])
    if not numbers:
        return state.report_done(syntax.span)
    [value] = numbers
    return negated(value, syntax.span) if isinstance(value, Constant) else Apply("negate", (value,), value.type, syntax.span)


def binary(state: Checking, syntax: Binary, left: Node, right: Node) -> Node:
    """Every operator between two operands."""
    operator, operands = syntax.operator, [left, right]
    if operator in ("and", "or"):
        conditions = _conditions(state, operands)
        return Apply(operator, tuple(conditions), BOOLEAN, syntax.span) if conditions else state.report_done(syntax.span)
    if operator in _COMPARISONS:
        return _compare(state, operator, operands, syntax.span)
    if operator == "&":
        return _join(state, operands, syntax.span)
    if operator in ("+", "-"):
        return _add(state, operator, operands, syntax.span)
    if operator == "^":
        return _power(state, operands, syntax.span)
    return _multiply(state, operator, operands, syntax.span)


_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})


def membership(state: Checking, syntax: Membership, operand: Node, items: Sequence[Node]) -> Node:
    """`in` and `not in`; the operand comes first among the arguments."""
    common = unify(state, [operand, *items])
    if common is None:
        return state.report_done(syntax.span)
    found = Apply("in", tuple(common[1]), BOOLEAN, syntax.span)
    return Apply("not", (found,), BOOLEAN, syntax.span) if syntax.negated else found


def condition(state: Checking, node: Node) -> Node | None:
    """`node` as a condition; None after saying that it is none."""
    if faulty([node]) or needs_part(state, node):
        return None
    if node.type.kind is Kind.BLANK and is_literal(node, state.functions):
        node = definite(adopt(state, node, BOOLEAN))
    if node.type.kind is Kind.BOOLEAN:
        return node
    message = _m("A condition is expected here, but “{said}” is {what}.", said=state.said(node.span), what=in_words(node.type))
    state.report(node.span, "condition_expected", message, conversion(node.type, BOOLEAN))
    return None


def _conditions(state: Checking, nodes: Sequence[Node]) -> list[Node]:
    """All of them as conditions; empty after a problem."""
    found = [condition(state, node) for node in nodes]
    return [] if None in found else [node for node in found if node is not None]


def _compare(state: Checking, operator: str, operands: list[Node], span: Span) -> Node:
    common = unify(state, operands)
    if common is None:
        return state.report_done(span)
    type_, typed = common
    if operator not in ("=", "<>") and type_.kind not in ORDERED and type_.kind is not Kind.BLANK:
        message = _m("“{operator}” cannot order {what} and another.", operator=operator, what=in_words(type_))
        hint = _m("Choices have no greater or less: list the ones you mean with “in”.") if type_.kind is Kind.CHOICE else _m("Compare with = or <>.")
        return state.report(span, "not_ordered", message, hint)
    return Apply(operator, tuple(typed), BOOLEAN, span)


def _join(state: Checking, operands: list[Node], span: Span) -> Node:
    typed: list[Node] = []
    for node in operands:
        if faulty([node]) or needs_part(state, node):
            continue
        if node.type.kind is Kind.BLANK:
            node = adopt(state, node, TEXT)
        if node.type.kind is Kind.TEXT:
            typed.append(node)
            continue
        message = _m("“&” joins texts, but “{said}” is {what}.", said=state.said(node.span), what=in_words(node.type))
        state.report(node.span, "text_expected", message, conversion(node.type, TEXT))
    return Apply("&", tuple(typed), TEXT, span) if len(typed) == len(operands) else state.report_done(span)


def _add(state: Checking, operator: str, operands: list[Node], span: Span) -> Node:
    if faulty(operands) or sum(needs_part(state, node) for node in operands):
        return state.report_done(span)
    if any(node.type.kind in _DATES for node in operands):
        return _add_dates(state, operator, operands, span)
    numbers = _numbers(state, operator, operands)
    if not numbers:
        return state.report_done(span)
    type_ = wider([node.type for node in numbers])
    return Apply(operator, tuple(level(numbers, type_)), type_, span)


def _add_dates(state: Checking, operator: str, operands: list[Node], span: Span) -> Node:
    left, right = operands
    if operator == "-":
        if any(node.type.kind is Kind.TEXT and is_literal(node, state.functions) for node in operands):
            common = unify(state, operands)
            if common is None:
                return state.report_done(span)
            left, right = common[1]
        elif left.type.kind is Kind.BLANK:
            left = adopt(state, left, right.type)
    left, right = (adopt(state, node, INTEGER) if node.type.kind is Kind.BLANK else node for node in (left, right))
    kinds = (left.type.kind, right.type.kind)
    if kinds == (Kind.DATE, Kind.INTEGER):
        return Apply(operator, (left, right), DATE, span)
    if operator == "+" and kinds == (Kind.INTEGER, Kind.DATE):
        return Apply(operator, (right, left), DATE, span)
    if operator == "-" and kinds == (Kind.DATE, Kind.DATE):
        return Apply(operator, (left, right), INTEGER, span)
    message = _m("“{operator}” does not work with {first} and {second}.", operator=operator, first=in_words(left.type), second=in_words(right.type))
    return state.report(span, "date_arithmetic", message, _date_hint(operator, left.type, right.type))


def _date_hint(operator: str, left: Type, right: Type) -> Message:
    kinds = {left.kind, right.kind}
    if operator == "-" and left.kind in (Kind.DATE, Kind.DATETIME) and right.kind in (Kind.DATE, Kind.DATETIME):
        return _m("DAYSBETWEEN(from, to) counts days, MINUTESBETWEEN(from, to) minutes.")
    if Kind.DATETIME in kinds and kinds <= {Kind.DATETIME, Kind.INTEGER, Kind.DECIMAL}:
        return _m("ADDDAYS(when, days), ADDMONTHS(when, months) or ADDMINUTES(when, minutes) move a date with time.")
    if kinds == {Kind.DATE, Kind.DECIMAL}:
        return _m("Days are whole: ROUND(…, 0), FLOOR(…) or CEILING(…) makes them so.")
    if kinds == {Kind.DATE, Kind.INTEGER}:
        return _m("Take days off a date: date - days; DAYSBETWEEN(from, to) counts them.")
    if kinds & {Kind.TEXT, Kind.CHOICE}:
        return _m("TEXT(…) makes text of a date, and & joins texts.")
    if Kind.TIME in kinds:
        return _m("Reckon with dates with time: DATETIME(…), ADDMINUTES(…), MINUTESBETWEEN(…).")
    return _m("DAYSBETWEEN(from, to) gives the days between two dates, ADDDAYS(date, days) another date.")


def _numbers(state: Checking, operator: str, operands: list[Node]) -> list[Node]:
    """All of them as numbers, blank ones typed; empty after a problem."""
    out: list[Node] = []
    for node in operands:
        if faulty([node]) or needs_part(state, node):
            continue
        if node.type.kind is Kind.BLANK:
            node = adopt(state, node, INTEGER)
        if node.type.is_number:
            out.append(node)
            continue
        message = _m("“{operator}” reckons with numbers, but “{said}” is {what}.", operator=operator, said=state.said(node.span), what=in_words(node.type))
        hint = conversion(node.type, INTEGER)
        if operator == "+" and all(each.type.kind is Kind.TEXT for each in operands):
            hint = _m("Join texts with “&”.")
        elif operator == "+" and hint is not None:
            hint = _m("VALUE(…) reads a number from text; “&” joins texts.")
        state.report(node.span, "number_expected", message, hint)
        if operator == "+" and len(operands) == 2 and all(each.type.kind is Kind.TEXT for each in operands):
            break
    return out if len(out) == len(operands) else []


def _multiply(state: Checking, operator: str, operands: list[Node], span: Span) -> Node:
    numbers = _numbers(state, operator, operands)
    if not numbers:
        return state.report_done(span)
    type_ = decimal(MAX_SCALE) if operator == "/" else number(min(MAX_SCALE, sum(node.type.scale for node in numbers)))
    if operator == "*" and type_.scale == 0 and any(node.type.kind is Kind.DECIMAL for node in numbers):
        type_ = decimal(0)
    return Apply(operator, tuple(numbers), type_, span)


def _power(state: Checking, operands: list[Node], span: Span) -> Node:
    base, exponent = operands
    numbers = _numbers(state, "^", [base])
    if faulty([exponent]) or not numbers:
        return state.report_done(span)
    wrong = exponent_problem(exponent)
    if wrong is not None:
        return state.report(exponent.span, "bad_exponent", wrong, _m("Write the exponent as a number, like amount ^ 2."))
    assert isinstance(exponent, Constant)
    return Apply("^", (numbers[0], exponent), power_type(numbers[0].type, exponent.value), span)


def exponent_problem(exponent: Node) -> Message | None:
    """Why `exponent` cannot be one; None when it can."""
    if isinstance(exponent, Constant) and exponent.type == INTEGER and exponent.value is not None and abs(exponent.value) <= MAX_EXPONENT:
        return None
    return _m("An exponent is a whole number written out, from -{most} to {most}.", most=MAX_EXPONENT)


def power_type(base: Type, exponent: int) -> Type:
    """The scale of the base times the exponent, at most 8; 8 for a negative exponent."""
    if exponent < 0:
        return decimal(MAX_SCALE)
    return number(min(MAX_SCALE, base.scale * exponent))
