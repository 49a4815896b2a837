"""Person name: salutation and name parts, and the full name composed of them as its culture orders them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from fieldsmith.base.text import _m
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields.base import Column, Field, FieldType, Invalid, Json, Reader, Scope, Storage
from fieldsmith.fields.canonical_json import json_text
from fieldsmith.fields.composite import parts_of, read_object
from fieldsmith.fields.symbols import text_parts
from fieldsmith.fields.text import TEXT_OPERATORS, limited, plain_text
from fieldsmith.fields.values import PersonName

_LIMITS = {"salutation": 40, "first": 120, "middle": 120, "last": 120}
_EXAMPLE = '{"first": "Ana", "last": "Lopez"}'
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+\Z")
_TWO_CHARACTER_FAMILIES = frozenset(
    {"欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "司徒", "东方", "東方", "皇甫", "尉迟", "尉遲"}
    | {"公孙", "公孫", "令狐", "慕容", "夏侯", "端木", "长孙", "長孫", "宇文", "南宫", "南宮"}
)


def full_name(first: str | None, middle: str | None, last: str | None) -> str:
    """The parts in reading order: family name first and no spaces where the whole name is in Han characters."""
    given = [part for part in (first, middle) if part]
    if last and all(_HAN.match(part) for part in (last, *given)):
        return last + "".join(given)
    return " ".join([*given, last] if last else given)


def split_name(text: str) -> PersonName:
    """A name written in one piece, split so that composing it gives the same text (white space collapsed)."""
    words = text.split()
    if len(words) == 1 and 2 <= len(text) <= 6 and _HAN.match(text):
        family = 2 if len(text) > 2 and text[:2] in _TWO_CHARACTER_FAMILIES else 1
        return PersonName(text, None, text[family:], None, text[:family])
    if all(_HAN.match(word) for word in words):  # a space would not survive composing
        words = ["".join(words)]
    first = " ".join(words[:-1]) or None
    return PersonName(full_name(first, None, words[-1]), None, first, None, words[-1])


class PersonNameType(FieldType):
    """Written by parts, or as one text that is split; `full` is composed and, beside parts, ignored when written."""

    name = "person_name"
    title = _m("Person name")
    help = _m("A person's name in parts.")
    widget = "person_name"
    operators = TEXT_OPERATORS
    folds = True
    searchable = True
    can_be_name = True
    parts = ("salutation", "first", "middle", "last")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return tuple(Column(part, Storage.TEXT) for part in ("", *self.parts))

    def symbol(self, field: Field) -> Symbol:
        """By part; the composed name is the part `full`."""
        return text_parts(field, PersonName._fields, {"full": ""})

    def unpacker(self, field: Field) -> Callable[[Any], Any]:
        return lambda parts: None if parts[0] is None else PersonName(*parts)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        def coerce(raw: Any) -> PersonName | None:
            if type(raw) is PersonName:
                return raw
            if isinstance(raw, str):
                return _in_one_piece(raw, "")
            found = parts_of(raw, ("full", *self.parts), _EXAMPLE)
            return None if found is None else _composed(found)

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        shape: dict[str, Json] = {name: {"type": ["string", "null"], "maxLength": limit} for name, limit in _LIMITS.items()}
        shape["full"] = {"type": ["string", "null"], "description": "Composed of the parts; ignored when written beside them."}
        return {
            "type": ["object", "string", "null"],
            "properties": shape,
            "additionalProperties": False,
            "description": "An object when read; a name in one piece is accepted when written.",
            "examples": [self.example(field, scope)],
        }

    def example(self, field: Field, scope: Scope) -> Json:
        return {"full": "Ana Lopez", "salutation": None, "first": "Ana", "middle": None, "last": "Lopez"}

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return PersonName._asdict

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return lambda value: str(value[0])

    def search_text(self, value: Any) -> str:
        return str(value[0])

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        return read_object

    def export_text(self, field: Field) -> Callable[[Any], str]:
        """The full name where reading it gives the same parts, else a JSON object."""

        def write(value: PersonName) -> str:
            if split_name(value.full) == value:
                return value.full
            return json_text({key: part for key, part in value._asdict().items() if part is not None and key != "full"})

        return write


def _composed(found: Mapping[str, Any]) -> PersonName | None:
    salutation, first, middle, last = (limited(found.get(name), limit, name) for name, limit in _LIMITS.items())
    if first or middle or last:
        return PersonName(full_name(first, middle, last), salutation, first, middle, last)
    whole = _in_one_piece(found.get("full"), "full")
    if whole is not None:
        return whole._replace(salutation=salutation)
    if salutation:
        raise Invalid("part_missing", _m("A salutation alone is no name."), _m("Fill in the first or the last name."), "last")
    return None


def _in_one_piece(raw: Any, part: str) -> PersonName | None:
    text = plain_text(raw, part)
    if text is None:
        return None
    name = split_name(text)
    for value in (name.first, name.last):
        limited(value, 120, part)
    return name
