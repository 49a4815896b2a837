"""Shapes of `/api/v1/metadata/{kind}/{name}/uses` and `/api/v1/retired` as marshmallow schemas, for `openapi_document`."""

from __future__ import annotations

from marshmallow import Schema, fields

from fieldsmith.web.api_shapes_changesets import UseShape


class UsesShape(Schema):
    items = fields.List(fields.Nested(UseShape), required=True)
    next = fields.String(required=True, allow_none=True)


class RetiredShape(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True, metadata={"description": "An entity, or `entity.field`; what confirms a purge."})
    label = fields.String(required=True)
    type = fields.String(required=True, allow_none=True, metadata={"description": "The field's type; null for an entity."})
    revision = fields.Integer(required=True, metadata={"description": "The revision that retired it."})
    rows = fields.Integer(required=True, metadata={"description": "Records that hold a value of it."})


class RetiredListShape(Schema):
    items = fields.List(fields.Nested(RetiredShape), required=True)
    next = fields.String(required=True, allow_none=True)


class PurgeShape(Schema):
    confirmation = fields.String(required=True, metadata={"description": "The name of what is to go."})


class RollBackShape(Schema):
    accept_purged = fields.Boolean(metadata={"description": "true has what was purged since come back empty; else that is refused."})
