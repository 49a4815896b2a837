"""What names mean where an expression stands. `meta` answers for a model and a reader; the language itself knows no model."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from fieldsmith.base.text import Label, Message
from fieldsmith.expr.types import Type


@dataclass(frozen=True, slots=True)
class Symbol:
    """A field, or a part of one, as expressions see it.

    `name` is as written (`amount`; a part `amount.currency`), `field` the field's own name, `column` the part of its storage
    that holds the value ("" is the main one). `read` makes of the field's canonical value (never blank) the expression's;
    None where it is the same. `parts` are by their own short names. `longest` is how many code points a text may have: joining
    and replacing is only guarded against huge results where these limits do not rule them out.
    """

    entity: str
    name: str
    field: str
    label: Label
    type: Type
    column: str = ""
    read: Callable[[Any], Any] | None = None
    parts: Mapping[str, Symbol] = dataclasses.field(default_factory=dict)
    longest: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Related:
    """A list of records that belong to one: the live records of `entity` whose lookup `field` is this record.

    `via` is "lookup", "polymorphic", "link" (this entity's own many-to-many field `field`, `owner` its entity) or "inverse link"
    (a many-to-many field of `entity` that points here).
    """

    name: str
    owner: str
    entity: str
    field: str
    via: Literal["lookup", "polymorphic", "link", "inverse link"]


@dataclass(frozen=True, slots=True)
class EntityNames:
    """The names an expression over one entity may use; those its reader may not see are simply not there.

    `former` says of names that are no longer what became of them.
    """

    name: str
    label: Label
    fields: Mapping[str, Symbol]
    related: Mapping[str, Related]
    former: Mapping[str, Message] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChoiceName:
    value: str
    label: Label


class Vocabulary(Protocol):
    """Entities and pick lists by name; None for what is not there or may not be seen."""

    def entity(self, name: str) -> EntityNames | None: ...
    def choices(self, name: str) -> Sequence[ChoiceName] | None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: what it may speak of and what it must give.

    `entity` None: no record (a default of a parameter). `expects` None: any type. `changes` allows `old`, ISNEW and CHANGED.
    `acting` allows `user`, TODAY and NOW. `sql` refuses functions that only Python has. `aggregates` allows related lists.
    """

    entity: str | None
    expects: Type | None = None
    changes: bool = False
    acting: bool = True
    params: Mapping[str, Type] = dataclasses.field(default_factory=dict)
    sql: bool = True
    aggregates: bool = True


@dataclass(frozen=True, slots=True)
class Calendar:
    """The company's: `fiscal_start` is a month, `workdays` are 1 (Monday) … 7, `holidays` ISO dates (`2026-12-25`)."""

    fiscal_start: int = 1
    workdays: tuple[int, ...] = (1, 2, 3, 4, 5)
    holidays: frozenset[str] = frozenset()
