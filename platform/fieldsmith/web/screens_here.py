"""`Here`: the request at hand as the generated screens see it: who reads, the model, and what is kept per reader.

Made once per request by `here()`; the screen modules take it from there and do not ask Flask again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from flask import current_app
from flask_babel import get_translations
from markupsafe import Markup

from fieldsmith.access.sight import Sight
from fieldsmith.base.context import Actor
from fieldsmith.base.text import Words
from fieldsmith.fields.base import Reader
from fieldsmith.meta.model import Entity, Layout, Model
from fieldsmith.meta.roles import Right
from fieldsmith.web import current
from fieldsmith.web.cells import Paint
from fieldsmith.web.kept_shell import Kept
from fieldsmith.web.seen_model import seen_model
from fieldsmith.web.shell import roles_named

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Here:
    """One request. `work` is its read transaction; it ends before anything is written."""

    actor: Actor
    work: Work
    words: Words

    @property
    def model(self) -> Model:
        """As the reader sees it: what is hidden from them is not in it. See `access.seen`."""
        runtime, sight = self.work.runtime, self.unreadable()
        return runtime.model if sight.everything else seen_model(runtime, sight)

    @property
    def roles(self) -> frozenset[str]:
        """The names of the actor's roles that count."""
        return roles_named(self.work.runtime.policy, self.actor)

    def entity(self, name: str) -> Entity:
        """The entity of this name as the reader sees it, if they may read it; `NotFound` otherwise."""
        return self.model.entities[self.work.queries.entity(self.actor, name).name]

    def may(self, right: Right, entity: str) -> bool:
        """Is the actor granted `right` on the entity?"""
        return self.work.runtime.policy.decide(self.actor, right, entity).allow

    def keep(self, key: tuple[Any, ...], build: Callable[[], T]) -> T:
        """What `build` makes, kept for this revision, language, zone and what the reader's roles let them see."""
        kept: T = self.work.runtime.keep(self._reading(key), build)
        return kept

    def keep_some(self, key: tuple[Any, ...], build: Callable[[], T]) -> T:
        """`keep` where there are many keys: the oldest go."""
        kept: T = self.work.runtime.keep_some(self._reading(key), build)
        return kept

    def _reading(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        return ("screens", self.actor.language, self.actor.timezone, self.unreadable(), *key)

    def kept(self, key: tuple[Any, ...], template: str, context: Callable[[], dict[str, Any]]) -> Kept:
        """A piece of HTML with holes, rendered once per `key`; `context` marks the holes (`kept_shell.mark`)."""
        return self.keep(("piece", *key), lambda: Kept.of(piece(template, **context())))

    def reader(self) -> Reader:
        return Reader(self.actor.language, self.actor.language, self.actor.timezone, self.words.gettext)

    def paint(self, full: bool = False) -> Paint:
        """How cells are shown to this reader."""
        return Paint(self.model, self.work.runtime.scope, self.reader(), self.words, full)

    def unreadable(self) -> Sight:
        """What the actor's roles let them see: part of every key under which something about columns is kept."""
        runtime, actor = self.work.runtime, self.actor
        found: Sight = runtime.keep(("sight", actor.kind, actor.roles), lambda: runtime.policy.sight(actor))
        return found


def here() -> Here:
    """The request at hand; raises `NotSignedIn` for visitors."""
    actor = current.signed_in()
    return Here(actor, current.work(), Words(actor.language, get_translations().ugettext))


def piece(template: str, **context: Any) -> Markup:
    """A piece of HTML that is kept: nothing in it depends on the request but what `context` says."""
    return Markup(current_app.jinja_env.get_template(template).render(context))


def layout_of(model: Model, entity: Entity, actor: Actor, record_type: str | None = None) -> Layout:
    """The layout of a record of `entity` for this reader: one for record type and role, for the record type, for a role, for all, the default.

    Of several that fit as well, the first in the order of the documents.
    """
    there = model.layouts_of[entity.name]
    if len(there) == 1 and not there[0].record_types and not there[0].roles:
        return there[0]

    def fit(layout: Layout) -> tuple[bool, bool, bool]:
        return bool(layout.record_types), bool(layout.roles), layout.name != "default"

    def fits(layout: Layout) -> bool:
        types, roles = layout.record_types, layout.roles
        return (not types or record_type in types) and (not roles or not frozenset(roles).isdisjoint(actor.roles))

    return max(filter(fits, there), key=fit)
