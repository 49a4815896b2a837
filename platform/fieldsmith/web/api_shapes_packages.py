"""Shapes of `/api/v1/packages` as marshmallow schemas, for `openapi_document`."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fieldsmith.web.api_shapes import ProblemShape
from fieldsmith.web.api_shapes_changesets import PlannedOperationShape


class InstalledPackageShape(Schema):
    name = fields.String(required=True)
    version = fields.String(required=True)
    requires = fields.List(fields.String(), required=True)
    customised = fields.Integer(required=True, metadata={"description": "Changes this workspace made of it."})
    to_settle = fields.Integer(required=True, metadata={"description": "Where a newer version and the workspace differ."})


class InstalledPackagesShape(Schema):
    items = fields.List(fields.Nested(InstalledPackageShape), required=True)


class BundledDocumentShape(Schema):
    kind = fields.String(required=True)
    name = fields.String(required=True)
    body = fields.Dict(required=True)


class PackageBundleShape(Schema):
    format = fields.Integer(required=True, metadata={"description": "1 is the one of today; a newer one is refused whole."})
    package = fields.Dict(required=True, metadata={"description": "The manifest."})
    documents = fields.List(fields.Nested(BundledDocumentShape), required=True)
    sum = fields.String(metadata={"description": "SHA-256 of manifest and documents; where it is wrong the package is refused."})


class SentPackageShape(Schema):
    package = fields.Nested(PackageBundleShape, metadata={"description": "The package; or send `zip`."})
    zip = fields.String(metadata={"description": "A ZIP of the package folder, in base64."})
    settle = fields.Dict(metadata={"description": 'By path: "keep", "take" or {"value": …}.'})
    all = fields.String(validate=validate.OneOf(["keep", "take"]), metadata={"description": "For every clash that `settle` does not name."})


class ApplyPackageShape(SentPackageShape):
    hash = fields.String(required=True, metadata={"description": "The plan's."})


class ClashShape(Schema):
    path = fields.String(required=True)
    base = fields.Raw(required=True, allow_none=True)
    mine = fields.Raw(required=True, allow_none=True)
    theirs = fields.Raw(required=True, allow_none=True)
    reason = fields.String(required=True)
    ways = fields.List(fields.String(validate=validate.OneOf(["keep", "take", "edit"])), required=True)


class ValueChangeShape(Schema):
    path = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class NoteShape(Schema):
    path = fields.String(required=True)
    message = fields.String(required=True)


class PlannedPackageShape(Schema):
    hash = fields.String(required=True)
    base = fields.Integer(required=True)
    problems = fields.List(fields.Nested(ProblemShape), required=True)
    clashes = fields.List(fields.Nested(ClashShape), required=True, metadata={"description": "Applying is refused while there are any."})
    changes = fields.List(fields.Nested(ValueChangeShape), required=True)
    operations = fields.List(fields.Nested(PlannedOperationShape), required=True)
    notes = fields.List(fields.Nested(NoteShape), required=True, metadata={"description": "What was put right by itself."})
