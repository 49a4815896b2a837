"""Where the values of a computed field come from: a generated column, a column kept by us, or an expression in every query.

The database computes what it can do alone: a plain formula whose SQL needs no function of ours and nests no deeper than
SQLite's parser surely bears. A generated column is right after any load and needs no filling. Text that lists sort by has a
folded companion, which SQLite folds with a function of ours: such a formula is kept, on both databases alike.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from fieldsmith.db.columns import physical, sql_type
from fieldsmith.expr import sql_values
from fieldsmith.expr.nodes import Aggregate, Apply, FieldRef, Node, walk
from fieldsmith.expr.to_sql import Rows, SqlCompiler
from fieldsmith.expr.types import Kind
from fieldsmith.meta.model import Computation, Model

Keeping = Literal["generated", "kept", "query"]
MAX_NESTING = 12
"""Levels of parentheses and CASE: SQLite stops parsing at 18 nested CASE, and reads the expression again with every statement."""
_COERCED = frozenset({Kind.DECIMAL, Kind.DATE, Kind.DATETIME, Kind.TIME})
_LEVELS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\(|\)|\bCASE\b|\bEND\b")


class OwnColumns:
    """Names of the record itself as bare columns, for column definitions. Paths and lists never come here."""

    def __init__(self, model: Model, dialect: str) -> None:
        self._model = model
        self._dialect = dialect

    def element(self, ref: FieldRef) -> sa.ColumnElement[Any]:
        field = self._model.entities[ref.symbol.entity].fields[ref.symbol.field]
        column = next(column for column in self._model.type_of(field).columns(field) if column.part == ref.symbol.column)
        coerced = self._dialect == "sqlite" and ref.type.kind in _COERCED
        type_ = sql_values.sql_type(ref.type, "sqlite") if coerced else sql_type(column, self._dialect)
        return _bare(physical(field, column.part), type_)

    def blank(self, ref: FieldRef) -> sa.ColumnElement[bool]:
        field = self._model.entities[ref.symbol.entity].fields[ref.symbol.field]
        columns = self._model.type_of(field).columns(field)
        return sa.and_(*[_bare(physical(field, column.part), sql_type(column, self._dialect)).is_(None) for column in columns])

    def rows(self, node: Aggregate) -> Rows:
        raise AssertionError("a plain formula has no related list")


def keeping(model: Model, computation: Computation, compiler: sa.Dialect) -> Keeping:
    """How the field is kept on the database of `compiler`."""
    if not computation.stored:
        return "query"
    return "kept" if generating(model, computation, compiler) is None else "generated"


def generating(model: Model, computation: Computation, compiler: sa.Dialect) -> sa.ColumnElement[Any] | None:
    """The expression of a generated column; None where the field cannot be one."""
    if not (computation.stored and computation.plain) or computation.field.sortable_fold:
        return None
    dialect: Any = compiler.name
    if dialect == "postgresql" and any(_constant_text(part) for part in walk(computation.node)):
        return None
    using = SqlCompiler(model.functions, model.vocabulary, model.calendar, dialect, OwnColumns(model, dialect))
    expression = using.value(computation.node)
    if using.registered:
        return None
    if dialect == "postgresql":
        expression = _typed_literals(expression)
    try:
        text = rendered(expression, compiler)
    except sa.exc.CompileError:  # a literal no type says how to write
        return None
    return expression if nesting(text) <= MAX_NESTING else None


def rendered(expression: sa.ColumnElement[Any], compiler: sa.Dialect) -> str:
    """SQL with every value written in, as a column definition has it."""
    return str(expression.compile(dialect=compiler, compile_kwargs={"literal_binds": True, "include_table": False}))


def nesting(sql: str) -> int:
    """How deep parentheses and CASE … END nest; what stands in quotes does not count."""
    depth = deepest = 0
    for match in _LEVELS.finditer(sql):
        token = match.group()
        if token in ("(", "CASE"):
            depth += 1
            deepest = max(deepest, depth)
        elif token in (")", "END"):
            depth -= 1
    return deepest


def _typed_literals(expression: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Values say their types, as they do when bound: written out, `5` would be a small integer and `'2026-11-22'` nothing in particular."""

    def cast(element: Any, **_: Any) -> Any:
        if isinstance(element, sa.BindParameter) and not isinstance(element.type, sa.String):
            return sa.cast(element, element.type)
        return None

    found: sa.ColumnElement[Any] = visitors.replacement_traverse(expression, {}, cast)
    return found


def _constant_text(node: Node) -> bool:
    """Is something computed of constant texts? PostgreSQL does so while it checks a column definition, before it knows collations."""
    if not isinstance(node, Apply) or any(isinstance(part, FieldRef) for part in walk(node)):
        return False
    return any(part.type.kind in (Kind.TEXT, Kind.CHOICE) for part in walk(node))


def _bare(name: str, type_: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    return sa.column(sa.sql.quoted_name(name, True), type_)
