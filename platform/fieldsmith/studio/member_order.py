"""Operations that make one list of a document hold other members in another order: as few as can be, on named members.

What a package put into the list is hidden and shown again, what the workspace put there is added and removed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import Any

from fieldsmith.base.problems import pointer

Said = dict[str, Any]


def operation(op: str, path: str, **more: Any) -> Said:
    return {"op": op, "path": path, **more}


def said_of_list(path: str, present: Sequence[str], wanted: Sequence[str], base: Sequence[str] | None, moved: str = "") -> list[Said]:
    """Operations from `present` to `wanted`. `base` are the members below the workspace's own layer, None where it made the document."""
    out: list[Said] = []
    here = list(present)
    for name in present:
        if name not in wanted:
            out.append(taken_off(path, name, base))
            here.remove(name)
    for at, name in enumerate(wanted):
        if name in here:
            continue
        after = wanted[at - 1] if at else None
        if base is not None and name in base:
            out.append(operation("remove", path + pointer(name)))  # it was hidden: back it comes, to its place in the base
            here.insert(_natural(name, here, base), name)
        else:
            out.append(operation("add", path + pointer(name), after=after))
            here.insert(0 if after is None else here.index(after) + 1, name)
    return [*out, *said_of_order(path, here, wanted, moved)]


def taken_off(path: str, name: str, base: Collection[str] | None) -> Said:
    return operation("hide" if base is not None and name in base else "remove", path + pointer(name))


def said_of_order(path: str, present: Sequence[str], wanted: Sequence[str], moved: str = "") -> list[Said]:
    """The fewest moves; both lists have the same members. Where moving `moved` alone does it, that is what is said."""
    if present != wanted and [name for name in present if name != moved] == [name for name in wanted if name != moved]:
        at = wanted.index(moved)
        return [operation("move", path + pointer(moved), after=wanted[at - 1] if at else None)]
    staying = _longest_rising([present.index(name) for name in wanted])
    kept = {present[at] for at in staying}
    return [operation("move", path + pointer(name), after=wanted[at - 1] if at else None) for at, name in enumerate(wanted) if name not in kept]


def _natural(name: str, here: Sequence[str], base: Sequence[str]) -> int:
    """Where a member comes back to: behind the nearest of those that stand before it in the base."""
    before = base[: base.index(name)]
    return next((here.index(other) + 1 for other in reversed(before) if other in here), 0)


def _longest_rising(numbers: Sequence[int]) -> Sequence[int]:
    """A longest part of distinct `numbers` that only rises."""
    tails: list[int] = []
    where: list[int] = []
    before: list[int | None] = []
    for at, number in enumerate(numbers):
        place = bisect_left(tails, number)
        before.append(where[place - 1] if place else None)
        if place == len(tails):
            tails.append(number)
            where.append(at)
        else:
            tails[place], where[place] = number, at
    out: list[int] = []
    at_ = where[-1] if where else None
    while at_ is not None:
        out.append(numbers[at_])
        at_ = before[at_]
    return out[::-1]
