"""What the expression language promises: compiling, evaluating, filtering, columns of formulas, saving. Called by `run`.

python -m tests.bench.run --only expressions
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from timeit import repeat
from typing import Any

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.base.settings import Settings
from fieldsmith.db.expression_columns import expression_sql
from fieldsmith.db.joins import Joins
from fieldsmith.db.tables import Schema
from fieldsmith.expr.check import check, check_syntax
from fieldsmith.expr.environment import Env, moment_of
from fieldsmith.expr.nodes import Constant, Node, children
from fieldsmith.expr.parser import parse
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.vocabulary import Place, Related
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.model import Model
from fieldsmith.meta.packages import read_package, shipped_packages
from fieldsmith.workspace import Workspace
from tests.bench import deals, expressions_rows, expressions_saves
from tests.bench.figures import Figure
from tests.bench.stores import Stores
from tests.bench.timing import seconds

FORMULA = (
    'IF(amount * (1 - COALESCE(discount, 0) / 100) > 50000 and company.region in ("north", "east"), ROUND(amount * 0.1, 2), '
    'IF(stage = "won" and closes >= STARTOF(TODAY(), "quarter"), amount * 0.05, 0))'
)
NODES = (
    "amount",
    "batch",
    "batch > 500",
    'stage = "won"',
    'stage in ("won", "lost")',
    "batch > 500 and probability < 50",
    "not ISBLANK(name)",
    "amount + batch",
    "amount * 0.1",
    "amount / batch",
    "ROUND(amount, 1)",
    "IF(batch > 500, amount, 0)",
    "COALESCE(discount, 0)",
    "MAX(amount, 10)",
    "UPPER(name)",
    'name & " " & external_id',
    'CONTAINS(name, "pilot")',
    "closes + 14",
    "closes > TODAY()",
    "YEAR(closes)",
    "ADDMONTHS(closes, 3)",
)
_CALLS, _REPEATS = 1_000, 99  # short samples, of which some are not interrupted
_DEAL: Mapping[str, Any] = {
    "name": "Berg Foods pilot 7",
    "company": 7,
    "amount": Decimal("61234.50"),
    "discount": Decimal("5.50"),
    "stage": "won",
    "probability": 30,
    "closes": date(2026, 12, 5),
    "batch": 770,
    "external_id": "EXT-00000007",
}


def measure_all(stores: Stores, dialects: Sequence[str], rows: int) -> list[Figure]:
    out: list[Figure] = []
    for dialect in dialects:
        for found in _measured(stores, dialect, rows):
            print(f"{dialect:<11} {found.name}: {found.shown} (wanted {found.wanted})", flush=True)
            out.append(found)
    return out


def _measured(stores: Stores, dialect: str, rows: int) -> Iterator[Figure]:
    with _fresh(stores, dialect, "language", deals.layer()) as workspace:
        model = workspace.runtime().model
        yield _compiling(model, dialect)
        if dialect == "sqlite":
            yield _evaluating(model)
    steps: tuple[tuple[str, Layer, Callable[[Workspace], Iterator[Figure]]], ...] = (
        ("wide", deals.wide_layer(), expressions_saves.wide),
        ("rollups", deals.basket_layer(True), expressions_saves.rollups),
    )
    for name, layer, step in steps:
        with _fresh(stores, dialect, name, layer) as workspace:
            yield from step(workspace)
    with _fresh(stores, dialect, "plain", deals.basket_layer(False)) as plain, _fresh(stores, dialect, "counted", deals.basket_layer(True)) as counted:
        yield from expressions_saves.imports(plain, counted)
    with _fresh(stores, dialect, "deals", deals.layer()) as workspace:
        yield from expressions_rows.measured(workspace, rows)


@contextmanager
def _fresh(stores: Stores, dialect: str, name: str, layer: Layer) -> Iterator[Workspace]:
    """A workspace with core and `layer`, which is gone afterwards."""
    home = stores.scratch / f"expressions-{name}-{dialect}"
    url = stores.url(dialect, f"expressions_{name}", home)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    stores.recreate(url)
    workspace = Workspace.open(Settings.load({"FIELDSMITH_DATABASE": url}, home))
    try:
        workspace.publish(SYSTEM, [read_package(shipped_packages()["core"]), layer], "bench")
        yield workspace
    finally:
        workspace.close()
        stores.drop(url)
        shutil.rmtree(home)


def _compiling(model: Model, dialect: str) -> Figure:
    """Source text to a Python function and to SQL, everything done anew each time."""
    schema = Schema(model, dialect)
    schema.table("deal")
    place = Place("deal", None)
    syntax, node = parse(FORMULA), check(FORMULA, place, model.vocabulary, model.functions)
    compiler = PythonCompiler(model.functions, model.vocabulary, model.calendar)
    stages: tuple[Callable[[], object], ...] = (
        lambda: parse(FORMULA),
        lambda: check_syntax(syntax, FORMULA, place, model.vocabulary, model.functions),
        lambda: compiler.evaluator(node),
        lambda: expression_sql("deal", node, Joins(schema, schema.table("deal"))),
    )
    taken = [seconds(stage) * 1000 for stage in stages]
    words = " + ".join(f"{each:.2f}" for each in taken)
    return Figure(dialect, f"parse + check + compile to Python + to SQL {len(FORMULA)} characters ({words})", sum(taken), 2, "ms")


def _evaluating(model: Model) -> Figure:
    """What each node takes beyond those below it; the slowest."""
    compiler = PythonCompiler(model.functions, model.vocabulary, model.calendar)
    env = Env(_Record(), moment_of(OPERATOR, datetime(2026, 11, 22, 9, 30)))
    own: dict[str, float] = {}
    for source in NODES:
        node = check(source, Place("deal", None), model.vocabulary, model.functions)
        below = [part for part in children(node) if not isinstance(part, Constant)]
        own[source] = _evaluation(compiler, node, env) - sum(_evaluation(compiler, part, env) for part in below)
    slowest = max(own, key=lambda source: own[source])
    print("            " + ", ".join(f"{source}: {taken * 1e6:.2f} µs" for source, taken in own.items()), flush=True)
    return Figure("sqlite", f"evaluate a node in Python, slowest of {len(NODES)} (`{slowest}`)", own[slowest] * 1e6, 1, "µs")


def _evaluation(compiler: PythonCompiler, node: Node, env: Env) -> float:
    """Seconds one evaluation takes."""
    known = {"evaluate": compiler.evaluator(node), "env": env}
    return min(repeat("evaluate(env)", globals=known, number=_CALLS, repeat=_REPEATS)) / _CALLS


class _Record:
    """A deal, as a record about to be saved holds its values."""

    def get(self, field: str) -> Any:
        return _DEAL[field]

    def follow(self, lookup: str) -> None:
        return None

    def related(self, related: Related) -> tuple[()]:
        return ()
