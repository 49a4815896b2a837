"""Demo data: a few hundred records of one language's flavour, put in and taken out again.

Called by the set-up page and by `fieldsmith init --demo`. Rows go in through `records` like anybody's, so they have
history and are found by search; `fs_demo` remembers which they are. Not for tests of other rooms: those make their own few rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Conflict, Forbidden
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.bulk.demo_people import tell_people
from fieldsmith.bulk.demo_purge import Stored, purge
from fieldsmith.bulk.demo_sales import tell_sales
from fieldsmith.bulk.demo_service import tell_service
from fieldsmith.bulk.demo_story import LANGUAGES, Batch, Ref, Story, read_source
from fieldsmith.db.system import fs_demo
from fieldsmith.meta.model import Entity
from fieldsmith.records.service import Records, Revision

T = TypeVar("T")


class Work(Stored, Protocol):
    """One transaction (`workspace.Work`)."""

    now: datetime

    @property
    def runtime(self) -> Revision: ...
    @property
    def records(self) -> Records: ...


class Workspace(Protocol):
    """Where to write (`workspace.Workspace`)."""

    def write(self, change: Callable[[Work], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Removed:
    """`kept` records stay because rows of the user need them; they are ordinary records from then on."""

    removed: int
    kept: int


def load(ws: Workspace, actor: Actor, language: str) -> int:
    """Put the demo data of `language` (en, zh_Hans, zh_Hant) in and say how many records that is.

    Raises `Forbidden`, `BadInput` for another language, `Conflict` while there is demo data.
    """
    folder = language.lower()
    if folder not in LANGUAGES:
        message = _m("There is no demo data in “{language}”. Use one of: {known}.", language=language[:40], known="en, zh_Hans, zh_Hant")
        raise BadInput([Problem("unknown_language", message, "/language", did_you_mean(folder[:40], LANGUAGES))])
    return ws.write(lambda work: _load(work, actor, folder))


def remove(ws: Workspace, actor: Actor) -> Removed:
    """Take every record of the demo data out for good.

    What users made themselves stays: their rows lose the optional link to a demo record, a demo record that they need
    (a lookup that restricts) stays with them, and lines they added to a demo record go with it, to the recycle bin.
    """
    return ws.write(lambda work: _remove(work, actor))


def is_loaded(work: Work) -> bool:
    """Whether there is demo data to remove."""
    return work.connection.execute(sa.select(fs_demo.c.record).limit(1)).first() is not None


def _load(work: Work, actor: Actor, folder: str) -> int:
    _require_administrator(work, actor)
    if is_loaded(work):
        raise Conflict(_m("There is demo data already. Remove it first."))
    story = tell(folder, work)
    ids: dict[str, list[int]] = {}
    for batch in story.batches:
        _save(work, actor, batch, ids)
    return sum(map(len, ids.values()))


def tell(folder: str, work: Work) -> Story:
    """The whole story for the day and currency of this workspace."""
    story = Story(read_source(folder), work.now.date(), work.model.company.currency)
    cast = tell_people(story)
    deals = tell_sales(story, cast)
    tell_service(story, cast, deals)
    return story


def _save(work: Work, actor: Actor, batch: Batch, ids: dict[str, list[int]]) -> None:
    entity = work.model.entities[batch.entity]
    rows = [_resolved(row, ids) for row in batch.rows]
    known = _known(work, entity, batch.unique, rows) if batch.unique else {}
    new = [row for row in rows if not batch.unique or row[batch.unique] not in known]
    made = iter(work.records.create_many(actor, batch.entity, new) if new else ())
    found = [known[row[batch.unique]] if batch.unique and row[batch.unique] in known else next(made) for row in rows]
    ids.setdefault(batch.entity, []).extend(found)
    marks = [{"entity": entity.uid, "record": id} for id in found if id not in known.values()]
    if marks:
        work.connection.execute(sa.insert(fs_demo), marks)


def _known(work: Work, entity: Entity, field: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Ids of the live records that have one of the rows' values already; demo rows then point at those."""
    table, column = work.schema.table(entity.name), work.schema.columns(entity.fields[field])[0]
    query = sa.select(column, table.c.id).where(column.in_([row[field] for row in rows]), table.c.deleted_at.is_(None))
    return {value: id for value, id in work.connection.execute(query)}


def _resolved(value: Any, ids: Mapping[str, Sequence[int]]) -> Any:
    """The same value with every `Ref` replaced by the id of the record it became."""
    if isinstance(value, Ref):
        return ids[value.entity][value.at]
    if isinstance(value, Mapping):
        return {key: _resolved(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item, ids) for item in value]
    return value


def _remove(work: Work, actor: Actor) -> Removed:
    _require_administrator(work, actor)
    entities = {entity.uid: entity for entity in work.model.entities.values()}
    rows = work.connection.execute(sa.select(fs_demo.c.entity, fs_demo.c.record)).all()
    marked: dict[str, list[int]] = {}
    for uid, record in rows:
        if uid in entities:
            marked.setdefault(entities[uid].name, []).append(record)
    gone: dict[str, list[int]] = {}
    for name in _dependents_first(entities.values()):
        gone[name] = [id for id in sorted(marked.get(name, ()), reverse=True) if _recycle(work, actor, name, id)]
    purge(work, gone)
    work.connection.execute(sa.delete(fs_demo))
    removed = sum(map(len, gone.values()))
    return Removed(removed, sum(map(len, marked.values())) - removed)


def _recycle(work: Work, actor: Actor, entity: str, id: int) -> bool:
    """Move one record to the recycle bin unless it is there; False when rows of the user still need it."""
    table = work.schema.table(entity)
    row = work.connection.execute(sa.select(table.c.deleted_at).where(table.c.id == id)).first()
    if row is None or row.deleted_at is not None:
        return row is not None
    if entity == "user" and _is_needed(work, id):
        return False
    try:
        with work.connection.begin_nested():
            work.records.delete(actor, entity, id)
    except Conflict:
        return False
    return True


def _is_needed(work: Work, user: int) -> bool:
    """Whether the user owns, made or changed live records (demo records are gone by then), or may sign in."""
    for name in work.model.entities:
        table = work.schema.table(name)
        mentions = sa.or_(table.c.owner_id == user, table.c.created_by == user, table.c.modified_by == user)
        others = sa.select(table.c.id).where(mentions, table.c.deleted_at.is_(None), table.c.id != (user if name == "user" else 0))
        if work.connection.execute(others.limit(1)).first():
            return True
    return False


def _dependents_first(entities: Iterable[Entity]) -> list[str]:
    """Entity names so that what points at an entity comes before it; colleagues last, because they own the rest."""
    left = {entity.name: {reference.entity for reference in entity.references} - {entity.name} for entity in entities}
    order: list[str] = []
    while left:
        name = min(left, key=lambda name: (name == "user", len(left[name] & left.keys())))
        order.append(name)
        del left[name]
    return order


def _require_administrator(work: Work, actor: Actor) -> None:
    if not work.runtime.policy.is_administrator(actor):
        raise Forbidden(_m("Only an administrator may load or remove the demo data."))
