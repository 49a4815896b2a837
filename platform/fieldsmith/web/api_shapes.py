"""Fixed shapes of the API as marshmallow schemas: `openapi` describes them; answers are built by hand for speed."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class ProblemShape(Schema):
    code = fields.String(required=True, metadata={"description": "Stable name of the kind of problem."})
    document = fields.String(metadata={"description": "The metadata document at fault."})
    pointer = fields.String(required=True, metadata={"description": "JSON pointer to the part at fault; empty for the whole."})
    line = fields.Integer()
    column = fields.Integer()
    message = fields.String(required=True, metadata={"description": "A sentence in the reader's language."})
    hint = fields.String(metadata={"description": "How to put it right."})


class ErrorShape(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(ProblemShape), required=True)
    request = fields.String(metadata={"description": "Request id, with a 500."})


class LinkShape(Schema):
    id = fields.Integer(required=True)
    label = fields.String(required=True, allow_none=True)


class AuthorShape(LinkShape):
    id = fields.Integer(required=True, allow_none=True, metadata={"description": "Null: no user, but the system or the command line."})


class BulkShape(Schema):
    create = fields.List(fields.Dict(), metadata={"description": "Records to make."})
    update = fields.List(fields.Dict(), metadata={"description": "Changes; each with `id`, and `version` to guard it."})
    delete = fields.List(fields.Raw(), metadata={"description": "Ids, or objects with `id` and `version`."})
    mode = fields.String(validate=validate.OneOf(["all", "each"]), load_default="all", metadata={"description": "All rows or none, or each on its own."})


class BulkResultShape(Schema):
    op = fields.String(required=True, validate=validate.OneOf(["create", "update", "delete"]))
    index = fields.Integer(required=True, metadata={"description": "Position in its list."})
    id = fields.Integer()
    status = fields.Integer(required=True)
    errors = fields.List(fields.Nested(ProblemShape))


class BulkResultsShape(Schema):
    results = fields.List(fields.Nested(BulkResultShape), required=True)


class ChangeShape(Schema):
    field = fields.String(required=True)
    old = fields.Raw(required=True, allow_none=True)
    new = fields.Raw(required=True, allow_none=True)


class EventShape(Schema):
    seq = fields.Integer(required=True, metadata={"description": "Counts all saves in their order, also those that share a microsecond."})
    at = fields.DateTime(required=True, metadata={"description": "RFC 3339 UTC, with microseconds."})
    by = fields.Nested(AuthorShape, required=True)
    as_ = fields.String(required=True, allow_none=True, data_key="as", metadata={"description": "Who acted in the place of `by`; null: nobody."})
    via = fields.String(required=True, metadata={"description": "screen, api, cli, import or system."})
    run = fields.String(required=True, allow_none=True, metadata={"description": "The file of the import that saved it."})
    operation = fields.String(required=True)
    version = fields.Integer(required=True)
    changes = fields.List(fields.Nested(ChangeShape), required=True)


class HistoryShape(Schema):
    items = fields.List(fields.Nested(EventShape), required=True)
    next = fields.String(required=True, allow_none=True)


class TypedLinkShape(LinkShape):
    entity = fields.String(required=True)


class MomentShape(EventShape):
    record = fields.Nested(TypedLinkShape, required=True)


class TimelineShape(Schema):
    items = fields.List(fields.Nested(MomentShape), required=True)
    next = fields.String(required=True, allow_none=True)


class AccessShape(Schema):
    create = fields.Boolean(required=True, metadata={"description": "A record like this one."})
    read = fields.Boolean(required=True)
    update = fields.Boolean(required=True)
    delete = fields.Boolean(required=True)
    export = fields.Boolean(required=True)
    import_ = fields.Boolean(required=True, data_key="import")
    mass_change = fields.Boolean(required=True)
    merge = fields.Boolean(required=True)
    history = fields.Boolean(required=True)
    assign = fields.Boolean(required=True, metadata={"description": "Give it to another owner, even out of one's own reach."})
    reveal = fields.Boolean(required=True, metadata={"description": "See the masked values."})
    fields_ = fields.Dict(keys=fields.String(), values=fields.String(validate=validate.OneOf(["masked", "read", "update"])), data_key="fields", required=True)
    because = fields.List(fields.String(), required=True)


class RevealShape(Schema):
    field = fields.String(required=True, metadata={"description": "A masked field. What is shown is audited."})


class RevealedShape(Schema):
    field = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True)


class FoundShape(Schema):
    entity = fields.String(required=True)
    id = fields.Integer(required=True)
    label = fields.String(required=True)
    snippet = fields.String(required=True)


class FoundPageShape(Schema):
    items = fields.List(fields.Nested(FoundShape), required=True)
    next = fields.String(required=True, allow_none=True)


class DocumentShape(Schema):
    kind = fields.String(required=True)
    name = fields.String(required=True)
    document = fields.Dict(required=True)
    origins = fields.Dict(keys=fields.String(), values=fields.String(), required=True, metadata={"description": "JSON pointer → layer."})


class DocumentsShape(Schema):
    items = fields.List(fields.Nested(DocumentShape), required=True)
    next = fields.String(required=True, allow_none=True)


class HealthShape(Schema):
    status = fields.String(required=True)
    version = fields.String()
    revision = fields.Integer()
