"""Shapes of `/api/v1/audit` as marshmallow schemas, for `openapi_document`."""

from __future__ import annotations

from marshmallow import Schema, fields


class AuditRowShape(Schema):
    seq = fields.Integer(required=True, metadata={"description": "Counts the rows."})
    at = fields.DateTime(required=True, metadata={"description": "RFC 3339 UTC, with microseconds."})
    actor_kind = fields.String(required=True)
    actor_id = fields.Integer(required=True, allow_none=True, metadata={"description": "Record id of the user."})
    actor_name = fields.String(required=True)
    on_behalf = fields.String(required=True, metadata={"description": "Who acted in the place of the actor; empty: nobody."})
    via = fields.String(required=True)
    event = fields.String(required=True, metadata={"description": "A name of the list in docs/admin.md."})
    subject = fields.String(required=True)
    entity = fields.String(required=True)
    record = fields.Integer(required=True, allow_none=True)
    detail = fields.Dict(required=True)
    hash = fields.String(required=True, metadata={"description": "SHA-256 over this row and the hash of the row before."})


class AuditShape(Schema):
    items = fields.List(fields.Nested(AuditRowShape), required=True)
    next = fields.String(required=True, allow_none=True)


class AuditVerdictShape(Schema):
    whole = fields.Boolean(required=True)
    rows = fields.Integer(required=True, metadata={"description": "Rows that fit."})
    head = fields.String(required=True, metadata={"description": "The newest row that fits; keep it elsewhere as a witness."})
    broken = fields.Integer(required=True, allow_none=True, metadata={"description": "The first row that does not fit."})
    reason = fields.String(required=True, allow_none=True)
