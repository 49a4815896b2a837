"""What the workspace says that mentions what a newer package no longer has: settled by leaving the mention out or by another text."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from fieldsmith.base.problems import Problem
from fieldsmith.meta.layers import CUSTOM, Effective, Key
from fieldsmith.meta.members import index_of
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.upgrade_settling import Clash, Settling, Way

Body = dict[str, Any]


def settle_mentions(own: dict[Key, Body], in_use: Sequence[Problem], after: Mapping[Key, Effective], settling: Settling) -> list[Problem]:
    """Change `own` documents so that what was settled is no longer mentioned; the problems that nothing here can settle."""
    left: list[Problem] = []
    for problem in in_use:
        key = _own_key(problem.document)
        effective = after.get(key) if key is not None else None
        if key is None or effective is None or key not in own:
            left.append(problem)
            continue
        path, mine = "/".join(key) + problem.pointer, value_at(effective.body, problem.pointer)[0]
        parent = value_at(effective.body, problem.pointer.rpartition("/")[0])[0]
        ways: tuple[Way, ...] = ("take",) if isinstance(parent, list) else ("edit",)
        way, value = settling.settle(Clash(path, mine, mine, None, problem.message, ways))
        if not any(clash.path == path for clash in settling.clashes):
            own[key] = _without(own[key], problem.pointer) if way == "take" else _with(own[key], problem.pointer, value)
    return left


def _own_key(document: str | None) -> Key | None:
    parts = (document or "").split("/")
    return (parts[1], parts[2].removesuffix(".json")) if len(parts) == 3 and parts[0] == CUSTOM else None


def _without(body: Body, place: str) -> Body:
    """`body` without the list member at `place`."""
    if "operations" in body:
        kept: list[Any] = []
        for operation in body["operations"]:
            if operation["path"] == place:
                continue
            within = place[len(operation["path"]) :] if place.startswith(f"{operation['path']}/") else ""
            kept.append({**operation, "value": _without(operation["value"], within)} if within and "value" in operation else operation)
        return {**body, "operations": kept}
    out = copy.deepcopy(body)
    here, last = _holder(out, place)
    index = index_of(here, last) if isinstance(here, list) else None
    if index is not None:
        del here[index]
    return out


def _with(body: Body, place: str, value: Any) -> Body:
    """`body` with `value` at `place`."""
    if "operations" in body:
        said = [item for item in body["operations"] if item["op"] in ("add", "change") and f"{place}/".startswith(f"{item['path']}/")]
        nearest = max(said, key=lambda item: len(item["path"]), default=None)
        if nearest is None:
            return body
        within = place[len(nearest["path"]) :]
        made = {**nearest, "value": _with(nearest["value"], within, value) if within else value}
        return {**body, "operations": [made if item is nearest else item for item in body["operations"]]}
    out = copy.deepcopy(body)
    here, last = _holder(out, place)
    if isinstance(here, dict):
        here[last] = value
    return out


def _holder(body: Any, place: str) -> tuple[Any, str]:
    """What holds the last part of `place`, and that part."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]]
    here = body
    for part in parts[:-1]:
        index = index_of(here, part) if isinstance(here, list) else None
        here = here[index] if index is not None else here.get(part) if isinstance(here, dict) else None
    return here, parts[-1]
