"""Arithmetic on scaled whole numbers, exact: what Python computes with and what the SQLite functions `fs_…` call.

A result of 10^38 or more is blank. SQLite hands over and takes back a number beyond 64 bits as its digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import wraps
from typing import Any

from fieldsmith.expr.types import DIGITS, MAX_SCALE, STORED_DIGITS

LIMIT: int = 10**DIGITS
STORED_LIMIT: int = 10**STORED_DIGITS
WORD: int = 2**63
"""SQLite's integers are below it."""


def ten(power: int) -> int:
    """10^`power`, for a power of at least 0."""
    return int(10**power)


def half_away(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, halves rounded away from zero."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    if numerator < 0:
        return -((denominator - 2 * numerator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def shifted(value: int, digits: int) -> int:
    """`value` times 10^`digits`, rounded when `digits` is negative."""
    return value * ten(digits) if digits >= 0 else half_away(value, ten(-digits))


def within(value: int, limit: int = LIMIT) -> int | None:
    return value if -limit < value < limit else None


def add(a: int, b: int) -> int | None:
    return within(a + b)


def subtract(a: int, b: int) -> int | None:
    return within(a - b)


def shifter(digits: int) -> Callable[[int], int]:
    """`shifted` by so many digits."""
    factor = ten(abs(digits))
    if digits >= 0:
        return lambda value: value * factor
    half = factor // 2
    return lambda value: (value + half) // factor if value >= 0 else -((half - value) // factor)


def multiply(a: int, b: int, drop: int) -> int | None:
    """The product without its last `drop` digits."""
    return within(shifted(a * b, -drop))


def divide(a: int, b: int, up: int) -> int | None:
    """`a` times 10^`up`, divided by `b`; by zero blank."""
    if b == 0:
        return None
    return within(half_away(a * 10**up, b) if up >= 0 else half_away(a, b * 10**-up))


def divider(up: int) -> Callable[[int, int], int | None]:
    """`divide` for that `up`."""
    if up < 0:
        return lambda a, b: divide(a, b, up)
    factor = ten(up)
    return lambda a, b: within(half_away(a * factor, b)) if b else None


def modulo(a: int, b: int) -> int | None:
    """With the sign of the divisor."""
    return a % b if b else None


def rescale(value: int, digits: int, carried: int) -> int | None:
    """`shifted`, blank beyond `carried` digits."""
    return within(shifted(value, digits), 10**carried)


def round_to(value: int, scale: int, digits: int) -> int | None:
    """ROUND: `value` at `scale`, rounded to `digits` after the point, at the scale max(digits, 0)."""
    rounded = shifted(value, digits - scale)
    return within(rounded * 10**-digits if digits < 0 else rounded)


def floor(value: int, scale: int) -> int | None:
    return value // ten(scale)


def ceiling(value: int, scale: int) -> int | None:
    return -(-value // ten(scale))


def power(base: int, exponent: int, scale: int, result: int) -> int | None:
    """The exact power of `base` at `scale`, rounded once to the scale `result`."""
    if exponent >= 0:
        return within(shifted(base**exponent, result - scale * exponent))
    if base == 0:
        return None
    exact = Fraction(10 ** (scale * -exponent + result), base**-exponent)
    return within(half_away(exact.numerator, exact.denominator))


def square_root(value: int, scale: int) -> int | None:
    """At scale 8."""
    if value < 0:
        return None
    top, bottom = value * 10 ** (2 * MAX_SCALE), ten(scale)
    root = math.isqrt(top // bottom)
    return within(root + 1 if (2 * root + 1) ** 2 * bottom <= 4 * top else root)


def sign(value: int) -> int:
    return (value > 0) - (value < 0)


def compare(a: int, b: int, digits: int) -> int:
    """The sign of a − b after `a` (`digits` positive) or `b` (negative) got as many digits more."""
    return sign(a * 10**digits - b if digits >= 0 else a - b * 10**-digits)


def least(*values: int | None) -> int | None:
    return min((value for value in values if value is not None), default=None)


def greatest(*values: int | None) -> int | None:
    return max((value for value in values if value is not None), default=None)


def total(values: list[int]) -> int | None:
    return within(sum(values))


# ------------------------------------------------------------------------------------------------------------------ SQLite


def given(value: Any) -> int | None:
    """A number as SQLite hands it over."""
    return int(value) if isinstance(value, str) else value


def back(value: int | None) -> int | str | None:
    """A number as SQLite takes it: digits when beyond 64 bits."""
    return value if value is None or -WORD <= value < WORD else str(value)


def _strict(plain: Callable[..., int | None]) -> Callable[..., Any]:
    """`plain` for SQLite: blank when an argument is blank."""

    @wraps(plain)
    def called(*values: Any) -> int | str | None:
        return None if None in values else back(plain(*(int(value) if isinstance(value, str) else value for value in values)))

    return called


def _same(a: Any, b: Any, digits: int) -> int:
    """`=`, for which blank is a value."""
    if a is None or b is None:
        return int(a is b)
    return int(compare(int(a), int(b), digits) == 0)


def _least(*values: Any) -> int | str | None:
    return back(least(*map(given, values)))


def _greatest(*values: Any) -> int | str | None:
    return back(greatest(*map(given, values)))


_CUT = 10**9


def _sum(high: int | None, low: int | None) -> int | str | None:
    """A sum from those of the high and low halves of its values."""
    return 0 if high is None or low is None else back(within(high * _CUT + low))


def _average(high: int | None, low: int | None, count: int, up: int) -> int | str | None:
    return None if high is None or low is None else back(divide(high * _CUT + low, count, up))


def _smallest_text(*values: str | None) -> str | None:
    return min((value for value in values if value is not None), default=None)


def _greatest_text(*values: str | None) -> str | None:
    return max((value for value in values if value is not None), default=None)


SQLITE: Mapping[str, tuple[int, Callable[..., Any]]] = {
    "fs_add": (2, _strict(add)),
    "fs_subtract": (2, _strict(subtract)),
    "fs_multiply": (3, _strict(multiply)),
    "fs_divide": (3, _strict(divide)),
    "fs_modulo": (2, _strict(modulo)),
    "fs_rescale": (3, _strict(rescale)),
    "fs_round": (3, _strict(round_to)),
    "fs_floor": (2, _strict(floor)),
    "fs_ceiling": (2, _strict(ceiling)),
    "fs_power": (4, _strict(power)),
    "fs_sqrt": (2, _strict(square_root)),
    "fs_abs": (1, _strict(abs)),
    "fs_negate": (1, _strict(int.__neg__)),
    "fs_sign": (1, _strict(sign)),
    "fs_compare": (3, _strict(compare)),
    "fs_same": (3, _same),
    "fs_least": (-1, _least),
    "fs_greatest": (-1, _greatest),
    "fs_least_text": (-1, _smallest_text),
    "fs_greatest_text": (-1, _greatest_text),
    "fs_total": (2, _sum),
    "fs_average": (4, _average),
}
"""Name → number of arguments (-1: any) and function."""


class _Fold:
    """An SQLite aggregate over numbers that may be digits; `finish` of the numbers that are not blank."""

    def __init__(self) -> None:
        self.values: list[int] = []

    def step(self, value: Any) -> None:
        if value is not None:
            self.values.append(int(value))


class WideSum(_Fold):
    def finalize(self) -> int | str | None:
        return back(total(self.values))


class WideLeast(_Fold):
    def finalize(self) -> int | str | None:
        return back(least(*self.values))


class WideGreatest(_Fold):
    def finalize(self) -> int | str | None:
        return back(greatest(*self.values))


class WideAverage(_Fold):
    """AVG of values and, as the second argument, how many digits the result has more."""

    def __init__(self) -> None:
        super().__init__()
        self.up = 0

    def step(self, value: Any, up: int = 0) -> None:
        self.up = up
        super().step(value)

    def finalize(self) -> int | str | None:
        return back(divide(sum(self.values), len(self.values), self.up))


SQLITE_AGGREGATES: Mapping[str, tuple[int, Any]] = {
    "fs_wide_sum": (1, WideSum),
    "fs_wide_least": (1, WideLeast),
    "fs_wide_greatest": (1, WideGreatest),
    "fs_wide_average": (2, WideAverage),
}
