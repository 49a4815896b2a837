"""The fields every entity has without saying so. They are ordinary `Field`s whose physical names are fixed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fieldsmith.base.text import Label
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import SYSTEM_FIELDS

USER = "user"
_USER_LINK: Mapping[str, Any] = {"to": USER, "on_delete": "restrict"}


class _System(NamedTuple):
    type: str
    column: str
    label: Label
    options: Mapping[str, Any] = {}


_FIELDS: Mapping[str, _System] = {
    "id": _System("integer", "id", Label("ID", {"zh_Hans": "编号", "zh_Hant": "編號"}), {"grouping": False}),
    "owner": _System("lookup", "owner_id", Label("Owner", {"zh_Hans": "负责人", "zh_Hant": "負責人"}), _USER_LINK),
    "created_at": _System("datetime", "created_at", Label("Created at", {"zh_Hans": "创建时间", "zh_Hant": "建立時間"})),
    "created_by": _System("lookup", "created_by", Label("Created by", {"zh_Hans": "创建人", "zh_Hant": "建立者"}), _USER_LINK),
    "modified_at": _System("datetime", "modified_at", Label("Modified at", {"zh_Hans": "修改时间", "zh_Hant": "修改時間"})),
    "modified_by": _System("lookup", "modified_by", Label("Modified by", {"zh_Hans": "修改人", "zh_Hant": "修改者"}), _USER_LINK),
    "version": _System("integer", "version", Label("Version", {"zh_Hans": "版本", "zh_Hant": "版本"})),
    "deleted_at": _System("datetime", "deleted_at", Label("Deleted at", {"zh_Hans": "删除时间", "zh_Hant": "刪除時間"})),
}
PHYSICAL = ("id", "owner_id", "created_at", "created_by", "modified_at", "modified_by", "version", "deleted_at", "deleted_batch")


def system_fields(entity: str) -> dict[str, Field]:
    """Their uids are 1 to 8 in every entity (own uids begin at `names.FIRST_UID`). Only `owner` may be written."""
    return {
        name: Field(entity, name, item.type, uid, item.column, item.label, system=True, read_only=name != "owner", options=item.options)
        for uid, (name, item) in enumerate(((name, _FIELDS[name]) for name in SYSTEM_FIELDS), start=1)
    }
