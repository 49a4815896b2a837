"""The two servers under measurement: started the way their users start them, their CPU time and memory read from /proc."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.handwritten.serve import THREADS, WORKERS

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Site:
    """How to start one server and get in. `cookie` (name=value) is for screens, `token` for the API."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    port: int
    cookie: str
    token: str
    list_path: str
    columns: str

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def fieldsmith(home: Path, database: str, cookie: str, token: str) -> Site:
    port = free_port()
    environment = {"FIELDSMITH_HOME": str(home), "FIELDSMITH_DATABASE": database, "FIELDSMITH_PORT": str(port), "FIELDSMITH_LOG_LEVEL": "warning"}
    environment |= {"FIELDSMITH_WORKERS": str(WORKERS), "FIELDSMITH_THREADS": str(THREADS), "FIELDSMITH_API_CALLS_PER_MINUTE": "0"}
    command = (str(Path(sys.executable).with_name("fieldsmith")), "serve")
    columns = "&columns=name,account,stage,amount,probability,close_date,type,owner"
    return Site("fieldsmith", command, environment, port, f"fieldsmith_session={cookie}", token, "/opportunity/?view=bench", columns)


def handwritten(database: str, cookie: str, token: str) -> Site:
    port = free_port()
    command = (sys.executable, "-m", "tests.bench.handwritten.serve", database, str(port))
    return Site("handwritten", command, {}, port, f"handwritten_session={cookie}", token, "/opportunity/?sort=-amount", "")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def served(site: Site, log: Path) -> Iterator[int]:
    """Start the server, wait for its first answer, stop it at the end; gives the process id."""
    with log.open("ab") as out:
        process = subprocess.Popen(site.command, cwd=ROOT, env={**os.environ, **site.environment}, stdout=out, stderr=out)
    try:
        wait_for_answer(site, process, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_answer(site: Site, process: subprocess.Popen[bytes], log: Path, patience: float = 60) -> None:
    """Until the list page answers 200."""
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        try:
            if get(site, site.list_path, api=False)[0] == 200:
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{site.name} does not answer:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}")


def get(site: Site, path: str, api: bool, more: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """One GET as the signed-in person (or its API token): status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    try:
        connection.request("GET", path, headers={**headers(site, api), **(more or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def headers(site: Site, api: bool) -> dict[str, str]:
    return {"Authorization": f"Bearer {site.token}", "Content-Type": "application/json"} if api else {"Cookie": site.cookie}


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all below it."""
    total = 0.0
    for one in family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def memory_mb(pid: int) -> float:
    """Resident memory of the largest process at or below `pid`: the worker."""
    sizes = [int(Path(f"/proc/{one}/statm").read_text(encoding="ascii").split()[1]) * PAGE for one in family(pid)]
    return max(sizes) / 1024 / 1024


def family(pid: int) -> list[int]:
    """`pid` and every process below it."""
    out = [pid]
    for one in out:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                out += [int(child) for child in task.read_text(encoding="ascii").split()]
            except OSError:
                continue
    return out
