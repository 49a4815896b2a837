"""Records of an entity as CSV, streamed page by page, as the actor may see them. An import reads it back.

A cell that a spreadsheet would run as a formula gets an apostrophe in front, which imports take away again.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, Protocol

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import FieldsmithError
from fieldsmith.bulk.cells import is_formula
from fieldsmith.fields.computed import shown_as
from fieldsmith.fields.values import Link, Money
from fieldsmith.identity import audit
from fieldsmith.meta.model import Model
from fieldsmith.query.rows import QueryColumn, StoredFile
from fieldsmith.query.run import MAX_LIMIT, Queries, Query

_NUMBERS = frozenset({"integer", "decimal", "percent", "currency", "duration", "rating"})


class ExportWork(Protocol):
    """A read transaction that shows one moment (`Work`)."""

    @property
    def queries(self) -> Queries: ...
    @property
    def model(self) -> Model: ...
    @property
    def runtime(self) -> Any: ...


def export_csv(
    work: ExportWork, actor: Actor, entity: str, target: IO[str], columns: Sequence[str] = (), sort: Sequence[str] = ("id",), filters: Sequence[str] = ()
) -> int:
    """Write a header of column paths and every live record for which all `filters` hold; the number of records. Raises `Forbidden`, `BadQuery`.

    Without `columns` every field is written: id first, lookups by their name.
    """
    found = work.queries.entity(actor, entity)
    work.runtime.policy.require(actor, "export", entity)
    sight = work.runtime.policy.sight(actor)
    wanted = tuple(columns) or tuple(name for name in found.fields if name != "deleted_at" and (entity, name) not in sight.unspoken)
    writer = csv.writer(target)
    count = 0
    for at, page in enumerate(work.queries.each(actor, Query(entity, wanted, tuple(sort), limit=MAX_LIMIT, filters=tuple(filters), right="export"))):
        if at == 0:  # not sooner: columns that do not exist are refused before anything is written
            writer.writerow(wanted)
        cells = [_cell(work.model, column) for column in page.columns]
        writer.writerows([[cell(row) for cell in cells] for row in page.rows])
        count += len(page.rows)
    return count


@contextmanager
def noted(workspace: Any, actor: Actor, entity: str, filters: Sequence[str] = (), view: str | None = None) -> Iterator[Callable[[int], None]]:
    """Around an export: it is written into the audit log when it is done, and also when it breaks off, since some records left then too.

    What it yields is told the number of records at the end. Nothing is noted where the export was refused. `workspace` opens the transaction.
    """
    known: dict[str, Any] = {"filter": " and ".join(f"({text})" for text in filters) if len(filters) > 1 else "".join(filters), "view": view or ""}
    detail = {name: value for name, value in known.items() if value}

    def done(rows: int) -> None:
        detail["rows"] = rows

    try:
        yield done
    except FieldsmithError:
        raise
    except BaseException:
        detail["result"] = "broken off"
        raise
    finally:
        if "rows" in detail or "result" in detail:
            workspace.write(lambda work: audit.note(work.connection, work.now, actor, "records.exported", entity=entity, **detail))


def _cell(model: Model, column: QueryColumn) -> Callable[[Any], str]:
    text = _text(model, column)
    read = column.read
    if shown_as(column.field) in _NUMBERS:
        return lambda row: "" if (value := read(row)) is None else text(value)
    return lambda row: "" if (value := read(row)) is None else guarded(text(value))


def _text(model: Model, column: QueryColumn) -> Callable[[Any], str]:
    item = column.field
    if item.type == "lookup":
        return _link_text
    if item.type == "many_to_many":
        return lambda links: "; ".join(map(_link_text, links))
    if item.type in ("file", "image"):
        return _file_text
    if item.type == "currency":
        return _money_text(model.company.currency, model.type_of(item).export_text(item))
    return model.type_of(item).export_text(item)


def _money_text(company: str, otherwise: Callable[[Any], str]) -> Callable[[Any], str]:
    """A plain number in company currency, which spreadsheets can add up and imports read; any other with its code."""

    def text(money: Money) -> str:
        return str(money.amount) if money.currency == company else otherwise(money)

    return text


def _link_text(link: Link) -> str:
    return str(link.id) if link.label is None else link.label


def _file_text(stored: StoredFile) -> str:
    return stored.name


def guarded(text: str) -> str:
    """`text`, with an apostrophe in front when a spreadsheet would take it for a formula."""
    return "'" + text if is_formula(text) else text
