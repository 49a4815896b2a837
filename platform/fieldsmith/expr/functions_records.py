"""Rows of the functions of choices, records and change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fieldsmith.base.text import Label, _m
from fieldsmith.expr import sql_records
from fieldsmith.expr.environment import Env, Evaluator
from fieldsmith.expr.function import Function, Misused, Parameter
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.types import BOOLEAN, TEXT, Kind

_ANY = frozenset(Kind)


def _is_blank(node: Apply, compiler: PythonCompiler) -> Evaluator:
    [argument] = compiler.arguments(node)

    def blank(env: Env) -> bool:
        value = argument(env)
        return value is None or value == ()

    return blank


def _includes(node: Apply, compiler: PythonCompiler) -> Evaluator:
    several, one = compiler.arguments(node)

    def holds(env: Env) -> bool:
        values = several(env)
        return values is not None and one(env) in values

    return holds


def _label(node: Apply, compiler: PythonCompiler) -> Evaluator:
    [argument] = node.arguments
    choices = argument.type.choices
    labels: dict[str, Label] = {each.value: each.label for each in (compiler.vocabulary.choices(choices) or ())} if choices else {}
    choice = compiler.evaluator(argument)

    def say(env: Env) -> str | None:
        label = labels.get(choice(env))
        return None if label is None else label.translations.get(env.moment.language, label.text) or None

    return say


def _entity(node: Apply, compiler: PythonCompiler) -> Evaluator:
    [argument] = node.arguments
    entities = argument.type.entities
    record = compiler.evaluator(argument)
    only = entities[0] if len(entities) == 1 else None

    def name(env: Env) -> Any:
        value = record(env)
        return None if value is None else only or value.entity or None

    return name


def _is_new(node: Apply, compiler: PythonCompiler) -> Evaluator:
    return lambda env: env.is_new


def _changed(node: Apply, compiler: PythonCompiler) -> Evaluator:
    [field] = node.arguments
    assert isinstance(field, FieldRef)
    name = field.symbol.field
    return lambda env: name in env.changed


def _one_field(arguments: Sequence[Node]) -> None:
    """TYPE of a value that several fields could give has no column to read."""
    record = arguments[0]
    if not isinstance(record, (FieldRef, Constant)):
        raise Misused("not_a_field", _m("TYPE takes a field."), 0, _m("Name a lookup, like TYPE(customer)."))


def _own_field(arguments: Sequence[Node]) -> None:
    field = arguments[0]
    if not isinstance(field, FieldRef) or field.root != "record" or field.hops:
        raise Misused("not_own_field", _m("CHANGED takes a field of the record itself."), 0, _m("Name a field, like CHANGED(stage)."))


def _known_list(arguments: Sequence[Node]) -> None:
    choice = arguments[0]
    if not choice.type.choices and not (isinstance(choice, Constant) and choice.value is None):
        raise Misused("unknown_list", _m("LABEL takes a choice whose list is known."), 0, _m("Name a choice field, like LABEL(stage)."))


ROWS: tuple[Function, ...] = (
    Function(
        "ISBLANK",
        "logic",
        (Parameter("value", _ANY),),
        BOOLEAN,
        _m("Whether the value is blank. A checkbox never is; a list is when it has no records."),
        (("ISBLANK(blank)", "true"), ('ISBLANK("")', "true"), ("ISBLANK(0)", "false"), ("ISBLANK(1 = 2)", "false")),
        _is_blank,
        sql_records.is_blank,
    ),
    Function(
        "INCLUDES",
        "record",
        (Parameter("set", frozenset({Kind.SET})), Parameter("value", frozenset({Kind.CHOICE}))),
        BOOLEAN,
        _m("Whether a value is among those chosen in a multiple choice; false when one of them is blank."),
        (('INCLUDES(interests, "export")', "true"), ('INCLUDES(blank, "retail")', "false")),
        _includes,
        sql_records.includes,
    ),
    Function(
        "LABEL",
        "record",
        (Parameter("choice", frozenset({Kind.CHOICE})),),
        TEXT,
        _m("The label of a choice, in the reader's language."),
        (("LABEL(stage)", "Won"), ("LABEL(blank)", None)),
        _label,
        sql_records.label,
        frozenset({"language"}),
        _known_list,
    ),
    Function(
        "TYPE",
        "record",
        (Parameter("record", frozenset({Kind.RECORD})),),
        TEXT,
        _m("The name of the entity a lookup points at; blank when it points at nothing."),
        (("TYPE(customer)", "customer"), ("TYPE(blank)", None)),
        _entity,
        sql_records.entity,
        check=_one_field,
    ),
    Function(
        "ISNEW",
        "change",
        (),
        BOOLEAN,
        _m("Whether the record is being created rather than changed."),
        (("IF(ISNEW(), 1, 2)", "2"),),
        _is_new,
        None,
        frozenset({"change"}),
    ),
    Function(
        "CHANGED",
        "change",
        (Parameter("field", _ANY - {Kind.BLANK}),),
        BOOLEAN,
        _m("Whether this save changes the field. A part counts as its whole field."),
        (("CHANGED(name)", "false"),),
        _changed,
        None,
        frozenset({"change"}),
        _own_field,
    ),
)
