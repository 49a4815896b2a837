"""`/studio/entity/<entity>/fields/<field>/type`: another type for a field, tried on the real records first; `/studio/retypes/<id>`: how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, Conflict, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.fields.base import FieldType
from fieldsmith.fields.conversion import UNREACHABLE, UNREADABLE
from fieldsmith.web import current, page, plain_forms
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.entities import choice_lists
from fieldsmith.web.studio.entity_head import field_label, fields_of, head_of
from fieldsmith.web.studio.field_options import Offered, common_schemas, inputs_of, read_body
from fieldsmith.web.studio.field_types import card_of, grouped, types
from fieldsmith.web.studio.home import entity_cards
from fieldsmith.web.studio.mentions import mentions_of
from fieldsmith.web.studio.quick_fields import new_list

if TYPE_CHECKING:
    from fieldsmith.studio.retyping import DryRun, Retyping
    from fieldsmith.studio.retyping_job import Job
    from fieldsmith.studio.retyping_wish import Wish

_READING = ("date_format", "locale", "currency", "match", "instead")
_BLANK = "-"
_SHOWN = 50  # different failing values with an input each


@dataclass(frozen=True, slots=True)
class MappedValue:
    """A value that does not convert by itself: how many records have it (0: mapped already) and what it is to become."""

    value: str
    count: int
    becomes: str


def register(app: Flask) -> None:
    base = "/studio/entity/<entity>/fields/<field>/type"
    app.add_url_rule(base, "studio_retype", choose)
    app.add_url_rule(base, "studio_try_retype", attempt, methods=["POST"])
    app.add_url_rule("/studio/retypes/<int:id>", "studio_retype_job", job_page)
    app.add_url_rule("/studio/retypes/<int:id>/progress", "studio_retype_progress", progress)
    for name, view in (("cancel", cancel), ("resume", resume), ("undo", undo)):
        app.add_url_rule(f"/studio/retypes/<int:id>/{name}", f"studio_{name}_retype", view, methods=["POST"])


def choose(entity: str, field: str) -> Response:
    """`GET …/type`: the types; with `type=` what that one needs to be told."""
    now = desk()
    body = _body(now, entity, field)
    kind = types().get(request.args.get("type", ""))
    if kind is None or kind.name in UNREACHABLE:
        out = UNREACHABLE | ({str(body["type"])} if body["type"] in UNREADABLE else set())
        return render("studio/retype_types.html", now, **_about(now, entity, body), groups=grouped(), out=out, fixed=body["type"] in UNREADABLE)
    kept = {key: value for key, value in body.items() if kind.name == body["type"] and key in kind.option_properties}
    proposed: Sequence[str] = ()
    errors = Errors()
    if "choices" in kind.option_properties and "choices" not in body:
        try:
            proposed = [value["label"] for value in _service().propose(now.actor, entity, field).document["values"]]
        except BadInput as many:
            errors = Errors.of(many, ("choices_new",))
    return _page(now, entity, body, kind, kept, "\n".join(proposed), errors=errors)


def attempt(entity: str, field: str) -> Response:
    """`POST …/type`: the dry run; with `then=start` the change itself."""
    now = desk()
    body = _body(now, entity, field)
    kind = types().get(request.form.get("type", ""))
    if kind is None or kind.name in UNREACHABLE:
        raise NotFound(_m("There is no field type “{name}”.", name=request.form.get("type", "")[:100]))
    said = {key: value for key, value in read_body(kind, common_schemas(), request.form).items() if key in kind.option_properties}
    typed = request.form.get("choices_new", "")
    try:
        wish = _wish(now, entity, field, body, kind, said)
        if request.form.get("then") == "start":
            job = _service().start(now.actor, wish)
            return page.go(f"/studio/retypes/{job.id}")
        dry = _service().look(now.actor, wish)
    except (BadInput, Conflict) as wrong:
        problems = wrong if isinstance(wrong, BadInput) else BadInput([Problem("conflict", wrong.title)])
        return _page(now, entity, body, kind, said, typed, errors=Errors.of(problems, (*said, *_READING, "choices", "to")), status=422)
    return _page(now, entity, body, kind, said, typed, dry=dry, wish=wish)


def job_page(id: int) -> Response:
    """`GET /studio/retypes/<id>`."""
    now = desk()
    job = _service().get(now.actor, id)
    with suppress(NotFound):
        return render("studio/retype_job.html", now, entity=head_of(now, job.entity), **_told(now, job))
    return render("studio/retype_job.html", now, entity=None, **_told(now, job))


def progress(id: int) -> Response:
    """`GET …/progress`: what the page asks for every second while the job is at work."""
    now = desk()
    return page.part("studio/retype_progress.html", **_told(now, _service().get(now.actor, id)))


def cancel(id: int) -> Response:
    """`POST …/cancel`."""
    now = desk()
    job = _service().cancel(now.actor, id)
    page.notify(_m("The field keeps its type."))
    return page.go(f"/studio/entity/{job.entity}/")


def resume(id: int) -> Response:
    """`POST …/resume`: with what the values are to become."""
    now = desk()
    _service().resume(now.actor, id, _mapping(_wish_type(now, id)), request.form.get("leave_blank") == "1")
    return page.go(f"/studio/retypes/{id}")


def undo(id: int) -> Response:
    """`POST …/undo`."""
    now = desk()
    done = _service().undo(now.actor, id)
    job = _service().get(now.actor, id)
    left = [{"id": item.id, "label": item.label, "value": item.value, "message": item.message} for item in done.left]
    if not left:
        page.notify(_m("The field has the type it had before."))
        return page.go(f"/studio/entity/{job.entity}/fields/{job.field}")
    return render("studio/retype_undone.html", now, job=job, count=done.count, left=left, revision=done.revision)


def _wish(now: Desk, entity: str, field: str, body: Mapping[str, Any], kind: FieldType, said: dict[str, Any]) -> Wish:
    from fieldsmith.studio.retyping_wish import wish_from

    sent: dict[str, Any] = {"type": kind.name, "map": _mapping(kind)}
    sent |= {key: value for key in _READING if (value := plain_forms.text(key))}
    sent["leave_blank"] = request.form.get("leave_blank") == "1"
    lines = [line.strip() for line in request.form.get("choices_new", "").splitlines() if line.strip()]
    if "choices" in kind.option_properties and "choices" not in said and lines:
        known = {item.name for item in now.bench.of_kind("choices")}
        said["choices"], made = new_list(f"{entity}_{field}", str(body.get("label", field)), lines, known)
        sent["choices"] = made.document
    missing = [Problem("required", _m("This is needed."), f"/{key}") for key in kind.required_options if key not in said]
    if missing:
        raise BadInput(missing)
    if now.draft is not None and request.form.get("with_draft") == "1":
        sent["changeset"] = now.draft.id
    return wish_from(entity, field, {**sent, "options": said})


def _mapping(kind: FieldType) -> dict[str, Any]:
    """`value-0` and `becomes-0`, `value-1` …: what each value is to become; a hyphen stands for blank."""
    out: dict[str, Any] = {}
    for index in range(_SHOWN * 4):
        value, becomes = request.form.get(f"value-{index}"), request.form.get(f"becomes-{index}", "").strip()
        if value is None:
            break
        if becomes:
            out[value] = None if becomes == _BLANK else becomes.split("; ") if kind.name == "multi_choice" else becomes
    return out


def _wish_type(now: Desk, id: int) -> FieldType:
    return types()[_service().get(now.actor, id).type]


def _page(
    now: Desk,
    entity: str,
    body: Mapping[str, Any],
    kind: FieldType,
    said: Mapping[str, Any],
    new_values: str,
    dry: DryRun | None = None,
    wish: Wish | None = None,
    errors: Errors | None = None,
    status: int = 200,
) -> Response:
    offered = Offered(choice_lists(now), [(card.name, card.label) for card in entity_cards(now)], ())
    inputs = [item for item in inputs_of(kind, common_schemas(), said, offered, now.words) if item.group == "own"]
    return render(
        "studio/retype_form.html",
        now,
        status,
        **_about(now, entity, body),
        kind=card_of(kind),
        inputs=inputs,
        new_values=new_values,
        reading={key: request.form.get(key, "") for key in _READING},
        reads=_reads(str(body["type"]), kind),
        dry=dry,
        sure=dry is not None and not dry.failed and not dry.problems,
        values=_values(dry, wish),
        becomes=_becomes(now, kind, said, new_values),
        leave_blank=request.form.get("leave_blank") == "1",
        with_draft=request.form.get("with_draft") == "1",
        uses=mentions_of(now, f"entity/{entity}/fields/{body['name']}"),
        errors=errors or Errors(),
    )


def _reads(old: str, kind: FieldType) -> frozenset[str]:
    """Which ways of reading make a difference."""
    dates, numbers = ("date", "datetime"), ("integer", "decimal", "percent", "currency")
    out = {"date_format"} if kind.name in dates and old not in dates else set()
    out |= {"locale"} if kind.name in numbers and old not in numbers else set()
    out |= {"currency"} if kind.name == "currency" else set()
    return frozenset(out | ({"match"} if kind.name == "lookup" else set()))


def _values(dry: DryRun | None, wish: Wish | None) -> list[MappedValue]:
    """Those mapped already, then the most frequent that fail."""
    if dry is None or wish is None:
        return []
    mapped = [MappedValue(value, 0, _shown(becomes)) for value, becomes in wish.map.items()]
    failing = sorted(dry.values.items(), key=lambda item: (-item[1], item[0]))
    return [*mapped, *(MappedValue(value, count, "") for value, count in failing[:_SHOWN])]


def _shown(becomes: Any) -> str:
    """As it was typed."""
    return _BLANK if becomes is None else "; ".join(becomes) if isinstance(becomes, list) else str(becomes)


def _becomes(now: Desk, kind: FieldType, said: Mapping[str, Any], new_values: str) -> list[tuple[str, str]]:
    """What a value can become, where that is one of a list."""
    if kind.name == "boolean":
        return [("true", page.say(_m("Yes"))), ("false", page.say(_m("No")))]
    if kind.name != "choice":
        return []
    found = now.documents.get(("choices", str(said.get("choices", ""))))
    if found is not None:
        return [(str(item["name"]), str(item.get("label", item["name"]))) for item in found.body.get("values", ()) if isinstance(item, dict)]
    lines = [line.strip() for line in new_values.splitlines() if line.strip()]
    document = new_list("x", "x", lines, ())[1].document if lines else None
    return [(str(item["name"]), str(item["label"])) for item in (document or {}).get("values", ())]


def _about(now: Desk, entity: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What every page of the wizard shows of the field."""
    known = types().get(str(body["type"]))
    return {
        "entity": head_of(now, entity),
        "field": body["name"],
        "label": field_label(now, entity, body),
        "present": card_of(known) if known is not None else None,
        "draft": now.draft,
    }


def _told(now: Desk, job: Job) -> dict[str, Any]:
    share = 100 if job.upto == 0 or job.state == "done" else min(99, job.last * 100 // job.upto)
    kind = types()[job.type]
    places = [problem["pointer"].removeprefix("/map/") for problem in job.problems if problem["pointer"].startswith("/map/")]
    values = [place.replace("~1", "/").replace("~0", "~") for place in places]
    fields = {item.uid: item for entity in current.work().model.entities.values() for item in entity.own_fields()}
    field = fields.get(job.target) or fields.get(job.source)
    return {
        "job": job,
        "share": share,
        "kind": card_of(kind),
        "label": page.say(field.label) if field is not None else job.field,
        "values": list(dict.fromkeys(values)),
        "undone": job.state == "done" and job.target not in fields,
    }


def _body(now: Desk, entity: str, field: str) -> Mapping[str, Any]:
    found = next((item for item in fields_of(now, entity) if item["name"] == field), None)
    if found is None:
        raise NotFound(_m("There is no field “{name}” in {entity}.", name=field[:100], entity=head_of(now, entity).label))
    return found


def _service() -> Retyping:
    current.end_reading()
    return current.workspace().retyping
