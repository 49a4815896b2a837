"""`RowRule`: which records of an entity a right reaches for one reader, said in terms of the model. Pure; SQL of it is `query.guard`.

A rule is what the scope of the right gives, or a share gives (sharing rules, shares of single records), or (for details) what the
master gives, or (for people from outside) what the path to their account gives; and always what restrictions leave.
"""

from __future__ import annotations

from dataclasses import dataclass

from fieldsmith.access.sight import Sight
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.roles import Group, Right, Scope, SharingRule

_READ: frozenset[Right] = frozenset({"read", "history", "export"})
_EDIT: frozenset[Right] = frozenset({"update", "mass_change"})


@dataclass(frozen=True, slots=True)
class RowRule:
    """`scope`: own, team, hierarchy or all. `master`: the owned lookup whose record decides instead, with `master_right` on it.

    `shares`: "read", "edit" or "" for none: which shares of single records count, with `rules` the sharing rules that name the reader.
    `path`: the lookups to the reader's account, for people from outside, else None; `account` their user's lookup to it.
    """

    entity: str
    scope: Scope
    shares: str = ""
    rules: tuple[SharingRule, ...] = ()
    limits: tuple[str, ...] = ()
    master: Field | None = None
    master_right: Right = "read"
    path: tuple[str, ...] | None = None
    account: str = ""


def row_rule(model: Model, sight: Sight, groups: frozenset[str], entity: str, right: Right) -> RowRule | None:
    """None where `right` reaches every record. `groups`: `team:name` of the teams one is in or below, `user:login` (see `groups_named`)."""
    if sight.everything:
        return None
    found = model.entities[entity]
    limits = sight.limits.get(entity, ())
    if sight.portal is not None:
        path = sight.portal.paths.get(entity, "")
        return RowRule(entity, "all", limits=limits, path=tuple(path.split(".")) if path else (), account=sight.portal.account)
    master = master_of(found)
    if master is not None:
        return RowRule(entity, "all", limits=limits, master=master, master_right="read" if right in _READ else "update")
    scope = sight.scope(right, entity)
    if scope == "all":
        return RowRule(entity, scope, limits=limits) if limits else None
    shares = "read" if right in _READ else "edit" if right in _EDIT else ""
    rules = tuple(
        rule for rule in model.sharing_rules_of.get(entity, ()) if shares and (shares == "read" or rule.access == "edit") and _meets(rule.to, sight, groups)
    )
    return RowRule(entity, scope, shares, rules, limits)


def master_of(entity: Entity) -> Field | None:
    """The lookup by which a detail belongs to its master, None for entities that stand alone."""
    return next((item for item in entity.fields.values() if item.type == "lookup" and item.options.get("owned")), None)


def groups_named(model: Model) -> frozenset[str]:
    """The groups that sharing rules share with: only these tell readers apart."""
    named = {f"team:{name}" for rule in model.sharing_rules.values() for name in rule.to.teams}
    return frozenset(named | {f"user:{name}" for rule in model.sharing_rules.values() for name in rule.to.users})


def _meets(to: Group, sight: Sight, groups: frozenset[str]) -> bool:
    if not set(to.roles).isdisjoint(sight.roles):
        return True
    return any(f"team:{name}" in groups for name in to.teams) or any(f"user:{name}" in groups for name in to.users)
