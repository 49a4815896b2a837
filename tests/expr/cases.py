"""The cases of `tests/conformance/expr` as objects; its README describes the format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import Calendar
from tests.expr.evaluators import Context
from tests.expr.world import Spec, scaled
from tests.expr.world_rows import Records, canonical, read_records

FOLDER = Path(__file__).parents[1] / "conformance" / "expr"


@dataclass(frozen=True, slots=True)
class Case:
    """One expression and what must come of it: an answer (`is`, perhaps `type`), a `problem` with its `column`, or how it `prints`."""

    source: str
    says: Mapping[str, Any]

    @property
    def row(self) -> str:
        return str(self.says.get("row", "blank"))

    @property
    def has_answer(self) -> bool:
        return "is" in self.says


class Cases:
    """One file: its records, its contexts and its cases."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._document = json.loads(path.read_text("utf-8"))
        self.entity = str(self._document.get("entity", "deal"))
        self.cases = [Case(case["expr"], case) for case in self._document["cases"]]

    @cached_property
    def records(self) -> Records:
        return read_records(self._document.get("rows", {}))

    @property
    def of_changes(self) -> bool:
        """Whether the expressions are about a change, which only Python sees."""
        return any("changed" in said for said in self._document.get("contexts", {}).values())

    def context(self, case: Case) -> Context:
        said = self._document["contexts"][case.says["in"]] if "in" in case.says else {}
        given: dict[str, Any] = {key: said[key] for key in ("zone", "language") if key in said}
        if "now" in said:
            given["now"] = datetime.fromisoformat(said["now"]).astimezone(UTC).replace(tzinfo=None)
        if "user" in said:
            given["user"] = self.records.ids["user", said["user"]]
        if "calendar" in said:
            calendar = said["calendar"]
            given["calendar"] = Calendar(
                calendar.get("fiscal_start", 1), tuple(calendar.get("workdays", (1, 2, 3, 4, 5))), frozenset(calendar.get("holidays", ()))
            )
        if "changed" in said:
            given["changed"] = frozenset(said["changed"])
            given["old"] = self.records.ids[self.entity, said["old"]] if "old" in said else None
        params = said.get("params", {})
        given["params"] = {name: words for name, (words, _) in params.items()}
        given["values"] = {name: self._value(words, raw) for name, (words, raw) in params.items()}
        return Context(**given)

    def by_context(self, cases: list[Case]) -> Iterator[tuple[Context, list[Case]]]:
        """`cases` in groups that one statement can answer."""
        groups: dict[str, list[Case]] = {}
        for case in cases:
            groups.setdefault(case.says.get("in", ""), []).append(case)
        for group in groups.values():
            yield self.context(group[0]), group

    def _value(self, words: str, raw: Any) -> Any:
        found = Spec.of(words)
        value = canonical(found, raw, self.records.ids)
        return scaled(found.scale)(value) if isinstance(value, Decimal) else value


def in_words(type_: Type) -> str:
    """A type as cases say it: `decimal 2`, `choice stages`."""
    if type_.kind is Kind.DECIMAL:
        return f"decimal {type_.scale}"
    return f"{type_.kind.value} {type_.choices}".strip()


def files() -> list[Cases]:
    return [Cases(path) for path in sorted(FOLDER.glob("*.json"))]
