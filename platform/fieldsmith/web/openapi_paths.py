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
    (415, "Not application/json"),
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
        **_packages(f"{prefix}/packages", f"{prefix}/changesets"),
        **_attic(f"{prefix}/metadata/{{kind}}/{{name}}/uses", f"{prefix}/retired"),
        **_retyping(f"{prefix}/metadata/entity/{{entity}}/fields/{{field}}", f"{prefix}/retypes"),
        **_audit(f"{prefix}/audit"),
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
            "get": _operation("listChangeSets", "Change sets, newest first", [state, _limit(), _after()], _ok("ChangeSets"), 400, 401, 403, 404),
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
            "post": _operation("rollBack", "Publish an earlier revision again", [_number()], _ok("Published"), 401, 403, 404, 409, 422, body="RollBack"),
        },
    }


def _packages(packages: str, changesets: str) -> dict[str, Operations]:
    """Packages in and out."""
    form = _query("format", "One JSON object, or a ZIP of the package folder.", {"enum": ["json", "zip"], "default": "json"})
    only = _query("only", "Only these items and what they need, separated by commas: `entity/rental,view/rental.all`.")
    name = _query("as", "With `only`: as a package of its own with this name.")
    opened = {"200": _answer("CheckedChangeSet", "Put into the change set")}
    return {
        packages: {"get": _operation("listPackages", "Packages installed", [], _ok("InstalledPackages"), 401, 403)},
        f"{packages}/{{name}}": {
            "get": _operation("exportPackage", "A package to take elsewhere", [_path("name"), form, only, name], _ok("PackageBundle"), 400, 401, 403, 404, 422)
        },
        f"{packages}/plan": {"post": _operation("planPackage", "What applying a package would do", [], _ok("PlannedPackage"), *_BODY, body="SentPackage")},
        f"{packages}/apply": {"post": _operation("applyPackage", "Do what the plan said", [], _ok("Published"), *_BODY, 409, body="ApplyPackage")},
        f"{changesets}/{{id}}/package": {
            "post": _operation("loadPackage", "Put a package's documents into a change set", [_id()], opened, *_BODY, 409, body="SentPackage")
        },
    }


def _retyping(field: str, retypes: str) -> dict[str, Operations]:
    """Fields that get another type."""
    which, one = [_path("entity"), _path("field")], f"{retypes}/{{id}}"
    started = {**_ok("Retyped"), "202": _answer("RetypeJob", "A job is at it; Location names it.")}
    return {
        f"{field}/retype": {"post": _operation("retype", "Change the type of a field, or try it", which, started, *_BODY, 409, body="Retype")},
        f"{field}/choices": {"get": _operation("proposeChoices", "A pick list of the values of a field", which, _ok("ProposedChoices"), 401, 403, 404, 422)},
        retypes: {"get": _operation("listRetypes", "Changes of type, newest first", [_limit()], _ok("RetypeJobs"), 400, 401, 403)},
        one: {
            "get": _operation("getRetype", "How far a change of type is", [_id()], _ok("RetypeJob"), 401, 403, 404),
            "delete": _operation("cancelRetype", "Give a change of type up", [_id()], _ok("RetypeJob"), 401, 403, 404, 409),
        },
        f"{one}/resume": {
            "post": _operation("resumeRetype", "Go on with one that stopped", [_id()], _ok("RetypeJob"), *_BODY, 409, body="ResumeRetype"),
        },
        f"{one}/undo": {"post": _operation("undoRetype", "Give the field the type it had", [_id()], _ok("UndoneRetype"), 401, 403, 404, 409, 422)},
    }


def _attic(uses: str, retired: str) -> dict[str, Operations]:
    """Where things are used; what was retired, and its end."""
    uid = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "format": "int64"}}
    member = _query("member", "One field or value of it, such as `fields/amount`.")
    table = {"200": {"description": "A table", "content": {"text/csv": {"schema": {"type": "string"}}}}}
    return {
        uses: {
            "get": _operation("listUses", "Where a document or a part of it is mentioned", [_path("kind"), _path("name"), member], _ok("Uses"), 401, 403, 404)
        },
        retired: {"get": _operation("listRetired", "Fields and entities out of use whose data are kept", [], _ok("RetiredList"), 401, 403)},
        f"{retired}/{{id}}/export": {"get": _operation("exportRetired", "What purging would take", [uid], table, 401, 403, 404)},
        f"{retired}/{{id}}/purge": {"post": _operation("purgeRetired", "Drop it for good", [uid], _ok("Retired"), 400, 401, 403, 404, 422, body="Purge")},
    }


def _audit(audit: str) -> dict[str, Operations]:
    """The audit log."""
    which = [
        _query("person", "Part of a name, or `#7`: what user 7 did or had done to them."),
        _query("group", "Group of events."),
        _query("event", "One event."),
        _query("entity", "What it is about."),
        _query("record", "Record id.", {"pattern": "^[0-9]{1,18}$"}),
        _query("since", "From this moment on."),
        _query("until", "Before this moment."),
        _query("text", "Text in names, subject or details."),
    ]
    form = _query("format", "A table, or one JSON object per line.", {"enum": ["csv", "jsonl"], "default": "csv"})
    witness = _query("witness", "`head` of an earlier answer.")
    content = {"text/csv": {"schema": {"type": "string"}}, "application/x-ndjson": {"schema": {"type": "string"}}}
    file = {"200": {"description": "Every row that fits", "content": content}}
    return {
        audit: {"get": _operation("listAudit", "Rows of the audit log, newest first", [*which, _limit(), _after()], _ok("Audit"), 400, 401, 403)},
        f"{audit}/export": {"get": _operation("exportAudit", "The audit log as a file", [*which, form], file, 400, 401, 403)},
        f"{audit}/verify": {"get": _operation("verifyAudit", "Is the audit log whole?", [witness], _ok("AuditVerdict"), 400, 401, 403, 422)},
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
    shared = [_id(), {**_id(), "name": "share"}]
    return {
        f"{one}/history": {"get": _operation(f"history_{name}", f"Who changed {label}", page, _ok("History"), 400, 401, 404)},
        f"{one}/timeline": {"get": _operation(f"timeline_{name}", story, page, _ok("Timeline"), 400, 401, 404)},
        f"{one}/access": {"get": _operation(f"access_{name}", f"What a user may do with {label}", [_id(), subject], _ok("Access"), 401, 403, 404)},
        f"{one}/actions/restore": {"post": _operation(f"restore_{name}", f"Restore {label} from the recycle bin", [_id(), key], _ok(name), 401, 403, 404, 409)},
        f"{one}/actions/reveal": {
            "post": _operation(f"reveal_{name}", f"See a masked value of {label}", [_id()], _ok("Revealed"), *_BODY, 429, body="Reveal"),
        },
        f"{one}/actions/take": {
            "post": _operation(f"take_{name}", f"Take {label} out of a queue", [_id(), key], _ok(name), 400, 401, 403, 404, 409, 422),
        },
        f"{one}/shares": {
            "get": _operation(f"shares_{name}", f"With whom {label} is shared", [_id()], _ok("Shares"), 400, 401, 403, 404, 409),
            "post": _operation(
                f"share_{name}", f"Share {label}", [_id()], {"201": _answer("Share", "Shared")}, 400, 401, 403, 404, 409, 413, 422, body="NewShare"
            ),
        },
        f"{one}/shares/{{share}}": {
            "patch": _operation(f"change_share_{name}", f"Change how {label} is shared", shared, _ok("Share"), *_BODY, 409, body="ChangeShare"),
            "delete": _operation(f"unshare_{name}", f"Take a share of {label} back", shared, {"204": {"description": "Done"}}, 400, 401, 403, 404, 409),
        },
    }


def _operation(name: str, summary: str, parameters: list[dict[str, Any]], answers: dict[str, Any], *errors: int, body: str | None = None) -> dict[str, Any]:
    """Any call may be malformed (400); what has a body may be too large or of another type besides."""
    told = dict(_ERRORS)
    statuses = sorted({400, *errors} | ({413, 415} if body is not None else set()))
    out: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": answers | {str(status): _problem(told[status]) for status in statuses},
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
