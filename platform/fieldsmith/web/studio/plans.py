"""A plan as its page shows it: operations with risk, rows, who waits, SQL and uses; what would be lost, to be confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fieldsmith.base.text import Message, Words, _m
from fieldsmith.studio.impact import Operation
from fieldsmith.studio.workbench import Workbench
from fieldsmith.web.studio.delegated import is_within
from fieldsmith.web.studio.places import path_in, place_in
from fieldsmith.web.studio.review import bodies_of
from fieldsmith.web.studio.wording import path_words

_RISKS: Mapping[str, tuple[str, Message]] = {
    "safe": ("success", _m("Safe")),
    "slow": ("warning", _m("Slow")),
    "loses data": ("danger", _m("Loses data")),
}
_MOST_USES = 20


@dataclass(frozen=True, slots=True)
class Mention:
    """A use, in words and with its page."""

    words: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One operation of the plan."""

    title: Message
    path: str | None
    tone: str
    risk: Message
    loses: bool
    rows: int
    waits: tuple[Message, ...]
    sql: tuple[str, ...]
    uses: tuple[Mention, ...]
    more_uses: int


def lines_of(operations: Sequence[Operation], bench: Workbench, words: Words, shapes: frozenset[str] | None = None) -> list[Line]:
    """Riskiest first, otherwise as they run. Pages that are not for who shapes `shapes` alone are not linked."""
    lines = [_line(item, bench, words, shapes) for item in operations]
    tones = ("danger", "warning", "success")
    return sorted(lines, key=lambda line: tones.index(line.tone))


def _line(item: Operation, bench: Workbench, words: Words, shapes: frozenset[str] | None) -> Line:
    tone, risk = _RISKS[item.risk]
    uses = tuple(
        dict.fromkeys(
            Mention(
                path_words(f"{use.kind}/{use.name}{use.pointer}", bodies_of(bench, use.kind, use.name), words),
                place_in(bench.documents, use.kind, use.name, use.pointer) if is_within(shapes, use.kind, use.name) else None,
            )
            for use in item.uses
        )
    )
    shown, more = uses[:_MOST_USES], max(len(uses) - _MOST_USES, 0)
    return Line(item.title, path_in(bench.documents, item.path), tone, risk, item.risk == "loses data", item.rows, item.waits, item.sql, shown, more)
