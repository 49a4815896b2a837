"""`Upgrades`: packages into a workspace that has made changes of its own, newer versions of them, and layers of other workspaces.

What was changed here is put onto what the package now says; where both say something of the same, a person settles it. Then
the same check → plan → publish as everything else. Only administrators; web and cli ask through `Workspace.upgrades`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor, Clock
from fieldsmith.base.errors import BadInput, Forbidden
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import Message, _m
from fieldsmith.db import locks
from fieldsmith.db.engine import Database
from fieldsmith.db.store import ModelStore, Stored
from fieldsmith.db.system import fs_changeset
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.canonical import canonical_text
from fieldsmith.meta.compile import compile_model
from fieldsmith.meta.diff import Difference
from fieldsmith.meta.documents import SourceDocument
from fieldsmith.meta.layers import CUSTOM, Key, Layer, layer_of, merge
from fieldsmith.meta.names import Names
from fieldsmith.meta.schemas import SchemaSet
from fieldsmith.studio.bundle_choice import Chosen
from fieldsmith.studio.bundle_export import Installed, exported, installed
from fieldsmith.studio.comeback import Comeback
from fieldsmith.studio.conflicts import Stale
from fieldsmith.studio.impact import Impact, Operation, operations_of
from fieldsmith.studio.publish import Proposal, Publishing, put_in, same
from fieldsmith.studio.upgrade_applied import keep_applied, keep_drafted, last_applied
from fieldsmith.studio.upgrade_changes import Change, changes
from fieldsmith.studio.upgrade_mentions import settle_mentions
from fieldsmith.studio.upgrade_merge import merged_layer, overlaid
from fieldsmith.studio.upgrade_operations import rebased
from fieldsmith.studio.upgrade_renames import renamed_layers, renames_between
from fieldsmith.studio.upgrade_settling import Clash, Settlement, Settling, refusal
from fieldsmith.studio.upgrade_uploads import forget_uploads, keep_upload, kept_upload

Body = dict[str, Any]
Bodies = dict[Key, Body]


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What publishing packages would do, bound to `hash`. Refused while there are `problems` or `clashes`.

    `settled` are clashes with how they were settled, `notes` what was put right by itself (path, sentence), `renames` pairs of
    paths. Without differences there is nothing to publish.
    """

    hash: str
    base: int
    problems: tuple[Problem, ...]
    clashes: tuple[Clash, ...]
    settled: tuple[tuple[Clash, str], ...]
    notes: tuple[tuple[str, Message], ...]
    renames: tuple[tuple[str, str], ...]
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """All layers as they would be. `own` is the workspace's own one; `aligned` what it says today, with everything called as it will be."""

    layers: tuple[Layer, ...]
    own: Bodies
    aligned: Bodies
    applied: Mapping[Key, Mapping[str, Any]] | None
    renames: tuple[tuple[str, str], ...]
    names: Names
    problems: tuple[Problem, ...]
    settling: Settling


class Upgrades:
    """One per workspace. Every method is one transaction."""

    def __init__(
        self,
        publishing: Publishing,
        database: Database,
        store: ModelStore,
        types: Mapping[str, FieldType],
        clock: Clock,
        policy: Callable[[], Policy],
    ) -> None:
        self._publishing, self._database, self._store = publishing, database, store
        self._types, self._clock, self._policy = types, clock, policy

    def listed(self, actor: Actor) -> list[Installed]:
        """Every package, with how much of it was changed here."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            stored = self._store.load(connection)
            clashes = self._worked_out(connection, stored, (), Settlement()).settling.clashes
        return installed(stored.layers, clashes)

    def export(self, actor: Actor, name: str, only: Sequence[str] = (), as_package: str | None = None) -> Chosen:
        """The layer `name` for a folder or bundle: whole, or what `only` names with its closure. Raises `BadInput`."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            stored = self._store.load(connection)
            return exported(self._publishing.model_of(stored), stored.layers, name, only, as_package)

    def plan(self, actor: Actor, layers: Sequence[Layer], settlement: Settlement | None = None) -> Upgrade:
        """What publishing `layers` would do; problems and clashes are in it."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            return self._planned(connection, layers, settlement or Settlement())[0]

    def publish(self, actor: Actor, layers: Sequence[Layer], reason: str, settlement: Settlement | None = None, hash: str | None = None) -> int:
        """Do what the plan said; the revision that then holds. Raises `BadInput` with problems and clashes, `Stale` when `hash` is another plan's."""
        self._require_administrator(actor)
        with self._database.write() as connection:
            locks.exclusive(connection)
            planned, outcome, proposal, stored = self._planned(connection, layers, settlement or Settlement())
            blocking = outcome.settling.blocking()
            if planned.problems or blocking:
                raise BadInput([*planned.problems, *refusal(blocking)], _m("The package cannot be applied yet; nothing was changed."))
            if hash is not None and planned.hash != hash:
                raise Stale(_m("This plan no longer holds: the package or what is published has changed. Plan again."))
            revision = self._publishing.commit(connection, proposal, actor, reason) if proposal is not None else stored.revision
            if outcome.applied is not None and outcome.applied != last_applied(connection, self._store, CUSTOM):
                keep_applied(connection, CUSTOM, outcome.applied, actor, self._clock.now(), revision)
            return revision

    def outcome(self, actor: Actor, layers: Sequence[Layer], settlement: Settlement | None = None) -> Outcome:
        """What the workspace's own layer would become, for those who put it into a draft."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            return self._worked_out(connection, self._store.load(connection), layers, settlement or Settlement())

    def keep_drafted(self, actor: Actor, outcome: Outcome, draft: int) -> None:
        """Remember that publishing the change set `draft` applies what `outcome` was made of."""
        with self._database.write() as connection:
            if outcome.applied is not None:
                keep_drafted(connection, CUSTOM, outcome.applied, actor, self._clock.now(), draft)

    def keep_upload(self, actor: Actor, layer: Layer) -> int:
        """Keep a package somebody sent until it is published or forgotten, for a day at most; its number."""
        self._require_administrator(actor)
        with self._database.write() as connection:
            return keep_upload(connection, layer, actor, self._clock.now())

    def upload(self, actor: Actor, id: int) -> Layer:
        """Raises `NotFound` when it was published, forgotten or a day is over."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            return kept_upload(connection, id)

    def forget_upload(self, actor: Actor, id: int) -> None:
        self._require_administrator(actor)
        with self._database.write() as connection:
            forget_uploads(connection, fs_changeset.c.id == id)

    def open_clashes(self, actor: Actor) -> list[Clash]:
        """Where a package changed what was changed here, and nobody has settled it yet: the workspace's value holds meanwhile."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            stored = self._store.load(connection)
            return self._worked_out(connection, stored, (), Settlement()).settling.clashes

    def _planned(self, connection: sa.Connection, layers: Sequence[Layer], settlement: Settlement) -> tuple[Upgrade, Outcome, Proposal | None, Stored]:
        stored = self._store.load(connection)
        outcome = self._worked_out(connection, stored, layers, settlement)
        if same(stored.layers, outcome.layers) and not outcome.problems:
            return _upgrade(stored, outcome, outcome.settling.unknown()), outcome, None, stored
        found = self._publishing.compiled(connection, stored, outcome.layers, outcome.names)
        problems = [*outcome.problems, *_others(found, outcome.problems), *outcome.settling.unknown()]
        if found.compiled.model is None:
            return _upgrade(stored, outcome, problems), outcome, None, stored
        try:
            proposal = self._publishing.planned(connection, stored, outcome.layers, found)
        except BadInput as error:
            return _upgrade(stored, outcome, [*problems, *error.problems]), outcome, None, stored
        known = self._publishing.model_of(stored) if stored.revision else proposal.model
        impact = Impact(known, merge(outcome.layers).documents, [old for old, _ in outcome.renames])
        return _upgrade(stored, outcome, problems, proposal, operations_of(proposal, impact)), outcome, proposal, stored

    def _worked_out(self, connection: sa.Connection, stored: Stored, sent: Sequence[Layer], settlement: Settlement) -> Outcome:
        settling = Settling(settlement)
        known = {layer.name: layer for layer in stored.layers}
        faults = _missing(sent, known)
        if not faults and not self._fit(sent, known):
            faults = self._publishing.compiled(connection, stored, put_in(stored.layers, sent)).compiled.problems
        if faults:
            raise BadInput(faults, _m("The metadata has problems; nothing was changed."))
        layers = [self._kept(_whole(layer, known.get(layer.name)), known.get(layer.name)) for layer in sent]
        incoming = next((layer for layer in layers if layer.name == CUSTOM), None)
        packages = [layer for layer in layers if layer.name != CUSTOM]
        pairs = renames_between(merge(stored.layers).documents, merge(put_in(stored.layers, layers)).documents) if stored.revision else []
        aligned = renamed_layers(stored.layers, pairs, stored.names, self._types)
        own = _bodies(next((layer for layer in aligned if layer.name == CUSTOM), None))
        present = dict(own)
        applied: dict[Key, Mapping[str, Any]] | None = None
        if incoming is not None:
            below_own = [layer for layer in aligned if layer.name != CUSTOM]
            base = self._renamed_base(last_applied(connection, self._store, CUSTOM), below_own, own)
            theirs: dict[Key, Mapping[str, Any]] = {key: body for key, body in _bodies(incoming).items()}
            applied = overlaid(base, theirs) if incoming.part else theirs
            own = merged_layer(base, own, applied, settling)
        old_below = merge([layer for layer in aligned if layer.name != CUSTOM]).documents
        below = put_in([layer for layer in stored.layers if layer.name != CUSTOM], packages)
        own = rebased(own, old_below, merge(below).documents, settling)
        in_use: Sequence[Problem] = ()
        if stored.revision and (sent or own != present):
            impact = Impact(self._publishing.model_of(stored), self._effective(below, own, known), [old for old, _ in pairs])
            in_use = settle_mentions(own, impact.in_use(), self._effective(below, own, known), settling)
        final = (*below, self._own_layer(own, known)) if own or CUSTOM in known else below
        return Outcome(tuple(final), own, present, applied, tuple(pairs), stored.names.moved(pairs), tuple(in_use), settling)

    def _renamed_base(self, base: Bodies, below: Sequence[Layer], own: Bodies) -> Bodies:
        """What was applied last, with everything called as it is now: a rename is no change of what mentions it."""
        layers = [[*below, layer_of(CUSTOM, [(*key, body) for key, body in bodies.items()])] for bodies in (base, own)]
        pairs = renames_between(*(merge(each).documents for each in layers)) if base else []
        if not pairs or compile_model(layers[0], Names(), self._types, self._publishing.validators, 0).model is None:
            return base
        return _bodies(renamed_layers(layers[0], pairs, Names(), self._types)[-1])

    def _effective(self, below: Sequence[Layer], own: Bodies, known: Mapping[str, Layer]) -> Any:
        return merge((*below, self._own_layer(own, known))).documents

    def _own_layer(self, own: Bodies, known: Mapping[str, Layer]) -> Layer:
        """Documents that say what they said stay as they are stored."""
        stored = {(item.kind, item.name): item for item in known[CUSTOM].documents} if CUSTOM in known else {}
        bodies = {key: stored[key].body if key in stored and _plain(stored[key].body) == body else body for key, body in own.items()}
        origins = {key: stored[key].origin for key in bodies if key in stored and stored[key].body is bodies[key]}
        return layer_of(CUSTOM, [(kind, name, body) for (kind, name), body in sorted(bodies.items())], origins)

    def _fit(self, sent: Sequence[Layer], known: Mapping[str, Layer]) -> bool:
        """Do all documents have the form their schemas say? Nothing else is asked of those that have not."""
        problems = self._publishing.validators.problems
        stored = {(layer.name, item.kind, item.name): item.body for layer in known.values() for item in layer.documents}
        new = (item for layer in sent for item in layer.documents if stored.get((layer.name, item.kind, item.name)) != item.body)
        return not any(problems(item.kind, item.body) for item in new)

    def _kept(self, layer: Layer, known: Layer | None) -> Layer:
        """`layer` with every document that says the same as the stored one as it is stored."""
        stored = {(item.kind, item.name): item for item in known.documents} if known is not None else {}
        documents = [self._kept_document(item, stored.get((item.kind, item.name))) for item in layer.documents]
        return replace(layer, documents=tuple(documents))

    def _kept_document(self, item: SourceDocument, known: SourceDocument | None) -> SourceDocument:
        if known is None or known.body == item.body:
            return item if known is None else known
        texts = {canonical_text(item.kind, body, self._schemas, self._types) for body in (item.body, known.body)}
        return known if len(texts) == 1 else item

    @property
    def _schemas(self) -> SchemaSet:
        return self._publishing.validators.schemas

    def _require_administrator(self, actor: Actor) -> None:
        if not self._policy().is_administrator(actor):
            raise Forbidden(_m("Only administrators may shape the system. Ask one."))


def _upgrade(
    stored: Stored, outcome: Outcome, problems: Sequence[Problem], proposal: Proposal | None = None, operations: tuple[Operation, ...] = ()
) -> Upgrade:
    """While clashes are open, only problems that do not come of them are told."""
    settling = outcome.settling
    known = {(layer.name, item.kind, item.name): item.body for layer in stored.layers for item in layer.documents}
    said = {(layer.name, item.kind, item.name): item.body for layer in outcome.layers for item in layer.documents}
    new = [[*key, body] for key, body in said.items() if known.get(key) is not body]
    gone = sorted(known.keys() - said.keys())
    sql = [step.sql for step in proposal.plan.steps] if proposal is not None else []
    before, after = merge(stored.layers).documents, merge(outcome.layers).documents
    return Upgrade(
        _digest([stored.revision, new, gone, sql]),
        stored.revision,
        tuple(outcome.problems if settling.blocking() else problems),
        tuple(settling.clashes),
        tuple(settling.settled),
        tuple(settling.notes),
        outcome.renames,
        proposal.differences if proposal is not None else (),
        tuple(changes(before, after)),
        operations,
    )


def _whole(layer: Layer, known: Layer | None) -> Layer:
    """A part of a package with what it leaves out as it is installed; of the workspace's own layer the merge sees to that."""
    if not layer.part or layer.name == CUSTOM or known is None:
        return layer
    said = {(item.kind, item.name) for item in layer.documents}
    kept = [item for item in known.documents if (item.kind, item.name) not in said]
    manifest = [item for item in known.documents if item.kind == "package"]
    return Layer(layer.name, known.version, (*manifest, *(item for item in (*kept, *layer.documents) if item.kind != "package")), layer.manifest)


def _missing(sent: Sequence[Layer], known: Mapping[str, Layer]) -> Sequence[Problem]:
    """A part of a package needs the package; `custom` has no manifest among its documents, so its needs are looked at here."""
    out = []
    there = {*known, *(layer.name for layer in sent)}
    for layer in sent:
        for name in layer.requires if layer.name == CUSTOM else ():
            if name not in there:
                message = _m("Package “{name}” is required but not there. Apply it first.", name=name[:100])
                out.append(Problem("requires_missing", message, "/requires", did_you_mean(name[:100], known), f"{CUSTOM}/package.json"))
        if layer.part and layer.name != CUSTOM and layer.name not in known:
            message = _m("This is only a part of package “{name}”, which is not there. Apply the whole package first.", name=layer.name)
            out.append(Problem("part_of_nothing", message, "/part", None, f"{layer.name}/package.json"))
    return out


def _bodies(layer: Layer | None) -> Bodies:
    if layer is None:
        return {}
    return {(item.kind, item.name): _plain(item.body) for item in layer.documents}


def _plain(body: Mapping[str, Any]) -> Body:
    return {key: value for key, value in body.items() if key != "$schema"}


def _others(found: Comeback, told: Sequence[Problem]) -> list[Problem]:
    """Problems of the check, but for places of which something was said already."""
    places = {(problem.document, problem.pointer) for problem in told}
    return [problem for problem in found.compiled.problems if (problem.document, problem.pointer) not in places]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
