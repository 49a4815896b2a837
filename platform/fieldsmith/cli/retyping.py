"""Another type for a field, with its values: retype."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.cli.session import Session, command, shown_line
from fieldsmith.meta.documents import read_json

if TYPE_CHECKING:
    from fieldsmith.studio.retyping import DryRun


def add_to(main: click.Group) -> None:
    """Add `retype` to `main`."""

    @command(main, "retype")
    @click.argument("entity")
    @click.argument("field")
    @click.argument("type")
    @click.option("--option", "options", multiple=True, help="NAME=VALUE: an option of the new type, such as choices=colour or scale=2.")
    @click.option("--map", "map_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help='JSON file: {"n/a": null, "Hot": "hot"}.')
    @click.option("--leave-blank", is_flag=True, help="What does not convert becomes blank.")
    @click.option("--date-format", help="How dates are written, such as dd.MM.yyyy.")
    @click.option("--locale", help="Whose decimal form numbers have, such as de.")
    @click.option("--dry-run", is_flag=True, help="Try it on every record and change nothing.")
    def retype(
        session: Session,
        entity: str,
        field: str,
        type: str,
        options: Sequence[str],
        map_file: Path | None,
        leave_blank: bool,
        date_format: str | None,
        locale: str | None,
        dry_run: bool,
    ) -> None:
        """Change the type of FIELD of ENTITY to TYPE and carry its values over.

        The values as they are now are kept: rolling back brings them back. Large tables are filled while others go on working.
        """
        from fieldsmith.studio.retyping_wish import wish_from

        sent = {"type": type, "options": _options(options), "leave_blank": leave_blank, "date_format": date_format, "locale": locale}
        wish = wish_from(entity, field, {**sent, "map": {} if map_file is None else _mapping(map_file)})
        with session.workspace() as workspace:
            if dry_run:
                _tell(session, workspace.retyping.look(OPERATOR, wish))
                return
            job = workspace.retyping.start(OPERATOR, wish)
            if job.state != "done":
                workspace.retyping.jobs.run()
                job = workspace.retyping.get(OPERATOR, job.id)
            if job.state != "done":
                raise BadInput([Problem(item["code"], _m("{message}", message=item["message"]), item["pointer"]) for item in job.problems])
            session.say(_m("Published as revision {revision}.", revision=job.revision))
            session.answer({"id": job.id, "revision": job.revision, "converted": job.converted, "rounded": job.rounded, "blank": job.blank})


def _options(given: Sequence[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for item in given:
        name, sign, value = item.partition("=")
        if not sign or not name:
            message = _m("“{value}” is no option. Write NAME=VALUE.", value=item[:100])
            raise BadInput([Problem("bad_option", message, "/option")])
        try:
            out[name] = json.loads(value)
        except ValueError:
            out[name] = value
    return out


def _mapping(file: Path) -> Any:
    return read_json(file.read_text(encoding="utf-8"))


def _tell(session: Session, dry: DryRun) -> None:
    words = session.words
    counts = {key: getattr(dry, key) for key in ("rows", "converted", "rounded", "blank", "failed")}
    failing = [{"id": item.id, "value": item.value, "message": item.message.render(words)} for item in dry.failing]
    session.answer({**counts, "failing": failing, "values": dict(dry.values), "problems": [problem.to_json(words) for problem in dry.problems]})
    if session.as_json:
        return
    session.table(tuple(counts), [[str(value) for value in counts.values()]])
    for item in failing:
        click.echo(shown_line(f"#{item['id']} {item['value']}: {item['message']}"))
    for problem in dry.problems:
        click.echo(shown_line(str(problem)))
