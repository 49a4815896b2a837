"""Undo and redo of the layout editor: how the draft's edit of one layout was before each gesture, as small differences a page carries along.

A step that no longer fits, because the edit was changed elsewhere, is forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsmith.studio.workbench import Said
from fieldsmith.web.studio.desk import Desk

MOST_STEPS = 40
_LONGEST = 60_000


@dataclass(frozen=True, slots=True)
class State:
    """What the draft says of the layout: a whole document, operations on it, or nothing."""

    document: Mapping[str, Any] | None
    operations: Sequence[Mapping[str, Any]]

    def said(self, key: str) -> list[Said]:
        """The edits that bring it about, whatever the draft says now."""
        out = [Said("layout", key, drop=True)]
        if self.document is not None or self.operations:
            out.append(Said("layout", key, self.operations, self.document))
        return out


@dataclass(frozen=True, slots=True)
class Step:
    """Applied to a state with `count` operations: the first `keep` of them and then `tail`, with the document or `bare` of it."""

    count: int
    keep: int
    tail: Sequence[Mapping[str, Any]]
    bare: bool

    def applied(self, state: State, document: Mapping[str, Any] | None) -> State:
        return State(None if self.bare else document, [*state.operations[: self.keep], *self.tail])


@dataclass(frozen=True, slots=True)
class Steps:
    """`back` and `forth`, the next one last; `document` is the whole one the edit began with, where there is one."""

    back: tuple[Step, ...] = ()
    forth: tuple[Step, ...] = ()

    @classmethod
    def read(cls, text: str, state: State) -> Steps:
        """As a page sent them; without those that do not fit the state."""
        try:
            found = json.loads(text) if len(text) <= _LONGEST else {}
            back, forth = (tuple(_step(item) for item in found[key][-MOST_STEPS:]) for key in ("back", "forth"))
        except (ValueError, KeyError, TypeError):
            return cls()
        count = len(state.operations)
        fits = [not steps or (steps[-1].count == count and steps[-1].keep <= count) for steps in (back, forth)]
        return cls(back if fits[0] else (), forth if fits[1] else ())

    def text(self) -> str:
        def plain(step: Step) -> list[Any]:
            return [step.count, step.keep, list(step.tail), step.bare]

        steps = {"back": [plain(step) for step in self.back], "forth": [plain(step) for step in self.forth]}
        return json.dumps(steps, ensure_ascii=False, separators=(",", ":"))

    def done(self, before: State, after: State) -> Steps:
        """After a gesture."""
        if before == after:
            return self
        return Steps((*self.back, step_between(after, before))[-MOST_STEPS:], ())


def state_of(now: Desk, key: str) -> State:
    edit = (now.draft.edits or {}).get(("layout", key)) if now.draft is not None else None
    if edit is None or edit.retire:
        return State(None, ())
    return State(edit.document, [item.body() for item in edit.operations])


def step_between(here: State, there: State) -> Step:
    """The step from `here` to `there`."""
    pairs = zip(here.operations, there.operations, strict=False)
    keep = next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(here.operations), len(there.operations)))
    return Step(len(here.operations), keep, there.operations[keep:], there.document is None)


def _step(item: Any) -> Step:
    count, keep, tail, bare = item
    if not (isinstance(count, int) and isinstance(keep, int) and keep >= 0 and isinstance(tail, list) and all(isinstance(one, dict) for one in tail)):
        raise ValueError
    return Step(count, keep, tail, bool(bare))
