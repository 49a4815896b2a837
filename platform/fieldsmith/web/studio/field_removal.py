"""`…/fields/<field>/remove` and `…/rename`: every use shown before, one button for those that can be taken out by themselves."""

from __future__ import annotations

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.references import field_path
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page, plain_forms
from fieldsmith.web.page import say
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.entity_head import field_label, fields_of, head_of
from fieldsmith.web.studio.removal import mentions, taking_out


def register(app: Flask) -> None:
    base = "/studio/entity/<entity>/fields/<field>/"
    app.add_url_rule(f"{base}remove", "studio_remove_field", remove_page)
    app.add_url_rule(f"{base}remove", "studio_retire_field", remove, methods=["POST"])
    app.add_url_rule(f"{base}rename", "studio_rename_field", rename_page)
    app.add_url_rule(f"{base}rename", "studio_renamed_field", rename, methods=["POST"])


def remove_page(entity: str, field: str) -> Response:
    """`GET …/remove`."""
    return _removal(desk(), entity, field)


def remove(entity: str, field: str) -> Response:
    """`POST …/remove`: retired, its values kept; with `uses=out` taken out of everything first, in the same edit."""
    now = desk()
    label = _label(now, entity, field)
    found = mentions(now, now.uses_of(field_path(entity, field)))
    said = taking_out(now, found) if request.form.get("uses") == "out" else []
    left = [mention for mention in found if not mention.takes_out]
    taken = Said("entity", entity, [{"op": "remove", "path": pointer("fields", field)}])
    own = next((item for item in said if (item.kind, item.name) == ("entity", entity)), None)
    if own is not None:
        said = [item for item in said if item is not own]
        taken = Said("entity", entity, [*own.operations, *taken.operations])
    try:
        if left:
            if said or own:
                now.say([*said, *([own] if own else [])])
            page.notify(_m("{field} is still named in {count} expressions. Change those, then remove it.", field=label, count=len(left)), "warning")
            return page.go(f"/studio/entity/{entity}/fields/{field}/remove")
        now.say([*said, taken])
    except BadInput as wrong:
        return _removal(now, entity, field, Errors.of(wrong, ()), 422)
    page.notify(_m("{field} is retired; its values are kept.", field=label))
    return page.go(f"/studio/entity/{entity}/")


def rename_page(entity: str, field: str) -> Response:
    """`GET …/rename`."""
    return _renaming(desk(), entity, field, field)


def rename(entity: str, field: str) -> Response:
    """`POST …/rename`: the technical name, in everything that mentions it."""
    now = desk()
    name = plain_forms.text("name")
    if name == field:
        return page.go(f"/studio/entity/{entity}/fields/{field}")
    try:
        now.say([Said("entity", entity, [{"op": "rename", "path": pointer("fields", field), "value": name}])])
    except BadInput as wrong:
        return _renaming(now, entity, field, name, Errors({"name": _sentences(wrong)}), 422)
    page.notify(_m("Renamed to {name}, wherever it is mentioned.", name=name))
    return page.go(f"/studio/entity/{entity}/fields/{name}")


def _sentences(wrong: BadInput) -> list[str]:
    return [" ".join(filter(None, (say(item.message), say(item.hint)))) for item in wrong.problems] or [say(wrong.title)]


def _removal(now: Desk, entity: str, field: str, errors: Errors | None = None, status: int = 200) -> Response:
    label = _label(now, entity, field)
    found = mentions(now, now.uses_of(field_path(entity, field)))
    return render(
        "studio/field_remove.html",
        now,
        status,
        entity=head_of(now, entity),
        field=field,
        label=label,
        out=[item for item in found if item.takes_out],
        left=[item for item in found if not item.takes_out],
        errors=errors or Errors(),
    )


def _renaming(now: Desk, entity: str, field: str, name: str, errors: Errors | None = None, status: int = 200) -> Response:
    label = _label(now, entity, field)
    found = mentions(now, now.uses_of(field_path(entity, field)))
    return render(
        "studio/field_rename.html",
        now,
        status,
        entity=head_of(now, entity),
        field=field,
        label=label,
        values={"name": name},
        uses=found,
        errors=errors or Errors(),
    )


def _label(now: Desk, entity: str, field: str) -> str:
    found = next((item for item in fields_of(now, entity) if item["name"] == field), None)
    if found is None:
        raise NotFound(_m("There is no field “{name}” in {entity}.", name=field[:100], entity=head_of(now, entity).label))
    return field_label(now, entity, found)
