"""The oracle: who may do what in a world, in plain Python. Asks nothing of the product.

The law, in sentences (issue 5 and the notes of its start; “decided” where those are silent and the product's own rule was taken):

1.  Who is suspended may nothing. An administrator may everything.
2.  Somebody holds several roles; a role for outsiders counts alone: beside it no other role does.
3.  A right in a list has the scope of the entity's `sharing`: private own, team, hierarchy; read: all for reading, own for the rest; all.
    Create and import have no row before: as far as changing goes, but everywhere where reading goes everywhere. A list with read holds
    history, with update mass-change, with delete merge. A dict says each scope. `*` stands for entities the role does not name.
4.  Roles merge by the widest scope. What any of them takes away by `restrict` is none, whatever grants it.
5.  An entity whose read is none is not there; then no other right on it counts.
6.  An own record is one I own, or a queue of my team owns. Team: those of owners in my team or the teams below it, too.
    Hierarchy: those of all that I lead, directly or not, too. A user record is its own owner. A record without an owner is nobody's.
7.  A share adds read (with history and export) or edit (with change and mass-change) for a record, where the entity right is not none.
    Sharing rules: records for which `when` holds and whose owner is among `owners`, to members of roles, teams (with teams below), users.
    Single shares end at their time. A share never gives delete (decided).
8.  A detail follows its master: read, history and export where the master can be read, all else where the master can be changed; scope, shares
    and sharing rules of the detail itself count for nothing (decided). Its own right must not be none.
9.  `restrict.records` must hold for every record and right, after everything else.
10. Outsiders: only entities with a path, only records whose path ends at their user's account.
11. A field has the most that any role which can read its entity grants (edit where not named), cut by every `restrict`.
    A formula or rollup that reads a hidden or masked field, also one of an entity that is not there, is hidden, unless a role which
    reads the entity, or a restriction, names it.
    Formulas and rollups give everybody the same value: rows they read are not asked for (decided).
12. Recycled records are seen as live ones would be (decided), in the bin.
13. Who sees a lookup knows the names of the entities it leads to, and nothing else of them (decided).
14. An action (share, take) is for who holds update, and has it by a role whose `actions` do not leave the action out. Outsiders never share,
    and details are shared with their master. A share gives at most what its giver has: edit only to who may change the record; to whom one
    may see, and to no role for outsiders.
15. Who may assign a record before a change of nothing but its owner makes it, wherever the record is after; any other change, and one by
    who may not, must leave the record within the reach of reading and changing.
16. A file changes what read, update and import reach; to take one at all, create must be granted too (decided). Columns one may not fill are
    left out; rows are matched by a field shown unmasked, and a new record has none that is locked. Links one is not shown stay.
17. Conditions of rules and restrictions are true with the rights of who wrote them, filters with those of who reads.
"""

from __future__ import annotations

from typing import Any

from tests.access.worlds import Row, Soul, Team, World
from tests.access.worlds_metadata import FIELD_RIGHTS, SCOPES, Body

_SHARING = {"private": ("own", "own"), "team": ("team", "team"), "hierarchy": ("hierarchy", "hierarchy"), "read": ("all", "own"), "all": ("all", "all")}
_READING = ("read", "export", "history")
_EDITING = ("update", "mass_change")
_WITH = {"history": "read", "mass_change": "update", "merge": "delete"}
_READS: dict[str, tuple[str, ...]] = {f"{entity}_twice": (f"{entity}_note",) for entity in ("qfirm", "qdeal", "qpart", "qbadge", "qslip")}
_READS |= {"qdeal_firmnote": ("qdeal_firm", "qfirm.qfirm_note"), "qfirm_deals": ("qdeal.qdeal_firm",)}
"""Computed field → fields it reads, of its own entity or as `entity.field`."""


class Oracle:
    """Answers for one world; keeps nothing that records could change."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._roles = {role["name"]: role for role in world.made.roles}
        self._fields: dict[tuple[tuple[str, ...], str, str], str] = {}

    def roles(self, soul: Soul) -> list[Body]:
        held = [self._roles[name] for name in soul.roles if name in self._roles]
        return [role for role in held if "portal" in role] or held

    def administers(self, soul: Soul) -> bool:
        return "administrator" in soul.roles

    def scope(self, soul: Soul, right: str, entity: str) -> str:
        """How far the right goes; "none" where it is not granted."""
        if not soul.active:
            return "none"
        if self.administers(soul):
            return "all"
        found = self._scope(soul, right, entity)
        return found if right == "read" or self._scope(soul, "read", entity) != "none" else "none"

    def reads(self, soul: Soul, entity: str) -> bool:
        return self.scope(soul, "read", entity) != "none"

    def field(self, soul: Soul, entity: str, name: str) -> str:
        """none, masked, read or edit."""
        if self.administers(soul):
            return "edit"
        if not self.reads(soul, entity):
            return "none"
        key = (soul.roles, entity, name)
        if key not in self._fields:
            self._fields[key] = self._field(soul, entity, name)
        return self._fields[key]

    def hears_of(self, soul: Soul, entity: str) -> bool:
        """Does a lookup that `soul` sees lead to `entity`?"""
        leading = [(name, item["name"], item["to"]) for name, body in self.world.entities.items() for item in body["fields"] if "to" in item]
        if entity == "qfirm" and self.reads(soul, "user"):
            return True
        return any(entity in ([to] if isinstance(to, str) else to) and self.field(soul, name, field) != "none" for name, field, to in leading)

    def acts(self, soul: Soul, action: str, entity: str) -> bool:
        """May `soul` use the action on records of the entity that they may change?"""
        if self.scope(soul, "update", entity) == "none":
            return False
        if self.administers(soul):
            return True
        giving = (role.get("actions") for role in self.roles(soul) if self._granted(role, "update", entity) != "none")
        return any(named is None or action in named.get(entity, named.get("*", ())) for named in giving)

    def shares(self, soul: Soul, entity: str) -> bool:
        """May `soul` share records of the entity at all?"""
        return self.acts(soul, "share", entity) and not any("portal" in role for role in self.roles(soul))

    def sees(self, soul: Soul, row: Row) -> bool:
        return self.may(soul, "read", row)

    def may(self, soul: Soul, right: str, row: Row) -> bool:
        """May `soul` use `right` on the record, as far as rights on entity and record go?"""
        if self.scope(soul, right, row.entity) == "none":
            return False
        return self.administers(soul) or self.reaches(soul, right, row)

    def reaches(self, soul: Soul, right: str, row: Row) -> bool:
        if not all(self.holds(text, row) for text in self._limits(soul, row.entity)):
            return False
        portal = next((role["portal"] for role in self.roles(soul) if "portal" in role), None)
        if portal is not None:
            return soul.firm is not None and self._end(row, portal["paths"][row.entity]) is soul.firm
        master = next((item["name"] for item in self.world.entities.get(row.entity, {}).get("fields", ()) if item.get("owned")), None)
        if master is not None:
            return self.may(soul, "read" if right in _READING else "update", row.values[master])
        if self._owns(soul, self.scope(soul, right, row.entity), row.owner):
            return True
        wanted = ("read", "edit") if right in _READING else ("edit",) if right in _EDITING else ()
        return any(access in wanted for access in self._shared(soul, row))

    def holds(self, text: str, row: Row, reader: Soul | None = None) -> bool:
        """With the rights of `reader`, a path through a record they may not see is blank; without, of who wrote it."""
        path, operator, value = self.world.made.conditions[text]
        lookup, _, rest = path.partition(".")
        passed = row.values.get(lookup) if rest else None
        found = None if reader is not None and passed is not None and not self.sees(reader, passed) else self._end(row, path)
        return bool((found == value) == (operator == "="))

    def _scope(self, soul: Soul, right: str, entity: str) -> str:
        roles = self.roles(soul)
        portal = next((role["portal"] for role in roles if "portal" in role), None)
        if portal is not None and entity not in portal["paths"]:
            return "none"
        if any(right in role["restrict"].get(entity, {}).get("rights", ()) for role in roles):
            return "none"
        return max((self._granted(role, right, entity) for role in roles), key=SCOPES.index, default="none")

    def _granted(self, role: Body, right: str, entity: str) -> str:
        granted = role["entities"].get(entity, role["entities"].get("*", []))
        if isinstance(granted, dict):
            said: str = granted.get(right, "none")
            return "all" if "portal" in role and said != "none" else said
        if right not in granted and _WITH.get(right) not in granted:
            return "none"
        if "portal" in role:
            return "all"
        sharing = self.world.entities.get(entity, {}).get("sharing", "all")
        if right in ("create", "import") and sharing == "read":
            return "all"
        return _SHARING[sharing][0 if right in _READING else 1]

    def _limits(self, soul: Soul, entity: str) -> list[str]:
        if self.administers(soul):
            return []
        found = [role["restrict"].get(entity, {}).get("records") for role in self.roles(soul)]
        return [text for text in found if text]

    def _end(self, row: Row, path: str) -> Any:
        found: Any = row
        for name in path.split(".") if path else ():
            found = found.values.get(name) if found is not None else None
        return found

    def _owns(self, soul: Soul, scope: str, owner: Soul | None) -> bool:
        if scope == "all":
            return True
        if owner is None:
            return False
        if owner is soul or (owner.kind == "queue" and owner.team is not None and owner.team is soul.team):
            return True
        if scope in ("team", "hierarchy") and soul.team is not None and owner.team is not None and owner.team.under(soul.team):
            return True
        return scope == "hierarchy" and owner.below(soul)

    def _shared(self, soul: Soul, row: Row) -> set[str]:
        found = {share.access for share in self.world.shares if share.row is row and share.until != "over" and self._is(soul, share.to)}
        for rule in self.world.made.rules:
            owned = "owners" not in rule or (row.owner is not None and self._in(row.owner, rule["owners"], False))
            if rule["entity"] == row.entity and self._in(soul, rule["to"], True) and owned and ("when" not in rule or self.holds(rule["when"], row)):
                found.add(rule.get("access", "read"))
        return found

    def _is(self, soul: Soul, to: Soul | Team | str) -> bool:
        if isinstance(to, str):
            return any(role["name"] == to for role in self.roles(soul))
        return to is soul if isinstance(to, Soul) else soul.team is not None and soul.team.under(to)

    def _in(self, soul: Soul, group: Body, counting: bool) -> bool:
        """`counting`: only roles that count for the reader; an owner is among the holders of whatever they hold."""
        held = {role["name"] for role in self.roles(soul)} if counting else set(soul.roles)
        if held & set(group.get("roles", ())) or (soul.kind == "person" and soul.name.lower() in group.get("users", ())):
            return True
        return any(team.name in group.get("teams", ()) and soul.team is not None and soul.team.under(team) for team in self.world.teams)

    def _field(self, soul: Soul, entity: str, name: str) -> str:
        roles = self.roles(soul)
        granting = [role for role in roles if self._granted(role, "read", entity) != "none"]
        cuts = [role["restrict"].get(entity, {}).get("fields", {})[name] for role in roles if name in role["restrict"].get(entity, {}).get("fields", {})]
        said = cuts or any(role["field_rights"].get(entity, {}).get(name, "edit") != "edit" for role in granting)
        if not said and any(self._unseen(soul, entity, read) for read in _READS.get(name, ())):
            return "none"
        most = max((role["field_rights"].get(entity, {}).get(name, "edit") for role in granting), key=FIELD_RIGHTS.index, default="edit")
        found: str = min([most, *cuts], key=FIELD_RIGHTS.index)
        return found

    def _unseen(self, soul: Soul, entity: str, read: str) -> bool:
        other, _, name = read.rpartition(".")
        return self.field(soul, other or entity, name) in ("none", "masked")
