"""Folded text is the same in Python, SQLite and PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.db.engine import Database
from fieldsmith.db.folding import fold, folded


def test_every_character_folds_alike(database: Database) -> None:
    """Characters of blocks with case; a line each, because the final sigma looks at its neighbours."""
    text = "\n".join(chr(code) for code in range(1, 0x3000) if chr(code).isprintable()) + "\nΑΣ ΣΑΣ Straße İi ǅ 𐐀𐐨"
    with database.read() as connection:
        answer = connection.execute(sa.select(folded(sa.literal(text, sa.Text()), database.dialect))).scalar_one()
    assert answer == fold(text)


def test_blank_folds_to_blank(database: Database) -> None:
    with database.read() as connection:
        assert connection.execute(sa.select(folded(sa.literal(None, sa.Text()), database.dialect))).scalar() is None


def test_plain_text_folds_alike(database: Database) -> None:
    text = "".join(map(chr, range(1, 128)))
    with database.read() as connection:
        assert connection.execute(sa.select(folded(sa.literal(text, sa.Text()), database.dialect))).scalar_one() == fold(text)
