"""Who acts, and what time it is. Both are passed, never ambient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

ActorKind = Literal["user", "anonymous", "system", "operator", "service", "portal"]
OWNING: frozenset[ActorKind] = frozenset({"user", "service", "portal"})
"""Kinds of actors that own what they make."""
Via = Literal["screen", "api", "cli", "import", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The first argument of every service call. `id` is the record id in entity `user`, None where there is none.

    `via` says by what door the actor came (kept in history); `language` and `timezone` are the reader's own. `on_behalf` names who
    really acts where an operator or administrator acts as this actor (`--as`, view-as); blank where actors act themselves. `run` names the import, by its file.
    """

    kind: ActorKind
    id: int | None = None
    name: str = ""
    roles: tuple[str, ...] = ()
    language: str = "en"
    timezone: str = "UTC"
    via: Via = "system"
    on_behalf: str = ""
    run: str = ""


ANONYMOUS = Actor("anonymous", name="anonymous")
SYSTEM = Actor("system", name="system")
OPERATOR = Actor("operator", name="operator", via="cli")


class Clock(Protocol):
    """Datetimes inside Fieldsmith are naive UTC (as stored); only edges know zones."""

    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still, for tests and for one evaluation."""

    at: datetime

    def now(self) -> datetime:
        return self.at
