"""SQL of the functions of choices and records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.sql_values import constant
from fieldsmith.expr.types import TEXT, Kind

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler

ENTITY = "entity"
"""The column of a polymorphic lookup that holds the name of its target's entity."""


def is_blank(node: Apply, compiler: SqlCompiler) -> Sql:
    """True or false, never NULL. `Columns.blank` is asked for what has no single column."""
    [argument] = node.arguments
    kind = argument.type.kind
    if isinstance(argument, Constant):
        return sa.true() if argument.value is None or argument.value == () else sa.false()
    if kind is Kind.BOOLEAN:
        return sa.false()
    if kind in (Kind.PARTS, Kind.LIST):
        assert isinstance(argument, FieldRef)
        return compiler.columns.blank(argument)
    return compiler.value(argument).is_(None)


def includes(node: Apply, compiler: SqlCompiler) -> Sql:
    """A set is canonical JSON, `["a","b"]`. Names of choices have no quotation marks, so one between two is found exactly."""
    several, one = node.arguments
    if any(isinstance(argument, Constant) and not argument.value for argument in node.arguments):
        return sa.false()
    if isinstance(several, Constant) and isinstance(one, Constant):
        return sa.true() if one.value in several.value else sa.false()
    find = sa.func.instr if compiler.sqlite else sa.func.strpos
    return find(compiler.value(several), _quoted(one, compiler)) > sa.literal_column("0")


def _quoted(one: Node, compiler: SqlCompiler) -> Sql:
    if isinstance(one, Constant):
        return constant(f'"{one.value}"', TEXT, compiler.dialect)
    mark = sa.literal_column("'\"'", sa.Text())
    return mark.concat(compiler.value(one)).concat(mark)


def label(node: Apply, compiler: SqlCompiler) -> Sql:
    [choice] = node.arguments
    known = compiler.vocabulary.choices(choice.type.choices) if choice.type.choices else None
    if not known or (isinstance(choice, Constant) and choice.value is None):
        return sa.null()
    language = compiler.context("language")
    whens = []
    for each in known:
        text = constant(each.label.text or None, TEXT, compiler.dialect)
        said = {name: words for name, words in each.label.translations.items() if words != each.label.text}
        if said:
            translations = {name: constant(words or None, TEXT, compiler.dialect) for name, words in said.items()}
            text = sa.case(translations, value=language, else_=text)
        whens.append((constant(each.value, TEXT, compiler.dialect), text))
    found = sa.case(dict(whens), value=compiler.value(choice))
    return found if compiler.sqlite else sa.collate(found, "C")


def entity(node: Apply, compiler: SqlCompiler) -> Sql:
    """Of a polymorphic lookup the column beside it; of any other lookup its one entity, where it is not blank."""
    [record] = node.arguments
    if isinstance(record, Constant) and record.value is None:
        return sa.null()
    entities = record.type.entities
    if len(entities) != 1 and isinstance(record, FieldRef):
        return compiler.columns.element(replace(record, symbol=replace(record.symbol, column=ENTITY, type=TEXT), type=TEXT))
    name = constant(entities[0], TEXT, compiler.dialect) if entities else sa.null()
    return name if isinstance(record, Constant) else sa.case((compiler.value(record).is_not(None), name))
