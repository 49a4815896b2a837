"""Pure rooms stay pure, importing does nothing, and no module keeps state."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, ROOT, imports, module_name, product_files, room_of, tree, where

PURE = {"base", "expr", "fields", "meta", "access"}
OUTSIDE = {
    *("flask", "werkzeug", "sqlalchemy", "alembic", "sqlite3", "psycopg"),
    *("time", "io", "os", "socket", "pathlib", "importlib", "random", "secrets", "subprocess", "threading", "tempfile", "shutil", "httpx", "urllib.request"),
}

# Pure rooms' edges → the modules they may use, and why.
EDGES: Mapping[str, tuple[frozenset[str], str]] = {
    "fieldsmith.base.settings": (frozenset({"os", "pathlib", "secrets"}), "reads the environment and fieldsmith.toml; makes a missing secret once"),
    "fieldsmith.meta.packages": (frozenset({"pathlib", "importlib"}), "reads and writes package folders"),
    "fieldsmith.meta.schemas": (frozenset({"importlib"}), "reads the shipped schema files once, when a workspace first checks metadata"),
}

BUILDS_SQL = frozenset({"sqlalchemy"})
"""`expr` compiles to SQL expressions, which are plain values: no engine, no connection (the layers test keeps it from `db`)."""

CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


def _pure_files() -> list[Path]:
    return [path for path in product_files() if room_of(module_name(path)) in PURE]


def test_pure_rooms_import_nothing_of_the_outside() -> None:
    wrong = []
    for path in _pure_files():
        allowed, _ = EDGES.get(module_name(path), (frozenset(), ""))
        if room_of(module_name(path)) == "expr":
            allowed |= BUILDS_SQL
        for line, target in imports(path):
            if any(target == name or target.startswith(name + ".") for name in OUTSIDE - allowed):
                wrong.append(where(path, line, target))
    assert not wrong, "\n".join(wrong)


def test_pure_rooms_ask_no_clock_and_open_nothing() -> None:
    wrong = []
    for path in _pure_files():
        if module_name(path) in {*EDGES, "fieldsmith.base.context"}:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
                wrong.append(where(path, node.lineno, "open()"))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in CLOCKS:
                wrong.append(where(path, node.lineno, f"{node.value.id}.{node.attr}"))
    assert not wrong, "\n".join(wrong)


MUTATORS = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}


def _module_names(module: ast.Module) -> Iterator[tuple[str, ast.Assign | ast.AnnAssign]]:
    for node in module.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from ((name.id, node) for name in ast.walk(target) if isinstance(name, ast.Name))


def _may_be_called(name: str, node: ast.Assign | ast.AnnAssign) -> bool:
    """Constants are UPPER_CASE, type aliases CamelCase; a table definition goes by its table's name, as SQLAlchemy's users write it."""
    bare = name.strip("_")
    is_table = isinstance(node.value, ast.Call) and ast.unparse(node.value.func).split(".")[-1] == "Table"
    return bare.isupper() or name.startswith("__") or bare[:1].isupper() or is_table


@pytest.mark.parametrize("path", product_files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_keeps_state(path: Path) -> None:
    module = tree(path)
    names = dict(_module_names(module))
    wrong = [where(path, node.lineno, f"{name} is not a constant's name") for name, node in names.items() if not _may_be_called(name, node)]
    for node in ast.walk(module):
        if isinstance(node, ast.Global):
            wrong.append(where(path, node.lineno, "global"))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in names:
                wrong.append(where(path, node.lineno, f"{owner.id}.{node.func.attr}() changes a module-level name"))
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del) and isinstance(node.value, ast.Name) and node.value.id in names:
            wrong.append(where(path, node.lineno, f"{node.value.id}[…] changes a module-level name"))
    assert not wrong, "\n".join(wrong)


WATCH = """
import importlib, sys
outside, ours = sys.argv[1].split(","), sys.argv[2].split(",")
for name in outside:
    importlib.import_module(name)
seen = []
def hook(event, args):
    if event == "open" and not str(args[0]).endswith((".py", ".pyc", ".so")):
        seen.append(f"open {args[0]}")
    if event in ("socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.mkdir"):
        seen.append(f"{event} {args[1:]}")
sys.addaudithook(hook)
for name in ours:
    importlib.import_module(name)
print("\\n".join(seen))
"""


def test_importing_opens_no_file_and_no_socket() -> None:
    ours = [module_name(path) for path in product_files() if path.stem != "__main__"]
    outside = {target for path in product_files() for _, target in imports(path) if target.split(".")[0] != "fieldsmith"}
    roots = sorted({name.split(".")[0] for name in outside} - {"__future__"})
    done = subprocess.run([sys.executable, "-c", WATCH, ",".join(roots), ",".join(ours)], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
