"""Records named by a text: the ids that lookup cells of a file mean, found in batches, made when the map says so."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.base.text import _m
from fieldsmith.bulk.cells import LookupColumn, RowRefused
from fieldsmith.fields.base import Invalid
from fieldsmith.query.run import Queries
from fieldsmith.records.service import Records
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.targets import Shapes

_AMBIGUOUS = -1


class LoadingRuntime(Shapes, Protocol):
    """What loading needs of the revision (`Runtime`)."""

    def shape(self, entity: str) -> EntityShape: ...


class LoadingWork(Protocol):
    """The transaction loading runs in (`Work`)."""

    @property
    def connection(self) -> sa.Connection: ...
    @property
    def now(self) -> datetime: ...
    @property
    def runtime(self) -> LoadingRuntime: ...
    @property
    def records(self) -> Records: ...
    @property
    def queries(self) -> Queries: ...


class NamedRecords:
    """Text → id per (entity, field), remembered for the whole import."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._known: dict[tuple[str, str], dict[str, int]] = {}
        self.created: dict[str, int] = {}

    def prepare(self, work: LoadingWork, column: LookupColumn, texts: Iterable[str]) -> None:
        """Find, and where the column says so make, the records that `texts` name."""
        known = self._known.setdefault((column.to, column.by), {})
        wanted = sorted({text for text in texts if text and text not in known})
        if not wanted:
            return
        work.queries.entity(self._actor, column.to)
        meant = self._meant(work, column, wanted)
        shape = work.runtime.shape(column.to)
        found = shape.ids_by(work.connection, column.by, list(meant))
        seen = work.queries.reaches(self._actor, "read", column.to, [id for _, id in found])
        for value, id in found:
            if id not in seen:
                continue
            for text in meant[value]:
                known[text] = id if text not in known else _AMBIGUOUS
        for texts in meant.values() if column.create else ():
            if texts[0] not in known:
                known.update(dict.fromkeys(texts, self._create(work, column, texts[0])))

    def id_of(self, column: LookupColumn, text: str) -> int | None:
        """The id `text` names, None for blank; raises `RowRefused` when no record, or more than one, has it."""
        if not text:
            return None
        found = self._known[column.to, column.by].get(text)
        if found is None:
            message = _m("No record of “{entity}” has “{value}” as its {field}.", entity=column.to, value=text[:100], field=column.by)
            raise RowRefused(column.header, message, _m("Import those records first, or let the map create them."))
        if found == _AMBIGUOUS:
            message = _m("More than one record of “{entity}” has “{value}” as its {field}.", entity=column.to, value=text[:100], field=column.by)
            raise RowRefused(column.header, message, _m("Look the record up by a unique field."))
        return found

    def _meant(self, work: LoadingWork, column: LookupColumn, wanted: list[str]) -> dict[Any, list[str]]:
        """Value → the texts that are read as it. A text that no record can have is left out; its rows say so."""
        shape = work.runtime.shape(column.to)
        out: dict[Any, list[str]] = {}
        for text in wanted:
            with suppress(Invalid):
                out.setdefault(_first_part(shape, column.by, text), []).append(text)
        return out

    def _create(self, work: LoadingWork, column: LookupColumn, text: str) -> int:
        point = work.connection.begin_nested()
        try:
            [id] = work.records.create_many(self._actor, column.to, [{column.by: text}])
        except (BadInput, Conflict) as error:
            point.rollback()
            reason = error.problems[0].message if error.problems else error.title
            raise RowRefused(column.header, reason) from error
        point.commit()
        self.created[column.to] = self.created.get(column.to, 0) + 1
        return id


def _first_part(shape: EntityShape, by: str, text: str) -> Any:
    value = shape.coercers[by](text)
    return value if by == "id" else shape.slots[by].pack(value)[0]
