"""The words of explanations: rights, scopes, groups of people. Nothing here decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fieldsmith.access.policy import VERBS
from fieldsmith.base.text import Label, Message, _m
from fieldsmith.meta.model import Model
from fieldsmith.meta.roles import Group, Right, Scope

_SCOPES: Mapping[Scope, Message] = {
    "none": _m("no records"),
    "own": _m("own records"),
    "team": _m("records of the own team and the teams below"),
    "hierarchy": _m("records of the own team and of people who report to one"),
    "all": _m("all records"),
}


def verb_of(right: Right) -> Message:
    return VERBS[right]


def scope_of(scope: Scope) -> Message:
    return _SCOPES[scope]


def may(right: Right, because: Message) -> Message:
    return _m("May {verb}: {because}", verb=VERBS[right], because=because)


def may_not(right: Right, because: Message) -> Message:
    return _m("May not {verb}: {because}", verb=VERBS[right], because=because)


def listed(items: Sequence[str | Message | Label]) -> Message:
    """`a, b, c` of words that may still need a language."""
    if not items:
        return _m("nobody")
    told = _m("{word}", word=items[0])
    for more in items[1:]:
        told = _m("{first}, {second}", first=told, second=more)
    return told


def group_words(model: Model, group: Group) -> Message:
    """The people of a group, by roles, teams and logins."""
    parts: list[str | Message] = []
    for name in group.roles:
        known = model.roles.get(name)
        parts.append(_m("role {role}", role=known.label if known is not None else name))
    parts += [_m("team “{team}”", team=name) for name in group.teams]
    parts += [_m("user {user}", user=name) for name in group.users]
    return listed(parts)
