"""Packages of metadata: list, check, diff, apply, export."""

from __future__ import annotations

from pathlib import Path

import click

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.cli.session import Session, command, problem_line
from fieldsmith.db.fill import Filled
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.packages import read_package, write_package
from fieldsmith.meta.schemas import SchemaSet
from fieldsmith.studio.publish import Proposal
from fieldsmith.workspace import Workspace

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


def add_to(main: click.Group) -> None:
    """Add the group `package` to `main`."""

    @main.group("package")
    def package() -> None:
        """Packages of metadata: folders of JSON documents."""

    @command(package, "list")
    def listing(session: Session) -> None:
        """The packages installed in the workspace."""
        with session.workspace() as workspace:
            found = list(workspace.runtime().model.packages.values())
        session.answer([{"name": item.name, "version": item.version, "requires": list(item.requires)} for item in found])
        session.table(("package", "version", "requires"), [(item.name, item.version, ", ".join(item.requires)) for item in found])

    @command(package, "check")
    @click.argument("folder", type=_FOLDER)
    def check(session: Session, folder: Path) -> None:
        """Find every problem the package in FOLDER would have in this workspace."""
        with session.workspace() as workspace:
            problems = workspace.publishing.check([read_package(folder)])
        session.answer({"problems": [problem.to_json(session.words) for problem in problems]})
        if not session.as_json:
            for problem in problems:
                click.echo(problem_line(problem, session.words), err=True)
        if problems:
            raise SystemExit(1)
        session.say(_m("No problems."))

    @command(package, "diff")
    @click.argument("folder", type=_FOLDER)
    def diff(session: Session, folder: Path) -> None:
        """Show what applying the package in FOLDER would change, with the SQL."""
        with session.workspace() as workspace:
            _show(session, workspace.publishing.propose([read_package(folder)]))

    @command(package, "apply")
    @click.argument("folder", type=_FOLDER)
    @click.option("--yes", is_flag=True, help="Do not ask.")
    def apply(session: Session, folder: Path, yes: bool) -> None:
        """Apply the package in FOLDER: check, plan, publish. So far only additions are taken."""
        layer = read_package(folder)
        with session.workspace() as workspace:
            _apply(session, workspace, layer, yes)

    @command(package, "export")
    @click.argument("name")
    @click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
    def export(session: Session, name: str, folder: Path) -> None:
        """Write the installed package NAME (or “custom”) to FOLDER, one document per file."""
        with session.workspace() as workspace, workspace.read() as work:
            layers = {layer.name: layer for layer in workspace.store.load(work.connection).layers}
            if name not in layers:
                message = _m("There is no package “{name}” in this workspace.", name=name)
                raise BadInput([Problem("unknown_package", message, "/name", did_you_mean(name, layers))], message)
            written = write_package(layers[name], folder, SchemaSet.load(), workspace.types)
        session.say(_m("{count} files were written to {folder}.", count=len(written), folder=str(folder)))
        session.answer({"files": [str(path) for path in written]})


def _apply(session: Session, workspace: Workspace, layer: Layer, yes: bool) -> None:
    proposal = workspace.publishing.propose([layer])
    if not proposal.differences:
        session.say(_m("Nothing to change."))
        session.answer({"revision": proposal.base, "differences": []})
        return
    if not session.as_json:
        _show(session, proposal)
    if not yes and not session.as_json and not click.confirm(_m("Publish this?").render(session.words)):
        raise SystemExit(1)
    revision = workspace.publish(OPERATOR, [layer], f"apply package {layer.name} {layer.version}".strip(), base=proposal.base)
    session.say(_m("Published as revision {revision}.", revision=revision))
    fill(session, workspace)
    session.answer({"revision": revision, "differences": [str(item.message) for item in proposal.differences]})


def fill(session: Session, workspace: Workspace) -> None:
    """Fill new columns of computed fields, and tell of it in tenths."""
    told: dict[str, int] = {}

    def tell(filled: Filled) -> None:
        tenth = filled.last * 10 // filled.target
        if told.get(filled.entity.name) != tenth:
            told[filled.entity.name] = tenth
            session.say(_m("{entity}: computed fields are filled to {percent} %.", entity=filled.entity.plural, percent=tenth * 10))

    workspace.filling.run(tell)


def _show(session: Session, proposal: Proposal) -> None:
    steps = proposal.plan.steps
    say = session.words
    differences = [{"document": item.document, "pointer": item.pointer, "message": item.message.render(say)} for item in proposal.differences]
    operations = [{"title": step.title.render(say), "sql": list(step.sql), "rows": step.rows, "risk": step.risk} for step in steps]
    session.answer({"differences": differences, "operations": operations})
    if session.as_json:
        return
    for item in proposal.differences:
        click.echo(f"{item.document}{item.pointer}: {item.message.render(session.words)}")
    for step in steps:
        click.echo(f"- {step.title.render(session.words)} ({step.risk})")
        for sql in step.sql:
            click.echo("    " + sql.replace("\n", "\n    "))
    if not proposal.differences:
        session.say(_m("Nothing to change."))
