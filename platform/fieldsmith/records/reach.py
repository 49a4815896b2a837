"""`Reach`: does a right reach these records? Asked before a record is changed, and again of what it has become.

Rights on whole entities are `access.policy`; this is about rows. The caller ends the transaction when something is raised.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Forbidden
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.model import Entity
from fieldsmith.meta.roles import Right
from fieldsmith.query.run import Queries

_MAY_NOT: Mapping[Right, Message] = {
    "create": _m("create"),
    "update": _m("change"),
    "delete": _m("delete"),
    "history": _m("see the history of"),
    "import": _m("import"),
    "mass_change": _m("change in bulk"),
    "merge": _m("merge"),
    "assign": _m("hand over"),
    "reveal": _m("see masked values of"),
}


class Reach:
    """Within one transaction."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def require(self, actor: Actor, right: Right, entity: Entity, ids: Sequence[int]) -> None:
        """Raise `Forbidden` unless `right` reaches every one of the records, which the actor may see. What has just been made must be seen, too."""
        if not self._reach(actor, ("read", right) if right == "create" else (right,), entity, ids):
            if right == "create":
                message = _m("Your roles do not let you create a {entity} like this one. Look at its owner and at what it belongs to.", entity=entity.label)
                raise Forbidden(message)
            raise Forbidden(_m("You may see this {entity}, but not {verb} it. Ask its owner or an administrator.", entity=entity.label, verb=_MAY_NOT[right]))

    def require_still(self, actor: Actor, right: Right, entity: Entity, ids: Sequence[int]) -> None:
        """Raise `Forbidden` when a change took a record out of the actor's reach: to see it, or to use `right` on it."""
        if not self._reach(actor, ("read", right), entity, ids):
            message = _m("With this change the {entity} would be out of your reach. Ask somebody who may see it then to make the change.", entity=entity.label)
            raise Forbidden(message)

    def may_hand_over(self, actor: Actor, entity: Entity, id: int, changed: Collection[str]) -> bool:
        """May this change, of nothing but the owner, take the record out of the actor's reach? Asked before it is made."""
        return set(changed) == {"owner"} and self._queries.may(actor, "assign", entity.name, id)

    def _reach(self, actor: Actor, rights: Sequence[Right], entity: Entity, ids: Sequence[int]) -> bool:
        """Does each of `rights` reach every one of the records?"""
        return all(len(self._queries.reaches(actor, right, entity.name, ids)) == len(set(ids)) for right in rights)
