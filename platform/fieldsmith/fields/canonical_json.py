"""JSON in one canonical text: keys sorted, no spaces, Unicode as it is. Used by types that keep JSON in a column."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from fieldsmith.base.text import _m
from fieldsmith.fields.base import Invalid, Json
from fieldsmith.fields.text import whole_text

MAX_BYTES = 64 * 1024
MAX_DEPTH = 64


def json_text(value: Json) -> str:
    """The canonical text of a value already checked."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def json_value(text: str) -> Json:
    """The value of canonical text."""
    return json.loads(text)


def checked_json(value: Any) -> str:
    """Canonical text of any JSON-like value; `Invalid` for what JSON cannot say, deeper than 64 levels or longer than 64 KB."""
    text = json_text(_plain(value))
    size = len(text.encode())
    if size > MAX_BYTES:
        raise Invalid("json_too_large", _m("This JSON has {size} bytes, but at most 65,536 fit.", size=f"{size:,}"), _m("Keep it smaller."))
    return text


def _plain(value: Any, depth: int = 1) -> Json:
    """`value` in what the json module writes: decimals become numbers, tuples lists."""
    if depth > MAX_DEPTH and isinstance(value, (list, tuple, dict)):
        raise Invalid("json_too_deep", _m("This JSON is nested deeper than 64 levels."), _m("Make it flatter."))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {whole_text(key): _plain(item, depth + 1) for key, item in value.items()}
    raise _cannot_say()


def _number(value: int | float | Decimal) -> int | float:
    """Whole numbers as they are (up to 300 digits), others as the nearest float, as every JSON reader takes them."""
    if isinstance(value, int):
        if value.bit_length() < 1000:
            return value
    elif isinstance(value, float):
        if value - value == 0:  # neither infinite nor NaN
            return value
    elif value.is_finite() and value.adjusted() < 300:
        return int(value) if value == value.to_integral_value() else float(value)
    raise _cannot_say()


def _cannot_say() -> Invalid:
    return Invalid("not_json", _m("This contains something JSON cannot say."), _m("Use text, finite numbers, true, false, null, lists and objects."))
