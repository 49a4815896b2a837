"""`python -m tests.bench.handwritten.serve URL PORT`: the same server as Fieldsmith's, with the same workers and threads."""

from __future__ import annotations

import sys
from functools import partial

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from tests.bench.handwritten.app import create_app

WORKERS, THREADS = 1, 2  # Fieldsmith's defaults; tests.bench.sites gives it the same


def main(url: str, port: int) -> None:
    server = Server(
        target="handwritten",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=WORKERS,
        blocking_threads=THREADS,
        backlog=1024,
        websockets=False,
        log_enabled=True,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=partial(create_app, url), wrap_loader=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
