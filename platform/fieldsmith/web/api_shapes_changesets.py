"""Shapes of `/api/v1/changesets` and `/api/v1/revisions` as marshmallow schemas, for `openapi_document`."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fieldsmith.web.api_shapes import LinkShape, ProblemShape
from fieldsmith.web.api_shapes_simulated import SimulationShape

_OPERATIONS = ["add", "change", "hide", "remove", "rename", "move"]


class OpenChangeSetShape(Schema):
    title = fields.String(required=True, metadata={"description": "What people call it; becomes the reason of the revision."})


class OpenedChangeSetShape(Schema):
    id = fields.Integer(required=True)


class OperationShape(Schema):
    op = fields.String(required=True, validate=validate.OneOf(_OPERATIONS))
    path = fields.String(required=True, metadata={"description": "JSON pointer whose list members go by name, such as /fields/amount/label."})
    value = fields.Raw(allow_none=True, metadata={"description": "What add or change puts there; the new name for rename."})
    after = fields.String(allow_none=True, metadata={"description": "The member behind which add and move put it; null puts it first."})


class OperationsShape(Schema):
    operations = fields.List(fields.Nested(OperationShape), required=True)


class AnyDocumentShape(Schema):
    """A metadata document; its kind's JSON Schema says what it may hold."""


class EditShape(Schema):
    kind = fields.String(required=True)
    name = fields.String(required=True)
    document = fields.Dict(required=True, allow_none=True, metadata={"description": "A whole new document."})
    operations = fields.List(fields.Nested(OperationShape), required=True)
    retire = fields.Boolean(required=True, metadata={"description": "The document is to go."})
    seen = fields.Integer(required=True, metadata={"description": "The revision its author looked at."})
    turn = fields.Integer(required=True, metadata={"description": "Counts what was said in the change set."})


class ChangeSetShape(Schema):
    id = fields.Integer(required=True)
    title = fields.String(required=True)
    author = fields.Nested(LinkShape, required=True)
    base = fields.Integer(required=True, metadata={"description": "The revision it was begun on."})
    created_at = fields.DateTime(required=True)
    modified_at = fields.DateTime(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["open", "published"]))
    revision = fields.Integer(required=True, allow_none=True, metadata={"description": "What it was published as."})
    documents = fields.List(fields.Nested(EditShape), metadata={"description": "Of one change set only."})


class ChangeSetsShape(Schema):
    items = fields.List(fields.Nested(ChangeSetShape), required=True)
    next = fields.String(required=True, allow_none=True)


class AlsoChangedShape(Schema):
    path = fields.String(required=True)
    changeset = fields.Integer(required=True)
    title = fields.String(required=True)
    author = fields.String(required=True)


class CheckedChangeSetShape(Schema):
    problems = fields.List(fields.Nested(ProblemShape), required=True)
    also_changed_in = fields.List(fields.Nested(AlsoChangedShape), required=True, metadata={"description": "Other open change sets that touch the same."})


class UseShape(Schema):
    kind = fields.String(required=True)
    name = fields.String(required=True)
    pointer = fields.String(required=True)


class PlannedOperationShape(Schema):
    path = fields.String(required=True)
    title = fields.String(required=True)
    sql = fields.List(fields.String(), required=True)
    rows = fields.Integer(required=True, metadata={"description": "Rows it reads or writes."})
    risk = fields.String(required=True, validate=validate.OneOf(["safe", "slow", "loses data"]))
    lock = fields.String(required=True, allow_none=True, metadata={"description": "Who waits for it, and how long; null where nobody notices."})
    uses = fields.List(fields.Nested(UseShape), required=True, metadata={"description": "Where it is mentioned."})


class ConflictShape(Schema):
    path = fields.String(required=True)
    base = fields.Raw(required=True, allow_none=True)
    mine = fields.Raw(required=True, allow_none=True)
    theirs = fields.Raw(required=True, allow_none=True)


class PlannedChangeSetShape(Schema):
    hash = fields.String(required=True)
    base = fields.Integer(required=True)
    operations = fields.List(fields.Nested(PlannedOperationShape), required=True)
    conflicts = fields.List(fields.Nested(ConflictShape), required=True, metadata={"description": "Publishing is refused while there are any."})
    access = fields.Nested(SimulationShape, required=True, allow_none=True, metadata={"description": "Who gains, who loses; null for all but administrators."})


class PublishChangeSetShape(Schema):
    hash = fields.String(required=True)


class PublishedShape(Schema):
    revision = fields.Integer(required=True)


class DifferenceShape(Schema):
    document = fields.String(required=True)
    pointer = fields.String(required=True)
    message = fields.String(required=True)


class RevisionShape(Schema):
    number = fields.Integer(required=True)
    at = fields.DateTime(required=True)
    author = fields.String(required=True)
    reason = fields.String(required=True)
    summary = fields.String(required=True)
    differences = fields.List(fields.Nested(DifferenceShape), metadata={"description": "Of one revision only."})


class RevisionsShape(Schema):
    items = fields.List(fields.Nested(RevisionShape), required=True)
    next = fields.String(required=True, allow_none=True)
