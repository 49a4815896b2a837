"""Why somebody may or may not do something: explain access."""

from __future__ import annotations

from collections.abc import Iterator

import click

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import NotFound
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import Message, _m
from fieldsmith.cli.session import Session, command, shown_line
from fieldsmith.records.explaining import Explained, explain, subject_named
from fieldsmith.records.explaining_rows import Check


def add_to(main: click.Group) -> None:
    """Add the group `explain` to `main`."""

    @main.group("explain")
    def explaining() -> None:
        """Why something is as it is."""

    @command(explaining, "access")
    @click.argument("user")
    @click.argument("entity")
    @click.argument("id", type=click.IntRange(1, 2**63 - 1), required=False)
    @click.argument("field", required=False)
    @click.option("--sql", is_flag=True, help="Also show the condition on rows as the database gets it.")
    def access(session: Session, user: str, entity: str, id: int | None, field: str | None, sql: bool) -> None:
        """May USER (login name, or number) work with records of ENTITY, with record ID, with its FIELD? And why.

        Every right is answered, with what was looked at in the order it is evaluated: + holds, - does not, and which of them decide.
        """
        with session.workspace() as workspace, workspace.read() as work:
            found = explain(work, OPERATOR, subject_named(work, user), entity, id)
        if field is not None and field not in found.fields:
            message = _m("{entity} has no field “{name}”.", entity=found.entity.label, name=field[:100])
            raise NotFound(message, [Problem("unknown_field", message, "/field", did_you_mean(field[:100], found.fields))])
        session.answer(_as_json(session, found, field))
        if not session.as_json:
            _print(session, found, field, sql)


def _as_json(session: Session, found: Explained, field: str | None) -> dict[str, object]:
    words = session.words
    rights = {
        right: {
            "allowed": answer.allowed,
            "because": [sentence.render(words) for sentence in answer.because],
            "checks": [{"holds": holds, "sentence": sentence.render(words), "depth": depth} for depth, holds, sentence in _lines(answer.checks)],
            "sql": answer.sql,
        }
        for right, answer in found.answers.items()
    }
    fields = {name: {"use": answer.use, "because": answer.because.render(words)} for name, answer in found.fields.items() if field in (None, name)}
    return {"user": found.subject.id, "entity": found.entity.name, "id": found.id, "rights": rights, "fields": fields}


def _print(session: Session, found: Explained, field: str | None, sql: bool) -> None:
    if field is not None:
        answer = found.fields[field]
        said = {"none": _m("no"), "masked": _m("masked"), "read": _m("read"), "update": _m("read and change")}[answer.use]
        session.say(_m("{field}: {use}. {because}", field=found.entity.fields[field].label, use=said, because=answer.because))
        return
    for each in found.answers.values():
        click.echo(shown_line(each.sentence.render(session.words)))
        for depth, holds, sentence in _lines(each.checks):
            mark = " " if holds is None else "+" if holds else "-"
            click.echo(shown_line(f"  {'  ' * depth}{mark} {sentence.render(session.words)}"))
        if sql and each.sql:
            click.echo("    " + shown_line(" ".join(each.sql.split())))


def _lines(checks: tuple[Check, ...], depth: int = 0) -> Iterator[tuple[int, bool | None, Message]]:
    for check in checks:
        yield depth, check.holds, check.sentence
        yield from _lines(check.inner, depth + 1)
