"""Search finds words, prefixes and Chinese, takes every character literally, and never shows other entities."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from fieldsmith.base.errors import BadQuery
from fieldsmith.db.engine import Database
from fieldsmith.db.search import MAX_QUESTION, SearchIndex
from fieldsmith.db.snippets import WIDTH

ACCOUNT, CONTACT = 40, 41
ROWS = [(1, "Acme Corp", "New York\nsales@acme.com"), (2, "北京大學出版社", "软件 開發"), (3, "O'Brien & Söhne", '100%_real \\ "quoted" a*b')]


@pytest.fixture
def index(database: Database) -> SearchIndex:
    index = SearchIndex(database.dialect)
    with database.write() as connection:
        index.put_many(connection, ACCOUNT, ROWS, new=True)
        index.put_many(connection, CONTACT, [(1, "Ann Acme", "")], new=True)
    return index


def _found(database: Database, index: SearchIndex, question: str, *uids: int) -> list[int]:
    with database.read() as connection:
        return sorted(hit.record_id for hit in index.find(connection, question, uids or (ACCOUNT,)))


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("acme", [1]),
        ("ACM", [1]),
        ("york acm", [1]),
        ("acme boston", []),
        ("sales@acme.com", [1]),
        ("北京", [2]),
        ("大学", [2]),
        ("北大", []),
        ("版", [2]),
        ("軟件", [2]),
        ("开发 北京", [2]),
        ("söhne", [3]),
        ("o'brien", [3]),
        ("100%", [3]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ('"quoted"', [3]),
        ("a*b", [3]),
        ("acme OR 北京", []),
        ("acme NOT corp", []),
        ("label:acme", []),
        ("NEAR(acme corp)", []),
        ("^acme", [1]),
        ("acme & | ! <-> :*", [1]),
        ("acme\x00corp", [1]),
        ("", []),
    ],
)
def test_questions_are_taken_literally(database: Database, index: SearchIndex, question: str, ids: list[int]) -> None:
    assert _found(database, index, question) == ids


def test_hits_tell_what_and_why(database: Database, index: SearchIndex) -> None:
    with database.read() as connection:
        (hit,) = index.find(connection, "york", [ACCOUNT])
    assert (hit.entity_uid, hit.record_id, hit.label, hit.snippet) == (ACCOUNT, 1, "Acme Corp", "New York sales@acme.com")


def test_several_entities_are_paged_through(database: Database, index: SearchIndex) -> None:
    with database.read() as connection:
        (first,) = index.find(connection, "acme", [ACCOUNT, CONTACT], limit=1)
        (second,) = index.find(connection, "acme", [ACCOUNT, CONTACT], limit=1, after=first.key)
        assert index.find(connection, "acme", [ACCOUNT, CONTACT], after=second.key) == []
    assert [(hit.entity_uid, hit.record_id) for hit in (first, second)] == [(CONTACT, 1), (ACCOUNT, 1)]


def test_without_an_entity_nothing_is_found(database: Database, index: SearchIndex) -> None:
    with database.read() as connection:
        assert index.find(connection, "acme", []) == []


def test_putting_again_replaces(database: Database, index: SearchIndex) -> None:
    with database.write() as connection:
        index.put_many(connection, ACCOUNT, [(1, "Globex", "")])
    assert (_found(database, index, "acme"), _found(database, index, "globex")) == ([], [1])


def test_many_rows_at_once_are_found(database: Database, index: SearchIndex) -> None:
    with database.write() as connection:
        index.put_many(connection, ACCOUNT, ((id, f"Bulk {id}", "tab\there \\N 'quoted' 北京") for id in range(100, 5_100)), new=True)
        index.put_many(connection, ACCOUNT, ((id, f"Again {id}", "") for id in range(100, 150)))
    assert _found(database, index, "bulk 5099") == [5099]
    assert _found(database, index, "bulk 100") == [1000 + n for n in range(10)]
    assert len(_found(database, index, "again")) == 20


def test_removed_records_are_not_found(database: Database, index: SearchIndex) -> None:
    with database.write() as connection:
        index.remove(connection, ACCOUNT, [1])
    assert _found(database, index, "acme", ACCOUNT, CONTACT) == [1]
    with database.read() as connection:
        assert [hit.entity_uid for hit in index.find(connection, "acme", [ACCOUNT, CONTACT])] == [CONTACT]


def test_an_undone_change_leaves_no_trace(database: Database, index: SearchIndex) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        index.put_many(connection, ACCOUNT, [(9, "Ghost", "")], new=True)
        raise ZeroDivisionError
    assert _found(database, index, "ghost") == []


@pytest.mark.parametrize(("question", "ids"), [("acm", [1]), ("北京", [2]), ("%", [])])
def test_matching_ids_filter_a_list(database: Database, index: SearchIndex, question: str, ids: list[int]) -> None:
    numbers = sa.table("numbers", sa.column("n", sa.BigInteger))
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n bigint)")
        connection.execute(sa.insert(numbers), [{"n": 1}, {"n": 2}, {"n": 3}])
        rows = connection.execute(sa.select(numbers.c.n).where(numbers.c.n.in_(index.matching_ids(question, ACCOUNT)))).all()
    assert [row[0] for row in rows] == ids


def test_endless_questions_are_refused(database: Database, index: SearchIndex) -> None:
    with pytest.raises(BadQuery, match="1000"), database.read() as connection:
        index.find(connection, "x" * (MAX_QUESTION + 1), [ACCOUNT])
    with pytest.raises(BadQuery):
        index.matching_ids("x" * 10_000, ACCOUNT)


def test_a_question_of_many_words_is_answered(database: Database, index: SearchIndex) -> None:
    assert _found(database, index, "acme " * 199) == [1]
    assert _found(database, index, "北" * MAX_QUESTION) == []


def test_snippets_show_the_match(database: Database, index: SearchIndex) -> None:
    text = "filler " * 200 + "needle in a haystack " + "filler " * 200
    with database.write() as connection:
        index.put_many(connection, ACCOUNT, [(7, "Long", text)])
        (hit,) = index.find(connection, "needle", [ACCOUNT])
    assert "needle in a haystack" in hit.snippet
    assert len(hit.snippet) <= WIDTH + 2
