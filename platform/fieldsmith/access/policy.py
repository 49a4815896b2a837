"""Entity rights: may this actor do that to records of this entity? Every service call asks here first.

Row and column rules join later; until then every actor that may read an entity reads all its live rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Forbidden, NotFound, NotSignedIn
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.model import Model, Role

_TRUSTED = frozenset({"system", "operator"})
_VERBS = {
    "create": _m("create"),
    "read": _m("read"),
    "update": _m("change"),
    "delete": _m("delete"),
    "export": _m("export"),
    "import": _m("import"),
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
        self._rights: dict[tuple[tuple[str, ...], str], frozenset[str]] = {}
        self._unreadable: dict[tuple[str, tuple[str, ...]], frozenset[str]] = {}

    def is_administrator(self, actor: Actor) -> bool:
        """Administrators, the system and the audited operator may do everything."""
        return actor.kind in _TRUSTED or any(role.administrator for role in self._roles(actor))

    def decide(self, actor: Actor, right: str, entity: str) -> Decision:
        """May `actor` use `right` (create, read, update, delete, export, import) on `entity`? With the reason."""
        if actor.kind in _TRUSTED:
            return Decision(True, (_m("{name} acts for the platform itself.", name=actor.name),))
        for role in self._roles(actor):
            if role.administrator:
                return Decision(True, (_m("Role {role} may do everything.", role=role.label),))
            if right in self._granted(role, entity):
                return Decision(True, (_m("Role {role} grants it.", role=role.label),))
        return Decision(False, (_m("None of the roles {roles} grants it.", roles=", ".join(actor.roles) or "–"),))

    def allows(self, actor: Actor, right: str, entity: str) -> bool:
        """`decide` without the reasons, kept per set of roles."""
        return actor.kind in _TRUSTED or (actor.kind == "user" and right in self._known((actor.roles, entity), actor))

    def unreadable(self, actor: Actor) -> frozenset[str]:
        """The entities `actor` may not read: to that reader they do not exist."""
        key = (actor.kind, actor.roles)
        found = self._unreadable.get(key)
        if found is None:
            found = frozenset(name for name in self._model.entities if not self.decide(actor, "read", name).allow)
            self._unreadable[key] = found
        return found

    def require(self, actor: Actor, right: str, entity: str) -> None:
        """Raise `NotSignedIn`, `NotFound` (may not even read) or `Forbidden` unless `actor` may."""
        if self.allows(actor, right, entity):
            return
        key = (actor.roles, entity)
        if actor.kind == "anonymous":
            raise NotSignedIn(_m("Sign in first."))
        if right == "read" or "read" not in self._known(key, actor):
            raise NotFound(_m("There is no entity “{name}”.", name=entity))
        label = self._model.entities[entity].plural
        raise Forbidden(_m("You may not {verb} {plural}. Ask an administrator.", verb=_VERBS[right], plural=label))

    def _known(self, key: tuple[tuple[str, ...], str], actor: Actor) -> frozenset[str]:
        found = self._rights.get(key)
        if found is None:
            found = frozenset(right for right in _VERBS if self.decide(actor, right, key[1]).allow)
            self._rights[key] = found
        return found

    def _roles(self, actor: Actor) -> list[Role]:
        """The roles that count: so far only people hold any."""
        return [self._model.roles[name] for name in actor.roles if name in self._model.roles] if actor.kind == "user" else []

    @staticmethod
    def _granted(role: Role, entity: str) -> frozenset[str]:
        found = role.entities.get(entity)
        return found if found is not None else role.entities.get("*", frozenset())
