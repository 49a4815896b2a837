"""Values of expressions on their way out: from what each engine gives to JSON, the same whichever engine it was."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Context, Decimal
from typing import Any

from fieldsmith.expr.text_values import number_text
from fieldsmith.expr.types import DIGITS, Kind, Type
from fieldsmith.fields.base import Json
from fieldsmith.fields.values import RecordRef

_EXACT = Context(prec=3 * DIGITS)


def to_json(value: Any, type_: Type) -> Json:
    """A value in the form `expr.types` describes: decimals as text without trailing zeros, datetimes RFC 3339 in UTC."""
    if value is None:
        return None
    kind = type_.kind
    if kind is Kind.DECIMAL:
        return number_text(value, type_.scale)
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, RecordRef):
        return {"entity": value.entity or None, "id": value.id}
    if kind is Kind.SET:
        return list(value)
    found: Json = value
    return found


def from_sql(raw: Any, type_: Type) -> Any:
    """What a database gave for an expression of `type_`, in the form `expr.types` describes."""
    if raw is None:
        return None
    kind = type_.kind
    if kind is Kind.BOOLEAN:
        return bool(raw)
    if kind is Kind.DECIMAL:
        return int(raw.scaleb(type_.scale, _EXACT)) if isinstance(raw, Decimal) else int(raw)
    if kind is Kind.INTEGER:
        return int(raw)
    if kind is Kind.SET and isinstance(raw, str):
        return tuple(json.loads(raw))
    if kind is Kind.RECORD:
        return _record(raw)
    return _moment(raw, kind) if isinstance(raw, str) else raw


def _record(raw: Any) -> Any:
    """An id, or of a polymorphic lookup `account:7`."""
    if not isinstance(raw, str):
        return int(raw)
    entity, colon, id = raw.rpartition(":")
    return RecordRef(entity, int(id)) if colon else int(id)


def _moment(text: str, kind: Kind) -> Any:
    """Dates and times come from SQLite as ISO text; any other text is what it is."""
    if kind is Kind.DATE:
        return date.fromisoformat(text)
    if kind is Kind.DATETIME:
        return datetime.fromisoformat(text)
    return time.fromisoformat(text) if kind is Kind.TIME else text
