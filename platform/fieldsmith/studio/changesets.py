"""`ChangeSets`: drafts → check → plan → publish. Administrators, and for some entities who shapes those (`delegated`).

What a draft would make is worked out from what is published at that moment, so a draft never grows old by itself. Its edits
remember the revision their author looked at: where others changed the same thing since, publishing is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor, Clock
from fieldsmith.base.errors import BadInput, Conflict, Forbidden, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db import locks
from fieldsmith.db.engine import Database
from fieldsmith.db.store import ModelStore
from fieldsmith.meta.layers import Key
from fieldsmith.meta.model import Model
from fieldsmith.studio.conflicts import Contradiction, Stale
from fieldsmith.studio.delegated import OwnDrafts
from fieldsmith.studio.delegated_drafting import DelegatedDrafting
from fieldsmith.studio.drafting import Drafting, Planned, sound
from fieldsmith.studio.drafts import LONGEST_TITLE, Draft, Drafts
from fieldsmith.studio.edits import Edit, next_turn, read_document, read_operations, require_key
from fieldsmith.studio.inverse import undoing
from fieldsmith.studio.publish import Publishing, same
from fieldsmith.studio.settling import Choice, settled
from fieldsmith.studio.workbench import Said, Workbench

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


class ChangeSets:
    """One per workspace. Every method is one transaction."""

    def __init__(self, publishing: Publishing, database: Database, store: ModelStore, clock: Clock, policy: Callable[[], Policy]) -> None:
        self._publishing = publishing
        self._policy = policy
        self._database = database
        self._store = store
        self._clock = clock
        self._drafting = Drafting(publishing, store)

    def open(self, actor: Actor, title: str) -> int:
        """A new draft; its id."""
        return self._writing(actor, lambda drafts, connection: drafts.open(actor, title, self._store.state(connection).revision))

    def open_undo(self, actor: Actor, number: int) -> int:
        """A draft that takes revision `number` alone back; later ones stay. Raises `Conflict` where a draft cannot say that."""

        self._require_administrator(actor)

        def opened(drafts: Drafts, connection: sa.Connection) -> int:
            edits = undoing(connection, self._store, number)
            reason = self._store.revisions(connection, number + 1, 1)[0].reason
            title = _m("Undo revision {number}: {reason}", number=number, reason=reason)
            id = drafts.open(actor, str(title)[:LONGEST_TITLE], self._store.state(connection).revision)
            for edit in edits:
                drafts.put(drafts.get(id), edit)
            return id

        return self._writing(actor, opened)

    def listed(self, actor: Actor, state: str = "open", before: int | None = None, limit: int = 50) -> list[Draft]:
        return self._reading(actor, lambda drafts, connection: drafts.listed(state, before, limit))

    def get(self, actor: Actor, id: int) -> Draft:
        return self._reading(actor, lambda drafts, connection: drafts.get(id))

    def rename(self, actor: Actor, id: int, title: str) -> None:
        """Another title. Raises `BadInput` for one nobody can read."""
        self._writing(actor, lambda drafts, connection: drafts.rename(drafts.get(id, still_open=True), title))

    def discard(self, actor: Actor, id: int) -> None:
        """Throw the draft away."""
        self._writing(actor, lambda drafts, connection: drafts.discard(drafts.get(id, still_open=True)))

    def put(self, actor: Actor, id: int, kind: str, name: str, document: Mapping[str, Any]) -> Checked:
        """A whole new document in the draft; what the check then says."""
        require_key(kind, name)
        body = read_document(kind, name, document)

        def made(draft: Draft, present: int) -> Edit:
            known = (draft.edits or {}).get((kind, name))
            if known is not None and any(operation.op == "rename" for operation in known.operations):
                message = _m("This draft renames things in {kind} “{name}”; a whole document would undo that unseen.", kind=kind, name=name)
                raise BadInput([Problem("renamed_here", message, "/name", _m("Take the renaming back first, or send operations."))])
            return Edit(kind, name, body, seen=present, turn=_turn(draft))

        return self._edited(actor, id, made)

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

    def take_back_turn(self, actor: Actor, id: int, kind: str, name: str, turn: int) -> Checked:
        """Forget one operation the draft has of the document: the one with `turn`. Raises `NotFound` when it is not there any more."""

        def made(draft: Draft, present: int) -> Edit | None:
            edit = (draft.edits or {}).get((kind, name))
            if edit is None or turn not in (item.turn for item in edit.operations):
                raise NotFound(_m("This change is not in the draft any more."))
            return edit.without(turn)

        return self._edited(actor, id, made, (kind, name))

    def undo(self, actor: Actor, id: int) -> Checked:
        """Take back what was said last, all of it. Raises `Conflict` when there is nothing."""

        def undone(drafts: Drafts, connection: sa.Connection) -> Checked:
            if not drafts.undo(drafts.get(id, still_open=True)):
                raise Conflict(_m("There is no change to take back."))
            return self._checked(drafts, connection, drafts.get(id))

        return self._writing(actor, undone)

    def settle(self, actor: Actor, id: int, choices: Mapping[str, Choice]) -> Checked:
        """Decide where others changed the same things since, by path. Raises `BadInput` naming every path left undecided."""

        def edited(drafts: Drafts, connection: sa.Connection) -> Checked:
            draft = drafts.get(id, still_open=True)
            conflicts = self._for(drafts).conflicts(connection, draft, self._for(drafts).drafted(connection, draft))
            present = self._store.state(connection).revision
            for edit in list((draft.edits or {}).values()):
                made = settled(edit, {item.path: item for item in conflicts}, choices, present)
                if made is None:
                    drafts.drop(draft, edit.key)
                elif made != edit:
                    drafts.put(draft, made)
            return self._checked(drafts, connection, drafts.get(id))

        return self._writing(actor, edited)

    def conflicts(self, actor: Actor, id: int) -> list[Contradiction]:
        """Where others changed the same things since."""

        def found(drafts: Drafts, connection: sa.Connection) -> list[Contradiction]:
            draft = drafts.get(id, still_open=True)
            return self._for(drafts).conflicts(connection, draft, self._for(drafts).drafted(connection, draft))

        return self._reading(actor, found)

    def say(self, actor: Actor, id: int, said: Sequence[Said]) -> Checked:
        """Several edits at once, as screens make them. Raises `BadInput` with what they would add to the draft's problems, and keeps none then."""
        return self._writing(actor, lambda drafts, connection: self._say(drafts, connection, id, said))

    def say_anew(self, actor: Actor, title: str, said: Sequence[Said]) -> int:
        """`say` in a new draft with `title`; its id. Nothing is opened where `say` raises."""

        def opened(drafts: Drafts, connection: sa.Connection) -> int:
            id = drafts.open(actor, title, self._store.state(connection).revision)
            self._say(drafts, connection, id, said)
            return id

        return self._writing(actor, opened)

    def _say(self, drafts: Drafts, connection: sa.Connection, id: int, said: Sequence[Said]) -> Checked:
        draft = drafts.get(id, still_open=True)
        known = {_place(problem) for problem in self._for(drafts).bench(connection, draft).problems}
        present = self._store.state(connection).revision
        for each in said:
            require_key(each.kind, each.name)
            self._put(drafts, drafts.get(id), each, present)
        after = drafts.get(id)
        bench = self._for(drafts).bench(connection, after)
        added = [problem for problem in bench.problems if _place(problem) not in known]
        if added:
            raise BadInput(added)
        return Checked(bench.problems, tuple(_touched_too(after, drafts.others(id))))

    def look(self, actor: Actor, id: int | None) -> Workbench:
        """The draft put into what is published; without a draft what is published. Who shapes some entities finds what they see of it."""
        return self._reading(actor, lambda drafts, connection: self._for(drafts).bench(connection, drafts.get(id, still_open=True) if id is not None else None))

    def whole(self, actor: Actor, id: int | None) -> Workbench:
        """`look` with everything in it, for a preview, which shows what the actor may see; not for screens. Its problems are those of `look`."""

        def found(drafts: Drafts, connection: sa.Connection) -> Workbench:
            draft = drafts.get(id, still_open=True) if id is not None else None
            seen = self._for(drafts).bench(connection, draft)
            if not seen.sound:
                raise BadInput(seen.problems, _m("The draft has problems. It can be previewed when they are solved."))
            return self._drafting.bench(connection, draft)

        return self._reading(actor, found)

    def shapes(self, actor: Actor) -> frozenset[str] | None:
        """The entities the actor may shape, None for all. Raises `Forbidden` for none."""
        return self._shaped(actor)

    def check(self, actor: Actor, id: int) -> Checked:
        """Every problem publishing would meet, but for those of records."""
        return self._reading(actor, lambda drafts, connection: self._checked(drafts, connection, drafts.get(id, still_open=True)))

    def plan(self, actor: Actor, id: int) -> Planned:
        """What publishing would do. Raises `BadInput` with every problem."""

        def planned(drafts: Drafts, connection: sa.Connection) -> Planned:
            draft = drafts.get(id, still_open=True)
            return self._for(drafts).planned(connection, draft, self._for(drafts).drafted(connection, draft))[0]

        return self._reading(actor, planned)

    def publish(self, actor: Actor, id: int, hash: str, reason: str = "", accept_loss: bool = True) -> int:
        """Do what the plan with `hash` said; the new revision, which says `reason`, else the draft's title. Raises `Stale` when that plan no longer holds.

        `BadInput` where records forbid it, or where data would be lost that is not accepted to be.
        """

        def published(drafts: Drafts, connection: sa.Connection) -> int:
            locks.exclusive(connection)
            draft = drafts.get(id, still_open=True)
            if reason:
                drafts.rename(draft, reason)
                draft = drafts.get(id)
            drafted = self._for(drafts).drafted(connection, draft)
            planned, proposal = self._for(drafts).planned(connection, draft, drafted)
            if planned.conflicts:
                raise Stale(_m("Others changed the same things since. Say what shall hold, then plan again."), planned.conflicts)
            if planned.hash != hash:
                raise Stale(_m("This plan no longer holds: the draft or what is published has changed. Plan again."))
            if same(drafted.stored.layers, drafted.layers):
                raise Conflict(_m("This draft changes nothing."))
            if not accept_loss and any(item.risk == "loses data" for item in planned.operations):
                raise BadInput([], _m("Tick that you understand what is lost, or change the draft."))
            revision = self._for(drafts).kept_quiet(lambda: self._publishing.commit(connection, proposal, actor, draft.title))
            drafts.published(draft, revision)
            return revision

        return self._writing(actor, published)

    def model(self, actor: Actor, id: int) -> Model:
        """The model the draft would make, for a preview; for administrators. Raises `BadInput` with every problem."""
        self._require_administrator(actor)

        def made(drafts: Drafts, connection: sa.Connection) -> Model:
            drafted = self._for(drafts).drafted(connection, drafts.get(id, still_open=True))
            return sound(drafted)

        return self._reading(actor, made)

    def _put(self, drafts: Drafts, draft: Draft, said: Said, present: int) -> None:
        known = (draft.edits or {}).get((said.kind, said.name))
        turn = _turn(draft)
        if said.drop:
            drafts.drop(draft, (said.kind, said.name))
            return
        if said.retire:
            if known is not None and known.document is not None and not self._is_published(said.kind, said.name):
                drafts.drop(draft, known.key)
            else:
                drafts.put(draft, Edit(said.kind, said.name, retire=True, seen=present, turn=turn))
            return
        edit = known if known is not None and not known.retire else Edit(said.kind, said.name, seen=present, turn=turn)
        if said.document is not None:
            edit = Edit(said.kind, said.name, read_document(said.kind, said.name, said.document), seen=present, turn=turn)
        if said.operations:
            edit = edit.with_operations(read_operations({"operations": list(said.operations)}, present, turn))
        drafts.put(draft, edit)

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
        return Checked(self._for(drafts).drafted(connection, draft).problems, also)

    def _reading(self, actor: Actor, task: Callable[[Drafts, sa.Connection], T]) -> T:
        shapes = self._shaped(actor)
        with self._database.read() as connection:
            return task(self._drafts(connection, actor, shapes), connection)

    def _writing(self, actor: Actor, task: Callable[[Drafts, sa.Connection], T]) -> T:
        shapes = self._shaped(actor)
        with self._database.write() as connection:
            return task(self._drafts(connection, actor, shapes), connection)

    def _shaped(self, actor: Actor) -> frozenset[str] | None:
        """The entities the actor may shape, None for all. Raises `Forbidden` for none."""
        policy = self._policy()
        if policy.is_administrator(actor):
            return None
        shapes = policy.shapes(actor) - policy.sight(actor).hidden
        if not shapes:
            self._require_administrator(actor)
        return shapes

    def _drafts(self, connection: sa.Connection, actor: Actor, shapes: frozenset[str] | None) -> Drafts:
        now = self._clock.now()
        return Drafts(connection, now) if shapes is None else OwnDrafts(connection, now, actor, shapes, self._policy().sight(actor))

    def _for(self, drafts: Drafts) -> Drafting | DelegatedDrafting:
        """Drafts as who asks sees them."""
        return DelegatedDrafting(self._drafting, self._publishing, drafts.sight) if isinstance(drafts, OwnDrafts) else self._drafting

    def _require_administrator(self, actor: Actor) -> None:
        if not self._policy().is_administrator(actor):
            raise Forbidden(_m("Only administrators may shape the system. Ask one."))


def _turn(draft: Draft) -> int:
    return next_turn((draft.edits or {}).values())


def _place(problem: Problem) -> tuple[str, str | None, str]:
    return problem.code, problem.document, problem.pointer


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
