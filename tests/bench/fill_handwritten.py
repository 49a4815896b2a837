"""Fills the hand-written application's database and signs its bench user in. Called by `run`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tests.bench import sample
from tests.bench.handwritten.app import hashed, make_engine, now
from tests.bench.handwritten.models import (
    OPPORTUNITY_TAGS,
    Account,
    Base,
    Campaign,
    Contact,
    History,
    Opportunity,
    OpportunityLine,
    Order,
    Product,
    Quote,
    Session,
    Tag,
    Token,
    User,
)
from tests.bench.multiply import for_loading, multiply, settle

LINKS = {"account", "contact", "product", "campaign", "owner"}
COOKIE_TOKEN, API_TOKEN, CSRF = "bench-session", "bench-token", "bench-csrf"


def fill(url: str, rows: int) -> None:
    """Make all tables in an empty database and put `rows` opportunities in."""
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for_loading(connection)
        at = now()
        _people(connection, at)
        _opportunities(connection, at)
        _around(connection, at)
        table = Opportunity.__table__
        assert isinstance(table, sa.Table)
        multiply(connection, table, table.c.name, table.c.amount, table.c.external_id, rows)
    settle(engine)
    engine.dispose()


def _people(connection: sa.Connection, at: datetime) -> None:
    connection.execute(
        sa.insert(User), [{"id": i, "name": sample.person(i), "email": f"user{i}@example.com", "active": True} for i in range(1, sample.USERS + 1)]
    )
    connection.execute(sa.insert(Session), [{"token_hash": hashed(COOKIE_TOKEN), "user_id": 1, "csrf": CSRF, "expires_at": at + timedelta(days=365)}])
    connection.execute(sa.insert(Token), [{"token_hash": hashed(API_TOKEN), "user_id": 1, "revoked_at": None}])
    for entity, count in ((Account, sample.ACCOUNTS), (Product, sample.PRODUCTS), (Campaign, sample.CAMPAIGNS), (Tag, sample.TAGS)):
        connection.execute(sa.insert(entity), [{"id": i, "name": sample.company(i)} for i in range(1, count + 1)])
    contacts = [{"id": i, "name": sample.person(i), "account_id": i % sample.ACCOUNTS + 1} for i in range(1, sample.CONTACTS + 1)]
    connection.execute(sa.insert(Contact), contacts)


def _opportunities(connection: sa.Connection, at: datetime) -> None:
    system = {
        "created_at": at,
        "created_by_id": 1,
        "modified_at": at,
        "modified_by_id": 1,
        "version": 1,
        "deleted_at": None,
        "currency": "USD",
        "loss_reason": None,
    }
    rows: list[dict[str, Any]] = []
    for number in range(1, sample.SEEDS + 1):
        values = {f"{name}_id" if name in LINKS else name: value for name, value in sample.opportunity(number).items()}
        rows.append({"id": number, **values, **system})
    connection.execute(sa.insert(Opportunity), rows)


def _around(connection: sa.Connection, at: datetime) -> None:
    """What a record page shows beside the record."""
    numbers = range(1, sample.SEEDS + 1)
    lines = [
        {"opportunity_id": number, "product_id": line["product"], **{name: value for name, value in line.items() if name != "product"}}
        for number in numbers
        for line in sample.lines(number)
    ]
    connection.execute(sa.insert(OpportunityLine), lines)
    connection.execute(sa.insert(Quote), [{"opportunity_id": number, **sample.quote(number)} for number in numbers])
    connection.execute(sa.insert(Order), [{"opportunity_id": number, **sample.order(number)} for number in numbers])
    connection.execute(sa.insert(OPPORTUNITY_TAGS), [{"opportunity_id": number, "tag_id": tag} for number in numbers for tag in sample.tags(number)])
    entry = {"at": at, "user_id": 1, "via": "api"}
    history = []
    for number in numbers:
        values = sample.opportunity(number)
        created = json.dumps({name: (None, str(value)) for name, value in values.items()})
        changed = json.dumps({"stage": ("prospecting", values["stage"]), "amount": ("1.00", str(values["amount"]))})
        history += [
            {"opportunity_id": number, "version": 1, "changes": created, **entry},
            {"opportunity_id": number, "version": 2, "changes": changed, **entry},
        ]
    connection.execute(sa.insert(History), history)
