"""What was taken out of use and is kept: retired list, export, purge."""

from __future__ import annotations

import io
from pathlib import Path

import click

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import NotFound
from fieldsmith.base.problems import did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.cli.session import Session, command
from fieldsmith.studio.purge import Kept
from fieldsmith.workspace import Workspace


def add_to(main: click.Group) -> None:
    """Add the group `retired` to `main`."""

    @main.group("retired")
    def retired() -> None:
        """Fields and entities out of use, whose data are kept."""

    @command(retired, "list")
    def listing(session: Session) -> None:
        """What is kept, how many rows hold values, and since which revision."""
        with session.workspace() as workspace:
            found = workspace.attic.listed(OPERATOR)
        told = [{"name": item.name, "type": item.type or "", "rows": item.rows, "revision": item.until} for item in found]
        session.answer(told)
        session.table(("name", "type", "rows", "revision"), [[str(value) for value in item.values()] for item in told])

    @command(retired, "export")
    @click.argument("name")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    def export(session: Session, name: str, file: Path) -> None:
        """Write what purging NAME (`crate.weight`, `crate`) would take to FILE as CSV."""
        with session.workspace() as workspace:
            found = _named(workspace, name)
            out = io.StringIO()
            rows = workspace.attic.export(OPERATOR, found.uid, out)
        file.write_text(out.getvalue(), "utf-8", newline="")
        session.say(_m("{rows} rows were written to {file}.", rows=rows, file=str(file)))
        session.answer({"rows": rows, "file": str(file)})

    @command(retired, "purge")
    @click.argument("name")
    @click.option("--confirm", default="", help="The name once more; without it you are asked.")
    def purge(session: Session, name: str, confirm: str) -> None:
        """Drop the data of NAME (`crate.weight`, `crate`) for good. It cannot be undone."""
        with session.workspace() as workspace:
            found = _named(workspace, name)
            if not confirm and not session.as_json:
                question = _m("{rows} rows of {name} will be gone for good. Type the name to go on", rows=found.rows, name=found.name)
                confirm = click.prompt(question.render(session.words), default="", show_default=False)
            gone = workspace.attic.purge(OPERATOR, found.uid, confirm)
        session.say(_m("{name} was purged for good.", name=gone.name))
        session.answer({"name": gone.name, "rows": gone.rows})


def _named(workspace: Workspace, name: str) -> Kept:
    """The newest of that name. Raises `NotFound`."""
    known = workspace.attic.listed(OPERATOR)
    found = next((item for item in known if item.name == name), None)
    if found is None:
        message = _m("Nothing retired is called “{name}”.", name=name[:100])
        hint = did_you_mean(name[:100], [item.name for item in known])
        raise NotFound(message if hint is None else _m("{message} {hint}", message=message, hint=hint))
    return found
