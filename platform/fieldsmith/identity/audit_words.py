"""A row of the audit log in words: what happened, to whom or what, and the details with the names of what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fieldsmith.base.context import Via
from fieldsmith.base.text import Message, Words, _m
from fieldsmith.identity.audit_events import EVENTS
from fieldsmith.identity.audit_log import Entry

DOORS: Mapping[str, Message] = MappingProxyType(
    {
        "screen": _m("on the screen"),
        "api": _m("by the API"),
        "cli": _m("on the command line"),
        "import": _m("by an import"),
        "system": _m("by the system"),
    }
)
_DETAILS: Mapping[str, Message] = MappingProxyType(
    {
        "access": _m("Access"),
        "address": _m("Address"),
        "back_to": _m("Back to revision"),
        "count": _m("How many"),
        "created": _m("Created"),
        "email": _m("E-mail"),
        "field": _m("Field"),
        "fields": _m("Fields"),
        "file": _m("File"),
        "filter": _m("Filter"),
        "format": _m("Format"),
        "former": _m("Before"),
        "kind": _m("Kind"),
        "left": _m("Codes left"),
        "left_out": _m("Times more since the last row"),
        "name": _m("Name"),
        "path": _m("Path"),
        "reason": _m("Reason"),
        "refused": _m("Refused"),
        "result": _m("Result"),
        "roles": _m("Roles"),
        "route": _m("Route"),
        "rows": _m("Rows"),
        "scopes": _m("Scopes"),
        "sha256": _m("SHA-256 of the file"),
        "summary": _m("What changed"),
        "until": _m("Until"),
        "upto": _m("Up to row"),
        "updated": _m("Changed"),
        "view": _m("List view"),
        "whom": _m("With whom"),
    }
)
_NOT_TOLD = frozenset({"with"})


@dataclass(frozen=True, slots=True)
class Told:
    """`what` happened, the `subject` where it is not a record, `details` as (name, text)."""

    what: str
    subject: str
    details: tuple[tuple[str, str], ...]


def told(entry: Entry, words: Words) -> Told:
    """`entry` as a reader of `words` is told of it. An event this program does not know is told by its name."""
    known = EVENTS.get(entry.event)
    details = [(_name(key, words), _text(key, value, entry.detail, words)) for key, value in entry.detail.items() if key not in _NOT_TOLD]
    shown = tuple((name, text) for name, text in details if text)
    subject = entry.subject if known is None or known.about in ("name", "token", "entity") else ""
    return Told(known.title.render(words) if known is not None else entry.event, subject, shown)


def by_door(via: Via | str, words: Words) -> str:
    """By what door somebody came, in words."""
    found = DOORS.get(via)
    return found.render(words) if found is not None else via


def _name(key: str, words: Words) -> str:
    known = _DETAILS.get(key)
    return known.render(words) if known is not None else key


def _text(key: str, value: Any, detail: Mapping[str, Any], words: Words) -> str:
    if key == "reason" and isinstance(value, str):
        return _reason(value, detail.get("with"), words)
    if isinstance(value, bool):
        return (_m("yes") if value else _m("no")).render(words)
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {item}" for name, item in value.items())
    return "" if value is None else str(value)


def _reason(text: str, params: Any, words: Words) -> str:
    """A sentence of the program in the reader's language, or the reason somebody typed."""
    if not isinstance(params, dict):
        return words.gettext(text) if text else ""
    try:
        return words.gettext(text).format(**params)
    except (KeyError, IndexError, ValueError):
        return text
