"""Search for readers from whom a searched field is hidden or masked: what the index finds is looked at again, in what they may see.

The index holds the text of all fields of a record together. For such readers a hit counts only where the label and the text of their
visible fields have every word asked for, by the same tokenizer, and what is shown around the match is made of these. Readers who see
every searched field of an entity never come here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import sqlalchemy as sa

from fieldsmith.access.sight import Sight
from fieldsmith.db.prepared import key_list
from fieldsmith.db.search import Hit
from fieldsmith.db.search_rows import read_rows, searched_fields
from fieldsmith.db.snippets import snippet
from fieldsmith.db.tables import Schema
from fieldsmith.db.tokens import Question, Tokenizer
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity, Model

BATCH = 200
_CHUNK = 500  # ids of one statement


def is_narrowed(model: Model, entity: Entity, sight: Sight) -> bool:
    """Does the index hold text of records of `entity` that the reader may not see, or sees as a mask?"""
    if not (sight.hidden or sight.masked):
        return False
    unspoken = sight.unspoken
    return any((entity.name, item.name) in unspoken for item in searched_fields(model, entity)) or (entity.name, entity.name_field) in unspoken


class VisibleText:
    """Looks at hits again, for one reader and one question. `narrowed` are the entities, by uid, where that is needed."""

    def __init__(self, connection: sa.Connection, schema: Schema, sight: Sight, narrowed: Iterable[Entity], words: str) -> None:
        self._connection = connection
        self._schema = schema
        self._sight = sight
        self._narrowed = {entity.uid: entity for entity in narrowed}
        self._words = words
        self._tokenizer = Tokenizer()
        self._asked: Question = self._tokenizer.question(words)

    def some(self, find: Callable[[int, int | None], Sequence[Hit]], limit: int, after: int | None) -> list[Hit]:
        """At most `limit` hits that remain; `find(how many, after)` gives those of the index, in their order."""
        out: list[Hit] = []
        while len(out) < limit:
            found = find(BATCH, after)
            out += self.kept(found)
            if len(found) < BATCH:
                break
            after = found[-1].key
        return out[:limit]

    def kept(self, hits: Sequence[Hit]) -> Iterator[Hit]:
        """The hits that remain, as the reader may see them."""
        rows = {
            (uid, row[0]): row for uid, entity in self._narrowed.items() for row in self._rows(entity, [hit.record_id for hit in hits if hit.entity_uid == uid])
        }
        for hit in hits:
            if hit.entity_uid not in self._narrowed:
                yield hit
                continue
            row = rows.get((hit.entity_uid, hit.record_id))
            if row is not None and self._has(f"{row[1]}\n{row[2]}"):
                yield hit._replace(label=row[1], snippet=snippet(row[2], self._asked, self._tokenizer))

    def among(self, entity: Entity, candidates: Sequence[int]) -> sa.ColumnElement[bool]:
        """That a record of `entity` is one of those of `candidates` that remain."""
        chunks = (candidates[start : start + _CHUNK] for start in range(0, len(candidates), _CHUNK))
        kept = [id for chunk in chunks for id, label, text in self._rows(entity, chunk) if self._has(f"{label}\n{text}")]
        id_, dialect = self._schema.table(entity.name).c.id, self._schema.dialect
        if dialect == "postgresql":
            return id_ == sa.any_(sa.bindparam(None, kept, type_=sa.ARRAY(sa.BigInteger)))
        listed = sa.func.json_each(sa.bindparam(None, key_list(kept, dialect), type_=sa.Text)).table_valued("value")
        return id_.in_(sa.select(listed.c.value))

    def _rows(self, entity: Entity, ids: Sequence[int]) -> list[tuple[int, str, str]]:
        if not ids:
            return []
        unspoken, schema = self._sight.unspoken, self._schema
        fields: list[Field] = [item for item in searched_fields(schema.model, entity) if (entity.name, item.name) not in unspoken]
        named = (entity.name, entity.name_field) not in unspoken
        return read_rows(self._connection, schema, entity, fields, schema.table(entity.name).c.id.in_(list(ids)), named)

    def _has(self, text: str) -> bool:
        tokens = self._tokenizer.document_tokens(text)
        prefix = self._asked.prefix
        return set(self._asked.words) <= set(tokens) and (prefix is None or any(token.startswith(prefix) for token in tokens))
