"""The audit log as a chain: what the database refuses, writers at once, savepoints, and an older log that is upgraded."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.db.audit_chain import cut, sealed_anew
from fieldsmith.db.audit_digest import GENESIS, digest
from fieldsmith.db.engine import Database
from fieldsmith.db.system import SYSTEM_VERSION, fs_audit, fs_audit_head, fs_state, installed_version, prepare
from fieldsmith.identity.audit import note
from fieldsmith.identity.audit_verify import Verdict, Witness, verify

NOW = datetime(2026, 11, 22, 9, 30, 0, 123456)


def noted(database: Database, *subjects: str) -> None:
    for subject in subjects:
        with database.write() as connection:
            note(connection, NOW, OPERATOR, "sign_in.refused", subject, address="127.0.0.1")


def verdict(database: Database, witness: Witness | None = None) -> Verdict:
    with database.read(snapshot=True) as connection:
        return verify(connection, witness)


def rows(database: Database) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(sa.select(fs_audit).order_by(fs_audit.c.id)).mappings())


def past_the_guards(database: Database, statement: str) -> None:
    """As somebody does who has the database in his hands."""
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            for name in ("update", "delete", "replace"):
                connection.exec_driver_sql(f"DROP TRIGGER fs_audit_no_{name}")
        connection.exec_driver_sql(statement)


def test_each_row_holds_the_hash_of_itself_and_of_the_row_before(database: Database) -> None:
    noted(database, "a", "b")
    first, second = rows(database)
    assert (first["id"], second["id"]) == (1, 2)
    assert first["hash"] == digest(GENESIS, first)
    assert second["hash"] == digest(first["hash"], second)
    assert second["at"] == NOW
    assert verdict(database) == Verdict(2, f"2:{second['hash']}")


def test_the_hash_is_the_published_one(database: Database) -> None:
    noted(database, "ünïcode\0")
    assert rows(database)[0]["subject"] == "ünïcode\ufffd"
    assert rows(database)[0]["hash"] == "36a8f413ff74a99f20ed2b36939b201be3c7edce894ca75b294bb22b161e9309"


@pytest.mark.parametrize("statement", ["UPDATE fs_audit SET subject = 'x'", "DELETE FROM fs_audit", "DELETE FROM fs_audit WHERE id = 1"])
def test_the_database_refuses_to_change_rows(database: Database, statement: str) -> None:
    noted(database, "a", "b")
    with pytest.raises(sa.exc.IntegrityError, match="never changed or deleted"), database.write() as connection:
        connection.exec_driver_sql(statement)
    assert len(rows(database)) == 2


def test_nothing_else_empties_or_replaces_rows(database: Database) -> None:
    noted(database, "a")
    columns = "id, at, actor_kind, actor_name, via, event, subject, detail"
    values = "1, '2026-11-22 09:30:00.000000', 'user', 'x', 'cli', 'sign_in', '', '{}'"
    other = "TRUNCATE fs_audit" if database.dialect == "postgresql" else f"INSERT OR REPLACE INTO fs_audit ({columns}) VALUES ({values})"
    with pytest.raises(sa.exc.IntegrityError, match="never changed or deleted"), database.write() as connection:
        connection.exec_driver_sql(other)


@pytest.mark.parametrize(
    ("statement", "broken", "reason"),
    [
        ("UPDATE fs_audit SET subject = 'x' WHERE id = 2", 2, "Row 2 was changed"),
        ("UPDATE fs_audit SET hash = '0' WHERE id = 3", 3, "Row 3 was changed"),
        ("UPDATE fs_audit SET record = 5 WHERE id = 1", 1, "Row 1 was changed"),
        ("DELETE FROM fs_audit WHERE id = 2", 3, "rows before it are missing"),
        ("DELETE FROM fs_audit WHERE id = 4", 4, "ends at row 3, but should end at row 4"),
        ("DELETE FROM fs_audit", 1, "ends at row 0, but should end at row 4"),
        ("UPDATE fs_audit SET id = 9 WHERE id = 4", 9, "Row 9 was changed"),
        ("DELETE FROM fs_audit_head", 4, "ends at row 4, but should end at row 0"),
        ("UPDATE fs_audit_head SET seal = ''", 4, "The seal at the end of the log does not fit"),
        ("UPDATE fs_audit_head SET pruned = 2", 1, "Row 1 stands where rows were pruned"),
    ],
)
def test_the_first_row_that_does_not_fit_is_named(database: Database, statement: str, broken: int, reason: str) -> None:
    noted(database, "a", "b", "c", "d")
    past_the_guards(database, statement)
    found = verdict(database)
    assert (found.whole, found.broken) == (False, broken)
    assert reason in str(found.reason)


def test_a_log_written_anew_is_found_by_its_witness(database: Database) -> None:
    noted(database, "a", "b")
    witness = Witness.of(verdict(database).head)
    noted(database, "c")
    assert verdict(database, witness).whole
    past_the_guards(database, "DELETE FROM fs_audit")
    with database.write() as connection:
        connection.execute(sa.update(fs_audit_head).values(last=0, hash=GENESIS))
        sealed_anew(connection)  # by somebody who has the workspace's secret too
        note(connection, NOW, OPERATOR, "sign_in.refused", "other")
        note(connection, NOW, OPERATOR, "sign_in.refused", "b")
    assert verdict(database).whole
    assert "not the row the witness saw" in str(verdict(database, witness).reason)
    assert "is missing" in str(verdict(database, Witness(7, "0" * 64)).reason)


def rewritten(database: Database) -> None:
    """The whole log written anew by somebody who has the database, but not the secret of the workspace."""
    found = rows(database)
    past_the_guards(database, "UPDATE fs_audit SET subject = 'x' WHERE id = 1")
    before = GENESIS
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for row in [{**found[0], "subject": "x"}, *found[1:]]:
            before = digest(before, row)
            connection.execute(sa.update(fs_audit).where(fs_audit.c.id == row["id"]).values(hash=before))
        connection.execute(sa.update(fs_audit_head).values(hash=before))


def test_a_log_written_anew_cannot_be_sealed_without_the_secret(database: Database) -> None:
    noted(database, "a", "b", "c")
    rewritten(database)
    assert "The seal at the end of the log does not fit" in str(verdict(database).reason)
    noted(database, "d")
    assert not verdict(database).whole, "going on must not heal it"
    with database.write() as connection:
        assert sealed_anew(connection) and not sealed_anew(connection)
    assert verdict(database).whole


def test_another_secret_does_not_fit(database: Database) -> None:
    noted(database, "a")
    other = Database(database.url.render_as_string(hide_password=False), audit_key=b"another")
    assert "the secret of the workspace is another one" in str(verdict(other).reason)
    other.dispose()


def test_rows_and_head_gone_are_missed(database: Database) -> None:
    noted(database, "a")
    past_the_guards(database, "DELETE FROM fs_audit")
    with database.write() as connection:
        connection.execute(sa.delete(fs_audit_head))
    assert not verdict(database).whole


def test_the_oldest_rows_can_be_cut_off_and_the_rest_still_fits(database: Database) -> None:
    noted(database, "a", "b", "c", "d")
    first = verdict(database).head
    with database.write() as connection:
        assert cut(connection, 2, rows(database)[1]["hash"]) == 2
    assert [row["subject"] for row in rows(database)] == ["c", "d"]
    assert verdict(database) == Verdict(2, first)
    assert verdict(database, Witness.of(first)).whole
    noted(database, "e")
    assert verdict(database).rows == 3
    with pytest.raises(sa.exc.IntegrityError, match="never changed or deleted"), database.write() as connection:
        connection.exec_driver_sql("DELETE FROM fs_audit WHERE id = 3")


def test_a_witness_of_what_was_cut_off(database: Database) -> None:
    noted(database, "a", "b", "c")
    found = rows(database)
    with database.write() as connection:
        cut(connection, 2, found[1]["hash"])
    assert "was pruned" in str(verdict(database, Witness(1, found[0]["hash"])).reason)
    assert verdict(database, Witness(2, found[1]["hash"])).whole
    assert "not the row the witness saw" in str(verdict(database, Witness(2, "0" * 64)).reason)


@pytest.mark.parametrize("rows_there", [0, 3])
def test_version_8_is_sealed_and_can_be_cut(database: Database, rows_there: int) -> None:
    noted(database, *"abc"[:rows_there])
    with database.write() as connection:
        if database.dialect == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER fs_audit_no_delete")
            connection.exec_driver_sql("CREATE TRIGGER fs_audit_no_delete BEFORE DELETE ON fs_audit BEGIN SELECT RAISE(ABORT, 'as it was'); END")
        for name in ("pruned", "pruned_hash", "seal"):
            connection.exec_driver_sql(f"ALTER TABLE fs_audit_head DROP COLUMN {name}")
        if not rows_there:
            connection.exec_driver_sql("DELETE FROM fs_audit_head")
        connection.execute(sa.update(fs_state).values(system_version=8))
        prepare(connection)
        assert installed_version(connection) == SYSTEM_VERSION
    assert verdict(database).whole
    noted(database, "d", "e")
    with database.write() as connection:
        cut(connection, 1, rows(database)[0]["hash"])
    assert verdict(database).whole and verdict(database).rows == rows_there + 1


def test_rows_of_a_transaction_that_is_undone_are_not_kept(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as connection:
        note(connection, NOW, OPERATOR, "sign_in.refused", "a")
        raise RuntimeError
    noted(database, "b")
    assert [row["subject"] for row in rows(database)] == ["b"]
    assert verdict(database).whole


def test_rows_of_a_savepoint_go_with_it(database: Database) -> None:
    with database.write() as connection:
        note(connection, NOW, OPERATOR, "sign_in.refused", "a")
        with connection.begin_nested():
            note(connection, NOW, OPERATOR, "sign_in.refused", "b")
            inner = connection.begin_nested()
            note(connection, NOW, OPERATOR, "sign_in.refused", "c")
            inner.rollback()
        point = connection.begin_nested()
        note(connection, NOW, OPERATOR, "sign_in.refused", "d")
        point.rollback()
        note(connection, NOW, OPERATOR, "sign_in.refused", "e")
    assert [row["subject"] for row in rows(database)] == ["a", "b", "e"]
    assert verdict(database).whole


def test_writers_at_once_make_one_chain(database: Database) -> None:
    def write(thread: int) -> None:
        for number in range(20):
            with database.write() as connection:
                note(connection, NOW + timedelta(seconds=number), OPERATOR, "sign_in.refused", f"{thread}.{number}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = rows(database)
    assert [row["id"] for row in found] == list(range(1, 121))
    assert len({row["subject"] for row in found}) == 120
    assert verdict(database).whole


def test_the_log_of_an_older_version_is_chained(database: Database) -> None:
    with database.write() as connection:
        for name in ("fs_audit", "fs_audit_head"):
            connection.exec_driver_sql(f"DROP TABLE {name}")
        if database.dialect == "postgresql":
            connection.exec_driver_sql("DROP FUNCTION fs_audit_refuse")
        key = "INTEGER PRIMARY KEY AUTOINCREMENT" if database.dialect == "sqlite" else "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
        time = "DATETIME" if database.dialect == "sqlite" else "TIMESTAMP"
        texts = ", ".join(f"{name} TEXT NOT NULL" for name in ("actor_kind", "actor_name", "via", "event", "subject", "detail"))
        connection.exec_driver_sql(f"CREATE TABLE fs_audit (id {key}, at {time} NOT NULL, actor_id BIGINT, {texts})")
        for name in ("on_behalf", "run"):
            connection.exec_driver_sql(f"ALTER TABLE fs_history DROP COLUMN {name}")
        for id in (3, 5):
            values = {"id": id, "at": NOW, "actor_kind": "system", "actor_name": "system", "via": "system", "event": "sign_in", "subject": "1", "detail": "{}"}
            old = sa.Table("fs_audit", sa.MetaData(), *(sa.Column(name, fs_audit.c[name].type) for name in values))
            connection.execute(sa.insert(old), values)
        connection.execute(sa.update(fs_state).values(system_version=6))
        prepare(connection)
        assert installed_version(connection) == SYSTEM_VERSION
        note(connection, NOW, SYSTEM, "sign_in", "2")
    assert [(row["id"], row["on_behalf"]) for row in rows(database)] == [(3, ""), (5, ""), (6, "")]
    assert verdict(database).whole
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        connection.exec_driver_sql("DELETE FROM fs_audit")
    past_the_guards(database, "UPDATE fs_audit SET subject = 'x' WHERE id = 3")
    assert verdict(database).broken == 3
