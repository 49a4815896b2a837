"""The actions of a role as ticks: for every other entity, and for those named by themselves. Used by `roles_settings`.

`action.<entity>` are the ticked ones; `named` the entities that do not follow “every other entity”. An action that the document
names and nobody knows stays, ticked and marked, until somebody takes it off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from werkzeug.datastructures import MultiDict

from fieldsmith.base.text import Message, _m
from fieldsmith.meta.roles import ACTIONS, EVERY_ENTITY
from fieldsmith.web import page
from fieldsmith.web.studio.desk import Desk
from fieldsmith.web.studio.roles_head import entities_of

Actions = Mapping[str, Sequence[str]]
_WORDS: Mapping[str, Message] = MappingProxyType({"share": _m("Share records"), "take": _m("Take records out of queues")})
_INPUT = "action."


@dataclass(frozen=True, slots=True)
class Tick:
    """`unknown`: the role names it, but there is no such action."""

    name: str
    label: str
    on: bool
    unknown: bool


@dataclass(frozen=True, slots=True)
class ActionRow:
    """`named`: the entity has a list of its own."""

    entity: str
    label: str
    named: bool
    ticks: Sequence[Tick]


def rows(now: Desk, said: Actions) -> list[ActionRow]:
    """“Every other entity”, then each; also what the role names and the draft does not know any more."""
    known = [(EVERY_ENTITY, page.say(_m("Every other entity"))), *((name, label) for name, label, _ in entities_of(now))]
    gone = [(name, name) for name in said if name not in dict(known)]
    return [ActionRow(name, label, name in said, _ticks(said.get(name, ()))) for name, label in (*known, *gone)]


def of_document(body: Mapping[str, Any]) -> Actions | None:
    """None where every action is allowed. Total: what cannot be read is left out."""
    found = body.get("actions")
    if not isinstance(found, Mapping):
        return None
    return {str(name): [str(item) for item in listed] for name, listed in found.items() if isinstance(listed, Sequence) and not isinstance(listed, str)}


def of_form(form: MultiDict[str, str]) -> Actions | None:
    """What was ticked; an entity with ticks has a list of its own, whether that was ticked or not."""
    if not form.get("limited"):
        return None
    ticked = {name.removeprefix(_INPUT): list(dict.fromkeys(form.getlist(name))) for name in form if name.startswith(_INPUT)}
    return {name: ticked.get(name, []) for name in dict.fromkeys((*form.getlist("named"), *ticked))}


def _ticks(said: Sequence[str]) -> list[Tick]:
    unknown = [name for name in said if name not in ACTIONS]
    return [
        *(Tick(name, page.say(_WORDS[name]) if name in _WORDS else name, name in said, False) for name in ACTIONS),
        *(Tick(name, name, True, True) for name in unknown),
    ]
