"""Counters of one server process, in Prometheus' text form. Each process has its own, told apart by the label `process`:
add them up over it (`sum by (endpoint) (rate(fieldsmith_requests_total[5m]))`).
"""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Safe between threads; counting costs about a microsecond."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, str, int], int] = {}
        self._seconds: dict[str, list[int]] = {}
        self._total: dict[str, float] = {}
        self._started = time.time()

    def count(self, method: str, endpoint: str | None, status: int, seconds: float) -> None:
        """One request answered. `endpoint` is the route's name, None where no route matched."""
        name = endpoint or "none"
        key = (method if method in _METHODS else "other", name, status)
        with self._lock:
            self._requests[key] = self._requests.get(key, 0) + 1
            buckets = self._seconds.setdefault(name, [0] * (len(_BOUNDS) + 1))
            buckets[bisect_left(_BOUNDS, seconds)] += 1
            self._total[name] = self._total.get(name, 0.0) + seconds

    def text(self) -> str:
        """Everything counted, in the text exposition format."""
        with self._lock:
            requests = dict(self._requests)
            seconds = {name: list(buckets) for name, buckets in self._seconds.items()}
            total = dict(self._total)
        return "\n".join([*_request_lines(requests), *_second_lines(seconds, total), *self._process_lines()]) + "\n"

    def _process_lines(self) -> Iterator[str]:
        yield "# TYPE fieldsmith_process_start_time_seconds gauge"
        yield f'fieldsmith_process_start_time_seconds{{process="{os.getpid()}"}} {self._started:.3f}'


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _request_lines(requests: dict[tuple[str, str, int], int]) -> Iterator[str]:
    yield "# HELP fieldsmith_requests_total Requests answered."
    yield "# TYPE fieldsmith_requests_total counter"
    process = os.getpid()
    for (method, endpoint, status), number in sorted(requests.items()):
        yield f'fieldsmith_requests_total{{process="{process}",method="{method}",endpoint="{endpoint}",status="{status}"}} {number}'


def _second_lines(seconds: dict[str, list[int]], total: dict[str, float]) -> Iterator[str]:
    yield "# HELP fieldsmith_request_seconds Time from arrival to answer."
    yield "# TYPE fieldsmith_request_seconds histogram"
    process = os.getpid()
    for endpoint, buckets in sorted(seconds.items()):
        labels = f'process="{process}",endpoint="{endpoint}"'
        below = 0
        for bound, number in zip(_BOUNDS, buckets, strict=False):
            below += number
            yield f'fieldsmith_request_seconds_bucket{{{labels},le="{bound}"}} {below}'
        yield f'fieldsmith_request_seconds_bucket{{{labels},le="+Inf"}} {sum(buckets)}'
        yield f"fieldsmith_request_seconds_sum{{{labels}}} {total[endpoint]:.6f}"
        yield f"fieldsmith_request_seconds_count{{{labels}}} {sum(buckets)}"
