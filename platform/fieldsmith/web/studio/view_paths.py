"""What the columns, order and sums of a view can be made of, as the draft has it: fields of its entity and of those it points at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsmith.base.text import Label
from fieldsmith.fields.computed import shown_as
from fieldsmith.meta.model import SUMMED, SYSTEM_FIELDS
from fieldsmith.web.studio.desk import Desk
from fieldsmith.web.studio.entity_head import field_label, fields_of
from fieldsmith.web.studio.field_types import types

_SYSTEM = tuple(name for name in SYSTEM_FIELDS if name != "deleted_at")


@dataclass(frozen=True, slots=True)
class PathChoice:
    """One field that can be chosen; `kind` is the type its values are shown as, "" where the draft does not tell."""

    path: str
    label: str
    kind: str
    own: bool

    @property
    def sortable(self) -> bool:
        found = types().get(self.kind)
        return found is None or found.sortable


@dataclass(frozen=True, slots=True)
class PathGroup:
    """`label` "" is the entity itself, else the lookup that leads there."""

    label: str
    choices: tuple[PathChoice, ...]


class ViewPaths:
    """The choices for one entity."""

    def __init__(self, now: Desk, entity: str) -> None:
        self._now = now
        self._entity = entity
        own = self._fields(entity, "", "")
        self.groups: list[PathGroup] = [PathGroup("", tuple(own))]
        for item in fields_of(now, entity):
            to = item.get("to")
            if item.get("type") == "lookup" and isinstance(to, str) and ("entity", to) in now.documents:
                label = field_label(now, entity, item)
                self.groups.append(PathGroup(label, tuple(self._fields(to, f"{item['name']}.", f"{label} · "))))
        self._labels = {choice.path: choice.label for group in self.groups for choice in group.choices}
        self.boards = [choice for choice in own if choice.kind == "choice" and self._is_plain_choice(choice.path)]
        self.sums = [choice for choice in own if choice.kind in SUMMED]

    @property
    def offered(self) -> frozenset[str]:
        """Every path of the groups."""
        return frozenset(self._labels)

    def label(self, path: str) -> str:
        """What the reader calls a path; paths over more lookups than are offered by their names."""
        return self._labels.get(path, path)

    def _fields(self, entity: str, before: str, said: str) -> list[PathChoice]:
        choices = [
            PathChoice(before + item["name"], said + field_label(self._now, entity, item), self._kind(entity, item), not before)
            for item in fields_of(self._now, entity)
            if not item.get("hidden")
        ]
        return [*choices, *self._system(entity, before, said)]

    def _system(self, entity: str, before: str, said: str) -> list[PathChoice]:
        known = self._now.model.entities.get(entity) or next(iter(self._now.model.entities.values()))
        fields = [field for field in known.fields.values() if field.system and field.name != "deleted_at" and (field.name in _SYSTEM or known.name == entity)]
        return [PathChoice(before + field.name, said + self._said(field.label), shown_as(field), not before) for field in fields]

    def _said(self, label: Label) -> str:
        return label.render(self._now.words)

    def _kind(self, entity: str, item: Mapping[str, Any]) -> str:
        known = self._now.model.entities.get(entity)
        field = known.fields.get(item["name"]) if known is not None else None
        if field is not None and field.type == item.get("type"):
            return shown_as(field)
        return str(item.get("returns", "")) if item.get("type") in ("formula", "rollup") else str(item.get("type", ""))

    def _is_plain_choice(self, name: str) -> bool:
        """The value of a formula cannot be changed by moving a card."""
        said = next((item.get("type") for item in fields_of(self._now, self._entity) if item["name"] == name), "choice")
        return said == "choice"


def options(choices: Sequence[PathChoice]) -> list[tuple[str, str]]:
    """For a list to choose from, with "none" first."""
    return [("", "–"), *((choice.path, choice.label) for choice in choices)]
