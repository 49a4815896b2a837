"""Shapes of `…/retype` and `/api/v1/retypes` as marshmallow schemas, for `openapi_document`."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fieldsmith.web.api_shapes import ProblemShape
from fieldsmith.web.api_shapes_changesets import UseShape


def _said(text: str) -> dict[str, str]:
    return {"description": text}


class RetypeShape(Schema):
    type = fields.String(required=True, metadata=_said("The new type."))
    options = fields.Dict(metadata=_said("Its options, and keys every field has, such as default."))
    map = fields.Dict(metadata=_said("Text of a value as the dry run shows it → what it becomes; null is blank."))
    leave_blank = fields.Boolean(metadata=_said("What does not convert becomes blank."))
    instead = fields.Raw(allow_none=True, metadata=_said("What records get that would be blank."))
    date_format = fields.String(allow_none=True, metadata=_said("How dates are written, a CLDR pattern such as dd.MM.yyyy."))
    locale = fields.String(allow_none=True, metadata=_said("Whose decimal form numbers have, such as de."))
    currency = fields.String(allow_none=True, metadata=_said("What plain numbers are in, where they become money."))
    match = fields.String(allow_none=True, metadata=_said("By which field of its target a lookup finds records; its name field."))
    choices = fields.Dict(allow_none=True, metadata=_said("A new pick list to be made along."))
    changeset = fields.Integer(allow_none=True, metadata=_said("A change set to be published together with the new type."))
    dry_run = fields.Boolean(metadata=_said("true (the default) changes nothing."))


class FailingRecordShape(Schema):
    id = fields.Integer(required=True)
    label = fields.String(required=True)
    value = fields.String(required=True)
    message = fields.String(required=True)
    hint = fields.String(required=True, allow_none=True)


class RoundedShape(Schema):
    id = fields.Integer(required=True)
    value = fields.String(required=True)


class RetypeJobShape(Schema):
    id = fields.Integer(required=True)
    entity = fields.String(required=True)
    field = fields.String(required=True)
    type = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["filling", "done", "stopped", "cancelled"]))
    last = fields.Integer(required=True, metadata=_said("Records up to this id are carried over."))
    upto = fields.Integer(required=True)
    converted = fields.Integer(required=True)
    rounded = fields.Integer(required=True)
    blank = fields.Integer(required=True)
    revision = fields.Integer(required=True, allow_none=True, metadata=_said("What it was published as."))
    author = fields.String(required=True)
    started_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)
    problems = fields.List(fields.Nested(ProblemShape), required=True, metadata=_said("Why it stopped."))


class RetypedShape(Schema):
    """A dry run; a job where `dry_run` is false."""

    rows = fields.Integer(metadata=_said("Records, recycled ones too."))
    converted = fields.Integer()
    rounded = fields.Integer(metadata=_said("Convert, but lose decimals or the time of day."))
    blank = fields.Integer()
    failed = fields.Integer()
    background = fields.Boolean(metadata=_said("A job will do it, while people go on working."))
    failing = fields.List(fields.Nested(FailingRecordShape), metadata=_said("The first records that fail."))
    values = fields.Dict(metadata=_said("The different values that fail, with how many records have each; at most 500."))
    rounding = fields.List(fields.Nested(RoundedShape), metadata=_said("The first records that lose something."))
    problems = fields.List(fields.Nested(ProblemShape), metadata=_said("What stands in the way."))
    uses = fields.List(fields.Nested(UseShape), metadata=_said("Where the field is mentioned."))


class RetypeJobsShape(Schema):
    items = fields.List(fields.Nested(RetypeJobShape), required=True)


class ResumeRetypeShape(Schema):
    map = fields.Dict()
    leave_blank = fields.Boolean()


class UndoneRetypeShape(Schema):
    revision = fields.Integer(required=True)
    count = fields.Integer(required=True, metadata=_said("Values entered since that do not fit the former type; they are kept in the retired column."))
    left = fields.List(fields.Nested(FailingRecordShape), required=True, metadata=_said("The first of them."))


class ProposedChoicesShape(Schema):
    document = fields.Dict(required=True, metadata=_said("A pick list, to be sent as choices."))
    counts = fields.Dict(required=True, metadata=_said("How many records hold each."))
