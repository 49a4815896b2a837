"""Names that are no longer: renamed or retired. Whoever still uses one is told so, instead of “did you mean”."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fieldsmith.base.problems import did_you_mean
from fieldsmith.base.text import Message, _m

Body = Mapping[str, Any]


class Former(NamedTuple):
    """`now` is the name a renamed thing has today, "" for a retired one."""

    now: str
    hint: Message


def former_names(items: Iterable[Body], prefix: str, retired: Mapping[str, int]) -> dict[str, Former]:
    """By old name, of `items` that say what they were and of what `retired` (path → revision) has directly below `prefix`."""
    present = {item["name"] for item in items}
    out = {name: Former("", _m("It was retired in revision {number}.", number=number)) for name, number in _below(prefix, retired)}
    for item in items:
        for old in item.get("was", ()):
            out[old] = Former(item["name"], _m("It was renamed to “{name}”.", name=item["name"]))
    return {name: found for name, found in out.items() if name not in present}


def hint_for(name: str, known: Iterable[str], former: Mapping[str, Former]) -> Message | None:
    """What became of `name`, else what may have been meant; nothing of names that are not `known` to the reader."""
    names = list(known)
    found = former.get(name)
    if found is not None and (not found.now or found.now in names):
        return found.hint
    return did_you_mean(name, names)


def _below(prefix: str, retired: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    for path, number in retired.items():
        rest = path.removeprefix(prefix)
        if rest != path and "/" not in rest:
            yield rest, number
