"""`Workbench`: a draft put into what is published, for the studio's screens to look at. Made by `ChangeSets.look`.

Screens show and change documents rather than the model, since a draft may have problems and then has no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fieldsmith.base.problems import Problem
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.model import Model
from fieldsmith.meta.references import Use, uses
from fieldsmith.studio.drafts import Draft


@dataclass(frozen=True, slots=True)
class Said:
    """One thing an administrator says of one document: a whole new `document`, `operations` as the API takes them, or `retire`.

    `drop`: forget what the draft says of it.
    """

    kind: str
    name: str
    operations: Sequence[Mapping[str, Any]] = ()
    document: Mapping[str, Any] | None = None
    retire: bool = False
    drop: bool = False


@dataclass(frozen=True)
class Workbench:
    """`documents` are the effective ones as the draft makes them, faulty ones too; `below` as they are without the workspace's own layer.

    `model` is the draft's when `sound`, else the published one. Without a draft all is as published.
    """

    revision: int
    draft: Draft | None
    published: Mapping[Key, Effective]
    documents: Mapping[Key, Effective]
    below: Mapping[Key, Effective]
    model: Model
    problems: tuple[Problem, ...] = ()
    sound: bool = True
    renames: Sequence[tuple[str, str]] = field(default=())

    def of_kind(self, kind: str, entity: str | None = None) -> list[Effective]:
        """Documents of one kind in order, those of `entity` alone for kinds that belong to one."""
        return [item for (is_kind, _), item in self.documents.items() if is_kind == kind and entity in (None, item.body.get("entity"))]

    @cached_property
    def graph(self) -> Mapping[str, list[Use]]:
        """Every mention in `model`, by what is mentioned."""
        return uses(self.model)

    def uses_of(self, path: str) -> list[Use]:
        """Where what is at `path` (`entity/deal/fields/amount`) is mentioned; for a whole document also where its members are."""
        found = dict.fromkeys(use for target, listed in self.graph.items() if f"{target}/".startswith(f"{path}/") for use in listed)
        return [use for use in found if f"{use.kind}/{use.name}" != path]
