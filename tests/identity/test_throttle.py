"""Throttling counts tries by name and address, and by address alone."""

from __future__ import annotations

from datetime import timedelta

from fieldsmith.db.engine import Database
from fieldsmith.identity import throttle
from tests.conftest import NOW


def attempt(database: Database, name: str = "ana", address: str = "192.0.2.1", after: timedelta = timedelta()) -> int:
    with database.write() as connection:
        return throttle.attempt(connection, NOW + after, name, address)


def test_ten_tries_are_free_and_the_eleventh_waits(database: Database) -> None:
    waits = [attempt(database) for _ in range(12)]
    assert waits == [0] * 10 + [900, 900]


def test_names_are_folded(database: Database) -> None:
    assert [attempt(database, name) for name in ["ana", "ANA", " Ana "] * 4][-1] == 900


def test_another_address_is_not_punished(database: Database) -> None:
    for _ in range(11):
        attempt(database)
    assert attempt(database, address="192.0.2.2") == 0


def test_one_address_may_not_try_many_names(database: Database) -> None:
    waits = [attempt(database, f"user{number}") for number in range(101)]
    assert (waits[99], waits[100]) == (0, 900)


def test_a_good_sign_in_forgives(database: Database) -> None:
    for _ in range(10):
        attempt(database)
    with database.write() as connection:
        throttle.forgive(connection, "ana", "192.0.2.1")
    assert attempt(database) == 0


def test_an_office_behind_one_address_may_sign_in(database: Database) -> None:
    for number in range(150):
        assert attempt(database, f"user{number}") == 0
        with database.write() as connection:
            throttle.forgive(connection, f"user{number}", "192.0.2.1")


def test_the_window_passes(database: Database) -> None:
    for _ in range(11):
        attempt(database)
    assert attempt(database, after=timedelta(minutes=14)) == 60
    assert attempt(database, after=timedelta(minutes=15)) == 0


def test_neither_name_nor_address_is_kept(database: Database) -> None:
    attempt(database, "somebody", "203.0.113.9")
    with database.read() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM fs_throttle").all())
    assert "somebody" not in kept and "203.0.113.9" not in kept


def test_old_rows_are_swept(database: Database) -> None:
    attempt(database)
    with database.write() as connection:
        throttle.sweep(connection, NOW + timedelta(hours=1))
        assert connection.exec_driver_sql("SELECT count(*) FROM fs_throttle").scalar() == 0
