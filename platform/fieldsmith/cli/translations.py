"""The program's own catalogues (source checkouts only): translate extract, compile, status."""

from __future__ import annotations

import dataclasses

import click

from fieldsmith.base.text import _m
from fieldsmith.cli import translate as catalogues
from fieldsmith.cli.session import Session, command


def add_to(main: click.Group) -> None:
    """Add the group `translate` to `main`."""

    @main.group("translate")
    def translate() -> None:
        """The program's own words (in a source checkout)."""

    @command(translate, "extract")
    def extract(session: Session) -> None:
        """Read every message from the sources into the catalogues."""
        _show(session, catalogues.extract(catalogues.source_root()))

    @command(translate, "compile")
    def compile_(session: Session) -> None:
        """Write the compiled catalogues."""
        written = catalogues.compile_catalogues(catalogues.source_root())
        session.say(_m("{count} files were written.", count=len(written)))
        session.answer([str(path) for path in written])

    @command(translate, "status")
    def status(session: Session) -> None:
        """How far each language is."""
        _show(session, catalogues.status(catalogues.source_root()))


def _show(session: Session, found: list[catalogues.Status]) -> None:
    session.answer([dataclasses.asdict(item) for item in found])
    rows = [(item.language, str(item.total), str(len(item.missing)), str(len(item.unsure))) for item in found]
    session.table(("language", "messages", "missing", "unsure"), rows)
