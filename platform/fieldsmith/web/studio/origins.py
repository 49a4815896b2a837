"""“Where does this come from?”: for a property of a document the layer, revision, author and reason, and the way back to the base.

    origins = Origins(now)
    render("studio/….html", now, origins=origins, next=request.path)

    {% from "studio/origin.html" import origin_mark, origin_form %}
    {{ origin_mark(origins.of("view", "deal.all", "/label"), _("Label")) }}     beside what it is about, also within forms
    {{ origin_form(next) }}                                                      once per page, outside every other form

`next` is the page of the studio the reader comes back to after a reset.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.provenance import said_since
from fieldsmith.studio.workbench import Said
from fieldsmith.web import current, page
from fieldsmith.web.studio.desk import Desk, desk

if TYPE_CHECKING:
    from fieldsmith.studio.provenance import DocumentVersion

Layer = Literal["base", "own", "draft"]
_STUDIO = "/studio/"
_PUBLISHED = re.compile(r"custom, revision (\d+), by (.*)", re.S).fullmatch
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """`place` is `entity/deal/fields/amount/label`; `base` what stands there without the workspace's own change, where it `can_reset`."""

    place: str
    layer: Layer
    said: Message
    reason: str = ""
    base: str = ""
    has_base: bool = False
    can_reset: bool = False


class Origins:
    """Answers for one request; asks for the history of a document when it is first needed."""

    def __init__(self, now: Desk) -> None:
        self._now = now
        self._versions: dict[tuple[str, str], Sequence[DocumentVersion]] = {}

    def of(self, kind: str, name: str, place: str = "") -> Origin:
        """Where the part at `place` comes from, a JSON pointer whose list members go by name. A document not there is of the draft."""
        bench = self._now.bench
        here, before, below = (documents.get((kind, name)) for documents in (bench.documents, bench.published, bench.below))
        value, there = _at(here, place)
        base, has_base = _at(below, place)
        own = below is None or (value, there) != (base, has_base)
        above = below is not None and value_at(below.body, place.rpartition("/")[0])[1]
        can_reset = own and bool(place) and above and not self._now.delegated
        path = f"{kind}/{name}{place}"
        if here is None or not own:
            found = below or here
            return Origin(path, "draft", _m("Made in this draft")) if found is None else Origin(path, "base", origin_words(found.origin(place)))
        kept: dict[str, Any] = {"base": _shown(base) if has_base else "", "has_base": has_base, "can_reset": can_reset}
        if before is None or _at(before, place) != (value, there):
            is_property = not isinstance(value, dict) and _at(before, place.rpartition("/")[0])[1]
            return Origin(path, "draft", _m("Changed in this draft") if is_property or _at(before, place)[1] else _m("Made in this draft"), **kept)
        return self._published(path, kind, name, place, before, kept)

    def _published(self, path: str, kind: str, name: str, place: str, found: Effective, kept: dict[str, Any]) -> Origin:
        version = said_since(self._of_document(kind, name), place)
        if version is not None:
            return Origin(
                path, "own", _m("Your workspace, revision {number}, by {author}", number=version.since, author=version.author), version.reason, **kept
            )
        return Origin(path, "own", origin_words(found.origin(place)), **kept)

    def _of_document(self, kind: str, name: str) -> Sequence[DocumentVersion]:
        found = self._versions.get((kind, name))
        if found is None and self._now.delegated:  # the history of a document tells of parts they do not see
            found = self._versions[kind, name] = ()
        if found is None:
            current.end_reading()
            found = self._versions[kind, name] = current.workspace().provenance.versions(self._now.actor, kind, name)
        return found


def origin_words(origin: str) -> Message:
    """What `Effective.origin` says, for people: “crm 1.0.0”, “Your workspace, revision 4, by Ana”, “This draft”."""
    found = _PUBLISHED(origin)
    if found is not None:
        return _m("Your workspace, revision {number}, by {author}", number=int(found[1]), author=found[2])
    if origin.startswith("custom"):
        return _m("This draft")
    return _m("Package {package}", package=origin)


def register(app: Flask) -> None:
    app.add_url_rule("/studio/reset", "studio_reset", reset, methods=["POST"])


def reset() -> Response:
    """`POST /studio/reset`: `place` is the path of what shall again be as the base has it; back to `next`."""
    now = desk()
    kind, name, place = _parted(request.form.get("place", ""))
    target = studio_path(request.form.get("next", ""))
    found = Origins(now).of(kind, name, place)
    if not found.can_reset:
        page.notify(_m("This is as its package has it already."), "info")
        return page.go(target)
    try:
        now.say([Said(kind, name, [{"op": "remove", "path": place}])])
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")
    else:
        page.notify(_m("Reset to what the package says."))
    return page.go(target)


def studio_path(path: str) -> str:
    """`path` where it is a page of the studio, else the studio's first one."""
    return path if path.startswith(_STUDIO) and path.isprintable() and "\\" not in path else _STUDIO


def _parted(path: str) -> tuple[str, str, str]:
    kind, _, rest = path.partition("/")
    name, slash, place = rest.partition("/")
    if not slash or not place:
        raise NotFound(_m("There is nothing at this address."))
    return kind, name, f"/{place}"


def _at(document: Effective | None, place: str) -> tuple[Any, bool]:
    return (None, False) if document is None else value_at(document.body, place)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} …"
