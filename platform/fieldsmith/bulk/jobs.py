"""`import_file`: one file into one entity, from opening it to saying what was done. The CLI calls it; screens will.

Refused rows go to a CSV file beside the caller's choice, with row number, column and reason in front of the row's own cells.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from babel import Locale, UnknownLocaleError

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, FieldsmithError
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Words, _m
from fieldsmith.bulk import mapping
from fieldsmith.bulk.cells import CellReader
from fieldsmith.bulk.export import guarded
from fieldsmith.bulk.load import CHUNK, Loader, Numbered, Outcome, Refusal, Transactions
from fieldsmith.bulk.mapping import ImportMap
from fieldsmith.bulk.named import LoadingWork
from fieldsmith.bulk.reader import CsvFile, open_csv
from fieldsmith.db import statistics
from fieldsmith.identity import audit


class Importing(Transactions, Protocol):
    """Where an import runs (`Workspace`)."""

    def read(self) -> Any: ...


def import_file(
    workspace: Importing,
    actor: Actor,
    entity: str,
    path: Path,
    *,
    said: ImportMap | None = None,
    match: str | None = None,
    rejects: Path,
    words: Words,
    locale: str | None = None,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Import `path`; without a map the header's field names and labels decide. `progress` is told (bytes read, bytes in all).

    Raises `BadInput` when map or file are unusable, before anything is written. A dry run does all of it and undoes it.
    """
    actor = replace(actor, via="import", run=path.name)
    file = open_csv(path)
    _require_locale(locale)
    with workspace.read() as work:
        found = work.queries.entity(actor, entity)
        work.runtime.policy.require(actor, "import", entity)
        sight = work.runtime.policy.sight(actor)
        plan = said or mapping.propose(work.model, mapping.seen(found, sight), file.header, match)
        if match is not None and said is not None:
            plan = mapping.matched_by(said, match)
        mapping.check(work.model, plan, file.header, sight)
        _require_rights(work, actor, CellReader(work.runtime.shape(entity), plan, file.header, locale), plan)
    with _rejects(rejects, file, words) as refuse:
        loader = Loader(actor, plan, file.header, locale, refuse)
        rows = _counted(file, progress)
        if dry_run:
            return _rehearse(workspace, loader, rows)
        try:
            outcome = loader.run(workspace, rows)
        except BaseException:
            with suppress(FieldsmithError):  # the chunks before stay, so they are noted; why it broke off is the error to tell
                workspace.write(lambda work: _noted(work, actor, entity, path, loader.outcome, result="broken off"))
            raise
    workspace.write(lambda work: _noted(work, actor, entity, path, outcome))
    if outcome.created + outcome.updated >= CHUNK:
        workspace.write(lambda work: statistics.refresh(work.connection, [work.schema.table(entity)]))
    return outcome


def _noted(work: Any, actor: Actor, entity: str, path: Path, outcome: Outcome, **more: Any) -> None:
    counts: dict[str, Any] = {name: getattr(outcome, name) for name in ("rows", "created", "updated", "refused")}
    audit.note(work.connection, work.now, actor, "records.imported", entity=entity, file=path.name, **counts, **more)


def _require_rights(work: Any, actor: Actor, cells: CellReader, plan: ImportMap) -> None:
    """An import does what its actor could do by hand: make and change records, here and where lookups make them."""
    policy = work.runtime.policy
    policy.require(actor, "create", plan.entity)
    if plan.match is not None:
        policy.require(actor, "update", plan.entity)
    for lookup in cells.lookups:
        work.queries.entity(actor, lookup.to)
        if lookup.create:
            policy.require(actor, "create", lookup.to)


def _require_locale(locale: str | None) -> None:
    try:
        if locale is not None:
            Locale.parse(locale)
    except (ValueError, UnknownLocaleError) as error:
        message = _m("There is no locale “{name}”.", name=locale)
        raise BadInput([Problem("unknown_locale", message, "/locale", _m("Write it like de or zh_Hans_CN."))], message) from error


class _Undo(FieldsmithError):
    """Thrown at the end of a rehearsal so that its transaction is undone."""


class _Within:
    """Lets a loader run all of its steps in one transaction."""

    def __init__(self, work: LoadingWork) -> None:
        self._work = work

    def write(self, change: Callable[[Any], Any]) -> Any:
        return change(self._work)


def _rehearse(workspace: Importing, loader: Loader, rows: Iterator[Numbered]) -> Outcome:
    def all_of_it(work: LoadingWork) -> None:
        loader.run(_Within(work), rows)
        raise _Undo(_m("The rehearsal is over."))

    with suppress(_Undo):
        workspace.write(all_of_it)
    return loader.outcome


def _counted(file: CsvFile, progress: Callable[[int, int], None] | None) -> Iterator[Numbered]:
    for number, row, at in file.rows():
        yield number, row
        if progress is not None:
            progress(at, file.size)


@contextmanager
def _rejects(path: Path, file: CsvFile, words: Words) -> Iterator[Callable[[Refusal], None]]:
    """A writer of refused rows; the file is made at the first one, so no refusal leaves no file."""
    if path.resolve() == file.path.resolve():
        message = _m("Refused rows cannot go to the file that is imported.")
        raise BadInput([Problem("same_file", message, "/rejects", _m("Name another file."))], message)
    if not path.absolute().parent.is_dir():
        message = _m("There is no folder “{name}” for the refused rows.", name=str(path.parent))
        raise BadInput([Problem("no_folder", message, "/rejects", _m("Make it, or name another file."))], message)
    opened: list[Any] = []

    def refuse(refusal: Refusal) -> None:
        if not opened:
            target = _opened(path)
            opened.extend((target, csv.writer(target)))
            titles = [_m("Row"), _m("Column"), _m("Reason")]
            opened[1].writerow([*(title.render(words) for title in titles), *file.header])
        reason = refusal.reason.render(words)
        hint = f" {refusal.hint.render(words)}" if refusal.hint else ""
        opened[1].writerow([refusal.row, refusal.column, guarded(reason + hint), *map(guarded, refusal.cells)])

    try:
        yield refuse
    finally:
        if opened:
            opened[0].close()


def _opened(path: Path) -> Any:
    try:
        return path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        message = _m("Refused rows cannot be written to “{name}”: {reason}.", name=str(path), reason=error.strerror or "")
        raise BadInput([Problem("unwritable_file", message, "/rejects", _m("Name another file."))], message) from error
