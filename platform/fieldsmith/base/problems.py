"""`Problem`: one thing a person can put right, in the one shape of the contract.

Whoever validates collects problems and raises `errors.BadInput` once, so a person sees all of them together.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from fieldsmith.base.text import ENGLISH, Message, Words, _m


@dataclass(frozen=True, slots=True)
class Problem:
    """`pointer` is a JSON pointer whose list members go by name (`/fields/amount/label`); "" is the whole."""

    code: str
    message: Message
    pointer: str = ""
    hint: Message | None = None
    document: str | None = None
    line: int | None = None
    column: int | None = None

    def to_json(self, words: Words = ENGLISH) -> dict[str, Any]:
        """The shape every API answer, check and `--json` output uses; absent parts are left out."""
        out: dict[str, Any] = {"code": self.code}
        if self.document is not None:
            out["document"] = self.document
        out["pointer"] = self.pointer
        if self.line is not None:
            out["line"] = self.line
        if self.column is not None:
            out["column"] = self.column
        out["message"] = self.message.render(words)
        if self.hint is not None:
            out["hint"] = self.hint.render(words)
        return out

    def under(self, prefix: str) -> Problem:
        """The same problem seen from further out: its pointer prefixed."""
        return replace(self, pointer=prefix + self.pointer)

    def __str__(self) -> str:
        where = " ".join(part for part in (self.document, self.pointer) if part)
        hint = f" {self.hint}" if self.hint else ""
        return f"{where}: {self.message}{hint}" if where else f"{self.message}{hint}"


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901) of `parts`: `pointer("fields", "a/b")` is `/fields/a~1b`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


_MEANT = _m("Did you mean “{name}”?")


def did_you_mean(name: str, known: Iterable[str]) -> Message | None:
    """The cure for a misspelt name, or None when nothing known is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return Message(_MEANT.id, {"name": near[0]}) if near else None


def meant(hint: Message | None) -> str | None:
    """The name that a hint of `did_you_mean` offers; None for other hints."""
    return str(hint.params["name"]) if hint is not None and hint.id == _MEANT.id else None
