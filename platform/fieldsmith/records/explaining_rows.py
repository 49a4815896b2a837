"""The rule path of one right on one record: what is needed, then each way that leads to the record, in the order it is evaluated.

Whether a part holds is asked of the database with the guard's own conditions; the words round it come from the same rows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.access.rows import RowRule, master_of
from fieldsmith.access.seen import is_spoken
from fieldsmith.base.context import Actor
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.environment import moment_of
from fieldsmith.expr.to_sql import parameters
from fieldsmith.meta.model import Entity
from fieldsmith.meta.roles import SCOPES, Right, Role, Scope, SharingRule, default_scope
from fieldsmith.records.evaluate import Transaction
from fieldsmith.records.explaining_people import People, owner_of
from fieldsmith.records.explaining_values import why
from fieldsmith.records.explaining_words import group_words, listed, scope_of, verb_of


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at. `holds` None: it only says something. `needed` ones must all hold; of the others, the ways, one.

    `inner`: of a master record, its own checks. `steps`: parts of an expression and what each gave.
    """

    holds: bool | None
    sentence: Message
    needed: bool = False
    inner: tuple[Check, ...] = ()
    steps: tuple[tuple[str, str | Message], ...] = ()

    @property
    def told(self) -> tuple[Message, ...]:
        """The sentence, and of a master record what decides there."""
        return (self.sentence, *(said for check in self.inner if check.holds is not None and check.holds == self.holds for said in check.told))


class Rows:
    """Checks for one person, told to one reader, within one transaction."""

    def __init__(self, work: Transaction, reader: Actor, actor: Actor) -> None:
        self._work = work
        self._reader = reader
        self._actor = actor
        self._policy = work.runtime.policy
        self._schema = work.runtime.schema
        self._sight = self._policy.sight(actor)
        self._guard = work.queries.guard(actor)
        self._people = People(work, reader, actor)
        self._params = parameters(moment_of(actor, work.now), actor.id, self._schema.dialect)

    def checks(self, entity: Entity, right: Right, id: int | None) -> tuple[Check, ...]:
        """In the order of evaluation. Without `id` only what roles say."""
        if self._sight.everything:
            roles = [role for role in self._policy.roles_of(self._actor) if role.administrator]
            label = roles[0].label if roles else self._actor.name
            return (Check(True, _m("Role {role} may do everything.", role=label)),)
        granted = self._granted(entity, right)
        if granted[-1].holds is False or id is None:
            return tuple(granted)
        rule = self._guard.rule(entity.name, right)
        if rule is None:
            return (*granted, Check(True, _m("This reaches every record of {entity}.", entity=entity.plural)))
        held = self._held(entity, rule, id)
        return (*granted, *self._limits(entity, rule, id, held), *self._ways(entity, right, rule, id, held))

    def sql(self, entity: Entity, right: Right) -> str:
        """The condition on rows as it is sent, "" where there is none."""
        table = self._schema.table(entity.name)
        condition = None if entity.name in self._sight else self._guard.condition(entity.name, right, table, itertools.count(1))
        return "" if condition is None else str(condition.compile(dialect=self._schema.compiler))

    def way(self, entity: Entity, right: Right, id: int) -> str:
        """The first way that leads to the record: "all", "path", "master", "owner", "rule", "share"; "" where none does."""
        if not self._policy.allows(self._actor, right, entity.name):
            return ""
        rule = None if self._sight.everything else self._guard.rule(entity.name, right)
        if rule is None:
            return "administrator" if self._sight.everything else "all"
        held = self._held(entity, rule, id)
        if not all(held[f"limit {number}"] for number in range(len(rule.limits))):
            return ""
        found = [name for name in held if not name.startswith(("limit ", "when "))]
        return next(("rule" if "." in name else name for name in found if held[name]), "" if found else "all")

    def _granted(self, entity: Entity, right: Right) -> list[Check]:
        """What each role says of the right."""
        roles = list(self._policy.roles_of(self._actor))
        words = {"verb": verb_of(right), "plural": entity.plural}
        if not roles:
            return [Check(False, _m("{name} holds no role.", name=self._actor.name), needed=True)]
        if self._sight.portal is not None and entity.name not in self._sight.portal.paths:
            return [Check(False, _m("Role {role} is for people from outside and has no path to {plural}.", role=roles[0].label, **words), needed=True)]
        scopes = {role.name: self._scope(role, right, entity) for role in roles}
        giving = sorted((role for role in roles if scopes[role.name] != "none"), key=lambda role: -SCOPES.index(scopes[role.name]))
        if not giving:
            return [Check(False, self._nothing(roles, right, entity), needed=True)]
        said = [Check(None, self._says(role, entity, scopes[role.name], words)) for role in giving]
        allowed = self._policy.allows(self._actor, right, entity.name)
        if allowed:
            return said
        taking = [role for role in roles if entity.name in role.restrict and {right, "read"} & set(role.restrict[entity.name].rights)]
        taken = [Check(False, _m("A restriction of role {role} takes it away.", role=role.label), needed=True) for role in taking]
        return said + (taken or [Check(False, _m("Without reading {plural}, no other right counts.", **words), needed=True)])

    def _says(self, role: Role, entity: Entity, scope: Scope, words: dict[str, Any]) -> Message:
        """Of details, and for people from outside, something else says how far."""
        if role.portal is not None or master_of(entity) is not None:
            return _m("Role {role} lets {verb} {plural}.", role=role.label, **words)
        return _m("Role {role} lets {verb} {plural}: {scope}.", role=role.label, scope=scope_of(scope), **words)

    def _nothing(self, roles: Sequence[Role], right: Right, entity: Entity) -> Message:
        """No role gives the right: what is near it."""
        words = {"verb": verb_of(right), "plural": entity.plural}
        reading = next((role for role in roles if right != "read" and self._scope(role, "read", entity) != "none"), None)
        if reading is not None:
            return _m("Role {role} may read {plural}, but no role lets {name} {verb} them.", role=reading.label, name=self._actor.name, **words)
        return _m("No role of {name} lets {verb} {plural}: {roles}.", name=self._actor.name, roles=listed([role.label for role in roles]), **words)

    def _scope(self, role: Role, right: Right, entity: Entity) -> Scope:
        granted = role.granted(entity.name)
        if right not in granted:
            return "none"
        return granted[right] or ("all" if role.portal is not None else default_scope(entity.sharing, right))

    def _held(self, entity: Entity, rule: RowRule, id: int) -> dict[str, bool]:
        """Every part of the rule, asked in one statement."""
        table, numbers = self._schema.table(entity.name), itertools.count(1)
        parts: dict[str, Any] = {f"limit {number}": self._guard.expression(entity.name, text, table, numbers) for number, text in enumerate(rule.limits)}
        parts |= self._guard.ways(entity, rule, table, numbers)
        parts |= {f"when {item.key}": self._guard.expression(entity.name, item.when, table, numbers) for item in rule.rules if item.when}
        if not parts:
            return {}
        asked = [sa.case((part, 1), else_=0) for part in parts.values()]
        row = self._work.connection.execute(sa.select(*asked).select_from(table).where(table.c.id == id), self._params).first()
        return dict.fromkeys(parts, False) if row is None else {name: bool(value) for name, value in zip(parts, row, strict=True)}

    def _limits(self, entity: Entity, rule: RowRule, id: int, held: dict[str, bool]) -> Iterator[Check]:
        for number, text in enumerate(rule.limits):
            role = next(role for role in self._policy.roles_of(self._actor) if entity.name in role.restrict and role.restrict[entity.name].records == text)
            found = why(self._work, self._reader, self._actor, entity.name, id, text)
            holds = held[f"limit {number}"]
            if holds:
                sentence = _m("The restriction of role {role} leaves the record, because {why}.", role=role.label, why=found.told)
            else:
                sentence = _m("The restriction of role {role} takes the record away, because {why}.", role=role.label, why=found.told)
            yield Check(holds, sentence, needed=True, steps=found.steps)

    def _ways(self, entity: Entity, right: Right, rule: RowRule, id: int, held: dict[str, bool]) -> Iterator[Check]:
        if rule.path is not None:
            yield self._path(rule, held["path"])
        elif rule.master is not None:
            yield self._master(rule, id, held.get("master", True))
        elif rule.scope == "all":
            yield Check(True, _m("This reaches every record of {entity} that the restrictions leave.", entity=entity.plural))
        else:
            owner = owner_of(self._work, entity, id)
            yield Check(held["owner"], self._people.owning(owner, rule.scope, held["owner"]))
            yield from self._rules(entity, rule, id, owner, held)
            if rule.shares:
                yield Check(held["share"], self._people.shared(entity, id, rule.shares, held["share"]))

    def _rules(self, entity: Entity, rule: RowRule, id: int, owner: int | None, held: dict[str, bool]) -> Iterator[Check]:
        """Every sharing rule of the entity: one that matches, one that does not and why, one for others."""
        for item in self._schema.model.sharing_rules_of.get(entity.name, ()) if rule.shares else ():
            if item in rule.rules:
                yield self._rule(entity, item, id, owner, held)
            elif rule.shares == "edit" and item.access == "read":
                yield Check(False, _m("Sharing rule “{rule}” lets read only.", rule=item.label))
            else:
                group = group_words(self._schema.model, item.to)
                yield Check(False, _m("Sharing rule “{rule}” shares with others: {group}.", rule=item.label, group=group))

    def _rule(self, entity: Entity, item: SharingRule, id: int, owner: int | None, held: dict[str, bool]) -> Check:
        if not item.when and item.owners is None:
            return Check(True, _m("Sharing rule “{rule}” shares every record.", rule=item.label))
        steps: tuple[tuple[str, str | Message], ...] = ()
        reasons: list[str | Message] = []
        holds = held[item.key]
        if item.when and held[f"when {item.key}"] == holds:
            found = why(self._work, self._reader, self._actor, entity.name, id, item.when)
            reasons.append(found.told)
            steps = found.steps
        if item.owners is not None and (holds or not item.when or held[f"when {item.key}"]):
            group, name = group_words(self._schema.model, item.owners), self._people.name(owner)
            said = _m("the owner, {owner}, is one of: {group}", owner=name, group=group) if holds else None
            reasons.append(said or _m("the owner, {owner}, is none of: {group}", owner=name, group=group))
        if holds:
            return Check(True, _m("Sharing rule “{rule}” matches because {why}.", rule=item.label, why=listed(reasons)), steps=steps)
        return Check(False, _m("Sharing rule “{rule}” does not match because {why}.", rule=item.label, why=listed(reasons)), steps=steps)

    def _path(self, rule: RowRule, holds: bool) -> Check:
        account = self._people.account(rule.account)
        path = ".".join(rule.path or ()) or "id"
        if not is_spoken(self._schema.model, self._policy.sight(self._reader), rule.entity, path, masked=True):
            words = {"name": self._actor.name, "account": account}
            if holds:
                return Check(True, _m("It belongs to the account of {name}, {account}.", **words))
            return Check(False, _m("It does not belong to the account of {name}, {account}.", **words))
        if holds:
            return Check(True, _m("It belongs to the account of {name}, {account}, by {path}.", name=self._actor.name, account=account, path=path))
        return Check(False, _m("It does not belong to the account of {name}, {account}, by {path}.", name=self._actor.name, account=account, path=path))

    def _master(self, rule: RowRule, id: int, holds: bool) -> Check:
        assert rule.master is not None
        to = self._schema.model.entities[rule.master.options["to"]]
        table = self._schema.table(rule.entity)
        column = table.c[self._schema.columns(rule.master)[0].name]
        key = self._work.connection.execute(sa.select(column).where(table.c.id == id)).scalar()
        if key is None:
            return Check(holds, _m("It belongs to no {entity}, which would decide.", entity=to.label))
        name = self._people.record(to.name, key)
        inner = self.checks(to, rule.master_right, key)
        if holds:
            return Check(True, _m("It belongs to {entity} {name}, which {person} may {verb}.", **self._belonging(to, name, rule)), inner=inner)
        return Check(False, _m("It belongs to {entity} {name}, which {person} may not {verb}.", **self._belonging(to, name, rule)), inner=inner)

    def _belonging(self, to: Entity, name: str, rule: RowRule) -> dict[str, Any]:
        return {"entity": to.label, "name": name, "person": self._actor.name, "verb": verb_of(rule.master_right)}
