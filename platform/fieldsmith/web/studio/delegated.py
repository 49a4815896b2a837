"""The studio for people whose role has studio rights for some entities: which of its addresses are theirs. All others are refused.

`desk.desk` asks; `tests/house/test_access_cases.py` compares the list with the registry of access cases, so that a new address of the
studio stays with administrators until somebody writes it down in both places.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Forbidden
from fieldsmith.base.text import _m
from fieldsmith.meta.documents import OWNED_KINDS
from fieldsmith.web import current

OPEN = frozenset(
    [
        "studio",
        "studio_propose",
        *("studio_fields", "studio_add_fields", "studio_move_field", "studio_hide_field", "studio_usage"),
        *("studio_new_field", "studio_make_field", "studio_preview_field", "studio_field", "studio_save_field", "studio_field_records"),
        *("studio_layouts", "studio_make_layout", "studio_ask_layout", "studio_remove_layout", "studio_layout_active"),
        *("studio_layout", "studio_layout_said", "studio_layout_preview", "studio_layout_frame"),
        *("studio_rules", "studio_test_rule", "studio_new_rule", "studio_make_rule", "studio_rule", "studio_save_rule"),
        *("studio_switch_rule", "studio_delete_rule"),
        *("studio_views", "studio_new_view", "studio_make_view", "studio_preview_view", "studio_view", "studio_change_view"),
        *("studio_hide_view", "studio_default_view", "studio_ask_view", "studio_remove_view"),
        *("studio_record_types", "studio_new_record_type", "studio_make_record_type", "studio_record_type", "studio_save_record_type"),
        "studio_remove_record_type",
        *("studio_drafts", "studio_open_draft", "studio_draft", "studio_rename_draft", "studio_choose_draft", "studio_undo_change"),
        *("studio_take_back", "studio_discard", "studio_discard_draft", "studio_conflicts", "studio_settle"),
        *("studio_preview", "studio_start_preview", "studio_plan", "studio_publish", "studio_published"),
        *("studio.check_expression", "studio.complete_expression", "studio.expression_names", "studio.try_expression", "studio.condition_rows"),
    ]
)
"""Endpoints."""


def shaped(actor: Actor) -> frozenset[str] | None:
    """The entities `actor` shapes: None for administrators, who shape all; empty for who shapes none."""
    policy = current.work().runtime.policy
    return None if policy.is_administrator(actor) else policy.shapes(actor) - policy.sight(actor).hidden


def require_open(shapes: frozenset[str] | None, endpoint: str | None, arguments: Mapping[str, Any]) -> None:
    """Raise `Forbidden`, the same for every page and entity, unless who shapes `shapes` may open what is asked for."""
    if shapes is None:
        return
    entity = arguments.get("entity")
    if not shapes or endpoint not in OPEN or (entity is not None and entity not in shapes):
        raise Forbidden(_m("Only administrators may shape the system. Ask one."))


def is_within(shapes: frozenset[str] | None, kind: str, name: str) -> bool:
    """Is the page of this document one that who shapes `shapes` may open?"""
    return shapes is None or (kind in OWNED_KINDS - {"sharing_rule"} and name.partition(".")[0] in shapes) or (kind == "entity" and name in shapes)
