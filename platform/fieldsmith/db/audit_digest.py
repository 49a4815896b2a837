"""The hash of a row of the audit log: SHA-256 over the hash of the row before and the row's own canonical content.

    sha256(<hash of the row before, 64 hex digits> "\\n" <JSON list of the values in the order of SEALED, UTF-8, times with microseconds>)

The end of the chain is sealed with a key that is not in the database, so that who writes the whole log anew cannot end it (`seal`).

The same on both databases and in every program that reads an export: see “Audit log” in docs/admin.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64
"""What stands for the hash of the row before the first."""
SEALED = ("id", "at", "actor_kind", "actor_id", "actor_name", "on_behalf", "via", "event", "subject", "entity", "record", "detail")


KEY = "fieldsmith.audit_key"
"""Where a connection's `info` holds the key of the seal (`Database`)."""


def seal(key: bytes, head: Mapping[Any, Any]) -> str:
    """The seal of `head`: where the log ends (`last`, `hash`), and where what was pruned ended (`pruned`, `pruned_hash`)."""
    said = f"{head['last']}:{head['hash']}:{head['pruned']}:{head['pruned_hash']}"
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


def is_sealed(key: bytes, head: Mapping[Any, Any]) -> bool:
    """Was the seal that `head` bears made with `key`?"""
    return hmac.compare_digest(seal(key, head).encode(), str(head["seal"]).encode())


def digest(before: str, row: Mapping[Any, Any]) -> str:
    """The hash of `row`, which stands behind a row with the hash `before`."""
    values = [row[name].isoformat(timespec="microseconds") if name == "at" else row[name] for name in SEALED]
    content = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()
