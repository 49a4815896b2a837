"""Rows → JSON, compiled: what turns rows of one list of columns into objects is made once and kept for the revision.

A page is encoded column by column, so that the work per value is one call or none; `orjson` writes the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from fieldsmith.base.context import Actor
from fieldsmith.query.rows import Page, QueryColumn, Record, Row

if TYPE_CHECKING:
    from fieldsmith.workspace import Runtime

Encode = Callable[[Sequence[Row]], list[dict[str, Any]]]
_Values = Callable[[Sequence[Row]], Iterable[Any]]


def page_json(runtime: Runtime, actor: Actor, page: Page, count: int | None) -> bytes:
    """The body of a list answer; `count` is left out when None."""
    body: dict[str, Any] = {"items": _kept(runtime, actor, page.entity, page.columns)(page.rows), "next": page.next}
    if count is not None:
        body["count"] = count
    return orjson.dumps(body)


def record_json(runtime: Runtime, actor: Actor, record: Record) -> bytes:
    """The body of a single record."""
    return orjson.dumps(_kept(runtime, actor, record.entity, record.columns)((record.row,))[0])


def encoder(columns: Sequence[QueryColumn]) -> Encode:
    """Raw rows → the objects of the contract, keys in the order of `columns`, always with the id."""
    names = [column.path for column in columns]
    values = [_values(column) for column in columns]
    if "id" not in names:
        names.insert(0, "id")
        values.insert(0, lambda rows: [row[0] for row in rows])

    def encode(rows: Sequence[Row]) -> list[dict[str, Any]]:
        return [dict(zip(names, row, strict=True)) for row in zip(*[of(rows) for of in values], strict=True)]

    return encode


def _kept(runtime: Runtime, actor: Actor, entity: str, columns: Sequence[QueryColumn]) -> Encode:
    key = ("api.rows", entity, tuple([column.path for column in columns]), runtime.policy.unreadable(actor))
    found: Encode = runtime.keep_some(key, lambda: encoder(columns))
    return found


def _values(column: QueryColumn) -> _Values:
    read, to_json = column.read, column.encode
    if to_json is None:
        return lambda rows: map(read, rows)
    return lambda rows: [None if value is None else to_json(value) for value in map(read, rows)]
