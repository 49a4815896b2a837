"""Auto-numbers have no gaps, whatever is undone or done at once."""

from __future__ import annotations

import threading

import pytest

from fieldsmith.db.counters import next_numbers
from fieldsmith.db.engine import Database


def test_numbers_begin_at_one_and_go_on(database: Database) -> None:
    with database.write() as connection:
        assert list(next_numbers(connection, "a", 2)) == [1, 2]
        assert list(next_numbers(connection, "a", 0)) == []
        assert list(next_numbers(connection, "b", 1)) == [1]
    with database.write() as connection:
        assert list(next_numbers(connection, "a", 3)) == [3, 4, 5]


def test_numbers_of_an_undone_change_come_again(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        next_numbers(connection, "a", 5)
        raise ZeroDivisionError
    with database.write() as connection:
        assert list(next_numbers(connection, "a", 1)) == [1]


def test_writers_at_once_get_different_numbers(database: Database) -> None:
    given: list[int] = []

    def take() -> None:
        for _ in range(10):
            with database.write() as connection:
                given.extend(next_numbers(connection, "a", 1))

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 31))
