"""`Names`: the hidden, stable uid and the physical name of every entity, field and index.

Paths are `entity/opportunity`, `entity/opportunity/fields/amount`, `entity/opportunity/indexes/by_stage`. A physical name is
given once and never changed; a uid is never given twice. `db` stores the entries, `meta.build` asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

NameKind = Literal["table", "column", "link", "index"]
FIRST_UID = 36
MAX_BYTES = 63
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Name(NamedTuple):
    uid: int
    physical: str


class Names:
    """Immutable. `last_uid` counts retired names too, so that none of their uids comes back; `retired` are paths with the revision they left in."""

    __slots__ = ("entries", "last_uid", "retired")

    def __init__(self, entries: Mapping[str, Name] | None = None, last_uid: int = FIRST_UID - 1, retired: Mapping[str, int] | None = None) -> None:
        self.retired: Mapping[str, int] = retired or {}
        self.entries: Mapping[str, Name] = dict(entries or {})
        self.last_uid = max(last_uid, FIRST_UID - 1, *(name.uid for name in self.entries.values()), 0)

    def __getitem__(self, path: str) -> Name:
        return self.entries[path]

    def __contains__(self, path: object) -> bool:
        return path in self.entries

    def extended(self, wanted: Iterable[tuple[str, NameKind]]) -> Names:
        """With a new uid and physical name for every path not known yet, in the order given; `self` when all are known."""
        missing = [(path, kind) for path, kind in wanted if path not in self.entries]
        if not missing:
            return self
        entries = dict(self.entries)
        uid = self.last_uid
        for path, kind in missing:
            if path not in entries:
                uid += 1
                entries[path] = Name(uid, physical_name(path, kind, uid))
        return Names(entries, uid, self.retired)

    def over(self, older: Mapping[str, Name]) -> Names:
        """With the entries of `older` for paths that have none."""
        return Names({**older, **self.entries}, self.last_uid, self.retired)

    def moved(self, renames: Iterable[tuple[str, str]]) -> Names:
        """With every path at or below the first of each pair put at the second, one rename after the other."""
        entries = dict(self.entries)
        for old, new in renames:
            below = [path for path in entries if path == old or path.startswith(f"{old}/")]
            entries |= {new + path[len(old) :]: entries.pop(path) for path in below}
        return Names(entries, self.last_uid, self.retired)

    def only(self, entries: Mapping[str, Name]) -> Names:
        """`entries` alone, with all that were ever given counted."""
        return Names(entries, self.last_uid, self.retired)


def physical_name(path: str, kind: NameKind, uid: int) -> str:
    """At most 63 bytes with the longest part (`__salutation`, `__fold`) appended; the uid keeps cut names apart."""
    parts = path.split("/")
    digits = base36(uid)
    if kind == "index":
        return f"ix_{digits}"
    if kind == "table":
        return f"e_{parts[1]}_{digits}"
    if kind == "link":
        return f"l_{parts[1][:24]}_{parts[3][:24]}_{digits}"
    return f"{parts[3][:40]}_{digits}"


def base36(number: int) -> str:
    out = ""
    while number:
        number, digit = divmod(number, 36)
        out = _DIGITS[digit] + out
    return out or "0"
