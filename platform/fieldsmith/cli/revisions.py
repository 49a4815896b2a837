"""The history of the metadata: revision list, show, rollback."""

from __future__ import annotations

import click

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.text import _m
from fieldsmith.cli.packages import fill
from fieldsmith.cli.session import Session, command, shown_line


def add_to(main: click.Group) -> None:
    """Add the group `revision` to `main`."""

    @main.group("revision")
    def revision() -> None:
        """Published revisions of the metadata, and the way back."""

    @command(revision, "list")
    @click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="How many, the newest first.")
    def listing(session: Session, limit: int) -> None:
        """Every revision: when, by whom and why."""
        with session.workspace() as workspace:
            found = workspace.revisions.listed(OPERATOR, limit=limit)
        told = [{"number": item.number, "at": item.at.isoformat() + "Z", "author": item.actor_name, "reason": item.reason} for item in found]
        session.answer(told)
        session.table(("revision", "at", "author", "reason"), [[str(value) for value in item.values()] for item in told])

    @command(revision, "show")
    @click.argument("number", type=int)
    def show(session: Session, number: int) -> None:
        """Revision NUMBER and what it changed."""
        with session.workspace() as workspace:
            found, differences = workspace.revisions.get(OPERATOR, number)
        told = [{"document": item.document, "pointer": item.pointer, "message": item.message.render(session.words)} for item in differences]
        at = found.at.isoformat() + "Z"
        session.answer({"number": found.number, "at": at, "author": found.actor_name, "reason": found.reason, "differences": told})
        if not session.as_json:
            click.echo(shown_line(f"{found.number} · {at} · {found.actor_name} · {found.reason}"))
            for item in told:
                click.echo(shown_line(f"- {item['document']}{item['pointer']}: {item['message']}"))

    @command(revision, "rollback")
    @click.argument("number", type=int)
    @click.option("--yes", is_flag=True, help="Do not ask.")
    def rollback(session: Session, number: int, yes: bool) -> None:
        """Publish what held at revision NUMBER as a new revision.

        Fields it did not have are retired, those retired since come back with their values.
        """
        with session.workspace() as workspace:
            if not yes and not session.as_json and not click.confirm(_m("Go back to revision {number}?", number=number).render(session.words)):
                raise SystemExit(1)
            revision = workspace.revisions.roll_back(OPERATOR, number)
            session.say(_m("Published as revision {revision}.", revision=revision))
            fill(session, workspace)
            session.answer({"revision": revision})
