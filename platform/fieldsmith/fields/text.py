"""Text types: one line, many lines, sanitised HTML. Other types take `plain_text` for their parts.

Rules of all text: NFC, trimmed, empty is blank, NUL and lone surrogates refused. E-mail, phone and web addresses: `contact`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any, ClassVar
from unicodedata import normalize

import nh3

from fieldsmith.base.text import _m
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields import option_schemas
from fieldsmith.fields.base import Column, Field, FieldType, Invalid, Json, Reader, Scope, Storage
from fieldsmith.fields.symbols import text_symbol

TEXT_OPERATORS: tuple[str, ...] = ("=", "<>", "<", "<=", ">", ">=", "in", "not in", "contains", "startswith", "endswith", "isblank")


def plain_text(raw: Any, part: str = "") -> str | None:
    """Raw → NFC, trimmed text; None when nothing remains. Throws `Invalid` for anything but text, NUL and lone surrogates."""
    if isinstance(raw, str):
        if raw.isprintable():  # the usual value: no control characters, no surrogates
            return (raw if raw.isascii() else normalize("NFC", raw)).strip() or None
        return normalize("NFC", whole_text(raw, part)).strip() or None
    if raw is None:
        return None
    raise Invalid("not_text", _m("This is not text."), _m("Write it between quotation marks."), part)


def limited(raw: Any, limit: int, part: str = "") -> str | None:
    """`plain_text` of at most `limit` characters."""
    text = plain_text(raw, part)
    if text is not None and len(text) > limit:
        raise too_long(len(text), limit, part)
    return text


def too_long(length: int, limit: int, part: str = "") -> Invalid:
    message = _m("This text has {length} characters, but at most {limit} fit.", length=length, limit=limit)
    return Invalid("too_long", message, _m("Shorten the text."), part)


def whole_text(raw: str, part: str = "") -> str:
    """`raw` unchanged; throws `Invalid` for NUL and lone surrogates, which no database or encoding can hold."""
    if "\0" in raw:
        raise Invalid("nul", _m("The text contains a NUL character."), _m("Remove it; it cannot be seen or stored."), part)
    try:
        raw.encode()
    except UnicodeEncodeError as error:
        message = _m("The text contains half a character at position {position}.", position=error.start + 1)
        raise Invalid("surrogate", message, _m("Write the character again; it was cut in two."), part) from None
    return raw


class TextType(FieldType):
    name = "text"
    title = _m("Text")
    help = _m("One line of text.")
    widget = "text"
    option_properties: ClassVar[Mapping[str, Json]] = {"max_length": option_schemas.max_length(255, 4000)}
    operators = TEXT_OPERATORS
    folds = True
    searchable = True
    can_be_unique = True
    can_be_name = True

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.TEXT),)

    def symbol(self, field: Field) -> Symbol:
        return text_symbol(field, self.limit(field))

    def limit(self, field: Field) -> int:
        """Most characters a value may have."""
        return int(field.options.get("max_length", 255))

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        limit = self.limit(field)

        def coerce(raw: Any) -> str | None:
            text = raw.strip() or None if type(raw) is str and raw.isascii() and raw.isprintable() else plain_text(raw)
            if text is not None and len(text) > limit:
                raise too_long(len(text), limit)
            return text

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {"type": ["string", "null"], "maxLength": self.limit(field), "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return "Acme"[: self.limit(field)]


class LongTextType(TextType):
    name = "long_text"
    title = _m("Long text")
    help = _m("Text of several lines.")
    widget = "textarea"
    option_properties: ClassVar[Mapping[str, Json]] = {
        "max_length": option_schemas.max_length(32_000, 1_000_000),
        "rows": {"type": "integer", "minimum": 2, "maximum": 40, "default": 4, "description": "Height of the input in lines (default 4)."},
    }
    operators = ("contains", "startswith", "endswith", "isblank")
    sortable = False
    folds = False
    can_be_unique = False
    can_be_name = False

    def limit(self, field: Field) -> int:
        return int(field.options.get("max_length", 32_000))

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        """Line ends become LF: browsers send CRLF, and a form saved unchanged must change nothing."""
        limit = self.limit(field)

        def coerce(raw: Any) -> str | None:
            text = plain_text(raw)
            if text is None:
                return None
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            if len(text) > limit:
                raise too_long(len(text), limit)
            return text

        return coerce


_BREAKING = frozenset({"blockquote", "br", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "table", "td", "th", "tr", "ul"})
_RICH_TAGS = _BREAKING | {"a", "b", "code", "del", "em", "i", "s", "strong", "sub", "sup", "tbody", "thead", "u"}
_RICH_ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start"}}
_RICH_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_ENOUGH = 5


_BLANK_START = re.compile(r"\A[\s\ufeff]+")  # the parser would drop one byte order mark per saving


def sanitised(html: str) -> str:
    """`html` with only what the allow-list names: no scripts, forms, images, style, ids, classes, `hx-*` or `on*`.

    What is taken out may let the rest be read otherwise, so it is cleaned until nothing changes; what never settles is text.
    """
    for _ in range(_ENOUGH):
        cleaned = nh3.clean(html, tags=set(_RICH_TAGS), attributes=_RICH_ATTRIBUTES, url_schemes=set(_RICH_SCHEMES), link_rel="noopener noreferrer")
        if cleaned == html:
            return cleaned
        html = cleaned
    return nh3.clean_text(text_of(html))


class RichTextType(LongTextType):
    """Canonical values are sanitised HTML: templates may show them unescaped."""

    name = "rich_text"
    title = _m("Rich text")
    help = _m("Text with headings, lists, links and emphasis, kept as safe HTML.")
    widget = "rich_text"
    option_properties: ClassVar[Mapping[str, Json]] = {"max_length": option_schemas.max_length(100_000, 1_000_000)}

    def columns(self, field: Field) -> tuple[Column, ...]:
        """The plain text stands beside the HTML, because that is what expressions compare."""
        return (Column("", Storage.TEXT), Column("plain", Storage.TEXT))

    def symbol(self, field: Field) -> Symbol:
        return text_symbol(field, self.limit(field), column="plain", read=_plain)

    def packer(self, field: Field) -> Callable[[Any], tuple[Any, ...]]:
        return lambda value: (None, None) if value is None else (value, _plain(value))

    def limit(self, field: Field) -> int:
        return int(field.options.get("max_length", 100_000))

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        """The limit is checked before and after cleaning, which escapes and so may lengthen."""
        plain = super().coercer(field, scope)
        limit = self.limit(field)

        def coerce(raw: Any) -> str | None:
            html = plain(raw)
            if html is None:
                return None
            html = sanitised(_BLANK_START.sub("", html)).strip()
            if not text_of(html) and "<hr" not in html:
                return None
            if len(html) > limit:
                raise too_long(len(html), limit)
            return html

        return coerce

    def example(self, field: Field, scope: Scope) -> Json:
        return "<p>Likes <strong>tea</strong>.</p>"

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return text_of

    def search_text(self, value: Any) -> str:
        return text_of(value)


class _TextOf(HTMLParser):
    """Collects the text of HTML, a space where a block or line ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKING:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKING:
            self.pieces.append(" ")


def text_of(html: str) -> str:
    """The text of sanitised HTML, white space collapsed."""
    parser = _TextOf()
    parser.feed(html)
    parser.close()
    return " ".join("".join(parser.pieces).split())


def _plain(html: str) -> str | None:
    """The text of HTML that may be a mere line across."""
    return text_of(html) or None
