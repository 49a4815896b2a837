"""`/studio/choices/<name>/dependencies`: on which list this one depends, which values go with which, and which fields control which.

A row of the matrix is a value of this list, a column one of the other. A row ticked throughout goes with everything, also with nothing chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.choice_lists import ValueLine, fields_using, list_label, values_of
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.entity_head import field_label, fields_of, head_of

_HOME = "/studio/choices/"
_MOST_CELLS = 4000
"""Of a matrix in one page; above, it is shown one column at a time."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A field of the list, and the fields of its entity that can control it."""

    key: str  # entity.field
    label: str
    able: Sequence[tuple[str, str]]
    now: str


def register(app: Flask) -> None:
    app.add_url_rule(f"{_HOME}<name>/dependencies", "studio_dependencies", matrix_page)
    app.add_url_rule(f"{_HOME}<name>/dependencies", "studio_save_dependencies", save, methods=["POST"])


def matrix_page(name: str) -> Response:
    """`GET …/dependencies`; `?on=` shows the matrix with another list, `?column=` one column of it."""
    now = desk()
    found = now.document("choices", name)
    on = request.args.get("on", str(found.body.get("depends_on", "")))
    return _page(now, found, on)


def save(name: str) -> Response:
    """`POST …/dependencies`: `on` the other list ("" for none), `columns` its values shown, `for.x` those for which x can be chosen, `control.entity.field`."""
    now = desk()
    found = now.document("choices", name)
    on = request.form.get("on", "")
    if on != request.form.get("shown", on):
        return page.go(f"{_HOME}{name}/dependencies?on={on}" if ("choices", on) in now.documents else f"{_HOME}{name}/dependencies?on=")
    other = now.documents.get(("choices", on))
    try:
        edits = _said_none(now, found) if other is None else _said(now, found, other)
        if edits:
            now.say(edits)
    except BadInput as wrong:
        return _page(now, found, on, Errors.of(wrong, tuple(f"for.{line.name}" for line in values_of(now, found))), 422, sent=True)
    page.notify(_m("Saved in the draft.") if edits else _m("Nothing was changed."))
    return page.go(f"{_HOME}{name}")


def _said(now: Desk, found: Effective, other: Effective) -> list[Said]:
    columns = [line.name for line in values_of(now, other)]
    shown = frozenset(request.form.getlist("columns") or columns)
    operations: list[dict[str, Any]] = []
    problems: list[Problem] = []
    if found.body.get("depends_on") != other.name:
        operations.append({"op": "change", "path": "/depends_on", "value": other.name})
    for line in values_of(now, found):
        sent, before = request.form.getlist(f"for.{line.name}"), columns if line.for_ is None else line.for_
        ticked = [column for column in columns if column in (sent if column in shown else before)]
        place = pointer("values", line.name, "for")
        if not ticked:
            message = _m("Tick something for {value}, or put it out of use.", value=line.label)
            problems.append(Problem("for_nobody", message, f"/for.{line.name}"))
        elif len(ticked) == len(columns) and line.for_ is not None and not _of_package(now, found, place):
            operations.append({"op": "remove", "path": place})
        elif (line.for_ is None and len(ticked) < len(columns)) or (line.for_ is not None and set(ticked) != set(line.for_)):
            operations.append({"op": "change", "path": place, "value": ticked})
    if problems:
        raise BadInput(problems)
    edits = [Said("choices", found.name, operations)] if operations else []
    for pair in pairs_of(now, found, other.name):
        wanted = request.form.get(f"control.{pair.key}", pair.now)
        if wanted != pair.now and wanted in ("", *(name for name, _ in pair.able)):
            edits.append(_controlled(pair.key, wanted))
    return edits


def _said_none(now: Desk, found: Effective) -> list[Said]:
    """The list depends on nothing any more, nor do the fields of it."""
    if "depends_on" not in found.body:
        return []
    fields = [
        Said("entity", entity.name, [{"op": "remove", "path": pointer("fields", item["name"], "depends_on")}])
        for entity, item in fields_using(now, found.name)
        if "depends_on" in item
    ]
    values = [{"op": "remove", "path": pointer("values", line.name, "for")} for line in values_of(now, found) if line.for_ is not None]
    return [*fields, Said("choices", found.name, [*values, {"op": "remove", "path": "/depends_on"}])]


def _controlled(key: str, wanted: str) -> Said:
    entity, _, name = key.partition(".")
    place = pointer("fields", name, "depends_on")
    return Said("entity", entity, [{"op": "change", "path": place, "value": wanted} if wanted else {"op": "remove", "path": place}])


def _of_package(now: Desk, found: Effective, place: str) -> bool:
    below = now.bench.below.get(("choices", found.name))
    return below is not None and place.rpartition("/")[0].removeprefix("/values/") in [item["name"] for item in below.body.get("values", ()) if "for" in item]


def pairs_of(now: Desk, found: Effective, on: str) -> list[Pair]:
    """The fields of the list with those that can control them; where there is one only and none is said yet, that one."""
    out = []
    for entity, item in fields_using(now, found.name):
        able = [
            (other["name"], field_label(now, entity.name, other))
            for other in fields_of(now, entity.name)
            if other.get("type") == "choice" and other.get("choices") == on and other["name"] != item["name"]
        ]
        label = _m("{entity}: {field}", entity=head_of(now, entity.name).label, field=field_label(now, entity.name, item)).render(now.words)
        out.append(Pair(f"{entity.name}.{item['name']}", label, able, str(item.get("depends_on", ""))))
    return out


def _page(now: Desk, found: Effective, on: str, errors: Errors | None = None, status: int = 200, sent: bool = False) -> Response:
    other = now.documents.get(("choices", on)) if on != found.name else None
    every: list[ValueLine] = [line for line in values_of(now, other) if line.active] if other is not None else []
    lists = [(item.name, list_label(now, item)) for item in now.bench.of_kind("choices") if item.name != found.name]
    lines = values_of(now, found)
    one = request.values.get("column", "") or (every[0].name if len(every) * len(lines) > _MOST_CELLS else "")
    columns = [column for column in every if column.name == one] or every
    same = other is not None and found.body.get("depends_on") == other.name
    ticked: Mapping[str, Sequence[str]] = {
        line.name: request.form.getlist(f"for.{line.name}") if sent else line.for_ if same and line.for_ is not None else [column.name for column in every]
        for line in lines
    }
    return render(
        "studio/choices_dependencies.html",
        now,
        status,
        name=found.name,
        heading=list_label(now, found),
        on=other.name if other is not None else "",
        other=list_label(now, other) if other is not None else "",
        lists=sorted(lists, key=lambda pair: pair[1].casefold()),
        columns=columns,
        every=every if len(columns) < len(every) else [],
        lines=lines,
        ticked=ticked,
        pairs=pairs_of(now, found, other.name) if other is not None else [],
        errors=errors or Errors(),
    )
