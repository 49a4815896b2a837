"""The sales data both sides hold: plain values made from a row's number, so that every run and every database has the same.

`SEEDS` opportunities are written row by row, with lines, quotes, orders, tags and history; the rest are multiplied from them in SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.bench.handwritten.models import SOURCES, STAGES, TYPES

SEEDS = 10_000
USERS, ACCOUNTS, CONTACTS, PRODUCTS, CAMPAIGNS, TAGS = 50, 20_000, 5_000, 40, 20, 12
LINES = 3

_GIVEN = ("Ana", "Bo", "Chen", "Dana", "Elif", "Farid", "Grace", "Hana", "Ivan", "Jun")
_FAMILY = ("Alvarez", "Berg", "Chang", "Diaz", "Eriksen", "Fischer", "Green", "Huang", "Ito", "Jones")
_TRADE = ("Foods", "Logistics", "Systems", "Paper", "Optics", "Energy", "Textiles", "Shipping", "Media", "Tools")
_NEED = ("licences", "renewal", "pilot", "expansion", "support plan", "migration", "training", "hardware")


def person(number: int) -> str:
    return f"{_GIVEN[number % 10]} {_FAMILY[number // 10 % 10]} {number}"


def company(number: int) -> str:
    return f"{_FAMILY[number % 10]} {_TRADE[number // 10 % 10]} {number}"


def opportunity(number: int) -> dict[str, Any]:
    """Values of opportunity `number` (from 1); links are numbers of the linked rows."""
    return {
        "name": f"{company(number * 7919 % ACCOUNTS + 1)} {_NEED[number % 8]} {number}",
        "account": number * 7919 % ACCOUNTS + 1,
        "contact": number * 31 % CONTACTS + 1,
        "product": number % PRODUCTS + 1,
        "amount": Decimal(number * 7907 % 9_000_000 + 10_000) / 100,
        "stage": STAGES[number % 7],
        "probability": number * 5 % 101,
        "engaged_on": date(2024, 1, 1) + timedelta(days=number % 600),
        "close_date": date(2025, 1, 1) + timedelta(days=number % 700),
        "type": TYPES[number % 4],
        "lead_source": SOURCES[number % 11],
        "campaign": number % CAMPAIGNS + 1,
        "next_step": f"Call {person(number % USERS)} about {_NEED[number % 8]}",
        "competitor": company(number % 50),
        "external_id": f"EXT-{number:08d}",
        "description": f"{company(number)} wants {_NEED[number % 8]} for {number % 90 + 10} people. " * 3,
        "owner": number % USERS + 1,
    }


def lines(number: int) -> Iterator[dict[str, Any]]:
    """The product lines of opportunity `number`."""
    for at in range(LINES):
        quantity, price = Decimal(number % 9 + 1), Decimal(number * (at + 3) % 90_000 + 500) / 100
        yield {
            "name": f"Item {at + 1}",
            "product": (number + at) % PRODUCTS + 1,
            "quantity": quantity,
            "unit_price": price,
            "discount": Decimal(5),
            "amount": quantity * price,
        }


def quote(number: int) -> dict[str, Any]:
    return {
        "name": f"Quote for {company(number)}",
        "number": f"QUO-{number:06d}",
        "status": "draft",
        "total": opportunity(number)["amount"],
        "valid_until": date(2026, 6, 30),
    }


def order(number: int) -> dict[str, Any]:
    return {"number": f"ORD-{number:06d}", "status": "draft", "order_date": date(2025, 6, 1), "total": opportunity(number)["amount"]}


def tags(number: int) -> tuple[int, int]:
    return number % TAGS + 1, (number + 5) % TAGS + 1
