"""Databases of the benchmarks: made and filled once, kept in the scratch folder (or on the PostgreSQL server) for the next run."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from fieldsmith.base.settings import Settings
from tests.bench import fill_handwritten
from tests.bench.fill_fieldsmith import fill as fill_fieldsmith
from tests.bench.sites import Site, fieldsmith, handwritten


@dataclass(frozen=True, slots=True)
class Stores:
    """Where databases lie: `scratch` for SQLite and workspaces, `server` the URL of a PostgreSQL one may make databases on."""

    scratch: Path
    server: str

    def sites(self, dialect: str, rows: int) -> tuple[Site, Site]:
        """Both servers over filled databases of `dialect`."""
        folder = self.scratch / f"{dialect}-{rows}"
        keys = folder / "keys.json"
        home, ours, theirs = folder / "home", self.url(dialect, f"fieldsmith_{rows}", folder), self.url(dialect, f"handwritten_{rows}", folder)
        if not keys.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for url in (ours, theirs):
                self.recreate(url)
            fill_handwritten.fill(theirs, rows)
            made = fill_fieldsmith(Settings.load({"FIELDSMITH_DATABASE": ours}, home), rows)
            keys.write_text(json.dumps([made.cookie, made.token]), encoding="utf-8")
        cookie, token = json.loads(keys.read_text(encoding="utf-8"))
        return fieldsmith(home, ours, cookie, token), handwritten(theirs, fill_handwritten.COOKIE_TOKEN, fill_handwritten.API_TOKEN)

    def url(self, dialect: str, name: str, folder: Path) -> str:
        """Where database `name` lies: a file in `folder`, or on the server."""
        if dialect == "sqlite":
            return f"sqlite:///{folder / name}.db"
        return sa.make_url(self.server).set(database=f"bench_{name}").render_as_string(hide_password=False)

    def recreate(self, url: str) -> None:
        """An empty database at `url`; whatever was there is gone."""
        self._replace(url, 'CREATE DATABASE "{name}"')

    def drop(self, url: str) -> None:
        """No database at `url` any more."""
        self._replace(url, None)

    def _replace(self, url: str, made: str | None) -> None:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            assert parsed.database
            for ending in ("", "-wal", "-shm"):
                Path(parsed.database + ending).unlink(missing_ok=True)
            return
        engine = sa.create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{parsed.database}" WITH (FORCE)')
            if made is not None:
                connection.exec_driver_sql(made.format(name=parsed.database))
        engine.dispose()
