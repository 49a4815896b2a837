"""`waits`: who waits for a step of a plan, and how long; said beside it before anybody publishes."""

from __future__ import annotations

from fieldsmith.base.text import Message, _m
from fieldsmith.db.steps import SLOW_ROWS, Step

_INSTANT = ("ALTER TABLE", "DROP INDEX")


def waits(step: Step) -> Message | None:
    """None where nobody notices: nothing is run, or only what takes no time."""
    if not step.sql:
        return None
    if step.background:
        return _m("Nobody waits: the records are gone through in the background.")
    if step.rows >= SLOW_ROWS:
        if step.dialect == "sqlite":
            return _m("Saving waits until all {rows} records have been gone through; reading goes on.", rows=step.rows)
        if any(text.lstrip().upper().startswith("CREATE") for text in step.sql):
            return _m("Saving to this entity waits until all {rows} records have been gone through; reading goes on.", rows=step.rows)
        return _m("Reading and saving of this entity wait until all {rows} records have been gone through.", rows=step.rows)
    if step.rows:
        return _m("Saving waits for a moment.")
    if all(text.lstrip().upper().startswith(_INSTANT) for text in step.sql):
        return _m("The table is locked for an instant; its records are not touched.")
    return None
