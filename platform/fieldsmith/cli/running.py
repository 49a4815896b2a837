"""Making, serving and looking after a workspace: init, serve, config, doctor, shell."""

from __future__ import annotations

import code
import os
from pathlib import Path

import click

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.text import _m
from fieldsmith.bulk import demo
from fieldsmith.cli.packages import fill
from fieldsmith.cli.session import Session, command, password_from, problem_line, users_of
from fieldsmith.rollout.doctor import advise, examine
from fieldsmith.rollout.installing import add_user, install_shipped
from fieldsmith.workspace import Workspace


def add_to(main: click.Group) -> None:
    """Add the commands to `main`."""

    @command(main, "init")
    @click.option("--demo", "with_demo", is_flag=True, help="Load the demo data (in the company's language).")
    @click.option("--admin", metavar="NAME", help="Make the first administrator, who signs in as NAME.")
    @click.option("--password-file", type=click.Path(path_type=Path, dir_okay=False), help="File whose first line is the administrator's password.")
    def init(session: Session, with_demo: bool, admin: str | None, password_file: Path | None) -> None:
        """Make the workspace, or bring its shipped packages up to date.

        Run it again as often as you like: what is there stays.
        """
        _init(session, with_demo, admin, password_file)

    @command(main, "serve")
    def serve(session: Session) -> None:
        """Serve the workspace until stopped (Ctrl-C).

        Prints a one-time set-up link while there is no administrator.
        """
        from fieldsmith.web.serve import serve as serve_web

        serve_web(session.settings())

    @command(main, "config")
    def config(session: Session) -> None:
        """Print every setting and where its value came from."""
        rows = session.settings().rows()
        session.answer([{"key": key, "value": value, "origin": origin} for key, value, origin in rows])
        session.table(("setting", "value", "from"), rows)

    @command(main, "doctor")
    @click.option("--repair", is_flag=True, help="Show the steps that make the database what the metadata say, ask, and do them.")
    @click.option("--yes", is_flag=True, help="Repair without asking.")
    def doctor(session: Session, repair: bool, yes: bool) -> None:
        """Check database, model, files and front end; exit 1 when something is wrong."""
        with session.workspace() as workspace:
            if repair:
                _repair(session, workspace, yes)
            findings, advice = examine(workspace), advise(workspace)
        advised = [sentence.render(session.words) for sentence in advice]
        session.answer({"ok": not findings, "problems": [problem.to_json(session.words) for problem in findings], "advice": advised})
        if not session.as_json:
            for problem in findings:
                click.echo(problem_line(problem, session.words))
        for sentence in advice:
            session.say(sentence)
        if findings:
            raise SystemExit(1)
        session.say(_m("Everything is in order."))

    @command(main, "shell")
    def shell(session: Session) -> None:
        """A Python prompt with the workspace: ws, actor (the operator)."""
        with session.workspace() as workspace:
            names = {"ws": workspace, "actor": OPERATOR}
            code.interact(_m("ws is the workspace, actor the operator. Ctrl-D leaves.").render(session.words), local=names, exitmsg="")


def _repair(session: Session, workspace: Workspace, yes: bool) -> None:
    """What is missing in the database is made again, after it was shown."""
    planned = workspace.repairing.plan(OPERATOR)
    if not planned.operations:
        session.say(_m("Nothing is missing in the database."))
        return
    waits = [" ".join(text.render(session.words) for text in item.waits) for item in planned.operations]
    session.table(("step", "risk", "waits"), [(item.title.render(session.words), item.risk, who) for item, who in zip(planned.operations, waits, strict=True)])
    if not session.as_json:
        for statement in (statement for item in planned.operations for statement in item.sql):
            click.echo(statement)
    if not yes and not session.as_json and not click.confirm(_m("Do this?").render(session.words)):
        raise SystemExit(1)
    if yes or not session.as_json:
        steps = workspace.repairing.repair(OPERATOR, planned.hash)
        session.say(_m("Repaired. Steps: {count}.", count=steps))
        fill(session, workspace)


def _init(session: Session, with_demo: bool, admin: str | None, password_file: Path | None) -> None:
    password = password_from(password_file)
    if admin is not None and password is None:
        raise click.UsageError("--admin needs --password-file")
    with session.workspace(empty=True) as workspace:
        revision = install_shipped(workspace, OPERATOR)
        fill(session, workspace)
        session.say(_m("The workspace in {home} is at revision {revision}.", home=os.fspath(workspace.settings.home), revision=revision))
        made = None
        if admin is not None:
            with workspace.read() as work:
                there = users_of(work, workspace).has_administrator()
            if there:
                session.say(_m("There is an administrator already; {name} was not made.", name=admin))
            else:
                email = admin if "@" in admin else None
                made = add_user(workspace, OPERATOR, admin, email, ("administrator",), password)
                session.say(_m("{name} may sign in as administrator.", name=admin))
        loaded = 0
        if with_demo:
            with workspace.read() as work:
                there = demo.is_loaded(work)
            if not there:
                loaded = demo.load(workspace, OPERATOR, workspace.runtime().model.company.language)
                session.say(_m("{count} demo records were loaded.", count=loaded))
        session.answer({"revision": revision, "administrator": made, "demo": loaded})
