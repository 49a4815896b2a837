"""The function table as people look things up in it: sections of entries. The reference pages and `/help/expressions` show these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fieldsmith.base.text import Message, _m
from fieldsmith.expr.aggregate_help import AGGREGATE_HELP
from fieldsmith.expr.check_calls import is_name
from fieldsmith.expr.check_state import in_words, signature
from fieldsmith.expr.function import Function, Group
from fieldsmith.expr.types import Type

INTERNAL = frozenset({"to_scale", "store"})
"""Rows for steps that nobody writes."""
_TITLES: Mapping[Group | None, Message] = {
    "operator": _m("Operators"),
    "logic": _m("Logic"),
    "text": _m("Text"),
    "number": _m("Numbers"),
    "date": _m("Dates and times"),
    "record": _m("Choices and records"),
    None: _m("Related lists"),
    "change": _m("Changes"),
}
_SHAPES: Mapping[str, str] = {"not": "not value", "negate": "-value", "in": "value in (item, …)"}
_NEEDS: Mapping[str, Message] = {
    "now": _m("Follows the clock, so a formula with it is never stored."),
    "zone": _m("Follows the time zone of the reader, so a formula with it is never stored."),
    "language": _m("Follows the language of the reader, so a formula with it is never stored."),
    "change": _m("Only where a record is being saved: in rules."),
}
_OF_DATETIMES = _m("With a date with time it follows the time zone of the reader; a formula with that is never stored.")
_ONLY_PYTHON = _m("Not in filters: databases do not know it.")
TITLE = _m("Functions and operators")
INTRODUCTION = _m(
    "What an expression may be made of, by subject. Names of functions may be written in small letters too. "
    "[Brackets] mark what may be left out, … what may be repeated."
)
ABOUT_EXAMPLES = _m(
    "The examples speak of an order that is won, of a customer in the north, with interests retail and export, and of its three lines: "
    "5 bolts at 30.00, 1 nut at 0.10 and 1 washer at 75.00, which is cancelled."
)
EXAMPLE, ANSWER, BLANK = _m("Example"), _m("Answer"), _m("blank")


@dataclass(frozen=True, slots=True)
class Entry:
    """`gives` is a sentence, None where the type depends on the arguments; `notes` say what it needs beside them."""

    name: str
    signature: str
    help: Message
    gives: Message | None
    notes: tuple[Message, ...]
    examples: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """`key` is short and English: the anchor of the section."""

    key: str
    title: Message
    entries: tuple[Entry, ...]


def sections(functions: Mapping[str, Function]) -> tuple[Section, ...]:
    """Every operator, function and aggregate that people may write."""
    return tuple(Section(group or "list", title, tuple(_lists() if group is None else _rows(functions, group))) for group, title in _TITLES.items())


def _rows(functions: Mapping[str, Function], group: Group) -> Iterator[Entry]:
    for row in functions.values():
        if row.group == group and row.name not in INTERNAL:
            shape = signature(row) if is_name(row.name) else _SHAPES.get(row.name, f"left {row.name} right")
            gives = _m("Gives {type}.", type=in_words(row.result)) if isinstance(row.result, Type) else None
            yield Entry(row.name, shape, row.help, gives, tuple(_notes(row)), row.examples)


def _notes(row: Function) -> Iterator[Message]:
    for need, told in _NEEDS.items():
        if need in row.needs and not (need == "zone" and "now" in row.needs):
            yield told
    if row.needs_of is not None:
        yield _OF_DATETIMES
    if row.sql is None and "change" not in row.needs:
        yield _ONLY_PYTHON


def _lists() -> Iterator[Entry]:
    for row in AGGREGATE_HELP.values():
        yield Entry(row.name, row.signature, row.help, None, (), row.examples)
