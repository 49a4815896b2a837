"""The audit log: audit list, verify, export, prune, seal."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.bulk.export import guarded
from fieldsmith.cli.session import Session, command
from fieldsmith.db import audit_chain
from fieldsmith.identity import audit_prune
from fieldsmith.identity.audit import note
from fieldsmith.identity.audit_export import FORMS, as_json, lines
from fieldsmith.identity.audit_log import Wanted
from fieldsmith.identity.audit_verify import Witness
from fieldsmith.identity.audit_words import told
from fieldsmith.workspace import Work


def add_to(main: click.Group) -> None:
    """Add the group `audit` to `main`."""

    @main.group("audit")
    def audit() -> None:
        """Who signed in, changed rights or metadata, took data out, or was refused."""

    _add_list(audit)
    _add_verify(audit)
    _add_export(audit)
    _add_prune(audit)
    _add_seal(audit)


def _filters(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which rows."""
    function = click.option("--text", default="", help="Rows that hold this text.")(function)
    function = click.option("--until", default="", metavar="TIME", help="Rows before this moment.")(function)
    function = click.option("--since", default="", metavar="TIME", help="Rows from this moment on (2026-11-22 or 2026-11-22T09:30, UTC).")(function)
    function = click.option("--record", type=click.IntRange(1, 2**63 - 1), help="Rows about this record of the entity.")(function)
    function = click.option("--entity", default="", help="Rows about this entity.")(function)
    function = click.option("--event", default="", help="Rows of this event, such as sign_in.refused.")(function)
    function = click.option("--group", default="", help="Rows of this group: sign_in, people, token, metadata, data, access, audit.")(function)
    return click.option("--person", default="", help="Part of a name, or #7: what user 7 did or had done to them.")(function)


def _add_list(audit: click.Group) -> None:
    @command(audit, "list")
    @_filters
    @click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="At most so many rows.")
    def listing(session: Session, limit: int, **asked: Any) -> None:
        """The newest rows that fit."""
        wanted = _wanted(asked)
        with session.workspace() as workspace, workspace.read() as work:
            page = work.audit.page(OPERATOR, wanted, None, limit)
            found = page.items
            while page.next is not None and len(found) < limit:
                page = work.audit.page(OPERATOR, wanted, page.next, limit - len(found))
                found += page.items
        session.answer([as_json(entry) for entry in found])
        shown = []
        for entry in found:
            words = told(entry, session.words)
            details = "; ".join(f"{name}: {text}" for name, text in words.details)
            about = f"{entry.entity} {entry.record}" if entry.record is not None else entry.entity
            shown.append([str(entry.seq), entry.at.isoformat(" ", "seconds"), entry.by, words.what, words.subject or about, details])
        session.table(("#", "at (UTC)", "who", "what", "about", "details"), shown)


def _add_verify(audit: click.Group) -> None:
    @command(audit, "verify")
    @click.option("--witness", default="", metavar="NUMBER:HASH", help="A row as it was known elsewhere: what an earlier run printed.")
    def verifying(session: Session, witness: str) -> None:
        """Is the log whole? Exit 1 where it is not, naming the first row that does not fit.

        Keep what is printed somewhere else: who writes the whole log anew is found by it.
        """
        known = Witness.of(witness) if witness else None
        with session.workspace() as workspace, workspace.read(snapshot=True) as work:
            found = work.audit.verify(OPERATOR, known)
        reason = found.reason.render(session.words) if found.reason is not None else None
        session.answer({"whole": found.whole, "rows": found.rows, "head": found.head, "broken": found.broken, "reason": reason})
        if found.reason is not None:
            session.say(found.reason)
            raise SystemExit(1)
        session.say(_m("The log is whole: {rows} rows, the newest is {head}.", rows=found.rows, head=found.head))


def _add_export(audit: click.Group) -> None:
    @command(audit, "export")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--format", "form", type=click.Choice(FORMS), default="csv", show_default=True, help="CSV, or one JSON object per line.")
    @_filters
    def exporting(session: Session, file: Path, form: Any, **asked: Any) -> None:
        """Write the rows that fit to FILE, newest first. The export is noted in the log."""
        wanted = _wanted(asked)
        with session.workspace() as workspace, workspace.read(snapshot=True) as work:
            extent = work.audit.extent(OPERATOR, wanted)
            rows, said = extent.count, wanted.asked()
            workspace.write(lambda writing: note(writing.connection, writing.now, OPERATOR, "audit.exported", rows=rows, format=form, filter=said))
            with file.open("w", encoding="utf-8", newline="") as target:
                target.writelines(lines(work.audit.each(OPERATOR, wanted, extent.newest), form, guarded))
        session.say(_m("{rows} rows were written to {file}.", rows=extent.count, file=str(file)))
        session.answer({"rows": extent.count, "file": str(file)})


def _add_prune(audit: click.Group) -> None:
    @command(audit, "prune")
    @click.option("--before", required=True, metavar="TIME", help="Rows before this moment go (2026-11-22 or 2026-11-22T09:30, UTC).")
    @click.option("--export", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="New file that they are written to.")
    def pruning(session: Session, before: str, file: Path) -> None:
        """Cut the oldest rows off: written to a file, verified there, then removed.

        The log stays a chain, which begins behind them. Keep the file: nothing else has these rows.
        """
        moment = _moment(before, "before")
        assert moment is not None, "the option is required"
        with session.workspace() as workspace:
            with workspace.read(snapshot=True) as work:
                part = audit_prune.oldest(work.connection, moment)
                with file.open("x", encoding="utf-8", newline="") as target:
                    audit_prune.write_rows(work.connection, part, target)
                    target.flush()
                    os.fsync(target.fileno())
            with file.open(encoding="utf-8", newline="") as written:
                audit_prune.require_whole(part, written)
            with file.open("rb") as content:
                sha256 = hashlib.file_digest(content, "sha256").hexdigest()
            count = workspace.write(lambda work: audit_prune.remove(work.connection, work.now, OPERATOR, part, file.name, sha256))
        session.say(_m("{rows} rows were written to {file} and removed. Keep it: SHA-256 {hash}.", rows=count, file=str(file), hash=sha256))
        session.answer({"rows": count, "file": str(file), "sha256": sha256, "upto": part.upto})


def _add_seal(audit: click.Group) -> None:
    @command(audit, "seal")
    def sealing(session: Session) -> None:
        """Seal the log anew, after the secret of the workspace was changed on purpose. The log notes it.

        First compare it with a witness: whoever wrote it anew would be sealed too.
        """

        def seal(work: Work) -> bool:
            anew = audit_chain.sealed_anew(work.connection)
            if anew:
                note(work.connection, work.now, OPERATOR, "audit.sealed")
            return anew

        with session.workspace() as workspace:
            anew = workspace.write(seal)
        session.say(_m("The log was sealed anew.") if anew else _m("The seal fitted already."))
        session.answer({"sealed": anew})


def _wanted(asked: dict[str, Any]) -> Wanted:
    return Wanted(**{**asked, "since": _moment(asked["since"], "since"), "until": _moment(asked["until"], "until")})


def _moment(text: str, name: str) -> datetime | None:
    """Naive UTC. Raises `BadInput`."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        message = _m("“{value}” is no moment.", value=text[:100])
        raise BadInput([Problem("bad_moment", message, pointer(name), _m("Write it like 2026-11-22 or 2026-11-22T09:30."))], message) from error
