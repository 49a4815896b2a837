"""`ChangeSets`: drafts → check → plan → publish. Only administrators; web and cli ask through `Workspace.changesets`.

What a draft would make is worked out from what is published at that moment, so a draft never grows old by itself. Its edits
remember the revision their author looked at: where others changed the same thing since, publishing is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor, Clock
from fieldsmith.base.errors import BadInput, Conflict, Forbidden
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db import locks
from fieldsmith.db.engine import Database
from fieldsmith.db.store import ModelStore, Stored
from fieldsmith.meta.layers import CUSTOM, Effective, Key, Layer, merge
from fieldsmith.meta.model import Model
from fieldsmith.studio.comeback import Comeback
from fieldsmith.studio.conflicts import Contradiction, Stale, contradictions
from fieldsmith.studio.customising import Customised
from fieldsmith.studio.drafts import Draft, Drafts
from fieldsmith.studio.edits import Edit, next_turn, read_document, read_operations, require_key
from fieldsmith.studio.impact import Impact, Operation, operations_of
from fieldsmith.studio.publish import Proposal, Publishing, put_in, same

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AlsoChanged:
    """Another open draft edits the same thing."""

    path: str
    changeset: int
    title: str
    author: str


@dataclass(frozen=True, slots=True)
class Checked:
    """`also_changed_in` are notes, no problems."""

    problems: tuple[Problem, ...]
    also_changed_in: tuple[AlsoChanged, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """What publishing would do, bound to `hash`; refused while there are `conflicts`."""

    hash: str
    base: int
    operations: tuple[Operation, ...]
    conflicts: tuple[Contradiction, ...]


@dataclass(frozen=True, slots=True)
class _Drafted:
    """A draft put into what is published."""

    stored: Stored
    layers: tuple[Layer, ...]
    compiled: Comeback
    problems: tuple[Problem, ...]
    impact: Impact
    custom: Customised


class ChangeSets:
    """One per workspace. Every method is one transaction."""

    def __init__(self, publishing: Publishing, database: Database, store: ModelStore, clock: Clock, policy: Callable[[], Policy]) -> None:
        self._publishing = publishing
        self._policy = policy
        self._database = database
        self._store = store
        self._clock = clock

    def open(self, actor: Actor, title: str) -> int:
        """A new draft; its id."""
        return self._writing(actor, lambda drafts, connection: drafts.open(actor, title, self._store.state(connection).revision))

    def listed(self, actor: Actor, state: str = "open", before: int | None = None, limit: int = 50) -> list[Draft]:
        return self._reading(actor, lambda drafts, connection: drafts.listed(state, before, limit))

    def get(self, actor: Actor, id: int) -> Draft:
        return self._reading(actor, lambda drafts, connection: drafts.get(id))

    def discard(self, actor: Actor, id: int) -> None:
        """Throw the draft away."""
        self._writing(actor, lambda drafts, connection: drafts.discard(drafts.get(id, still_open=True)))

    def put(self, actor: Actor, id: int, kind: str, name: str, document: Mapping[str, Any]) -> Checked:
        """A whole new document in the draft; what the check then says."""
        require_key(kind, name)
        body = read_document(kind, name, document)
        return self._edited(actor, id, lambda draft, present: Edit(kind, name, body, seen=present, turn=_turn(draft)))

    def change(self, actor: Actor, id: int, kind: str, name: str, sent: Mapping[str, Any]) -> Checked:
        """More operations on a document in the draft; what the check then says."""
        require_key(kind, name)

        def made(draft: Draft, present: int) -> Edit:
            edit = (draft.edits or {}).get((kind, name), Edit(kind, name, seen=present, turn=_turn(draft)))
            if edit.retire:
                message = _m("{kind} “{name}” is to go in this draft. Take that back first.", kind=kind, name=name)
                raise BadInput([Problem("retired_here", message, "/name")])
            return edit.with_operations(read_operations(sent, present, _turn(draft)))

        return self._edited(actor, id, made)

    def retire(self, actor: Actor, id: int, kind: str, name: str) -> Checked:
        """The document is to go. One that is only in the draft goes from the draft."""
        require_key(kind, name)

        def made(draft: Draft, present: int) -> Edit | None:
            known = (draft.edits or {}).get((kind, name))
            new = known is not None and known.document is not None and not self._is_published(kind, name)
            return None if new else Edit(kind, name, retire=True, seen=present, turn=_turn(draft))

        return self._edited(actor, id, made, (kind, name))

    def take_back(self, actor: Actor, id: int, kind: str, name: str) -> Checked:
        """Forget what the draft says of the document."""
        return self._edited(actor, id, lambda draft, present: None, (kind, name))

    def check(self, actor: Actor, id: int) -> Checked:
        """Every problem publishing would meet, but for those of records."""
        return self._reading(actor, lambda drafts, connection: self._checked(drafts, connection, drafts.get(id, still_open=True)))

    def plan(self, actor: Actor, id: int) -> Planned:
        """What publishing would do. Raises `BadInput` with every problem."""

        def planned(drafts: Drafts, connection: sa.Connection) -> Planned:
            draft = drafts.get(id, still_open=True)
            return self._planned(connection, draft, self._drafted(connection, draft))[0]

        return self._reading(actor, planned)

    def publish(self, actor: Actor, id: int, hash: str) -> int:
        """Do what the plan with `hash` said; the new revision. Raises `Stale` when that plan no longer holds."""

        def published(drafts: Drafts, connection: sa.Connection) -> int:
            locks.exclusive(connection)
            draft = drafts.get(id, still_open=True)
            drafted = self._drafted(connection, draft)
            planned, proposal = self._planned(connection, draft, drafted)
            if planned.conflicts:
                raise Stale(_m("Others changed the same things since. Say what shall hold, then plan again."), planned.conflicts)
            if planned.hash != hash:
                raise Stale(_m("This plan no longer holds: the draft or what is published has changed. Plan again."))
            if same(drafted.stored.layers, drafted.layers):
                raise Conflict(_m("This draft changes nothing."))
            revision = self._publishing.commit(connection, proposal, actor, draft.title)
            drafts.published(draft, revision)
            return revision

        return self._writing(actor, published)

    def model(self, actor: Actor, id: int) -> Model:
        """The model the draft would make, for a preview. Raises `BadInput` with every problem."""

        def made(drafts: Drafts, connection: sa.Connection) -> Model:
            drafted = self._drafted(connection, drafts.get(id, still_open=True))
            return _sound(drafted)

        return self._reading(actor, made)

    def _is_published(self, kind: str, name: str) -> bool:
        with self._database.read() as connection:
            return any((item.kind, item.name) == (kind, name) for layer in self._store.load(connection).layers for item in layer.documents)

    def _edited(self, actor: Actor, id: int, made: Callable[[Draft, int], Edit | None], key: Key | None = None) -> Checked:
        def edited(drafts: Drafts, connection: sa.Connection) -> Checked:
            draft = drafts.get(id, still_open=True)
            edit = made(draft, self._store.state(connection).revision)
            if edit is None:
                assert key is not None
                drafts.drop(draft, key)
            else:
                drafts.put(draft, edit)
            return self._checked(drafts, connection, drafts.get(id))

        return self._writing(actor, edited)

    def _checked(self, drafts: Drafts, connection: sa.Connection, draft: Draft) -> Checked:
        also = tuple(_touched_too(draft, drafts.others(draft.id)))
        return Checked(self._drafted(connection, draft).problems, also)

    def _drafted(self, connection: sa.Connection, draft: Draft) -> _Drafted:
        stored = self._store.load(connection)
        present = next((layer for layer in stored.layers if layer.name == CUSTOM), None)

        def sound(layer: Layer) -> Model | None:
            return self._publishing.compiled(connection, stored, put_in(stored.layers, [layer])).compiled.model

        custom = Customised(present, _below(stored.layers), sound)
        custom.put(list((draft.edits or {}).values()))
        layers = put_in(stored.layers, [custom.layer(f"{CUSTOM}, draft “{draft.title}”")])
        compiled = self._publishing.compiled(connection, stored, layers, stored.names.moved(custom.renames))
        impact = Impact(self._publishing.model_of(stored), merge(layers).documents, [old for old, _ in custom.renames])
        in_use = impact.in_use()
        places = {(problem.document, problem.pointer) for problem in in_use}
        others = (problem for problem in compiled.compiled.problems if (problem.document, problem.pointer) not in places)
        return _Drafted(stored, layers, compiled, (*custom.problems, *in_use, *others), impact, custom)

    def _planned(self, connection: sa.Connection, draft: Draft, drafted: _Drafted) -> tuple[Planned, Proposal]:
        _sound(drafted)
        proposal = self._publishing.planned(connection, drafted.stored, drafted.layers, drafted.compiled)
        operations = operations_of(proposal, drafted.impact)
        return Planned(_hash(proposal, draft), proposal.base, operations, tuple(self._conflicts(connection, draft, drafted))), proposal

    def _conflicts(self, connection: sa.Connection, draft: Draft, drafted: _Drafted) -> list[Contradiction]:
        known: dict[int, Mapping[Key, Effective]] = {drafted.stored.revision: merge(drafted.stored.layers).documents}

        def at(revision: int) -> Mapping[Key, Effective]:
            if revision not in known:
                known[revision] = merge(self._store.load(connection, revision).layers).documents
            return known[revision]

        return contradictions((draft.edits or {}).values(), drafted.stored.revision, at, merge(drafted.layers).documents)

    def _reading(self, actor: Actor, task: Callable[[Drafts, sa.Connection], T]) -> T:
        self._require_administrator(actor)
        with self._database.read() as connection:
            return task(Drafts(connection, self._clock.now()), connection)

    def _writing(self, actor: Actor, task: Callable[[Drafts, sa.Connection], T]) -> T:
        self._require_administrator(actor)
        with self._database.write() as connection:
            return task(Drafts(connection, self._clock.now()), connection)

    def _require_administrator(self, actor: Actor) -> None:
        if not self._policy().is_administrator(actor):
            raise Forbidden(_m("Only administrators may shape the system. Ask one."))


def _turn(draft: Draft) -> int:
    return next_turn((draft.edits or {}).values())


def _below(layers: Sequence[Layer]) -> Mapping[Key, Effective]:
    return merge([layer for layer in layers if layer.name != CUSTOM]).documents


def _sound(drafted: _Drafted) -> Model:
    model = drafted.compiled.compiled.model
    if drafted.problems or model is None:
        raise BadInput(drafted.problems, _m("The draft has problems; it cannot be published yet."))
    return model


def _hash(proposal: Proposal, draft: Draft) -> str:
    """Covers base revision, operations and SQL."""
    edits = [[edit.kind, edit.name, edit.to_json()] for edit in (draft.edits or {}).values()]
    sql = [step.sql for step in proposal.plan.steps]
    text = json.dumps([proposal.base, edits, sql], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _touched_too(draft: Draft, others: Sequence[tuple[Draft, Edit]]) -> list[AlsoChanged]:
    mine = {edit.key: _places(edit) for edit in (draft.edits or {}).values()}
    found: dict[tuple[str, int], AlsoChanged] = {}
    for other, edit in others:
        for place in sorted(mine.get(edit.key, frozenset())):
            if any(f"{one}/".startswith(f"{two}/") for theirs in _places(edit) for one, two in ((place, theirs), (theirs, place))):
                path = f"{edit.kind}/{edit.name}{place}"
                found[path, other.id] = AlsoChanged(path, other.id, other.title, other.author_name)
    return list(found.values())


def _places(edit: Edit) -> frozenset[str]:
    whole = {""} if edit.retire or edit.document is not None else set()
    return frozenset(whole | {operation.path for operation in edit.operations})
