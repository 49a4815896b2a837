"""Random tokens and what is stored of them. A token has 256 random bits, so a plain SHA-256 of it cannot be guessed back."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new_token(prefix: str = "") -> str:
    """43 URL-safe characters after `prefix`."""
    return prefix + secrets.token_urlsafe(32)


def stored_form(token: str) -> str:
    """What the database keeps instead of `token`: 64 hex digits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def keyed(secret: str, *parts: str) -> str:
    """A signature of `parts` under the workspace's secret (the form token of a visitor who has no session yet)."""
    return hmac.new(secret.encode(), "\x1f".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare without telling by time how much was right."""
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))
