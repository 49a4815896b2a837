"""Items 24, 27, 70, 72 and 73 for imports at once and for whole files: nothing is written unless it is right."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from fieldsmith.base.text import ENGLISH
from fieldsmith.bulk.jobs import import_file
from fieldsmith.bulk.load import Outcome
from fieldsmith.bulk.mapping import from_document
from tests.desk import Desk

ROWS = 300


def load(desk: Desk, file: Path, rejects: str = "rejected.csv", match: str | None = None) -> Outcome:
    return import_file(desk.workspace, OPERATOR, "box", file, match=match, rejects=file.parent / rejects, words=ENGLISH)


def test_the_same_file_twice_at_once_is_taken_once(tiny: Desk, tmp_path: Path) -> None:
    file = tmp_path / "boxes.csv"
    file.write_text("name,code\n" + "".join(f"Box {number},B-{number}\n" for number in range(ROWS)))
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda name: load(tiny, file, name, "code"), ("one.csv", "two.csv")))
    assert sum(outcome.created for outcome in both) == len(tiny.ids("box")) == ROWS and sum(outcome.updated for outcome in both) == 0
    left = [outcome for outcome in both if outcome.created < ROWS]
    assert sum(outcome.unchanged + outcome.refused for outcome in left) == ROWS  # refused where the other had not yet finished


FILES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "blanks": lambda: b" \n \n",
    "only a mark": lambda: b"\xff\xfe\x00",
    "a mark of UTF-8": lambda: b"\xef\xbb\xbf",
    "NUL": lambda: b"name\nA\0B\n",
    "UTF-32": lambda: "name\nA\n".encode("utf-32"),
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "an open quote": lambda: b'"name\nA\n',
    "100,000 columns": lambda: b",".join(b"c%d" % number for number in range(100_000)) + b"\n1\n",
    "headers that inject": lambda: b"id); delete from box;,'; drop table box; --\n1,A\n",
    "blank headers": lambda: b",,\n1,2,3\n",
}


def test_what_is_no_table_changes_nothing(tiny: Desk, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    for what, content in FILES.items():
        file.write_bytes(content())
        with tiny.unchanged(), pytest.raises(BadInput) as caught:
            load(tiny, file)
            pytest.fail(f"{what} was taken")
        assert caught.value.problems[0].hint is not None or caught.value.problems[0].message, what


def test_a_pipe_is_refused_before_it_is_waited_for(tiny: Desk, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with tiny.refuses(("unreadable_file", "")):
        load(tiny, tmp_path / "pipe.csv")


def test_a_long_cell_after_good_rows_names_its_row(tiny: Desk, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("name\nA\n" + "b" * 1_100_000 + "\n")
    with tiny.unchanged(), pytest.raises(BadInput) as caught:
        load(tiny, file)
    assert caught.value.problems[0].line == 3


def test_templates_of_maps_are_not_run(tiny: Desk, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("name,x\nA,{{7*7}}{% import os %}\n")
    said = from_document({"entity": "box", "columns": {"name": {"field": "code"}}, "templates": {"name": "{x} {{7*7}}"}})
    try:
        import_file(tiny.workspace, OPERATOR, "box", file, said=said, rejects=tmp_path / "r.csv", words=ENGLISH)
    except BadInput:
        said = replace(said, templates={"name": "{x}"})
        import_file(tiny.workspace, OPERATOR, "box", file, said=said, rejects=tmp_path / "r.csv", words=ENGLISH)
    with tiny.workspace.read() as work:
        names = work.connection.execute(sa.select(work.schema.columns(work.model.entities["box"].fields["name"])[0])).scalars().all()
    assert len(names) == 1 and "49" not in names[0] and "{% import os %}" in names[0]
