"""What stands at the top of every page about one role, and the entities roles speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fieldsmith.meta.labels import label_from_name, plural_of
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.roles import Sharing
from fieldsmith.web.studio.desk import Desk, shown
from fieldsmith.web.studio.origins import Origin, Origins


@dataclass(frozen=True, slots=True)
class RoleHead:
    """For the macro `role_tabs`. `own`: the workspace made it, so that it can be taken away."""

    name: str
    label: str
    administrator: bool
    portal: bool
    own: bool
    origin: Origin


def roles_of(now: Desk) -> list[Effective]:
    """Every role of the draft, by what the reader calls it."""
    return sorted(now.bench.of_kind("role"), key=lambda item: role_label(now, item).casefold())


def head_of_role(now: Desk, role: Effective) -> RoleHead:
    body = role.body
    origin = Origins(now).of("role", role.name)
    own = ("role", role.name) not in now.bench.below
    return RoleHead(role.name, role_label(now, role), body.get("administrator") is True, isinstance(body.get("portal"), Mapping), own, origin)


def role_label(now: Desk, role: Effective) -> str:
    """What the reader calls the role."""
    said = str(role.body.get("label") or label_from_name(role.name))
    known = now.model.roles.get(role.name)
    return known.label.render(now.words) if known is not None and known.label.text == said else said


def below_of(now: Desk, role: Effective) -> Mapping[str, Any] | None:
    """What a package says of the role."""
    found = now.bench.below.get(("role", role.name))
    return None if found is None else found.body


def entities_of(now: Desk) -> list[tuple[str, str, str]]:
    """Name, plural and icon of every entity of the draft, by what the reader calls many of them."""
    out = []
    for item in now.bench.of_kind("entity"):
        known = now.model.entities.get(item.name)
        said = str(item.body.get("plural") or plural_of(str(item.body.get("label") or label_from_name(item.name))))
        out.append((item.name, shown(known.plural, item.name, now.words) if known is not None else said, str(item.body.get("icon", "table"))))
    return sorted(out, key=lambda row: row[1].casefold())


def sharing_of(now: Desk, entity: str) -> Sharing | None:
    """The entity's sharing as the draft has it; None for an entity the model does not know."""
    known = now.model.entities.get(entity)
    return None if known is None else known.sharing
