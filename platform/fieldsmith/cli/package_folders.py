"""Package folders: export, new, seal."""

from __future__ import annotations

from pathlib import Path

import click

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.text import _m
from fieldsmith.cli.session import Session, command
from fieldsmith.fields.registry import field_types
from fieldsmith.meta.packages import seal_package, write_package
from fieldsmith.meta.schemas import SchemaSet
from fieldsmith.studio.bundle_new import new_package

_TARGET = click.Path(path_type=Path, file_okay=False)


def add_to(package: click.Group) -> None:
    """Add the commands to the group `package`."""

    @command(package, "export")
    @click.argument("name")
    @click.argument("folder", type=_TARGET)
    @click.option("--only", multiple=True, metavar="PATH", help="Only this and what it needs, such as entity/rental; may be given several times.")
    @click.option("--as", "as_", metavar="NAME", help="With --only: as a package of its own with this name.")
    def export(session: Session, name: str, folder: Path, only: tuple[str, ...], as_: str | None) -> None:
        """Write the installed package NAME to FOLDER, one document per file, sealed.

        “custom” is what was changed and made in this workspace itself: all of it, or with --only a part that leaves everything
        else as it is where it is applied.
        """
        with session.workspace() as workspace:
            exported = workspace.upgrades.export(OPERATOR, name, only, as_)
            written = write_package(exported.layer, folder, SchemaSet.load(), workspace.types)
        for item in exported.brought:
            session.say(_m("{path}: {why}", path=item.path, why=item.why))
        for path in exported.left:
            session.say(_m("{path} mentions it and was not chosen", path=path))
        session.say(_m("{count} files were written to {folder}.", count=len(written), folder=str(folder)))
        brought = [{"path": item.path, "why": item.why.render(session.words)} for item in exported.brought]
        answer = {"files": [str(path) for path in written], "brought": brought, "left": list(exported.left), "requires": list(exported.requires)}
        session.answer(answer)

    @command(package, "new")
    @click.argument("name")
    @click.argument("folder", type=_TARGET, required=False)
    def new(session: Session, name: str, folder: Path | None) -> None:
        """Begin a package NAME in FOLDER (else a folder of that name): an entity, its layout, view, tab and words."""
        written = new_package(name, folder or Path(name), SchemaSet.load(), field_types())
        session.say(_m("{count} files were written to {folder}.", count=len(written), folder=str(folder or name)))
        session.say(_m("Look at README.md there, then run “fieldsmith package check {folder}”.", folder=str(folder or name)))
        session.answer({"files": [str(path) for path in written]})

    @command(package, "seal")
    @click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
    def seal(session: Session, folder: Path) -> None:
        """Write package.sum, the checksums of FOLDER as it is now: who changes a file afterwards is refused."""
        path = seal_package(folder)
        session.say(_m("{path} was written.", path=str(path)))
        session.answer({"file": str(path)})
