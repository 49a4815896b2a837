"""Every revision can be read again, only what changed is written, and nobody overwrites what he has not seen."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Conflict, NotFound
from fieldsmith.db.engine import Database
from fieldsmith.db.store import ModelStore, State
from fieldsmith.db.system import fs_document
from fieldsmith.meta.layers import Layer, layer_of
from fieldsmith.meta.names import Names

ANA = Actor("user", 7, "Ana")
NOW = datetime(2026, 1, 1)
PACKAGE = ("package", "crm", {"name": "crm", "version": "1.0.0"})


@pytest.fixture
def store() -> ModelStore:
    return ModelStore()


def _layer(name: str, *documents: tuple[str, str, dict[str, Any]]) -> Layer:
    return layer_of(name, documents)


def _save(database: Database, store: ModelStore, base: int, *layers: Layer, names: Names | None = None) -> int:
    with database.write() as connection:
        return store.save(connection, base=base, actor=ANA, now=NOW, reason="why", summary="what", layers=layers, names=names or Names())


def _bodies(database: Database, store: ModelStore, revision: int | None = None) -> dict[tuple[str, str, str], Any]:
    with database.read() as connection:
        layers = store.load(connection, revision).layers
    return {(layer.name, item.kind, item.name): item.body for layer in layers for item in layer.documents}


def test_a_new_database_is_revision_zero_without_documents(database: Database, store: ModelStore) -> None:
    with database.read() as connection:
        assert store.state(connection) == State(0, 0)
        stored = store.load(connection)
    assert (stored.revision, stored.layers, dict(stored.names.entries)) == (0, (), {})


def test_what_is_saved_is_loaded(database: Database, store: ModelStore) -> None:
    body = {"name": "deal", "label": "商机", "fields": [{"name": "b"}, {"name": "a"}]}
    assert _save(database, store, 0, _layer("crm", PACKAGE, ("entity", "deal", body))) == 1
    found = _bodies(database, store)
    assert found == {("crm", *PACKAGE[:2]): PACKAGE[2], ("crm", "entity", "deal"): body}
    assert list(found["crm", "entity", "deal"]) == ["name", "label", "fields"]


def test_every_revision_stays_readable(database: Database, store: ModelStore) -> None:
    _save(database, store, 0, _layer("crm", ("tab", "a", {"n": 1}), ("tab", "b", {"n": 1})))
    _save(database, store, 1, _layer("crm", ("tab", "a", {"n": 2}), ("tab", "c", {"n": 1})))
    assert _bodies(database, store, 0) == {}
    assert _bodies(database, store, 1) == {("crm", "tab", "a"): {"n": 1}, ("crm", "tab", "b"): {"n": 1}}
    assert _bodies(database, store, 2) == {("crm", "tab", "a"): {"n": 2}, ("crm", "tab", "c"): {"n": 1}}


def test_only_what_changed_is_written(database: Database, store: ModelStore) -> None:
    _save(database, store, 0, _layer("crm", ("tab", "a", {"n": 1}), ("tab", "b", {"n": 1})))
    _save(database, store, 1, _layer("crm", ("tab", "a", {"n": 2}), ("tab", "b", {"n": 1})))
    with database.read() as connection:
        rows = connection.execute(sa.select(fs_document.c.name, fs_document.c.since, fs_document.c.until).order_by(fs_document.c.id)).all()
    assert rows == [("a", 1, 2), ("b", 1, None), ("a", 2, None)]


def test_customising_tells_who_did_it_when(database: Database, store: ModelStore) -> None:
    _save(database, store, 0, _layer("crm", PACKAGE), _layer("custom", ("tab", "a", {})))
    with database.read() as connection:
        layers = store.load(connection).layers
    assert [(item.origin, item.path) for layer in layers for item in layer.documents] == [
        ("crm 1.0.0", "crm/package.json"),
        ("custom, revision 1, by Ana", "custom/tab/a.json"),
    ]


def test_a_revision_that_never_was_is_not_found(database: Database, store: ModelStore) -> None:
    with pytest.raises(NotFound, match="newest is 0"), database.read() as connection:
        store.load(connection, 1)


def test_saving_on_an_old_base_is_a_conflict(database: Database, store: ModelStore) -> None:
    _save(database, store, 0, _layer("crm", PACKAGE))
    with pytest.raises(Conflict, match="revision 1"):
        _save(database, store, 0, _layer("crm"))
    assert len(_bodies(database, store)) == 1


def test_names_are_kept_and_never_given_twice(database: Database, store: ModelStore) -> None:
    names = Names().extended([("entity/deal", "table"), ("entity/deal/fields/a", "column")])
    _save(database, store, 0, names=names)
    _save(database, store, 1, names=names.extended([("entity/deal/fields/b", "column")]))
    with database.read() as connection:
        found = store.load(connection).names
    assert found.entries == names.extended([("entity/deal/fields/b", "column")]).entries
    assert found.last_uid == names.last_uid + 1


def test_revisions_are_listed_newest_first(database: Database, store: ModelStore) -> None:
    for base in range(3):
        _save(database, store, base, _layer("crm", ("tab", "a", {"n": base})))
    with database.read() as connection:
        assert [item.number for item in store.revisions(connection, limit=2)] == [3, 2]
        (last,) = store.revisions(connection, before=2)
    assert (last.number, last.at, last.actor_name, last.reason, last.summary) == (1, NOW, "Ana", "why", "what")


def test_changed_rights_are_counted(database: Database, store: ModelStore) -> None:
    with database.write() as connection:
        store.raise_access(connection)
        assert store.state_for_write(connection) == State(0, 1)


def test_publishing_waits_for_writers(database: Database, store: ModelStore) -> None:
    """SQLite lets one writer in at a time; PostgreSQL's writers hold a lock that publishing needs."""
    order: list[str] = []
    writing = threading.Event()

    def write() -> None:
        with database.write() as connection:
            store.state_for_write(connection)
            writing.set()
            publisher.join(0.1)
            order.append("write")

    def publish() -> None:
        writing.wait()
        _save(database, store, 0)
        order.append("publish")

    writer, publisher = threading.Thread(target=write), threading.Thread(target=publish)
    publisher.start()
    writer.start()
    writer.join()
    publisher.join()
    assert order == ["write", "publish"]


def test_a_writer_that_waited_sees_what_was_published(database: Database, store: ModelStore) -> None:
    seen: list[int] = []

    def write() -> None:
        with database.write() as connection:
            seen.append(store.state_for_write(connection).revision)

    writer = threading.Thread(target=write)
    with database.write() as connection:
        store.save(connection, base=0, actor=ANA, now=NOW, reason="", summary="", layers=(), names=Names())
        writer.start()
        writer.join(0.2)
    writer.join()
    assert seen == [1]
