"""What a field can be told, as inputs: made from the JSON Schema of fields and of the type's own options, so that a new type needs nothing here.

`inputs_of` draws them from a field's document, `read_body` reads them back into one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fieldsmith.base.text import Message, Words, _m
from fieldsmith.fields.base import FieldType, Json
from fieldsmith.fields.computed import COMPUTED
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.schemas import SchemaSet
from fieldsmith.web import current
from fieldsmith.web.forms import PICKERS, Posted
from fieldsmith.web.studio.field_types import types

Widget = Literal["line", "text", "number", "tick", "select", "many", "expression"]
_ELSEWHERE = frozenset({"name", "type", "was", "default"})  # the head of the form, renaming, and the type's own widget
_FILLED_IN = frozenset({"required", "default_expression", "read_only"})  # of fields people write
_FIRST = ("label", "help")

_WORDS: Mapping[str, tuple[Message, Message | None]] = {
    "label": (_m("Label"), None),
    "help": (_m("Help"), _m("A sentence beside the input on forms.")),
    "required": (_m("Must be filled in"), None),
    "unique": (_m("No two records may have the same value"), None),
    "indexed": (_m("Keep lists sorted or searched by it fast"), None),
    "read_only": (_m("Nobody types it in on forms"), None),
    "hidden": (_m("Keep it out of sight"), None),
    "default_expression": (_m("Default worked out by an expression"), _m("For example ADDDAYS(TODAY(), 30).")),
    "max_length": (_m("Most characters"), None),
    "rows": (_m("Height in lines"), None),
    "scale": (_m("Digits after the decimal point"), None),
    "min": (_m("Smallest value"), None),
    "max": (_m("Greatest value"), None),
    "grouping": (_m("Show thousands separators"), None),
    "choices": (_m("Pick list"), _m("The values people choose from.")),
    "depends_on": (_m("Depends on"), _m("The field whose value says which of the values can be chosen.")),
    "to": (_m("Points at"), None),
    "inverse": (_m("Its name seen from there"), _m("What the other entity calls these records in formulas and related lists, such as rentals.")),
    "on_delete": (_m("When the record it points at is deleted"), None),
    "owned": (_m("It belongs to that record"), _m("It is required then, and deleted with it.")),
    "pattern": (_m("Pattern"), _m("{left}YYYY{right} stands for the year, {left}00000{right} for the number.", left="{", right="}")),
    "returns": (_m("Gives"), _m("Without a choice: what the expression gives.")),
    "expression": (_m("Expression"), None),
    "stored": (_m("Keep the value in the database"), _m("Without a choice: kept where that is possible.")),
}
_VALUES: Mapping[str, Message] = {
    "restrict": _m("Refuse to delete it"),
    "clear": _m("Empty this field"),
    "cascade": _m("Delete this record too"),
    "true": _m("Yes"),
    "false": _m("No"),
}


@dataclass(frozen=True, slots=True)
class OptionInput:
    """One option as an input: `value` a text, `chosen` those of `many` and of a ticked one; `group` where it stands on the page."""

    key: str
    widget: Widget
    label: str
    hint: str
    group: Literal["basic", "own", "rules"]
    value: str = ""
    chosen: Sequence[str] = ()
    options: Sequence[tuple[str, str]] = ()
    required: bool = False
    attributes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """What options choose from: pick lists, entities, the entity's own choice fields; (name, label)."""

    lists: Sequence[tuple[str, str]]
    entities: Sequence[tuple[str, str]]
    fields: Sequence[tuple[str, str]]

    def of(self, key: str) -> Sequence[tuple[str, str]] | None:
        """None for options that choose from nothing of the workspace's."""
        found = {"choices": self.lists, "to": self.entities, "depends_on": self.fields}
        return found.get(key)


def schemas_of(kind: FieldType, common: Mapping[str, Json]) -> dict[str, Json]:
    """The keys a field of this type may have, in the order of the form. `common` are the keys of every field."""
    out: dict[str, Json] = {}
    for key in (*_FIRST, *kind.option_properties, *common):
        schema = kind.option_properties.get(key, common.get(key))
        if schema is not None and key not in _ELSEWHERE and _fits(kind, key):
            out.setdefault(key, schema)
    return out


def has_default(kind: FieldType) -> bool:
    """Can a plain value be what new records begin with? Not of pickers: their records are data."""
    return kind.writable and kind.widget not in PICKERS and not kind.always_unique


def common_schemas() -> Mapping[str, Json]:
    """Those of every field, from the shipped schema."""
    found: Mapping[str, Json] = current.work().runtime.keep(("field keys",), lambda: SchemaSet.load().common_field()["properties"])
    return found


def inputs_of(kind: FieldType, common: Mapping[str, Json], body: Mapping[str, Any], offered: Offered, words: Words) -> list[OptionInput]:
    """Every option as `body` has it; a yes-or-no whose default is yes is ticked where nothing is said."""
    return [_input(kind, key, schema, body, offered, words) for key, schema in schemas_of(kind, common).items()]


def read_body(kind: FieldType, common: Mapping[str, Json], form: Posted) -> dict[str, Any]:
    """What was posted as keys of a field's document; blank options and those that only say the default are left out."""
    out: dict[str, Any] = {}
    for key, schema in schemas_of(kind, common).items():
        value = _read(key, schema, form)
        if value is not None and value != schema.get("default"):
            out[key] = value
    return out


def option_label(key: str, words: Words) -> str:
    """What people call an option."""
    known = _WORDS.get(key)
    return known[0].render(words) if known is not None else label_from_name(key)


def _fits(kind: FieldType, key: str) -> bool:
    if key in _FILLED_IN:
        return kind.writable
    if key == "unique":
        return kind.can_be_unique and not kind.always_unique
    return key != "indexed" or not (kind.always_unique or kind.widget in ("many_to_many", "textarea", "rich_text", "json"))


def _input(kind: FieldType, key: str, schema: Mapping[str, Any], body: Mapping[str, Any], offered: Offered, words: Words) -> OptionInput:
    own = key in kind.option_properties
    hint = _WORDS[key][1] if key in _WORDS else None
    said = hint.render(words) if hint is not None else "" if key in _WORDS else str(schema.get("description", ""))
    needed = key == "label" or (key in kind.required_options and key != "returns")
    common: dict[str, Any] = {"group": "basic" if key in _FIRST else "own" if own else "rules", "required": needed}
    value = body.get(key, schema.get("default") if _widget(key, schema, offered) in ("tick", "select") else None)
    widget = _widget(key, schema, offered)
    label = option_label(key, words)
    if widget in ("tick", "many"):
        chosen = value if isinstance(value, list) else ["1"] if value is True else []
        return OptionInput(key, widget, label, said, chosen=chosen, options=offered.of(key) or (), **common)
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    attributes = {name: schema[limit] for limit, name in (("maxLength", "maxlength"),) if limit in schema}
    if widget == "number" and "default" in schema:
        attributes["placeholder"] = schema["default"]
    return OptionInput(key, widget, label, said, value=text, options=_options(key, schema, offered, words), attributes=attributes, **common)


def _widget(key: str, schema: Mapping[str, Any], offered: Offered) -> Widget:
    if "enum" in schema:
        return "select"
    if offered.of(key) is not None:
        return "many" if schema.get("type") == "array" else "select"
    if schema.get("type") == "boolean":
        return "tick" if "default" in schema else "select"
    if schema.get("type") in ("integer", "number") or "number" in schema.get("type", ()):
        return "number"
    if key.endswith("expression"):
        return "expression"
    return "text" if schema.get("maxLength", 0) > 500 else "line"


def _options(key: str, schema: Mapping[str, Any], offered: Offered, words: Words) -> Sequence[tuple[str, str]]:
    known = offered.of(key)
    if known is not None:
        return known
    if schema.get("type") == "boolean":
        return [(name, _VALUES[name].render(words)) for name in ("true", "false")]
    kinds = types()

    def called(name: str) -> str:
        found = kinds[name].title if name in kinds else _VALUES.get(name)
        return found.render(words) if found is not None else name

    return [(name, called(name)) for name in schema.get("enum", ())]


def _read(key: str, schema: Mapping[str, Any], form: Posted) -> Any:
    texts = form.getlist(key)
    text = (texts[-1] if texts else "").strip()
    kind = schema.get("type")
    if kind == "array":
        return [item for item in texts if item] or None
    if kind == "boolean":
        if "default" in schema:
            return text == "1"
        return {"true": True, "false": False}.get(text)
    if not text:
        return None
    if kind == "integer" and text.removeprefix("-").isdecimal() and len(text) < 20:
        return int(text)
    return text.replace("\r\n", "\n")


def is_computed(kind: FieldType) -> bool:
    """Does an expression say its values?"""
    return kind.name in COMPUTED
