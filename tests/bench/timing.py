"""How long something takes: medians of many runs, of two things by turns."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable


def seconds(run: Callable[[], object], budget: float = 0.5, most: int = 2_000) -> float:
    """The median of as many runs as fit into `budget` seconds, five at least, after one that does not count."""
    return together(run, budget=budget, most=most)[0]


def together(*runs: Callable[[], object], budget: float = 0.5, most: int = 2_000) -> tuple[float, ...]:
    """`seconds` of each, run by turns: what slows the machine down for a while slows all of them down."""
    for run in runs:
        run()
    taken: list[list[float]] = [[] for _ in runs]
    gc.collect()
    end = time.perf_counter() + budget * len(runs)
    while len(taken[0]) < 5 or (time.perf_counter() < end and len(taken[0]) < most):
        for run, own in zip(runs, taken, strict=True):
            began = time.perf_counter()
            run()
            own.append(time.perf_counter() - began)
    return tuple(statistics.median(own) for own in taken)
