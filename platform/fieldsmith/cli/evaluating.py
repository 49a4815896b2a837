"""Trying expressions out: eval."""

from __future__ import annotations

import json

import click

from fieldsmith.base.problems import Problem
from fieldsmith.cli.session import Session, acting_as, command, fail, problem_line, shown_line
from fieldsmith.expr.errors import ExpressionError, caret
from fieldsmith.fields.base import Json
from fieldsmith.records.evaluate import ENGINES, Engine, Evaluated, evaluate


def add_to(main: click.Group) -> None:
    """Add the command to `main`."""

    @command(main, "eval")
    @click.argument("expression", metavar="EXPR")
    @click.option("--entity", required=True, help="Entity whose fields the expression may name.")
    @click.option("--record", type=int, metavar="ID", help="Record to compute with; without it every field is blank.")
    @click.option("--explain", is_flag=True, help="Tell what each part of the expression gives, the innermost first.")
    @click.option("--engine", type=click.Choice(ENGINES), default="python", show_default=True, help="What computes; both give the same answer.")
    @click.option("--as", "user", metavar="USER", help="Act as this user (login name or e-mail address) instead of the operator.")
    def eval_(session: Session, expression: str, entity: str, record: int | None, explain: bool, engine: Engine, user: str | None) -> None:
        """Evaluate EXPR for a record of ENTITY.

        A decimal is shown without trailing zeros, a date with time in UTC, a blank as “blank”.
        """
        with session.workspace() as workspace, workspace.read() as work:
            actor = acting_as(workspace, user)
            try:
                found = evaluate(work, actor, entity, expression, id=record, engine=engine, explain=explain)
            except ExpressionError as error:
                _fail(session, expression, error)
                return
        _show(session, found)


def _show(session: Session, found: Evaluated) -> None:
    session.answer(found.json)
    if session.as_json:
        return
    if found.steps is not None:
        session.table(["part", "type", "value"], [[step.source, step.type.kind.value, _written(step.value)] for step in found.steps])
        click.echo()
    for line in _written(found.value).split("\n"):
        click.echo(shown_line(line))


def _written(value: Json) -> str:
    if value is None:
        return "blank"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _fail(session: Session, expression: str, error: ExpressionError) -> None:
    """`fail`, but with the line at fault and a caret below the place where people read it."""
    if not session.as_json:
        click.echo(shown_line(error.title.render(session.words)), err=True)
        for problem in error.problems:
            for line in caret(expression, problem).split("\n"):
                click.echo("    " + shown_line(line), err=True)
            click.echo("  " + problem_line(Problem(problem.code, problem.message, hint=problem.hint, line=problem.line), session.words), err=True)
        raise SystemExit(1)
    fail(session, error)
