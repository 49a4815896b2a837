"""The world as tables, and `to_sql.Columns` over them: paths are outer joins, lists correlated subqueries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from fieldsmith.db import types as db
from fieldsmith.expr.nodes import Aggregate, FieldRef, Node, Root, walk
from fieldsmith.expr.sql_values import sql_type
from fieldsmith.expr.to_sql import Dialect, Rows
from fieldsmith.expr.vocabulary import Related, Symbol
from tests.expr.world import ENTITIES, PARTS, Spec, spec, type_of
from tests.expr.world_rows import Record, Records, every_record


class Tables:
    """One table per entity, `name__part` for the parts of a field, one table per many-to-many field."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.metadata = sa.MetaData()
        self._prefixes = ["TEMPORARY"] if dialect == "postgresql" else []
        self.links: dict[tuple[str, str], sa.Table] = {}
        self.entities = {name: self._entity(name) for name in ENTITIES}

    def create(self, connection: sa.Connection) -> None:
        self.metadata.create_all(connection, checkfirst=False)

    def fill(self, connection: sa.Connection, records: Records) -> None:
        """These records and no others."""
        for table in self.metadata.tables.values():
            connection.execute(table.delete())
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ENTITIES}
        links: dict[tuple[str, str], list[dict[str, int]]] = {key: [] for key in self.links}
        for record in every_record(records):
            rows[record.entity].append(_row(record))
            for key in self.links:
                if key[0] == record.entity:
                    links[key] += [{"source": record.id, "target": id_} for id_ in record.values.get(key[1], ())]
        for entity, found in rows.items():
            if found:
                connection.execute(self.entities[entity].insert(), found)
        for key, pairs in links.items():
            if pairs:
                connection.execute(self.links[key].insert(), pairs)

    def _entity(self, entity: str) -> sa.Table:
        columns = [sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False), sa.Column("recycled", sa.Boolean(), nullable=False)]
        for field, words in ENTITIES[entity].items():
            found = Spec.of(words)
            if found.word == "list":
                pair = (sa.Column("source", sa.BigInteger()), sa.Column("target", sa.BigInteger()))
                self.links[entity, field] = sa.Table(f"w_{entity}_{field}", self.metadata, *pair, prefixes=self._prefixes)
                continue
            columns += [sa.Column(name, type_, nullable=found.word != "boolean") for name, type_ in self._columns(field, found)]
        return sa.Table(f"w_{entity}", self.metadata, *columns, prefixes=self._prefixes)

    def _columns(self, field: str, found: Spec) -> list[tuple[str, sa.types.TypeEngine[Any]]]:
        plain: dict[str, sa.types.TypeEngine[Any]] = {
            **{"integer": sa.BigInteger(), "lookup": sa.BigInteger(), "boolean": sa.Boolean(), "date": db.DATE, "datetime": db.DATETIME, "time": db.TIME},
        }
        number = db.decimal(found.scale, self.dialect)
        match found.word:
            case "decimal":
                return [(field, number)]
            case "currency":
                return [(field, number), (f"{field}__currency", db.TEXT), (f"{field}__company", number)]
            case "polymorphic":
                return [(field, sa.BigInteger()), (f"{field}__entity", db.TEXT)]
            case "person" | "address":
                return [(f"{field}__{part}", db.TEXT) for part in PARTS[found.word]]
        return [(field, plain.get(found.word, db.TEXT))]


def _row(record: Record) -> dict[str, Any]:
    row: dict[str, Any] = {"id": record.id, "recycled": record.recycled}
    for field, words in ENTITIES[record.entity].items():
        word, value = Spec.of(words).word, record.values.get(field)
        match word:
            case "list":
                continue
            case "boolean":
                row[field] = bool(value)
            case "set":
                row[field] = None if value is None else json.dumps(list(value), ensure_ascii=False, separators=(",", ":"))
            case "currency":
                row[field], row[f"{field}__currency"], row[f"{field}__company"] = value or (None, None, None)
            case "polymorphic":
                row[f"{field}__entity"], row[field] = value or (None, None)
            case "person" | "address":
                row |= {f"{field}__{part}": (value or {}).get(part) for part in PARTS[word]}
            case _:
                row[field] = value
    return row


class WorldColumns:
    """Names of one record, `alias`. `source` grows with every path used.

    Inside an aggregate `outer` are the names of the record outside, which is `parent`.
    """

    def __init__(self, tables: Tables, entity: str, params: Mapping[str, str], outer: WorldColumns | None = None) -> None:
        self.tables = tables
        self.entity = entity
        self.params = params
        self.outer = outer
        self.alias: sa.FromClause = tables.entities[entity].alias()
        self.source: sa.FromClause = self.alias
        self._joined: dict[tuple[str, ...], tuple[str, sa.FromClause]] = {}

    def element(self, ref: FieldRef) -> sa.ColumnElement[Any]:
        if ref.root == "params":
            name = ref.symbol.field
            return sa.bindparam(f"param_{name}", type_=sql_type(type_of(self.params[name]), self.tables.dialect))
        _, alias = self.at(ref.root, ref.hops)
        symbol = ref.symbol
        column = alias.c[f"{symbol.field}__{symbol.column}" if symbol.column else symbol.field]
        return sa.type_coerce(column, sql_type(ref.type, self.tables.dialect))

    def blank(self, ref: FieldRef) -> sa.ColumnElement[bool]:
        entity, alias = self.at(ref.root, ref.hops)
        found, field = spec(entity, ref.symbol.field), ref.symbol.field
        if found.word in PARTS:
            return sa.and_(*(alias.c[f"{field}__{part}"].is_(None) for part in PARTS[found.word]))
        if found.word == "list":
            inner = WorldColumns(self.tables, found.entities[0], {}, self)
            linked = self._belongs(Related(field, entity, found.entities[0], field, "link"), entity, alias, inner.alias)
            return ~sa.exists(sa.select(sa.literal(1)).select_from(inner.alias).where(linked, inner.alias.c.recycled.is_(sa.false())))
        return alias.c[field].is_(None)

    def rows(self, node: Aggregate) -> Rows:
        entity, alias = self.at(node.root, node.hops)
        inner = WorldColumns(self.tables, node.related.entity, self.params, self)
        for part in (node.value, node.where):
            inner.join_all(part)  # the source of a subquery must be known before what it selects
        where = (self._belongs(node.related, entity, alias, inner.alias), inner.alias.c.recycled.is_(sa.false()))
        return Rows(inner.source, where, inner)

    def join_all(self, node: Node | None) -> None:
        """Join every path of the record itself inside `node`."""
        for part in walk(node) if node is not None else ():
            if isinstance(part, FieldRef) and part.root == "record":
                self.at("record", part.hops)

    def at(self, root: Root, hops: tuple[Symbol, ...]) -> tuple[str, sa.FromClause]:
        """Entity and alias of what a path leads to; joined on first use."""
        if root == "parent":
            assert self.outer is not None, "parent outside an aggregate"
            return self.outer.at("record", hops)
        if root == "user" and self.outer is not None:
            return self.outer.at("user", hops)
        here: tuple[str, sa.FromClause] = self.entity, self.alias
        path: tuple[str, ...] = (root,)
        if root == "user":
            here = self._join(path, "user", sa.bindparam("fs_user", type_=sa.BigInteger()))
        for hop in hops:
            path = (*path, hop.field)
            here = self._join(path, spec(here[0], hop.field).entities[0], here[1].c[hop.field])
        return here

    def _join(self, path: tuple[str, ...], entity: str, id_: sa.ColumnElement[Any]) -> tuple[str, sa.FromClause]:
        if path not in self._joined:
            alias = self.tables.entities[entity].alias()
            self.source = self.source.outerjoin(alias, alias.c.id == id_)
            self._joined[path] = entity, alias
        return self._joined[path]

    def _belongs(self, related: Related, entity: str, outer: sa.FromClause, inner: sa.FromClause) -> sa.ColumnElement[bool]:
        if related.via == "lookup":
            return inner.c[related.field] == outer.c.id
        if related.via == "polymorphic":
            return sa.and_(inner.c[related.field] == outer.c.id, inner.c[f"{related.field}__entity"] == entity)
        if related.via == "link":
            link = self.tables.links[entity, related.field]
            return inner.c.id.in_(sa.select(link.c.target).where(link.c.source == outer.c.id).correlate_except(link))
        link = self.tables.links[related.entity, related.field]
        return inner.c.id.in_(sa.select(link.c.source).where(link.c.target == outer.c.id).correlate_except(link))
