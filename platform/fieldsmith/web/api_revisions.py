"""`/api/v1/revisions`: what was published when, by whom and why; and the way back. For administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from fieldsmith.web import api_args, current
from fieldsmith.web.api_answers import PREFIX, json_answer
from fieldsmith.web.api_changesets import page_number
from fieldsmith.web.api_json import json_object

if TYPE_CHECKING:
    from fieldsmith.studio.rollback import PublishedRevision


def register(app: Flask) -> None:
    """Every route."""
    app.add_url_rule(f"{PREFIX}/revisions", "api.revisions", list_revisions, methods=["GET"])
    app.add_url_rule(f"{PREFIX}/revisions/<int:number>", "api.revision", get_revision, methods=["GET"])
    app.add_url_rule(f"{PREFIX}/revisions/<int:number>/rollback", "api.rollback", roll_back, methods=["POST"])


def list_revisions() -> Response:
    """Newest first."""
    actor = current.signed_in()
    given = api_args.arguments("limit", "after")
    limit = api_args.limit(given)
    found = current.workspace().revisions.listed(actor, page_number(given.get("after")), limit)
    return json_answer({"items": [_told(item) for item in found], "next": str(found[-1].number) if len(found) == limit else None})


def get_revision(number: int) -> Response:
    """One revision with every difference to the one before."""
    actor, words = current.signed_in(), current.words()
    api_args.arguments()
    revision, differences = current.workspace().revisions.get(actor, number)
    told = [{"document": item.document, "pointer": item.pointer, "message": item.message.render(words)} for item in differences]
    return json_answer({**_told(revision), "differences": told})


def roll_back(number: int) -> Response:
    """Publish what held at revision `number` as a new revision; `{"accept_purged": true}` where data of it were purged since."""
    actor = current.signed_in()
    api_args.arguments()
    accept = json_object().get("accept_purged") is True if request.content_length else False
    current.end_reading()
    return json_answer({"revision": current.workspace().revisions.roll_back(actor, number, accept)})


def _told(revision: PublishedRevision) -> dict[str, Any]:
    return {
        "number": revision.number,
        "at": revision.at.isoformat() + "Z",
        "author": revision.actor_name,
        "reason": revision.reason,
        "summary": revision.summary,
    }
