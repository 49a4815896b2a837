"""The HTTP API under `/api/v1`: registers every group of routes. See the contract; `openapi` describes what stands here."""

from __future__ import annotations

from flask import Flask

from fieldsmith.web import api_changesets, api_expressions, api_many, api_metadata, api_records, api_revisions, api_search, api_spec


def register(app: Flask) -> None:
    """All routes of the API."""
    for group in (api_records, api_many, api_search, api_expressions, api_metadata, api_changesets, api_revisions, api_spec):
        group.register(app)
