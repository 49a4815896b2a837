"""Field types as the studio offers them: grouped, with an icon and a sentence. What they can do they say themselves (`FieldType`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fieldsmith.base.text import Message, Words, _m
from fieldsmith.fields.base import FieldType
from fieldsmith.fields.computed import COMPUTED
from fieldsmith.web import current

_GROUPS: Mapping[str, Message] = {
    "text": _m("Text and contact"),
    "numbers": _m("Numbers and money"),
    "dates": _m("Dates and times"),
    "choices": _m("Choices"),
    "links": _m("Links to other records"),
    "files": _m("Files and pictures"),
    "computed": _m("Worked out by the system"),
    "programs": _m("For programs"),
}
_BY_WIDGET: Mapping[str, str] = {
    **dict.fromkeys(("number", "money"), "numbers"),
    **dict.fromkeys(("date", "datetime", "time", "duration"), "dates"),
    **dict.fromkeys(("select", "multi_select", "checkbox", "rating", "colour"), "choices"),
    **dict.fromkeys(("lookup", "polymorphic", "many_to_many"), "links"),
    **dict.fromkeys(("file", "image"), "files"),
    "json": "programs",
}
_ICONS: Mapping[str, str] = {
    "text": "typography",
    "textarea": "align-left",
    "rich_text": "file-text",
    "email": "at",
    "tel": "phone",
    "url": "world-www",
    "number": "hash",
    "money": "coin",
    "checkbox": "checkbox",
    "date": "calendar",
    "datetime": "calendar-time",
    "time": "clock",
    "duration": "progress",
    "select": "list",
    "multi_select": "list-check",
    "lookup": "link",
    "polymorphic": "git-branch",
    "many_to_many": "switch-horizontal",
    "person_name": "user",
    "address": "map-pin",
    "geolocation": "location",
    "file": "paperclip",
    "image": "photo",
    "colour": "palette",
    "rating": "star",
    "json": "code",
}
_COMPUTED_ICON = "calculator"


@dataclass(frozen=True, slots=True)
class TypeCard:
    """One type in the grid. `simple`: a label is enough, perhaps with a list or an entity to choose from."""

    name: str
    title: Message
    help: Message
    icon: str
    group: str
    simple: bool
    detail: str = ""  # the option that must be said: choices, to


@dataclass(frozen=True, slots=True)
class TypeGroup:
    title: Message
    cards: tuple[TypeCard, ...]


def types() -> Mapping[str, FieldType]:
    """Every type of this workspace, plugins' too, in the order people choose from."""
    return current.workspace().types


def card_of(kind: FieldType) -> TypeCard:
    """How a type is shown."""
    computed = kind.name in COMPUTED
    group = "computed" if computed or not kind.writable else "programs" if kind.always_unique else _BY_WIDGET.get(kind.widget, "text")
    to_one = kind.option_properties.get("to", {}).get("type") != "array"
    simple = set(kind.required_options) <= {"choices", "to"} and to_one
    detail = next((name for name in kind.required_options if simple), "")
    return TypeCard(kind.name, kind.title, kind.help, icon_of(kind), group, simple, detail)


def icon_of(kind: FieldType) -> str:
    return _COMPUTED_ICON if kind.name in COMPUTED else _ICONS.get(kind.widget, "forms")


def grouped() -> list[TypeGroup]:
    """All types by group, for the grid."""
    cards = [card_of(kind) for kind in types().values()]
    return [TypeGroup(title, found) for name, title in _GROUPS.items() if (found := tuple(card for card in cards if card.group == name))]


def simple_types() -> list[TypeCard]:
    """Those that can be added in one line."""
    return [card for kind in types().values() if (card := card_of(kind)).simple]


def type_called(text: str, words: Words, among: Iterable[TypeCard]) -> TypeCard | None:
    """The type by its name or its title, in the reader's language or in English; letters' case and spaces do not matter."""
    wanted = _plain(text)
    return next((card for card in among if wanted in (_plain(card.name), _plain(str(card.title)), _plain(card.title.render(words)))), None)


def _plain(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
