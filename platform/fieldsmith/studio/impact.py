"""What a draft means for the rest: what it takes away that is still used, and the operations of its plan with every use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.db.steps import Risk, Step
from fieldsmith.db.waiting import waits
from fieldsmith.meta.documents import OWNED_KINDS
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.members import member_name
from fieldsmith.meta.model import Model
from fieldsmith.meta.references import Use, uses
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.publish import Proposal

_MEMBERS: Mapping[str, str] = {"entity": "fields", "choices": "values"}
_RISKS: tuple[Risk, ...] = ("safe", "slow", "loses data")


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of a plan. `path` is what it is about (`entity/deal/fields/amount`); `uses` are where that is mentioned, `waits` says who waits for it."""

    path: str
    title: Message
    sql: tuple[str, ...]
    rows: int
    risk: Risk
    uses: tuple[Use, ...]
    waits: tuple[Message, ...] = ()


class Impact:
    """`before` is the published model, `after` the effective documents as the draft would make them, `renamed` the old paths of what it renames."""

    def __init__(self, before: Model, after: Mapping[Key, Effective], renamed: Collection[str] = ()) -> None:
        self._before = before
        self._after = after
        self._renamed = renamed

    @cached_property
    def _graph(self) -> Mapping[str, list[Use]]:
        return uses(self._before)

    def uses_of(self, path: str) -> tuple[Use, ...]:
        """Where what is at `path` is mentioned today; for a whole entity or pick list also where its members are."""
        found = dict.fromkeys(use for target, listed in self._graph.items() if f"{target}/".startswith(f"{path}/") for use in listed)
        return tuple(use for use in found if f"{use.kind}/{use.name}" != path)

    def in_use(self) -> list[Problem]:
        """One problem for every place that still mentions what the draft takes away."""
        out: dict[tuple[str, str, str], Problem] = {}
        for path in self._gone():
            if self._is_renamed(path):
                continue
            for use in self._graph.get(path, ()):
                if not self._still(use):
                    continue
                document = self._after[use.kind, use.name]
                message = _m("“{name}” is taken away, but {kind} {document} uses it here.", name=_shown(path), kind=use.kind, document=use.name)
                hint = _m("Take it out here in the same change set, or keep “{name}” and hide it.", name=_shown(path))
                key = (use.kind, use.name, use.pointer)
                out.setdefault(key, Problem("in_use", message, use.pointer, hint, document.source(use.pointer)))
        return list(out.values())

    def _is_renamed(self, path: str) -> bool:
        """Documents an entity owns are renamed with it."""
        kind, name = path.split("/")[:2]
        owner = f"entity/{name.partition('.')[0]}" if kind in OWNED_KINDS else path
        return any(f"{place}/".startswith(f"{old}/") for old in self._renamed for place in (path, owner))

    def _gone(self) -> Iterator[str]:
        for (kind, name), document in self._before.documents.items():
            after = self._after.get((kind, name))
            if after is None:
                yield f"{kind}/{name}"
            key = _MEMBERS.get(kind)
            if key is not None:
                left = _names(after.body.get(key)) if after is not None else set()
                yield from (f"{kind}/{name}/{key}/{member}" for member in _names(document.body[key]) if member not in left)

    def _still(self, use: Use) -> bool:
        after = self._after.get((use.kind, use.name))
        if after is None:
            return False
        value, there = value_at(after.body, use.pointer)
        return there and (isinstance(value, (list, Mapping)) or value == value_at(self._before.documents[use.kind, use.name].body, use.pointer)[0])


def operations_of(proposal: Proposal, impact: Impact) -> tuple[Operation, ...]:
    """The plan for people: every difference with the SQL it needs, then SQL that belongs to none."""
    left: dict[str, list[Step]] = {}
    for step in proposal.plan.steps:
        left.setdefault(step.about, []).append(step)
    out: list[Operation] = []
    for difference in proposal.differences:
        path = difference.document + difference.pointer
        item = "/".join(path.split("/")[:4])
        steps = left.pop(path, None) or left.pop(item, None) or []
        used = impact.uses_of(item) if difference.kind.endswith(("_removed", "_changed", "_retyped", "_renamed")) else ()
        out.append(_operation(path, difference.message, steps, used))
    out += [operation_of(step) for steps in left.values() for step in steps]
    return tuple(out)


def operation_of(step: Step) -> Operation:
    """One step of a plan that no difference asks for."""
    return _operation(step.about, step.title, [step], ())


def _operation(path: str, title: Message, steps: list[Step], used: tuple[Use, ...]) -> Operation:
    sql = tuple(statement for step in steps for statement in step.sql)
    risk: Risk = max((step.risk for step in steps), key=_RISKS.index, default="safe")
    told = next((step.title for step in steps if not step.sql), title)
    waiting = tuple({str(found): found for step in steps if (found := waits(step)) is not None}.values())
    return Operation(path, told, sql, max((step.rows for step in steps), default=0), risk, used, waiting)


def _names(items: Any) -> set[str]:
    return {name for item in items if (name := member_name(item))} if isinstance(items, list) else set()


def _shown(path: str) -> str:
    parts = path.split("/")
    return f"{parts[1]}.{parts[3]}" if len(parts) > 3 else parts[1]
