"""`Desk`: the request at hand as the studio's screens see it: who shapes, the draft being worked on, and what it makes.

    now = desk()
    body = now.document("entity", entity).body
    try:
        now.say([Said("entity", entity, [{"op": "change", "path": "/label", "value": label}])])
    except BadInput as wrong:
        return _page(now, Errors.of(wrong, ("label",)), 422)

Which draft it is, a cookie remembers per browser; without one it is the administrator's newest. The first edit opens one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Response, request

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Conflict, Forbidden, NotFound
from fieldsmith.base.problems import did_you_mean
from fieldsmith.base.text import Label, Words, _m
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.model import Model
from fieldsmith.web import current, page
from fieldsmith.web.studio.delegated import is_within, require_open, shaped

if TYPE_CHECKING:
    from fieldsmith.meta.references import Use
    from fieldsmith.studio.changesets import ChangeSets
    from fieldsmith.studio.drafts import Draft
    from fieldsmith.studio.workbench import Said, Workbench

DRAFT_COOKIE = "fieldsmith_draft"
_NONE = "0"


@dataclass(frozen=True, slots=True)
class Desk:
    """One request. `bench` holds the documents as the draft makes them; `shapes` are the only entities the reader may shape, None for administrators."""

    actor: Actor
    words: Words
    bench: Workbench
    shapes: frozenset[str] | None = None

    @property
    def delegated(self) -> bool:
        """Does the reader shape some entities only? What they may not do is not offered then."""
        return self.shapes is not None

    def may_open(self, kind: str, name: str) -> bool:
        """Is the page of the document one of theirs?"""
        return is_within(self.shapes, kind, name)

    @property
    def draft(self) -> Draft | None:
        return self.bench.draft

    @property
    def model(self) -> Model:
        """The draft's; the published one while the draft has problems."""
        return self.bench.model

    @property
    def documents(self) -> Mapping[Key, Effective]:
        return self.bench.documents

    def document(self, kind: str, name: str) -> Effective:
        """The effective document, as the draft makes it. Raises `NotFound`."""
        found = self.documents.get((kind, name))
        if found is None:
            known = [other for of_kind, other in self.documents if of_kind == kind]
            hint = did_you_mean(name[:100], known)
            message = _m("There is no {kind} “{name}”, neither published nor in this draft.", kind=kind, name=name[:100])
            raise NotFound(message if hint is None else _m("{message} {hint}", message=message, hint=hint))
        return found

    def label(self, kind: str, name: str) -> str:
        """What the reader calls a document: its label in the model, else what the document says, else its name."""
        found = self.documents.get((kind, name))
        return str(found.body.get("label", name)) if found is not None else name

    def uses_of(self, path: str) -> list[Use]:
        return self.bench.uses_of(path)

    def say(self, said: Sequence[Said]) -> None:
        """Put edits into the draft, opening one where there is none. Raises `BadInput`, and keeps nothing, when they add problems."""
        service = _service()
        if self.draft is None:
            choose_draft(service.say_anew(self.actor, self._title(), said))
            return
        service.say(self.actor, self.draft.id, said)
        choose_draft(self.draft.id)

    def _title(self) -> str:
        local = current.workspace().clock.now().replace(tzinfo=UTC).astimezone(ZoneInfo(self.actor.timezone))
        moment = " ".join(format_datetime(local, "medium", tzinfo=local.tzinfo, locale=self.words.language).split())  # titles hold plain spaces only
        return _m("Changes of {moment}", moment=moment).render(self.words)


def desk() -> Desk:
    """The request at hand. Raises `NotSignedIn` for visitors, `Forbidden` for everybody but administrators and, on their pages, delegated ones."""
    actor = current.signed_in()
    shapes = shaped(actor)
    require_open(shapes, request.endpoint, request.view_args or {})
    words = current.words()
    return Desk(actor, words, _looked(actor), shapes)


def render(template: str, now: Desk, status: int = 200, **context: Any) -> Response:
    """A page of the studio (which extends studio/base.html): `page.render` with what the draft bar needs."""
    return page.render(template, status, bar=bar_of(now), **{"delegated": now.delegated, **context})


def bar_of(now: Desk) -> dict[str, Any] | None:
    """What the draft bar shows; also for `page.part("studio/draft_bar.html", bar=bar_of(desk()))` after an edit made without leaving the page."""
    draft = now.draft
    return None if draft is None else {"id": draft.id, "title": draft.title, "changes": changes_of(draft), "problems": len(now.bench.problems)}


def changes_of(draft: Draft) -> int:
    """How many edits a draft holds, as the bar counts them."""
    return sum(len(edit.operations) + (edit.document is not None) + edit.retire for edit in (draft.edits or {}).values())


def choose_draft(id: int | None) -> None:
    """Work on this draft from now on, or on none until the next edit."""
    current.visit().cookies[DRAFT_COOKIE] = _NONE if id is None else str(id)


def shown(label: Label | str | None, name: str, words: Words) -> str:
    """A label in the reader's language; the name where there is none."""
    if label is None:
        return name
    return label if isinstance(label, str) else label.render(words)


def _looked(actor: Actor) -> Workbench:
    """The workbench of the draft chosen; of none where it is published, discarded or not said."""
    current.end_reading()
    service = _service()
    given = current.visit().cookies.get(DRAFT_COOKIE) or request.cookies.get(DRAFT_COOKIE, "")
    id = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    if id is None:
        own = [draft.id for draft in service.listed(actor) if draft.author_id == actor.id]
        id = own[0] if own else None
    try:
        return service.look(actor, id or None)
    except (NotFound, Conflict, Forbidden):  # forbidden: a draft of one's own with what one may not say any more
        choose_draft(None)
        return service.look(actor, None)


def _service() -> ChangeSets:
    current.end_reading()
    return current.workspace().changesets
