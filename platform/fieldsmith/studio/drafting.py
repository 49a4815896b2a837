"""`Drafting`: a draft put into what is published: its documents and problems, its plan, where others contradict it.

What a draft would make is worked out from what is published at that moment, so a draft never grows old by itself. Used by
`ChangeSets`, inside its transactions.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.store import ModelStore, Stored
from fieldsmith.meta.layers import CUSTOM, Effective, Key, Layer, merge
from fieldsmith.meta.model import Model
from fieldsmith.studio.comeback import Comeback
from fieldsmith.studio.conflicts import Contradiction, contradictions
from fieldsmith.studio.customising import Customised
from fieldsmith.studio.drafts import Draft
from fieldsmith.studio.impact import Impact, Operation, operations_of
from fieldsmith.studio.presentable import presentable
from fieldsmith.studio.publish import Proposal, Publishing, put_in
from fieldsmith.studio.workbench import Workbench

T = TypeVar("T")
_BENCHES = 8  # drafts kept as put together last


@dataclass(frozen=True, slots=True)
class Planned:
    """What publishing would do, bound to `hash`; refused while there are `conflicts`."""

    hash: str
    base: int
    operations: tuple[Operation, ...]
    conflicts: tuple[Contradiction, ...]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft put into what is published."""

    stored: Stored
    layers: tuple[Layer, ...]
    compiled: Comeback
    problems: tuple[Problem, ...]
    impact: Impact
    custom: Customised


class Drafting:
    """One per workspace; keeps the last few drafts as they were put together."""

    def __init__(self, publishing: Publishing, store: ModelStore) -> None:
        self._publishing = publishing
        self._store = store
        self._benches: dict[tuple[Hashable, ...], Workbench] = {}
        self._keeping = threading.Lock()

    def bench(self, connection: sa.Connection, draft: Draft | None) -> Workbench:
        revision = self._store.state(connection).revision
        key = revision, "" if draft is None else f"{draft.id} {edits_hash(draft)}"
        return self.keep(key, lambda: self._published_bench(connection) if draft is None else self._drafted_bench(connection, draft))

    def keep(self, key: tuple[Hashable, ...], build: Callable[[], Workbench]) -> Workbench:
        """The bench kept under `key`, else what `build` gives; the oldest go."""
        found = self._benches.get(key)
        if found is None:
            found = build()
            with self._keeping:
                self._benches[key] = found
                while len(self._benches) > _BENCHES:
                    del self._benches[next(iter(self._benches))]
        return found

    def kept_quiet(self, task: Callable[[], T]) -> T:
        """Administrators are told what stored records have against it."""
        return task()

    def _published_bench(self, connection: sa.Connection) -> Workbench:
        stored = self._store.load(connection)
        documents = merge(stored.layers).documents
        return Workbench(stored.revision, None, documents, documents, _below(stored.layers), self._publishing.model_of(stored))

    def _drafted_bench(self, connection: sa.Connection, draft: Draft) -> Workbench:
        base, drafted = self.bench(connection, None), self.drafted(connection, draft)
        model = drafted.compiled.compiled.model if not drafted.problems else None
        documents: Mapping[Key, Effective] = merge(drafted.layers).documents
        if drafted.problems:
            documents = presentable(documents, base.published, self._publishing.validators)
        custom = drafted.custom
        return Workbench(
            base.revision, draft, base.published, documents, base.below, model or base.model, drafted.problems, model is not None, tuple(custom.renames)
        )

    def drafted(self, connection: sa.Connection, draft: Draft) -> Drafted:
        stored = self._store.load(connection)
        present = next((layer for layer in stored.layers if layer.name == CUSTOM), None)

        def model_with(layer: Layer) -> Model | None:
            return self._publishing.compiled(connection, stored, put_in(stored.layers, [layer])).compiled.model

        custom = Customised(present, _below(stored.layers), model_with)
        custom.put(list((draft.edits or {}).values()))
        layers = put_in(stored.layers, [custom.layer(f"{CUSTOM}, draft “{draft.title}”")])
        compiled = self._publishing.compiled(connection, stored, layers, stored.names.moved(custom.renames))
        impact = Impact(self._publishing.model_of(stored), merge(layers).documents, [old for old, _ in custom.renames])
        in_use = impact.in_use()
        places = {(problem.document, problem.pointer) for problem in in_use}
        others = (problem for problem in compiled.compiled.problems if (problem.document, problem.pointer) not in places)
        return Drafted(stored, layers, compiled, (*custom.problems, *in_use, *others), impact, custom)

    def planned(self, connection: sa.Connection, draft: Draft, drafted: Drafted) -> tuple[Planned, Proposal]:
        sound(drafted)
        proposal = self._publishing.planned(connection, drafted.stored, drafted.layers, drafted.compiled)
        operations = operations_of(proposal, drafted.impact)
        return Planned(_hash(proposal, draft), proposal.base, operations, tuple(self.conflicts(connection, draft, drafted))), proposal

    def conflicts(self, connection: sa.Connection, draft: Draft, drafted: Drafted) -> list[Contradiction]:
        """Where others changed since what the draft changes."""
        known: dict[int, Mapping[Key, Effective]] = {drafted.stored.revision: merge(drafted.stored.layers).documents}

        def at(revision: int) -> Mapping[Key, Effective]:
            if revision not in known:
                known[revision] = merge(self._store.load(connection, revision).layers).documents
            return known[revision]

        return contradictions((draft.edits or {}).values(), drafted.stored.revision, at, merge(drafted.layers).documents)


def _below(layers: Sequence[Layer]) -> Mapping[Key, Effective]:
    return merge([layer for layer in layers if layer.name != CUSTOM]).documents


def sound(drafted: Drafted) -> Model:
    model = drafted.compiled.compiled.model
    if drafted.problems or model is None:
        raise BadInput(drafted.problems, _m("The draft has problems; it cannot be published yet."))
    return model


def _hash(proposal: Proposal, draft: Draft) -> str:
    """Covers base revision, operations and SQL."""
    return _digest([proposal.base, _edits_json(draft), [step.sql for step in proposal.plan.steps]])


def edits_hash(draft: Draft) -> str:
    return _digest(_edits_json(draft))


def _edits_json(draft: Draft) -> list[Any]:
    return [[edit.kind, edit.name, edit.to_json()] for edit in (draft.edits or {}).values()]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
