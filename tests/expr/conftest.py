"""The world's tables on each database, empty; nothing of them stays."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.databases import DEFAULT_SERVER, PostgresqlTemplates
from tests.expr.evaluators import Database


@pytest.fixture(scope="session")
def world_on_sqlite() -> Iterator[Database]:
    database = Database("sqlite", "sqlite://")
    yield database
    database.close()


@pytest.fixture(scope="session")
def world_on_postgresql(postgresql_templates: PostgresqlTemplates) -> Iterator[Database]:
    """Temporary tables of one connection; `postgresql_templates` says whether there is a server."""
    database = Database("postgresql", os.environ.get("FIELDSMITH_TEST_POSTGRES", DEFAULT_SERVER))
    yield database
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def world(request: pytest.FixtureRequest) -> Database:
    """The world on either database."""
    found: Database = request.getfixturevalue(f"world_on_{request.param}")
    return found
