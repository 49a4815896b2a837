"""What the expression editor of the studio asks while one types. All of it about the **draft's** model, as far as the reader sees it.

    POST /studio/expression/check      the faults, or what it gives          (a piece of HTML)
    POST /studio/expression/complete   as /api/v1/expressions/complete       (JSON)
    POST /studio/expression/names      fields and functions to put in        (a piece of HTML)
    POST /studio/expression/try        the value for a record, step by step  (a piece of HTML)
    POST /studio/expression/rows       conditions as rows (studio/condition_rows.py)

The editor sends `entity`, `expression`, `context` as the API calls it, and of formulas `returns` and `choices`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Flask, Response, request

from fieldsmith.base.errors import NotFound
from fieldsmith.base.text import Label, Message, _m
from fieldsmith.expr import reference
from fieldsmith.expr.check import check
from fieldsmith.expr.check_state import in_words
from fieldsmith.expr.completion import Completion, complete
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.limits import MAX_LENGTH
from fieldsmith.expr.nodes import Node
from fieldsmith.expr.types import BOOLEAN, DATE, DATETIME, INTEGER, TEXT, TIME, Kind, Type, decimal
from fieldsmith.expr.vocabulary import EntityNames, Place, Symbol
from fieldsmith.meta.places import default_place, formula_place
from fieldsmith.records.evaluate import place_of
from fieldsmith.web import api_expressions, page
from fieldsmith.web.expression_faults import Fault, fault
from fieldsmith.web.studio import condition_rows, expression_trial
from fieldsmith.web.studio.desk import Desk, desk

_RETURNED = {
    **{"text": TEXT, "long_text": TEXT, "email": TEXT, "phone": TEXT, "url": TEXT, "integer": INTEGER, "duration": INTEGER, "rating": INTEGER},
    **{name: decimal(8) for name in ("decimal", "percent", "currency")},
    **{"boolean": BOOLEAN, "date": DATE, "datetime": DATETIME, "time": TIME},
}
"""Field types by what an expression for one gives; a formula rounds to the scale of its field."""
_FOLLOWED = 12  # lookups whose own fields are listed


@dataclass(frozen=True, slots=True)
class Asked:
    """An expression and where it is to stand. The place says what it may speak of and must give."""

    entity: str
    source: str
    context: str
    place: Place


@dataclass(frozen=True, slots=True)
class Name:
    """One thing to put into an expression: `text` goes in, with the caret between the brackets of a function."""

    text: str
    shown: str
    label: str
    detail: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class NameGroup:
    title: str
    names: Sequence[Name]


def register(app: Flask) -> None:
    base = "/studio/expression"
    app.add_url_rule(f"{base}/check", "studio.check_expression", check_part, methods=["POST"])
    app.add_url_rule(f"{base}/complete", "studio.complete_expression", complete_json, methods=["POST"])
    app.add_url_rule(f"{base}/names", "studio.expression_names", names_part, methods=["POST"])
    app.add_url_rule(f"{base}/try", "studio.try_expression", try_part, methods=["POST"])
    app.add_url_rule(f"{base}/rows", "studio.condition_rows", rows_part, methods=["POST"])


def check_part() -> Response:
    """What is wrong with the expression, each with its place and a fix to click where there is one; else what it gives."""
    now = desk()
    asked = asked_of(now)
    if not asked.source.strip():
        return page.part("studio/expression_checked.html", faults=(), gives=None)
    node, faults = checked(now, asked)
    return page.part("studio/expression_checked.html", faults=faults, gives=None if node is None else in_words(node.type))


def complete_json() -> Response:
    """Completion over the draft's model, as far as the reader sees it."""
    now = desk()
    sent = api_expressions.completion_asked()
    place = _place(sent["entity"], sent.get("context", "any"))
    model = now.model
    return api_expressions.completed(sent, place, model.vocabulary, model.functions, now.words)


def names_part() -> Response:
    """Every field, list and function that may be said here, in groups."""
    now = desk()
    return page.part("studio/expression_names.html", groups=list(name_groups(now, asked_of(now))), reference=reference)


def try_part() -> Response:
    """The expression for one record: the newest, until another is chosen. `part=result` leaves the picker as it is."""
    now = desk()
    asked = asked_of(now)
    node, _ = checked(now, asked)
    found = expression_trial.tried(now, asked.entity, asked.source, node, request.form.get("record", ""), changes=asked.place.changes)
    template = "studio/expression_tried.html" if request.form.get("part") == "result" else "studio/expression_trial.html"
    return page.part(template, trial=found, entity=asked.entity, name=request.form.get("as", "expression"))


def rows_part() -> Response:
    """The expression as rows, or what rows say as an expression."""
    return condition_rows.answer(desk(), request.form)


def asked_of(now: Desk) -> Asked:
    """What the editor sent. Raises `NotFound` for an entity the draft does not have, `BadInput` for a context that does not exist."""
    form = request.form
    source = form.get("expression", "").replace("\r\n", "\n")[: MAX_LENGTH + 1]
    entity, context = form.get("entity", ""), form.get("context", "any")
    if entity not in now.model.entities or ("entity", entity) not in now.documents:
        raise NotFound(_m("There is no entity “{name}” in this draft yet. Save it first.", name=entity[:100]))
    return Asked(entity, source, context, _place(entity, context, form.get("returns", ""), form.get("choices", "")))


def checked(now: Desk, asked: Asked) -> tuple[Node | None, list[Fault]]:
    """The tree over the draft's model, or what is wrong."""
    model = now.model
    try:
        return check(asked.source, asked.place, model.vocabulary, model.functions), []
    except ExpressionError as wrong:
        return None, [fault(asked.source, problem) for problem in wrong.problems]


def name_groups(now: Desk, asked: Asked) -> Iterator[NameGroup]:
    """Own fields, those over lookups, related lists, words of the place, functions by subject."""
    own = _offered(now, asked, "")
    names = now.model.vocabulary.entity(asked.entity)
    known = now.model.entities[asked.entity].fields
    fields = sorted((item for item in own if item.kind == "field"), key=lambda item: known[item.text].system)
    yield NameGroup(page.say(_m("Fields")), [_name(item) for item in fields])
    lists = [item for item in _offered(now, asked, "COUNT(") if item.kind == "list"]
    yield NameGroup(page.say(_m("Lists of records")), [_name(item, "COUNT({})") for item in lists])
    for item in [item for item in fields if names is not None and _is_followed(names, item.text)][:_FOLLOWED]:
        found = [each for each in _offered(now, asked, f"{item.text}.") if each.kind == "field"]
        yield NameGroup(page.say(item.label), [_name(each, f"{item.text}.{{}}") for each in found])
    yield NameGroup(page.say(_m("Around the record")), [_name(item) for item in own if item.kind == "root"])
    allowed = {item.text.removesuffix("(") for item in own if item.kind == "function"}
    for section in reference.sections(now.model.functions):
        entries = [entry for entry in section.entries if entry.name in allowed]
        if entries:
            yield NameGroup(page.say(section.title), [_function(entry) for entry in entries])


def _place(entity: str, context: str, returns: str = "", choices: str = "") -> Place:
    wanted = Type(Kind.CHOICE, choices=choices) if returns == "choice" and choices else _RETURNED.get(returns)
    if context == "formula":
        return formula_place(entity, wanted)
    if context == "default" and wanted is not None:
        return default_place(entity, wanted)
    return place_of(entity, context)


def _offered(now: Desk, asked: Asked, source: str) -> list[Completion]:
    model = now.model
    return complete(source, len(source), asked.place, model.vocabulary, model.functions)


def _is_followed(names: EntityNames, text: str) -> bool:
    symbol: Symbol | None = names.fields.get(text)
    return symbol is not None and symbol.type.kind is Kind.RECORD and len(symbol.type.entities) == 1 and text not in ("created_by", "modified_by")


def _name(item: Completion, shape: str = "{}") -> Name:
    text = shape.format(item.text)
    label: Label | Message = item.label
    return Name(text, text, page.say(label), page.say(item.detail))


def _function(entry: reference.Entry) -> Name:
    help_ = " ".join(page.say(part) for part in (entry.help, entry.gives, *entry.notes) if part is not None)
    source, answer = entry.examples[0] if entry.examples else ("", None)
    example = f"{source} → {page.say(reference.BLANK) if answer is None else answer}" if source else ""
    return Name(f"{entry.name}()", entry.signature, help_, "", example)
