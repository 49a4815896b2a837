"""Paging cursors: the key values of the last row, bound to the query they belong to.

A cursor is base64url JSON `[digest, segment, values…]`. It is not secret and needs no signature: a forged one can only start
a page elsewhere in rows its sender may see anyway, and its values are checked and bound.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m

_MAX_LENGTH = 64_000  # two texts of 4,000 characters each, in base64
_DIGITS = 18  # of any decimal in storage


def digest(*parts: object) -> str:
    """Names the query (entity, sort, search, parent) a cursor may be used with."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def write(query: str, segment: int, values: Sequence[Any]) -> str:
    """The cursor after a row whose canonical key values are `values`."""
    body = json.dumps([query, segment, *map(_plain, values)], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def read(text: str, query: str, segments: Sequence[bool | None], types: Sequence[tuple[type, bool, int]]) -> tuple[int, tuple[Any, ...]]:
    """(segment, key values) of a cursor made by `write` for the same query; anything else raises `BadQuery`.

    `segments` say whether their first key is blank (None: all rows are in it), `types` each key's type, whether it may be blank, and the
    digits after its point.
    """
    try:
        if len(text) > _MAX_LENGTH:
            raise ValueError
        body = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(body, list) or len(body) != len(types) + 2 or body[0] != query:
            raise ValueError
        segment = body[1]
        if type(segment) is not int or not 0 <= segment < len(segments) or segments[segment] not in (None, body[2] is None):
            raise ValueError
        return segment, tuple(_canonical(value, *kind) for value, kind in zip(body[2:], types, strict=True))
    except (ValueError, InvalidOperation, binascii.Error, RecursionError):
        message = _m("This page mark (“after”) does not belong to this list.")
        raise BadQuery([Problem("bad_cursor", message, "/after", _m("Start again without “after”."))]) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, (date, time)) else value


def _canonical(value: Any, kind: type, nullable: bool, scale: int) -> Any:
    if value is None and nullable:
        return None
    made = _decimal(value, scale) if kind is Decimal else _READERS[kind](value)
    if type(made) is not kind or getattr(made, "tzinfo", None) is not None:
        raise ValueError
    return made


def _integer(value: Any) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise ValueError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    value.encode()
    if "\0" in value:
        raise ValueError
    return value


def _decimal(value: Any, scale: int) -> Decimal:
    made = Decimal(_text(value))
    if not made.is_finite() or made.adjusted() >= _DIGITS - scale or made.as_tuple().exponent < -_DIGITS:  # type: ignore[operator]
        raise ValueError
    return made


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


_READERS: dict[type, Callable[[Any], Any]] = {
    int: _integer,
    str: _text,
    bool: _boolean,
    date: lambda value: date.fromisoformat(_text(value)),
    datetime: lambda value: datetime.fromisoformat(_text(value)),
    time: lambda value: time.fromisoformat(_text(value)),
}
