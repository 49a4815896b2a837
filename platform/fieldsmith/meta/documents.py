"""Reading documents: strict JSON text → object, and `SourceDocument`, one document of one layer.

Everything that reads JSON a person wrote comes through `read_json` (package files, import maps, request bodies).
Not for values the program itself stored: those are trusted.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.positions import first_token, line_and_column, scan

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 40
KINDS = ("package", "entity", "choices", "layout", "view", "rule", "record_type", "tab", "app", "role", "sharing_rule", "company", "translation", "import_map")
OWNED_KINDS = frozenset({"layout", "view", "rule", "record_type", "sharing_rule"})  # named `entity.name`
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One document as a layer has it. `name` is the key (`opportunity`, `opportunity.default`), the same for a document that extends.

    `path` says where a person finds it (`crm/entity/opportunity.json`); `origin` is the provenance shown to people;
    `text` is kept only for documents just read, so that problems can name line and column.
    """

    kind: str
    name: str
    body: Mapping[str, Any]
    path: str
    origin: str = ""
    text: str | None = field(default=None, compare=False, repr=False)

    @property
    def extends(self) -> bool:
        return "extends" in self.body


def document_name(kind: str, body: Mapping[str, Any]) -> str | None:
    """The key of a document by what its body says, None when it does not say."""
    extended = body.get("extends")
    if extended is not None:
        return extended if isinstance(extended, str) else None
    name, entity = body.get("name"), body.get("entity")
    if not isinstance(name, str):
        return None
    if kind in OWNED_KINDS:
        return f"{entity}.{name}" if isinstance(entity, str) else None
    return name


class _Refused(Exception):
    """Thrown inside the parser's hooks; `place` finds the offset in the text."""

    def __init__(self, code: str, message: Message, place: Callable[[str], int]) -> None:
        super().__init__(code)
        self.code, self.message, self.place = code, message, place


def read_json(source: bytes | str, document: str | None = None) -> Any:
    """The value `source` holds, or `BadInput` with one problem naming line and column.

    Refused: over 4 MB, nested deeper than 64, duplicate keys, NaN and Infinity, numbers no database holds, NUL and lone
    surrogates, text that is not UTF-8 (a byte order mark is skipped). Text is put into Unicode NFC.
    """
    text = _decode(source, document)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int)
    except json.JSONDecodeError as error:
        raise _bad("invalid_json", _m("This is not JSON: {reason}.", reason=error.msg), document, text, error.pos) from None
    except RecursionError:
        raise _too_deep(document, text) from None
    except _Refused as error:
        raise _bad(error.code, error.message, document, text, error.place(text)) from None
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth_over(value):
        raise _too_deep(document, text)
    match = _SUSPECT.search(text)
    if match and _has_bad_text(value):
        raise _bad("bad_character", _m("Text may not hold NUL or half of a surrogate pair."), document, text, match.start())
    return value


def read_object(source: bytes | str, document: str | None = None) -> dict[str, Any]:
    """As `read_json`, for texts that must hold one object."""
    value = read_json(source, document)
    if not isinstance(value, dict):
        raise BadInput([Problem("not_an_object", _m("A document must be one JSON object."), document=document, line=1, column=1)])
    return value


def _decode(source: bytes | str, document: str | None) -> str:
    if len(source) > MAX_BYTES:
        raise BadInput([Problem("too_large", _m("A document may have at most {limit} MB.", limit=MAX_BYTES // 1024 // 1024), document=document)])
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source
        text.encode()
    except UnicodeError:
        raise BadInput([Problem("not_utf8", _m("This is not UTF-8 text. Save the file as UTF-8."), document=document)]) from None
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen: set[str] = set()
        name = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused("duplicate_key", _m("The key “{name}” occurs twice. Keep one.", name=name[:100]), lambda text: scan(text, MAX_DEPTH).duplicate or 0)
    return out


def _constant(token: str) -> Any:
    raise _Refused("not_a_number", _m("{token} is not a number JSON knows.", token=token), lambda text: first_token(text, lambda found: found == token))


def _float(token: str) -> float:
    value = float(token)
    if math.isinf(value) or len(token) > MAX_DIGITS:
        raise _number_too_large(token)
    return value


def _int(token: str) -> int:
    if len(token) > MAX_DIGITS:
        raise _number_too_large(token)
    return int(token)


def _number_too_large(token: str) -> _Refused:
    message = _m("The number {token} is too long.", token=token[:MAX_DIGITS])
    return _Refused("number_too_large", message, lambda text: first_token(text, lambda found: found == token))


def _too_deep(document: str | None, text: str) -> BadInput:
    message = _m("JSON may be nested at most {limit} levels deep.", limit=MAX_DEPTH)
    return _bad("too_deep", message, document, text, scan(text, MAX_DEPTH).too_deep or 0)


def _bad(code: str, message: Message, document: str | None, text: str, offset: int) -> BadInput:
    line, column = line_and_column(text, offset)
    return BadInput([Problem(code, message, document=document, line=line, column=column)])


def _depth_over(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for item in level if isinstance(item, (dict, list)) for child in (item.values() if isinstance(item, dict) else item)]
    return any(isinstance(item, (dict, list)) for item in level)


def _has_bad_text(value: Any) -> bool:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending += [*item, *item.values()]
        elif isinstance(item, list):
            pending += item
        elif isinstance(item, str) and ("\0" in item or any("\ud800" <= char <= "\udfff" for char in item)):
            return True
    return False
