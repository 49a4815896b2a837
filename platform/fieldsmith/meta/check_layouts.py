"""Cross-checks of layouts: whom they are for, their tabs and components. Their fields and related lists are in `check_screens`."""

from __future__ import annotations

from fieldsmith.base.problems import pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.layers import Key
from fieldsmith.meta.model import Entity, Layout

DEFAULT = "default"


def check_layout(findings: Findings, key: Key, entity: Entity, layout: Layout) -> None:
    model = findings.model
    for name in layout.roles:
        if name not in model.roles and ("role", name) not in findings.refused:
            findings.unknown(key, pointer("roles", name), "unknown_role", _m("There is no role “{name}”.", name=name), name, model.roles)
    types = [item.name for item in model.record_types_of.get(entity.name, ())]
    for name in layout.record_types:
        if name not in types and ("record_type", f"{entity.name}.{name}") not in findings.refused:
            message = _m("{entity} has no record type “{name}”.", entity=entity.label, name=name)
            findings.unknown(key, pointer("record_types", name), "unknown_record_type", message, name, types)
    if layout.name == DEFAULT:
        _default(findings, key, layout)
    _tabs(findings, key, layout)
    for item in layout.components:
        if item.component == "text" and item.text is None:
            findings.add(key, pointer("components", item.name), "missing_key", _m("Write what the text “{name}” says.", name=item.name))


def _default(findings: Findings, key: Key, layout: Layout) -> None:
    """It is what everybody gets for whom there is nothing better."""
    hint = _m("Make another layout for some roles or record types.")
    for place, narrowed in (("/roles", layout.roles), ("/record_types", layout.record_types)):
        if narrowed:
            findings.add(key, place, "default_for_all", _m("The default layout is for everybody and every record."), hint)
    if not layout.active:
        findings.add(key, "/active", "default_for_all", _m("The default layout cannot be put out of use: it is what is shown when no other fits."), hint)


def _tabs(findings: Findings, key: Key, layout: Layout) -> None:
    known = [tab.name for tab in layout.tabs]
    for place, part in layout.parts.items():
        if part.tab is not None and part.tab not in known:
            message = _m("The layout has no tab “{name}”.", name=part.tab)
            findings.unknown(key, f"/{place}/tab", "unknown_tab", message, part.tab, known)
