"""What is wrong with sent values is found before any database is asked to write: SQLite alone runs these."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.errors import BadInput
from tests.databases import SqliteTemplates
from tests.desk import Desk


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


WRONG: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({}, [("required", "/text")]),
    ({"text": " "}, [("required", "/text")]),
    ({"text": "A", "txt": "B"}, [("unknown_field", "/txt")]),
    ({"text": "A", "deleted_at": None}, [("unknown_field", "/deleted_at")]),
    ({"text": "A", "a/b~": 1}, [("unknown_field", "/a~1b~0")]),
    ({"text": "A", "id": 7}, [("read_only", "/id")]),
    ({"text": "A", "created_by": 1}, [("read_only", "/created_by")]),
    ({"text": "A", "version": 1}, [("read_only", "/version")]),
    ({"text": "A", "locked": "x"}, [("read_only", "/locked")]),
    ({"text": "A", "auto_number": "N-0009"}, [("read_only", "/auto_number")]),
    ({"text": "A", "lookup": 99}, [("not_found", "/lookup")]),
    ({"text": "A", "owner": 99}, [("not_found", "/owner")]),
    ({"text": "A", "many_to_many": [98, 99]}, [("not_found", "/many_to_many"), ("not_found", "/many_to_many")]),
    ({"text": "A", "polymorphic_lookup": {"entity": "box", "id": 9}}, [("not_found", "/polymorphic_lookup")]),
    ({"text": "A", "polymorphic_lookup": {"entity": "part", "id": 9}}, [("wrong_entity", "/polymorphic_lookup/entity")]),
    ({"text": "A", "choice": "old"}, [("inactive_choice", "/choice")]),
    ({"text": "A", "file": 99}, [("not_found", "/file")]),
    ({"text": "A", "date": "2026-02-31", "integer": "x"}, [("impossible_date", "/date"), ("not_integer", "/integer")]),
    ({"integer": "x", "lookup": 99}, [("not_integer", "/integer"), ("required", "/text"), ("not_found", "/lookup")]),
]


@pytest.mark.parametrize(("sent", "problems"), WRONG, ids=[str(sent) for sent, _ in WRONG])
def test_wrong_input_is_told_all_at_once(tiny: Desk, sent: dict[str, Any], problems: list[tuple[str, str]]) -> None:
    with tiny.refuses(*problems):
        tiny.make("thing", **sent)


@pytest.mark.parametrize("wrong", [{"text": None}, {"integer": {}}, {"nonsense": 1}], ids=str)
def test_a_wrong_change_leaves_all_tables_as_they_were(tiny: Desk, wrong: dict[str, Any]) -> None:
    id = tiny.make("thing", text="A")
    with tiny.unchanged(), pytest.raises(BadInput):
        tiny.change("thing", id, standard="B", **wrong)


def test_blanking_a_required_field_is_told_with_the_other_problems(tiny: Desk) -> None:
    id = tiny.make("thing", text="A")
    with tiny.refuses(("required", "/text"), ("not_found", "/lookup")):
        tiny.change("thing", id, text=None, lookup=99)


EXTERNAL: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"external_id": {"code": "Z"}}, [("not_found", "/lookup/external_id")]),
    ({"external_id": {"cod": "A"}}, [("unknown_field", "/lookup/external_id")]),
    ({"external_id": {"name": "A"}}, [("unknown_field", "/lookup/external_id")]),
    ({"external_id": {"code": 7}}, [("not_text", "/lookup/external_id")]),
    ({"external_id": {"code": "A' OR 1=1 --"}}, [("not_found", "/lookup/external_id")]),
]


@pytest.mark.parametrize(("sent", "problems"), EXTERNAL, ids=[str(sent) for sent, _ in EXTERNAL])
def test_external_keys_that_lead_nowhere_are_refused(tiny: Desk, sent: Any, problems: list[tuple[str, str]]) -> None:
    tiny.make("box", name="A", code="A")
    with tiny.refuses(*problems):
        tiny.make("thing", text="A", lookup=sent)


@pytest.mark.parametrize("version", ["1", True, None, 1.0])
def test_a_version_is_a_whole_number(tiny: Desk, version: Any) -> None:
    id = tiny.make("box", name="a")
    with tiny.refuses(("not_an_integer", "/version")):
        tiny.change("box", id, name="b", version=version)
