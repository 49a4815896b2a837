"""`/studio/entity/<entity>/layouts/<layout>`: the layout editor, the form itself as a canvas.

Every gesture is posted and kept in the draft at once (`layout_gestures`); htmx gets the editor anew and puts it into the page piece by
piece. A side panel shows the part that was chosen (`?at=sections/main`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.model import RECORD_TYPE, Entity
from fieldsmith.studio.arranging import PARTS, Arrangement
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page
from fieldsmith.web.studio.desk import Desk, bar_of, desk, render
from fieldsmith.web.studio.entity_head import head_of
from fieldsmith.web.studio.layout_canvas import arrangement_of, canvas_of, entity_of, layout_label, own_fields, path_label
from fieldsmith.web.studio.layout_gestures import Gesture
from fieldsmith.web.studio.layout_steps import State, Steps, state_of, step_between
from fieldsmith.web.studio.origins import Origins

_DEPTH = 1  # lookups a column of a related list may follow, as offered; more can be typed in a view


def register(app: Flask) -> None:
    app.add_url_rule("/studio/entity/<entity>/layouts/<layout>", "studio_layout", editor)
    app.add_url_rule("/studio/entity/<entity>/layouts/<layout>", "studio_layout_said", said, methods=["POST"])


def editor(entity: str, layout: str) -> Response:
    """`GET …/layouts/<layout>`; htmx asking for another choice gets the side panel alone."""
    now = desk()
    found = arrangement_of(now, entity, layout)
    at = request.args.get("at", "")
    if page.htmx() and page.htmx().target == "layout-panel":
        return page.part("studio/layout_panel.html", **_panel(now, found, at, ()), canvas=canvas_of(now, found))
    return render("studio/layout_editor.html", now, **_context(now, found, at, Steps()))


def said(entity: str, layout: str) -> Response:
    """`POST …/layouts/<layout>`: one gesture."""
    now = desk()
    found = arrangement_of(now, entity, layout)
    key = f"{entity}.{layout}"
    before = state_of(now, key)
    steps = Steps.read(request.form.get("steps", ""), before)
    at = request.form.get("at", "")
    problems: Sequence[Problem] = ()
    try:
        if request.form.get("do") in ("undo", "redo"):
            steps = _stepped(now, found, key, before, steps)
        else:
            gesture = Gesture(found, now.model, now.words, request.form)
            operations = gesture.operations()
            at = at if gesture.chosen is None else gesture.chosen
            if operations:
                now.say([Said("layout", key, operations, _document(now, found, key, before))])
                steps = steps.done(before, state_of(desk(), key))
    except BadInput as wrong:
        problems = wrong.problems or (Problem("refused", wrong.title),)
    after = desk() if not problems else now
    context = _context(after, arrangement_of(after, entity, layout), at, steps, problems)
    if not page.htmx():
        if not problems:
            return page.go(f"/studio/entity/{entity}/layouts/{layout}" + (f"?at={at}" if at else ""))
        return render("studio/layout_editor.html", after, 422, **context)
    return page.part("studio/layout_swap.html", 422 if problems else 200, bar=bar_of(after), here=request.path, **context)


def _document(now: Desk, found: Arrangement, key: str, before: State) -> Mapping[str, Any] | None:
    """The whole document, where nothing says this layout yet."""
    return None if ("layout", key) in now.documents or before.document is not None else found.body


def _stepped(now: Desk, found: Arrangement, key: str, before: State, steps: Steps) -> Steps:
    """One step back or forth."""
    back = request.form.get("do") == "undo"
    taken = steps.back if back else steps.forth
    if not taken:
        return steps
    target = taken[-1].applied(before, before.document or found.body)
    now.say(target.said(key))
    reverse = step_between(target, before)
    return Steps(steps.back[:-1], (*steps.forth, reverse)) if back else Steps((*steps.back, reverse), steps.forth[:-1])


def _context(now: Desk, found: Arrangement, at: str, steps: Steps, problems: Sequence[Problem] = ()) -> dict[str, Any]:
    canvas = canvas_of(now, found)
    return {
        **_panel(now, found, at, problems),
        "head": head_of(now, canvas.entity),
        "canvas": canvas,
        "steps": steps,
        "loose_problems": [problem for problem in problems if not _is_condition(problem)],
    }


def _is_condition(problem: Problem) -> bool:
    return problem.pointer.endswith("/visible")


def _panel(now: Desk, found: Arrangement, at: str, problems: Sequence[Problem]) -> dict[str, Any]:
    """What the side panel shows of the part that is chosen; of the layout itself without one."""
    group, _, name = at.partition("/")
    entity = entity_of(now, found.body["entity"])
    key = f"{entity.name}.{found.body['name']}"
    item = found.part(group, name) if group in (*PARTS, "tabs") else None
    if group == "fields" and name in entity.fields:
        chosen: dict[str, Any] = _field(now, found, entity, name)
    elif item is not None and not item.get("hidden"):
        chosen = {"kind": group, "item": item, "label": found.label_of(group, name)}
        if group == "related":
            chosen |= _related(now, item)
    else:
        chosen, at = _layout(now, found, entity), ""
    visible = item.get("visible", "") if item is not None else ""
    return {
        "at": at,
        "action": f"/studio/entity/{entity.name}/layouts/{found.body['name']}",
        "chosen": chosen,
        "found": found,
        "visible": request.form.get("visible", visible) if problems else visible,
        "visible_errors": [problem.message.render(now.words) for problem in problems if _is_condition(problem)],
        "origins": Origins(now),
        "key": key,
        "entity_name": entity.name,
    }


def _field(now: Desk, found: Arrangement, entity: Entity, name: str) -> dict[str, Any]:
    section = found.section_of(name) or (found.shown("sections")[-1]["name"] if name in found.loose and found.shown("sections") else "")
    field = entity.fields[name]
    return {
        "kind": "fields",
        "name": name,
        "label": field.label.render(now.words),
        "type": now.model.types[field.type].title.render(now.words),
        "own": not field.system,
        "section": section,
        "sections": [(item["name"], found.label_of("sections", item["name"])) for item in found.shown("sections")],
        "highlighted": name in found.members("/highlights"),
        "highlights": True,
    }


def _related(now: Desk, item: Mapping[str, Any]) -> dict[str, Any]:
    """Columns that can be chosen: the entity's fields, and those one lookup further."""
    other = now.model.entities.get(item["entity"])
    if other is None:
        return {"paths": [], "sorts": []}
    paths = [field.name for field in other.fields.values()]
    for field in own_fields(other):
        to = field.options.get("to")
        target = now.model.entities.get(to) if isinstance(to, str) and field.type == "lookup" else None
        paths += [f"{field.name}.{further.name}" for further in own_fields(target)] if target is not None else []
    chosen = list(item.get("columns", ()))
    sorts = [field.name for field in other.fields.values() if now.model.type_of(field).sortable]
    listed = [(path, path_label(now, other.name, path)) for path in dict.fromkeys([*chosen, *paths])]
    return {"paths": listed, "sorts": [(name, path_label(now, other.name, name)) for name in sorts], "entity_label": other.plural.render(now.words)}


def _layout(now: Desk, found: Arrangement, entity: Entity) -> dict[str, Any]:
    types = now.model.record_types_of.get(entity.name, ())
    paths = [field for field in entity.fields.values() if field.type == "choice" and field.name != RECORD_TYPE]
    return {
        "kind": "layout",
        "label": layout_label(now, found.body),
        "roles": [(role.name, role.label.render(now.words)) for role in now.model.roles.values()],
        "record_types": [(item.name, item.label.render(now.words)) for item in types],
        "paths": [(field.name, field.label.render(now.words)) for field in paths],
    }


def documents_of(now: Desk, entity: str) -> list[Effective]:
    return now.bench.of_kind("layout", entity)
