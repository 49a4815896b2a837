"""`Guard`: the SQL of the row rules of one kind of reader. Every read and every write of records has its condition in WHERE.

Readers with the same roles, and the same groups among those that sharing rules name, have the same guard; who it is exactly is the
bound user. Conditions of sharing rules and restrictions run with the definer's rights.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import sqlalchemy as sa

from fieldsmith.access.rows import RowRule, row_rule
from fieldsmith.access.sight import Sight
from fieldsmith.db import system
from fieldsmith.db.expression_columns import condition_sql
from fieldsmith.db.indexes import by_owner
from fieldsmith.db.joins import Joins
from fieldsmith.db.prepared import Prepared, among
from fieldsmith.db.system_sharing import fs_reach, fs_share, fs_team_reach
from fieldsmith.db.tables import Schema
from fieldsmith.expr.check import check
from fieldsmith.expr.sql_values import context
from fieldsmith.meta.model import Entity
from fieldsmith.meta.places import filter_place
from fieldsmith.meta.roles import Group, Right, SharingRule
from fieldsmith.meta.system_fields import USER

Condition = sa.ColumnElement[bool]


class Guard:
    """Conditions on tables of `schema`. Compared by identity: the runtime keeps one for each kind of reader."""

    def __init__(self, schema: Schema, sight: Sight, groups: frozenset[str] = frozenset(), narrow: frozenset[str] = frozenset()) -> None:
        """`narrow`: entities of which the reader sees so few records that finding those first is quicker than looking at each. Same answers."""
        self._narrow = narrow
        self.schema = schema
        self.sight = sight
        self.groups = groups
        self._rules: dict[tuple[str, Right], RowRule | None] = {}

    def rule(self, entity: str, right: Right) -> RowRule | None:
        """The rule of `right` on `entity`, None where it reaches every record."""
        key = (entity, right)
        if key not in self._rules:
            self._rules[key] = row_rule(self.schema.model, self.sight, self.groups, entity, right)
        return self._rules[key]

    def names(self, entity: str) -> bool:
        """May the reader see what records of `entity` are called?"""
        return entity not in self.sight and (entity, self.schema.model.entities[entity].name_field) not in self.sight.unspoken

    def readable(self, entity: str, source: Any, numbers: Iterator[int]) -> Condition | None:
        """`condition` of reading: what paths and related lists of the reader go through."""
        return self.condition(entity, "read", source, numbers)

    def condition(self, entity: str, right: Right, source: Any, numbers: Iterator[int]) -> Condition | None:
        """That `right` reaches the record in `source`, a table or alias of `entity`; None where it reaches all. `numbers` name aliases."""
        rule = self.rule(entity, right)
        if rule is None:
            return None
        found = self.schema.model.entities[entity]
        parts = [self.expression(entity, text, source, numbers) for text in rule.limits]
        reached = self._reached(found, rule, source, numbers)
        if reached is not None:
            parts.append(reached)
        return sa.and_(*parts) if parts else None

    def covered(self, rule: SharingRule, source: Any, numbers: Iterator[int]) -> Condition:
        """That `rule` shares the record in `source`, a table of its entity, whoever reads."""
        entity = self.schema.model.entities[rule.entity]
        owner = source.c.id if entity.name == USER else source.c[self.schema.columns(entity.fields["owner"])[0].name]
        return self._shared(entity, rule, owner, source, numbers)

    def among(self, right: Right, entity: str, keep: Callable[[Any, Callable[[], Prepared]], Prepared]) -> Prepared:
        """The statement that gives those of the ids in `:keys` that `right` reaches."""

        def build() -> Prepared:
            table = self.schema.table(entity)
            reached = self.condition(entity, right, table, itertools.count(1))
            found = sa.select(table.c.id).where(among(table.c.id, self.schema.dialect))
            return Prepared(found if reached is None else found.where(reached), self.schema.compiler)

        return keep(("among", self, right, entity), build)

    def _reached(self, entity: Entity, rule: RowRule, source: Any, numbers: Iterator[int]) -> Condition | None:
        if entity.name in self._narrow and self.can_narrow(rule):
            return cast(Condition, source.c.id.in_(self._few(entity, rule, numbers)))
        ways = self.ways(entity, rule, source, numbers)
        return sa.or_(*ways.values()) if ways else None

    def can_narrow(self, rule: RowRule | None) -> bool:
        """Does it go by owners, with an index by owner? Then the records can be found from them."""
        if rule is None or rule.path is not None or rule.master is not None or rule.scope == "all" or rule.entity == USER:
            return False
        return by_owner(self.schema.model, self.schema.model.entities[rule.entity])

    def narrows(self, entity: str, right: Right) -> bool:
        """Does the reader see so few records of `entity` that they are found by `found`?"""
        return entity in self._narrow and self.can_narrow(self.rule(entity, right))

    def found(self, entity: str, right: Right, base: sa.Select[Any], source: Any, numbers: Iterator[int], plain: bool) -> list[sa.Select[Any]]:
        """`base`, which reads live records from `source`, once for each way in which `right` reaches them, that by owner first.

        Each goes by its own index, and a record may come by several. `plain`: it asks no more than that they live. Only where `can_narrow`.
        """
        rule = self.rule(entity, right)
        assert rule is not None
        limited = base.where(*[self.expression(entity, text, source, numbers) for text in rule.limits])
        return self._found(self.schema.model.entities[entity], rule, limited, source, numbers, plain and not rule.limits)

    def few(self, entity: str, right: Right) -> Prepared:
        """Counts the records `right` reaches, up to `:most`, each as often as there are ways to it; only where `can_narrow`."""
        rule = self.rule(entity, right)
        assert rule is not None
        few = self._few(self.schema.model.entities[entity], rule, itertools.count(1)).limit(sa.bindparam("most", type_=sa.Integer)).subquery()
        return Prepared(sa.select(sa.func.count()).select_from(few), self.schema.compiler)

    def _few(self, entity: Entity, rule: RowRule, numbers: Iterator[int]) -> sa.CompoundSelect[Any]:
        """The ids of the live records that `rule` reaches."""
        few = self.schema.table(entity.name).alias(f"g{next(numbers)}")
        live = sa.select(few.c.id).where(few.c.deleted_at.is_(None)).correlate(None)
        return sa.union_all(*self._found(entity, rule, live, few, numbers, True))

    def _found(self, entity: Entity, rule: RowRule, base: sa.Select[Any], source: Any, numbers: Iterator[int], plain: bool) -> list[sa.Select[Any]]:
        owner = source.c[self.schema.columns(entity.fields["owner"])[0].name]
        ways = [self._of_owners(entity, rule, base, source, numbers, plain)]
        ways += [base.where(self._shared(entity, item, owner, source, numbers)) for item in rule.rules]
        if rule.shares:
            ways.append(base.where(source.c.id.in_(self._single(entity, rule))))
        return ways

    def _of_owners(self, entity: Entity, rule: RowRule, base: sa.Select[Any], source: Any, numbers: Iterator[int], plain: bool) -> sa.Select[Any]:
        """What of `base` has an owner the scope reaches, found owner by owner, nothing twice.

        PostgreSQL takes ten times too many owners for granted and would read the whole table; it is told to go by the index. What
        `base` asks beside is asked of each record then, lest it go by that instead, once for every owner.
        """
        owners = _owners(rule, self._me())
        column = self.schema.columns(entity.fields["owner"])[0].name
        if self.schema.dialect == "sqlite":
            return base.where(source.c[column].in_(sa.union_all(*owners)))
        other = sa.union(*owners).subquery("owners")
        if plain:
            theirs = _fenced(base.where(source.c[column] == other.c.user_id), other, "theirs")
            return sa.select(*theirs.c).select_from(other.join(theirs, sa.true())).correlate(None)
        few = self.schema.table(entity.name).alias(f"g{next(numbers)}")
        ids = _fenced(sa.select(few.c.id).where(few.c.deleted_at.is_(None), few.c[column] == other.c.user_id), other, "theirs")
        whole = _fenced(base.where(source.c.id == ids.c.id), ids, "whole")
        return sa.select(*whole.c).select_from(other.join(ids, sa.true()).join(whole, sa.true())).correlate(None)

    def ways(self, entity: Entity, rule: RowRule, source: Any, numbers: Iterator[int]) -> dict[str, Condition]:
        """Each way in which `rule` reaches records: "path", "master", "owner", the keys of sharing rules, "share". One must hold; none means all do."""
        if rule.path is not None:
            return {"path": self._of_account(entity, rule, source, numbers)}
        if rule.master is not None:
            reached = self._of_master(rule, source, numbers)
            return {} if reached is None else {"master": reached}
        if rule.scope == "all":
            return {}
        owner = source.c.id if entity.name == USER else source.c[self.schema.columns(entity.fields["owner"])[0].name]
        ways = {"owner": _owned(rule, self._me(), owner)}
        ways |= {item.key: self._shared(entity, item, owner, source, numbers) for item in rule.rules}
        if rule.shares:
            ways["share"] = source.c.id.in_(self._single(entity, rule))
        return ways

    def _of_master(self, rule: RowRule, source: Any, numbers: Iterator[int]) -> Condition | None:
        assert rule.master is not None
        to = rule.master.options["to"]
        master = self.schema.table(to).alias(f"g{next(numbers)}")
        inner = self.condition(to, rule.master_right, master, numbers)
        if self.sight.scope(rule.master_right, to) == "none":
            return sa.false()
        if inner is None:
            return None
        column = source.c[self.schema.columns(rule.master)[0].name]
        return sa.select(sa.literal_column("1")).select_from(master).where(master.c.id == column, inner).correlate(source).exists()

    def _of_account(self, entity: Entity, rule: RowRule, source: Any, numbers: Iterator[int]) -> Condition:
        people = self.schema.model.entities[USER]
        person = self.schema.table(USER).alias(f"g{next(numbers)}")
        account = person.c[self.schema.columns(people.fields[rule.account])[0].name]
        mine = sa.select(account).where(person.c.id == self._me()).correlate(None).scalar_subquery()
        if not rule.path:
            whole: Condition = source.c.id == mine
            return whole
        hops = []
        here = entity
        for name in rule.path:
            hops.append(here.fields[name])
            here = self.schema.model.entities[hops[-1].options["to"]]
        last = self.schema.columns(hops[-1])[0].name
        if len(hops) == 1:
            direct: Condition = source.c[last] == mine
            return direct
        root = self.schema.table(entity.name).alias(f"g{next(numbers)}")
        joins = Joins(self.schema, root, None, numbers)
        end = joins.source(tuple(hops[:-1])).c[last]
        return sa.select(sa.literal_column("1")).select_from(joins.from_clause).where(root.c.id == source.c.id, end == mine).correlate(source).exists()

    def _shared(self, entity: Entity, rule: SharingRule, owner: Any, source: Any, numbers: Iterator[int]) -> Condition:
        parts: list[Condition] = []
        if rule.owners is not None:
            parts.append(owner.in_(self._members(rule.owners)))
        if rule.when:
            parts.append(self.expression(entity.name, rule.when, source, numbers))
        return sa.and_(*parts) if parts else sa.true()

    def _members(self, group: Group) -> sa.CompoundSelect[Any]:
        """The ids of the users in `group`."""
        ways: list[sa.Select[Any]] = []
        if group.roles:
            ways.append(sa.select(system.fs_user_role.c.user_id).where(_one_of(system.fs_user_role.c.role, group.roles)))
        if group.users:
            ways.append(sa.select(system.fs_login.c.user_id).where(_one_of(system.fs_login.c.name, group.users)))
        if group.teams:
            teams = self.schema.table("team")
            name = self.schema.columns(self.schema.model.entities["team"].fields["name"])[0]
            among = sa.select(fs_team_reach.c.team_id).select_from(teams.join(fs_team_reach, fs_team_reach.c.team_id == teams.c.id))
            above = fs_team_reach.alias("above")
            inside = above.c.team_id.in_(among.where(_one_of(name, group.teams), teams.c.deleted_at.is_(None)))
            below = sa.and_(fs_reach.c.team_at >= above.c.team_at, fs_reach.c.team_at <= above.c.team_to)
            ways.append(sa.select(fs_reach.c.user_id).join_from(fs_reach, above, below).where(inside))
        return sa.union_all(*ways)

    def _single(self, entity: Entity, rule: RowRule) -> sa.Select[Any]:
        """The ids of records shared one by one with the reader, their teams or roles."""
        share = fs_share.alias("share")
        own, team = fs_reach.alias("own"), fs_team_reach.alias("team_above")
        teams = sa.select(team.c.team_id).join_from(own, team, sa.and_(team.c.team_at <= own.c.team_at, team.c.team_to >= own.c.team_at))
        with_me = sa.or_(
            sa.and_(share.c.kind == "user", share.c.grantee == self._me()),
            sa.and_(share.c.kind == "team", share.c.grantee.in_(teams.where(own.c.user_id == self._me()))),
            sa.and_(share.c.kind == "role", _one_of(share.c.role, self.sight.roles)),
        )
        now = context("now", self.schema.dialect)
        lasting = sa.or_(share.c.until.is_(None), share.c.until > now)
        found = sa.select(share.c.record).where(share.c.entity == entity.uid, with_me, lasting)
        return found.where(share.c.access == "edit") if rule.shares == "edit" else found

    def _me(self) -> sa.ColumnElement[Any]:
        """The id of who reads."""
        return context("user", self.schema.dialect)

    def expression(self, entity: str, text: str, source: Any, numbers: Iterator[int]) -> Condition:
        """That `text`, of a restriction or sharing rule, is true of the record in `source`."""
        model = self.schema.model
        node = check(text, filter_place(entity), model.vocabulary, model.functions)
        here = Joins(self.schema, source, None, numbers)
        plain = condition_sql(entity, node, here)
        if here.from_clause is source:
            return plain
        root = self.schema.table(entity).alias(f"g{next(numbers)}")
        joins = Joins(self.schema, root, None, numbers)
        wanted = condition_sql(entity, node, joins)
        return sa.select(sa.literal_column("1")).select_from(joins.from_clause).where(root.c.id == source.c.id, wanted).correlate(source).exists()


def _fenced(found: sa.Select[Any], beside: sa.FromClause, name: str) -> sa.FromClause:
    """`found` for each row of `beside`, which it speaks of; PostgreSQL plans it by itself, not joined with what is around."""
    return found.correlate(beside).offset(sa.literal_column("0")).lateral(name)


def _one_of(column: Any, values: Sequence[str]) -> Condition:
    return sa.or_(sa.false(), *[column == value for value in values])


def _owned(rule: RowRule, self_id: sa.ColumnElement[Any], owner: sa.ColumnElement[Any]) -> Condition:
    """That `owner` is one of `_owners`, asked of the row of that user alone."""
    other = fs_reach.alias("other")
    found: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(other).where(other.c.user_id == owner, sa.or_(*_ways(rule, self_id, other)))
    return found.correlate_except(other).exists()


def _owners(rule: RowRule, self_id: sa.ColumnElement[Any]) -> list[sa.Select[Any]]:
    """The ids of users whose records the scope reaches, each way by its own index: oneself; the queues one serves; the team and below; subordinates."""
    other = fs_reach.alias("other")
    return [sa.select(other.c.user_id).where(way).correlate(None) for way in _ways(rule, self_id, other)]


def _ways(rule: RowRule, self_id: sa.ColumnElement[Any], other: Any) -> list[Condition]:
    me = fs_reach.alias("me")
    names = ("team_id", "team_at", "team_to", "boss_at", "boss_to")
    mine = [sa.select(me.c[name]).where(me.c.user_id == self_id).correlate(None).scalar_subquery() for name in names]
    ways: list[Condition] = [other.c.user_id == self_id, other.c.queue_of == mine[0]]
    if rule.scope in ("team", "hierarchy"):
        ways.append(other.c.team_at.between(mine[1], mine[2]))
    if rule.scope == "hierarchy":
        ways.append(other.c.boss_at.between(mine[3], mine[4]))
    return ways
