"""`Files`: importing what a test wrote down into a workspace, and the rows that were refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.text import ENGLISH
from fieldsmith.bulk.export import export_csv
from fieldsmith.bulk.jobs import import_file
from fieldsmith.bulk.load import Outcome
from fieldsmith.bulk.mapping import from_document
from tests.desk import Desk


class Files:
    """`files.load("box", "name\\nA\\n")`; `rejected` are the refused rows of the last import, without their header."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.path = folder / "data.csv"
        self.rejects = folder / "rejected.csv"

    def load(self, entity: str, data: str | bytes, actor: Actor = OPERATOR, columns: Mapping[str, Any] | None = None, **more: Any) -> Outcome:
        """Import `data`; with `columns` by a map, whose other keys may be in `more`."""
        self.path.write_bytes(data.encode() if isinstance(data, str) else data)
        keys: dict[str, Any] = {name: more.pop(name) for name in ("constants", "templates", "second_pass") if name in more}
        said = None
        if columns is not None or keys:
            said = from_document({"entity": entity, "columns": columns or {}, **keys})
        return import_file(self.desk.workspace, actor, entity, self.path, said=said, rejects=self.rejects, words=ENGLISH, **more)

    @property
    def rejected(self) -> list[list[str]]:
        if not self.rejects.exists():
            return []
        with self.rejects.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))[1:]

    @property
    def places(self) -> list[tuple[str, str]]:
        """(row number, column) of each refused row."""
        return [(row[0], row[1]) for row in self.rejected]

    def export(self, entity: str, *columns: str, actor: Actor = OPERATOR) -> str:
        out = io.StringIO(newline="")
        with self.desk.workspace.read(snapshot=True) as work:
            export_csv(work, actor, entity, out, columns)
        return out.getvalue()


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    """(created, updated, unchanged, refused)"""
    return outcome.created, outcome.updated, outcome.unchanged, outcome.refused
