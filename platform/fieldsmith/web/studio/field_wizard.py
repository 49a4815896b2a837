"""`/studio/entity/<entity>/fields/new` and `…/fields/<field>`: choose a type, say what the field is, see it as the form will draw it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.fields.base import FieldType
from fieldsmith.fields.computed import RETURNS
from fieldsmith.meta.check import RESERVED_FIELDS
from fieldsmith.meta.expressions import Expressions
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.places import formula_place
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.delegated import OF_FIELDS
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page, plain_forms
from fieldsmith.web.page import say
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.entities import choice_lists
from fieldsmith.web.studio.entity_head import field_label, fields_of, head_of, is_own_field, proposed_inverse
from fieldsmith.web.studio.field_options import Offered, common_schemas, inputs_of, is_computed, option_label, read_body, schemas_of
from fieldsmith.web.studio.field_sample import default_input, read_default, same_default, sample
from fieldsmith.web.studio.field_types import card_of, grouped, types
from fieldsmith.web.studio.home import entity_cards
from fieldsmith.web.studio.naming import proposed_name
from fieldsmith.web.studio.origins import Origins
from fieldsmith.web.studio.quick_fields import new_list

_MOST_VALUES = 500


def register(app: Flask) -> None:
    base = "/studio/entity/<entity>/fields/"
    app.add_url_rule(f"{base}new", "studio_new_field", new_page)
    app.add_url_rule(f"{base}new", "studio_make_field", make, methods=["POST"])
    app.add_url_rule(f"{base}preview", "studio_preview_field", preview, methods=["POST"])
    app.add_url_rule(f"{base}<field>", "studio_field", edit_page)
    app.add_url_rule(f"{base}<field>", "studio_save_field", save, methods=["POST"])


def new_page(entity: str) -> Response:
    """`GET …/fields/new`: the grid of types; with `type=` the form for one."""
    now = desk()
    kind = types().get(request.args.get("type", ""))
    if kind is None:
        return render("studio/field_types.html", now, entity=head_of(now, entity), groups=grouped())
    body = {"type": kind.name}
    if "inverse" in kind.option_properties:
        body["inverse"] = proposed_inverse(now, entity, head_of(now, entity).plural, ())
    return _page(now, entity, kind, body)


def make(entity: str) -> Response:
    """`POST …/fields/new`: into the draft, then on to the fields or to the next one."""
    now = desk()
    kind = _kind(request.form.get("type", ""))
    taken = {item["name"] for item in fields_of(now, entity)}
    try:
        body, said = _posted(now, entity, kind, taken)
        now.say([*said, Said("entity", entity, [{"op": "add", "path": pointer("fields", body["name"]), "value": body}])])
    except BadInput as wrong:
        return _page(now, entity, kind, _typed(kind), _errors(wrong, kind), 422)
    page.notify(_m("{field} was added.", field=body["label"]))
    return page.go(f"/studio/entity/{entity}/" + ("fields/new" if request.form.get("then") == "another" else ""))


def edit_page(entity: str, field: str) -> Response:
    """`GET …/fields/<field>`."""
    now = desk()
    body = _body(now, entity, field)
    return _page(now, entity, _kind(str(body["type"])), body, field=field)


def save(entity: str, field: str) -> Response:
    """`POST …/fields/<field>`: the properties that differ, as operations."""
    now = desk()
    body = _body(now, entity, field)
    kind = _kind(str(body["type"]))
    try:
        new, said = _posted(now, entity, kind, set(), field)
        operations = _differences(now, entity, field, kind, body, new)
        if operations:
            now.say([*said, Said("entity", entity, operations)])
    except BadInput as wrong:
        return _page(now, entity, kind, {"name": field, **_typed(kind)}, _errors(wrong, kind), 422, field)
    page.notify(_m("Saved in the draft.") if operations else _m("Nothing was changed."))
    return page.go(f"/studio/entity/{entity}/")


def preview(entity: str) -> Response:
    """`POST …/fields/preview`: the input as the form will draw it, from what is typed now."""
    now = desk()
    kind = _kind(request.form.get("type", ""))
    body = {"type": kind.name, "name": plain_forms.text("name"), **read_body(kind, common_schemas(), request.form)}
    with suppress(BadInput):  # said beside the input when the form is sent
        body["default"] = read_default(now, entity, body, request.form)
    return page.part("studio/field_preview.html", item=sample(now, entity, body, _new_values()))


def _posted(now: Desk, entity: str, kind: FieldType, taken: set[str], field: str | None = None) -> tuple[dict[str, Any], list[Said]]:
    """The field as typed, with the pick list it needs. Raises `BadInput`."""
    body = {**_kept(now, entity, kind, field), **read_body(kind, common_schemas(), request.form)}
    problems = plain_forms.one_line(body.get("label", ""), "/label", 255)
    name = field or plain_forms.text("name") or proposed_name(body.get("label", ""), taken | RESERVED_FIELDS, "field")
    said: list[Said] = []
    values = _new_values()
    if values and "choices" in kind.option_properties:
        known = {item.name for item in now.bench.of_kind("choices")}
        body["choices"], made = new_list(f"{entity}_{name}", body.get("label", name), values, known)
        said.append(made)
    if name in taken:
        problems.append(Problem("already_there", _m("There is a field “{name}” already. Choose another name.", name=name), "/name"))
    if is_computed(kind) and kind.name == "formula" and "returns" not in body and body.get("expression"):
        body["returns"] = _given_by(now, entity, body["expression"])
    problems += [Problem("required", _m("This is needed."), f"/{key}") for key in kind.required_options if key not in body]
    whole = {"name": name, "type": kind.name, **body}
    default = read_default(now, entity, whole, request.form) if not values else None
    if problems:
        raise BadInput(problems)
    return whole if default is None else {**whole, "default": default}, said


def _may_say(now: Desk, entity: str, field: str | None, key: str) -> bool:
    """Is the property for the reader to say? Who shapes some entities only says little of a field that is published, and never what owns a record."""
    if not now.delegated:
        return True
    published = now.bench.published.get(("entity", entity))
    is_new = field is None or published is None or not value_at(published.body, pointer("fields", field))[1]
    return key != "owned" if is_new else key in OF_FIELDS


def _kept(now: Desk, entity: str, kind: FieldType, field: str | None) -> dict[str, Any]:
    """What a field says that the form did not offer, and nobody sent."""
    if field is None or not now.delegated:
        return {}
    known = schemas_of(kind, common_schemas())
    saved = _body(now, entity, field)
    return {key: saved[key] for key in known if key in saved and key not in request.form and not _may_say(now, entity, field, key)}


def _given_by(now: Desk, entity: str, expression: str) -> str:
    """The field type an expression gives; text where that cannot be told yet, so that the check says what is wrong."""
    if entity not in now.model.entities:
        return "text"
    node = Expressions(now.model).check(expression, formula_place(entity, None)).node
    return node.type.kind.value if node is not None and node.type.kind.value in RETURNS else "text"


def _differences(now: Desk, entity: str, field: str, kind: FieldType, body: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What changes every property of the form from `body` to `new`; one that is blank now is taken back, or set to what it is by default."""
    out: list[dict[str, Any]] = []
    schemas = {**schemas_of(kind, common_schemas()), "default": {}}
    below = now.bench.below.get(("entity", entity))
    for key, schema in schemas.items():
        path = pointer("fields", field, key)
        default = schema.get("default")
        if new.get(key, default) == body.get(key, default) or (key == "default" and same_default(now, entity, body, new.get(key))):
            continue
        if key in new:
            out.append({"op": "change", "path": path, "value": new[key]})
        elif below is not None and value_at(below.body, path)[1] and default is not None:
            out.append({"op": "change", "path": path, "value": default})
        else:
            out.append({"op": "remove", "path": path})
    return out


def _page(
    now: Desk, entity: str, kind: FieldType, body: Mapping[str, Any], errors: Errors | None = None, status: int = 200, field: str | None = None
) -> Response:
    errors = errors or Errors()
    typed = request.form if request.method == "POST" else None
    label = option_label("label", now.words)
    origins = Origins(now) if field is not None else None
    inputs = inputs_of(kind, common_schemas(), body, _offered(now, entity, field), now.words)
    inputs = [item for item in inputs if _may_say(now, entity, field, item.key)]
    place = f"/fields/{field}"
    marks = {item.key: origins.of("entity", entity, f"{place}/{item.key}") for item in inputs} if origins is not None else {}
    saved = _body(now, entity, field) if field is not None else None
    return render(
        "studio/field_form.html",
        now,
        status,
        entity=head_of(now, entity),
        card=card_of(kind),
        field=field,
        heading=field_label(now, entity, saved) if saved is not None else say(_m("New field")),
        translated=field is not None and saved is not None and field_label(now, entity, saved) != saved.get("label"),
        own=field is not None and not now.delegated and is_own_field(now, entity, field),
        name=field or (request.form.get("name", "") if typed is not None else ""),
        inputs=inputs,
        marks=marks,
        whole=origins.of("entity", entity, place) if origins is not None else None,
        default=default_input(now, entity, {"name": "", **body, "label": label}, say(_m("Default")), typed, errors.fields.get("default", ())),
        default_mark=origins.of("entity", entity, f"{place}/default") if origins is not None else None,
        new_values=request.form.get("choices_new", "") if typed is not None else "",
        preview=sample(now, entity, body, _new_values() if typed is not None else ()),
        errors=errors,
        next=f"/studio/entity/{entity}/fields/{field}",
    )


def _offered(now: Desk, entity: str, field: str | None) -> Offered:
    own = [item for item in fields_of(now, entity) if isinstance(item.get("choices"), str) and item["name"] != field]
    fields = [(item["name"], field_label(now, entity, item)) for item in own]
    return Offered(choice_lists(now), [(card.name, card.label) for card in entity_cards(now)], fields)


def _errors(wrong: BadInput, kind: FieldType) -> Errors:
    """Beside the input they belong to: problems of a check point into the document (`/fields/amount/scale`)."""
    keys = ("name", "default", *schemas_of(kind, common_schemas()))

    def placed(problem: Problem) -> Problem:
        parts = problem.pointer.split("/")[1:]
        if "/choices/" in (problem.document or ""):
            return Problem(problem.code, problem.message, "/choices", problem.hint)
        if parts[:1] == ["fields"] and len(parts) > 1:
            return Problem(problem.code, problem.message, pointer(parts[2] if len(parts) > 2 else "name"), problem.hint)
        return problem

    return Errors.of(BadInput([placed(problem) for problem in wrong.problems], wrong.title), keys)


def _typed(kind: FieldType) -> dict[str, Any]:
    return {"type": kind.name, **read_body(kind, common_schemas(), request.form)}


def _new_values() -> Sequence[str]:
    lines = [line.strip() for line in request.form.get("choices_new", "").splitlines()]
    return [line for line in lines if line][:_MOST_VALUES]


def _kind(name: str) -> FieldType:
    found = types().get(name)
    if found is None:
        raise NotFound(_m("There is no field type “{name}”.", name=name[:100]))
    return found


def _body(now: Desk, entity: str, field: str) -> Mapping[str, Any]:
    """The field as the draft has it, with the label it goes by where it says none."""
    found = next((item for item in fields_of(now, entity) if item["name"] == field), None)
    if found is None:
        raise NotFound(_m("There is no field “{name}” in {entity}.", name=field[:100], entity=head_of(now, entity).label))
    return {"label": label_from_name(field), **found}
