"""`inverse`: the edits that take one revision back while later ones stay. Where later ones touched the same, they are conflicts to be decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.errors import Conflict, NotFound
from fieldsmith.base.problems import pointer
from fieldsmith.base.text import _m
from fieldsmith.db.store import ModelStore, Stored
from fieldsmith.meta.layers import CUSTOM, Effective, Key, merge
from fieldsmith.meta.members import member_name
from fieldsmith.meta.operations import LISTS
from fieldsmith.studio.edits import Edit, read_operations
from fieldsmith.studio.member_order import Said, operation, said_of_list, said_of_order

_FIRST = ("choices", "entity")  # kinds others mention come first when they come back


@dataclass(frozen=True, slots=True)
class Sides:
    """Effective documents before and after a revision; `below` those after it without the workspace's own layer."""

    before: Mapping[Key, Effective]
    after: Mapping[Key, Effective]
    below: Mapping[Key, Effective]


def undoing(connection: sa.Connection, store: ModelStore, number: int) -> list[Edit]:
    """The edits for revision `number`. Raises `NotFound`, or `Conflict` for what only a rollback can take back."""
    present = store.state(connection).revision
    if not 1 < number <= present:
        raise NotFound(_m("There is no revision {number} that could be taken back.", number=number))
    before, after = store.load(connection, number - 1), store.load(connection, number)
    moved = _moved(before, after)
    if moved is not None:
        message = _m("Revision {number} renamed “{name}”. Rename it back by hand, or roll back.", number=number, name=moved.rpartition("/")[2])
        raise Conflict(message)
    own = frozenset((item.kind, item.name) for stored in (before, after) for layer in stored.layers if layer.name == CUSTOM for item in layer.documents)
    base = frozenset((item.kind, item.name) for stored in (before, after) for layer in stored.layers if layer.name != CUSTOM for item in layer.documents)
    packages = merge([layer for layer in after.layers if layer.name != CUSTOM]).documents
    edits = inverse(Sides(merge(before.layers).documents, merge(after.layers).documents, packages), own - base, own, number)
    if not edits:
        raise Conflict(_m("Revision {number} changed only packages. Roll back to the revision before it instead.", number=number))
    return edits


def inverse(sides: Sides, own: frozenset[Key], touched: frozenset[Key], number: int) -> list[Edit]:
    """From the documents after revision `number` to those before it.

    `own` are the keys whose documents the workspace made itself, `touched` those it says something of: what packages changed is left.
    """
    edits: list[Edit] = []
    turn = 1
    for key in sorted(touched, key=lambda item: (item[0] not in _FIRST, item)):
        was, now = sides.before.get(key), sides.after.get(key)
        if key not in own and (was is None or now is None):
            continue  # a package came or went: not for a draft to say
        if now is None and was is not None:
            edits.append(Edit(*key, document=was.body, seen=number, turn=turn))
        elif was is None and now is not None:
            edits.append(Edit(*key, retire=True, seen=number, turn=turn))
        elif was is not None and now is not None and was.body != now.body:
            below = sides.below.get(key)
            said = list(_steps("", now.body, was.body, None if below is None else below.body))
            if said:
                edits.append(Edit(*key, operations=read_operations({"operations": said}, number, turn), seen=number, turn=turn))
            turn += len(said)
        turn += 1
    return edits


def _steps(path: str, now: Any, wanted: Any, base: Any) -> Iterator[Said]:
    """Operations that make `wanted` of `now`; `base` is what stands there without the workspace's own layer."""
    if now == wanted:
        return
    if isinstance(now, Mapping) and isinstance(wanted, Mapping):
        for key in dict.fromkeys((*now, *wanted)):
            place, under = path + pointer(key), base.get(key) if isinstance(base, Mapping) else None
            if key not in wanted:
                yield operation("change", place, value=False) if key == "hidden" and now[key] is True else operation("remove", place)
            elif key not in now and not (isinstance(wanted[key], list) and key in LISTS):
                yield operation("change", place, value=wanted[key])
            else:
                yield from _steps(place, now.get(key, []), wanted[key], under)
    elif path.rpartition("/")[2] in LISTS and _names(now) is not None and _names(wanted) is not None:
        yield from _list_steps(path, now, wanted, base)
    else:
        yield operation("change", path, value=wanted)


def _list_steps(path: str, now: Sequence[Any], wanted: Sequence[Any], base: Any) -> Iterator[Said]:
    names, wanted_names = _names(now) or [], _names(wanted) or []
    below = _names(base) if isinstance(base, list) else None
    members = dict(zip(names, now, strict=True))
    if all(isinstance(item, str) for item in (*now, *wanted)):
        yield from said_of_list(path, names, wanted_names, below)
        return
    here = [name for name in names if name in wanted_names]
    yield from (operation("remove", path + pointer(name)) for name in names if name not in wanted_names)
    for at, (name, item) in enumerate(zip(wanted_names, wanted, strict=True)):
        if name in members:
            under = dict(zip(below or (), base or (), strict=True)).get(name)
            yield from _steps(path + pointer(name), members[name], item, under)
            continue
        after = wanted_names[at - 1] if at else None
        value = {key: part for key, part in item.items() if key != "name"} if isinstance(item, Mapping) else item
        yield operation("add", path + pointer(name), value=value, after=after)
        here.insert(0 if after is None else here.index(after) + 1, name)
    yield from said_of_order(path, here, wanted_names)


def _names(items: Any) -> list[str] | None:
    """What the members of a list are called; None where some are not."""
    found = [member_name(item) for item in items] if isinstance(items, list) else [None]
    return None if None in found else [str(name) for name in found]


def _moved(before: Stored, after: Stored) -> str | None:
    """The new path of something the revision renamed."""
    paths = {name.uid: path for path, name in before.names.entries.items()}
    return next((path for path, name in after.names.entries.items() if "/indexes/" not in path and paths.get(name.uid, path) != path), None)
