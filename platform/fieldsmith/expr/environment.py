"""What an evaluation in Python reads: records, the moment, the acting user. Made by `records`, `web` and tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from fieldsmith.base.context import Actor
from fieldsmith.expr.vocabulary import Related


class Source(Protocol):
    """One record. `get` gives the canonical value of a field by its own name (computed fields too), None when blank."""

    def get(self, field: str) -> Any: ...
    def follow(self, lookup: str) -> Source | None: ...
    def related(self, related: Related) -> Iterable[Source]: ...


@dataclass(frozen=True, slots=True)
class Moment:
    """Bound once per evaluation: the instant (naive UTC), the acting user's zone and its day there, the acting language."""

    now: datetime
    today: date
    zone: str = "UTC"
    language: str = "en"

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@dataclass(slots=True)
class Env:
    """`record` None where there is none; `old` None for a new record; `user` None when nobody in particular acts.

    `user_id` is what `user` alone means. `changed` are the names of the fields this save changes, for CHANGED.
    """

    record: Source | None
    moment: Moment
    old: Source | None = None
    user: Source | None = None
    user_id: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    parent: Source | None = None
    changed: frozenset[str] = frozenset()
    is_new: bool = False


Evaluator = Callable[[Env], Any]
"""A compiled expression: its value in the form `types` describes."""


def moment_of(actor: Actor, now: datetime) -> Moment:
    """The moment as `actor` sees it; `now` is naive UTC. A zone nobody knows counts as UTC."""
    try:
        zone = ZoneInfo(actor.timezone)
    except (KeyError, ValueError, OSError):
        return Moment(now, now.date(), "UTC", actor.language)
    return Moment(now, now.replace(tzinfo=UTC).astimezone(zone).date(), actor.timezone, actor.language)
