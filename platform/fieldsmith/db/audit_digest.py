"""The hash of a row of the audit log: SHA-256 over the hash of the row before and the row's own canonical content.

    sha256(<hash of the row before, 64 hex digits> "\\n" <JSON list of the values in the order of SEALED, UTF-8, times with microseconds>)

The same on both databases and in every program that reads an export: see “Audit log” in docs/admin.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64
"""What stands for the hash of the row before the first."""
SEALED = ("id", "at", "actor_kind", "actor_id", "actor_name", "on_behalf", "via", "event", "subject", "entity", "record", "detail")


def digest(before: str, row: Mapping[Any, Any]) -> str:
    """The hash of `row`, which stands behind a row with the hash `before`."""
    values = [row[name].isoformat(timespec="microseconds") if name == "at" else row[name] for name in SEALED]
    content = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()
