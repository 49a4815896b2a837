"""What one process remembers of sessions and tokens, so that most requests ask the database nothing about who calls.

An entry holds while the access counter stands still (every sign-out, revocation, suspension and change of roles moves it, in
any process) and at most `KEPT`, so that `last seen` stays right to the minute. Ask with the counter read in this request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fieldsmith.identity.sessions import Session
from fieldsmith.identity.tokens import Token

KEPT = timedelta(minutes=1)
MOST = 4096


@dataclass(slots=True)
class Memory:
    """Safe between threads: every step is one dictionary operation."""

    _entries: dict[tuple[str, int, int], tuple[datetime, Session | Token]] = field(default_factory=dict)

    def find(self, token_hash: str, revision: int, access: int, now: datetime) -> Session | Token | None:
        """The session or token remembered under exactly these counters, None when it must be read again."""
        found = self._entries.get((token_hash, revision, access))
        if found is None or found[0] <= now:
            return None
        return found[1]

    def keep(self, token_hash: str, revision: int, access: int, now: datetime, signed: Session | Token) -> None:
        """Remember `signed`, until it expires at the latest."""
        if len(self._entries) >= MOST:
            self._entries.clear()
        until = now + KEPT if signed.expires_at is None else min(now + KEPT, signed.expires_at)
        self._entries[token_hash, revision, access] = (until, signed)
