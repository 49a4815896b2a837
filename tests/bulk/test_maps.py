"""Import maps against entity and file: everything wrong at once, before anything is written."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.errors import BadInput
from tests.bulk.loading import Files
from tests.databases import SqliteTemplates


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """Maps are checked before any database is asked."""
    return sqlite_templates


def wrong(files: Files, data: str, **more: Any) -> list[tuple[str, str]]:
    with files.desk.unchanged(), pytest.raises(BadInput) as caught:
        files.load("thing", data, **more)
    return [(problem.code, problem.pointer) for problem in caught.value.problems]


def test_everything_wrong_is_told_at_once(files: Files) -> None:
    columns = {
        "naem": {"field": "text"},
        "B": {"field": "nonsense"},
        "C": {"field": "created_at"},
        "D": {"field": "locked"},
        "E": {"field": "auto_number"},
        "F": {"field": "many_to_many"},
        "G": {"field": "address.town"},
        "H": {"field": "integer", "lookup": {"by": "name"}},
        "I": {"field": "lookup", "lookup": {"by": "cod"}},
        "J": {"field": "secret", "lookup": {"by": "created_at"}},
        "name": {"field": "text"},
    }
    assert wrong(files, "name,B,C,D,E,F,G,H,I,J\n", columns=columns, match="text", constants={"text": "x"}, templates={"url": "{nam}", "kin": "{B}"}) == [
        ("unknown_column", "/columns/naem"),
        ("unknown_field", "/columns/B/field"),
        ("read_only", "/columns/C/field"),
        ("read_only", "/columns/D/field"),
        ("read_only", "/columns/E/field"),
        ("not_importable", "/columns/F/field"),
        ("unknown_part", "/columns/G/field"),
        ("not_a_lookup", "/columns/H/lookup"),
        ("unknown_field", "/columns/I/lookup/by"),
        ("not_a_key", "/columns/J/lookup/by"),
        ("not_importable", "/templates/kin"),
        ("filled_twice", "/columns/name"),
        ("filled_twice", "/constants/text"),
        ("unknown_column", "/templates/url"),
        ("not_unique_field", "/match"),
    ]


CASES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({}, [("nothing_mapped", "/columns")]),
    ({"match": "weight"}, [("match_not_filled", "/match"), ("nothing_mapped", "/columns")]),
    ({"columns": {"a": {"field": "text"}}, "match": "wieght"}, [("not_unique_field", "/match")]),
    ({"columns": {"a": {"field": "date", "date_format": "qq"}}}, [("date_format", "/columns/a")]),
    ({"columns": {"a": {"field": "text"}}, "constants": {"integer": "x"}}, [("not_integer", "/constants/integer")]),
    ({"columns": {"a": {"field": "text"}}, "constants": {"lookup": 99}}, [("not_found", "/constants/lookup")]),
    ({"columns": {"a": {"field": "text"}}, "constants": {"lookup": {"external_id": {"code": "Z"}}}}, [("not_found", "/constants/lookup/external_id")]),
    ({"columns": {"a": {"field": "text"}}, "locale": "xx_nowhere"}, [("unknown_locale", "/locale")]),
    ({"columns": {"a": {"field": "address.city"}, "b": {"field": "address"}}}, [("filled_twice", "/columns/b")]),
]


@pytest.mark.parametrize(("more", "problems"), CASES, ids=[str(more) for more, _ in CASES])
def test_a_map_that_cannot_be_used_is_refused(files: Files, more: dict[str, Any], problems: list[tuple[str, str]]) -> None:
    assert wrong(files, "a,b\n1,2\n", **more) == problems


def test_headers_are_names_or_labels_in_any_language(files: Files) -> None:
    files.load("box", "Name,CODE,id); delete from x,负责人\nA,1,x,\n")
    assert files.desk.rows("box", "name", "code") == [("A", "1")]


def test_refused_rows_cannot_go_to_the_file_itself(files: Files) -> None:
    files.rejects = files.path
    with pytest.raises(BadInput, match="cannot go to the file"):
        files.load("thing", "text\n\n,\n")


def test_refused_rows_need_a_place_to_go(files: Files) -> None:
    files.rejects = files.path.parent / "missing" / "rejected.csv"
    assert wrong(files, "text,integer\nA,x\n") == [("no_folder", "/rejects")]
    files.rejects = files.path.parent
    assert wrong(files, "text,integer\nA,x\n") == [("unwritable_file", "/rejects")]
