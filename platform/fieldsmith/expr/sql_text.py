"""SQL of the text functions.

SQLite: native where that is exact, else the functions `text_values.SQLITE` registers. PostgreSQL: no form writes an argument
twice unless it is a column, because nested calls would double the statement at each level; counts are clamped to what a text
can have, so that no number overflows. An empty text becomes NULL with `nullif`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from fieldsmith.expr.folding import FUNCTION, ICU, ascii_or, fold, folded
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.sql_values import NUMERIC, constant, sql_type
from fieldsmith.expr.text_bounds import unguarded
from fieldsmith.expr.text_values import MAX_TEXT, WHITE_SPACE
from fieldsmith.expr.types import DIGITS, MAX_SCALE, TEXT

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler

SUBQUERY = "subquery"
"""In `SqlCompiler.registered`: the SQL has a subquery, which no generated column may have."""
UNSTABLE = "to_char"
"""In `SqlCompiler.registered`: PostgreSQL does not take a function for immutable, which generated columns ask for."""

_WS = f"[{WHITE_SPACE}]"
_NOT_WS = f"[^{WHITE_SPACE}]"
_NUMBER = f"^([+-]?0*[0-9]{{1,{DIGITS - MAX_SCALE}}}(?![0-9])(?:[.][0-9]{{1,{MAX_SCALE + 1}}})?)[0-9]*$"
_POSTGRESQL_TEXT = sa.Text(collation="C")


class _Guarded(sa.sql.functions.FunctionElement[str]):
    """PostgreSQL: its text, NULL when longer than `MAX_TEXT`. OFFSET 0 keeps the planner from computing it twice."""

    inherit_cache = True
    type = sa.Text()


@compiles(_Guarded)
def _guarded(element: _Guarded, compiler: Any, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"(SELECT CASE WHEN length(fs.t) <= {MAX_TEXT} THEN fs.t END FROM (SELECT {text} AS t OFFSET 0) AS fs)"


class _Substituted(sa.sql.functions.FunctionElement[str]):
    """PostgreSQL: replace(text, old, new), NULL without trying when the result would be longer than `MAX_TEXT`."""

    inherit_cache = True
    type = sa.Text()


@compiles(_Substituted)
def _substituted(element: _Substituted, compiler: Any, **options: Any) -> str:
    text, old, new = (compiler.process(clause, **options) for clause in element.clauses)
    found = "cast(length(fs.t) - length(replace(fs.t, fs.o, '')) AS bigint) / length(fs.o)"
    fits = f"length(fs.t) + {found} * greatest(length(fs.n) - length(fs.o), 0) <= {MAX_TEXT}"
    return f"(SELECT CASE WHEN {fits} THEN replace(fs.t, fs.o, fs.n) END FROM (SELECT {text} AS t, {old} AS o, {new} AS n OFFSET 0) AS fs)"


def guarded(text: Sql, node: Node, compiler: SqlCompiler) -> Sql:
    """`text`, the SQL of `node`; blank beyond `MAX_TEXT` code points where the bounds do not rule that out."""
    if unguarded(node) <= MAX_TEXT:
        return text
    if compiler.sqlite:
        return _call(compiler, "fs_limited", text)
    compiler.registered.add(SUBQUERY)
    return _c(_Guarded(text))


def length(node: Apply, compiler: SqlCompiler) -> Sql:
    [text] = node.arguments
    if _blank(text):
        return constant(0, node.type, compiler.dialect)
    return sa.func.coalesce(sa.func.length(compiler.value(text)), 0, type_=sa.BigInteger())


def left(node: Apply, compiler: SqlCompiler) -> Sql:
    text, count = node.arguments
    if _none(text, count):
        return sa.null()
    if not isinstance(count, Constant):
        if compiler.sqlite:
            return _call(compiler, "fs_left", compiler.value(text), compiler.value(count))
        return _filled(sa.func.left(compiler.value(text), _clamped(count, compiler)))
    taken = _whole(count.value)
    if compiler.sqlite:
        return sa.func.substr(compiler.value(text), _whole(1), taken, type_=sa.String())
    return sa.func.left(compiler.value(text), taken, type_=_POSTGRESQL_TEXT)


def right(node: Apply, compiler: SqlCompiler) -> Sql:
    text, count = node.arguments
    if _none(text, count):
        return sa.null()
    if not isinstance(count, Constant):
        if compiler.sqlite:
            return _call(compiler, "fs_right", compiler.value(text), compiler.value(count))
        return _filled(sa.func.right(compiler.value(text), _clamped(count, compiler)))
    if compiler.sqlite:
        return sa.func.substr(compiler.value(text), _whole(-min(count.value, MAX_TEXT)), type_=sa.String())
    return sa.func.right(compiler.value(text), _whole(count.value), type_=_POSTGRESQL_TEXT)


def mid(node: Apply, compiler: SqlCompiler) -> Sql:
    text, start, count = node.arguments
    if _none(text, start, count):
        return sa.null()
    if isinstance(start, Constant) and isinstance(count, Constant):
        return _filled(sa.func.substr(compiler.value(text), _whole(start.value), _whole(count.value)), compiler)
    if compiler.sqlite:
        return _call(compiler, "fs_mid", *map(compiler.value, node.arguments))
    beyond = sa.literal_column(str(MAX_TEXT + 1), sa.Integer())  # a start before the text finds nothing, just as one behind it
    begin = sa.func.coalesce(sa.func.nullif(_clamped(start, compiler, MAX_TEXT + 1), sa.literal_column("0")), beyond)
    return _filled(sa.func.substr(compiler.value(text), begin, _clamped(count, compiler)))


def upper(node: Apply, compiler: SqlCompiler) -> Sql:
    return _cased(node, compiler, "upper")


def lower(node: Apply, compiler: SqlCompiler) -> Sql:
    return _cased(node, compiler, "lower")


def trim(node: Apply, compiler: SqlCompiler) -> Sql:
    [text] = node.arguments
    if _blank(text):
        return sa.null()
    if compiler.sqlite:
        return _call(compiler, "fs_trim", compiler.value(text))
    single = sa.func.regexp_replace(compiler.value(text), _text(f"{_WS}+"), _text(" "), _text("g"))
    return _filled(sa.func.btrim(single, _text(" ")))


def contains(node: Apply, compiler: SqlCompiler) -> Sql:
    return _found(node, compiler, "contains")


def starts_with(node: Apply, compiler: SqlCompiler) -> Sql:
    return _found(node, compiler, "starts_with")


def ends_with(node: Apply, compiler: SqlCompiler) -> Sql:
    return _found(node, compiler, "ends_with")


def find(node: Apply, compiler: SqlCompiler) -> Sql:
    part, text = node.arguments
    if _blank(part) or _blank(text):
        return sa.null()
    name = sa.func.instr if compiler.sqlite else sa.func.strpos
    return name(compiler.value(text), compiler.value(part), type_=sa.BigInteger())


def substitute(node: Apply, compiler: SqlCompiler) -> Sql:
    text, old, new = node.arguments
    if _blank(text) or _blank(old):
        return sa.null()
    if _blank(new):
        put: Sql = sa.literal_column("''", sa.Text())
    else:
        put = compiler.value(new) if isinstance(new, Constant) else sa.func.coalesce(compiler.value(new), sa.literal_column("''"))
    values = compiler.value(text), compiler.value(old), put
    if unguarded(node) <= MAX_TEXT:
        replaced = sa.func.replace(*values, type_=sa.Text())
        if not isinstance(new, Constant) or _blank(new):
            return _filled(replaced, compiler)
        return replaced if compiler.sqlite else _c(replaced)
    if compiler.sqlite:
        return _call(compiler, "fs_substitute", *values)
    compiler.registered.add(SUBQUERY)
    return _filled(_Substituted(*values))


def initials(node: Apply, compiler: SqlCompiler) -> Sql:
    [text] = node.arguments
    if _blank(text):
        return sa.null()
    if compiler.sqlite:
        return _call(compiler, "fs_initials", compiler.value(text))
    first = sa.func.chr(sa.literal_column("92")).op("||")(sa.literal_column("'1'"))  # "\1", whatever the server thinks of backslashes
    words = sa.func.regexp_replace(compiler.value(text), _text(f"{_WS}*({_NOT_WS}?){_NOT_WS}*"), first, _text("g"))
    return guarded(_filled(sa.func.upper(sa.collate(words, ICU))), node, compiler)


def value(node: Apply, compiler: SqlCompiler) -> Sql:
    """PostgreSQL casts only what the pattern lets through: at most 30 digits before the point and the 9 behind that rounding sees."""
    [text] = node.arguments
    if _blank(text):
        return sa.null()
    if compiler.sqlite:
        return compiler.call("fs_value", compiler.value(text), type_=sql_type(node.type, "sqlite"))
    number = sa.func.round(sa.cast(sa.func.substring(compiler.value(text), _text(_NUMBER)), NUMERIC), MAX_SCALE)
    beyond: Sql = sa.literal_column(f"1e{DIGITS - MAX_SCALE}")
    return sa.func.nullif(sa.func.nullif(number, beyond), -beyond, type_=NUMERIC)


def _cased(node: Apply, compiler: SqlCompiler, name: str) -> Sql:
    [text] = node.arguments
    if _blank(text):
        return sa.null()
    found = compiler.value(text)
    if compiler.sqlite:
        return _call(compiler, f"fs_{name}", found)
    function = getattr(sa.func, name)
    full = _c(function(sa.collate(found, ICU)))
    if isinstance(text, FieldRef):
        full = ascii_or(found, function(sa.collate(found, "C"), type_=_POSTGRESQL_TEXT), full)
    return guarded(full, node, compiler)


def _found(node: Apply, compiler: SqlCompiler, name: str) -> Sql:
    """A condition: NULL counts as false. Never a LIKE pattern, which would give % and _ a meaning."""
    text, part = node.arguments
    if _blank(text) or _blank(part):
        return sa.false()
    if compiler.sqlite:
        return compiler.call(f"fs_{name}", compiler.value(text), _folded(part, compiler), type_=sa.Boolean()).is_(sa.true())
    whole, sought = _folded(text, compiler), _folded(part, compiler)
    if name == "contains":
        return sa.func.strpos(whole, sought) > sa.literal_column("0")
    if name == "ends_with":
        whole, sought = sa.func.reverse(whole), sa.func.reverse(sought)
    return sa.func.starts_with(whole, sought, type_=sa.Boolean())


def _folded(node: Node, compiler: SqlCompiler) -> Sql:
    if isinstance(node, Constant):
        return constant(fold(node.value), TEXT, compiler.dialect)
    if compiler.sqlite:
        return _call(compiler, FUNCTION, compiler.value(node))
    return folded(compiler.value(node), compiler.dialect, column=isinstance(node, FieldRef))


def _none(text: Node, *numbers: Node) -> bool:
    """Whether a constant among the arguments makes LEFT, RIGHT and MID blank whatever the others are."""
    return _blank(text) or any(isinstance(number, Constant) and (number.value is None or number.value < 1) for number in numbers)


def _blank(node: Node) -> bool:
    return isinstance(node, Constant) and node.value is None


def _whole(number: int) -> Sql:
    return sa.literal(min(number, MAX_TEXT + 1), sa.Integer())


def _clamped(node: Node, compiler: SqlCompiler, most: int = MAX_TEXT) -> Sql:
    """PostgreSQL: a count between 0 and `most`; blank and negative become 0, which finds nothing."""
    if isinstance(node, Constant):
        return _whole(node.value)
    least = sa.func.greatest(compiler.value(node), sa.literal_column("0"))
    return sa.cast(sa.func.least(least, sa.literal_column(str(most))), sa.Integer())


def _call(compiler: SqlCompiler, name: str, *arguments: Sql) -> Sql:
    return compiler.call(name, *arguments, type_=sa.String())


def _filled(text: Sql, compiler: SqlCompiler | None = None) -> Sql:
    """Empty text is blank."""
    found = sa.func.nullif(text, sa.literal_column("''"), type_=sa.String())
    return found if compiler is not None and compiler.sqlite else _c(found)


def _c(text: Sql) -> Sql:
    """PostgreSQL: compared by code point from here on."""
    return sa.collate(text, "C")


def _text(text: str) -> Sql:
    return constant(text, TEXT, "postgresql")
