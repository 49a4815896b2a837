"""Settings of one workspace: defaults ← `fieldsmith.toml` in the home ← environment, each value with where it came from.

`Settings.load` is called once by the command line (or a test) and handed to `Workspace.open`. Not for what people set in
the browser: that is the `company` document.
"""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import Message, _m

FILE_NAME = "fieldsmith.toml"
PREFIX = "FIELDSMITH_"
_SECRET_FILE = "secret"
_DATABASES = ("sqlite:", "sqlite+pysqlite:", "postgresql:", "postgresql+psycopg:")
_NAME = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?").fullmatch
_LEVELS = ("debug", "info", "warning", "error")


class _Wrong(Exception):
    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class Setting:
    """One key: its environment name is `FIELDSMITH_` and the key in capitals."""

    key: str
    read: Callable[[Any], Any]
    default: Any
    help: Message


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(raw: Any) -> int:
        text = str(raw).strip()
        if isinstance(raw, bool) or not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise _Wrong(_m("It must be a whole number from {low} to {high}.", low=low, high=high))
        return int(text)

    return read


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip() or any(ord(char) < 32 for char in raw):
        raise _Wrong(_m("It must be text in one line."))
    return raw.strip()


def _database(raw: Any) -> str:
    url = _text(raw)
    if not url.startswith(_DATABASES):
        raise _Wrong(_m("It must be a database URL that begins with “sqlite:///” or “postgresql://”."))
    return url


def _secret(raw: Any) -> str:
    text = _text(raw)
    if len(text) < 32:
        raise _Wrong(_m("It must have at least 32 characters."))
    return text


def _level(raw: Any) -> str:
    text = _text(raw).lower()
    if text not in _LEVELS:
        raise _Wrong(_m("It must be one of {choices}.", choices=", ".join(_LEVELS)))
    return text


def _names(raw: Any) -> tuple[str, ...]:
    """Host names or addresses between commas (or as a list in TOML), each perhaps with a port; small letters."""
    parts = raw if isinstance(raw, list) else str(raw).split(",")
    names = tuple(str(part).strip().lower().rstrip(".") for part in parts if str(part).strip())
    if any(_NAME(name) is None for name in names):
        raise _Wrong(_m("It must be names or addresses of hosts between commas, like “crm.example.com, 10.0.0.7:8080”."))
    return names


def _ports(raw: Any) -> tuple[int, ...]:
    parts = raw if isinstance(raw, list) else str(raw).split(",")
    return tuple(_whole(1, 65535)(part) for part in parts)


KNOWN: tuple[Setting, ...] = (
    Setting("database", _database, None, _m("Database URL; the default is the SQLite file in the home.")),
    Setting("host", _text, "127.0.0.1", _m("Address that the server listens on.")),
    Setting("port", _whole(1, 65535), 8000, _m("Port that the server listens on.")),
    Setting("secret", _secret, None, _m("Key that signs forms before sign-in; made and kept in the home unless given.")),
    Setting("workers", _whole(1, 64), 1, _m("Server processes.")),
    Setting("threads", _whole(1, 64), 2, _m("Threads of each server process.")),
    Setting("proxies", _whole(0, 8), 0, _m("Trusted proxies in front, whose X-Forwarded headers are believed.")),
    Setting("hosts", _names, (), _m("Names by which browsers may call the server, between commas; without any, every name is taken.")),
    Setting("body_limit_mb", _whole(1, 1024), 16, _m("Largest request body, in megabytes.")),
    Setting("session_days", _whole(1, 366), 14, _m("Days after which one must sign in again.")),
    Setting("session_idle_hours", _whole(1, 8784), 12, _m("Hours without a request after which one must sign in again.")),
    Setting("api_calls_per_minute", _whole(0, 1_000_000), 3000, _m("Calls of the API one person may make a minute in each server process; 0 sets no limit.")),
    Setting("password_memory_kib", _whole(8, 1_048_576), 19_456, _m("Memory argon2 uses for one password, in KiB.")),
    Setting("password_rounds", _whole(1, 32), 2, _m("Passes argon2 makes over that memory.")),
    Setting(
        "outgoing_hosts", _names, (), _m("Internal hosts that may be called though their address is not public, between commas, each perhaps with a port.")
    ),
    Setting("outgoing_ports", _ports, (80, 443), _m("Ports that may be called on other hosts, between commas.")),
    Setting("log_level", _level, "info", _m("Least important log line written: debug, info, warning or error.")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, checked. `origins` says for each key where its value came from ("default", a file, a variable)."""

    home: Path
    database: str
    secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = 2
    proxies: int = 0
    hosts: tuple[str, ...] = ()
    body_limit_mb: int = 16
    session_days: int = 14
    session_idle_hours: int = 12
    api_calls_per_minute: int = 3000
    password_memory_kib: int = 19_456
    password_rounds: int = 2
    outgoing_hosts: tuple[str, ...] = ()
    outgoing_ports: tuple[int, ...] = (80, 443)
    log_level: str = "info"
    origins: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, environment: Mapping[str, str], home: Path | None = None) -> Settings:
        """Read and check everything. Makes the home folder and its secret when missing.

        `home` (the option `--home`) goes before FIELDSMITH_HOME, then `./var`. Raises `BadInput` with all problems.
        """
        where, origin = _home(environment, home)
        values: dict[str, Any] = {item.key: item.default for item in KNOWN}
        origins = {"home": origin} | dict.fromkeys(values, "default")
        problems: list[Problem] = []
        _from_file(where / FILE_NAME, values, origins, problems)
        _from_environment(environment, values, origins, problems)
        if problems:
            raise BadInput(problems, _m("The settings need correcting."))
        try:
            where.mkdir(parents=True, exist_ok=True)
            if values["secret"] is None:
                values["secret"] = kept_secret(where)
                origins["secret"] = str(where / _SECRET_FILE)
        except OSError as error:
            message = _m("The home folder {path} cannot be written: {reason}.", path=str(where), reason=error.strerror or str(error))
            raise BadInput([Problem("home_unwritable", message, hint=_m("Name another folder with --home or FIELDSMITH_HOME."))]) from error
        if values["database"] is None:
            values["database"] = f"sqlite:///{where / 'fieldsmith.db'}"
        return cls(home=where, origins=origins, **values)

    def rows(self) -> list[tuple[str, str, str]]:
        """(key, value as shown, origin) of every setting, for `fieldsmith config`; secrets and passwords are masked."""
        shown = {item.key: _shown(getattr(self, item.key)) for item in KNOWN}
        shown |= {"secret": "••••••", "database": _masked(self.database)}
        return [("home", str(self.home), self.origins.get("home", "default"))] + [(key, text, self.origins.get(key, "default")) for key, text in shown.items()]


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def kept_secret(home: Path) -> str:
    """The secret in the home, made at the first call; readable by its owner only."""
    path = home / _SECRET_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        made = secrets.token_urlsafe(48)
        file.write(made + "\n")
    return made


def _home(environment: Mapping[str, str], home: Path | None) -> tuple[Path, str]:
    if home is not None:
        return home.absolute(), "--home"
    named = environment.get(PREFIX + "HOME")
    return (Path(named).absolute(), PREFIX + "HOME") if named else (Path("var").absolute(), "default")


def _from_file(path: Path, values: dict[str, Any], origins: dict[str, str], problems: list[Problem]) -> None:
    try:
        with path.open("rb") as file:
            found = tomllib.load(file)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        reason = error.strerror or str(error)
        problems.append(Problem("settings_unreadable", _m("The file cannot be read: {reason}.", reason=reason), document=str(path)))
        return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem("settings_unreadable", _m("The file is not TOML: {reason}.", reason=str(error)), document=str(path)))
        return
    for key, raw in found.items():
        if key not in values:
            message = _m("There is no setting “{name}”.", name=key)
            problems.append(Problem("unknown_setting", message, f"/{key}", did_you_mean(key, values), document=str(path)))
        else:
            _take(key, raw, str(path), values, origins, problems)


def _from_environment(environment: Mapping[str, str], values: dict[str, Any], origins: dict[str, str], problems: list[Problem]) -> None:
    known = {PREFIX + key.upper(): key for key in values}
    for name, raw in sorted(environment.items()):
        if name in known and raw != "":
            _take(known[name], raw, name, values, origins, problems)
        elif name.startswith(PREFIX) and name not in known and name != PREFIX + "HOME":
            near = did_you_mean(name, known)
            if near is not None:  # other FIELDSMITH_ names belong to other tools; a near miss is a slip of the pen
                problems.append(Problem("unknown_setting", _m("There is no setting “{name}”.", name=name), hint=near))


def _take(key: str, raw: Any, origin: str, values: dict[str, Any], origins: dict[str, str], problems: list[Problem]) -> None:
    setting = next(item for item in KNOWN if item.key == key)
    try:
        values[key] = setting.read(raw)
        origins[key] = origin
    except _Wrong as error:
        message = _m("Setting “{name}” from {origin} is wrong. {reason}", name=key, origin=origin, reason=error.message)
        problems.append(Problem("bad_setting", message, f"/{key}"))


def _masked(url: str) -> str:
    head, at, tail = url.rpartition("@")
    scheme, slashes, account = head.partition("://")
    return f"{scheme}{slashes}{account.partition(':')[0]}:••••••{at}{tail}" if at and ":" in account else url
