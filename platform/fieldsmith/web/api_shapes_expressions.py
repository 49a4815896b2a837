"""Shapes of `/api/v1/expressions` as marshmallow schemas, for `openapi_document`."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from fieldsmith.expr.limits import MAX_LENGTH
from fieldsmith.expr.types import Kind
from fieldsmith.records.evaluate import CONTEXTS, ENGINES
from fieldsmith.web.api_shapes import ProblemShape

_NAMES = [kind.value for kind in Kind]
_TYPE = {"description": "Name of the type."}


class AskedShape(Schema):
    entity = fields.String(required=True, metadata={"description": "Name of the entity whose fields the expression may name."})
    expression = fields.String(required=True, metadata={"description": "Source text.", "maxLength": MAX_LENGTH})


class CheckExpressionShape(AskedShape):
    context = fields.String(
        validate=validate.OneOf(CONTEXTS), load_default="any", metadata={"description": "Where it is meant to stand: what it may name and must give."}
    )


class CheckedExpressionShape(Schema):
    ok = fields.Boolean(required=True)
    type = fields.String(required=True, allow_none=True, validate=validate.OneOf(_NAMES), metadata={"description": "Null where there are problems."})
    problems = fields.List(fields.Nested(ProblemShape), required=True, metadata={"description": "With line and column in the expression."})


class EvaluateExpressionShape(AskedShape):
    id = fields.Integer(metadata={"description": "Record to compute with."})
    values = fields.Dict(metadata={"description": "Fields of a record nobody saved yet; with `id` what they would change in it."})
    engine = fields.String(validate=validate.OneOf(ENGINES), load_default="python", metadata={"description": "Both give the same answer."})
    explain = fields.Boolean(load_default=False, metadata={"description": "Tell what each sub-expression gives."})


class StepShape(Schema):
    source = fields.String(required=True)
    start = fields.Integer(required=True, metadata={"description": "Characters from the start of the expression."})
    end = fields.Integer(required=True)
    type = fields.String(required=True, validate=validate.OneOf(_NAMES), metadata=_TYPE)
    value = fields.Raw(required=True, allow_none=True, metadata={"description": "Texts are cut after 1,000 characters."})


class EvaluatedShape(Schema):
    type = fields.String(required=True, validate=validate.OneOf(_NAMES), metadata=_TYPE)
    value = fields.Raw(required=True, allow_none=True, metadata={"description": "Decimals as text without trailing zeros; blank is null."})
    steps = fields.List(fields.Nested(StepShape), metadata={"description": "In the order of evaluation, what is inside first."})


class CompleteExpressionShape(CheckExpressionShape):
    position = fields.Integer(required=True, metadata={"description": "Characters from the start of the expression to the cursor."})


class CompletionShape(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(["field", "part", "list", "function", "choice", "keyword", "root"]))
    text = fields.String(required=True, metadata={"description": "What to put in the place of the characters from `start` to `end`."})
    label = fields.String(required=True)
    detail = fields.String(required=True, metadata={"description": "A type or a signature."})
    start = fields.Integer(required=True)
    end = fields.Integer(required=True)


class SignatureShape(Schema):
    name = fields.String(required=True)
    parameters = fields.List(fields.String(), required=True)
    argument = fields.Integer(required=True, metadata={"description": "Which argument the cursor is in, from 0."})
    parameter = fields.Integer(required=True, allow_none=True, metadata={"description": "Which parameter that is; null beyond the last."})
    help = fields.String(required=True, allow_none=True)


class CompletionsShape(Schema):
    items = fields.List(fields.Nested(CompletionShape), required=True, metadata={"description": "Likeliest kind first."})
    signature = fields.Nested(SignatureShape, required=True, allow_none=True)
