"""`SearchIndex`: full-text search over records, SQLite FTS5 or a PostgreSQL tsvector, with one tokenizer of ours for both.

`records` puts and removes rows in the transaction that changes the records, so the index never lags; recycled records are
not in it. A row's key is the entity's uid and the record's id in one number. What a person types is taken literally: no
character of it is an operator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.snippets import snippet
from fieldsmith.db.tokens import Question, Tokenizer

MAX_QUESTION = 1_000
_ID_BITS = 40
_IDS = (1 << _ID_BITS) - 1
_CHUNK = 2_000

_TABLE = sa.table("fs_search", sa.column("rowid", sa.BigInteger), sa.column("id", sa.BigInteger), sa.column("label", sa.Text), sa.column("body", sa.Text))
_INSERT = {
    "sqlite": "INSERT INTO fs_search (rowid, tokens, label, body) VALUES (?, ?, ?, ?)",
    "postgresql": "INSERT INTO fs_search (id, tokens, label, body) VALUES (%s, %s::tsvector, %s, %s)",  # tokens need no quoting: letters and digits
}
_COPY = "COPY fs_search (id, tokens, label, body) FROM STDIN"
_COPY_FROM = 20  # rows from which COPY is worth its round trips
_DELETE = {"sqlite": "DELETE FROM fs_search WHERE rowid = ?", "postgresql": "DELETE FROM fs_search WHERE id = %s"}

Seen = Mapping[int, Callable[[sa.ColumnElement[int]], sa.ColumnElement[bool]]]
Row = tuple[int, str, str]
"""(record id, label, text to find)"""


class Hit(NamedTuple):
    """`snippet` is the part of the text around the first match, plain. `key` is the `after` of the next page."""

    entity_uid: int
    record_id: int
    label: str
    snippet: str
    key: int


class SearchIndex:
    """`dialect` is "sqlite" or "postgresql". One per workspace; safe for several threads."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._key = _TABLE.c.rowid if dialect == "sqlite" else _TABLE.c.id
        self._tokenizer = Tokenizer()

    def put_many(self, connection: sa.Connection, entity_uid: int, rows: Iterable[Row], new: bool = False) -> None:
        """Index records of one entity, in place of what was known of them; `new` promises that nothing was."""
        base = entity_uid << _ID_BITS
        tokens = self._tokenizer.document_tokens
        cursor = connection.connection.cursor()
        try:
            for chunk in _chunks(rows):
                if not new:
                    cursor.executemany(_DELETE[self._dialect], [(base | row[0],) for row in chunk])
                made = [(base | id, " ".join(tokens(f"{label}\n{text}")), label, text) for id, label, text in chunk]
                self._insert(cursor, made)
        finally:
            cursor.close()

    def _insert(self, cursor: Any, made: list[tuple[int, str, str, str]]) -> None:
        if self._dialect == "postgresql" and len(made) >= _COPY_FROM:
            with cursor.copy(_COPY) as copy:
                for row in made:
                    copy.write_row(row)
        elif len(made) == 1:
            cursor.execute(_INSERT[self._dialect], made[0])
        else:
            cursor.executemany(_INSERT[self._dialect], made)

    def remove(self, connection: sa.Connection, entity_uid: int, ids: Iterable[int]) -> None:
        """Forget records of one entity."""
        keys = [(entity_uid << _ID_BITS | id,) for id in ids]
        if keys:
            cursor = connection.connection.cursor()
            try:
                cursor.executemany(_DELETE[self._dialect], keys)
            finally:
                cursor.close()

    def remove_entity(self, connection: sa.Connection, entity_uid: int) -> None:
        """Forget every record of one entity."""
        connection.execute(sa.delete(_TABLE).where(self._of(entity_uid)))

    def find(
        self,
        connection: sa.Connection,
        question: str,
        entity_uids: Sequence[int],
        limit: int = 20,
        after: int | None = None,
        seen: Seen = MappingProxyType({}),
        who: Mapping[str, Any] = MappingProxyType({}),
    ) -> list[Hit]:
        """Records of these entities that have every word of `question`: entities in the order of their uids, latest first, newest records first.

        `after` is the key of the last hit of the page before. No words, no hits. Raises `BadQuery` when it is too long. `seen` says
        of entities, by uid, which records the reader may see, given the expression of their id; `who` are the binds of that.
        """
        asked = self._asked(question)
        if asked is None or not entity_uids:
            return []
        id_: sa.ColumnElement[int] = self._key.op("&", return_type=sa.BigInteger())(sa.literal_column(str(_IDS)))
        ranges = sa.or_(*(sa.and_(self._of(uid), seen[uid](id_)) if uid in seen else self._of(uid) for uid in entity_uids))
        query = sa.select(self._key, _TABLE.c.label, _TABLE.c.body).where(asked, ranges).order_by(self._key.desc()).limit(limit)
        if after is not None:
            query = query.where(self._key < after)
        words = self._tokenizer.question(question)
        rows = connection.execute(query, dict(who)).all()
        return [Hit(key >> _ID_BITS, key & _IDS, label, snippet(body, words, self._tokenizer), key) for key, label, body in rows]

    def matching_ids(self, question: str, entity_uid: int) -> sa.Select[int]:
        """The ids of matching records of one entity, for `id IN (…)`. Raises `BadQuery` when the question is too long."""
        asked = self._asked(question)
        id_: sa.ColumnElement[int] = self._key.op("&", return_type=sa.BigInteger())(sa.literal_column(str(_IDS)))
        return sa.select(id_.label("id")).select_from(_TABLE).where(sa.false() if asked is None else asked, self._of(entity_uid))

    def _of(self, entity_uid: int) -> sa.ColumnElement[bool]:
        return self._key.between(entity_uid << _ID_BITS, entity_uid << _ID_BITS | _IDS)

    def _asked(self, question: str) -> sa.ColumnElement[bool] | None:
        if len(question) > MAX_QUESTION:
            message = _m("A search may have at most {limit} characters.", limit=MAX_QUESTION)
            raise BadQuery([Problem("search_too_long", message, hint=_m("Search for a few words."))], message)
        words = self._tokenizer.question(question)
        if not words.words and words.prefix is None:
            return None
        if self._dialect == "sqlite":
            return sa.literal_column("fs_search").op("MATCH")(sa.bindparam(None, _fts5(words), type_=sa.Text()))
        return sa.literal_column("tokens").op("@@")(sa.bindparam(None, _tsquery(words), type_=sa.Text()).op("::")(sa.literal_column("tsquery")))


def _fts5(asked: Question) -> str:
    parts = [f'"{word}"' for word in asked.words]
    if asked.prefix is not None:
        parts.append(f'"{asked.prefix}"*')
    return " AND ".join(parts)


def _tsquery(asked: Question) -> str:
    parts = [f"'{word}'" for word in asked.words]
    if asked.prefix is not None:
        parts.append(f"'{asked.prefix}':*")
    return " & ".join(parts)


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    source = iter(rows)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk
