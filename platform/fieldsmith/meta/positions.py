"""Where in a JSON text a pointer lies. Asked only when a problem is reported: reading a sound text never scans it.

`meta.documents` uses it for texts it refuses, `meta.compile` for problems found later in documents that kept their text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fieldsmith.meta.members import index_of

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.S)
Step = str | int


@dataclass(slots=True)
class _Frame:
    path: tuple[Step, ...]
    is_object: bool
    keys: set[str] = field(default_factory=set)
    key: str | None = None
    index: int = 0

    @property
    def value_path(self) -> tuple[Step, ...]:
        return (*self.path, self.key if self.is_object and self.key is not None else self.index)


@dataclass(slots=True)
class Scan:
    """Offsets by path (object keys, list indexes), and the first fault of each kind a parser cannot place itself."""

    spots: dict[tuple[Step, ...], int] = field(default_factory=dict)
    duplicate: int | None = None
    too_deep: int | None = None


def scan(text: str, max_depth: int) -> Scan:
    """Walk the tokens of `text`; stops where it nests deeper than `max_depth` or is not JSON."""
    out = Scan()
    stack: list[_Frame] = []
    for match in _TOKEN.finditer(text):
        token, offset = match[0], match.start()
        top = stack[-1] if stack else None
        if token in "}]":
            if top is None:
                break
            stack.pop()
        elif token == ",":
            if top is not None:
                top.key, top.index = None, top.index + 1
        elif token != ":":
            if top is not None and top.is_object and top.key is None:
                _enter_key(out, top, token, offset)
                continue
            path = top.value_path if top is not None else ()
            if top is None or not top.is_object:
                out.spots[path] = offset
            if token in "{[":
                stack.append(_Frame(path, token == "{"))
                if len(stack) > max_depth:
                    out.too_deep = offset
                    break
    return out


def _enter_key(out: Scan, frame: _Frame, token: str, offset: int) -> None:
    frame.key = json.loads(token) if token.startswith('"') else token
    if frame.key in frame.keys and out.duplicate is None:
        out.duplicate = offset
    frame.keys.add(str(frame.key))
    out.spots.setdefault((*frame.path, str(frame.key)), offset)


def first_token(text: str, wanted: Callable[[str], bool]) -> int:
    """The offset of the first token `wanted` accepts, 0 when none."""
    return next((match.start() for match in _TOKEN.finditer(text) if wanted(match[0])), 0)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both counted from 1, the column in code points."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def locate(text: str, body: Any, pointer: str) -> tuple[int, int]:
    """Line and column of `pointer` (list members by name) or of the nearest part of it that `text` has."""
    spots = scan(text, 64).spots
    path: list[Step] = []
    offset = spots.get((), 0)
    here = body
    for raw in pointer.split("/")[1:]:
        part = raw.replace("~1", "/").replace("~0", "~")
        step: Step | None = index_of(here, part) if isinstance(here, list) else part
        if step is None or not isinstance(here, (list, dict)):
            break
        path.append(step)
        found = spots.get(tuple(path))
        if found is None:
            break
        offset = found
        here = here[step]  # type: ignore[index]
    return line_and_column(text, offset)
