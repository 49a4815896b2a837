"""Conditions as rows (field, comparison, value) for people who write no expressions: the list filter's rows over the draft's model.

    POST /studio/expression/rows   entity, as, and
      expression=…                 → the rows of the expression (a piece of HTML); a sentence where rows cannot show it
      part=row, at=2, <as>.f.2.…   → that row drawn anew, or a new one
      part=text, <as>.f.…          → JSON {"expression": …}: what the rows say

`as` is the name of the expression's input; the inputs of its rows begin with it, so that one form can have several.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Response, jsonify
from werkzeug.datastructures import MultiDict

from fieldsmith.base.errors import NotFound
from fieldsmith.base.text import _m
from fieldsmith.meta.model import Model
from fieldsmith.web import current, page
from fieldsmith.web.filter_rows import FilterRow, FilterRows, read_rows, write_rows
from fieldsmith.web.filter_words import in_words
from fieldsmith.web.screens_filter import asked_row, field_groups, fields_of, row_input, sent_rows
from fieldsmith.web.screens_here import Here
from fieldsmith.web.studio.desk import Desk

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DraftHere(Here):
    """The generated screens' request, over the draft's model. Nothing is kept: a draft changes all the time."""

    drafted: Model

    @property
    def model(self) -> Model:
        return self.drafted

    def keep(self, key: tuple[Any, ...], build: Callable[[], T]) -> T:
        return build()


def answer(now: Desk, form: MultiDict[str, str]) -> Response:
    """What the module's head describes. Raises `NotFound` for an entity the draft's model does not have."""
    entity, prefix = form.get("entity", ""), form.get("as", "condition")
    if entity not in now.model.entities or ("entity", entity) not in now.documents:
        raise NotFound(_m("There is no entity “{name}” in this draft yet. Save it first.", name=entity[:100]))
    here = draft_here(now)
    fields = fields_of(here, entity)
    groups = field_groups(here, entity)
    offered = {path for _, options in groups for path, _ in options}
    context: dict[str, Any] = {"groups": groups, "offered": offered, "before": f"{prefix}."}
    if form.get("part") in ("row", "text"):
        begins = f"{prefix}."
        own = MultiDict([(name.removeprefix(begins), value) for name, value in form.items(multi=True) if name.startswith(begins)])
        sent = sent_rows(here, fields, own)
        if form["part"] == "text":
            return jsonify(expression=write_rows(FilterRows(tuple(sent.rows.values()), sent.any_of), fields.find))
        number, row = asked_row(sent, form.get("at", ""))
        return page.part("studio/condition_row.html", row=row_input(here, fields, number, row), **context)
    read = read_rows(form.get("expression", "").replace("\r\n", "\n"), fields.find)
    if read is None:
        return page.part("studio/condition_rows.html", by_hand=True, conditions=(), any_of=False, **context)
    rows = [row_input(here, fields, number, row) for number, row in enumerate(read.rows or (FilterRow("", ""),))]
    return page.part("studio/condition_rows.html", by_hand=False, conditions=rows, any_of=read.any_of, **context)


def said(now: Desk, entity: str, source: str) -> str:
    """A condition as a sentence: “Stage is Won and Amount is more than 500”; its source where words would not do."""
    here = draft_here(now)
    if entity not in now.model.entities:
        return source
    fields = fields_of(here, entity)
    rows = read_rows(source, fields.find)
    if rows is None or not rows.rows:
        return source
    parts = [words.whole for words in in_words(here, fields, rows)]
    sentence = parts[0]
    for part in parts[1:]:
        joined = _m("{first} or {second}", first=sentence, second=part) if rows.any_of else _m("{first} and {second}", first=sentence, second=part)
        sentence = joined.render(now.words)
    return sentence


def draft_here(now: Desk) -> DraftHere:
    """The request at hand for functions of the generated screens, over the draft's model."""
    return DraftHere(now.actor, current.work(), now.words, now.model)
