"""The seal of a package folder: `package.sum`, a SHA-256 of every file as `sha256sum` writes it. Who changes a file breaks it.

Folders without one are taken as they are: they are somebody's sources.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from fieldsmith.base.text import Message, _m

SEAL = "package.sum"
_LINE = re.compile(r"([0-9a-f]{64})  (.{1,300})").fullmatch


def seal_text(texts: Mapping[str, str]) -> str:
    """What `package.sum` says of these files, by their paths inside the folder."""
    return "".join(f"{digest(texts[path])}  {path}\n" for path in sorted(texts))


def digest(text: str) -> str:
    """Git may hand out files with other line ends: those count as the same."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()


def breaches(seal: str, texts: Mapping[str, str]) -> Iterator[tuple[str, Message, str]]:
    """Code, sentence and file of everything that is not as it was sealed."""
    said: dict[str, str] = {}
    for number, line in enumerate(seal.splitlines(), 1):
        found = _LINE(line)
        if found is None:
            yield "bad_seal", _m("Line {number} is not a checksum and a file name.", number=number), SEAL
            return
        said[found[2]] = found[1]
    for path in sorted({*said, *texts}):
        if path not in texts:
            yield "seal_broken", _m("This file is missing, but the package was sealed with it."), path[:300]
        elif path not in said:
            yield "seal_broken", _m("This file was not there when the package was sealed."), path
        elif digest(texts[path]) != said[path]:
            yield "seal_broken", _m("This file was changed after the package was sealed."), path
