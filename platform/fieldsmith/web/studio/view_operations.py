"""From what a view says to what it shall say: the operations of a draft. Pure.

Lists change member by member, so that a package that is upgraded keeps what was changed here; what a package says and is not
wanted is hidden, or said to be empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fieldsmith.studio.member_order import said_of_list

Operation = dict[str, Any]
_LISTS = ("columns", "sort", "roles")
_EMPTY: Mapping[str, Any] = {"filter": "", "group": "", "sum": "", "show": "table", "default": False}


def view_operations(present: Mapping[str, Any], base: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> list[Operation]:
    """`present` and `wanted` are bodies of views; `base` is what a package says, None for a view the workspace made.

    A label of None is the one made from the name.
    """
    out: list[Operation] = []
    for key in ("label", *_EMPTY):
        if key in wanted and wanted[key] != present.get(key, _EMPTY.get(key)):
            out.append(_scalar(key, wanted[key], base))
    for key in _LISTS:
        if key in wanted:
            out += said_of_list(f"/{key}", present.get(key, ()), wanted[key], None if base is None else base.get(key, ()))
    return out


def _scalar(key: str, value: Any, base: Mapping[str, Any] | None) -> Operation:
    empty = value is None or (key in _EMPTY and value == _EMPTY[key])
    if empty and (base is None or key not in base):
        return {"op": "remove", "path": f"/{key}"}
    return {"op": "change", "path": f"/{key}", "value": value}
