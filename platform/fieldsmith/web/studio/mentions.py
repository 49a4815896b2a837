"""Where a thing is used, in words, each with the page of the studio where that is changed."""

from __future__ import annotations

from dataclasses import dataclass

from fieldsmith.web.studio.desk import Desk
from fieldsmith.web.studio.places import place_of
from fieldsmith.web.studio.wording import path_words


@dataclass(frozen=True, slots=True)
class Mention:
    words: str
    address: str


def mentions_of(now: Desk, path: str) -> list[Mention]:
    """Every use of what is at `path` (`choices/stage/values/won`), once."""
    out: dict[str, Mention] = {}
    for use in now.uses_of(path):
        document = now.documents.get((use.kind, use.name))
        said = path_words(f"{use.kind}/{use.name}{use.pointer}", [document.body if document is not None else None], now.words)
        out.setdefault(said, Mention(said, place_of(use.kind, use.name, use.pointer) if now.may_open(use.kind, use.name) else ""))
    return list(out.values())
