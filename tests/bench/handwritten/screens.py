"""The list and the record page."""

from __future__ import annotations

import json

import sqlalchemy as sa
from flask import Blueprint, abort, g, render_template, request
from sqlalchemy.orm import joinedload, selectinload

from tests.bench.handwritten.listing import bounded_count, page
from tests.bench.handwritten.models import STAGES, History, Opportunity, OpportunityLine

BLUEPRINT = Blueprint("screens", __name__)

NAVIGATION = (
    ("home", "/", "Home"),
    ("target", "/lead/", "Leads"),
    ("building", "/account/", "Accounts"),
    ("user", "/contact/", "Contacts"),
    ("coin", "/opportunity/", "Opportunities"),
    ("package", "/product/", "Products"),
    ("list", "/price_list/", "Price lists"),
    ("file", "/quote/", "Quotes"),
    ("box", "/order/", "Orders"),
)
COLUMNS = (
    ("name", "Opportunity name"),
    (None, "Account"),
    ("stage", "Stage"),
    ("amount", "Amount"),
    (None, "Probability"),
    ("close_date", "Close date"),
    (None, "Type"),
    (None, "Owner"),
)


@BLUEPRINT.get("/opportunity/")
def opportunities() -> str:
    sort = request.args.get("sort", "-id")
    found = page(g.database, sort, request.args.get("after"), 50)
    count = bounded_count(g.database)
    return render_template("list.html", page=found, count=count, sort=sort, columns=COLUMNS, navigation=NAVIGATION, user=g.user, csrf=g.csrf)


@BLUEPRINT.get("/opportunity/<int:key>")
def opportunity(key: int) -> str:
    query = (
        sa.select(Opportunity)
        .where(Opportunity.id == key, Opportunity.deleted_at.is_(None))
        .options(
            *(joinedload(link) for link in (Opportunity.account, Opportunity.contact, Opportunity.product, Opportunity.campaign)),
            *(joinedload(link) for link in (Opportunity.owner, Opportunity.created_by, Opportunity.modified_by)),
            selectinload(Opportunity.lines).joinedload(OpportunityLine.product),
            *(selectinload(rows) for rows in (Opportunity.quotes, Opportunity.orders, Opportunity.tags)),
        )
    )
    record = g.database.scalar(query)
    if record is None:
        abort(404)
    recent = sa.select(History).options(joinedload(History.user)).where(History.opportunity_id == key).order_by(History.id.desc()).limit(20)
    history = [(entry, json.loads(entry.changes)) for entry in g.database.scalars(recent)]
    return render_template("record.html", record=record, history=history, stages=STAGES, navigation=NAVIGATION, user=g.user, csrf=g.csrf)
