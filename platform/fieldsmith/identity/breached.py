"""The shipped list of passwords known from breaches, as hashes: `breached.bin`, beside this file. Asked by `identity.strength`.

The file is the sorted first `WIDTH` bytes of the SHA-256 of each password, NFKC and with letters folded: no password can be read from it, and of ten
million others one is taken for a listed one. Which list it was made of, and how to make it of another: docs/build_breached.py.
"""

from __future__ import annotations

import hashlib
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property
from importlib.resources import files

WIDTH = 5
SHORTEST = 10  # shorter ones are refused for their length


class Breached:
    """Reads the file (some half a megabyte) at the first question; then each takes a few microseconds."""

    def __contains__(self, password: str) -> bool:
        """Is `password` listed, in whatever capitals?"""
        data, sought = self._data, hashed(password)
        at = bisect_left(range(len(self)), sought, key=lambda number: data[number * WIDTH : (number + 1) * WIDTH])
        return data[at * WIDTH : (at + 1) * WIDTH] == sought

    def __len__(self) -> int:
        return len(self._data) // WIDTH

    @cached_property
    def _data(self) -> bytes:
        return (files("fieldsmith.identity") / "breached.bin").read_bytes()


def packed(passwords: Iterable[str]) -> bytes:
    """The content of the file for `passwords`."""
    return b"".join(sorted({hashed(word) for word in passwords if len(_folded(word)) >= SHORTEST}))


def hashed(password: str) -> bytes:
    return hashlib.sha256(_folded(password).encode("utf-8", "surrogatepass")).digest()[:WIDTH]


def _folded(password: str) -> str:
    return unicodedata.normalize("NFKC", password).casefold()
