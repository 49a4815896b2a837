"""What every command shares: `--home` and `--json`, the workspace it opens, how it answers and how it fails.

    @command(main, "doctor", help="…")
    def doctor(session: Session) -> None: ...

Answers go to stdout (as JSON with `--json`), errors to stderr; exit 1 for bad input, 2 for wrong usage.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
from babel.support import Translations

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import BadInput, FieldsmithError
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.settings import Settings
from fieldsmith.base.text import Message, Words, _m
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.meta.system_fields import USER
from fieldsmith.rollout.installing import require_installed
from fieldsmith.workspace import Work, Workspace

_SPOKEN = ("en", "zh_Hans", "zh_Hant")
_LANGUAGES = (("zh_tw", "zh_Hant"), ("zh_hk", "zh_Hant"), ("zh_hant", "zh_Hant"), ("zh", "zh_Hans"))


@dataclass(frozen=True, slots=True)
class Session:
    """One command run: where the workspace is and how to speak."""

    home: Path | None
    as_json: bool
    words: Words

    def settings(self) -> Settings:
        return Settings.load(os.environ, self.home)

    @contextmanager
    def workspace(self, *, empty: bool = False) -> Iterator[Workspace]:
        """The workspace, opened and closed. Raises `BadInput` with the cure when nothing was installed in it (unless `empty`)."""
        found = Workspace.open(self.settings())
        try:
            if not empty:
                require_installed(found.runtime().model)
            yield found
        finally:
            found.close()

    def say(self, message: Message) -> None:
        """A sentence for people; not shown with `--json`."""
        if not self.as_json:
            click.echo(message.render(self.words))

    def answer(self, value: Any) -> None:
        """The JSON answer; only shown with `--json`."""
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False, indent=2))

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Rows in aligned columns; not shown with `--json`."""
        if self.as_json or not rows:
            return
        rows = [[shown_line(cell) for cell in row] for row in rows]
        widths = [min(max(_width(row[at]) for row in (header, *rows)), 60) for at in range(len(header))]
        for row in (header, ["-" * width for width in widths], *rows):
            click.echo("  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip())


def command(group: click.Group, name: str, **settings: Any) -> Callable[[Callable[..., None]], click.Command]:
    """Add a command that gets a `Session` first; `--home` and `--json` are taken care of."""

    def add(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def run(home: Path | None, as_json: bool, **arguments: Any) -> None:
            session = Session(home, as_json, _words())
            try:
                _require_text(arguments)
                function(session, **arguments)
            except FieldsmithError as error:
                fail(session, error)
            except BrokenPipeError:
                raise  # who reads the answer went away, as `head` does: click knows
            except OSError as error:
                fail(session, _unusable(error))

        run = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")(run)
        run = click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Workspace folder (else FIELDSMITH_HOME, else ./var).")(run)
        return group.command(name, **settings)(run)

    return add


def _require_text(arguments: Mapping[str, Any]) -> None:
    """Python hands over bytes of an argument that are not UTF-8 as half surrogate pairs, which nothing can store or print."""
    for name, value in arguments.items():
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, (str, Path)) and any("\ud800" <= sign <= "\udfff" for sign in str(text)):
                message = _m("“{name}” has bytes that are not UTF-8 text.", name=name)
                raise BadInput([Problem("not_utf8", message, pointer(name), _m("Type it again, or rename the file."))], message)


def _unusable(error: OSError) -> BadInput:
    """A file or folder the operating system does not let us use."""
    message = _m("“{name}” cannot be used: {reason}.", name=str(error.filename or ""), reason=error.strerror or type(error).__name__)
    return BadInput([Problem("unusable_file", message, "", _m("Check the path, the rights on it and the space on the disk."))], message)


def fail(session: Session, error: FieldsmithError) -> None:
    """Say on stderr what is wrong and how to mend it, and leave with exit code 1."""
    if session.as_json:
        body = {"title": error.title.render(session.words), "errors": [problem.to_json(session.words) for problem in error.problems]}
        click.echo(json.dumps(body, ensure_ascii=False, indent=2), err=True)
    else:
        click.echo(shown_line(error.title.render(session.words)), err=True)
        for problem in error.problems:
            click.echo("  " + problem_line(problem, session.words), err=True)
    sys.exit(1)


def problem_line(problem: Problem, words: Words) -> str:
    """`crm/entity/account.json:12 /fields/amount: sentence cure`."""
    place = problem.document or ""
    if problem.line is not None:
        place += f":{problem.line}" if place else f"{problem.line}"
    where = " ".join(part for part in (place, problem.pointer) if part)
    message = problem.message.render(words)
    hint = f" {problem.hint.render(words)}" if problem.hint is not None else ""
    return shown_line(f"{where}: {message}{hint}" if where else f"{message}{hint}")


def users_of(work: Work, workspace: Workspace) -> Users:
    return Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now)


def acting_as(workspace: Workspace, name: str | None) -> Actor:
    """The audited operator, or with a login name or e-mail that user with just that user's rights, language and time zone."""
    if name is None:
        return OPERATOR
    with workspace.read() as work:
        login = users_of(work, workspace).find(name)
        person, company = work.records.get(OPERATOR, USER, login.user_id).values, work.model.company
        language = next((name for name in _SPOKEN if name.lower() == (person.get("language") or "").lower()), company.language)
        return Actor("user", login.user_id, login.name, login.roles, language, person.get("time_zone") or company.timezone, "cli", OPERATOR.name)


def password_from(file: Path | None) -> str | None:
    """The first line of a password file, None without a file. Raises `BadInput` when it cannot be read."""
    if file is None:
        return None
    try:
        return file.read_text("utf-8").splitlines()[0]
    except (OSError, UnicodeError, IndexError) as error:
        message = _m("The password file “{name}” cannot be read or is empty.", name=str(file))
        raise BadInput([Problem("unreadable_file", message, "/password_file", _m("Put the password in its first line."))], message) from error


def _words() -> Words:
    said = (os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "").lower()
    language = next((language for start, language in _LANGUAGES if said.startswith(start)), "en")
    found = Translations.load(str(files("fieldsmith.locales")), [language])
    return Words(language, found.gettext)


def shown_line(text: str) -> str:
    """`text` without what would steer the terminal."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _width(text: str) -> int:
    """Columns `text` takes in a terminal: East Asian characters take two."""
    return sum(2 if ord(sign) >= 0x1100 else 1 for sign in text)


def _padded(text: str, width: int) -> str:
    while _width(text) > width:
        text = text[:-2] + "…" if len(text) > 1 else ""
    return text + " " * (width - _width(text))
