"""Which records a right reaches in one model and not in another: counted in one statement over the same rows. For `rollout.simulating`.

    with workspace.preview(reader, draft) as work:    # temporary views stand before the tables a draft changes
        published = Schema(runtime.model, dialect, runtime.schema.filling, place_of_tables(work.connection, dialect))    # past those views
        shifts = RowShifts(Side(Guard(published, …), "deal"), Side(Guard(work.schema, …), "deal"), ["read"])
        shifts.counted(work.connection, who)["read"].gained

The one side names its tables by their place, past the views of the rehearsal; so both conditions are asked of each record at one moment.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.access.rows import RowRule
from fieldsmith.db.prepared import Prepared
from fieldsmith.meta.roles import Right
from fieldsmith.meta.system_fields import USER
from fieldsmith.query.guard import Guard


@dataclass(frozen=True, slots=True)
class Side:
    """One model's rules for one kind of reader, and what the entity is called there."""

    guard: Guard
    entity: str


@dataclass(frozen=True, slots=True)
class RowShift:
    """Numbers of live records. `gained` are reached after and not before, `lost` before and not after."""

    before: int
    after: int
    gained: int
    lost: int


class Outlines:
    """What decides which records a right reaches, for comparing two models: equal outlines of one person reach the same records.

    `spoken` remembers the SQL of conditions for all guards of one schema. `moved`: values of pick lists become others, so no condition is the same.
    """

    def __init__(self, guard: Guard, spoken: dict[tuple[str, str], Hashable], moved: bool = False) -> None:
        self._guard = guard
        self._spoken = spoken
        self._moved = moved

    def of(self, entity: str, right: Right) -> Hashable:
        """What reading and `right` go by; comparable among schemas without a `place`."""
        if self._guard.sight.scope(right, entity) == "none":
            return "none"
        return self._rule(entity, "read"), self._rule(entity, right)

    def _rule(self, entity: str, right: Right) -> Hashable:
        rule = self._guard.rule(entity, right)
        if rule is None:
            return "all"
        limits = frozenset(self._said(entity, text) for text in rule.limits)
        entities = self._guard.schema.model.entities
        if rule.path is not None:
            return "path", limits, entities[USER].fields[rule.account].uid, tuple(self._uids(entity, rule.path))
        if rule.master is not None:
            to = str(rule.master.options["to"])
            reached = self._rule(to, rule.master_right) if self._guard.sight.scope(rule.master_right, to) != "none" else "none"
            return "master", limits, rule.master.uid, reached
        shared = frozenset((item.owners, self._said(entity, item.when) if item.when else "") for item in rule.rules)
        return rule.scope, rule.shares, limits, shared

    def _uids(self, entity: str, path: tuple[str, ...]) -> Iterator[int]:
        for name in path:
            field = self._guard.schema.model.entities[entity].fields[name]
            entity = field.options["to"]
            yield field.uid

    def _said(self, entity: str, text: str) -> Hashable:
        key = (entity, text)
        if key not in self._spoken:
            source = self._guard.schema.table(entity).alias("o")
            compiled = self._guard.expression(entity, text, source, itertools.count(1)).compile(dialect=self._guard.schema.compiler)
            self._spoken[key] = str(compiled), repr(sorted(compiled.params.items())), self._moved
        return self._spoken[key]


class RowShifts:
    """Counts, for anybody of one kind of reader, the records of one entity that each of some rights reaches. Compiled once."""

    def __init__(self, before: Side, after: Side, rights: Sequence[Right], after_id: int = 0) -> None:
        """Only records with a greater id than `after_id` are looked at."""
        self._rights = rights
        numbers = itertools.count(1)
        was, will = _Flags(before, numbers), _Flags(after, numbers)
        asked = [(was.of(right), will.of(right)) for right in rights]
        found = sa.select(was.source.c.id, *was.columns, *will.columns).where(was.source.c.id == will.source.c.id, was.source.c.deleted_at.is_(None))
        if after_id > 0:
            found = found.where(was.source.c.id > after_id)
        seen = found.subquery("seen")
        totals = [total for names, later in asked for total in _totals(_product(seen, names), _product(seen, later))]
        self._statement = Prepared(sa.select(*totals).select_from(seen), after.guard.schema.compiler)

    def counted(self, connection: sa.Connection, who: Mapping[str, Any]) -> dict[Right, RowShift]:
        """As it is now, for the person of `who` (`expr.to_sql.parameters`)."""
        row = self._statement.rows(connection, who)[0]
        return {right: RowShift(*map(int, row[4 * at : 4 * at + 4])) for at, right in enumerate(self._rights)}


def newest_of(connection: sa.Connection, guard: Guard, entity: str) -> int:
    """The greatest id of the entity's records, 0 without any."""
    return connection.execute(sa.select(sa.func.max(guard.schema.table(entity).c.id))).scalar() or 0


class _Flags:
    """One side's records, with a column that is 1 or 0 for every rule that is asked: those of reading and of rights. Equal rules share one."""

    def __init__(self, side: Side, numbers: Iterator[int]) -> None:
        self._side = side
        self._numbers = numbers
        self._known: list[tuple[RowRule, str]] = []
        self.columns: list[sa.Label[int]] = []
        self.source = side.guard.schema.table(side.entity).alias(f"s{next(numbers)}")

    def of(self, right: Right) -> Sequence[str] | None:
        """The columns that must all be 1 where `right` reaches a record, which one must see too; None: it reaches none."""
        guard, entity = self._side.guard, self._side.entity
        if guard.sight.scope(right, entity) == "none":
            return None
        rules = [(each, rule) for each in dict.fromkeys(("read", right)) if (rule := guard.rule(entity, each)) is not None]
        return tuple(dict.fromkeys(self._column(each, rule) for each, rule in rules))

    def _column(self, right: Right, rule: RowRule) -> str:
        for known, name in self._known:
            if known == rule:
                return name
        name = f"f{next(self._numbers)}"
        condition = self._side.guard.condition(self._side.entity, right, self.source, self._numbers)
        self._known.append((rule, name))
        self.columns.append(sa.literal(1).label(name) if condition is None else sa.case((condition, 1), else_=0).label(name))
        return name


def _product(seen: sa.Subquery, names: Sequence[str] | None) -> sa.ColumnElement[int]:
    found: sa.ColumnElement[int] = sa.literal_column("0" if names is None else "1", sa.Integer)
    for name in names or ():
        found = found * seen.c[name]
    return found


def _totals(was: sa.ColumnElement[int], will: sa.ColumnElement[int]) -> Iterator[sa.ColumnElement[int]]:
    """In the order of `RowShift`."""
    for counted in (was, will, will * (1 - was), was * (1 - will)):
        yield sa.func.coalesce(sa.func.sum(counted), sa.literal_column("0", sa.Integer))
