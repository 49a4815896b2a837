"""Small models for the tests of this room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fieldsmith.db.apply import apply
from fieldsmith.db.engine import Database
from fieldsmith.db.plan import Plan, plan
from fieldsmith.db.tables import Schema
from fieldsmith.fields.registry import field_types
from fieldsmith.meta.compile import compile_model
from fieldsmith.meta.layers import layer_of
from fieldsmith.meta.model import Model
from fieldsmith.meta.names import Names

USER = {"name": "user", "fields": [{"name": "name", "type": "text", "required": True}]}


def entity(name: str, *fields: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "fields": list(fields), **more}


def text(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "text", **more}


class Growing:
    """A model that grows: names given stay given."""

    def __init__(self, user: Mapping[str, Any] = USER) -> None:
        self.user = user
        self.names = Names()
        self.model: Model | None = None

    def compiled(self, *bodies: Mapping[str, Any]) -> Model:
        layer = layer_of("test", [("entity", body["name"], body) for body in (self.user, *bodies)])
        compiled = compile_model([layer], self.names, dict(field_types()), None, 1, trusted=True)
        self.names = compiled.names
        assert compiled.model is not None
        return compiled.model

    def planned(self, database: Database, *bodies: Mapping[str, Any]) -> Plan:
        model = self.compiled(*bodies)
        with database.read() as connection:
            return plan(self.model, model, Schema(model, database.dialect), connection)

    def publish(self, database: Database, *bodies: Mapping[str, Any]) -> Schema:
        planned = self.planned(database, *bodies)
        with database.write() as connection:
            apply(connection, planned)
        self.model = planned.new.model
        return planned.new
