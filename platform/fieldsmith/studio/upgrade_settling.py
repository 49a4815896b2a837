"""Where an upgrade and what the workspace made of it disagree: base, mine and theirs, and how a person settles it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import Message, _m

Way = Literal["keep", "take", "edit"]


@dataclass(frozen=True, slots=True)
class Clash:
    """At `path` (`entity/deal/fields/amount/label`) the package puts `theirs` where `base` was when the workspace said `mine`; None is nothing.

    `ways` are those it can be settled by: keep mine, take theirs, edit (a value of one's own).
    """

    path: str
    base: Any
    mine: Any
    theirs: Any
    reason: Message
    ways: tuple[Way, ...] = ("keep", "take", "edit")


@dataclass(frozen=True, slots=True)
class Settlement:
    """`all` settles every clash that can be settled so; `choices` by path come first: `"keep"`, `"take"` or `{"value": …}`.

    `later` publishes with clashes left open where the workspace's value can hold meanwhile.
    """

    all: Literal["keep", "take"] | None = None
    choices: Mapping[str, Any] = field(default_factory=dict)
    later: bool = False


def read_settlement(sent: Any, all: Literal["keep", "take"] | None = None) -> Settlement:
    """As people write it: `{"entity/deal/label": "keep", "view/deal.all/filter": {"value": "…"}}`. Raises `BadInput`."""
    if not isinstance(sent, Mapping):
        raise BadInput([Problem("wrong_type", _m("Choices are an object: a path, and for it keep, take or an object with value."))])
    problems = []
    for path, choice in sent.items():
        if choice not in ("keep", "take") and not (isinstance(choice, Mapping) and choice.keys() == {"value"}):
            message = _m("“{path}” must be settled by “keep”, “take” or an object with a value.", path=str(path)[:200])
            problems.append(Problem("bad_choice", message, "/" + str(path)[:200], did_you_mean(str(choice)[:20], ("keep", "take"))))
    if problems:
        raise BadInput(problems)
    return Settlement(all, dict(sent))


class Settling:
    """Collects what clashes while an upgrade is worked out; what is not settled holds for now as the workspace has it."""

    def __init__(self, settlement: Settlement) -> None:
        self._settlement = settlement
        self.clashes: list[Clash] = []
        self.settled: list[tuple[Clash, str]] = []
        self.notes: list[tuple[str, Message]] = []

    def settle(self, clash: Clash) -> tuple[Way, Any]:
        """How it is settled and, for `edit`, with which value. What is not settled is kept, where it can be."""
        choice = self._settlement.choices.get(clash.path)
        if choice is None and self._settlement.all in clash.ways:
            choice = self._settlement.all
        way: Way = "edit" if isinstance(choice, Mapping) else choice or "keep"
        if choice is None or way not in clash.ways:
            self.clashes.append(clash)
            return ("keep" if "keep" in clash.ways else clash.ways[0]), clash.mine
        self.settled.append((clash, way))
        return way, choice["value"] if isinstance(choice, Mapping) else None

    def blocking(self) -> list[Clash]:
        """Open clashes that publishing waits for."""
        return [clash for clash in self.clashes if not self._settlement.later or "keep" not in clash.ways]

    def note(self, path: str, message: Message) -> None:
        """Something that was put right by itself."""
        self.notes.append((path, message))

    def unknown(self) -> list[Problem]:
        """Choices for what does not clash."""
        known = {clash.path for clash in self.clashes} | {clash.path for clash, _ in self.settled}
        strangers = [path for path in self._settlement.choices if path not in known]
        return [
            Problem("nothing_to_settle", _m("Nothing clashes at “{path}”.", path=path[:200]), "", did_you_mean(path[:200], known) or _m("Leave it out."))
            for path in strangers
        ]


def refusal(clashes: Iterable[Clash]) -> list[Problem]:
    """Clashes as problems, for those who only read problems."""
    return [Problem("to_settle", clash.reason, "", _hint(clash), clash.path) for clash in clashes]


def _hint(clash: Clash) -> Message:
    base, mine, theirs = (shown(value) for value in (clash.base, clash.mine, clash.theirs))
    if "keep" in clash.ways:
        return _m(
            "It was {base}; here it is {mine}; the package says {theirs}. Keep yours, take theirs, or give another value.", base=base, mine=mine, theirs=theirs
        )
    if clash.ways == ("edit",):
        return _m("Here it is {mine}. Give a value that does without.", mine=mine)
    return _m("Here it is {mine}. Take theirs, which gives yours up, or change yours first.", mine=mine)


def shown(value: Any) -> str:
    """A value on one line, cut where it is long."""
    if value is None:
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "…"
