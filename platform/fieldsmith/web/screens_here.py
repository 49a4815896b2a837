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

from fieldsmith.base.context import Actor
from fieldsmith.base.text import Words
from fieldsmith.fields.base import Reader
from fieldsmith.meta.model import Entity, Layout, Model, Section
from fieldsmith.web import current
from fieldsmith.web.cells import Paint
from fieldsmith.web.kept_shell import Kept

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
        return self.work.model

    def entity(self, name: str) -> Entity:
        """The entity of this name, if the actor may read it; `NotFound` otherwise."""
        return self.work.queries.entity(self.actor, name)

    def may(self, right: str, entity: str) -> bool:
        """Is the actor granted `right` on the entity?"""
        return self.work.runtime.policy.decide(self.actor, right, entity).allow

    def keep(self, key: tuple[Any, ...], build: Callable[[], T]) -> T:
        """What `build` makes, kept for this revision, language and zone."""
        kept: T = self.work.runtime.keep(self._reading(key), build)
        return kept

    def keep_some(self, key: tuple[Any, ...], build: Callable[[], T]) -> T:
        """`keep` where there are many keys: the oldest go."""
        kept: T = self.work.runtime.keep_some(self._reading(key), build)
        return kept

    def _reading(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        return ("screens", self.actor.language, self.actor.timezone, *key)

    def kept(self, key: tuple[Any, ...], template: str, context: Callable[[], dict[str, Any]]) -> Kept:
        """A piece of HTML with holes, rendered once per `key`; `context` marks the holes (`kept_shell.mark`)."""
        return self.keep(("piece", *key), lambda: Kept.of(piece(template, **context())))

    def reader(self) -> Reader:
        return Reader(self.actor.language, self.actor.language, self.actor.timezone, self.words.gettext)

    def paint(self, full: bool = False) -> Paint:
        """How cells are shown to this reader."""
        return Paint(self.model, self.work.runtime.scope, self.reader(), self.words, full)

    def unreadable(self) -> frozenset[str]:
        """Entities the actor may not read: part of every key under which something about columns is kept."""
        return self.work.runtime.policy.unreadable(self.actor)


def here() -> Here:
    """The request at hand; raises `NotSignedIn` for visitors."""
    actor = current.signed_in()
    return Here(actor, current.work(), Words(actor.language, get_translations().ugettext))


def piece(template: str, **context: Any) -> Markup:
    """A piece of HTML that is kept: nothing in it depends on the request but what `context` says."""
    return Markup(current_app.jinja_env.get_template(template).render(context))


def layout_of(model: Model, entity: Entity) -> Layout:
    """The record layout of `entity`: its `default`, else any, else all its fields in one section."""
    found = model.layouts.get(f"{entity.name}.default") or next((item for item in model.layouts.values() if item.entity == entity.name), None)
    if found is not None:
        return found
    names = tuple(item.name for item in entity.own_fields())
    return Layout("default", entity.name, entity.label, (), (Section("main", entity.label, 2, names),))
