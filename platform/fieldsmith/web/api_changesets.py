"""`/api/v1/changesets`: drafts of changes to the metadata. Edit, check, plan, publish; for administrators."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Flask, Response

from fieldsmith.base.errors import BadInput, BadQuery, NotFound
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import _m
from fieldsmith.rollout.simulating import simulate
from fieldsmith.web import api_args, current, errors, reauth
from fieldsmith.web.api_answers import JSON, PREFIX
from fieldsmith.web.api_json import json_object
from fieldsmith.web.api_simulated import simulated_json

if TYPE_CHECKING:
    from fieldsmith.meta.references import Use
    from fieldsmith.studio.changesets import ChangeSets, Checked
    from fieldsmith.studio.drafts import Draft

STATES = ("open", "published")


def register(app: Flask) -> None:
    """Every route."""
    one = f"{PREFIX}/changesets/<int:id>"
    app.add_url_rule(f"{PREFIX}/changesets", "api.changesets", list_changesets, methods=["GET"])
    app.add_url_rule(f"{PREFIX}/changesets", "api.open_changeset", open_changeset, methods=["POST"])
    app.add_url_rule(one, "api.changeset", get_changeset, methods=["GET"])
    app.add_url_rule(one, "api.discard_changeset", discard_changeset, methods=["DELETE"])
    app.add_url_rule(f"{one}/check", "api.check_changeset", check_changeset, methods=["GET"])
    app.add_url_rule(f"{one}/plan", "api.plan_changeset", plan_changeset, methods=["GET"])
    app.add_url_rule(f"{one}/publish", "api.publish_changeset", publish_changeset, methods=["POST"])
    document = f"{one}/<kind>/<name>"
    app.add_url_rule(document, "api.put_document", put_document, methods=["PUT"])
    app.add_url_rule(document, "api.change_document", change_document, methods=["PATCH"])
    app.add_url_rule(document, "api.retire_document", retire_document, methods=["DELETE"])


def list_changesets() -> Response:
    """Open drafts, newest first; `state=published` for those that became a revision."""
    actor = current.signed_in()
    given = api_args.arguments("state", "limit", "after")
    state, limit, after = given.get("state", "open"), api_args.limit(given), given.get("after")
    if state not in STATES:
        raise NotFound(_m("state must be “open” or “published”."), [Problem("unknown_state", _m("state must be “open” or “published”."), "/state")])
    found = _service().listed(actor, state, page_number(after), limit)
    return _answer({"items": [_told(draft) for draft in found], "next": str(found[-1].id) if len(found) == limit else None})


def open_changeset() -> Response:
    """201 with the id of the new, empty draft."""
    actor = current.signed_in()
    title = _text("title")
    id = _writing().open(actor, title)
    answer = _answer({"id": id}, 201)
    answer.headers["Location"] = f"{PREFIX}/changesets/{id}"
    return answer


def get_changeset(id: int) -> Response:
    """The draft with its edits, as they are kept."""
    actor = current.signed_in()
    api_args.arguments()
    draft = _service().get(actor, id)
    documents = [{"kind": edit.kind, "name": edit.name, **edit.to_json()} for edit in (draft.edits or {}).values()]
    return _answer({**_told(draft), "documents": documents})


def discard_changeset(id: int) -> Response:
    """Throw the draft away."""
    actor = current.signed_in()
    api_args.arguments()
    _writing().discard(actor, id)
    return Response(b"", 204)


def put_document(id: int, kind: str, name: str) -> Response:
    """A whole new document; answers as the check does."""
    actor = current.signed_in()
    api_args.arguments()
    return _checked(_writing().put(actor, id, kind, name, plain(json_object())))


def change_document(id: int, kind: str, name: str) -> Response:
    """Operations on a document; answers as the check does."""
    actor = current.signed_in()
    api_args.arguments()
    return _checked(_writing().change(actor, id, kind, name, plain(json_object())))


def retire_document(id: int, kind: str, name: str) -> Response:
    """The document is to go; with `edits=drop` only what the draft says of it is forgotten."""
    actor = current.signed_in()
    given = api_args.arguments("edits")
    if given.get("edits", "drop") != "drop":
        raise BadInput([Problem("unknown_value", _m("edits can only be “drop”."), "/edits")])
    service = _writing()
    return _checked(service.take_back(actor, id, kind, name) if given else service.retire(actor, id, kind, name))


def check_changeset(id: int) -> Response:
    """`problems`, and where other drafts change the same."""
    actor = current.signed_in()
    api_args.arguments()
    return _checked(_service().check(actor, id))


def plan_changeset(id: int) -> Response:
    """What publishing would do, bound to `hash`, and who gains and loses by it: that is for administrators. 422 with every problem."""
    actor, words = current.signed_in(), current.words()
    api_args.arguments()
    administers = current.work().runtime.policy.is_administrator(actor)
    planned = _writing().plan(actor, id)
    operations = [
        {
            "path": item.path,
            "title": item.title.render(words),
            "sql": list(item.sql),
            "rows": item.rows,
            "risk": item.risk,
            "lock": " ".join(text.render(words) for text in item.waits) or None,
            "uses": [_use(use) for use in item.uses],
        }
        for item in planned.operations
    ]
    conflicts = [item.to_json() for item in planned.conflicts]
    access = simulated_json(simulate(current.workspace(), actor, id), words) if administers else None
    return _answer({"hash": planned.hash, "base": planned.base, "operations": operations, "conflicts": conflicts, "access": access})


def publish_changeset(id: int) -> Response:
    """Do what the plan said. 409 with `conflicts` where it no longer holds."""
    from fieldsmith.studio.conflicts import Stale

    actor = current.signed_in()
    hash = _text("hash")
    service = _writing()
    reauth.require_fresh_for(kind for kind, _ in service.get(actor, id).edits or {})
    try:
        revision = _writing().publish(actor, id, hash)
    except Stale as stale:
        return errors.problem(409, stale.title, stale.problems, conflicts=[item.to_json() for item in stale.conflicts])
    return _answer({"revision": revision})


def _service() -> ChangeSets:
    return current.workspace().changesets


def _writing() -> ChangeSets:
    current.end_reading()
    return _service()


def _told(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "title": draft.title,
        "author": {"id": draft.author_id, "label": draft.author_name},
        "base": draft.base,
        "created_at": draft.created_at.isoformat() + "Z",
        "modified_at": draft.modified_at.isoformat() + "Z",
        "state": draft.state,
        "revision": draft.revision,
    }


def _checked(found: Checked) -> Response:
    words = current.words()
    notes = [{"path": item.path, "changeset": item.changeset, "title": item.title, "author": item.author} for item in found.also_changed_in]
    return _answer({"problems": [problem.to_json(words) for problem in found.problems], "also_changed_in": notes})


def _use(use: Use) -> dict[str, str]:
    return {"kind": use.kind, "name": use.name, "pointer": use.pointer}


def _text(key: str) -> str:
    """The one member of the body, a text."""
    api_args.arguments()
    sent = json_object()
    problems = []
    for name in sent:
        if name != key:
            message = _m("There is no “{name}” in this call.", name=name[:100])
            problems.append(Problem("unknown_key", message, pointer(name[:100]), did_you_mean(name[:100], [key])))
    if not isinstance(sent.get(key), str):
        problems.append(Problem("required", _m("{name} must be there and be a text.", name=key), pointer(key)))
    if problems:
        raise BadInput(problems)
    return str(sent[key])


def page_number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadQuery([Problem("bad_cursor", _m("This page mark (“after”) does not belong to this list."), "/after", _m("Start again without “after”."))])
    return int(text)


def plain(value: Any) -> Any:
    """Metadata keep numbers as JSON has them."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def _answer(body: Any, status: int = 200) -> Response:
    """Written with the slower encoder: documents may hold numbers the faster one refuses."""
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=JSON)
