"""A file is one concept and a function one thought: 400 and 60 lines. An exception has a reason and may only shrink."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.house.source import ROOT, python_files, tree

FILE_LINES = 400
FUNCTION_LINES = 60

# What is over the limit → (lines it has today, why). Keys: a path, or path::function.
EXCEPTIONS: Mapping[str, tuple[int, str]] = {}


def _sizes(path: Path) -> Iterator[tuple[str, int, int]]:
    name = str(path.relative_to(ROOT))
    yield name, len(path.read_text(encoding="utf-8").splitlines()), FILE_LINES
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name}::{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1, FUNCTION_LINES


def _front_end() -> Iterator[tuple[str, int, int]]:
    for pattern in ("*.mjs", "src/**/*.js", "src/**/*.mjs", "js/**/*.js", "css/**/*.css"):
        for path in (ROOT / "ui").glob(pattern):
            yield str(path.relative_to(ROOT)), len(path.read_text(encoding="utf-8").splitlines()), FILE_LINES


def test_files_and_functions_stay_small() -> None:
    wrong = []
    for path in python_files("platform", "plugins", "tests", "docs"):
        for name, size, limit in _sizes(path):
            known, _ = EXCEPTIONS.get(name, (limit, ""))
            if size > known:
                wrong.append(f"{name}: {size} lines, limit {known}")
    wrong += [f"{name}: {size} lines, limit {limit}" for name, size, limit in _front_end() if size > limit]
    assert not wrong, "\n".join(wrong)


def test_exceptions_only_shrink() -> None:
    sizes = {name: (size, limit) for path in python_files("platform", "plugins", "tests", "docs") for name, size, limit in _sizes(path)}
    for name, (known, reason) in EXCEPTIONS.items():
        size, limit = sizes[name]
        assert reason, f"{name}: an exception needs a reason"
        assert size == known > limit, f"{name}: has {size} lines now; write that into EXCEPTIONS, or take the exception out"
