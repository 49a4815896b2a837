"""The JSON API of opportunities: list, get, create, patch."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import marshmallow as ma
import sqlalchemy as sa
from flask import Blueprint, Response, abort, g, request
from marshmallow import fields, validate
from sqlalchemy.orm import joinedload

from tests.bench.handwritten.listing import page
from tests.bench.handwritten.models import LOSS_REASONS, SOURCES, STAGES, TYPES, Account, Campaign, Contact, History, Opportunity, Product, User

BLUEPRINT = Blueprint("api", __name__, url_prefix="/api/v1/records")
LINKS = {"account": Account, "contact": Contact, "product": Product, "campaign": Campaign, "owner": User}


class OpportunityIn(ma.Schema):
    """What a client may send."""

    name = fields.String(required=True, validate=validate.Length(1, 200))
    account = fields.Integer(allow_none=True)
    contact = fields.Integer(allow_none=True)
    product = fields.Integer(allow_none=True)
    amount = fields.Decimal(places=2, allow_none=True, validate=validate.Range(Decimal("-9999999999999999"), Decimal("9999999999999999")))
    currency = fields.String(allow_none=True, validate=validate.Length(equal=3))
    stage = fields.String(validate=validate.OneOf(STAGES))
    probability = fields.Integer(allow_none=True, validate=validate.Range(0, 100))
    engaged_on = fields.Date(allow_none=True)
    close_date = fields.Date(allow_none=True)
    type = fields.String(allow_none=True, validate=validate.OneOf(TYPES))
    lead_source = fields.String(allow_none=True, validate=validate.OneOf(SOURCES))
    campaign = fields.Integer(allow_none=True)
    next_step = fields.String(allow_none=True, validate=validate.Length(max=255))
    loss_reason = fields.String(allow_none=True, validate=validate.OneOf(LOSS_REASONS))
    competitor = fields.String(allow_none=True, validate=validate.Length(max=120))
    external_id = fields.String(allow_none=True, validate=validate.Length(max=255))
    description = fields.String(allow_none=True, validate=validate.Length(max=32000))
    owner = fields.Integer()


CREATE = OpportunityIn()
PATCH = OpportunityIn(partial=True)


def text(value: Any) -> Any:
    """A column's value in JSON: decimals and dates travel as text."""
    if isinstance(value, Decimal | date) and not isinstance(value, datetime):
        return str(value)
    return value.isoformat() + "Z" if isinstance(value, datetime) else value


def link(row: Any) -> dict[str, Any] | None:
    return None if row is None else {"id": row.id, "label": row.name}


def brief(row: Opportunity) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "account": link(row.account),
        "stage": row.stage,
        "amount": {"amount": text(row.amount), "currency": "USD"} if row.amount is not None else None,
        "probability": row.probability,
        "close_date": text(row.close_date),
        "type": row.type,
        "owner": link(row.owner),
        "version": row.version,
    }


def whole(row: Opportunity) -> dict[str, Any]:
    plain = ("engaged_on", "lead_source", "next_step", "loss_reason", "competitor", "external_id", "description", "created_at", "modified_at")
    out = brief(row)
    out.update((name, text(getattr(row, name))) for name in plain)
    out.update((name, link(getattr(row, name))) for name in ("contact", "product", "campaign", "created_by", "modified_by"))
    return out


def answer(body: dict[str, Any], status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(body, ensure_ascii=False, separators=(",", ":")), status, headers, mimetype="application/json")


@BLUEPRINT.get("/opportunity")
def list_opportunities() -> Response:
    limit = request.args.get("limit", 50, int)
    if not 1 <= limit <= 500:
        abort(400, "limit must lie between 1 and 500.")
    found = page(g.database, request.args.get("sort", "-id"), request.args.get("after"), limit)
    return answer({"items": [brief(row) for row in found.rows], "next": found.next})


@BLUEPRINT.get("/opportunity/<int:key>")
def get_opportunity(key: int) -> Response:
    row = load(key)
    return answer(whole(row), ETag=f'"{row.version}"')


@BLUEPRINT.post("/opportunity")
def create_opportunity() -> Response:
    values = accept(CREATE)
    row = Opportunity(owner_id=g.user.id, created_at=g.now, created_by_id=g.user.id, modified_at=g.now, modified_by_id=g.user.id)
    changes = assign(row, values)
    g.database.add(row)
    g.database.flush()
    remember(row, changes)
    g.database.commit()
    return answer(whole(row), 201, ETag=f'"{row.version}"', Location=f"/api/v1/records/opportunity/{row.id}")


@BLUEPRINT.patch("/opportunity/<int:key>")
def patch_opportunity(key: int) -> Response:
    values = accept(PATCH)
    row = load(key)
    wanted = request.headers.get("If-Match")
    if wanted is not None and wanted != f'"{row.version}"':
        abort(412, "The record was changed meanwhile.")
    changes = assign(row, values)
    if changes:
        row.modified_at, row.modified_by = g.now, g.user
        g.database.flush()
        remember(row, changes)
        g.database.commit()
    return answer(whole(row), ETag=f'"{row.version}"')


def load(key: int) -> Opportunity:
    links = (getattr(Opportunity, name) for name in (*LINKS, "created_by", "modified_by"))
    row: Opportunity | None = g.database.scalar(
        sa.select(Opportunity).where(Opportunity.id == key, Opportunity.deleted_at.is_(None)).options(*(joinedload(item) for item in links))
    )
    if row is None:
        abort(404)
    return row


def accept(schema: OpportunityIn) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(request.get_json())
    except ma.ValidationError as error:
        abort(answer({"errors": error.messages}, 422))
    return loaded


def assign(row: Opportunity, values: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Set what differs; returns field → (old, new) for the history."""
    changes = {}
    for name, new in values.items():
        old = getattr(row, f"{name}_id" if name in LINKS else name)
        if old == new:
            continue
        if name in LINKS:
            target = g.database.get(LINKS[name], new) if new is not None else None
            if new is not None and target is None:
                abort(answer({"errors": {name: ["There is no such record."]}}, 422))
            setattr(row, name, target)
        else:
            setattr(row, name, new)
        changes[name] = (text(old), text(new))
    return changes


def remember(row: Opportunity, changes: dict[str, tuple[Any, Any]]) -> None:
    entry = History(opportunity_id=row.id, version=row.version, at=g.now, user_id=g.user.id, via="api", changes=json.dumps(changes, ensure_ascii=False))
    g.database.add(entry)
