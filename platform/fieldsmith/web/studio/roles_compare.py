"""What differs between two roles, side by side: rights by entity, rights on fields, what is taken away, and the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsmith.base.text import Message, _m
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.roles import EVERY_ENTITY, RIGHTS
from fieldsmith.web import page
from fieldsmith.web.studio.desk import Desk
from fieldsmith.web.studio.roles_head import entities_of
from fieldsmith.web.studio.roles_rights import FIELD_WORDS, RIGHT_WORDS, SCOPE_WORDS, WHOLE, caps_of, field_rights_of, restriction_of, rights_of
from fieldsmith.web.studio.wording import value_words

_SETTINGS: tuple[tuple[str, Message], ...] = (
    ("administrator", _m("May do everything")),
    ("second_factor", _m("Must have a second factor")),
    ("start", _m("Opens first")),
    ("studio", _m("Shapes these entities in the studio")),
    ("actions", _m("Actions")),
    ("portal", _m("For people from outside")),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """`what` is a right, a field or a setting; `one` and `other` what each role says."""

    what: str
    one: str
    other: str


@dataclass(frozen=True, slots=True)
class DifferenceGroup:
    """What differs on one entity; `entity` is "" for what belongs to none."""

    entity: str
    title: str
    lines: Sequence[Difference]


def differences(now: Desk, one: Effective, other: Effective) -> list[DifferenceGroup]:
    """Nothing but what differs; empty for two roles that may do the same."""
    bodies = (one.body, other.body)
    settings = [Difference(page.say(title), *(value_words(body.get(key), now.words) or "–" for body in bodies)) for key, title in _SETTINGS]
    groups = [DifferenceGroup("", page.say(_m("The role itself")), _differing(settings))]
    for name, label, _ in ((EVERY_ENTITY, page.say(_m("Every other entity")), ""), *entities_of(now)):
        lines = [*_rights(bodies, name), *_fields(bodies, name), *_restrictions(bodies, name, now)]
        groups.append(DifferenceGroup(name, label, _differing(lines)))
    return [group for group in groups if group.lines]


def _differing(lines: Sequence[Difference]) -> list[Difference]:
    return [line for line in lines if line.one != line.other]


def _rights(bodies: Sequence[Mapping[str, Any]], entity: str) -> Iterator[Difference]:
    cells = [rights_of(body, entity).cells for body in bodies]
    for right in RIGHTS:
        yield Difference(page.say(RIGHT_WORDS[right]), *(page.say(SCOPE_WORDS[each[right]]) for each in cells))


def _fields(bodies: Sequence[Mapping[str, Any]], entity: str) -> Iterator[Difference]:
    for shape, read in ((_m("Field {field}"), field_rights_of), (_m("Field {field}, at most"), caps_of)):
        said = [read(body, entity) for body in bodies]
        for name in dict.fromkeys(name for each in said for name in each):
            title = page.say(Message(shape.id, {"field": label_from_name(name)}))
            yield Difference(title, *(page.say(FIELD_WORDS[each.get(name, WHOLE)]) for each in said))


def _restrictions(bodies: Sequence[Mapping[str, Any]], entity: str, now: Desk) -> Iterator[Difference]:
    said = [restriction_of(body, entity) for body in bodies]
    yield Difference(page.say(_m("Only records")), *(str(each.get("records") or "–") for each in said))
    taken = [[right for right in RIGHTS if right in each.get("rights", ())] for each in said]
    yield Difference(page.say(_m("Rights taken away")), *(", ".join(page.say(RIGHT_WORDS[right]) for right in each) or "–" for each in taken))
