"""Every event of the audit log: its name, its group and the sentence that tells it.

The one list: a test holds every `note(…)` in the code against it, the screen filters by its groups and docs/admin.md has a row for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from fieldsmith.base.text import Message, _m

About = Literal["nothing", "user", "token", "name", "record", "entity"]


@dataclass(frozen=True, slots=True)
class Event:
    """`about` says what the subject is: a user's or token's id, a name that was typed, the record or entity of the row."""

    name: str
    group: str
    title: Message
    about: About = "nothing"


GROUPS: tuple[tuple[str, Message], ...] = (
    ("sign_in", _m("Sign-in")),
    ("people", _m("People and roles")),
    ("token", _m("API tokens")),
    ("metadata", _m("Metadata")),
    ("data", _m("Exports and imports")),
    ("access", _m("Access")),
    ("audit", _m("Audit log")),
)
"""In the order in which the screen offers them."""


def of_group(group: str) -> tuple[str, ...]:
    """The names of a group's events; () for none of ours."""
    return tuple(event.name for event in ALL if event.group == group)


ALL: tuple[Event, ...] = (
    Event("sign_in", "sign_in", _m("Signed in"), "user"),
    Event("sign_in.refused", "sign_in", _m("Sign-in refused: name and password did not match"), "name"),
    Event("sign_in.throttled", "sign_in", _m("Sign-in refused: too many tries"), "name"),
    Event("sign_in.second_refused", "sign_in", _m("Sign-in refused: the second factor did not match"), "user"),
    Event("sign_out", "sign_in", _m("Signed out"), "user"),
    Event("session.ended", "sign_in", _m("A session was ended"), "user"),
    Event("session.ended_all", "sign_in", _m("All sessions were ended"), "user"),
    Event("reauthenticated", "sign_in", _m("Confirmed the password again"), "user"),
    Event("reauthentication.refused", "sign_in", _m("A password asked again did not match"), "user"),
    Event("login.added", "people", _m("A login was added"), "user"),
    Event("login.changed", "people", _m("A login name or e-mail address was changed"), "user"),
    Event("login.suspended", "people", _m("A login was suspended"), "user"),
    Event("login.resumed", "people", _m("A login was let in again"), "user"),
    Event("password.changed", "people", _m("A password was changed"), "user"),
    Event("password.reset_asked", "people", _m("A password reset was asked for"), "user"),
    Event("password.reset", "people", _m("A password was reset"), "user"),
    Event("second_factor.added", "people", _m("A second factor was set up"), "user"),
    Event("second_factor.removed", "people", _m("A second factor was taken off"), "user"),
    Event("second_factor.recovery_used", "people", _m("A recovery code was used"), "user"),
    Event("roles.changed", "people", _m("Roles were changed"), "user"),
    Event("team.changed", "people", _m("The place of a person or a team was changed"), "record"),
    Event("record.shared", "people", _m("A record was shared"), "record"),
    Event("record.unshared", "people", _m("The share of a record was taken back"), "record"),
    Event("token.created", "token", _m("An API token was made"), "user"),
    Event("token.revoked", "token", _m("An API token was revoked"), "token"),
    Event("token.revoked_all", "token", _m("All API tokens were revoked"), "user"),
    Event("metadata.published", "metadata", _m("Metadata was published"), "name"),
    Event("metadata.rolled_back", "metadata", _m("Metadata was rolled back"), "name"),
    Event("metadata.purged", "metadata", _m("Retired data was purged for good"), "name"),
    Event("records.exported", "data", _m("Records were exported"), "entity"),
    Event("records.imported", "data", _m("Records were imported"), "entity"),
    Event("retired.exported", "data", _m("Retired data was exported"), "name"),
    Event("access.refused", "access", _m("Access was refused"), "record"),
    Event("masked.revealed", "access", _m("A masked value was revealed"), "record"),
    Event("view_as.began", "access", _m("Began to view as somebody else"), "user"),
    Event("view_as.ended", "access", _m("Stopped viewing as somebody else"), "user"),
    Event("audit.exported", "audit", _m("The audit log was exported"), "nothing"),
    Event("audit.pruned", "audit", _m("The oldest part of the audit log was cut off"), "nothing"),
    Event("audit.sealed", "audit", _m("The audit log was sealed anew"), "nothing"),
    Event("audit.verified", "audit", _m("The audit log was verified"), "nothing"),
)
EVENTS: Mapping[str, Event] = MappingProxyType({event.name: event for event in ALL})
