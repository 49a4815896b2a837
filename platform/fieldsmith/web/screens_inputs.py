"""Inputs: canonical values ↔ the texts of a form's inputs, one codec per widget.

`show` gives the texts of the parts of one value ("" is the main part, others are posted as `field.part`); `read` turns what was
posted back into the raw JSON-like value the records service coerces. Whatever cannot be read is passed on as typed, so that the
type's own coercer says what is wrong. Used by `web.forms` only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from fieldsmith.base.text import _m
from fieldsmith.fields.base import Field, Invalid, Json, Reader

Texts = Mapping[str, str | tuple[str, ...]]
"""Part → text; several texts where an input holds several values."""

_PERSON = ("salutation", "first", "middle", "last")
_ADDRESS = ("street", "city", "state", "postal_code", "country")
_POINT = ("latitude", "longitude")
_CLOCK = re.compile(r"(\d{1,6}):([0-5]\d)(?::([0-5]\d))?").fullmatch


@dataclass(frozen=True, slots=True)
class Codec:
    """How one widget's texts are made and read. `parts` are the names posted; `many` says the main part repeats."""

    show: Callable[[Any, Reader], Texts]
    read: Callable[[Texts, Field, Reader], Json]
    parts: tuple[str, ...] = ("",)
    many: bool = False


def codec(widget: str) -> Codec:
    """The codec of `widget`; a widget without its own is one line of text."""
    return CODECS.get(widget, _PLAIN)


def _text(texts: Texts, part: str = "") -> str:
    found = texts.get(part, "")
    return found if isinstance(found, str) else (found[-1] if found else "")


def _several(texts: Texts) -> list[str]:
    found = texts.get("", ())
    return [item for item in ((found,) if isinstance(found, str) else found) if item]


def _show_plain(value: Any, reader: Reader) -> Texts:
    return {"": str(value)}


def _read_plain(texts: Texts, field: Field, reader: Reader) -> Json:
    return _text(texts)


def _show_number(value: Any, reader: Reader) -> Texts:
    return {"": format(value, "f") if not isinstance(value, int) else str(value)}


def ungrouped(text: str, locale: str) -> str:
    """A number as the reader's locale writes it (`1.234,50`) in plain form (`1234.50`); anything else unchanged."""
    symbols = Locale.parse(locale).number_symbols["latn"]
    group, point = symbols["group"], symbols["decimal"]
    text = text.strip()
    spaced = text.replace("\u00a0", " ").replace("\u202f", " ")
    group = group.replace("\u00a0", " ").replace("\u202f", " ")
    grouped = re.fullmatch(rf"[-+]?\d{{1,3}}(?:{re.escape(group)}\d{{2,3}})+(?:{re.escape(point)}\d*)?", spaced)
    if grouped:
        return spaced.replace(group, "").replace(point, ".")
    if point != "." and re.fullmatch(rf"[-+]?\d+{re.escape(point)}\d*", spaced):
        return spaced.replace(point, ".")
    return text


def _read_number(texts: Texts, field: Field, reader: Reader) -> Json:
    return ungrouped(_text(texts), reader.locale)


def _show_money(value: Any, reader: Reader) -> Texts:
    return {"": format(value.amount, "f"), "currency": value.currency}


def _read_money(texts: Texts, field: Field, reader: Reader) -> Json:
    amount = ungrouped(_text(texts), reader.locale)
    if not amount:
        return None
    currency = _text(texts, "currency").strip()
    return {"amount": amount, "currency": currency} if currency else amount


def _show_checkbox(value: Any, reader: Reader) -> Texts:
    return {"": "1" if value else ""}


def _read_checkbox(texts: Texts, field: Field, reader: Reader) -> Json:
    return _text(texts) == "1"


def _show_date(value: Any, reader: Reader) -> Texts:
    return {"": value.isoformat()}


def _show_datetime(value: datetime, reader: Reader) -> Texts:
    local = value.replace(tzinfo=UTC).astimezone(ZoneInfo(reader.timezone))
    return {"": local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")}


def _read_datetime(texts: Texts, field: Field, reader: Reader) -> Json:
    text = _text(texts).strip()
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return text
    if local.tzinfo is None:
        local = local.replace(tzinfo=ZoneInfo(reader.timezone))
    try:
        return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if local.year > 999 else text
    except OverflowError:
        return text


def _show_time(value: time, reader: Reader) -> Texts:
    return {"": value.strftime("%H:%M:%S" if value.second else "%H:%M")}


def _show_duration(value: int, reader: Reader) -> Texts:
    hours, rest = divmod(abs(value), 3600)
    minutes, seconds = divmod(rest, 60)
    sign = "-" if value < 0 else ""
    return {"": f"{sign}{hours}:{minutes:02}:{seconds:02}" if seconds else f"{sign}{hours}:{minutes:02}"}


def _read_duration(texts: Texts, field: Field, reader: Reader) -> Json:
    text = _text(texts).strip()
    found = _CLOCK(text.removeprefix("-"))
    if not found:
        return text
    seconds = int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
    return -seconds if text.startswith("-") else seconds


def _show_many(value: Sequence[Any], reader: Reader) -> Texts:
    return {"": tuple(str(item) for item in value)}


def _read_many(texts: Texts, field: Field, reader: Reader) -> Json:
    return _several(texts)


def _number_or_text(text: str) -> Json:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text


def _show_lookup(value: Any, reader: Reader) -> Texts:
    return {"": str(value.id)}


def _read_lookup(texts: Texts, field: Field, reader: Reader) -> Json:
    return _number_or_text((_text(texts, "typed") or _text(texts)).strip().removeprefix("#")) or None


def _show_polymorphic(value: Any, reader: Reader) -> Texts:
    return {"": f"{value.entity or ''}:{value.id}"}


def _read_polymorphic(texts: Texts, field: Field, reader: Reader) -> Json:
    text = (_text(texts, "typed") or _text(texts)).strip()
    entity, colon, number = text.partition(":")
    return {"entity": entity.strip(), "id": _number_or_text(number.strip())} if colon else (text or None)


def _show_links(value: Sequence[Any], reader: Reader) -> Texts:
    return {"": tuple(str(item.id) for item in value)}


def _read_links(texts: Texts, field: Field, reader: Reader) -> Json:
    typed = [item.strip() for item in _text(texts, "typed").split(",") if item.strip()]
    return [_number_or_text(item) for item in [*_several(texts), *typed]]


def _composite(parts: tuple[str, ...]) -> Codec:
    def show(value: Any, reader: Reader) -> Texts:
        return {part: "" if getattr(value, part) is None else str(getattr(value, part)) for part in parts}

    def read(texts: Texts, field: Field, reader: Reader) -> Json:
        found = {part: _text(texts, part).strip() or None for part in parts}
        return found if any(found.values()) else None

    return Codec(show, read, parts)


def _show_json(value: Any, reader: Reader) -> Texts:
    return {"": json.dumps(json.loads(value), ensure_ascii=False, indent=2)}


def _read_json(texts: Texts, field: Field, reader: Reader) -> Json:
    text = _text(texts).strip()
    if not text:
        return None
    try:
        return json.loads(text, parse_constant=_not_json)
    except (ValueError, RecursionError):
        raise Invalid("json", _m("This is not readable JSON."), _m("Check quotes, commas and brackets; for example {example}", example='{"size": 3}')) from None


def _not_json(name: str) -> None:
    raise ValueError(name)


def _show_file(value: Any, reader: Reader) -> Texts:
    return {"": str(value.id)}


def _read_file(texts: Texts, field: Field, reader: Reader) -> Json:
    return _number_or_text(_text(texts).strip()) or None


_PLAIN = Codec(_show_plain, _read_plain)

CODECS: Mapping[str, Codec] = MappingProxyType(
    {
        "text": _PLAIN,
        "number": Codec(_show_number, _read_number),
        "money": Codec(_show_money, _read_money, ("", "currency")),
        "checkbox": Codec(_show_checkbox, _read_checkbox),
        "date": Codec(_show_date, _read_plain),
        "datetime": Codec(_show_datetime, _read_datetime),
        "time": Codec(_show_time, _read_plain),
        "duration": Codec(_show_duration, _read_duration),
        "multi_select": Codec(_show_many, _read_many, many=True),
        "lookup": Codec(_show_lookup, _read_lookup, ("", "typed")),
        "polymorphic": Codec(_show_polymorphic, _read_polymorphic, ("", "typed")),
        "many_to_many": Codec(_show_links, _read_links, ("", "typed"), many=True),
        "person_name": _composite(_PERSON),
        "address": _composite(_ADDRESS),
        "geolocation": _composite(_POINT),
        "json": Codec(_show_json, _read_json),
        "file": Codec(_show_file, _read_file),
        "image": Codec(_show_file, _read_file),
        "rating": Codec(_show_number, _read_plain),
    }
)
