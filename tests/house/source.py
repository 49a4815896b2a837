"""What the guards read: the project's files and their syntax trees. Called by the tests of this folder only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "platform" / "fieldsmith"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def python_files(*folders: str) -> list[Path]:
    """Python files below `folders` of the project, without what tools made."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if not {"node_modules", "__pycache__"} & set(path.parts))


def product_files() -> list[Path]:
    return python_files("platform/fieldsmith")


def module_name(path: Path) -> str:
    """`platform/fieldsmith/db/engine.py` → `fieldsmith.db.engine`."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The room a module lives in: `fieldsmith.db.engine` → `db`, `fieldsmith.workspace` → `workspace`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "fieldsmith"


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every module imported anywhere in a file, functions and type checking included, as (line, dotted name)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*module_name(path).split(".")[: -node.level], *([base] if base else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def where(path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(ROOT)}:{line}: {what}"
