"""How a list in a document is addressed by name instead of by position (`/fields/amount/label`).

Used wherever pointers are read or written: validation, operations, provenance, positions.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

COMMON_KEYS = frozenset({"name", "type", "label", "help", "required", "unique", "indexed", "default", "default_expression", "read_only", "hidden", "was"})
"""What a field of any type may say; every other key is an option of its type."""


def member_name(item: Any) -> str | None:
    """The name of a list member: a text is its own name, an object has `name`, a holiday `date`, a rate `EUR.2026-01-01`."""
    if isinstance(item, str):
        return item or None
    if not isinstance(item, dict):
        return None
    for key in ("name", "date"):
        if isinstance(item.get(key), str) and item[key]:
            return str(item[key])
    if isinstance(item.get("currency"), str) and "from" in item:
        return f"{item['currency']}.{item['from']}"
    return None


def index_of(items: Sequence[Any], name: str) -> int | None:
    """Where the member `name` is; a plain index is accepted for members without a name. None when there is none."""
    for index, item in enumerate(items):
        if member_name(item) == name:
            return index
    if name.isascii() and name.isdigit() and len(name) < 7 and int(name) < len(items):
        return int(name) if member_name(items[int(name)]) is None else None
    return None


def folded(name: str) -> str:
    """Two names are the same when this is: Unicode NFC and full case folding."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
