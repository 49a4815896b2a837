"""What a row of the filter builder can say, as data: for each family of fields its comparisons, in words and as an expression.

A comparison is a template: `{x}` is the field, `{v}` its value as a literal, or several with commas. The same template writes a
row and recognises it, so what the builder writes it can always read; `also` are other ways people write the same by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from fieldsmith.base.text import Message, _m
from fieldsmith.expr.types import Kind, Type

Takes = Literal["", "text", "number", "date", "time", "choice", "choices", "record", "records"]
"""What stands beside a comparison: nothing, one value, or several ("choices", "records")."""
MANY = frozenset({"choices", "records"})


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison; `name` is what addresses say, unique in its family."""

    name: str
    words: Message
    template: str
    takes: Takes = ""
    also: tuple[str, ...] = ()


_BLANK = (
    Operator("blank", _m("is blank"), "ISBLANK({x})", also=("{x} = blank", "not {x} <> blank")),
    Operator("not_blank", _m("is not blank"), "not ISBLANK({x})", also=("{x} <> blank", "not {x} = blank")),
)


def _equal(takes: Takes) -> tuple[Operator, ...]:
    return (
        Operator("is", _m("is"), "{x} = {v}", takes),
        Operator("is_not", _m("is not"), "{x} <> {v}", takes, ("not {x} = {v}",)),
    )


def _one_of(takes: Takes) -> tuple[Operator, ...]:
    return (
        Operator("one_of", _m("is one of"), "{x} in ({v})", takes),
        Operator("not_one_of", _m("is none of"), "{x} not in ({v})", takes, ("not {x} in ({v})",)),
    )


_TEXT = (
    Operator("contains", _m("contains"), "CONTAINS({x}, {v})", "text"),
    Operator("not_contains", _m("does not contain"), "not CONTAINS({x}, {v})", "text"),
    *_equal("text"),
    Operator("starts_with", _m("starts with"), "STARTSWITH({x}, {v})", "text"),
    Operator("ends_with", _m("ends with"), "ENDSWITH({x}, {v})", "text"),
    *_BLANK,
)
_NUMBER = (
    *_equal("number"),
    Operator("more", _m("is more than"), "{x} > {v}", "number"),
    Operator("at_least", _m("is at least"), "{x} >= {v}", "number"),
    Operator("less", _m("is less than"), "{x} < {v}", "number"),
    Operator("at_most", _m("is at most"), "{x} <= {v}", "number"),
    *_BLANK,
)
_DATE = (
    *_equal("date"),
    Operator("before", _m("is before"), "{x} < {v}", "date"),
    Operator("after", _m("is after"), "{x} > {v}", "date"),
    Operator("until", _m("is on or before"), "{x} <= {v}", "date"),
    Operator("from", _m("is on or after"), "{x} >= {v}", "date"),
    Operator("today", _m("is today"), "{x} = TODAY()"),
    Operator("past", _m("is in the past"), "{x} < TODAY()"),
    Operator("future", _m("is in the future"), "{x} > TODAY()"),
    Operator("this_week", _m("is in this week"), 'STARTOF({x}, "week") = STARTOF(TODAY(), "week")'),
    Operator("this_month", _m("is in this month"), 'STARTOF({x}, "month") = STARTOF(TODAY(), "month")'),
    Operator("this_quarter", _m("is in this quarter"), 'STARTOF({x}, "quarter") = STARTOF(TODAY(), "quarter")'),
    Operator("this_year", _m("is in this year"), 'STARTOF({x}, "year") = STARTOF(TODAY(), "year")'),
)


def _by_day(operator: Operator) -> Operator:
    """The same comparison with the day of a datetime."""
    ways = [way.replace("{x}", "DATEOF({x})") for way in (operator.template, *operator.also)]
    return replace(operator, template=ways[0], also=tuple(ways[1:]))


_TIME = (
    *_equal("time"),
    Operator("before", _m("is before"), "{x} < {v}", "time"),
    Operator("after", _m("is after"), "{x} > {v}", "time"),
    *_BLANK,
)
_RECORD = (*_equal("record"), *_one_of("records"), *_BLANK)
_MINE = (
    Operator("mine", _m("is me"), "{x} = user"),
    Operator("not_mine", _m("is not me"), "{x} <> user", also=("not {x} = user",)),
)

FAMILIES: Mapping[str, tuple[Operator, ...]] = MappingProxyType(
    {
        "text": _TEXT,
        "number": _NUMBER,
        "boolean": (
            Operator("yes", _m("is yes"), "{x} = true", also=("{x}", "{x} <> false", "not {x} = false")),
            Operator("no", _m("is no"), "{x} = false", also=("not {x}", "{x} <> true", "not {x} = true")),
        ),
        "date": (*_DATE, *_BLANK),
        # A datetime is compared by its day in the reader's zone: that is what people mean by “is before the 5th”.
        "datetime": (*(_by_day(operator) for operator in _DATE), *_BLANK),
        "time": _TIME,
        "choice": (*_equal("choice"), *_one_of("choices"), *_BLANK),
        "set": (
            Operator("includes", _m("includes"), "INCLUDES({x}, {v})", "choice"),
            Operator("not_includes", _m("does not include"), "not INCLUDES({x}, {v})", "choice"),
            *_BLANK,
        ),
        "record": _RECORD,
        "user": (*_MINE, *_RECORD),
        "list": (
            Operator("some", _m("has any"), "COUNT({x}) > 0"),
            Operator("none", _m("has none"), "COUNT({x}) = 0", also=("not COUNT({x}) > 0",)),
            Operator("at_least", _m("has at least"), "COUNT({x}) >= {v}", "number"),
            Operator("at_most", _m("has at most"), "COUNT({x}) <= {v}", "number"),
            Operator("exactly", _m("has exactly"), "COUNT({x}) = {v}", "number"),
        ),
        "presence": _BLANK,
    }
)
"""Family → its comparisons, the one a new row begins with first."""

_KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        **{kind: kind.value for kind in (Kind.TEXT, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.CHOICE, Kind.SET)},
        Kind.INTEGER: "number",
        Kind.DECIMAL: "number",
    }
)


def family_of(type_: Type) -> str:
    """The family of fields of `type_`; what can only be there or not is "presence"."""
    if type_.kind is Kind.RECORD and len(type_.entities) == 1:
        return "user" if type_.entities == ("user",) else "record"
    return _KINDS.get(type_.kind, "presence")


def operator_of(family: str, name: str) -> Operator | None:
    return next((operator for operator in FAMILIES[family] if operator.name == name), None)
