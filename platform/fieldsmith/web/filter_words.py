"""The rows of a filter in the reader's words: “Stage is Won”; for the chips above a list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from fieldsmith.base.text import _m
from fieldsmith.web.filter_fields import FilterField, FilterFields
from fieldsmith.web.filter_operators import Takes, operator_of
from fieldsmith.web.filter_rows import FilterRow, FilterRows
from fieldsmith.web.screens_here import Here
from fieldsmith.web.screens_inputs import codec

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class RowWords:
    """A row as people read it; `value` is "" where the comparison says all."""

    field: str
    comparison: str
    value: str = ""

    @property
    def whole(self) -> str:
        return f"{self.field} {self.comparison} {self.value}".strip()


def in_words(now: Here, fields: FilterFields, rows: FilterRows) -> list[RowWords]:
    """Each row in the reader's words, records by their names."""
    labels = record_labels(now, fields, rows.rows)
    return [_row(now, fields, row, labels) for row in rows.rows]


def record_labels(now: Here, fields: FilterFields, rows: Sequence[FilterRow]) -> Mapping[tuple[str, str], str]:
    """The names of the records that rows speak of and the reader may see, by entity and id."""
    asked: dict[str, set[int]] = {}
    for row in rows:
        field = fields.find(row.field)
        takes = takes_of(field, row.operator)
        if field is not None and takes in ("record", "records"):
            asked.setdefault(field.type.entities[0], set()).update(int(value) for value in row.values if is_id(value))
    found: dict[tuple[str, str], str] = {}
    for entity, ids in asked.items():
        if entity not in now.work.model.entities:
            continue  # of a draft: it has no records yet
        for id, label in now.work.queries.labels(now.actor, entity, ids).items():
            found[entity, str(id)] = label or f"#{id}"
    return found


def takes_of(field: FilterField | None, operator: str) -> Takes:
    """What stands beside the comparison of a row; "" also for one that is not known."""
    found = None if field is None else operator_of(field.family, operator)
    return "" if found is None else found.takes


def is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _row(now: Here, fields: FilterFields, row: FilterRow, labels: Mapping[tuple[str, str], str]) -> RowWords:
    field = fields.find(row.field)
    operator = None if field is None else operator_of(field.family, row.operator)
    if field is None or operator is None:
        return RowWords(row.field, row.operator, ", ".join(row.values))
    values = [_value(now, field, operator.takes, value, labels) for value in row.values]
    return RowWords(field.label(now.words), operator.words.render(now.words), ", ".join(values))


def _value(now: Here, field: FilterField, takes: Takes, value: str, labels: Mapping[tuple[str, str], str]) -> str:
    if takes in ("record", "records"):
        return labels.get((field.type.entities[0], value)) or f"#{value}"
    if takes in ("choice", "choices"):
        known = now.model.choices.get(field.type.choices)
        choice = None if known is None else known.values.get(value)
        return value if choice is None else choice.label.render(now.words)
    if takes == "number" and _NUMBER.fullmatch(value):
        return _number(now, field, value)
    if takes == "date" and _DATE.fullmatch(value):
        try:
            return str(format_date(date.fromisoformat(value), "medium", locale=now.actor.language))
        except ValueError:
            return value
    return _m("“{words}”", words=value).render(now.words) if takes == "text" else value


def _number(now: Here, field: FilterField, value: str) -> str:
    if is_duration(now, field):
        return str(codec("duration").show(int(value), now.reader())[""]) if "." not in value else value
    shown = str(format_decimal(Decimal(value), locale=now.actor.language, decimal_quantization=False))
    return f"{shown}%" if field.field is not None and field.field.type == "percent" else shown


def is_duration(now: Here, field: FilterField) -> bool:
    """Is it a number people write as hours and minutes?"""
    return field.field is not None and field.family == "number" and now.model.type_of(field.field).widget == "duration"
