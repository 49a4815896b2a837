"""Loading rows of a file into an entity, in chunks of one transaction each: read → lookups → match → insert or update.

One bad row is refused with its reason and the others go on. Rows matched by a unique field change only what differs, so the
same file a second time changes nothing. Lookups to the same entity are linked when all rows are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Protocol, TypeVar

from fieldsmith.access.sight import Sight
from fieldsmith.base.context import OWNING, Actor
from fieldsmith.base.errors import BadInput, Conflict, FieldsmithError, Forbidden, VersionMismatch
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.bulk.cells import CellReader, LookupColumn, RowRefused, unguarded
from fieldsmith.bulk.mapping import ImportMap, settable
from fieldsmith.bulk.named import LoadingWork, NamedRecords
from fieldsmith.meta.roles import Right
from fieldsmith.records import inputs
from fieldsmith.records.clashes import refuse_clash, taken
from fieldsmith.records.rules import Save
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.targets import Targets
from fieldsmith.records.write import Change

CHUNK = 5_000
_MAKING: tuple[Right, ...] = ("create", "import")
_CHANGING: tuple[Right, ...] = ("update", "import")
T = TypeVar("T")
Numbered = tuple[int, list[str]]


class Transactions(Protocol):
    """Where loading writes (`Workspace`)."""

    def write(self, change: Callable[[Any], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: its number as a spreadsheet counts, the column's header, the reason, its cells."""

    row: int
    column: str
    reason: Message
    hint: Message | None
    cells: Sequence[str]


@dataclass(slots=True)
class Outcome:
    """What an import did. `made` counts records created for lookups, by entity."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    linked: int = 0
    made: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: list[str]
    values: dict[str, Any]


class Loader:
    """One import. `refuse` is told every refused row as it happens."""

    def __init__(self, actor: Actor, said: ImportMap, header: Sequence[str], locale: str | None, refuse: Callable[[Refusal], None]) -> None:
        self._actor = actor
        self._said = said
        self._header = header
        self._locale = locale
        self._refuse = refuse
        self._named = NamedRecords(actor)
        self._later: list[tuple[int, int, list[str]]] = []  # (record, row number, cells) still to be linked
        self.outcome = Outcome()

    def run(self, transactions: Transactions, rows: Iterable[Numbered]) -> Outcome:
        """Load all `rows`, a transaction per chunk, then link the second pass."""
        for chunk in _chunks(rows):
            transactions.write(partial(self.chunk, chunk=chunk))
        transactions.write(self.link)
        self.outcome.made = dict(self._named.created)
        return self.outcome

    def chunk(self, work: LoadingWork, chunk: Sequence[Numbered]) -> None:
        """Load one chunk within `work`'s transaction."""
        shape = work.runtime.shape(self._said.entity)
        cells = self._reader(shape)
        self._require_constants(work, shape, cells)
        self.outcome.rows += len(chunk)
        read = self._read(work, cells, chunk)
        for batch in self._without_repeats(shape, read):
            found = self._stored(work, shape, batch)
            fresh = [row for row in batch if self._key(row) not in found]
            self._insert(work, shape, cells, fresh)
            self._update(work, shape, cells, [(row, found[self._key(row)]) for row in batch if self._key(row) in found])

    def link(self, work: LoadingWork) -> None:
        """The second pass: lookups to the imported entity itself."""
        shape = work.runtime.shape(self._said.entity)
        cells = self._reader(shape)
        for column in (lookup for lookup in cells.lookups if lookup.later):
            for start in range(0, len(self._later), CHUNK):
                part = self._later[start : start + CHUNK]
                self._link_column(work, shape, column, part)

    def _require_constants(self, work: LoadingWork, shape: EntityShape, cells: CellReader) -> None:
        problems: list[Problem] = []
        Targets(work.runtime, work.connection, self._actor, work.now).check(shape, [cells.constants], [problems])
        if problems:
            raise BadInput([problem.under("/constants") for problem in problems], _m("The import map does not fit; nothing was imported."))

    def _reader(self, shape: EntityShape) -> CellReader:
        return CellReader(shape, self._said, self._header, self._locale)

    def _read(self, work: LoadingWork, cells: CellReader, chunk: Sequence[Numbered]) -> list[_Row]:
        now = [lookup for lookup in cells.lookups if not lookup.later]
        texts = [[_text(lookup, row) for _, row in chunk] for lookup in now]
        for lookup, said in zip(now, texts, strict=True):
            self._prepare(work, lookup, said)
        out: list[_Row] = []
        for at, (number, row) in enumerate(chunk):
            try:
                if len(row) > cells.width:
                    raise RowRefused("", _m("The row has {count} cells, the header {width}.", count=len(row), width=cells.width))
                values = cells.read(row)
                for lookup, said in zip(now, texts, strict=True):
                    values[lookup.field] = self._named.id_of(lookup, said[at])
            except RowRefused as refused:
                self._refused(number, row, refused)
                continue
            out.append(_Row(number, row, values))
        return out

    def _prepare(self, work: LoadingWork, lookup: LookupColumn, texts: Sequence[str]) -> None:
        try:
            self._named.prepare(work, lookup, texts)
        except RowRefused:
            for text in dict.fromkeys(texts):
                try:
                    self._named.prepare(work, lookup, [text])
                except RowRefused:
                    continue  # the rows with this text are refused one by one

    def _without_repeats(self, shape: EntityShape, rows: Sequence[_Row]) -> Iterator[list[_Row]]:
        """`rows` cut where a match value comes again, so that the second changes what the first made."""
        batch: list[_Row] = []
        seen: set[Any] = set()
        for row in rows:
            key = self._key(row)
            if key is not None and key in seen:
                yield batch
                batch, seen = [], set()
            seen.add(key)
            batch.append(row)
        if batch:
            yield batch

    def _key(self, row: _Row) -> Any:
        return None if self._said.match is None else row.values.get(self._said.match)

    def _given_out(self, shape: EntityShape, sight: Sight) -> bool:
        """Are rows matched by what only the platform gives out, or what the actor may not fill in? Then a record they name must be there."""
        match = self._said.match
        return match is not None and (sight.locks(shape.entity.name, match) or not settable(shape.schema.model, shape.entity.fields[match]))

    def _stored(self, work: LoadingWork, shape: EntityShape, batch: Sequence[_Row]) -> Mapping[Any, int]:
        """Match value → id of the live record that has it."""
        match = self._said.match
        if match is None:
            return {}
        keys = [key for row in batch if (key := self._key(row)) is not None]
        found = dict(shape.ids_by(work.connection, match, keys))
        seen = work.queries.reaches(self._actor, "read", self._said.entity, found.values())
        return {key: id for key, id in found.items() if id in seen}

    def _insert(self, work: LoadingWork, shape: EntityShape, cells: CellReader, rows: Sequence[_Row]) -> None:
        sound: list[_Row] = []
        rules, stamps = work.records.rules, work.records.stamps(self._actor)
        sight = work.runtime.policy.sight(self._actor)
        given_out = self._given_out(shape, sight)
        locked = _m("Leave it out, or ask an administrator.") if self._said.match and sight.locks(shape.entity.name, self._said.match) else None
        found: list[list[Problem]] = [[] for _ in rows]
        saves = [Save(None, None, row.values, own, stamps, frozenset(row.values)) for row, own in zip(rows, found, strict=True)] if rules.concern(shape) else []
        for row, problems in zip(rows, found, strict=True):
            inputs.admit(shape, row.values, {}, problems)
            if given_out and self._key(row) is not None:
                item = shape.entity.fields[self._said.match or "id"]
                message = _m("No {entity} has {field} “{value}”.", entity=shape.entity.label, field=item.label, value=self._key(row))
                problems.append(Problem("not_found", message, "/" + item.name, locked or _m("The platform gives it; leave it blank for a new record.")))
            row.values.pop("id", None)
            if self._actor.kind in OWNING:
                row.values.setdefault("owner", self._actor.id)
        rules.fill_defaults(self._actor, shape, saves)
        for row, problems in zip(rows, found, strict=True):
            inputs.complete(shape, row.values, problems, sight)
        rules.enforce(self._actor, shape, saves)
        for row, problems in zip(rows, found, strict=True):
            if problems:
                self._refused(row.number, row.cells, self._of_problem(work, cells, problems[0]))
            else:
                sound.append(row)
        made = self._inserted(work, shape, cells, sound)
        self.outcome.created += len(made)
        for row, id in made if cells.links_later else ():
            self._remember(cells, id, row)

    def _inserted(self, work: LoadingWork, shape: EntityShape, cells: CellReader, rows: Sequence[_Row]) -> list[tuple[_Row, int]]:
        """Insert as one batch; when the database refuses it, one by one, so that only the faulty rows are refused."""
        if not rows:
            return []
        point = work.connection.begin_nested()
        try:
            ids = work.records.writer.insert(self._actor, shape, [row.values for row in rows], bulk=True)
            for right in _MAKING:
                work.records.reach.require(self._actor, right, shape.entity, ids)
            point.commit()
            return list(zip(rows, ids, strict=True))
        except Exception as error:
            point.rollback()
            refused = self._clash(work, shape, cells, error)
        if len(rows) == 1:
            self._refused(rows[0].number, rows[0].cells, refused)
            return []
        middle = len(rows) // 2
        return self._inserted(work, shape, cells, rows[:middle]) + self._inserted(work, shape, cells, rows[middle:])

    def _update(self, work: LoadingWork, shape: EntityShape, cells: CellReader, rows: Sequence[tuple[_Row, int]]) -> None:
        rows = self._reached(work, shape, rows)
        everything = shape.stored(work.connection, [id for _, id in rows])
        saves = [self._save(shape, row, everything[id]) for row, id in rows]
        work.records.rules.enforce(self._actor, shape, [save for save in saves if save.new])
        for (row, id), save in zip(rows, saves, strict=True):
            if save.problems:
                self._refused(row.number, row.cells, self._of_problem(work, cells, save.problems[0]))
                continue
            self._remember(cells, id, row)
            if not save.new:
                self.outcome.unchanged += 1
            elif self._changed(work, shape, cells, row, Change(id, everything[id][1], save.old or {}, save.new)):
                self.outcome.updated += 1

    def _reached(self, work: LoadingWork, shape: EntityShape, rows: Sequence[tuple[_Row, int]]) -> Sequence[tuple[_Row, int]]:
        """The rows whose record the actor may change by an import; the others are refused."""
        ids = [id for _, id in rows]
        reached = frozenset[int](ids)
        for right in _CHANGING:
            reached &= work.queries.reaches(self._actor, right, self._said.entity, ids)
        seen = work.queries.seen(self._actor, self._said.entity, ids)
        for row, id in rows:
            if id not in seen:
                self._refused(row.number, row.cells, self._of_problem(work, self._reader(shape), taken(shape.entity, self._said.match or "")))
            elif id not in reached:
                message = _m("You may see this {entity}, but not {verb} it. Ask its owner or an administrator.", entity=shape.entity.label, verb=_m("change"))
                self._refused(row.number, row.cells, RowRefused("", message))
        return [(row, id) for row, id in rows if id in reached]

    def _save(self, shape: EntityShape, row: _Row, stored: tuple[Any, ...]) -> Save:
        """What `row` changes of the record it names."""
        old = shape.current(stored)
        values = {name: value for name, value in row.values.items() if name != "id"}
        new = {name: value for name, value in values.items() if shape.differs(name, old.get(name), value)}
        save = Save(stored[0], old, new, [], {"id": stored[0], "version": stored[1], **shape.stamps(stored)}, frozenset(new))
        inputs.demand(shape, new, old, save.problems)
        inputs.admit(shape, new, old, save.problems)
        return save

    def _changed(self, work: LoadingWork, shape: EntityShape, cells: CellReader, row: _Row, change: Change) -> bool:
        point = work.connection.begin_nested()
        handed_over = work.records.reach.may_hand_over(self._actor, shape.entity, change.id, change.new)
        try:
            work.records.writer.update(self._actor, shape, [change], bulk=True)
            if not handed_over:
                work.records.reach.require_still(self._actor, "update", shape.entity, [change.id])
        except Exception as error:
            point.rollback()
            self._refused(row.number, row.cells, self._clash(work, shape, cells, error))
            return False
        point.commit()
        return True

    def _link_column(self, work: LoadingWork, shape: EntityShape, column: LookupColumn, rows: Sequence[tuple[int, int, list[str]]]) -> None:
        rows = list({id: (id, number, row) for id, number, row in rows}.values())  # of two rows of one record the later counts
        self._prepare(work, column, [_text(column, row) for _, _, row in rows])
        everything = shape.stored(work.connection, [id for id, _, _ in rows])
        for id, number, row in rows:
            try:
                target = self._named.id_of(column, _text(column, row))
            except RowRefused as refused:
                self._refused(number, row, refused)
                continue
            stored = everything[id]
            old = shape.current(stored)
            if shape.differs(column.field, old.get(column.field), target):
                save = Save(id, old, {column.field: target}, [], {"id": id, "version": stored[1], **shape.stamps(stored)}, frozenset((column.field,)))
                work.records.rules.enforce(self._actor, shape, [save])
                if save.problems:
                    self._refused(number, row, self._of_problem(work, self._reader(shape), save.problems[0]))
                    continue
                if self._changed(work, shape, self._reader(shape), _Row(number, row, {}), Change(id, stored[1], old, save.new)):
                    self.outcome.linked += 1

    def _remember(self, cells: CellReader, id: int, row: _Row) -> None:
        if cells.links_later:
            self._later.append((id, row.number, row.cells))

    def _clash(self, work: LoadingWork, shape: EntityShape, cells: CellReader, error: Exception) -> RowRefused:
        """`error` as the reason one row is refused; what is nobody's row's fault is raised again."""
        try:
            if not isinstance(error, FieldsmithError):
                refuse_clash(error, shape.schema, shape.entity, work.runtime.policy.sight(self._actor).hidden)
        except Conflict as conflict:
            return self._of_problem(work, cells, conflict.problems[0])
        if isinstance(error, (BadInput, Conflict, Forbidden, VersionMismatch)):
            return RowRefused("", error.title)
        raise error

    def _of_problem(self, work: LoadingWork, cells: CellReader, problem: Problem) -> RowRefused:
        """A problem at the column it is about; a field hidden from the actor is not named."""
        name = problem.pointer.strip("/").split("/")[0]
        if work.runtime.policy.sight(self._actor).hides(self._said.entity, name):
            return RowRefused("", problem.message, problem.hint)
        header = next((header for header, column in self._said.columns.items() if column.field == name), name)
        return RowRefused(header, problem.message, problem.hint)

    def _refused(self, number: int, cells: Sequence[str], refused: RowRefused) -> None:
        self.outcome.refused += 1
        self._refuse(Refusal(number, refused.column, refused.message, refused.hint, cells))


def _text(lookup: LookupColumn, row: Sequence[str]) -> str:
    text = row[lookup.at].strip() if lookup.at < len(row) else ""
    if text[:1] == "'":
        text = unguarded(text)
    if not lookup.values:
        return text
    replaced = lookup.values.get(text, text)
    return "" if replaced is None else str(replaced)


def _chunks(rows: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        yield chunk
