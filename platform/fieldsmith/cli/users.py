"""People and their doors: user add, suspend, resume, sign-out, reset-link, reset-totp, token new."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.text import Message, _m
from fieldsmith.cli.session import Session, command, password_from, users_of
from fieldsmith.identity import audit, resets, sessions, tokens
from fieldsmith.identity.second_factor import SecondFactor
from fieldsmith.identity.users import Users
from fieldsmith.rollout.installing import add_user
from fieldsmith.web.serve import address
from fieldsmith.workspace import Work


def add_to(main: click.Group) -> None:
    """Add the groups `user` and `token` to `main`."""
    _add_token(main)

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

    _add_suspension(user)
    _add_resets(user)


def _add_suspension(user: click.Group) -> None:
    @command(user, "suspend")
    @click.argument("name")
    def suspend(session: Session, name: str) -> None:
        """Keep NAME out: signed out everywhere, and API tokens are refused."""
        _change(session, name, lambda work, users, id: users.set_active(OPERATOR, id, False), _m("{name} is suspended.", name=name))

    @command(user, "resume")
    @click.argument("name")
    def resume(session: Session, name: str) -> None:
        """Let NAME in again."""
        _change(session, name, lambda work, users, id: users.set_active(OPERATOR, id, True), _m("{name} may sign in again.", name=name))

    @command(user, "sign-out")
    @click.argument("name")
    def sign_out(session: Session, name: str) -> None:
        """End every session of NAME."""

        def end(work: Work, users: Users, id: int) -> None:
            audit.note(work.connection, work.now, OPERATOR, "session.ended_all", str(id), count=sessions.end_all(work.connection, id))

        _change(session, name, end, _m("{name} was signed out everywhere.", name=name))


def _add_resets(user: click.Group) -> None:
    @command(user, "reset-link")
    @click.argument("name")
    def reset_link(session: Session, name: str) -> None:
        """Print a link behind which NAME chooses a new password: once, within the hour."""
        with session.workspace() as workspace:

            def make(work: Work) -> str:
                users = users_of(work, workspace)
                return resets.make(work.connection, work.now, OPERATOR, users, users.find(name).user_id)

            link = f"{address(workspace.settings)}/login/reset?token={workspace.write(make)}"
        session.answer({"link": link})
        if not session.as_json:
            click.echo(link)

    @command(user, "reset-totp")
    @click.argument("name")
    def reset_totp(session: Session, name: str) -> None:
        """Take the second factor of NAME off, whose phone and recovery codes are gone."""
        with session.workspace() as workspace:

            def take_off(work: Work) -> bool:
                factor = SecondFactor(work.connection, workspace.settings.secret, work.now)
                return factor.remove(OPERATOR, users_of(work, workspace).find(name).user_id)

            was = workspace.write(take_off)
        session.say(_m("The second factor of {name} was taken off.", name=name) if was else _m("{name} had no second factor.", name=name))
        session.answer({"name": name, "removed": was})


def _add_token(main: click.Group) -> None:
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


def _change(session: Session, name: str, change: Callable[[Work, Users, int], None], said: Message) -> None:
    with session.workspace() as workspace:

        def write(work: Work) -> int:
            users = users_of(work, workspace)
            id = users.find(name).user_id
            change(work, users, id)
            return id

        id = workspace.write(write)
    session.say(said)
    session.answer({"id": id, "name": name})
