"""Date functions in Python: evaluators over `date_values`, with the acting user's zone where an argument is a datetime."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from fieldsmith.expr import date_values as values
from fieldsmith.expr.environment import Env, Evaluator
from fieldsmith.expr.nodes import Apply, Constant
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.types import Kind
from fieldsmith.expr.workdays import holidays_text, workdays_between, workdays_text
from fieldsmith.expr.zones import to_local, to_utc

Build = Callable[[Apply, PythonCompiler], Evaluator]


def is_datetime(node: Apply) -> bool:
    """Whether one of the arguments is a datetime, so that days and parts are those of the acting user's zone."""
    return any(argument.type.kind is Kind.DATETIME for argument in node.arguments)


def part(plain: Callable[[Any], int | date]) -> Build:
    """A part of a date, a time, or of the wall time of a datetime."""

    def build(node: Apply, compiler: PythonCompiler) -> Evaluator:
        if not is_datetime(node):
            return compiler.strict(node, plain)
        [argument] = compiler.arguments(node)

        def evaluate(env: Env) -> Any:
            instant = argument(env)
            local = None if instant is None else to_local(instant, env.moment.zone)
            return None if local is None else plain(local)

        return evaluate

    return build


def moved(plain: Callable[[Any, int], Any]) -> Build:
    """`plain` of a date and a number; of a datetime, on its wall time, and back."""

    def build(node: Apply, compiler: PythonCompiler) -> Evaluator:
        if not is_datetime(node):
            return compiler.strict(node, plain)
        first, second = compiler.arguments(node)

        def evaluate(env: Env) -> Any:
            instant = first(env)
            number = None if instant is None else second(env)
            return None if number is None else _on_wall(instant, env.moment.zone, lambda local: plain(local, number))

        return evaluate

    return build


def between(plain: Callable[[Any, Any], int]) -> Build:
    """`plain` of two dates, or of the wall times of two datetimes."""

    def build(node: Apply, compiler: PythonCompiler) -> Evaluator:
        if not is_datetime(node):
            return compiler.strict(node, plain)
        first, second = compiler.arguments(node)

        def evaluate(env: Env) -> Any:
            a, b = first(env), second(env)
            if a is None or b is None:
                return None
            a, b = to_local(a, env.moment.zone), to_local(b, env.moment.zone)
            return None if a is None or b is None else plain(a, b)

        return evaluate

    return build


def edge(plain: Callable[[Any, str, int], Any]) -> Build:
    """STARTOF and ENDOF: the unit is written out in the source."""

    def build(node: Apply, compiler: PythonCompiler) -> Evaluator:
        argument = compiler.evaluator(node.arguments[0])
        unit, fiscal, zoned = unit_of(node), compiler.calendar.fiscal_start, is_datetime(node)

        def evaluate(env: Env) -> Any:
            value = argument(env)
            if value is None:
                return None
            if zoned:
                return _on_wall(value, env.moment.zone, lambda local: plain(local, unit, fiscal))
            return plain(value, unit, fiscal)

        return evaluate

    return build


def unit_of(node: Apply) -> str:
    """The constant unit of STARTOF or ENDOF; the row's `check` saw to it."""
    unit = node.arguments[1]
    assert isinstance(unit, Constant)
    return str(unit.value)


def strictly(plain: Callable[..., Any]) -> Build:
    return lambda node, compiler: compiler.strict(node, plain)


def today(node: Apply, compiler: PythonCompiler) -> Evaluator:
    return lambda env: env.moment.today


def now(node: Apply, compiler: PythonCompiler) -> Evaluator:
    return lambda env: env.moment.now


def make_datetime(node: Apply, compiler: PythonCompiler) -> Evaluator:
    """DATETIME: a wall time of the acting user's zone."""
    local = compiler.strict(node, values.make_wall)

    def evaluate(env: Env) -> Any:
        wall = local(env)
        return None if wall is None else to_utc(wall, env.moment.zone)

    return evaluate


def workdays(node: Apply, compiler: PythonCompiler) -> Evaluator:
    days, holidays = workdays_text(compiler.calendar), holidays_text(compiler.calendar)
    return compiler.strict(node, lambda a, b: workdays_between(a, b, days, holidays))


def _on_wall(instant: Any, zone: str, change: Callable[[Any], Any]) -> Any:
    local = to_local(instant, zone)
    changed = None if local is None else change(local)
    return None if changed is None else to_utc(changed, zone)
