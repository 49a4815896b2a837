"""Which refusals are noted: of access (403) one per person, route and minute, of throttled sign-ins one per address and minute.

So a loop cannot flood a log that nothing ever shortens.

Kept in the process, because asking the database would cost a refusal more than an answer; each process of a server notes its own.
What was left out is counted and told with the next row of the same person and route.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

PAUSE = timedelta(minutes=1)
_MOST = 10_000  # people × routes that are remembered


class Refusals:
    """One per process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, int | None, str], tuple[datetime, int]] = {}

    def admit(self, kind: str, person: int | None, route: str, now: datetime) -> int | None:
        """How many were left out since the last that was noted; None when this one is to be left out too."""
        key = (kind, person, route)
        with self._lock:
            noted, left_out = self._seen.get(key, (None, 0))
            if noted is not None and noted <= now < noted + PAUSE:
                self._seen[key] = (noted, left_out + 1)
                return None
            self._seen.pop(key, None)
            self._seen[key] = (now, 0)
            while len(self._seen) > _MOST:
                del self._seen[next(iter(self._seen))]
            return left_out
