"""Rules from effective documents. Total over schema-sound documents: `meta.check_rules` reports what a rule lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fieldsmith.meta.labels import Labels, label_from_name
from fieldsmith.meta.model import FieldRule, Rule, ValidationRule

Body = Mapping[str, Any]


def build_rules(bodies: Iterable[Body], labels: Labels) -> dict[str, Rule]:
    """Keys are `entity.name`. Hidden rules are not in force."""
    return {f"{body['entity']}.{body['name']}": _rule(body, labels) for body in bodies if not body.get("hidden")}


def _rule(body: Body, labels: Labels) -> Rule:
    base = f"rule/{body['entity']}.{body['name']}"
    label = labels.label(f"{base}/label", body.get("label") or label_from_name(body["name"]))
    if body["type"] == "field":
        visible, required, read_only = (body.get(key, "") for key in ("visible", "required", "read_only"))
        return FieldRule(body["name"], body["entity"], label, tuple(body.get("fields", ())), visible, required, read_only)
    message = labels.label(f"{base}/message", body.get("message") or label.text)
    return ValidationRule(body["name"], body["entity"], label, body.get("must", ""), message, body.get("field"), body.get("when", ""))
