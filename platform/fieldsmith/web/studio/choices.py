"""`/studio/choices/`: every pick list and where it is used; one list with its values, their colours and order.

GET  /studio/choices/                          all lists; POST makes a new one
GET  /studio/choices/<name>                    one list; POST saves labels, colours and what is in use
POST /studio/choices/<name>/add                values from pasted lines
POST /studio/choices/<name>/move               a value dragged: item, after
POST /studio/choices/<name>/remove             the list goes
GET  /studio/choices/<name>/values/<value>     one value; POST gives it another technical name, …/remove takes it away or replaces it
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page, plain_forms
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.choice_lists import COLOURS, ValueLine, fields_using, lines_of, list_label, removed, said_added, said_values, values_of
from fieldsmith.web.studio.desk import Desk, bar_of, desk, render
from fieldsmith.web.studio.entity_head import field_label, head_of
from fieldsmith.web.studio.mentions import mentions_of
from fieldsmith.web.studio.origins import Origin, Origins
from fieldsmith.web.studio.quick_fields import new_list

_HOME = "/studio/choices/"
_SHOWN = 6  # values in the list of all


@dataclass(frozen=True, slots=True)
class ListCard:
    """One list among all; `users` are the fields that pick from it: (label, address)."""

    name: str
    label: str
    values: tuple[ValueLine, ...]
    more: int
    users: tuple[tuple[str, str], ...]
    origin: Origin


def register(app: Flask) -> None:
    one = f"{_HOME}<name>"
    value = f"{one}/values/<value>"
    app.add_url_rule(_HOME, "studio_choices", lists_page)
    app.add_url_rule(_HOME, "studio_make_choices", make, methods=["POST"])
    app.add_url_rule(one, "studio_choice_list", list_page)
    app.add_url_rule(one, "studio_save_choices", save, methods=["POST"])
    app.add_url_rule(f"{one}/add", "studio_add_values", add, methods=["POST"])
    app.add_url_rule(f"{one}/move", "studio_move_value", move, methods=["POST"])
    app.add_url_rule(f"{one}/remove", "studio_remove_choices", remove, methods=["POST"])
    app.add_url_rule(value, "studio_value", value_page)
    app.add_url_rule(value, "studio_rename_value", rename, methods=["POST"])
    app.add_url_rule(f"{value}/remove", "studio_remove_value", remove_value, methods=["POST"])


def lists_page() -> Response:
    """`GET /studio/choices/`."""
    return _lists(desk(), {})


def make() -> Response:
    """`POST /studio/choices/`: label and lines."""
    now = desk()
    values = {"label": plain_forms.text("label"), "lines": request.form.get("lines", "")}
    try:
        problems = plain_forms.one_line(values["label"], "/label", 255)
        labels = lines_of(values["lines"])
        problems += [] if labels else plain_forms.one_line("", "/lines", 255)
        if problems:
            raise BadInput(problems)
        name, said = new_list(values["label"], values["label"], labels, [item.name for item in now.bench.of_kind("choices")])
        now.say([said])
    except BadInput as wrong:
        return _lists(now, values, Errors.of(wrong, ("label", "lines")), 422)
    return page.go(f"{_HOME}{name}")


def list_page(name: str) -> Response:
    """`GET /studio/choices/<name>`."""
    now = desk()
    return _page(now, now.document("choices", name))


def save(name: str) -> Response:
    """`POST /studio/choices/<name>`: `label`, and `label.x`, `colour.x`, `active.x` of each value x."""
    now = desk()
    found = now.document("choices", name)
    sent = {
        line.name: (plain_forms.text(f"label.{line.name}"), request.form.get(f"colour.{line.name}", line.colour), f"active.{line.name}" in request.form)
        for line in values_of(now, found)
        if f"label.{line.name}" in request.form
    }
    label = plain_forms.text("label")
    try:
        problems = plain_forms.one_line(label, "/label", 255)
        if problems:
            raise BadInput(problems)
        renamed = [Said("choices", name, [{"op": "change", "path": "/label", "value": label}])] if label != _said_label(found) else []
        edits = [*renamed, *said_values(found, sent)]
        if edits:
            now.say(edits)
    except BadInput as wrong:
        return _page(now, found, Errors.of(wrong, ("label", *(f"label.{each}" for each in sent))), 422, label, sent)
    page.notify(_m("Saved in the draft.") if edits else _m("Nothing was changed."))
    return page.go(f"{_HOME}{name}")


def add(name: str) -> Response:
    """`POST /studio/choices/<name>/add`: `lines`."""
    now = desk()
    found = now.document("choices", name)
    try:
        count, edits = said_added(found, lines_of(request.form.get("lines", "")))
        if edits:
            now.say(edits)
    except BadInput as wrong:
        return _page(now, found, Errors.of(wrong, ("lines",)), 422)
    page.notify(_m("{count} values were added.", count=count) if count else _m("There was no value that is not there already."), "success" if count else "info")
    return page.go(f"{_HOME}{name}#add")


def move(name: str) -> Response:
    """`POST …/move` with item and after ("" for the first place); answers with the draft bar."""
    now = desk()
    item, after = request.form.get("item", ""), request.form.get("after", "")
    now.say([Said("choices", name, [{"op": "move", "path": pointer("values", item), "after": after or None}])])
    return page.part("studio/draft_bar.html", bar=bar_of(desk()))


def remove(name: str) -> Response:
    """`POST …/remove`: the whole list, where nothing uses it."""
    now = desk()
    now.document("choices", name)
    return _tried(now, [Said("choices", name, retire=True)], _HOME, f"{_HOME}{name}", _m("Taken away in the draft."))


def value_page(name: str, value: str) -> Response:
    """`GET …/values/<value>`."""
    now = desk()
    found = now.document("choices", name)
    return _value(now, found, _line(now, found, value), value)


def rename(name: str, value: str) -> Response:
    """`POST …/values/<value>`: `name` is what it is to be called in the API and in expressions; records and mentions follow."""
    now = desk()
    found = now.document("choices", name)
    line, wanted = _line(now, found, value), plain_forms.text("name")
    try:
        if wanted != value:
            now.say([Said("choices", name, [{"op": "rename", "path": pointer("values", value), "value": wanted}])])
    except BadInput as wrong:
        said = Errors.of(wrong, ())
        return _value(now, found, line, wanted, Errors({"name": list(said.others)}), 422)
    page.notify(_m("Renamed in the draft: records and every mention follow when it is published.") if wanted != value else _m("Nothing was changed."))
    return page.go(f"{_HOME}{name}")


def remove_value(name: str, value: str) -> Response:
    """`POST …/values/<value>/remove`: with `off`, only out of use; else taken away, and records that have it get `instead`."""
    now = desk()
    found = now.document("choices", name)
    line = _line(now, found, value)
    off = "off" in request.form or not line.own
    if off:
        operations = [{"op": "change", "path": pointer("values", value, "active"), "value": False}]
    else:
        operations = removed(found, value, request.form.get("instead", ""))
    done = _m("It is no longer offered; records that have it keep it.") if off else _m("Taken away in the draft.")
    return _tried(now, [Said("choices", name, operations)], f"{_HOME}{name}", f"{_HOME}{name}/values/{value}", done)


def _tried(now: Desk, edits: list[Said], then: str, back: str, done: Message) -> Response:
    try:
        now.say(edits)
    except BadInput as wrong:
        for problem in wrong.problems[:3]:
            page.notify(problem.message, "danger")
        return page.go(back)
    page.notify(done)
    return page.go(then)


def _lists(now: Desk, values: Mapping[str, str], errors: Errors | None = None, status: int = 200) -> Response:
    origins = Origins(now)
    cards = sorted((_card(now, origins, item) for item in now.bench.of_kind("choices")), key=lambda card: card.label.casefold())
    return render("studio/choices.html", now, status, lists=cards, values=values, errors=errors or Errors())


def _card(now: Desk, origins: Origins, item: Effective) -> ListCard:
    values = values_of(now, item)
    return ListCard(
        item.name, list_label(now, item), tuple(values[:_SHOWN]), max(len(values) - _SHOWN, 0), tuple(_users(now, item.name)), origins.of("choices", item.name)
    )


def _users(now: Desk, choices: str) -> list[tuple[str, str]]:
    return [
        (
            _m("{entity}: {field}", entity=head_of(now, entity.name).label, field=field_label(now, entity.name, item)).render(now.words),
            f"/studio/entity/{entity.name}/fields/{item['name']}",
        )
        for entity, item in fields_using(now, choices)
    ]


def _page(
    now: Desk,
    found: Effective,
    errors: Errors | None = None,
    status: int = 200,
    label: str | None = None,
    sent: Mapping[str, tuple[str, str, bool]] | None = None,
) -> Response:
    other = now.documents.get(("choices", str(found.body.get("depends_on"))))
    return render(
        "studio/choices_list.html",
        now,
        status,
        name=found.name,
        heading=list_label(now, found),
        label=_said_label(found) if label is None else label,
        lines=values_of(now, found),
        sent=sent or {},
        colours=COLOURS,
        users=_users(now, found.name),
        depends_on=None if other is None else (other.name, list_label(now, other)),
        own=("choices", found.name) not in now.bench.below,
        origin=Origins(now).of("choices", found.name),
        typed={"lines": request.form.get("lines", "")},
        errors=errors or Errors(),
    )


def _value(now: Desk, found: Effective, line: ValueLine, typed: str, errors: Errors | None = None, status: int = 200) -> Response:
    return render(
        "studio/choices_value.html",
        now,
        status,
        name=found.name,
        heading=list_label(now, found),
        line=line,
        values={"name": typed},
        others=[(other.name, other.label) for other in values_of(now, found) if other.name != line.name and other.active],
        uses=mentions_of(now, f"choices/{found.name}/values/{line.name}"),
        errors=errors or Errors(),
    )


def _line(now: Desk, found: Effective, value: str) -> ValueLine:
    line = next((line for line in values_of(now, found) if line.name == value), None)
    if line is None:
        raise NotFound(_m("{choices} has no value “{name}”.", choices=list_label(now, found), name=value[:100]))
    return line


def _said_label(found: Effective) -> str:
    return str(found.body.get("label") or found.name.replace("_", " ").capitalize())
