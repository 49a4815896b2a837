"""`serve(settings)`: the production server (granian, see docs/decisions) with the app of one workspace in each worker.

Called by `fieldsmith serve`. SIGTERM and Ctrl-C let requests under way finish, then end every worker.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from functools import partial

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from fieldsmith.base.errors import Unavailable
from fieldsmith.base.settings import Settings
from fieldsmith.base.text import Message, _m
from fieldsmith.identity import first_start
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.rollout.installing import require_installed
from fieldsmith.web import logs
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Work, Workspace

PATIENCE = 30  # seconds a worker may take to finish what it does after SIGTERM


def _print(message: Message) -> None:
    print(message, flush=True)


def serve(settings: Settings, say: Callable[[Message], object] = _print) -> None:
    """Serve until stopped. Raises `Unavailable` when the address is taken or the database cannot serve."""
    require_free(settings.host, settings.port)
    link = set_up_link(settings)
    logs.configure(settings.log_level)
    say(_m("Fieldsmith is at {address} – stop it with Ctrl-C.", address=address(settings)))
    if link is not None:
        say(_m("Nobody can sign in yet. Open this link to set up the workspace (it works once): {link}", link=link))
    server = Server(
        target="fieldsmith",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=settings.workers,
        blocking_threads=settings.threads,
        backlog=1024,
        websockets=False,
        log_enabled=True,
        log_level=LogLevels.warning,
        log_dictconfig={"version": 1, "disable_existing_loggers": False},
        respawn_failed_workers=True,
        workers_kill_timeout=PATIENCE,
    )
    server.serve(target_loader=partial(_in_worker, settings), wrap_loader=False)


def application(settings: Settings) -> Flask:
    """The app of one worker process, with connections of its own."""
    logs.configure(settings.log_level)
    workspace = Workspace.open(settings)
    workspace.runtime()  # compiled before the first request comes
    workspace.keep_filling()
    return create_app(workspace)


def _in_worker(settings: Settings) -> Flask:
    """The app, where Ctrl-C is not for us: a terminal sends it to every process, and the parent passes it on as SIGTERM.

    A worker that hears both never ends.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    return application(settings)


def address(settings: Settings) -> str:
    """Where a browser on this machine finds the server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    return f"http://{host}:{settings.port}"


def set_up_link(settings: Settings) -> str | None:
    """A fresh one-time link while there is no administrator, else None. Raises `BadInput` where there is no workspace yet."""
    workspace = Workspace.open(settings)
    passwords = Passwords(settings)

    def offer(work: Work) -> str | None:
        require_installed(work.model)
        return first_start.offer(work.connection, Users(work.connection, work.model, work.schema, passwords, work.now))

    try:
        token = workspace.write(offer)
    finally:
        workspace.close()
    return None if token is None else f"{address(settings)}/setup?token={token}"


def require_free(host: str, port: int) -> None:
    """Raise `Unavailable` when somebody else listens at `host`:`port` or it is not ours to listen at."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        reason = error.strerror or str(error)
        message = _m("Cannot listen at {host}:{port}: {reason}. Choose another port with FIELDSMITH_PORT.", host=host, port=port, reason=reason)
        raise Unavailable(message) from error
