"""Rows → JSON, compiled: one closure per list of columns, kept for the life of a revision.

The reading routes ask `encoder` once per request (a dictionary look-up) and call what they get once per row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from fieldsmith.base.context import Actor
from fieldsmith.query.rows import Page, QueryColumn, Record, Row

if TYPE_CHECKING:
    from fieldsmith.workspace import Runtime

Encode = Callable[[Row], dict[str, Any]]


def page_json(runtime: Runtime, actor: Actor, page: Page, count: int | None) -> bytes:
    """The body of a list answer; `count` is left out when None."""
    encode = _kept(runtime, actor, page.entity, page.columns)
    body: dict[str, Any] = {"items": [encode(row) for row in page.rows], "next": page.next}
    if count is not None:
        body["count"] = count
    return orjson.dumps(body)


def record_json(runtime: Runtime, actor: Actor, record: Record) -> bytes:
    """The body of a single record."""
    return orjson.dumps(_kept(runtime, actor, record.entity, record.columns)(record.row))


def _kept(runtime: Runtime, actor: Actor, entity: str, columns: Sequence[QueryColumn]) -> Encode:
    key = ("api.rows", entity, tuple([column.path for column in columns]), runtime.policy.unreadable(actor))
    found: Encode = runtime.keep(key, lambda: encoder(columns))
    return found


def encoder(columns: Sequence[QueryColumn]) -> Encode:
    """Raw row → the object of the contract, keys in the order of `columns`, always with the id."""
    pairs = [(column.path, _value(column)) for column in columns]
    if all(column.path != "id" for column in columns):
        pairs.insert(0, ("id", lambda row: row[0]))

    def encode(row: Row) -> dict[str, Any]:
        return {name: value(row) for name, value in pairs}

    return encode


def _value(column: QueryColumn) -> Callable[[Row], Any]:
    read, to_json = column.read, column.encode
    if to_json is None:
        return read

    def value(row: Row) -> Any:
        found = read(row)
        return None if found is None else to_json(found)

    return value
