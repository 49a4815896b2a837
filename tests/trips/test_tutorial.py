"""The tutorial does what it says: its commands are run, what they print is compared, and what they made is looked at."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.query.run import Query
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.conftest import MakeWorkspace
from tests.web.conftest import Api, make_person
from tests.web.screens import Visitor

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    command: str
    expected: tuple[str, ...]


def steps() -> list[Step]:
    """Each block of commands with the block of output that follows it."""
    blocks = BLOCK.findall((DOCS / "tutorial.md").read_text("utf-8"))
    pairs = zip(blocks[::2], blocks[1::2], strict=True)
    return [Step(command, tuple(text.splitlines())) for (kind, command), (_, text) in pairs if kind == "sh"]


@dataclass(frozen=True)
class Walked:
    """A workspace after the whole tutorial, what each step printed, and the file it exported."""

    workspace: Workspace
    printed: list[str]
    exported: list[dict[str, str]]


@pytest.fixture
def walked(make_workspace: MakeWorkspace, tmp_path: Path) -> Iterator[Walked]:
    workspace = make_workspace("core", "crm")
    (tmp_path / "docs").symlink_to(DOCS)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FIELDSMITH_HOME": str(workspace.settings.home),
        "FIELDSMITH_DATABASE": workspace.settings.database,
        "LC_ALL": "C.UTF-8",
    }
    printed = []
    for step in steps():
        done = subprocess.run(["sh", "-ec", step.command], cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=120)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    with (tmp_path / "pipeline.csv").open(encoding="utf-8-sig", newline="") as file:
        yield Walked(workspace, printed, list(csv.DictReader(file)))


def test_the_tutorial_does_what_it_says(walked: Walked) -> None:
    for step, printed in zip(steps(), walked.printed, strict=True):
        lines = [line.strip() for line in printed.splitlines()]
        assert [line for line in step.expected if line not in lines] == [], printed
    assert_imported(walked.workspace)
    assert_exported(walked.exported)
    assert_field_everywhere(walked.workspace)


def assert_imported(workspace: Workspace) -> None:
    with workspace.read() as work:

        def rows(entity: str, *columns: str) -> list[tuple[object, ...]]:
            pages = work.queries.each(OPERATOR, Query(entity, columns, ("id",), limit=500))
            return [tuple(column.json(row) for column in page.columns) for page in pages for row in page.rows]

        accounts = rows("account", "name", "parent_account", "industry")
        assert len(accounts) == 85
        assert len([row for row in accounts if row[1] is not None]) == 15
        assert "technology" in {row[2] for row in accounts}
        assert len(rows("product", "name")) == 7
        people = rows("user", "name", "email", "manager", "team")
        assert len(people) == 41
        assert {row[1] for row in people} == {None}
        assert len([row for row in people if row[2] is not None]) == 35
        assert Counter(str(row[3]["label"]) for row in people if isinstance(row[3], dict)) == {"Central": 13, "East": 14, "West": 14}


def assert_exported(deals: list[dict[str, str]]) -> None:
    assert len(deals) == 8800
    won = [Decimal(deal["amount"].removesuffix(" USD")) for deal in deals if deal["stage"] == "won"]
    assert f"{sum(won):.2f}" == "10005534.00"
    assert Counter(deal["account"] for deal in deals)[""] == 1425
    still_open = [deal for deal in deals if deal["stage"] not in ("won", "lost")]
    assert {(deal["amount"], deal["close_date"]) for deal in still_open} == {("", "")}
    assert len(still_open) == 2089
    assert {deal["product"] for deal in deals} >= {"GTX Pro"} and "GTXPro" not in {deal["product"] for deal in deals}
    assert {deal["renewal_date"] for deal in deals} == {""}


def assert_field_everywhere(workspace: Workspace) -> None:
    """On form, record page and list, in API, OpenAPI and (seen above) export."""
    ana = make_person(workspace, "Ana", "administrator")
    app = create_app(workspace)
    api, visitor = Api(app, ana.token), Visitor(app, workspace, ana)
    assert "Renewal date" in visitor.get("/opportunity/new").text
    changed = api.patch("/records/opportunity/1", json={"renewal_date": "2018-03-01"})
    assert (changed.status_code, changed.json["renewal_date"]) == (200, "2018-03-01")
    assert "Mar 1, 2018" in visitor.get("/opportunity/1").text
    assert "Renewal date" in visitor.get("/opportunity/").text
    listed = api.get("/records/opportunity?columns=name,renewal_date&limit=1&sort=id").json
    assert listed["items"][0]["renewal_date"] == "2018-03-01"
    assert "renewal_date" in api.get("/openapi.json").text
