"""People and their API tokens: user add, token new."""

from __future__ import annotations

from pathlib import Path

import click

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.text import _m
from fieldsmith.cli.session import Session, command, password_from, users_of
from fieldsmith.identity import tokens
from fieldsmith.rollout.installing import add_user
from fieldsmith.workspace import Work


def add_to(main: click.Group) -> None:
    """Add the groups `user` and `token` to `main`."""

    @main.group("user")
    def user() -> None:
        """People who sign in."""

    @command(user, "add")
    @click.argument("name")
    @click.option("--email", help="E-mail address; one may sign in with it too.")
    @click.option("--role", "roles", multiple=True, required=True, help="Role to hold; may be given more than once.")
    @click.option("--password-file", type=click.Path(path_type=Path, dir_okay=False), help="File whose first line is the password.")
    def add(session: Session, name: str, email: str | None, roles: tuple[str, ...], password_file: Path | None) -> None:
        """Make a user who signs in as NAME.

        Without a password file the user cannot sign in, only hold API tokens.
        """
        password = password_from(password_file)
        with session.workspace() as workspace:
            user_id = add_user(workspace, OPERATOR, name, email, roles, password)
        session.say(_m("User {name} was added.", name=name))
        session.answer({"id": user_id, "name": name, "roles": list(roles)})

    @main.group("token")
    def token() -> None:
        """API tokens."""

    @command(token, "new")
    @click.option("--user", "name", required=True, help="Login name or e-mail address of the user the token acts as.")
    @click.option("--scope", "scopes", multiple=True, help="read, write or all (the default); may be given more than once.")
    @click.option("--label", default="CLI", show_default=True, help="What the token is for.")
    def new(session: Session, name: str, scopes: tuple[str, ...], label: str) -> None:
        """Make an API token and print it, once."""
        with session.workspace() as workspace:

            def make(work: Work) -> str:
                login = users_of(work, workspace).find(name)
                return tokens.create(work.connection, work.now, OPERATOR, login.user_id, label, scopes or ("all",))

            made = workspace.write(make)
        session.answer({"token": made})
        if not session.as_json:
            click.echo(made)
