"""Cross-checks of roles and sharing rules: every name resolves, no right is granted that cannot be had."""

from __future__ import annotations

from collections.abc import Iterable

from fieldsmith.base.problems import pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.layers import Key
from fieldsmith.meta.model import Entity
from fieldsmith.meta.roles import EVERY_ENTITY, Group, Portal, Role
from fieldsmith.meta.system_fields import USER

_ALWAYS_SEEN = frozenset({"id", "version"})
"""Fields every answer is built on: they cannot be taken away."""


def check_roles(findings: Findings) -> None:
    model = findings.model
    for name, role in model.roles.items():
        if ("role", name) in model.documents:
            _role(findings, ("role", name), role)
    for name, rule in model.sharing_rules.items():
        key = ("sharing_rule", name)
        findings.entity(key, "/entity", rule.entity)
        for place, group in (("to", rule.to), ("owners", rule.owners)):
            if group is not None:
                _group(findings, key, place, group)
    for kind, screens in (("view", model.views), ("tab", model.tabs)):
        for name, screen in screens.items():
            if screen.roles:
                _role_names(findings, (kind, name), "/roles", screen.roles)


def _role(findings: Findings, key: Key, role: Role) -> None:
    body = findings.model.documents[key].body
    for part in ("entities", "actions"):
        for target in body.get(part, {}):
            if target != EVERY_ENTITY:
                findings.entity(key, pointer(part, target), target)
    for target in body.get("studio", ()):
        findings.entity(key, pointer("studio", target), target)
    for target, rights in body.get("field_rights", {}).items():
        _fields(findings, key, pointer("field_rights", target), target, rights)
    for target, item in body.get("restrict", {}).items():
        _fields(findings, key, pointer("restrict", target), target, item.get("fields", {}), "fields")
    if role.start and role.start not in findings.model.tabs and ("tab", role.start) not in findings.refused:
        message = _m("There is no tab “{name}”.", name=role.start)
        findings.unknown(key, "/start", "unknown_tab", message, role.start, findings.model.tabs)
    if role.portal is not None:
        _portal(findings, key, role.portal, role.administrator)


def _fields(findings: Findings, key: Key, place: str, target: str, rights: Iterable[str], below: str = "") -> None:
    entity = findings.entity(key, place, target)
    for name in rights if entity is not None else ():
        assert entity is not None
        where = place + (pointer(below, name) if below else pointer(name))
        if findings.field(key, where, entity, name) is not None and name in _ALWAYS_SEEN:
            message = _m("“{name}” is part of every answer, so no right on it can be taken away.", name=name)
            findings.add(key, where, "always_seen", message)


def _portal(findings: Findings, key: Key, portal: Portal, administrator: bool) -> None:
    if administrator:
        findings.add(key, "/portal", "portal_administrator", _m("A role for people from outside cannot administer. Make two roles."))
    user = findings.model.entities.get(USER)
    account = findings.field(key, "/portal/account", user, portal.account) if user is not None else None
    if account is None:
        return
    if account.type != "lookup":
        findings.add(key, "/portal/account", "not_a_lookup", _m("“{name}” is not a lookup, so it names no account.", name=portal.account))
        return
    for target, path in portal.paths.items():
        place = pointer("portal", "paths", target)
        entity = findings.entity(key, place, target)
        if entity is not None:
            _leads(findings, key, place, entity, path, account.options["to"])


def _leads(findings: Findings, key: Key, place: str, entity: Entity, path: str, account: str) -> None:
    """Must a path end at the account."""
    if path:
        end = findings.path(key, place, entity, path)
        if end is None:
            return
        reached = end.options.get("to") if end.type == "lookup" else None
    else:
        reached = entity.name
    if reached != account:
        message = _m("“{path}” does not lead from {entity} to {account}.", path=path, entity=entity.label, account=account)
        findings.add(key, place, "not_the_account", message, _m("Name the lookups that lead there, such as account or order.account."))


def _group(findings: Findings, key: Key, place: str, group: Group) -> None:
    _role_names(findings, key, pointer(place, "roles"), group.roles)
    if not (group.roles or group.teams or group.users):
        findings.add(key, pointer(place), "nobody", _m("Name at least one role, team or person."))


def _role_names(findings: Findings, key: Key, place: str, names: Iterable[str]) -> None:
    for name in names:
        if name not in findings.model.roles and ("role", name) not in findings.refused:
            findings.unknown(key, place + pointer(name), "unknown_role", _m("There is no role “{name}”.", name=name), name, findings.model.roles)
