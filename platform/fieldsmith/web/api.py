"""The HTTP API under `/api/v1`: registers every group of routes. See the contract; `openapi` describes what stands here."""

from __future__ import annotations

from flask import Flask

from fieldsmith.web import (
    api_access,
    api_attic,
    api_audit,
    api_changesets,
    api_expressions,
    api_many,
    api_metadata,
    api_packages,
    api_records,
    api_retyping,
    api_revealing,
    api_revisions,
    api_search,
    api_sharing,
    api_spec,
)


def register(app: Flask) -> None:
    """All routes of the API."""
    groups = (
        api_records,
        api_many,
        api_access,
        api_sharing,
        api_revealing,
        api_search,
        api_expressions,
        api_metadata,
        api_changesets,
        api_packages,
        api_revisions,
        api_retyping,
        api_attic,
        api_audit,
        api_spec,
    )
    for group in groups:
        group.register(app)
