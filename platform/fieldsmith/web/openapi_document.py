"""Makes the OpenAPI 3.1 document with apispec: fixed routes, and per entity the exact shape of its records. Called by `openapi` only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from fieldsmith import __version__
from fieldsmith.access.seen import seen
from fieldsmith.access.sight import Sight
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity
from fieldsmith.web import (
    api_shapes,
    api_shapes_attic,
    api_shapes_audit,
    api_shapes_changesets,
    api_shapes_expressions,
    api_shapes_packages,
    api_shapes_retyping,
    api_shapes_sharing,
)
from fieldsmith.web.api_answers import PREFIX
from fieldsmith.web.openapi import is_writable
from fieldsmith.web.openapi_paths import entity_paths, fixed_paths

if TYPE_CHECKING:
    from fieldsmith.workspace import Runtime

_SHAPES: tuple[tuple[str, type[Schema]], ...] = (
    ("Problem", api_shapes.ProblemShape),
    ("Error", api_shapes.ErrorShape),
    ("Link", api_shapes.LinkShape),
    ("Author", api_shapes.AuthorShape),
    ("Bulk", api_shapes.BulkShape),
    ("BulkResult", api_shapes.BulkResultShape),
    ("BulkResults", api_shapes.BulkResultsShape),
    ("Change", api_shapes.ChangeShape),
    ("Event", api_shapes.EventShape),
    ("History", api_shapes.HistoryShape),
    ("TypedLink", api_shapes.TypedLinkShape),
    ("Moment", api_shapes.MomentShape),
    ("Timeline", api_shapes.TimelineShape),
    ("Access", api_shapes.AccessShape),
    ("Share", api_shapes_sharing.ShareShape),
    ("Shares", api_shapes_sharing.SharesShape),
    ("NewShare", api_shapes_sharing.NewShareShape),
    ("ChangeShare", api_shapes_sharing.ChangeShareShape),
    ("Reveal", api_shapes.RevealShape),
    ("Revealed", api_shapes.RevealedShape),
    ("Found", api_shapes.FoundShape),
    ("FoundPage", api_shapes.FoundPageShape),
    ("Document", api_shapes.DocumentShape),
    ("Documents", api_shapes.DocumentsShape),
    ("Uses", api_shapes_attic.UsesShape),
    ("Retired", api_shapes_attic.RetiredShape),
    ("RetiredList", api_shapes_attic.RetiredListShape),
    ("Purge", api_shapes_attic.PurgeShape),
    ("RollBack", api_shapes_attic.RollBackShape),
    ("Audit", api_shapes_audit.AuditShape),
    ("AuditVerdict", api_shapes_audit.AuditVerdictShape),
    ("FailingRecord", api_shapes_retyping.FailingRecordShape),
    ("RoundedRecord", api_shapes_retyping.RoundedShape),
    ("ProposedChoices", api_shapes_retyping.ProposedChoicesShape),
    ("Retype", api_shapes_retyping.RetypeShape),
    ("Retyped", api_shapes_retyping.RetypedShape),
    ("RetypeJob", api_shapes_retyping.RetypeJobShape),
    ("RetypeJobs", api_shapes_retyping.RetypeJobsShape),
    ("ResumeRetype", api_shapes_retyping.ResumeRetypeShape),
    ("UndoneRetype", api_shapes_retyping.UndoneRetypeShape),
    ("CheckExpression", api_shapes_expressions.CheckExpressionShape),
    ("CheckedExpression", api_shapes_expressions.CheckedExpressionShape),
    ("EvaluateExpression", api_shapes_expressions.EvaluateExpressionShape),
    ("Step", api_shapes_expressions.StepShape),
    ("Evaluated", api_shapes_expressions.EvaluatedShape),
    ("CompleteExpression", api_shapes_expressions.CompleteExpressionShape),
    ("Completion", api_shapes_expressions.CompletionShape),
    ("Signature", api_shapes_expressions.SignatureShape),
    ("Completions", api_shapes_expressions.CompletionsShape),
    ("OpenChangeSet", api_shapes_changesets.OpenChangeSetShape),
    ("OpenedChangeSet", api_shapes_changesets.OpenedChangeSetShape),
    ("ChangeSet", api_shapes_changesets.ChangeSetShape),
    ("ChangeSets", api_shapes_changesets.ChangeSetsShape),
    ("Operations", api_shapes_changesets.OperationsShape),
    ("CheckedChangeSet", api_shapes_changesets.CheckedChangeSetShape),
    ("PlannedChangeSet", api_shapes_changesets.PlannedChangeSetShape),
    ("PublishChangeSet", api_shapes_changesets.PublishChangeSetShape),
    ("Published", api_shapes_changesets.PublishedShape),
    ("Revision", api_shapes_changesets.RevisionShape),
    ("Revisions", api_shapes_changesets.RevisionsShape),
    ("InstalledPackages", api_shapes_packages.InstalledPackagesShape),
    ("PackageBundle", api_shapes_packages.PackageBundleShape),
    ("SentPackage", api_shapes_packages.SentPackageShape),
    ("ApplyPackage", api_shapes_packages.ApplyPackageShape),
    ("PlannedPackage", api_shapes_packages.PlannedPackageShape),
    ("AnyDocument", api_shapes_changesets.AnyDocumentShape),
    ("Health", api_shapes.HealthShape),
)
_SIGNATURES: Mapping[str, str] = {
    "bearer": "An API token (`fieldsmith token new`).",
    "session": "The browser's session; writing needs the header X-CSRF-Token. Under https the cookie is called `__Host-fieldsmith_session`.",
}


def build(runtime: Runtime, hidden: Sight) -> dict[str, Any]:
    """The document for readers to whom `hidden` says what is there."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title=f"{runtime.model.company.name} · Fieldsmith API",
        version=f"{__version__}+{runtime.model.revision}",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": "Records, search and metadata of this workspace. Errors are RFC 9457 problems."},
        servers=[{"url": "/"}],
        security=[{"bearer": []}, {"session": []}],
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "description": _SIGNATURES["bearer"]})
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "fieldsmith_session", "description": _SIGNATURES["session"]})
    for name, shape in _SHAPES:
        spec.components.schema(name, schema=shape)
    for path, operations in fixed_paths().items():
        spec.path(path, operations=operations)
    for entity in seen(runtime.model, hidden).entities.values():
        if entity.name not in hidden:
            _add_entity(spec, runtime, entity)
    return spec.to_dict()


def record_schema(runtime: Runtime, entity: Entity) -> dict[str, Any]:
    """JSON Schema of a record of `entity` as read; what may not be written is marked read-only."""
    properties = {item.name: _property(runtime, item) for item in entity.fields.values() if item.name != "deleted_at"}
    return {"type": "object", "title": entity.label.text, "properties": properties, "additionalProperties": False}


def _add_entity(spec: APISpec, runtime: Runtime, entity: Entity) -> None:
    required = [item.name for item in entity.own_fields() if item.required and item.default is None and is_writable(runtime, item)]
    spec.components.schema(entity.name, record_schema(runtime, entity))
    spec.components.schema(f"{entity.name}.new", {"allOf": [{"$ref": f"#/components/schemas/{entity.name}"}], "required": required})
    page = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"type": "object"}, "description": "The columns asked for, by path; all fields when none were."},
            "next": {"type": ["string", "null"], "description": "Give it as `after` for the next page."},
            "count": {"type": "integer"},
        },
        "required": ["items", "next"],
    }
    spec.components.schema(f"{entity.name}.page", page)
    for path, operations in entity_paths(PREFIX, entity.name, entity.label.text, entity.plural.text).items():
        spec.path(path, operations=operations)


def _property(runtime: Runtime, item: Field) -> dict[str, Any]:
    found = dict(runtime.model.type_of(item).json_schema(item, runtime.scope))
    found["title"] = item.label.text
    if item.help is not None:
        found["description"] = f"{item.help.text} {found['description']}" if "description" in found else item.help.text
    if not is_writable(runtime, item):
        found["readOnly"] = True
    return found
