"""Arrows between rooms go only downwards, by the real imports."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.house.source import imports, module_name, product_files, room_of, where

PURE = ("base", "expr", "fields", "meta", "access")
STORAGE = (*PURE, "hooks", "db")
SERVICES = (*STORAGE, "outgoing", "identity", "records", "query", "bulk", "studio")

# Room → rooms it may import (itself always). Drawn in docs/architecture.md.
ARROWS: Mapping[str, tuple[str, ...]] = {
    "fieldsmith": (),
    "base": (),
    "expr": ("base",),
    "fields": ("base", "expr"),
    "meta": ("base", "expr", "fields"),
    "access": ("base", "expr", "fields", "meta"),
    "outgoing": ("base",),
    "hooks": ("base", "meta"),
    "db": (*PURE, "hooks"),
    "identity": STORAGE,
    "query": STORAGE,
    "records": (*STORAGE, "identity", "query"),
    "bulk": (*STORAGE, "identity", "records", "query"),
    "studio": STORAGE,
    "workspace": SERVICES,
    "rollout": (*SERVICES, "workspace"),
    "web": tuple(room for room in (*SERVICES, "workspace", "rollout") if room != "db"),
    "cli": (*SERVICES, "workspace", "rollout", "web"),
}


def test_every_room_is_drawn() -> None:
    rooms = {room_of(module_name(path)) for path in product_files()}
    assert rooms <= set(ARROWS), f"not in ARROWS: {sorted(rooms - set(ARROWS))}"


@pytest.mark.parametrize("room", ARROWS)
def test_imports_point_downwards(room: str) -> None:
    allowed = {room, "fieldsmith", *ARROWS[room]}
    wrong = [
        where(path, line, f"{room} imports {target}")
        for path in product_files()
        if room_of(module_name(path)) == room
        for line, target in imports(path)
        if target.split(".")[0] == "fieldsmith" and not target.startswith("fieldsmith.__version__") and room_of(target) not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_web_speaks_to_services_never_to_the_database() -> None:
    wrong = [
        where(path, line, target)
        for path in product_files()
        if room_of(module_name(path)) == "web"
        for line, target in imports(path)
        if target.split(".")[0] in {"sqlalchemy", "sqlite3", "psycopg", "alembic"}
    ]
    assert not wrong, "\n".join(wrong)
