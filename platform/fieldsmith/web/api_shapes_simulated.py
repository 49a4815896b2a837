"""Shapes of `access` in the plan of a change set as marshmallow schemas, for `openapi_document`."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fieldsmith.meta.roles import FIELD_RIGHTS, RIGHTS, SCOPES
from fieldsmith.web.api_shapes import LinkShape


class RecordsShiftShape(Schema):
    before = fields.Integer(required=True, metadata={"description": "Live records the right reaches now."})
    after = fields.Integer(required=True, metadata={"description": "And once the draft is published."})
    gained = fields.Integer(required=True, metadata={"description": "Reached after and not before."})
    lost = fields.Integer(required=True, metadata={"description": "Reached before and not after."})


class RightShiftShape(Schema):
    right = fields.String(required=True, validate=validate.OneOf(RIGHTS))
    before = fields.String(required=True, validate=validate.OneOf(SCOPES))
    after = fields.String(required=True, validate=validate.OneOf(SCOPES))
    records = fields.Nested(
        RecordsShiftShape,
        required=True,
        allow_none=True,
        metadata={"description": "Null: the right is not about records there are, or they were not counted in time."},
    )


class FieldShiftShape(Schema):
    field = fields.String(required=True)
    before = fields.String(required=True, validate=validate.OneOf(FIELD_RIGHTS))
    after = fields.String(required=True, validate=validate.OneOf(FIELD_RIGHTS))


class EntityShiftShape(Schema):
    entity = fields.String(required=True)
    label = fields.String(required=True)
    newest_only = fields.Boolean(required=True, metadata={"description": "There are more records than were looked at."})
    rights = fields.List(fields.Nested(RightShiftShape), required=True)
    fields_ = fields.List(fields.Nested(FieldShiftShape), required=True, data_key="fields")


class AdministersShiftShape(Schema):
    before = fields.Boolean(required=True)
    after = fields.Boolean(required=True)


class ShapesShiftShape(Schema):
    before = fields.List(fields.String(), required=True)
    after = fields.List(fields.String(), required=True)


class PersonShiftShape(Schema):
    person = fields.Nested(LinkShape, required=True)
    roles = fields.List(fields.String(), required=True)
    alike = fields.Integer(required=True, metadata={"description": "People with the same roles and groups, this one among them."})
    gains = fields.Boolean(required=True)
    loses = fields.Boolean(required=True)
    administers = fields.Nested(AdministersShiftShape, required=True, allow_none=True, metadata={"description": "Null where that stays."})
    shapes = fields.Nested(ShapesShiftShape, required=True, allow_none=True, metadata={"description": "Entities shaped in the studio; null where they stay."})
    entities = fields.List(fields.Nested(EntityShiftShape), required=True)


class SimulationShape(Schema):
    everybody = fields.Integer(required=True, metadata={"description": "People who may act; 0 where the draft cannot change what anybody may do."})
    concerned = fields.Integer(required=True, metadata={"description": "Of them those whose rights the draft speaks of."})
    looked_at = fields.Integer(required=True, metadata={"description": "Of them those who were looked at."})
    each = fields.Boolean(required=True, metadata={"description": "False: one person of each kind was looked at, as an example."})
    newest = fields.Integer(required=True, metadata={"description": "So many of an entity's records were looked at, the newest."})
    in_time = fields.Boolean(required=True, metadata={"description": "False: counting was ended; records not counted are null."})
    notes = fields.List(fields.String(), required=True, metadata={"description": "What the numbers cannot know."})
    people = fields.List(fields.Nested(PersonShiftShape), required=True, metadata={"description": "Those for whom something changes."})
