"""`Desk`: the services of a workspace, one call per transaction, for tests below the screens; and a picture of all tables."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import BadInput, FieldsmithError
from fieldsmith.query.rows import Record
from fieldsmith.query.run import Query
from fieldsmith.records import files
from fieldsmith.workspace import Workspace


def user(id: int, *roles: str, name: str = "") -> Actor:
    return Actor("user", id, name or f"user {id}", roles, via="api")


class Desk:
    """`desk.make("account", name="Acme")` → id. Calls act as the operator unless told otherwise."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def make(self, entity: str, /, actor: Actor = OPERATOR, **values: Any) -> int:
        return self.workspace.write(lambda work: work.records.create(actor, entity, values)).id

    def change(self, entity: str, id: int, /, actor: Actor = OPERATOR, seen: int | None = None, **values: Any) -> Record:
        """`seen` is the version the caller read."""
        return self.workspace.write(lambda work: work.records.update(actor, entity, id, values, seen))

    def delete(self, entity: str, id: int, actor: Actor = OPERATOR, seen: int | None = None) -> None:
        self.workspace.write(lambda work: work.records.delete(actor, entity, id, seen))

    def restore(self, entity: str, id: int, actor: Actor = OPERATOR) -> Record:
        return self.workspace.write(lambda work: work.records.restore(actor, entity, id))

    def get(self, entity: str, id: int, actor: Actor = OPERATOR, deleted: bool = False) -> Mapping[str, Any]:
        """Canonical values."""
        with self.workspace.read() as work:
            return work.records.get(actor, entity, id, deleted=deleted).values

    def json(self, entity: str, id: int, actor: Actor = OPERATOR) -> dict[str, Any]:
        with self.workspace.read() as work:
            return work.records.get(actor, entity, id).json

    def rows(self, entity: str, *columns: str, sort: tuple[str, ...] = ("id",), actor: Actor = OPERATOR, **more: Any) -> list[tuple[Any, ...]]:
        """Every row of a list, in order, as JSON."""
        with self.workspace.read() as work:
            pages = work.queries.each(actor, Query(entity, columns, sort, **more))
            return [tuple(column.json(row) for column in page.columns) for page in pages for row in page.rows]

    def ids(self, entity: str, **more: Any) -> list[int]:
        return [row[0] for row in self.rows(entity, "id", **more)]

    def upload(self, actor: Actor = OPERATOR, name: str = "a.txt", content: bytes = b"a") -> int:
        """A file that no record holds yet; its id."""
        stored = self.workspace.files.put(io.BytesIO(content))
        return self.workspace.write(lambda work: files.describe(work.connection, actor, work.now, name, stored)).id

    def table(self, name: str) -> list[Mapping[str, Any]]:
        """The rows of one of our own tables, as stored."""
        with self.workspace.read() as work:
            return [dict(row) for row in work.connection.execute(sa.text(f'SELECT * FROM "{name}"')).mappings()]

    def tables(self) -> dict[str, str]:
        """A digest of all that every table holds, but the audit log: an import that changes nothing is noted too."""
        with self.workspace.read() as work:
            names = [name for name in sa.inspect(work.connection).get_table_names() if not name.startswith("fs_audit")]
            if self.workspace.database.dialect == "sqlite":
                return {name: repr(work.connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()) for name in names}
            parts = [f"SELECT '{name}', (SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM \"{name}\" AS t)" for name in names]
            return {name: digest for name, digest in work.connection.exec_driver_sql(" UNION ALL ".join(parts))}

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """What happens inside leaves every table as it was."""
        before = self.tables()
        yield
        assert self.tables() == before

    @contextmanager
    def refuses(self, *problems: tuple[str, str], kind: type[FieldsmithError] = BadInput) -> Iterator[None]:
        """What happens inside is refused as `kind` with just these (code, pointer), and leaves every table as it was."""
        with self.unchanged(), pytest.raises(FieldsmithError) as caught:
            yield
        assert type(caught.value) is kind
        found = [(problem.code, problem.pointer) for problem in caught.value.problems]
        assert found == list(problems), str(caught.value)
