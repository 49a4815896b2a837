"""How many calls of the API one person may make a minute, whatever the number of tokens. Asked by `web.auth`.

Kept in the process, because asking the database would cost a call more than its answer: a server of four processes lets through up to four times as many.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)
_MOST = 10_000  # people who are remembered


class Calls:
    """One per process. A person may spend a minute's calls at once, and gets them back one by one."""

    def __init__(self, a_minute: int) -> None:
        """0 lets everything through."""
        self._cost = _MINUTE / a_minute if a_minute else None
        self._lock = threading.Lock()
        self._paid_until: dict[int, datetime] = {}

    def wait(self, person: int, now: datetime) -> int:
        """Count a call; the seconds to wait where it is one too many, which then is not counted, else 0."""
        if self._cost is None:
            return 0
        with self._lock:
            paid = min(max(self._paid_until.pop(person, now), now), now + _MINUTE) + self._cost  # a clock set back locks nobody out
            over = paid - now - _MINUTE
            self._paid_until[person] = paid if over <= timedelta(0) else paid - self._cost
            while len(self._paid_until) > _MOST:
                del self._paid_until[next(iter(self._paid_until))]
        return max(0, -(-over // timedelta(seconds=1)))
