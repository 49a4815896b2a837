"""Cells → canonical values: one compiled reader per mapped column, with what it has already read remembered.

Most columns of a real file repeat few texts (stages, owners, dates), so a small memory in front of text reader and coercer
saves most of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.bulk.mapping import ColumnMap, ImportMap, fill
from fieldsmith.fields.base import Invalid
from fieldsmith.records.shape import EntityShape

_REMEMBERED = 20_000
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of these is a formula to a spreadsheet."""


@dataclass(frozen=True, slots=True)
class LookupColumn:
    """A column whose text names a record of `to` by its field `by`; `later` ones are linked in the second pass."""

    header: str
    at: int
    field: str
    to: str
    by: str
    create: bool
    later: bool
    values: Mapping[str, Any]


class RowRefused(Exception):
    """Why a row cannot be taken: the column's header ("" for the row as a whole) and what is wrong with its text."""

    def __init__(self, column: str, message: Message, hint: Message | None = None) -> None:
        super().__init__(str(message))
        self.column = column
        self.message = message
        self.hint = hint


class CellReader:
    """Everything about reading rows of one file with one map into `shape`; lookups by name are left to `bulk.named`.

    Raises `BadInput` for formats and constants that can never be read. `constants` are canonical, their targets not yet looked up.
    """

    def __init__(self, shape: EntityShape, said: ImportMap, header: Sequence[str], locale: str | None) -> None:
        self.shape = shape
        self._header = tuple(header)
        self._templates = dict(said.templates)
        at = {name: number for number, name in reversed(list(enumerate(header)))}
        self.lookups = tuple(_lookup(shape, name, at[name], column, said) for name, column in said.columns.items() if _names_a_record(shape, column))
        by_name = {lookup.field for lookup in self.lookups}
        self._plain = tuple(
            (at[name], name, column.field, _reader(shape, column, locale, pointer("columns", name)))
            for name, column in said.columns.items()
            if column.field not in by_name and not column.part
        )
        self._composed = tuple(
            _Composed(shape, name, [(at[header], header, column) for header, column in said.columns.items() if column.field == name and column.part])
            for name in dict.fromkeys(column.field for column in said.columns.values() if column.part)
        )
        self._replaced = tuple(said.replaced.items())
        self._memory: tuple[dict[str, Any], ...] = tuple({} for _ in self._plain)
        self._template_readers = {name: _reader(shape, ColumnMap(name), locale, pointer("templates", name)) for name in said.templates}
        self.constants = {name: _constant(shape, name, value) for name, value in said.constants.items()}
        self.width = len(self._header)
        self.links_later = any(lookup.later for lookup in self.lookups)

    def read(self, row: Sequence[str]) -> dict[str, Any]:
        """Canonical values of the plain columns; raises `RowRefused` at the first cell that cannot be read."""
        values = dict(self.constants)
        width = len(row)
        for (at, header, name, turn), memory in zip(self._plain, self._memory, strict=True):
            text = row[at] if at < width else ""
            found = memory.get(text, memory)
            if found is memory:
                found = _turned(turn, text, header)
                if len(memory) < _REMEMBERED:  # a column of ever new texts is not worth remembering
                    memory[text] = found
            values[name] = found
        for composed in self._composed:
            values[composed.name] = composed.read(row)
        if self._templates:
            cells = self._as_templates_see(row)
            for name, template in self._templates.items():
                values[name] = _turned(self._template_readers[name], fill(template, cells), name)
        return values

    def _as_templates_see(self, row: Sequence[str]) -> dict[str, str]:
        cells = {header: unguarded(text) for header, text in zip(self._header, row, strict=False)}
        for header, texts in self._replaced:
            text = cells.get(header, "").strip()
            if text in texts:
                cells[header] = "" if texts[text] is None else str(texts[text])
        return cells


class _Composed:
    """A field of several parts (an address, a person's name) put together from a column each."""

    def __init__(self, shape: EntityShape, name: str, columns: Sequence[tuple[int, str, ColumnMap]]) -> None:
        self.name = name
        self._columns = columns
        self._coerce = shape.coercers[name]

    def read(self, row: Sequence[str]) -> Any:
        """The value, None when every part is blank; raises `RowRefused` that names the column of the part at fault."""
        parts: dict[str, Any] = {}
        for at, _, column in self._columns:
            text = row[at].strip() if at < len(row) else ""
            raw = column.values[text] if text in column.values else unguarded(text)
            if raw not in (None, ""):
                parts[column.part] = raw
        if not parts:
            return None
        try:
            return self._coerce(parts)
        except Invalid as invalid:
            header = next((header for _, header, column in self._columns if column.part == invalid.part), self._columns[0][1])
            raise RowRefused(header, invalid.message, invalid.hint) from None


def _turned(turn: Callable[[str], Any], text: str, header: str) -> Any:
    try:
        return turn(text)
    except Invalid as invalid:
        raise RowRefused(header, invalid.message, invalid.hint) from None


def _names_a_record(shape: EntityShape, column: ColumnMap) -> bool:
    return shape.entity.fields[column.field].type == "lookup"


def _lookup(shape: EntityShape, header: str, at: int, column: ColumnMap, said: ImportMap) -> LookupColumn:
    to = shape.entity.fields[column.field].options["to"]
    by = column.by or shape.schema.model.entities[to].name_field
    later = column.field in said.second_pass or to == shape.entity.name
    return LookupColumn(header, at, column.field, to, by, column.create, later, column.values)


def _reader(shape: EntityShape, column: ColumnMap, locale: str | None, where: str) -> Callable[[str], Any]:
    item = shape.entity.fields[column.field]
    try:
        read = shape.schema.model.type_of(item).text_reader(item, shape.scope, date_format=column.date_format, locale=locale)
    except Invalid as invalid:
        raise _unusable(invalid, where) from None
    coerce = shape.coercers[column.field]
    values, multiply = column.values, column.multiply

    def turn(text: str) -> Any:
        raw = values[key] if values and (key := text.strip()) in values else read(unguarded(text) if text[:1] == "'" else text)
        if multiply is not None:
            raw = _times(raw, multiply)
        return coerce(raw)

    return turn


def _times(raw: Any, factor: Decimal) -> Any:
    """`raw`, a number's text or an amount, times `factor`; what is no number is left for the coercer to refuse."""
    if isinstance(raw, Mapping):
        return {**raw, "amount": _times(raw.get("amount"), factor)}
    try:
        product = Decimal(str(raw).strip()) * factor
    except InvalidOperation:
        return raw
    return f"{product.normalize():f}" if product.is_finite() else raw


def unguarded(text: str) -> str:
    """`text` without the apostrophe that exports put before a cell that a spreadsheet would take for a formula."""
    return text[1:] if text[:1] == "'" and is_formula(text[1:]) else text


def is_formula(text: str) -> bool:
    """Would a spreadsheet run the cell, also after white space? Apostrophes in front are looked past, so that each guard can be taken away again."""
    shown = text.lstrip("'")
    return shown[:1] in FORMULA_SIGNS or shown.lstrip()[:1] in FORMULA_SIGNS if shown else False


def _constant(shape: EntityShape, name: str, value: Any) -> Any:
    try:
        return shape.coercers[name](value)
    except Invalid as invalid:
        raise _unusable(invalid, pointer("constants", name)) from None


def _unusable(invalid: Invalid, where: str) -> BadInput:
    problem = Problem(invalid.code, invalid.message, where, invalid.hint)
    return BadInput([problem], _m("The import map does not fit; nothing was imported."))
