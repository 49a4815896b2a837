"""Cells: canonical values → safe HTML, as closures made once per revision, language and time zone.

The list renderer and the record page ask `cell` once per column and keep the closure; a request only calls closures. Text is
always escaped here, so what `cell` returns may be joined into a page as it is. Not for form inputs: those are `web.forms`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import nh3
from markupsafe import escape

from fieldsmith.base.text import Words, _m
from fieldsmith.fields.base import Field, Reader, Scope
from fieldsmith.fields.computed import shown_as
from fieldsmith.fields.text import sanitised
from fieldsmith.meta.model import ChoiceList, Model

Cell = Callable[[Any], str]
"""A non-blank canonical value → HTML; lookups come as (id, label)."""

TINTS = frozenset({"blue", "azure", "indigo", "purple", "pink", "red", "orange", "yellow", "lime", "green", "teal", "cyan", "grey"})
REMEMBERED = 512
"""Formatted values kept per column: dates, amounts and choices repeat, and formatting costs a hundred times a look-up."""

RECORD_PATH = "\x00path\x00"
"""Stands in kept HTML where the path of the record on the page goes."""

RISKY = re.compile("[&<>\"']").search
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}").fullmatch


@dataclass(frozen=True, slots=True)
class Paint:
    """Who reads, and the model the values belong to. `full` shows whole texts (record page), else one line (list)."""

    model: Model
    scope: Scope
    reader: Reader
    words: Words
    full: bool = False


def safe(text: str) -> str:
    """`text` escaped for HTML; plain text (nearly all of it) is returned as it is."""
    return str(escape(text)) if RISKY(text) else text


def remembered(show: Cell) -> Cell:
    """`show` with a bounded memory of its answers; for values that repeat and are hashable."""
    known: dict[Any, str] = {}

    def cell(value: Any) -> str:
        found = known.get(value)
        if found is None:
            if len(known) >= REMEMBERED:
                known.clear()
            found = known[value] = show(value)
        return found

    return cell


def cell(paint: Paint, field: Field) -> Cell:
    """The closure that shows values of `field` to this reader."""
    if field.name == "id" and field.system:
        return str
    return _MAKERS.get(shown_as(field), _displayed)(paint, field)


def badge(label: str, colour: str | None) -> str:
    """A soft tinted badge; colours outside the palette are grey."""
    return f'<span class="tint tint-{colour if colour in TINTS else "grey"}">{safe(label)}</span>'


def link(entity: str, record: int, label: str | None) -> str:
    """A link to a record, or its number without a link when its label is not the reader's to see."""
    if label is None:
        return f'<span class="faint">#{record}</span>'
    return f'<a href="/{entity}/{record}">{safe(label)}</a>'


def _displayed(paint: Paint, field: Field) -> Cell:
    show = paint.model.type_of(field).displayer(field, paint.scope, paint.reader)
    return lambda value: safe(show(value))


def _formatted(paint: Paint, field: Field) -> Cell:
    return remembered(_displayed(paint, field))


def _text(paint: Paint, field: Field) -> Cell:
    return safe


def _long_text(paint: Paint, field: Field) -> Cell:
    if paint.full:
        return lambda value: f'<div class="lines-kept">{safe(value)}</div>'
    return lambda value: safe(_one_line(value))


def _rich_text(paint: Paint, field: Field) -> Cell:
    if paint.full:
        return lambda value: f'<div class="rich">{sanitised(value)}</div>'  # again: it may have been stored by an older version, or past us
    return lambda value: safe(_one_line(_HTML_ENTITIES.sub(_entity, nh3.clean(value, tags=set()))))


def _one_line(text: str, most: int = 120) -> str:
    line = " ".join(text[: most * 2].split())
    return line if len(line) <= most else line[:most] + "…"


_HTML_ENTITIES = re.compile("&(amp|lt|gt|quot|nbsp);")
_ENTITY: Mapping[str, str] = MappingProxyType({"amp": "&", "lt": "<", "gt": ">", "quot": '"', "nbsp": " "})


def _entity(found: re.Match[str]) -> str:
    return _ENTITY[found[1]]


def _email(paint: Paint, field: Field) -> Cell:
    return lambda value: f'<a href="mailto:{safe(value)}">{safe(value)}</a>'


def _phone(paint: Paint, field: Field) -> Cell:
    show = paint.model.type_of(field).displayer(field, paint.scope, paint.reader)
    return lambda value: f'<a href="tel:{safe(value)}">{safe(show(value))}</a>'


def _url(paint: Paint, field: Field) -> Cell:
    return lambda value: f'<a href="{safe(value)}" rel="noopener noreferrer nofollow" target="_blank">{safe(_address_shown(value))}</a>'


def _address_shown(url: str) -> str:
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


def _boolean(paint: Paint, field: Field) -> Cell:
    show = paint.model.type_of(field).displayer(field, paint.scope, paint.reader)
    yes, no = safe(show(True)), safe(show(False))
    return lambda value: yes if value else no


def _choice(paint: Paint, field: Field) -> Cell:
    badges = _badges(paint, field)
    return lambda value: badges.get(value) or badge(str(value), None)


def _multi_choice(paint: Paint, field: Field) -> Cell:
    one = _choice(paint, field)
    return lambda values: " ".join([one(value) for value in values])


def _badges(paint: Paint, field: Field) -> Mapping[str, str]:
    choices: ChoiceList = paint.model.choices[field.options["choices"]]
    return {value.name: badge(value.label.render(paint.words), value.colour) for value in choices.values.values()}


def _lookup(paint: Paint, field: Field) -> Cell:
    entity = field.options["to"]
    return lambda value: link(entity, value[0], value[1])


def _polymorphic(paint: Paint, field: Field) -> Cell:
    return lambda value: link(value.entity, value.id, value.label)


def _many_to_many(paint: Paint, field: Field) -> Cell:
    entity = field.options["to"]
    return lambda values: ", ".join([link(entity, item[0], item[1]) for item in values])


def _address(paint: Paint, field: Field) -> Cell:
    show = paint.model.type_of(field).displayer(field, paint.scope, paint.reader)
    if paint.full:
        return lambda value: f'<div class="lines-kept">{safe(show(value))}</div>'
    return lambda value: safe(_one_line(show(value).replace("\n", ", ")))


def _colour(paint: Paint, field: Field) -> Cell:
    def show(value: str) -> str:
        fill = value if _COLOUR(value) else "none"
        square = f'<svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" rx="3" fill="{fill}"/></svg>'
        return f'<span class="colour">{square} {safe(value)}</span>'

    return show


def _rating(paint: Paint, field: Field) -> Cell:
    most = int(field.options.get("max", 5))

    def show(value: int) -> str:
        said = safe(_m("{value} of {most}", value=value, most=most).render(paint.words))
        return f'<span class="rating" role="img" aria-label="{said}">{"★" * value}{"☆" * (most - value)}</span>'

    return remembered(show)


def _file(paint: Paint, field: Field) -> Cell:
    if paint.full:
        return lambda value: f'<a href="{RECORD_PATH}/files/{value.id}">{safe(value.name)}</a> <span class="faint">{_size(value.size)}</span>'
    return lambda value: safe(value.name)


def _size(size: int) -> str:
    return f"{size} B" if size < 1024 else f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


def _json(paint: Paint, field: Field) -> Cell:
    show = paint.model.type_of(field).displayer(field, paint.scope, paint.reader)
    if paint.full:
        return lambda value: f'<pre class="json">{safe(show(value))}</pre>'
    return lambda value: f"<code>{safe(_one_line(show(value)))}</code>"


_MAKERS: Mapping[str, Callable[[Paint, Field], Cell]] = MappingProxyType(
    {
        "text": _text,
        "long_text": _long_text,
        "rich_text": _rich_text,
        "email": _email,
        "phone": _phone,
        "url": _url,
        "integer": _formatted,
        "decimal": _formatted,
        "percent": _formatted,
        "currency": _formatted,
        "boolean": _boolean,
        "date": _formatted,
        "datetime": _formatted,
        "time": _formatted,
        "duration": _formatted,
        "choice": _choice,
        "multi_choice": _multi_choice,
        "lookup": _lookup,
        "polymorphic_lookup": _polymorphic,
        "many_to_many": _many_to_many,
        "address": _address,
        "colour": _colour,
        "rating": _rating,
        "json": _json,
        "file": _file,
        "image": _file,
        "auto_number": _text,
        "external_id": _text,
    }
)
"""How each type looks; any other (a plugin's) shows its displayer's plain text."""
