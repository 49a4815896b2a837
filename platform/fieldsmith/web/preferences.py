"""Theme and app of the reader. The table keeps them for good; a cookie copies them, so that a page costs no query.

`page` reads them for every whole page; `pages_me` stores them.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from fieldsmith.identity import preferences
from fieldsmith.web import current

THEMES = ("auto", "light", "dark")
_COOKIE = "fieldsmith_shell"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`app` is None where none was chosen (or the one chosen is gone: callers fall back)."""

    theme: str = "auto"
    app: str | None = None


def chosen() -> Chosen:
    """The reader's choice; read from the table once per browser and then from the cookie."""
    visit = current.visit()
    sent = visit.cookies.get(_COOKIE) or request.cookies.get(_COOKIE)
    owner, _, rest = (sent or "").partition(".")
    user_id = visit.actor.id
    if sent and (user_id is None or owner == str(user_id)):
        theme, _, app = rest.partition(".")
        return Chosen(theme if theme in THEMES else "auto", app or None)
    if user_id is None:
        return Chosen()
    kept = preferences.of_user(current.work().connection, user_id)
    found = Chosen(kept.get("theme", "auto"), kept.get("app"))
    _remember(user_id, found)
    return found


def choose(key: str, value: str) -> None:
    """Store `theme` or `app` for the signed-in reader."""
    user_id = current.signed_in().id
    before = chosen()
    current.end_reading()
    if user_id is not None:
        current.workspace().write(lambda work: preferences.put(work.connection, user_id, key, value))
        _remember(user_id, Chosen(value, before.app) if key == "theme" else Chosen(before.theme, value))


def _remember(user_id: int, found: Chosen) -> None:
    current.visit().cookies[_COOKIE] = f"{user_id}.{found.theme}.{found.app or ''}"
