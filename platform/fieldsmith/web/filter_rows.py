"""A filter's source text ↔ the rows of the filter builder. The only writer of what the builder says.

    rows = read_rows('stage = "won" and amount > 5', find)      # None: written by hand, the builder cannot show it
    source = write_rows(rows, find)

`find` says what a path leads to (`filter_fields`). A row is recognised when its comparison's template, filled with what stands in
the source, is that very source again; so reading never changes a filter's meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.limits import children
from fieldsmith.expr.parser import parse
from fieldsmith.expr.printer import source_of
from fieldsmith.expr.scanner import scan
from fieldsmith.expr.syntax import Binary, Membership, Name, Number, Span, Syntax, Text, Unary
from fieldsmith.web.filter_operators import FAMILIES, MANY, Takes, operator_of

_NOWHERE = Span(0, 0)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_MAX_ROWS = 50
"""A longer chain is easier read as a text."""


class Subject(Protocol):
    """What a row is about."""

    @property
    def path(self) -> str: ...
    @property
    def family(self) -> str: ...


Find = Callable[[str], Subject | None]


@dataclass(frozen=True, slots=True)
class FilterRow:
    """`values` are plain texts: a number as `-12.50`, a date as `2026-11-22`, a choice's name, a record's id."""

    field: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FilterRows:
    """`any_of`: one of the rows is enough."""

    rows: tuple[FilterRow, ...] = ()
    any_of: bool = False

    def without(self, at: int) -> FilterRows:
        return FilterRows(self.rows[:at] + self.rows[at + 1 :], self.any_of)


def write_rows(rows: FilterRows, find: Find) -> str:
    """The source of `rows`, in their order; rows that are not filled in yet are left out."""
    written = [text for row in rows.rows if (text := write_row(row, find)) is not None]
    return (" or " if rows.any_of else " and ").join(written)


def write_row(row: FilterRow, find: Find) -> str | None:
    """The source of one row; None while its field, comparison or value is not known."""
    subject = find(row.field)
    operator = None if subject is None else operator_of(subject.family, row.operator)
    if subject is None or operator is None:
        return None
    literals = [source_of(_literal(value, operator.takes)) for value in row.values if value.strip()]
    if operator.takes and not literals:
        return None
    return _filled(operator.template, subject.path, literals if operator.takes in MANY else literals[:1])


def read_rows(source: str, find: Find) -> FilterRows | None:
    """The rows of `source`; None when it says more than rows can, has a comment, or cannot be read at all."""
    if not source.strip():
        return FilterRows()
    try:
        syntax = parse(source)
    except ExpressionError:
        return None
    word = syntax.operator if isinstance(syntax, Binary) and syntax.operator in ("and", "or") else "and"
    parts = list(_parts(syntax, word))
    if len(parts) > _MAX_ROWS or _has_comment(source):
        return None
    rows = [_row(part, find) for part in parts]
    return None if None in rows else FilterRows(tuple(row for row in rows if row is not None), word == "or")


def _parts(syntax: Syntax, word: str) -> Iterator[Syntax]:
    """The conditions that `word` joins, in source order."""
    waiting = [syntax]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Binary) and node.operator == word:
            waiting += [node.right, node.left]
        else:
            yield node


def _has_comment(source: str) -> bool:
    """Rows have no place for comments, so writing them anew would lose one."""
    end = 0
    for token in scan(source):
        if "--" in source[end : token.start_pos]:
            return True
        end = token.end_pos or 0
    return "--" in source[end:]


def _row(syntax: Syntax, find: Find) -> FilterRow | None:
    name = next((node for node in _walk(syntax) if isinstance(node, Name)), None)
    subject = None if name is None else find(".".join(name.parts))
    if subject is None:
        return None
    said = source_of(syntax)
    for operator in FAMILIES[subject.family]:
        values = _values(syntax, operator.takes)
        literals = [source_of(_literal(value, operator.takes)) for value in values]
        if any(_filled(way, subject.path, literals) == said for way in (operator.template, *operator.also)):
            return FilterRow(subject.path, operator.name, values)
    return None


def _walk(syntax: Syntax) -> Iterator[Syntax]:
    waiting = [syntax]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(tuple(children(node))))


def _values(syntax: Syntax, takes: Takes) -> tuple[str, ...]:
    """What may be the values of a comparison: the members of its list, or the last literal in it."""
    if not takes:
        return ()
    if takes in MANY:
        listed = next((node for node in _walk(syntax) if isinstance(node, Membership)), None)
        found = [_text(item) for item in listed.items] if listed is not None else []
        return tuple(text for text in found if text is not None)
    last: str | None = None
    signed: Syntax | None = None
    for node in _walk(syntax):
        text = None if node is signed else _text(node)
        if text is not None:
            last = text
            signed = node.operand if isinstance(node, Unary) else None
    return () if last is None else (last,)


def _text(node: Syntax) -> str | None:
    """A literal as the plain text of a value."""
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Number):
        return format(node.value, "f")
    if isinstance(node, Unary) and node.operator == "-" and isinstance(node.operand, Number):
        return "-" + format(node.operand.value, "f")
    return None


def _literal(value: str, takes: Takes) -> Syntax:
    """The literal of a value. One that does not read as what is asked for becomes a text, for the checker to name."""
    value = value.strip()
    if (takes == "number" and _NUMBER.fullmatch(value)) or (takes in ("record", "records") and _ID.fullmatch(value)):
        number = Number(Decimal(value.removeprefix("-")), _NOWHERE)
        return Unary("-", number, _NOWHERE) if value.startswith("-") else number
    return Text(value, _NOWHERE)


def _filled(template: str, path: str, literals: list[str]) -> str:
    """`template` with the field's path and the literals in it; a value may hold braces, it comes last."""
    return template.replace("{x}", path).replace("{v}", ", ".join(literals))
