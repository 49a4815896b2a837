"""What a simulated draft is told as: who gains and who loses, by person and entity. Made by `simulating`, shown by `web`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fieldsmith.access.shifts import FieldShift
from fieldsmith.base.context import Actor
from fieldsmith.base.text import Message
from fieldsmith.meta.model import Entity
from fieldsmith.meta.roles import FIELD_RIGHTS, SCOPES, Right, Scope
from fieldsmith.query.row_shifts import RowShift


@dataclass(frozen=True, slots=True)
class RightLine:
    """`rows` None: the right is not about records there are, or (`counted` False) there was no time to count them."""

    right: Right
    before: Scope
    after: Scope
    rows: RowShift | None = None
    counted: bool = True

    @property
    def gains(self) -> bool:
        return self.rows.gained > 0 if self.rows is not None else SCOPES.index(self.after) > SCOPES.index(self.before)

    @property
    def loses(self) -> bool:
        return self.rows.lost > 0 if self.rows is not None else SCOPES.index(self.after) < SCOPES.index(self.before)


@dataclass(frozen=True, slots=True)
class EntityShift:
    """What changes for one person on one entity, as the draft calls it. `cut`: only its newest records were looked at."""

    entity: Entity
    rights: Sequence[RightLine]
    fields: Sequence[FieldShift]
    cut: bool = False

    @property
    def gains(self) -> bool:
        return any(line.gains for line in self.rights) or any(FIELD_RIGHTS.index(item.after) > FIELD_RIGHTS.index(item.before) for item in self.fields)

    @property
    def loses(self) -> bool:
        return any(line.loses for line in self.rights) or any(FIELD_RIGHTS.index(item.after) < FIELD_RIGHTS.index(item.before) for item in self.fields)


@dataclass(frozen=True, slots=True)
class PersonShift:
    """`alike` people, this one among them, hold the same roles and are in the same groups that sharing rules name.

    `administers` is (before, after) where that changes, `shapes` likewise the entities one may shape in the studio.
    """

    actor: Actor
    name: str
    alike: int
    entities: Sequence[EntityShift]
    administers: tuple[bool, bool] | None = None
    shapes: tuple[frozenset[str], frozenset[str]] | None = None

    @property
    def gains(self) -> bool:
        more = self.shapes is not None and bool(self.shapes[1] - self.shapes[0])
        return more or self.administers == (False, True) or any(item.gains for item in self.entities)

    @property
    def loses(self) -> bool:
        less = self.shapes is not None and bool(self.shapes[0] - self.shapes[1])
        return less or self.administers == (True, False) or any(item.loses for item in self.entities)


@dataclass(frozen=True, slots=True)
class Simulation:
    """`people` are those for whom something changes. Looked at were `looked_at` of the `concerned`, whose rights the draft speaks of, among `everybody`.

    `each`: all concerned were looked at, else one person of each kind.
    Of entities with more than `newest` records only the newest were. `notes` say what the numbers cannot know.
    """

    people: Sequence[PersonShift] = ()
    everybody: int = 0
    concerned: int = 0
    looked_at: int = 0
    kinds: int = 0
    each: bool = True
    newest: int = 0
    in_time: bool = True
    notes: Sequence[Message] = ()
