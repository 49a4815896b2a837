"""A small model with every kind of list and path, rows in it, and answers of expressions over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.engine import Database
from fieldsmith.db.expression_columns import expression_sql
from fieldsmith.db.joins import Joins
from fieldsmith.db.prepared import Prepared
from fieldsmith.db.tables import Schema
from fieldsmith.expr.check import check
from fieldsmith.expr.environment import Moment
from fieldsmith.expr.nodes import Node
from fieldsmith.expr.to_sql import parameters
from fieldsmith.expr.vocabulary import Place
from tests.db.models import Growing, entity, text

NOW = datetime(2026, 11, 22, 9, 30)
MOMENT = Moment(NOW, date(2026, 11, 22))
USERS = entity("user", text("name"), {"name": "manager", "type": "lookup", "to": "user"}, {"name": "quota", "type": "decimal"})


def number(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "decimal", **more}


def formula(name: str, expression: str, returns: str = "decimal", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "formula", "returns": returns, "expression": expression, **more}


def rollup(name: str, expression: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "rollup", "expression": expression, **more}


def account(*fields: Mapping[str, Any]) -> dict[str, Any]:
    plain = (text("name"), {"name": "above", "type": "lookup", "to": "account", "inverse": "branches"}, number("credit"), {"name": "place", "type": "address"})
    return entity("account", *plain, *fields)


def deal(*fields: Mapping[str, Any]) -> dict[str, Any]:
    plain = (
        text("title"),
        number("amount"),
        {"name": "quantity", "type": "integer"},
        {"name": "closed", "type": "date"},
        {"name": "won", "type": "boolean"},
        {"name": "account", "type": "lookup", "to": "account", "inverse": "deals"},
        {"name": "friends", "type": "many_to_many", "to": "account", "inverse": "friendly"},
    )
    return entity("deal", *plain, *fields)


def line(*fields: Mapping[str, Any]) -> dict[str, Any]:
    plain = (
        text("name"),
        {"name": "deal", "type": "lookup", "to": "deal", "inverse": "lines"},
        number("total"),
        {"name": "cancelled", "type": "boolean"},
        {"name": "about", "type": "polymorphic_lookup", "to": ["deal", "account"], "inverse": "remarks"},
    )
    return entity("line", *plain, *fields)


class World:
    """Tables of a model that grows, and rows given by field name."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.growing = Growing(USERS)
        self.schema: Schema
        self.publish()

    def publish(self, *bodies: Mapping[str, Any]) -> Schema:
        """Publish; entities that are not given stay as `account`, `deal` and `line` have them."""
        given = {body["name"]: body for body in bodies}
        wanted = [given.pop(body["name"], body) for body in (account(), deal(), line())]
        self.schema = self.growing.publish(self.database, *wanted, *given.values())
        return self.schema

    def add(self, entity_name: str, **values: Any) -> int:
        """A row; kept columns stay blank, as an import by hand would leave them."""
        schema = self.schema
        fields = schema.model.entities[entity_name].fields
        row: dict[str, Any] = {"created_at": NOW, "modified_at": NOW, "version": 1, "deleted_at": values.pop("deleted_at", None)}
        row |= {schema.columns(item)[0].name: False for item in fields.values() if item.type == "boolean"}
        for name, value in values.items():
            item = fields[name]
            parts = schema.model.type_of(item).packer(item)(value)
            row |= {column.name: part for column, part in zip(schema.columns(item), parts, strict=True)}
        with self.database.write() as connection:
            return int(connection.execute(sa.insert(schema.table(entity_name)), row).inserted_primary_key[0])  # type: ignore[index]

    def link(self, entity_name: str, field: str, left: int, right: int) -> None:
        item = self.schema.model.entities[entity_name].fields[field]
        with self.database.write() as connection:
            connection.execute(sa.insert(self.schema.link(item)), {"left_id": left, "right_id": right})

    def node(self, entity_name: str, source: str) -> Node:
        return check(source, Place(entity_name), self.schema.model.vocabulary, self.schema.model.functions)

    def answers(self, entity_name: str, source: str, user: int | None = None, schema: Schema | None = None) -> list[Any]:
        """The value of `source` for every live record, by id, read as a column would be."""
        schema = schema or self.schema
        joins = Joins(schema, schema.table(entity_name))
        found = expression_sql(entity_name, self.node(entity_name, source), joins)
        root = joins.root
        return self._read(sa.select(found).select_from(joins.from_clause).where(root.c.deleted_at.is_(None)).order_by(root.c.id), user)

    def column(self, entity_name: str, field: str) -> list[Any]:
        """What the column of a field holds, by id."""
        table = self.schema.table(entity_name)
        [column] = self.schema.columns(self.schema.model.entities[entity_name].fields[field])
        return self._read(sa.select(column).order_by(table.c.id), None)

    def _read(self, statement: sa.Select[Any], user: int | None) -> list[Any]:
        prepared = Prepared(statement, self.schema.compiler)
        wanted = set(prepared.parameters)
        given = {name: value for name, value in parameters(MOMENT, user, self.schema.dialect).items() if name in wanted}
        turn = prepared.converters[0]
        with self.database.read() as connection:
            return list(_converted(prepared.rows(connection, given), turn))


def _converted(rows: list[tuple[Any, ...]], turn: Any) -> Iterator[Any]:
    for (value,) in rows:
        yield value if value is None or turn is None else turn(value)


def money(*amounts: str | None) -> list[Decimal | None]:
    return [None if amount is None else Decimal(amount) for amount in amounts]
