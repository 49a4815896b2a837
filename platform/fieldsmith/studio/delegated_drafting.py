"""`DelegatedDrafting`: drafts as somebody sees them who may shape some entities and does not see everything: no name, value or count of
what is hidden from them stands in it, and a draft that names such a thing is refused as if there were none.

Stands in the place of `Drafting` for them (`ChangeSets`). What is published in the end is worked out from the whole metadata.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import sqlalchemy as sa

from fieldsmith.access.seen_documents import seen_documents
from fieldsmith.access.sight import Sight
from fieldsmith.access.spoken import spoken
from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.check_spoken import spoken_problems
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.members import index_of
from fieldsmith.meta.naming import names_in_use
from fieldsmith.meta.references import Use, uses
from fieldsmith.studio.conflicts import Contradiction
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.delegated_problems import Refusals, clash
from fieldsmith.studio.drafting import Drafted, Drafting, Planned, edits_hash
from fieldsmith.studio.drafts import Draft
from fieldsmith.studio.impact import Operation
from fieldsmith.studio.publish import Proposal, Publishing
from fieldsmith.studio.workbench import Workbench

T = TypeVar("T")
_COUNTED = frozenset({"count", "rows"})


@dataclass(frozen=True)
class SeenBench(Workbench):
    """Uses are worked out over the whole model, because half of it cannot be linked, and then cut."""

    seen_graph: Mapping[str, list[Use]] = field(default_factory=dict)

    @cached_property
    def graph(self) -> Mapping[str, list[Use]]:
        return self.seen_graph


class DelegatedDrafting:
    """For one transaction and one `sight`: what is masked from them is hidden here, for nobody can shape a mask."""

    def __init__(self, whole: Drafting, publishing: Publishing, sight: Sight) -> None:
        self._whole = whole
        self._publishing = publishing
        self._held = sight
        self._sight = replace(sight, hidden=sight.unspoken, masked=frozenset(), locked=frozenset())

    def bench(self, connection: sa.Connection, draft: Draft | None) -> Workbench:
        full = self._whole.bench(connection, draft)
        key = full.revision, "" if draft is None else f"{draft.id} {edits_hash(draft)}", self._held
        return self._whole.keep(key, lambda: self._bench(connection, draft, full))

    def drafted(self, connection: sa.Connection, draft: Draft) -> Drafted:
        found = self._whole.drafted(connection, draft)
        return replace(found, problems=self._problems(connection, draft, found))

    def planned(self, connection: sa.Connection, draft: Draft, drafted: Drafted) -> tuple[Planned, Proposal]:
        planned, proposal = self.kept_quiet(lambda: self._whole.planned(connection, draft, drafted))
        graph = self.bench(connection, None).graph
        known = {use for found in graph.values() for use in found}
        operations = tuple(self._told(item, known) for item in planned.operations)
        return replace(planned, operations=operations, conflicts=tuple(self._between(connection, planned.conflicts))), proposal

    def conflicts(self, connection: sa.Connection, draft: Draft, drafted: Drafted) -> list[Contradiction]:
        return self._between(connection, self._whole.conflicts(connection, draft, drafted))

    def kept_quiet(self, task: Callable[[], T]) -> T:
        """What `task` gives; where stored records forbid it, which they are is told only to who may read all of them."""
        try:
            return task()
        except BadInput as refused:
            if not self._beyond():
                raise
            said = _m("The records stored do not allow this. An administrator sees which.")
            told = [replace(problem, message=said, hint=None) for problem in refused.problems]
            raise BadInput(told, refused.title) from None

    def _bench(self, connection: sa.Connection, draft: Draft | None, full: Workbench) -> Workbench:
        graph = uses(full.model)
        documents = seen_documents(full.model, self._sight, graph, full.documents)
        base = full if draft is None else self.bench(connection, None)
        return SeenBench(
            full.revision,
            draft,
            documents if draft is None else base.published,
            documents,
            {key: replace(item, body=_common(item.body, documents[key].body)) for key, item in full.below.items() if key in documents},
            spoken(full.model, self._sight, seen_documents(full.model, self._sight, graph)),
            () if draft is None else self.drafted(connection, draft).problems,
            full.sound and (draft is None or not self.drafted(connection, draft).problems),
            full.renames,
            {target: kept for target, found in graph.items() if not self._is_hidden(target) and (kept := [use for use in found if _is_there(use, documents)])},
        )

    def _problems(self, connection: sa.Connection, draft: Draft, drafted: Drafted) -> tuple[Problem, ...]:
        edits = tuple((draft.edits or {}).values())
        published = self._whole.bench(connection, None)
        refusals = Refusals(edits, published.documents, self.bench(connection, None).documents, self._sight.hidden, published.model)
        model, refused = self._publishing.linked(drafted.stored, drafted.layers)
        found = spoken_problems(model, refused, self._sight.hidden, self._beyond(), {edit.key for edit in edits})
        back = [clash(path) for path in _comebacks(drafted)]
        return (*refusals.told(drafted.problems, found), *back)

    def _beyond(self) -> frozenset[str]:
        """Entities some of whose records are out of reach."""
        sight = self._held
        return frozenset(name for name in sight.rights if sight.scope("read", name) != "all" or sight.limits.get(name) or sight.portal is not None)

    def _is_hidden(self, target: str) -> bool:
        kind, name, *rest = target.split("/")
        return kind in ("role", "sharing_rule") or (kind == "entity" and (name in self._sight or (rest[:1] == ["fields"] and self._sight.hides(name, rest[1]))))

    def _told(self, item: Operation, known: set[Use]) -> Operation:
        """Without SQL, and without counts where not every record may be read."""
        kind, name, *_ = (*item.path.split("/"), "")
        far, unseen = kind == "entity" and name in self._beyond(), self._is_hidden(item.path)
        quiet = unseen or (far and not _COUNTED.isdisjoint(item.title.params))
        title = _m("Change what is stored of {entity}", entity=name) if quiet else item.title
        item = replace(item, path=f"{kind}/{name}") if unseen else item
        return replace(item, sql=(), rows=0 if far else item.rows, title=title, uses=tuple(use for use in item.uses if use in known))

    def _between(self, connection: sa.Connection, found: Sequence[Contradiction]) -> list[Contradiction]:
        """What others said, as far as it may be read."""
        seen, whole = self.bench(connection, None).documents, self._whole.bench(connection, None).documents
        return [item if _reads_alike(item.path, seen, whole) else replace(item, base=None, theirs=None) for item in found]


def _comebacks(drafted: Drafted) -> list[str]:
    """Paths that would bring back what was retired, with its data: whose those were to see nobody can tell any more."""
    model = drafted.compiled.compiled.model
    used = names_in_use(model) if model is not None and drafted.compiled.restored else {}
    return [path for path, name in used.items() if name.uid in drafted.compiled.restored]


def _common(base: Any, here: Any) -> Any:
    """What of `base` is also in `here`: whether something is there is told, what it was is not."""
    if isinstance(base, Mapping) and isinstance(here, Mapping):
        return {key: _common(value, here[key]) for key, value in base.items() if key in here}
    if isinstance(base, (list, tuple)) and isinstance(here, (list, tuple)):
        named = [(item, index_of(list(here), str(item.get("name")) if isinstance(item, Mapping) else item)) for item in base]
        return [_common(item, here[at]) for item, at in named if at is not None]
    return here


def _is_there(use: Use, documents: Mapping[Key, Effective]) -> bool:
    found = documents.get((use.kind, use.name))
    return found is not None and value_at(found.body, use.pointer)[1]


def _reads_alike(path: str, seen: Mapping[Key, Effective], whole: Mapping[Key, Effective]) -> bool:
    kind, name, *rest = path.split("/")
    place = "".join(f"/{part}" for part in rest)
    one, other = seen.get((kind, name)), whole.get((kind, name))
    return one is not None and other is not None and value_at(one.body, place) == value_at(other.body, place)
