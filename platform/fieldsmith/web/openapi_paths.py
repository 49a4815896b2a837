"""The routes of the API as OpenAPI operations, in plain data. `openapi` puts them into the document.

A test compares them with the routes Flask really has.
"""

from __future__ import annotations

from typing import Any

Operations = dict[str, dict[str, Any]]

_ERRORS = (
    (400, "Query parts, malformed JSON"),
    (401, "Not signed in"),
    (403, "Visible but not allowed"),
    (404, "Absent or invisible"),
    (409, "Clash with what is stored"),
    (412, "If-Match does not match"),
    (413, "Too large"),
    (422, "Invalid, unknown, read-only or not permitted fields"),
    (429, "Too many tries"),
)
_BODY = (400, 401, 403, 404, 413, 422)


def fixed_paths() -> dict[str, Operations]:
    """Routes that do not depend on an entity."""
    prefix = "/api/v1"
    return {
        f"{prefix}/search": {
            "get": _operation("search", "Find records by words", [_query("q", "Words to find.", required=True), _limit(), _after()], _ok("FoundPage"), 400, 401)
        },
        f"{prefix}/metadata/{{kind}}": {
            "get": _operation("listDocuments", "Effective documents of one kind", [_path("kind"), _if_none_match()], _ok("Documents"), 401, 404)
        },
        f"{prefix}/metadata/{{kind}}/{{name}}": {
            "get": _operation("getDocument", "One effective document", [_path("kind"), _path("name"), _if_none_match()], _ok("Document"), 401, 404)
        },
        f"{prefix}/expressions/check": {
            "post": _operation("checkExpression", "Is an expression right, and of what type?", [], _ok("CheckedExpression"), *_BODY, body="CheckExpression")
        },
        f"{prefix}/expressions/evaluate": {
            "post": _operation("evaluateExpression", "What an expression gives for a record", [], _ok("Evaluated"), *_BODY, body="EvaluateExpression")
        },
        f"{prefix}/expressions/complete": {
            "post": _operation("completeExpression", "What may stand at a position", [], _ok("Completions"), *_BODY, body="CompleteExpression")
        },
        **_shaping(f"{prefix}/changesets", f"{prefix}/revisions"),
        f"{prefix}/openapi.json": {"get": _operation("getDescription", "This document", [], {"200": {"description": "OpenAPI 3.1"}}, 401)},
        "/health/live": {"get": {**_operation("getLive", "Does the process answer?", [], _ok("Health")), "security": []}},
        "/health/ready": {"get": {**_operation("getReady", "Do database and model answer?", [], _ok("Health")), "security": []}},
        "/metrics": {"get": {**_operation("getMetrics", "Counters for Prometheus", [], {"200": {"description": "Text"}}), "security": []}},
    }


def _shaping(changesets: str, revisions: str) -> dict[str, Operations]:
    """Change sets and revisions."""
    one, checked, gone = f"{changesets}/{{id}}", _ok("CheckedChangeSet"), {"204": {"description": "Done"}}
    document, edited = [_id(), _path("kind"), _path("name")], (400, 401, 403, 404, 409, 413, 422)
    state = _query("state", "Which.", {"enum": ["open", "published"], "default": "open"})
    drop = _query("edits", "`drop` forgets what the change set says of the document.", {"enum": ["drop"]})
    opened = {"201": _answer("OpenedChangeSet", "Opened; Location names it.")}
    return {
        changesets: {
            "get": _operation("listChangeSets", "Change sets, newest first", [state, _limit(), _after()], _ok("ChangeSets"), 400, 401, 403),
            "post": _operation("openChangeSet", "Open a change set", [], opened, 400, 401, 403, 422, body="OpenChangeSet"),
        },
        one: {
            "get": _operation("getChangeSet", "One change set with its edits", [_id()], _ok("ChangeSet"), 401, 403, 404),
            "delete": _operation("discardChangeSet", "Throw a change set away", [_id()], gone, 401, 403, 404, 409),
        },
        f"{one}/{{kind}}/{{name}}": {
            "put": _operation("putDocument", "A whole new document", document, checked, *edited, body="AnyDocument"),
            "patch": _operation("changeDocument", "Operations on a document", document, checked, *edited, body="Operations"),
            "delete": _operation("retireDocument", "The document is to go", [*document, drop], checked, 401, 403, 404, 409, 422),
        },
        f"{one}/check": {"get": _operation("checkChangeSet", "Every problem of a change set", [_id()], checked, 401, 403, 404, 409)},
        f"{one}/plan": {"get": _operation("planChangeSet", "What publishing would do", [_id()], _ok("PlannedChangeSet"), 401, 403, 404, 409, 422)},
        f"{one}/publish": {
            "post": _operation("publishChangeSet", "Do what the plan said", [_id()], _ok("Published"), *edited, body="PublishChangeSet"),
        },
        revisions: {"get": _operation("listRevisions", "Revisions, newest first", [_limit(), _after()], _ok("Revisions"), 400, 401, 403)},
        f"{revisions}/{{number}}": {"get": _operation("getRevision", "One revision with its differences", [_number()], _ok("Revision"), 401, 403, 404)},
        f"{revisions}/{{number}}/rollback": {
            "post": _operation("rollBack", "Publish an earlier revision again", [_number()], _ok("Published"), 401, 403, 404, 409, 422),
        },
    }


def entity_paths(prefix: str, name: str, label: str, plural: str) -> dict[str, Operations]:
    """Routes of the records of one entity."""
    many, one = f"{prefix}/records/{name}", f"{prefix}/records/{name}/{{id}}"
    key, match = (
        _header("Idempotency-Key", "Makes a retry return the first answer, for 24 hours."),
        _header("If-Match", "The version read; another one answers 412."),
    )
    made = {**_ok(name), "201": _answer(name, "Made; Location and ETag name it.")}
    listed = [
        _query("filter", 'Only records for which this expression is true, such as `amount > 1000 and account.industry = "retail"`.'),
        _query("sort", "Fields in order, separated by commas; a leading - descends."),
        _query("columns", "Fields and paths over lookups (`account.name`), separated by commas."),
        _query("search", "Only records that have these words."),
        _limit(),
        _after(),
        _query("count", "`exact` counts all rows.", {"enum": ["exact", "none"], "default": "none"}),
    ]
    operations: dict[str, Operations] = {
        many: {
            "get": _operation(f"list_{name}", f"List {plural}", listed, _ok(f"{name}.page"), 400, 401, 404),
            "post": _operation(f"create_{name}", f"Make {label}", [key], {"201": made["201"]}, 400, 401, 403, 409, 413, 422, body=f"{name}.new"),
        },
        one: {
            "get": _operation(f"get_{name}", f"Read {label}", [_id()], _ok(name), 401, 404),
            "patch": _operation(f"update_{name}", f"Change fields of {label}", [_id(), match], _ok(name), 400, 401, 403, 404, 409, 412, 413, 422, body=name),
            "delete": _operation(
                f"delete_{name}", f"Move {label} to the recycle bin", [_id(), match], {"204": {"description": "Done"}}, 401, 403, 404, 409, 412
            ),
        },
        f"{many}/by/{{field}}/{{value}}": {
            "put": _operation(
                f"upsert_{name}",
                f"Make or change {label} by a unique field",
                [_path("field"), _path("value")],
                made,
                400,
                401,
                403,
                404,
                409,
                413,
                422,
                body=name,
            )
        },
        f"{many}/bulk": {"post": _operation(f"bulk_{name}", f"Save many {plural}", [key], _ok("BulkResults"), 400, 401, 403, 404, 409, 413, 422, body="Bulk")},
        **_around(one, name, label, key),
    }
    for path in operations.values():
        for operation in path.values():
            operation["tags"] = [name]
    return operations


def _around(one: str, name: str, label: str, key: dict[str, Any]) -> dict[str, Operations]:
    """What is asked about one record, and done with it."""
    page = [_id(), _limit(), _after()]
    story = f"What happened to {label} and around it"
    subject = _query("user", "Record id of a user.")
    return {
        f"{one}/history": {"get": _operation(f"history_{name}", f"Who changed {label}", page, _ok("History"), 400, 401, 404)},
        f"{one}/timeline": {"get": _operation(f"timeline_{name}", story, page, _ok("Timeline"), 400, 401, 404)},
        f"{one}/access": {"get": _operation(f"access_{name}", f"What a user may do with {label}", [_id(), subject], _ok("Access"), 401, 403, 404)},
        f"{one}/actions/restore": {"post": _operation(f"restore_{name}", f"Restore {label} from the recycle bin", [_id(), key], _ok(name), 401, 403, 404, 409)},
    }


def _operation(name: str, summary: str, parameters: list[dict[str, Any]], answers: dict[str, Any], *errors: int, body: str | None = None) -> dict[str, Any]:
    told = dict(_ERRORS)
    out: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": answers | {str(status): _problem(told[status]) for status in errors},
    }
    if body is not None:
        out["requestBody"] = {"required": True, "content": {"application/json": {"schema": _reference(body)}}}
    return out


def _ok(shape: str) -> dict[str, Any]:
    return {"200": _answer(shape, "Done")}


def _answer(shape: str, told: str) -> dict[str, Any]:
    return {"description": told, "content": {"application/json": {"schema": _reference(shape)}}}


def _problem(told: str) -> dict[str, Any]:
    return {"description": told, "content": {"application/problem+json": {"schema": _reference("Error")}}}


def _reference(shape: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape}"}


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _id() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "format": "int64"}}


def _number() -> dict[str, Any]:
    return {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "format": "int64"}}


def _query(name: str, told: str, schema: dict[str, Any] | None = None, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": told, "schema": {"type": "string", **(schema or {})}}


def _limit() -> dict[str, Any]:
    return {"name": "limit", "in": "query", "description": "Rows of a page.", "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}}


def _after() -> dict[str, Any]:
    return _query("after", "`next` of the page before.")


def _header(name: str, told: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": told, "schema": {"type": "string"}}


def _if_none_match() -> dict[str, Any]:
    return _header("If-None-Match", "The ETag kept; answers 304 while the revision is the same.")
