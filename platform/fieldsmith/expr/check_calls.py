"""Calls: arguments against the parameters of a row of the function table, and the type that comes out."""

from __future__ import annotations

from collections.abc import Sequence

from fieldsmith.base.text import _m
from fieldsmith.expr.check_literals import adopt, definite, read_moment
from fieldsmith.expr.check_operators import condition
from fieldsmith.expr.check_state import AGGREGATES, VALUES, Checking, Scope, assigned, faulty, in_words, is_literal, one_of, signature
from fieldsmith.expr.check_unify import conversion, level, needs_part, unify
from fieldsmith.expr.function import Function, Misused, Parameter
from fieldsmith.expr.nodes import Apply, Constant, Node
from fieldsmith.expr.syntax import Call
from fieldsmith.expr.types import INTEGER, Kind, Type

_BLANK_AS = (Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.BOOLEAN, Kind.CHOICE, Kind.SET, Kind.RECORD)
"""What `blank` is for a parameter of several kinds: the first of these that it takes."""


def find(state: Checking, syntax: Call, scope: Scope) -> Function | None:
    """The function called; None after saying why it cannot be here."""
    function = state.functions.get(syntax.name) if is_name(syntax.name) else None
    if function is None:
        known = {*filter(is_name, state.functions), *AGGREGATES}
        message = _m("There is no function “{name}”.", name=syntax.name)
        state.report(syntax.name_span, "unknown_function", message, state.near(syntax.name, sorted(known)))
        return None
    if syntax.where is not None:
        message = _m("“where” belongs to COUNT, SUM, AVG, MIN and MAX over a list.")
        state.report(syntax.where.span, "where_not_allowed", message, _m("Use IF(condition, value) instead."))
    _allowed(state, syntax, function, scope)
    return function


def is_name(key: str) -> bool:
    """Whether a key of the function table is a function's name, not an operator's or a step of our own."""
    return key.isupper()


def _allowed(state: Checking, syntax: Call, function: Function, scope: Scope) -> None:
    """Say what forbids the function at this place; the check goes on as if it were allowed."""
    changes = "change" in function.needs
    if function.sql is None and state.place.sql and not changes:
        message = _m("{name} works in Python only, and this expression must also run in the database.", name=function.name)
        state.report(syntax.name_span, "python_only", message, _m("Rules, defaults and workflows may use it; filters and stored fields may not."))
    if "now" in function.needs and not state.place.acting:
        message = _m("{name} cannot be used here: the value here does not change with time.", name=function.name)
        state.report(syntax.name_span, "not_acting", message, None)
    if changes and (scope.inside or not state.place.changes):
        message = _m("{name} cannot be used here: there is no change to ask about.", name=function.name)
        state.report(syntax.name_span, "no_change", message, _m("Rules and workflows know what changes, outside of lists."))


def call(state: Checking, syntax: Call, function: Function, arguments: Sequence[Node]) -> Node:
    """The node of a call whose arguments are checked by themselves."""
    parameters = assigned(function, len(arguments))
    if parameters is None:
        message = _m("{name} does not take {count} arguments.", name=function.name, count=len(arguments))
        if not function.parameters:
            message = _m("{name} takes no arguments.", name=function.name)
        return state.report(syntax.span, "wrong_arguments", message, _m("It is called like {signature}.", signature=signature(function)))
    typed: list[Node | None] = [None] * len(arguments)
    for at, (parameter, node) in enumerate(zip(parameters, arguments, strict=True)):
        if not parameter.unify:
            typed[at] = _argument(state, function, parameter, node, arguments)
    common: dict[str, Type] = {}
    for letter in dict.fromkeys(parameter.unify for parameter in parameters if parameter.unify):
        places = [at for at, parameter in enumerate(parameters) if parameter.unify == letter]
        found = _group(state, function, parameters[places[0]], [arguments[at] for at in places])
        if found is None:
            continue
        common[letter] = found[0]
        for at, node in zip(places, found[1], strict=True):
            typed[at] = node
    ready = [node for node in typed if node is not None]
    if len(ready) < len(typed) or not _constants(state, function, parameters, ready) or not _fits(state, syntax, function, ready):
        return state.report_done(syntax.span)
    return Apply(function.name, tuple(ready), _result(function, ready, common), syntax.span)


def _group(state: Checking, function: Function, parameter: Parameter, nodes: list[Node]) -> tuple[Type, list[Node]] | None:
    found = unify(state, nodes)
    if found is None:
        return None
    type_, typed = found
    if type_.kind is Kind.BLANK:
        if parameter.kinds >= VALUES:
            return type_, typed
        type_ = INTEGER if function.group == "number" else _blank_type(parameter)
        typed = [adopt(state, node, type_) for node in typed]
    if type_.kind is Kind.TEXT and Kind.TEXT not in parameter.kinds and all(is_literal(node, state.functions) for node in typed):
        type_ = _wanted(parameter, typed[0], ())
        typed = [adopt(state, node, type_) for node in typed]
        if faulty(typed):
            return None
    if type_.kind is Kind.BOOLEAN and parameter.unify == function.result:
        typed = [definite(node) for node in typed]
    if not _takes(parameter, type_):
        _wrong(state, function, parameter, next(node for node in typed if not _takes(parameter, node.type)))
        return None
    return type_, level(typed, type_)


def _takes(parameter: Parameter, type_: Type) -> bool:
    return type_.kind in parameter.kinds or (type_.kind is Kind.INTEGER and Kind.DECIMAL in parameter.kinds)


def _argument(state: Checking, function: Function, parameter: Parameter, node: Node, arguments: Sequence[Node]) -> Node | None:
    """The argument as its parameter wants it; None after a problem."""
    if faulty([node]):
        return None
    if parameter.kinds == {Kind.BOOLEAN}:
        return condition(state, node)
    if is_literal(node, state.functions) and node.type.kind not in parameter.kinds:
        node = adopt(state, node, _wanted(parameter, node, arguments))
        if faulty([node]):
            return None
    if _takes(parameter, node.type):
        return node if node.type.kind is not Kind.CHOICE else _of_list(state, node, arguments)
    if not needs_part(state, node):
        _wrong(state, function, parameter, node)
    return None


def _wanted(parameter: Parameter, node: Node, arguments: Sequence[Node]) -> Type:
    """The type a literal takes as an argument: that of the set beside it, or what its text reads as."""
    if node.type.kind is Kind.BLANK:
        return _blank_type(parameter)
    beside = next((each.type for each in arguments if each.type.kind in (Kind.SET, Kind.CHOICE) and each is not node), None)
    if Kind.CHOICE in parameter.kinds and (beside is not None or Kind.TEXT not in parameter.kinds):
        return Type(Kind.CHOICE, choices="" if beside is None else beside.choices)
    kinds = [kind for kind in (Kind.DATE, Kind.DATETIME, Kind.TIME) if kind in parameter.kinds]
    if isinstance(node, Constant) and node.type.kind is Kind.TEXT and kinds:
        read = [kind for kind in kinds if node.value is None or read_moment(node.value, kind) is not None]
        return Type((read or kinds)[0])
    return node.type


def _of_list(state: Checking, node: Node, arguments: Sequence[Node]) -> Node | None:
    """A choice beside a set must be of the set's list."""
    sets = [each.type for each in arguments if each.type.kind is Kind.SET]
    if not sets or not node.type.choices or not sets[0].choices or sets[0].choices == node.type.choices:
        return node
    message = _m("These are choices of two lists, “{first}” and “{second}”.", first=sets[0].choices, second=node.type.choices)
    state.report(node.span, "no_common_type", message, None)
    return None


def _blank_type(parameter: Parameter) -> Type:
    kind = next((kind for kind in _BLANK_AS if kind in parameter.kinds), Kind.TEXT)
    return Type(kind)


def _wrong(state: Checking, function: Function, parameter: Parameter, node: Node) -> None:
    message = _m(
        "{function} expects {wanted} as “{parameter}”, but “{said}” is {what}.",
        function=function.name,
        wanted=one_of(parameter.kinds),
        parameter=parameter.name,
        said=state.said(node.span),
        what=in_words(node.type),
    )
    hints = (conversion(node.type, Type(kind)) for kind in Kind if kind in parameter.kinds)
    state.report(node.span, "wrong_type", message, next((hint for hint in hints if hint is not None), None))


def _constants(state: Checking, function: Function, parameters: Sequence[Parameter], nodes: Sequence[Node]) -> bool:
    fine = True
    for parameter, node in zip(parameters, nodes, strict=True):
        if parameter.constant and not (isinstance(node, Constant) and node.value is not None):
            message = _m("“{parameter}” of {function} must be written out.", parameter=parameter.name, function=function.name)
            state.report(node.span, "constant_needed", message, _m("Write the value itself, not a field or a formula."))
            fine = False
    return fine


def _fits(state: Checking, syntax: Call, function: Function, nodes: Sequence[Node]) -> bool:
    """What only the function itself can say about its arguments."""
    if function.check is None:
        return True
    try:
        function.check(nodes)
    except Misused as wrong:
        span = nodes[wrong.argument].span if wrong.argument < len(nodes) else syntax.span
        state.report(span, wrong.code, wrong.message, wrong.hint)
        return False
    return True


def _result(function: Function, nodes: Sequence[Node], common: dict[str, Type]) -> Type:
    if isinstance(function.result, Type):
        return function.result
    if isinstance(function.result, str):
        return common[function.result]
    return function.result(nodes)
