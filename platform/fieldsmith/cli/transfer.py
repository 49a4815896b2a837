"""Records in and out: import, export, query."""

from __future__ import annotations

import gc
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.bulk.export import export_csv, noted
from fieldsmith.bulk.jobs import import_file
from fieldsmith.bulk.load import Outcome
from fieldsmith.bulk.mapping import ImportMap, from_document
from fieldsmith.cli.session import Session, acting_as, command
from fieldsmith.fields.base import Reader
from fieldsmith.meta.documents import read_object
from fieldsmith.query.rows import QueryColumn
from fieldsmith.query.run import Query
from fieldsmith.workspace import Work, Workspace

_ROWS_BETWEEN_COLLECTIONS = 100_000


def _as(function: Callable[..., None]) -> Callable[..., None]:
    """Add `--as`."""
    return click.option("--as", "user", metavar="USER", help="Act as this user (login name or e-mail address) instead of the operator.")(function)


def add_to(main: click.Group) -> None:
    """Add the commands to `main`."""
    _add_import(main)
    _add_export(main)
    _add_query(main)


def _add_import(main: click.Group) -> None:
    @command(main, "import")
    @click.argument("entity")
    @click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
    @click.option("--map", "map_file", type=click.Path(path_type=Path, dir_okay=False), help="Import map (JSON); without it headers name fields.")
    @click.option("--match", metavar="FIELD", help="Unique field: rows that have its value change that record.")
    @click.option("--dry-run", is_flag=True, help="Do everything, then undo it.")
    @click.option("--rejects", type=click.Path(path_type=Path, dir_okay=False), help="Where refused rows go (else FILE.rejected.csv here).")
    @click.option("--locale", help="How numbers are written, as in de or zh_Hans_CN; without it 1234.56.")
    @_as
    def import_(
        session: Session,
        entity: str,
        file: Path,
        map_file: Path | None,
        match: str | None,
        dry_run: bool,
        rejects: Path | None,
        locale: str | None,
        user: str | None,
    ) -> None:
        """Import the CSV FILE into ENTITY.

        Bad rows go to a file with their row number, column and reason; the others are taken.
        """
        rejects = rejects or Path(file.stem + ".rejected.csv")
        gc.freeze()  # the model and the program stay; looking through them again for garbage took a tenth of an import
        gc.set_threshold(_ROWS_BETWEEN_COLLECTIONS)
        with session.workspace() as workspace:
            said = _map(workspace, map_file, entity) if map_file is not None else None
            actor = acting_as(workspace, user)
            with _progress(session, entity) as progress:
                outcome = import_file(
                    workspace,
                    actor,
                    entity,
                    file,
                    said=said,
                    match=match,
                    rejects=rejects,
                    words=session.words,
                    locale=locale,
                    dry_run=dry_run,
                    progress=progress,
                )
        _report(session, outcome, rejects, dry_run)


def _add_export(main: click.Group) -> None:
    @command(main, "export")
    @click.argument("entity")
    @click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
    @click.option("--view", "view_name", metavar="NAME", help="Columns, order and filter of this view; without it every field.")
    @click.option("--columns", metavar="a,b.c", help="Columns, instead of a view's.")
    @click.option("--filter", "expression", metavar="EXPR", help="Only records for which this expression is true.")
    @_as
    def export(session: Session, entity: str, file: Path, view_name: str | None, columns: str | None, expression: str | None, user: str | None) -> None:
        """Export ENTITY to the CSV FILE (“-” for stdout)."""
        with session.workspace() as workspace, workspace.read(snapshot=True) as work:
            wanted, sort = _columns(work, entity, view_name, columns, everything=True)
            filters = _filters(work, entity, view_name, expression)
            actor = acting_as(workspace, user)
            # Replacing a file at the end keeps half an export from being seen; a pipe or device is written to, never replaced.
            whole = str(file) != "-" and (file.is_file() or not file.exists())
            with (
                noted(workspace, actor, entity, filters, view_name) as done,
                _replacing(file) if whole else click.open_file(str(file), "w", encoding="utf-8") as target,
            ):
                count = export_csv(work, actor, entity, target, wanted, sort or ("id",), filters)
                done(count)
        if str(file) != "-":
            session.say(_m("{count} records were exported to {file}.", count=count, file=str(file)))
            session.answer({"count": count, "file": str(file)})


def _add_query(main: click.Group) -> None:
    @command(main, "query")
    @click.argument("entity")
    @click.option("--columns", metavar="a,b.c", help="Columns; without it those of the default view.")
    @click.option("--sort", metavar="-a,b", help="Order; “-” descends.")
    @click.option("--filter", "expression", metavar="EXPR", help="Only records for which this expression is true.")
    @click.option("--limit", type=int, default=50, show_default=True, help="At most so many records (1 to 500).")
    @_as
    def query(session: Session, entity: str, columns: str | None, sort: str | None, expression: str | None, limit: int, user: str | None) -> None:
        """List records of ENTITY."""
        with session.workspace() as workspace, workspace.read() as work:
            actor = acting_as(workspace, user)
            work.queries.entity(actor, entity)
            wanted, order = _columns(work, entity, None, columns, everything=False)
            shown_columns = ("id", *[name for name in wanted if name != "id"])
            filters = _filters(work, entity, None, expression)
            page = work.queries.page(actor, Query(entity, shown_columns, _split(sort) or order, limit, filters=filters))
            session.answer([{column.path: column.json(row) for column in page.columns} for row in page.rows])
            reader = Reader("en", session.words.language, "UTC")
            shown = [[_shown(work, column, row, reader) for column in page.columns] for row in page.rows]
            session.table([column.path for column in page.columns], shown)


@contextmanager
def _replacing(path: Path) -> Iterator[IO[str]]:
    """A file that takes the place of `path` once it is whole; where writing it fails, what was there stays."""
    with tempfile.NamedTemporaryFile("w", dir=path.absolute().parent, prefix=path.name, encoding="utf-8", newline="", delete=False) as made:
        try:
            yield made
        except BaseException:
            os.unlink(made.name)
            raise
    os.chmod(made.name, stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
    os.replace(made.name, path)


@contextmanager
def _progress(session: Session, label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr, on terminals only; it is told bytes read and bytes in all."""
    seen = 0
    with click.progressbar(length=1000, label=label, file=sys.stderr, hidden=session.as_json or not sys.stderr.isatty()) as bar:

        def progress(read: int, size: int) -> None:
            nonlocal seen
            at = read * 1000 // max(size, 1)
            if at > seen:
                bar.update(at - seen)
                seen = at

        yield progress


def _map(workspace: Workspace, path: Path, entity: str) -> ImportMap:
    try:
        body = read_object(path.read_bytes(), path.name)
    except OSError as error:
        message = _m("The import map “{name}” cannot be read.", name=str(path))
        raise BadInput([Problem("unreadable_file", message, "", _m("Check its path."))], message) from error
    problems = workspace.publishing.validators.problems("import_map", body, path.name)
    if not problems and body.get("entity") != entity:
        message = _m("The map is for “{other}”, not for “{entity}”.", other=str(body.get("entity")), entity=entity)
        problems = [Problem("wrong_entity", message, "/entity", document=path.name)]
    if problems:
        raise BadInput(problems, _m("The import map has problems; nothing was imported."))
    return from_document(body)


def _columns(work: Work, entity: str, view_name: str | None, columns: str | None, *, everything: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns and order as asked; without a wish all fields (`everything`) or the default view's."""
    if columns is not None:
        return _split(columns), ()
    views = {view.name: view for view in work.model.views_of.get(entity, ())}
    if view_name is not None:
        found = views.get(view_name)
        if found is None:
            message = _m("{entity} has no view “{name}”.", entity=entity, name=view_name)
            raise BadInput([Problem("unknown_view", message, "/view", _m("Views are: {names}.", names=", ".join(views)))], message)
        return found.columns, found.sort
    default = next(iter(views.values()), None)
    return ((), ()) if everything or default is None else (default.columns, default.sort)


def _filters(work: Work, entity: str, view_name: str | None, expression: str | None) -> tuple[str, ...]:
    """The filter of the view, if one is named, and the one given."""
    views = {view.name: view for view in work.model.views_of.get(entity, ())}
    view = views.get(view_name) if view_name is not None else None
    return tuple(source for source in (view.filter if view else "", expression or "") if source.strip())


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip()) if text else ()


def _shown(work: Work, column: QueryColumn, row: tuple[object, ...], reader: Reader) -> str:
    value = column.read(row)
    if value is None:
        return ""
    return work.model.type_of(column.field).displayer(column.field, work.runtime.scope, reader)(value)


def _report(session: Session, outcome: Outcome, rejects: Path, dry_run: bool) -> None:
    counts = {name: getattr(outcome, name) for name in ("rows", "created", "updated", "unchanged", "linked", "refused")}
    session.answer({**counts, "made": outcome.made, "dry_run": dry_run, "rejects": str(rejects) if outcome.refused else None})
    done = _m("{rows} rows: {created} created, {updated} changed, {unchanged} unchanged, {linked} linked, {refused} refused.", **counts)
    session.say(done)
    for entity, count in outcome.made.items():
        session.say(_m("{count} records of {entity} were made for lookups.", count=count, entity=entity))
    if outcome.refused:
        session.say(_m("The refused rows are in {file}, with the reasons.", file=str(rejects)))
    if dry_run:
        session.say(_m("This was a rehearsal: nothing was kept."))
