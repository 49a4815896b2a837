"""A pick list made of the different values of a field, for a text that is to become a choice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.folding import fold
from fieldsmith.db.tables import Schema
from fieldsmith.fields.conversion import UNREADABLE
from fieldsmith.meta.model import Model

MOST_VALUES = 500
_LONGEST = 48


@dataclass(frozen=True, slots=True)
class Proposed:
    """`document` is the pick list; `counts` how many records hold each label."""

    document: Mapping[str, Any]
    counts: Mapping[str, int]


def proposed(connection: sa.Connection, model: Model, dialect: str, entity: str, field: str) -> Proposed:
    """Values that differ only by case or spaces around them are one; its label is how most records write it."""
    owner = model.entities.get(entity)
    found = owner.fields.get(field) if owner is not None else None
    if owner is None or found is None or found.system or found.type in UNREADABLE:
        raise NotFound(_m("There is no field “{name}” whose values could be a pick list.", name=f"{entity}.{field}"[:100]))
    schema = Schema(model, dialect)
    type_ = model.type_of(found)
    columns, unpack, write = schema.columns(found), type_.unpacker(found), type_.export_text(found)
    query = sa.select(sa.func.count(), *columns).where(columns[0].is_not(None)).group_by(*columns).order_by(sa.func.count().desc(), columns[0])
    labels: dict[str, str] = {}
    counts: dict[str, int] = {}
    for row in connection.execute(query.limit(4 * MOST_VALUES)):
        value = unpack(row[1:])
        text = "" if value is None else write(value).strip()
        if not text:
            continue
        label = labels.setdefault(fold(text), text)
        counts[label] = counts.get(label, 0) + row[0]
        if len(labels) > MOST_VALUES or len(text) > 255:
            raise BadInput([Problem("too_many_values", _too_many(), "/field", _m("Tidy the values up first, or choose a lookup."))])
    names = _names(sorted(labels.values(), key=fold))
    taken = _free_name(model, f"{entity}_{field}")
    return Proposed({"name": taken, "label": found.label.text, "values": [{"name": name, "label": label} for label, name in names.items()]}, counts)


def _too_many() -> Any:
    return _m("The field has more than {most} different values, or very long ones: too many for a pick list.", most=MOST_VALUES)


def _names(labels: list[str]) -> dict[str, str]:
    """Label → a name metadata can have."""
    out: dict[str, str] = {}
    taken: set[str] = set()
    for label in labels:
        plain = unicodedata.normalize("NFKD", fold(label)).encode("ascii", "ignore").decode()
        base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[: _LONGEST - 4] or "value"
        base = base if base[0].isalpha() else f"v_{base}"[: _LONGEST - 4]
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        out[label] = name
    return out


def _free_name(model: Model, wanted: str) -> str:
    base, number = wanted[: _LONGEST - 4], 1
    name = base
    while name in model.choices:
        number += 1
        name = f"{base}_{number}"
    return name
