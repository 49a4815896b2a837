"""Auto-number: a text the platform counts up by a pattern such as `OPP-{YYYY}-{00000}`. Nobody may write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from fieldsmith.base.problems import did_you_mean
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Field, Json, Scope
from fieldsmith.fields.text import TextType

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_DATE_PARTS = ("YYYY", "YY", "MM", "DD")
_DEFAULT = "{00000}"


def format_number(pattern: str, number: int, day: date) -> str:
    """The text of the `number`th record, made on `day`: `OPP-{YYYY}-{00000}` → `OPP-2026-00042`; larger numbers get more digits."""
    parts = {"YYYY": f"{day.year:04}", "YY": f"{day.year % 100:02}", "MM": f"{day.month:02}", "DD": f"{day.day:02}"}

    def filled(found: re.Match[str]) -> str:
        key = found.group(1)
        return parts[key] if key in parts else f"{number:0{len(key)}}"

    return _PLACEHOLDER.sub(filled, pattern)


def pattern_of(field: Field) -> str:
    """The field's pattern, for `format_number`."""
    return str(field.options.get("pattern", _DEFAULT))


class AutoNumberType(TextType):
    """Its coercer reads text, so that records can be found by number; `writable` keeps people from setting it."""

    name = "auto_number"
    title = _m("Auto-number")
    help = _m("A number the platform gives to each new record.")
    widget = "text"
    option_properties: ClassVar[Mapping[str, Json]] = {
        "pattern": {
            "type": "string",
            "minLength": 1,
            "maxLength": 60,
            "default": _DEFAULT,
            "description": "How numbers look: {YYYY} {YY} {MM} {DD} stand for the day, {00000} for the number with at least so many digits.",
        },
    }
    writable = False
    always_unique = True

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {"type": ["string", "null"], "readOnly": True, "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return format_number(pattern_of(field), 42, date(2026, 11, 22))

    def option_problems(self, field: Field) -> tuple[tuple[str, Message, Message | None], ...]:
        pattern = pattern_of(field)
        keys = _PLACEHOLDER.findall(pattern)
        counters = [key for key in keys if key and not key.strip("0")]
        unknown = [key for key in keys if key not in _DATE_PARTS and key not in counters]
        rest = _PLACEHOLDER.sub("", pattern)
        if unknown:
            hint = did_you_mean(unknown[0], _DATE_PARTS) or _m("Use {names} and {counter}.", names="{YYYY} {YY} {MM} {DD}", counter="{00000}")
            return (("pattern", _m("“{part}” means nothing in a number's pattern.", part="{" + unknown[0] + "}"), hint),)
        if "{" in rest or "}" in rest:
            return (("pattern", _m("A brace is not closed or not opened in the pattern."), _m("Write placeholders like {example}.", example="{00000}")),)
        if len(counters) != 1 or len(counters[0]) > 18:
            hint = _m("Write {example} once, with as many zeros (at most 18) as digits are wanted.", example="{00000}")
            return (("pattern", _m("The pattern needs exactly one place for the number."), hint),)
        return ()
