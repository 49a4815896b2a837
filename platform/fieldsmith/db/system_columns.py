"""How columns of Fieldsmith's own tables are written, and the `METADATA` those tables are in. Used by `db.system` and its neighbours only."""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.db.types import BIG, DATETIME, KEY, TEXT

METADATA = sa.MetaData()


def key() -> sa.Column[int]:
    return sa.Column("id", KEY, sa.Identity(), primary_key=True)


def text(name: str, nullable: bool = False, primary_key: bool = False, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=nullable, primary_key=primary_key, unique=unique)


def big(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=nullable)


def time(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, DATETIME, nullable=nullable)
