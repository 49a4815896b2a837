"""Three-way merge of the workspace's own layer with one exported elsewhere, as deep as things can be told apart by name.

`base` is what was applied last from there. What only one side changed is taken; what both changed is settled by a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Key
from fieldsmith.meta.members import member_name
from fieldsmith.studio.upgrade_settling import Clash, Settling

Body = Mapping[str, Any]


class _Nothing:
    """Nothing stands there; None is a value."""


NOTHING: Final = _Nothing()


def merged_layer(base: Mapping[Key, Body], mine: Mapping[Key, Body], theirs: Mapping[Key, Body], settling: Settling) -> dict[Key, dict[str, Any]]:
    """The documents of the layer as it shall be."""
    out: dict[Key, dict[str, Any]] = {}
    for key in sorted({*mine, *theirs}):
        found = _merged("/".join(key), base.get(key, NOTHING), mine.get(key, NOTHING), theirs.get(key, NOTHING), settling)
        if isinstance(found, Mapping) and not ("extends" in found and not found.get("operations")):
            out[key] = dict(found)
    return out


def overlaid(whole: Mapping[Key, Body], part: Mapping[Key, Body]) -> dict[Key, Body]:
    """`whole` with the chosen documents of `part` in it: operations and words one by one, other documents as they are."""
    out = dict(whole)
    for key, body in part.items():
        known = out.get(key)
        if known is not None and "operations" in body and "operations" in known:
            said = _named(body["operations"]) or {}
            kept = {name: item for name, item in (_named(known["operations"]) or {}).items() if name not in said}
            out[key] = {**known, "operations": [*kept.values(), *said.values()]}
        elif known is not None and key[0] == "translation" and "labels" in known and "labels" in body:
            out[key] = {**known, "labels": {**known["labels"], **body["labels"]}}
        else:
            out[key] = body
    return out


def _merged(path: str, base: Any, mine: Any, theirs: Any, settling: Settling) -> Any:
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    parts = [_named(side) for side in (mine, theirs)]
    if parts[0] is None or parts[1] is None or isinstance(mine, list) != isinstance(theirs, list) or _differs_in_form(mine, theirs):
        return _settled(path, base, mine, theirs, settling)
    if isinstance(mine, Mapping) and "op" in mine:
        return _operation(path, base, mine, theirs, settling)
    before = (_named(base) if base is not NOTHING and isinstance(base, list) == isinstance(mine, list) else None) or {}
    values: dict[str, Any] = {}
    for name in _order(list(before), list(parts[0]), list(parts[1])):
        value = _merged(_below(path, name), before.get(name, NOTHING), parts[0].get(name, NOTHING), parts[1].get(name, NOTHING), settling)
        if value is not NOTHING:
            values[name] = value
    return list(values.values()) if isinstance(mine, list) else values


def _operation(path: str, base: Any, mine: Mapping[str, Any], theirs: Mapping[str, Any], settling: Settling) -> Any:
    """Both said something of the same: what they put there is merged, the rest is theirs."""
    if mine["op"] not in ("add", "change"):
        return _settled(path, base, mine, theirs, settling)
    was = base.get("value", NOTHING) if isinstance(base, Mapping) else NOTHING
    value = _merged(path, was, mine.get("value", NOTHING), theirs.get("value", NOTHING), settling)
    return {**theirs, **({} if value is NOTHING else {"value": value})}


def _settled(path: str, base: Any, mine: Any, theirs: Any, settling: Settling) -> Any:
    if mine is NOTHING:
        reason = _m("This was taken away here, and the package has changed it.")
    elif theirs is NOTHING:
        reason = _m("This was changed here, and the package no longer has it.")
    else:
        reason = _m("This was changed here and in the package.")
    way, value = settling.settle(Clash(path, _said(base), _said(mine), _said(theirs), reason))
    return mine if way == "keep" else theirs if way == "take" else value


def _named(value: Any) -> dict[str, Any] | None:
    """Parts by name; an operation goes by what it does to what."""
    if isinstance(value, Mapping):
        return dict(value)
    if not isinstance(value, list):
        return None
    names = [_name(item) for item in value]
    if any(name is None for name in names) or len(set(names)) != len(names):
        return None
    return dict(zip([str(name) for name in names], value, strict=True))


def _name(item: Any) -> str | None:
    if isinstance(item, Mapping) and isinstance(item.get("path"), str) and "op" in item:
        return f"{item['path']}:{item['op']}" if item["op"] not in ("add", "change") else str(item["path"] or "/")
    return member_name(item)


def _differs_in_form(mine: Any, theirs: Any) -> bool:
    """A whole document and one that extends, or two operations of another kind, have nothing to merge."""
    return isinstance(mine, Mapping) and (("extends" in mine) != ("extends" in theirs) or mine.get("op") != theirs.get("op"))


def _order(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Names in the order of the side that moved something (theirs, when both did), the other's own names behind what they stood behind."""
    moved = [name for name in base if name in theirs] != [name for name in theirs if name in base]
    first, other = (theirs, mine) if moved else (mine, theirs)
    out = list(first)
    for at, name in enumerate(other):
        if name not in out:
            before = next((known for known in reversed(other[:at]) if known in out), None)
            out.insert(out.index(before) + 1 if before is not None else 0, name)
    return out


def _said(side: Any) -> Any:
    """A side for people: of an operation what it puts there."""
    if side is NOTHING:
        return None
    return side["value"] if isinstance(side, Mapping) and "op" in side and "value" in side else side


def _below(path: str, name: str) -> str:
    """Operations are told by what they are about: `entity/deal/fields/amount/label`."""
    if name == "operations":
        return path
    return path + name.partition(":")[0].rstrip("/") if name.startswith("/") else f"{path}/" + name.replace("~", "~0").replace("/", "~1")
