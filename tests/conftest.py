"""Fixtures every test may use. Those of a database or workspace run twice: on SQLite and, where a server is found, on PostgreSQL."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from fieldsmith.base.context import SYSTEM, FixedClock
from fieldsmith.base.settings import Settings
from fieldsmith.db.engine import Database
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.packages import read_package, shipped_packages
from fieldsmith.workspace import Workspace
from tests.databases import DEFAULT_SERVER, PostgresqlTemplates, SqliteTemplates, Templates, prepare_database, reachable
from tests.desk import Desk
from tests.quick import make_once
from tests.tiny import TINY

NOW = datetime(2026, 11, 22, 9, 30)
SHIPPED = ("core", "crm")

settings.register_profile("repeatable", derandomize=True, database=None)
"""What `make test` takes: the same examples here, in CI and tomorrow. New ones are looked for by `make fuzz`, with the profile "random"."""
settings.register_profile("random", database=None, print_blob=True)

MakeWorkspace = Callable[..., Workspace]
"""`make_workspace("core", "crm")`: a new workspace with these packages, shipped ones by name or layers; without any it is empty."""


def pytest_collection_finish() -> None:
    """Twelve thousand collected tests live to the end: no collection of garbage need walk over them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        make_once(patch)
        yield


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplates:
    return SqliteTemplates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def postgresql_templates() -> Iterator[PostgresqlTemplates]:
    server = os.environ.get("FIELDSMITH_TEST_POSTGRES", DEFAULT_SERVER)
    templates = reachable(server)
    if templates is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no PostgreSQL server answers at {server}; start one or set FIELDSMITH_TEST_POSTGRES")
        pytest.skip("no PostgreSQL server")
    yield templates
    templates.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def templates(request: pytest.FixtureRequest) -> Templates:
    """Where this run's databases come from. Override it with `sqlite_templates` in tests that no database can make differ."""
    found: Templates = request.getfixturevalue(f"{request.param}_templates")
    return found


@pytest.fixture
def database(templates: Templates, tmp_path: Path) -> Iterator[Database]:
    """A new database with the system tables."""
    with templates.fresh("bare", prepare_database, tmp_path) as url:
        opened = Database(url)
        yield opened
        opened.dispose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def make_workspace(templates: Templates, tmp_path: Path, clock: FixedClock) -> Iterator[MakeWorkspace]:
    """Several calls give several workspaces of their own."""
    with ExitStack() as stack:

        def make(*packages: str | Layer) -> Workspace:
            home = tmp_path / f"home{len(list(tmp_path.glob('home*')))}"
            home.mkdir()
            url = stack.enter_context(templates.fresh("_".join(map(_name, packages)) or "empty", _publisher(packages), home))
            workspace = Workspace.open(_settings(url, home), clock)
            stack.callback(workspace.close)
            return workspace

        yield make


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    """A new workspace with the shipped packages and no records."""
    return make_workspace(*SHIPPED)


@pytest.fixture
def tiny(make_workspace: MakeWorkspace) -> Desk:
    """Service calls on a new workspace with `core` and the package of `tests.tiny`: every field type, few entities."""
    return Desk(make_workspace("core", TINY))


@pytest.fixture
def desk(workspace: Workspace) -> Desk:
    """Service calls on a new workspace with the shipped packages."""
    return Desk(workspace)


def _name(package: str | Layer) -> str:
    return package if isinstance(package, str) else package.name


def _publisher(packages: tuple[str | Layer, ...]) -> Callable[[str], None]:
    def build(url: str) -> None:
        workspace = Workspace.open(_settings(url, Path()), FixedClock(NOW))
        if packages:
            shipped = shipped_packages()
            layers = [read_package(shipped[item]) if isinstance(item, str) else item for item in packages]
            workspace.publish(SYSTEM, layers, "test")
        workspace.close()

    return build


def _settings(url: str, home: Path) -> Settings:
    return Settings(home=home, database=url, secret="s" * 40, password_memory_kib=8, password_rounds=1, api_calls_per_minute=0)
