"""`/api/v1/records/{entity}/{id}/shares`: with whom a record is shared, beyond what roles and rules give."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, Response

from fieldsmith.records.sharing import Share
from fieldsmith.web import api_args, current
from fieldsmith.web.api_answers import PREFIX, json_answer, writing
from fieldsmith.web.api_json import json_object

if TYPE_CHECKING:
    from fieldsmith.workspace import Work


def register(app: Flask) -> None:
    many = f"{PREFIX}/records/<entity>/<int:id>/shares"
    one = f"{many}/<int:share>"
    app.add_url_rule(many, "api.shares", list_shares, methods=["GET"])
    app.add_url_rule(many, "api.share", add_share, methods=["POST"])
    app.add_url_rule(one, "api.change_share", change_share, methods=["PATCH"])
    app.add_url_rule(one, "api.unshare", remove_share, methods=["DELETE"])


def list_shares(entity: str, id: int) -> Response:
    """With whom the record is shared now."""
    actor, work = current.signed_in(), current.work()
    api_args.arguments()
    return json_answer({"items": [_told(work, share) for share in work.sharing.of(actor, entity, id)]})


def add_share(entity: str, id: int) -> Response:
    """201 with the new share."""
    actor = current.signed_in()
    api_args.arguments()
    values = json_object()
    return json_answer(writing(lambda work: _told(work, work.sharing.add(actor, entity, id, values))), 201)


def change_share(entity: str, id: int, share: int) -> Response:
    """Another access, reason or end."""
    actor = current.signed_in()
    api_args.arguments()
    values = json_object()
    return json_answer(writing(lambda work: _told(work, work.sharing.change(actor, entity, id, share, values))))


def remove_share(entity: str, id: int, share: int) -> Response:
    """Take it back."""
    actor = current.signed_in()
    api_args.arguments()
    writing(lambda work: work.sharing.remove(actor, entity, id, share))
    return Response(b"", 204)


def _told(work: Work, share: Share) -> dict[str, Any]:
    link = None if share.grantee is None else {"id": share.grantee, "label": share.label}
    role = work.model.roles.get(share.role or "")
    named = role.label.render(current.words()) if role is not None else share.role
    return {
        "id": share.id,
        "user": link if share.kind == "user" else None,
        "team": link if share.kind == "team" else None,
        "role": None if share.role is None else {"name": share.role, "label": named},
        "access": share.access,
        "reason": share.reason,
        "until": _moment(share.until),
        "at": _moment(share.at),
        "by": None if share.by is None else {"id": share.by[0], "label": share.by[1]},
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat() + "Z"
