"""Metadata and rows to measure expressions on: companies and their deals, and an entity with a hundred formulas."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fieldsmith.meta.layers import Layer, layer_of
from tests.bench import sample

COMPANIES, ITEMS = 1_000, 10_000
LEVELS, FORMULAS = 30, 100
REGIONS = ("north", "east", "south", "west")
STAGES = ("open", "proposal", "won", "lost")

COMPANY: dict[str, Any] = {
    "name": "company",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "region", "type": "text"},
    ],
}
DEAL: dict[str, Any] = {
    "name": "deal",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "company", "type": "lookup", "to": "company", "inverse": "deals"},
        {"name": "amount", "type": "decimal", "scale": 2},
        {"name": "discount", "type": "percent", "scale": 2},
        {"name": "stage", "type": "choice", "choices": "deal_stage"},
        {"name": "probability", "type": "integer"},
        {"name": "closes", "type": "date"},
        {"name": "batch", "type": "integer", "indexed": True},
        {"name": "external_id", "type": "text"},
    ],
}
DEAL_STAGES: dict[str, Any] = {"name": "deal_stage", "values": [{"name": name} for name in STAGES]}


def layer(*fields: dict[str, Any], name: str = "deals") -> Layer:
    """The package; its deals have `fields` more."""
    deal = {**DEAL, "fields": [*DEAL["fields"], *fields]}
    return _package(name, ("entity", "company", COMPANY), ("entity", "deal", deal), ("choices", "deal_stage", DEAL_STAGES))


def company(number: int) -> dict[str, Any]:
    return {"name": sample.company(number), "region": REGIONS[number % 4]}


def deal(number: int) -> dict[str, Any]:
    """Values of deal `number` (from 1)."""
    return {
        "name": f"{sample.company(number * 7919 % COMPANIES + 1)} {('renewal', 'pilot', 'training', 'hardware')[number % 4]} {number}",
        "company": number * 7919 % COMPANIES + 1,
        "amount": f"{number * 7907 % 9_000_000 / 100 + 100:.2f}",
        "discount": f"{number % 40}.50",
        "stage": STAGES[number * 31 % 4],
        "probability": number * 5 % 101,
        "closes": (date(2025, 1, 1) + timedelta(days=number % 700)).isoformat(),
        "batch": number % 1_000,
        "external_id": f"EXT-{number:08d}",
    }


def wide_layer() -> Layer:
    """An entity with `FORMULAS` formulas that build on each other `LEVELS` deep."""
    plain: list[dict[str, Any]] = [{"name": "name", "type": "text"}]
    plain += [{"name": f"n{at}", "type": "decimal", "scale": 2} for at in range(5)]
    formulas = [{"name": f"f{at}", "type": "formula", "returns": "decimal", "scale": 2, "expression": _wide_expression(at)} for at in range(FORMULAS)]
    return _package("wide", ("entity", "wide", {"name": "wide", "fields": [*plain, *formulas]}))


def wide_row(number: int) -> dict[str, Any]:
    return {"name": f"row {number}", **{f"n{at}": f"{number * (at + 3) % 1000}.25" for at in range(5)}}


def _wide_expression(at: int) -> str:
    """Formula `at` stands on level `at % LEVELS`, and reads two of the level below."""
    if at % LEVELS == 0:
        return f"n{at % 5} + n{(at + 1) % 5} * 0.5"
    below = at - 1
    beside = below - LEVELS if below >= LEVELS else below
    return f"IF(f{below} > 500, f{below} - n{at % 5}, ROUND(f{beside} / 2, 2) + n{(at + 2) % 5})"


def basket_layer(rollups: bool) -> Layer:
    """Baskets and their items; with `rollups` a basket counts and adds up its items."""
    counted = [
        {"name": "total", "type": "rollup", "expression": "SUM(items.amount where not cancelled)", "returns": "decimal", "scale": 2},
        {"name": "item_count", "type": "rollup", "expression": "COUNT(items)"},
    ]
    basket = {"name": "basket", "fields": [{"name": "name", "type": "text"}, *(counted if rollups else [])]}
    item = {
        "name": "item",
        "fields": [
            {"name": "name", "type": "text"},
            {"name": "basket", "type": "lookup", "to": "basket", "inverse": "items"},
            {"name": "amount", "type": "decimal", "scale": 2},
            {"name": "cancelled", "type": "boolean"},
        ],
    }
    return _package("baskets", ("entity", "basket", basket), ("entity", "item", item))


def _package(name: str, *documents: tuple[str, str, dict[str, Any]]) -> Layer:
    manifest = {"format": 1, "name": name, "version": "1.0.0", "requires": ["core"]}
    return layer_of(name, [("package", name, manifest), *documents])
