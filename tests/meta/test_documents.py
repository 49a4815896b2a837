"""Strict reading of JSON texts."""

from __future__ import annotations

import time

import pytest

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.meta.documents import document_name, read_json, read_object


def refused(source: bytes | str) -> Problem:
    with pytest.raises(BadInput) as caught:
        read_object(source, "crm/entity/deal.json")
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("source", "code", "line", "column"),
    [
        ('{"a": 1,\n "a": 2}', "duplicate_key", 2, 2),
        ('{"a": {"b": 1, "c": 2, "b": 3}}', "duplicate_key", 1, 24),
        ('{"a":\n NaN}', "not_a_number", 2, 2),
        ('{"a": "NaN", "b": -Infinity}', "not_a_number", 1, 19),
        ('{"a": 1e999}', "number_too_large", 1, 7),
        ('{"a": ' + "9" * 50 + "}", "number_too_large", 1, 7),
        ('{"a": 1,}', "invalid_json", 1, 9),
        ("", "invalid_json", 1, 1),
        ('{"a": "x\\u0000y"}', "bad_character", 1, 9),
        ('{"a": "\\ud800"}', "bad_character", 1, 8),
        ("[1, 2]", "not_an_object", 1, 1),
        ("[" * 65 + "]" * 65, "too_deep", 1, 65),
    ],
)
def test_a_faulty_text_is_refused_with_its_place(source: str, code: str, line: int, column: int) -> None:
    problem = refused(source)
    assert (problem.code, problem.line, problem.column, problem.document) == (code, line, column, "crm/entity/deal.json")


@pytest.mark.parametrize(
    ("source", "code"), [(b"\xff\xfe{}", "not_utf8"), (b'{"a": "' + b"x" * 5_000_000 + b'"}', "too_large"), (b'{"a": "\xed\xa0\x80"}', "not_utf8")]
)
def test_faulty_bytes_are_refused(source: bytes, code: str) -> None:
    assert refused(source).code == code


@pytest.mark.parametrize(
    ("source", "code"), [("[" * 10_000 + "]" * 10_000, "too_deep"), ('{"a":' * 10_000 + "1" + "}" * 10_000, "too_deep"), ("[" * 5_000_000, "too_large")]
)
def test_deep_and_large_texts_are_answered_within_100_ms(source: str, code: str) -> None:
    start = time.perf_counter()
    assert refused(source).code == code
    assert time.perf_counter() - start < 0.1


def test_64_levels_are_read() -> None:
    assert read_json("[" * 64 + "]" * 64)


def test_a_byte_order_mark_is_skipped_and_text_is_composed() -> None:
    assert read_json('\ufeff{"e\u0301": 1}'.encode()) == {"\u00e9": 1}


@pytest.mark.parametrize(
    ("kind", "body", "name"),
    [
        ("entity", {"name": "deal"}, "deal"),
        ("view", {"name": "all", "entity": "deal"}, "deal.all"),
        ("view", {"extends": "deal.all"}, "deal.all"),
        ("view", {"name": "all"}, None),
        ("entity", {"name": 7}, None),
    ],
)
def test_documents_say_their_own_key(kind: str, body: dict[str, object], name: str | None) -> None:
    assert document_name(kind, body) == name
