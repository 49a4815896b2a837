"""The client of the measurements: a bounded closed loop over HTTP, in its own process, that checks every answer.

`measure` sends prepared requests over a few kept connections for some seconds, with wrk where Debian's package is there and else
with a plain Python client. Requests are cycled; `@N@` in a body becomes a number that no other request of the run has.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 4
SCRIPT = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """What one measurement sends, and where."""

    base: str
    headers: dict[str, str]
    requests: Sequence[Request]
    first_number: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Answers per second and how many there were; anything but 2xx is a fault of the measurement."""

    per_second: float
    answers: int


class MeasurementFailed(Exception):
    """Some answers were not 2xx, so the number would say nothing."""


def measure(load: Load, seconds: float, scratch: Path) -> Outcome:
    """Run the loop in another process and count."""
    return _wrk(load, seconds, scratch) if shutil.which("wrk") else _python(load, seconds, scratch)


def _wrk(load: Load, seconds: float, scratch: Path) -> Outcome:
    lines = [f"{load.first_number}", *(f"{name}\t{value}" for name, value in load.headers.items()), ""]
    lines += [f"{item.method}\t{item.path}\t{item.body}" for item in load.requests]
    plan = scratch / "requests.txt"
    plan.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "-s", str(SCRIPT), load.base, "--", str(plan)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    faults = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.+)", done.stdout)
    if faults:
        raise MeasurementFailed(f"{faults[0]} at {load.requests[0].method} {load.requests[0].path}")
    rate, answers = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout), re.search(r"(\d+) requests in", done.stdout)
    assert rate and answers, done.stdout
    return Outcome(float(rate[1]), int(answers[1]))


def _python(load: Load, seconds: float, scratch: Path) -> Outcome:
    plan = scratch / "requests.json"
    plan.write_text(json.dumps({**asdict(load), "seconds": seconds}), encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "tests.bench.load", str(plan)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise MeasurementFailed(done.stderr)
    return Outcome(**json.loads(done.stdout))


def _client(plan: Path) -> Outcome:
    """The loop itself, without wrk: one thread per connection."""
    given = json.loads(plan.read_text(encoding="utf-8"))
    requests = [Request(**item) for item in given["requests"]]
    end = time.monotonic() + given["seconds"]
    counts, faults = [0] * CONNECTIONS, list[str]()

    def run(lane: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(given["base"]).netloc)
        at = lane
        while time.monotonic() < end and not faults:
            item = requests[at % len(requests)]
            body = item.body.replace("@N@", str(given["first_number"] + at))
            connection.request(item.method, item.path, body or None, given["headers"])
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 300:
                faults.append(f"{item.method} {item.path}: {answer.status}")
            counts[lane] += 1
            at += CONNECTIONS

    started = time.monotonic()
    lanes = [threading.Thread(target=run, args=(lane,)) for lane in range(CONNECTIONS)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    if faults:
        raise MeasurementFailed(faults[0])
    return Outcome(sum(counts) / (time.monotonic() - started), sum(counts))


if __name__ == "__main__":
    print(json.dumps(asdict(_client(Path(sys.argv[1])))))
