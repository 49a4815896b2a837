"""What COUNT, SUM, AVG, MIN and MAX over a related list are for: they are grammar rather than rows of the function table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fieldsmith.base.text import Message, _m


@dataclass(frozen=True, slots=True)
class AggregateHelp:
    """Examples are as in `Function`: (expression, answer as `evaluate` writes it)."""

    name: str
    arguments: str
    help: Message
    examples: tuple[tuple[str, str | None], ...]

    @property
    def signature(self) -> str:
        return f"{self.name}({self.arguments})"


_OF_FIELD = "list.value where condition"
_ROWS = (
    AggregateHelp(
        "COUNT",
        "list where condition",
        _m("How many records a related list has; after “where” a condition that the records must meet."),
        (("COUNT(lines)", "3"), ("COUNT(lines where cancelled)", "1")),
    ),
    AggregateHelp(
        "SUM",
        _OF_FIELD,
        _m("The sum of a value of the records of a related list; 0 where there is none."),
        (("SUM(lines.price where not cancelled)", "30.1"), ("SUM(lines.price where quantity > 99)", "0")),
    ),
    AggregateHelp("AVG", _OF_FIELD, _m("The average of a value of the records of a related list, to 8 decimals."), (("AVG(lines.price)", "35.03333333"),)),
    AggregateHelp(
        "MIN",
        _OF_FIELD,
        _m("The smallest or earliest value of the records of a related list."),
        (("MIN(lines.price)", "0.1"), ("MIN(lines.price where quantity > 99)", None)),
    ),
    AggregateHelp("MAX", _OF_FIELD, _m("The greatest or latest value of the records of a related list."), (("MAX(lines.price where not cancelled)", "30"),)),
)
AGGREGATE_HELP: Mapping[str, AggregateHelp] = MappingProxyType({row.name: row for row in _ROWS})
