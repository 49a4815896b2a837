"""Source text → checked tree, or every problem in it at once.

    node = check('IF(amount > 100, "high", "low")', place, vocabulary, functions)

In the tree every node has its type, literals have the type of what they stand opposite, and numbers of one unified group —
branches of IF, operands of `+`, `-` and MOD — one scale: narrower ones are wrapped in "to_scale". Comparisons keep the
scales of their operands, so that a column in one stays what an index serves. Under a place that expects a number the tree
ends in "store".
"""

from __future__ import annotations

from collections.abc import Mapping

from fieldsmith.base.text import _m
from fieldsmith.expr.check_aggregates import close_list, is_aggregate, open_list
from fieldsmith.expr.check_calls import call, find
from fieldsmith.expr.check_literals import adopt, literal
from fieldsmith.expr.check_names import list_path, resolve
from fieldsmith.expr.check_operators import binary, condition, membership, unary
from fieldsmith.expr.check_state import Checking, Scope, faulty, in_words, is_literal
from fieldsmith.expr.check_unify import conversion, merge, needs_part
from fieldsmith.expr.errors import refused
from fieldsmith.expr.function import Function
from fieldsmith.expr.limits import MAX_DEPTH, MAX_NODES, too_many_nodes
from fieldsmith.expr.nodes import Apply, Constant, Node, children
from fieldsmith.expr.parser import parse
from fieldsmith.expr.syntax import Binary, Call, Membership, Name, Number, Syntax, Text, Unary, Word
from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import Place, Vocabulary


def check(source: str, place: Place, vocabulary: Vocabulary, functions: Mapping[str, Function]) -> Node:
    """The checked tree of `source`; raises `ExpressionError` with all problems."""
    return check_syntax(parse(source), source, place, vocabulary, functions)


def check_syntax(syntax: Syntax, source: str, place: Place, vocabulary: Vocabulary, functions: Mapping[str, Function]) -> Node:
    """The checked tree of a parsed `source`."""
    state = Checking(source, place, vocabulary, functions)
    names = None if place.entity is None else vocabulary.entity(place.entity)
    node = _finished(state, _node(state, syntax, Scope(names)))
    _within_limits(state, node)
    if state.problems:
        raise refused(sorted(state.problems, key=lambda problem: (problem.line or 0, problem.column or 0)))
    return node


def _within_limits(state: Checking, node: Node) -> None:
    """Rounding to a common scale adds steps that are not in the source; they count as well."""
    if len(state.source) <= MAX_DEPTH // 2:
        return
    count, level = 0, [node]
    for _depth in range(MAX_DEPTH):
        count += len(level)
        level = [below for here in level for below in children(here)]
    if level:
        message = _m("Values of different scales make this more than {limit} steps inside each other.", limit=MAX_DEPTH)
        state.report(level[0].span, "expression_too_deep", message, _m("Split it into several formula fields."))
    elif count > MAX_NODES:
        state.problems.append(too_many_nodes(state.source, node.span))


def _node(state: Checking, syntax: Syntax, scope: Scope) -> Node:
    if isinstance(syntax, Name):
        return resolve(state, syntax, scope)
    if isinstance(syntax, (Number, Text, Word)):
        return literal(syntax)
    if isinstance(syntax, Binary):
        return binary(state, syntax, _node(state, syntax.left, scope), _node(state, syntax.right, scope))
    if isinstance(syntax, Unary):
        return unary(state, syntax, _node(state, syntax.operand, scope))
    if isinstance(syntax, Membership):
        return membership(state, syntax, _node(state, syntax.operand, scope), [_node(state, item, scope) for item in syntax.items])
    return _call(state, syntax, scope)


def _call(state: Checking, syntax: Call, scope: Scope) -> Node:
    if is_aggregate(state, syntax, scope):
        opened = open_list(state, syntax, scope)
        if opened is None:
            return state.report_done(syntax.span)
        where = None if syntax.where is None else _node(state, syntax.where, opened.scope)
        return close_list(state, syntax, opened, where)
    function = find(state, syntax, scope)
    if function is None:  # it may have been meant as an aggregate, so a list among its arguments is no problem of its own
        for argument in syntax.arguments:
            if not (isinstance(argument, Name) and list_path(state, argument, scope)):
                _node(state, argument, scope)
        return state.report_done(syntax.span)
    return call(state, syntax, function, [_node(state, argument, scope) for argument in syntax.arguments])


def _finished(state: Checking, node: Node) -> Node:
    """The whole expression as its place wants it."""
    wanted = state.place.expects
    if faulty([node]) or needs_part(state, node):
        return node
    if wanted is None:
        return node
    if wanted.kind is Kind.BOOLEAN:
        return condition(state, node) or node
    if is_literal(node, state.functions):
        node = adopt(state, node, wanted)
        if faulty([node]):
            return node
    if isinstance(node, Constant) and node.value is None:
        return Constant(None, wanted, node.span)
    if not _suits(node.type, wanted):
        message = _m("The expression must give {wanted}, but it gives {what}.", wanted=in_words(wanted), what=in_words(node.type))
        return state.report(node.span, "wrong_result", message, conversion(node.type, wanted))
    return Apply("store", (node,), wanted, node.span) if wanted.is_number else node


def _suits(have: Type, wanted: Type) -> bool:
    if wanted.is_number:
        return have.kind is Kind.INTEGER or have.kind is wanted.kind
    return merge(have, wanted) is not None
