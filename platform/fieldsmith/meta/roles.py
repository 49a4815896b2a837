"""Roles and sharing rules of the model: what is granted, to whom, how far. `access` decides with them; nothing here decides.

Total over schema-sound documents: what points nowhere is kept as it is and reported by `meta.check_roles`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fieldsmith.base.text import Label
from fieldsmith.meta.labels import Labels, label_from_name

Right = Literal["create", "read", "update", "delete", "export", "import", "mass_change", "merge", "history", "assign", "reveal"]
Scope = Literal["none", "own", "team", "hierarchy", "all"]
FieldRight = Literal["none", "masked", "read", "edit"]
Sharing = Literal["private", "team", "hierarchy", "read", "all"]

RIGHTS: tuple[Right, ...] = ("create", "read", "update", "delete", "export", "import", "mass_change", "merge", "history", "assign", "reveal")
SCOPES: tuple[Scope, ...] = ("none", "own", "team", "hierarchy", "all")
FIELD_RIGHTS: tuple[FieldRight, ...] = ("none", "masked", "read", "edit")
EVERY_ENTITY = "*"
ACTIONS: tuple[str, ...] = ("share", "take")
"""What a role can leave out of what its right to change brings. A role may name others: they grant nothing."""
AS_SHARED = "sharing"
"""As a scope in a document: as far as the entity's sharing goes."""

IMPLIED: Mapping[Right, Right] = {"history": "read", "mass_change": "update", "merge": "delete"}
"""Rights a plain list of rights need not name: whoever has the second has the first."""
_READING: frozenset[Right] = frozenset({"read", "export", "history"})
_DEFAULT: Mapping[Sharing, tuple[Scope, Scope]] = {
    "private": ("own", "own"),
    "team": ("team", "team"),
    "hierarchy": ("hierarchy", "hierarchy"),
    "read": ("all", "own"),
    "all": ("all", "all"),
}

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Restriction:
    """What holders of a role never may on one entity. `records` is an expression, "" for no such limit."""

    records: str = ""
    rights: frozenset[str] = frozenset()
    fields: Mapping[str, FieldRight] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Portal:
    """For people from outside: `account` is the lookup of their user, `paths` lead from records of an entity to it ("" is the record)."""

    account: str
    paths: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Role:
    """`entities` maps an entity, or `*` for all that are not named, to rights with their scope; None is the entity's own sharing.

    `fields` names only what is not "edit". `actions` None: every action that the rights allow. `second_factor`: holders must have one to use the screens.
    """

    name: str
    label: Label
    administrator: bool = False
    entities: Mapping[str, Mapping[Right, Scope | None]] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, FieldRight]] = field(default_factory=dict)
    actions: Mapping[str, frozenset[str]] | None = None
    studio: frozenset[str] = frozenset()
    restrict: Mapping[str, Restriction] = field(default_factory=dict)
    portal: Portal | None = None
    start: str = ""
    second_factor: bool = False

    def granted(self, entity: str) -> Mapping[Right, Scope | None]:
        """The rights on `entity`, as the role says them."""
        found = self.entities.get(entity)
        return found if found is not None else self.entities.get(EVERY_ENTITY, {})


@dataclass(frozen=True, slots=True)
class Group:
    """Some people: who holds one of the roles, is in one of the teams (by name) or below, or is one of the users (by login name)."""

    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SharingRule:
    """Records of `entity` for which `when` is true ("" always) and whose owner is among `owners` (None: whoever) are shared with `to`."""

    name: str
    entity: str
    label: Label
    to: Group
    when: str = ""
    owners: Group | None = None
    access: Literal["read", "edit"] = "read"

    @property
    def key(self) -> str:
        return f"{self.entity}.{self.name}"


def default_scope(sharing: Sharing, right: Right) -> Scope:
    """How far `right` goes on an entity with that sharing where a role says no scope."""
    if right in ("create", "import"):
        return "all" if sharing in ("read", "all") else _DEFAULT[sharing][1]
    return _DEFAULT[sharing][0 if right in _READING else 1]


def build_role(body: Body, labels: Labels) -> Role:
    label = labels.label(f"role/{body['name']}/label", body.get("label") or label_from_name(body["name"]))
    actions = body.get("actions")
    portal = body.get("portal")
    return Role(
        body["name"],
        label,
        body.get("administrator", False),
        {entity: _rights(granted) for entity, granted in body.get("entities", {}).items()},
        {entity: {name: right for name, right in rights.items() if right != "edit"} for entity, rights in body.get("field_rights", {}).items()},
        None if actions is None else {entity: frozenset(names) for entity, names in actions.items()},
        frozenset(body.get("studio", ())),
        {entity: _restriction(item) for entity, item in body.get("restrict", {}).items()},
        None if portal is None else Portal(portal["account"], portal["paths"]),
        body.get("start", ""),
        body.get("second_factor", False),
    )


def build_sharing_rules(bodies: Iterable[Body], labels: Labels) -> dict[str, SharingRule]:
    """Keys are `entity.name`. Hidden rules are not in force."""
    return {f"{body['entity']}.{body['name']}": _sharing_rule(body, labels) for body in bodies if not body.get("hidden")}


def _rights(granted: Any) -> dict[Right, Scope | None]:
    if isinstance(granted, Mapping):
        return {right: None if granted[right] == AS_SHARED else granted[right] for right in RIGHTS if granted.get(right, "none") != "none"}
    given = set(granted)
    return {right: None for right in RIGHTS if right in given or IMPLIED.get(right) in given}


def _restriction(body: Body) -> Restriction:
    return Restriction(body.get("records", ""), frozenset(body.get("rights", ())), body.get("fields", {}))


def _sharing_rule(body: Body, labels: Labels) -> SharingRule:
    base = f"sharing_rule/{body['entity']}.{body['name']}"
    label = labels.label(f"{base}/label", body.get("label") or label_from_name(body["name"]))
    owners = _group(body["owners"]) if "owners" in body else None
    return SharingRule(body["name"], body["entity"], label, _group(body["to"]), body.get("when", ""), owners, body.get("access", "read"))


def _group(body: Body) -> Group:
    return Group(*(tuple(body.get(key, ())) for key in ("roles", "teams", "users")))
