"""Pieces of JSON Schema that the options and values of several field types share. Read by the types only."""

from __future__ import annotations

from collections.abc import Mapping

from fieldsmith.fields.base import Json

OPTION_NAME: Mapping[str, Json] = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,47}$"}
ID: Mapping[str, Json] = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}


def max_length(default: int, highest: int) -> Json:
    """The option `max_length` of a text type."""
    text = f"Most characters a value may have (default {default})."
    return {"type": "integer", "minimum": 1, "maximum": highest, "default": default, "description": text}


def scale(default: int) -> Json:
    """The option `scale` of a number type."""
    text = f"Digits after the decimal point (default {default}); values are rounded to it, half away from zero."
    return {"type": "integer", "minimum": 0, "maximum": 8, "default": default, "description": text}


def decimal_value(description: str, example: str) -> dict[str, Json]:
    """A decimal of the API: text when read, text or number when written."""
    return {"type": ["string", "number", "null"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "description": description, "examples": [example]}
