"""Shapes of shares of single records."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fieldsmith.web.api_shapes import LinkShape

_ACCESS = validate.OneOf(["read", "edit"])


class RoleNameShape(Schema):
    name = fields.String(required=True)
    label = fields.String(required=True)


class ShareShape(Schema):
    id = fields.Integer(required=True)
    user = fields.Nested(LinkShape, required=True, allow_none=True)
    team = fields.Nested(LinkShape, required=True, allow_none=True)
    role = fields.Nested(RoleNameShape, required=True, allow_none=True)
    access = fields.String(required=True, validate=_ACCESS)
    reason = fields.String(required=True, metadata={"description": "What they do here, such as Pre-sales."})
    until = fields.DateTime(required=True, allow_none=True, metadata={"description": "RFC 3339 UTC; null: it lasts."})
    at = fields.DateTime(required=True)
    by = fields.Nested(LinkShape, required=True, allow_none=True)


class SharesShape(Schema):
    items = fields.List(fields.Nested(ShareShape), required=True)


class ChangeShareShape(Schema):
    access = fields.String(validate=_ACCESS)
    reason = fields.String(allow_none=True, validate=validate.Length(max=120))
    until = fields.DateTime(allow_none=True)


class NewShareShape(ChangeShareShape):
    user = fields.Integer(metadata={"description": "Record id. Just one of user, team and role."})
    team = fields.Integer(metadata={"description": "Record id: its members and those of teams below it."})
    role = fields.String(metadata={"description": "The name of a role."})
