"""The filter builder of a list: `GET /{entity}/filter`. What stands in its inputs travels in the address, nothing is stored.

    ?filter=EXPR                                      the builder with the rows of EXPR
    ?f.0.field=stage&f.0.op=is&f.0.value=won&f.join=any&do=apply     on to the list with what the rows say (303)
    ?…&do=add, ?…&do=remove.2                         the same rows with one more, one less

`part` asks for a piece: `row` (row `at`), `rows` (those of EXPR), `faults` (what is wrong with EXPR), `text` (JSON: what the rows say).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, jsonify, request
from werkzeug.datastructures import MultiDict

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity
from fieldsmith.query.filters import condition
from fieldsmith.web.expression_faults import Fault, fault
from fieldsmith.web.filter_fields import FilterField, FilterFields
from fieldsmith.web.filter_operators import FAMILIES, operator_of
from fieldsmith.web.filter_rows import FilterRow, FilterRows, read_rows, write_rows
from fieldsmith.web.filter_words import RowWords, in_words, is_duration, is_id, record_labels
from fieldsmith.web.page import go, part, render
from fieldsmith.web.screens_here import Here, here
from fieldsmith.web.screens_inputs import codec, ungrouped
from fieldsmith.web.screens_url import ListAddress, read_address

BAR_ID = "filter-bar"
_NAMED = re.compile(r"f\.(\d{1,4})\.field", re.ASCII)
_REMOVED = re.compile(r"remove\.(\d{1,4})", re.ASCII)

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RowInput:
    """A row as the template draws it. `takes` is what `Operator.takes` says, or "duration"; `source` is where a picker asks."""

    at: int
    field: str
    label: str
    operators: Options
    operator: str
    takes: str
    values: tuple[str, ...]
    options: Options
    source: str


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition above a list; `without` is the address of the list without it."""

    words: RowWords
    without: str


def fields_of(now: Here, entity: str) -> FilterFields:
    """The fields a filter of this reader may speak of."""
    return now.keep(("filter fields", entity, now.unreadable()), lambda: FilterFields(now.model, entity, now.unreadable().unspoken))


def filter_page(entity: str) -> Response:
    """The builder as a page of its own, as a bar above the list, or a piece of it."""
    now = here()
    found = now.entity(entity)
    at = read_address(now.model, found, request.args, now.roles)
    fields = fields_of(now, entity)
    asked, do = request.args.get("part"), request.args.get("do", "")
    rows = sent_rows(now, fields, request.args) if do or asked in ("row", "text") else None
    if asked == "text" and rows is not None:
        return _no_store(jsonify(filter=write_rows(_shown(rows), fields.find)))
    if asked == "row" and rows is not None:
        return part("filter_row.html", **_shared(now, found), row=row_input(now, fields, *asked_row(rows, request.args.get("at", ""))))
    if do == "apply" and rows is not None and _complete(fields, rows):
        return go(at.url(filter=_said(at, fields, rows)))
    if asked == "faults":
        return part("filter_faults.html", faults=_faults(now, at))
    if asked == "rows":
        return part("filter_build.html", **bar(now, found, at))
    context = bar(now, found, at, None if rows is None else _done(rows, do))
    if request.headers.get("HX-Target") == BAR_ID:
        return part("filter_bar.html", **context)
    return render("filter.html", **context)


def bar(now: Here, entity: Entity, at: ListAddress, rows: SentRows | None = None, problems: Sequence[Problem] = ()) -> dict[str, Any]:
    """What `filter_bar.html` needs; without `rows` those of the address's filter."""
    fields = fields_of(now, entity.name)
    by_hand = False
    if rows is None:
        read = read_rows(at.filter, fields.find)
        by_hand = read is None
        rows = SentRows(dict(enumerate(read.rows)), read.any_of) if read is not None else SentRows({}, False)
        if not rows.rows and not by_hand:
            rows = SentRows({0: FilterRow("", "")}, False)
        said = at.filter
    else:
        said = write_rows(_shown(rows), fields.find)
    return {
        **_shared(now, entity),
        "at": at,
        "conditions": [row_input(now, fields, number, row) for number, row in rows.rows.items()],
        "any_of": rows.any_of,
        "by_hand": by_hand,
        "said": said,
        "faults": [fault(at.filter, problem) for problem in problems],
    }


def chips(now: Here, at: ListAddress) -> tuple[list[Chip], str]:
    """The conditions of the address's filter, each with the way to be rid of it, and the word between; none when written by hand."""
    fields = fields_of(now, at.entity)
    rows = read_rows(at.filter, fields.find)
    if rows is None:
        return [], ""
    words = in_words(now, fields, rows)
    made = [Chip(said, at.url(filter=write_rows(rows.without(number), fields.find))) for number, said in enumerate(words)]
    return made, "or" if rows.any_of else "and"


def view_words(now: Here, at: ListAddress) -> tuple[list[str], str]:
    """The filter of the view in words, with the word between; its source where words would not do (records by number among them)."""
    fields = fields_of(now, at.entity)
    rows = read_rows(at.view.filter, fields.find)
    if rows is None or any(row.values and (field := fields.find(row.field)) is not None and field.family in ("record", "user") for row in rows.rows):
        return [at.view.filter], "and"
    return [words.whole for words in in_words(now, fields, rows)], "or" if rows.any_of else "and"


@dataclass(frozen=True, slots=True)
class SentRows:
    """Rows as sent, by their numbers."""

    rows: Mapping[int, FilterRow]
    any_of: bool


def sent_rows(now: Here, fields: FilterFields, args: MultiDict[str, str]) -> SentRows:
    """The rows in the inputs of an address."""
    rows: dict[int, FilterRow] = {}
    for number in sorted(int(found[1]) for name in args if (found := _NAMED.fullmatch(name))):
        path = args.get(f"f.{number}.field", "")
        values = args.getlist(f"f.{number}.value")
        rows[number] = FilterRow(path, args.get(f"f.{number}.op", ""), _plain(now, fields.find(path), values))
    return SentRows(rows, args.get("f.join") == "any")


def _plain(now: Here, field: FilterField | None, values: Sequence[str]) -> tuple[str, ...]:
    """Values as typed → as rows hold them."""
    kept = [value.strip() for value in values if value.strip()]
    if field is None or field.family not in ("number", "list"):
        return tuple(kept)
    if is_duration(now, field):
        return tuple(str(codec("duration").read({"": value}, _of(field), now.reader())) for value in kept)
    return tuple(ungrouped(value, now.actor.language) for value in kept)


def _of(field: FilterField) -> Field:
    assert field.field is not None
    return field.field


def _shown(sent: SentRows) -> FilterRows:
    return FilterRows(tuple(sent.rows.values()), sent.any_of)


def _done(sent: SentRows, do: str) -> SentRows:
    """After a button without scripts: one row more, or one less."""
    rows = dict(sent.rows)
    if do == "add":
        rows[max(rows, default=-1) + 1] = FilterRow("", "")
    elif (found := _REMOVED.fullmatch(do)) is not None:
        rows.pop(int(found[1]), None)
    return replace(sent, rows=rows)


def _complete(fields: FilterFields, sent: SentRows) -> bool:
    """Does every row with a field say how to compare? One whose field was changed without scripts does not yet."""
    chosen = [(fields.find(row.field), row) for row in sent.rows.values() if row.field]
    return all(field is not None and operator_of(field.family, row.operator) is not None for field, row in chosen)


def _said(at: ListAddress, fields: FilterFields, sent: SentRows) -> str:
    """The text where somebody changed it by hand since the rows were written into it, else what the rows say."""
    written = request.args.get("f.was")
    if written is None or written.replace("\r\n", "\n").strip() != at.filter:
        return at.filter
    return write_rows(_shown(sent), fields.find)


def asked_row(sent: SentRows, at: str) -> tuple[int, FilterRow]:
    """The row to draw: number `at` as it was sent, or a new one after the last."""
    number = int(at) if at.isascii() and at.isdigit() and len(at) < 5 else max(sent.rows, default=-1) + 1
    return number, sent.rows.get(number, FilterRow("", ""))


def row_input(now: Here, fields: FilterFields, number: int, row: FilterRow) -> RowInput:
    """A row for the template; one whose field is not known begins anew."""
    field = fields.find(row.field)
    if field is None:
        return RowInput(number, "", "", (), "", "", (), (), "")
    offered = FAMILIES[field.family]
    operator = operator_of(field.family, row.operator) or offered[0]
    values, takes, options, source = row.values, str(operator.takes), [], ""
    if operator.takes in ("choice", "choices"):
        known = now.model.choices.get(field.type.choices)
        options = [] if known is None else [(value.name, value.label.render(now.words)) for value in known.values.values()]
        options += [(value, value) for value in values if value not in dict(options)]
    elif operator.takes in ("record", "records"):
        source = f"/{field.type.entities[0]}/lookup"
        labels = record_labels(now, fields, [replace(row, operator=operator.name)])
        options = [(value, labels.get((field.type.entities[0], value), f"#{value}" if is_id(value) else value)) for value in values]
    elif operator.takes == "number" and is_duration(now, field):
        takes = "duration"
        values = tuple(str(codec("duration").show(int(value), now.reader())[""]) if value.removeprefix("-").isdigit() else value for value in values)
    words = [(item.name, item.words.render(now.words)) for item in offered]
    return RowInput(number, field.path, field.label(now.words), words, operator.name, takes, values, options, source)


def _shared(now: Here, entity: Entity) -> dict[str, Any]:
    """What every piece of the builder needs: the fields to choose from, in groups."""
    groups: Sequence[tuple[str, Options]] = now.keep(("filter choices", entity.name, now.unreadable()), lambda: field_groups(now, entity.name))
    return {"entity": entity, "groups": groups, "offered": {path for _, options in groups for path, _ in options}}


def field_groups(now: Here, entity: str) -> Sequence[tuple[str, Options]]:
    """The fields to choose from, in groups, each by what the reader calls it."""
    made = []
    for label, items in fields_of(now, entity).offered():
        options = sorted(((item.path, item.label(now.words)) for item in items), key=lambda option: option[1].casefold())
        made.append(("" if label is None else label.render(now.words), options))
    return [made[0], *sorted(made[1:])] if made else ()


def _faults(now: Here, at: ListAddress) -> list[Fault]:
    """What is wrong with the filter of the address."""
    try:
        if at.filter:
            condition(now.model, at.entity, at.filter, now.unreadable())
    except BadQuery as wrong:
        return [fault(at.filter, problem) for problem in wrong.problems]
    return []


def _no_store(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
