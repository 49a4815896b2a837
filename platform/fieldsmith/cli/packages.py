"""Packages of metadata: list, check, diff, apply. Export, new and seal are in `package_folders`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import click

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from fieldsmith.base.text import _m
from fieldsmith.cli import package_folders
from fieldsmith.cli.session import Session, command, problem_line, shown_line
from fieldsmith.db.fill import Filled
from fieldsmith.meta.documents import read_json
from fieldsmith.meta.layers import CUSTOM, Layer
from fieldsmith.meta.packages import read_package, shipped_packages
from fieldsmith.studio.bundle import read_bundle
from fieldsmith.studio.upgrade import Upgrade
from fieldsmith.studio.upgrade_settling import Clash, Settlement, read_settlement, shown
from fieldsmith.workspace import Workspace

_LONGEST_LIST = 200


class _Source(click.ParamType[Any]):
    """A package folder, a ZIP or JSON file of one, or the name of a package that comes with the program."""

    name = "folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and value in shipped_packages() and not Path(value).exists():
            return value
        one_file = Path(value).suffix.lower() in (".zip", ".json")
        return click.Path(path_type=Path, exists=True, file_okay=one_file).convert(value, param, ctx)


_FOLDER = _Source()


def add_to(main: click.Group) -> None:
    """Add the group `package` to `main`."""

    @main.group("package")
    def package() -> None:
        """Packages of metadata: folders of JSON documents."""

    @command(package, "list")
    def listing(session: Session) -> None:
        """The packages installed in the workspace, with how much of each was changed here and what waits to be settled."""
        with session.workspace() as workspace:
            listed = [item.to_json() for item in workspace.upgrades.listed(OPERATOR)]
        session.answer(listed)
        header = ("package", "version", "requires", "changed here", "to settle")
        session.table(header, [[", ".join(value) if isinstance(value, list) else str(value) for value in item.values()] for item in listed])

    @command(package, "check")
    @click.argument("folder", type=_FOLDER)
    @click.option("--unsealed", is_flag=True, help="Take it although its seal is broken.")
    def check(session: Session, folder: Path | str, unsealed: bool) -> None:
        """Find every problem the package in FOLDER would have in this workspace."""
        with session.workspace() as workspace:
            try:
                problems = list(workspace.upgrades.plan(OPERATOR, [_read(folder, unsealed)]).problems)
            except BadInput as error:
                problems = list(error.problems)
        session.answer({"problems": [problem.to_json(session.words) for problem in problems]})
        if not session.as_json:
            for problem in problems:
                click.echo(problem_line(problem, session.words), err=True)
        if problems:
            raise SystemExit(1)
        session.say(_m("No problems."))

    @command(package, "diff")
    @click.argument("folder", type=_FOLDER)
    @click.option("--unsealed", is_flag=True, help="Take it although its seal is broken.")
    def diff(session: Session, folder: Path | str, unsealed: bool) -> None:
        """Show what applying the package in FOLDER would change, value by value, with the SQL."""
        with session.workspace() as workspace:
            upgrade = workspace.upgrades.plan(OPERATOR, [_read(folder, unsealed)])
        if upgrade.problems:
            raise BadInput(upgrade.problems, _m("The metadata has problems; nothing was changed."))
        _show(session, upgrade)

    _add_apply(package)
    package_folders.add_to(package)


def _add_apply(package: click.Group) -> None:
    @command(package, "apply")
    @click.argument("folder", type=_FOLDER)
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @click.option("--keep-mine", "all_", flag_value="keep", help="Where this workspace and the package differ, keep the workspace's.")
    @click.option("--take-theirs", "all_", flag_value="take", help="Where they differ, take the package's.")
    @click.option("--settle", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="A JSON file with a choice for each path.")
    @click.option("--unsealed", is_flag=True, help="Take it although its seal is broken.")
    def apply(session: Session, folder: Path | str, yes: bool, all_: Literal["keep", "take"] | None, settle: Path | None, unsealed: bool) -> None:
        """Apply the package in FOLDER: check, plan, publish. What was changed here is kept; what clashes must be settled.

        FOLDER may also be a ZIP or JSON file of a package, or the name of one that comes with Fieldsmith. A file for --settle
        says “keep”, “take” or a value for each path: {"entity/deal/label": "keep", "view/deal.all/filter": {"value": "…"}}
        """
        layer = _read(folder, unsealed)
        sent = read_json(settle.read_bytes(), str(settle)) if settle is not None else {}
        with session.workspace() as workspace:
            _apply(session, workspace, layer, yes, read_settlement(sent, all_))


def _read(source: Path | str, unsealed: bool) -> Layer:
    if isinstance(source, str):
        return read_package(shipped_packages()[source])
    return read_package(source, unsealed) if source.is_dir() else read_bundle(source.read_bytes(), unsealed)


def _apply(session: Session, workspace: Workspace, layer: Layer, yes: bool, settlement: Settlement) -> None:
    upgrade = workspace.upgrades.plan(OPERATOR, [layer], settlement)
    if upgrade.clashes or upgrade.problems:
        _refuse(session, upgrade)
    if not upgrade.changes and not upgrade.differences:
        workspace.upgrades.publish(OPERATOR, [layer], _reason(layer), settlement, upgrade.hash)
        session.say(_m("Nothing to change."))
        session.answer({"revision": upgrade.base, "differences": []})
        return
    if not session.as_json:
        _show(session, upgrade)
    if not yes and not session.as_json and not click.confirm(_m("Publish this?").render(session.words)):
        raise SystemExit(1)
    revision = workspace.upgrades.publish(OPERATOR, [layer], _reason(layer), settlement, upgrade.hash)
    session.say(_m("Published as revision {revision}.", revision=revision))
    fill(session, workspace)
    session.answer({"revision": revision, "differences": [str(item.message) for item in upgrade.differences]})


def _reason(layer: Layer) -> str:
    return f"apply package {layer.label}" if layer.name != CUSTOM else "apply the own layer of another workspace"


def _refuse(session: Session, upgrade: Upgrade) -> None:
    """Leave with everything that must be put right or settled first."""
    if not upgrade.clashes:
        raise BadInput(upgrade.problems, _m("The package cannot be applied yet; nothing was changed."))
    if session.as_json:
        body = {"clashes": clashes_json(session, upgrade.clashes), "errors": [problem.to_json(session.words) for problem in upgrade.problems]}
        title = _m("The package cannot be applied yet; nothing was changed.").render(session.words)
        click.echo(json.dumps({"title": title, **body}, ensure_ascii=False, indent=2), err=True)
        raise SystemExit(1)
    for problem in upgrade.problems:
        click.echo(problem_line(problem, session.words), err=True)
    for clash in upgrade.clashes:
        click.echo(shown_line(f"{clash.path}: {clash.reason.render(session.words)}"), err=True)
        for name, value in ((_m("base"), clash.base), (_m("mine"), clash.mine), (_m("theirs"), clash.theirs)):
            click.echo(shown_line(f"    {name.render(session.words)}: {shown(value)}"), err=True)
    message = _m("{count} places must be settled: --keep-mine, --take-theirs, or --settle FILE with a choice for each path.", count=len(upgrade.clashes))
    click.echo(message.render(session.words), err=True)
    raise SystemExit(1)


def clashes_json(session: Session, clashes: Sequence[Clash]) -> list[dict[str, Any]]:
    """Clashes as the JSON of commands has them."""
    return [
        {"path": item.path, "base": item.base, "mine": item.mine, "theirs": item.theirs, "reason": item.reason.render(session.words), "ways": list(item.ways)}
        for item in clashes
    ]


def fill(session: Session, workspace: Workspace) -> None:
    """Fill new columns of computed fields, and tell of it in tenths."""
    told: dict[str, int] = {}

    def tell(filled: Filled) -> None:
        tenth = filled.last * 10 // filled.target
        if told.get(filled.entity.name) != tenth:
            told[filled.entity.name] = tenth
            session.say(_m("{entity}: computed fields are filled to {percent} %.", entity=filled.entity.plural, percent=tenth * 10))

    workspace.filling.run(tell)


def _show(session: Session, upgrade: Upgrade) -> None:
    words = session.words
    differences = [{"document": item.document, "pointer": item.pointer, "message": item.message.render(words)} for item in upgrade.differences]
    operations = [
        {
            "path": item.path,
            "title": item.title.render(words),
            "sql": list(item.sql),
            "rows": item.rows,
            "risk": item.risk,
            "uses": [f"{use.kind}/{use.name}{use.pointer}" for use in item.uses],
        }
        for item in upgrade.operations
    ]
    changed = [item.to_json() for item in upgrade.changes]
    notes = [{"path": path, "message": message.render(words)} for path, message in upgrade.notes]
    session.answer(
        {"differences": differences, "changes": changed, "operations": operations, "clashes": clashes_json(session, upgrade.clashes), "notes": notes}
    )
    if not session.as_json:
        _tell(session, upgrade)


def _tell(session: Session, upgrade: Upgrade) -> None:
    for item in upgrade.changes[:_LONGEST_LIST]:
        click.echo(shown_line(f"{item.path}: {shown(item.before)} → {shown(item.after)}"))
    if len(upgrade.changes) > _LONGEST_LIST:
        session.say(_m("… and {count} more; --json lists them all.", count=len(upgrade.changes) - _LONGEST_LIST))
    for operation in upgrade.operations:
        click.echo(shown_line(f"- {operation.title.render(session.words)} ({operation.risk})"))
        for sql in operation.sql:
            click.echo("    " + sql.replace("\n", "\n    "))
        for use in operation.uses:
            click.echo(shown_line("    " + _m("used in {place}", place=f"{use.kind}/{use.name}{use.pointer}").render(session.words)))
    for path, message in upgrade.notes:
        click.echo(shown_line(f"{path}: {message.render(session.words)}"))
    for clash in upgrade.clashes:
        click.echo(shown_line(f"! {clash.path}: {clash.reason.render(session.words)} ({shown(clash.mine)} | {shown(clash.theirs)})"))
    if not upgrade.changes and not upgrade.clashes:
        session.say(_m("Nothing to change."))
