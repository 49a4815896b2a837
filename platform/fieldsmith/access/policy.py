"""Entity and field rights: may this actor do that to records of this entity? Every service call asks here first.

Roles merge by maximum per right; what a role restricts is taken away last and always. Which rows a right reaches is `access.rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fieldsmith.access.sight import Sight, reads_any
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Forbidden, NotFound, NotSignedIn
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.roles import FIELD_RIGHTS, RIGHTS, SCOPES, FieldRight, Right, Role, Scope, default_scope
from fieldsmith.meta.vocabulary import Name

_TRUSTED = frozenset({"system", "operator"})
_PERSONS = frozenset({"user", "service", "portal"})
VERBS: Mapping[str, Message] = {
    "create": _m("create"),
    "read": _m("read"),
    "update": _m("change"),
    "delete": _m("delete"),
    "export": _m("export"),
    "import": _m("import"),
    "mass_change": _m("change in bulk"),
    "merge": _m("merge"),
    "history": _m("see the history of"),
    "assign": _m("hand over"),
    "reveal": _m("see masked values of"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer and the sentences that explain it."""

    allow: bool
    reasons: tuple[Message, ...]


class Policy:
    """Decisions over one model; keeps what it worked out per set of roles."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._administering = frozenset(role.name for role in model.roles.values() if role.administrator)
        self._everything = Sight((), True)
        self._sights: dict[tuple[bool, tuple[str, ...]], Sight] = {}

    def is_administrator(self, actor: Actor) -> bool:
        """Administrators, the system and the audited operator may do everything."""
        return self.sight(actor).everything

    def sight(self, actor: Actor) -> Sight:
        """What the actor's roles let them see and do. The same object for the same roles."""
        trusted = actor.kind in _TRUSTED
        roles = () if trusted else tuple(sorted(role.name for role in self.roles_of(actor)))
        found = self._sights.get((trusted, roles))
        if found is None:
            found = self._sights.setdefault((trusted, roles), self._sight_of(trusted, roles))
        return found

    def unreadable(self, actor: Actor) -> Sight:
        """`sight`, where it is asked which entities and fields are not there for the reader."""
        return self.sight(actor)

    def decide(self, actor: Actor, right: Right, entity: str) -> Decision:
        """May `actor` use `right` on `entity` at all? With the reason."""
        if actor.kind in _TRUSTED:
            return Decision(True, (_m("{name} acts for the platform itself.", name=actor.name),))
        roles = self.roles_of(actor)
        for role in roles:
            if role.administrator:
                return Decision(True, (_m("Role {role} may do everything.", role=role.label),))
        if self.sight(actor).scope(right, entity) != "none":
            best = max(roles, key=lambda role: SCOPES.index(self._scope(role, right, entity)))
            return Decision(True, (_m("Role {role} grants it.", role=best.label),))
        for role in roles:
            if right in (restriction.rights if (restriction := role.restrict.get(entity)) is not None else ()):
                return Decision(False, (_m("Role {role} takes it away.", role=role.label),))
        return Decision(False, (_m("None of the roles {roles} grants it.", roles=", ".join(actor.roles) or "–"),))

    def allows(self, actor: Actor, right: Right, entity: str) -> bool:
        """`decide` without the reasons."""
        return self.sight(actor).scope(right, entity) != "none"

    def may_act(self, actor: Actor, action: str, entity: str) -> bool:
        """May `actor` use the named action on records of `entity` they may change?"""
        sight = self.sight(actor)
        if sight.everything:
            return True
        for role in self.roles_of(actor):
            named = role.actions
            if "update" in role.granted(entity) and (named is None or action in named.get(entity, named.get("*", frozenset()))):
                return self.allows(actor, "update", entity)
        return False

    def unmaskable(self, actor: Actor, entity: str) -> frozenset[str]:
        """The masked fields of `entity` that the right “reveal” may show: all but those that a restriction masks."""
        sight = self.sight(actor)
        if not sight.masked or sight.scope("reveal", entity) == "none":
            return frozenset()
        capped = frozenset[str]().union(*(role.restrict[entity].fields for role in self.roles_of(actor) if entity in role.restrict))
        return frozenset(name for of, name in sight.masked if of == entity and name not in capped)

    def shapes(self, actor: Actor) -> frozenset[str]:
        """The entities `actor` may shape in the studio without administering everything."""
        return frozenset[str]().union(*(role.studio for role in self.roles_of(actor)))

    def require(self, actor: Actor, right: Right, entity: str) -> None:
        """Raise `NotSignedIn`, `NotFound` (may not even read) or `Forbidden` unless `actor` may."""
        if self.allows(actor, right, entity):
            return
        if actor.kind == "anonymous":
            raise NotSignedIn(_m("Sign in first."))
        if right == "read" or entity in self.sight(actor):
            raise NotFound(_m("There is no entity “{name}”.", name=entity))
        label = self._model.entities[entity].plural
        raise Forbidden(_m("You may not {verb} {plural}. Ask an administrator.", verb=VERBS[right], plural=label))

    def roles_of(self, actor: Actor) -> Sequence[Role]:
        """The roles that count: people's and services'; who comes from outside, or holds a role for outsiders, has only those."""
        if actor.kind not in _PERSONS:
            return []
        held = [self._model.roles[name] for name in actor.roles if name in self._model.roles]
        outside = [role for role in held if role.portal is not None]
        return outside if outside or actor.kind == "portal" else held

    def _sight_of(self, trusted: bool, names: tuple[str, ...]) -> Sight:
        if trusted or not self._administering.isdisjoint(names):
            return self._everything
        roles = [self._model.roles[name] for name in names]
        portal = roles[0].portal if roles else None
        rights = {name: found for name in self._model.entities if (found := self._rights(roles, name)) and (portal is None or name in portal.paths)}
        readable = {name for name, found in rights.items() if "read" in found}
        fields = _Fields(self._model, roles, rights)
        hidden: set[str | Name] = {name for name in self._model.entities if name not in readable}
        return Sight(
            names,
            False,
            frozenset(hidden | fields.hidden),
            frozenset(fields.masked),
            frozenset(fields.locked),
            {name: found for name, found in rights.items() if name in readable},
            {name: limits for name in readable if (limits := _limits(roles, name))},
            portal,
        )

    def _rights(self, roles: Iterable[Role], entity: str) -> Mapping[Right, Scope]:
        taken = frozenset[str]().union(*(role.restrict[entity].rights for role in roles if entity in role.restrict))
        out: dict[Right, Scope] = {}
        for right in RIGHTS:
            scopes: list[Scope] = ["none", *(self._scope(role, right, entity) for role in roles)]
            scope = max(scopes, key=SCOPES.index)
            if scope != "none" and right not in taken:
                out[right] = scope
        return out

    def _scope(self, role: Role, right: Right, entity: str) -> Scope:
        granted = role.granted(entity)
        if right not in granted:
            return "none"
        said = granted[right]
        if role.portal is not None:
            return "all"  # the path to the account says how far
        return said if said is not None else default_scope(self._model.entities[entity].sharing, right)


def _limits(roles: Iterable[Role], entity: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role.restrict[entity].records for role in roles if entity in role.restrict and role.restrict[entity].records))


class _Fields:
    """Rights on fields for a set of roles: the most that a role which can read the entity grants, cut by what any of them restricts."""

    def __init__(self, model: Model, roles: Sequence[Role], rights: Mapping[str, Mapping[Right, Scope]]) -> None:
        self._model = model
        self.hidden: set[Name] = set()
        self.masked: set[Name] = set()
        self.locked: set[Name] = set()
        said: set[Name] = set()
        for name, found in rights.items():
            if "read" in found:
                self._entity(model.entities[name], [role for role in roles if "read" in role.granted(name)], roles, said)
        self._unread = frozenset(name for name in model.entities if "read" not in rights.get(name, {}))
        if self.hidden or self.masked or self._unread:
            self._computed(said)

    def _entity(self, entity: Entity, granting: Sequence[Role], roles: Sequence[Role], said: set[Name]) -> None:
        named = {field for role in granting for field in role.fields.get(entity.name, {})}
        limited = {field for role in roles if entity.name in role.restrict for field in role.restrict[entity.name].fields}
        for field in (named | limited) & entity.fields.keys():
            most: FieldRight = max((role.fields.get(entity.name, {}).get(field, "edit") for role in granting), key=FIELD_RIGHTS.index, default="edit")
            cuts = [role.restrict[entity.name].fields[field] for role in roles if entity.name in role.restrict and field in role.restrict[entity.name].fields]
            said.add((entity.name, field))
            capped: list[FieldRight] = [most, *cuts]
            self._put((entity.name, field), min(capped, key=FIELD_RIGHTS.index))

    def _put(self, name: Name, right: FieldRight) -> None:
        if right == "none":
            self.hidden.add(name)
        elif right != "edit":
            self.locked.add(name)
            if right == "masked":
                self.masked.add(name)

    def _computed(self, said: set[Name]) -> None:
        """A formula is no way around: one that reads what is hidden or masked, or an entity that is, is hidden too, unless a role speaks of it."""
        while True:
            unseen = self.hidden | self.masked | self._unread
            more = {
                (entity, field)
                for entity, fields in self._model.computed.items()
                for field, computation in fields.items()
                if (entity, field) not in said and (entity, field) not in self.hidden and reads_any(computation.node, unseen)
            }
            if not more:
                return
            self.hidden |= more
