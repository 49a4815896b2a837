"""What the parser makes of a source text: a frozen tree that knows words and places, but no types yet.

`check` turns it into `nodes`; `printer` turns it back into source; renaming replaces the spans of names.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """Character offsets in the source: from `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number:
    """`value` keeps the scale as written: 12.50 has two digits after the point."""

    value: Decimal
    span: Span


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Word:
    """`true`, `false` or `blank` (None)."""

    value: bool | None
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """`account.owner.name` as its parts, each with its place; roots (`old`, `user` …) are ordinary first parts here."""

    parts: tuple[str, ...]
    spans: tuple[Span, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """`operator` is `-` or `not`."""

    operator: str
    operand: Syntax
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """`operator` in lower case: or and = <> < <= > >= & + - * / ^."""

    operator: str
    left: Syntax
    right: Syntax
    span: Span


@dataclass(frozen=True, slots=True)
class Membership:
    """`operand in (items)`, or `not in` when `negated`."""

    operand: Syntax
    items: tuple[Syntax, ...]
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """`name` in capitals; `where` only inside aggregates (`SUM(lines.total where not cancelled)`)."""

    name: str
    name_span: Span
    arguments: tuple[Syntax, ...]
    where: Syntax | None
    span: Span


Syntax = Number | Text | Word | Name | Unary | Binary | Membership | Call
