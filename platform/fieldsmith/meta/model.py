"""The model: what all documents together say, linked and frozen. Every other room reads it; only `meta.build` makes it.

Lists of named things are mappings in document order. Entities carry their system fields as ordinary fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from fieldsmith.base.text import Label
from fieldsmith.expr.function import Function
from fieldsmith.expr.functions import functions
from fieldsmith.expr.nodes import Node
from fieldsmith.expr.vocabulary import Calendar, Vocabulary
from fieldsmith.fields.base import Field, FieldType
from fieldsmith.meta.company import Company
from fieldsmith.meta.former import Former
from fieldsmith.meta.roles import Role, Sharing, SharingRule
from fieldsmith.meta.vocabulary import ModelVocabulary

SYSTEM_FIELDS = ("id", "owner", "created_at", "created_by", "modified_at", "modified_by", "version", "deleted_at")
RECORD_TYPE = "record_type"
"""The system field of entities that have record types."""

SUMMED = frozenset({"integer", "decimal", "currency", "duration"})  # types a board adds up


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    label: Label
    requires: tuple[str, ...] = ()
    description: Label | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """`fields` in order, a leading `-` for descending; physical name is `ix_<table>_<uid>`."""

    name: str
    uid: int
    fields: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A lookup seen from its target: `entity.field` points here."""

    entity: str
    field: str
    inverse: str | None
    on_delete: Literal["restrict", "clear", "cascade"]


@dataclass(frozen=True, slots=True)
class Entity:
    """`table` is the physical name (prefixed), `references` the lookups and link fields that point at this entity."""

    name: str
    uid: int
    table: str
    label: Label
    plural: Label
    icon: str
    name_field: str
    fields: Mapping[str, Field]
    indexes: tuple[Index, ...] = ()
    features: frozenset[str] = frozenset()  # activities, comments, files, history
    help: Label | None = None
    references: tuple[Reference, ...] = ()
    former: Mapping[str, Former] = field(default_factory=dict)  # names its fields had
    sharing: Sharing = "all"  # how far a right without a scope goes

    def own_fields(self) -> Sequence[Field]:
        """The fields metadata declared, without the system's."""
        return [item for item in self.fields.values() if not item.system]


@dataclass(frozen=True, slots=True)
class ChoiceValue:
    name: str
    label: Label
    colour: str | None = None
    active: bool = True
    was: tuple[str, ...] = ()  # names it had before
    for_: tuple[str, ...] | None = None  # values of the controlling list it can be chosen for, None for all


@dataclass(frozen=True)
class ChoiceList:
    name: str
    label: Label
    values: Mapping[str, ChoiceValue]
    depends_on: str | None = None  # the controlling list

    def label_of(self, value: str) -> Label | None:
        found = self.values.get(value)
        return found.label if found else None

    def renamed_in(self, other: ChoiceList) -> dict[str, str]:
        """Names only this list has → what the same values are called in `other`, a later or an earlier state of it."""
        gone = [value for value in self.values.values() if value.name not in other.values]
        fresh = [value for value in other.values.values() if value.name not in self.values]
        return {old.name: new.name for old in gone for new in fresh if old.name in new.was or new.name in old.was}

    def replaced_in(self, other: ChoiceList) -> dict[str, str]:
        """Values only this list has → those of both that take their place in `other`, a later state of it: they say they were called so."""
        gone = self.values.keys() - other.values.keys()
        both = (value for value in other.values.values() if value.name in self.values)
        return {name: value.name for value in both for name in value.was if name in gone}

    def allowed_for(self, controlling: str | None) -> frozenset[str]:
        """The values that go with one of the controlling list, or with none chosen there."""
        return frozenset(value.name for value in self.values.values() if value.for_ is None or controlling in value.for_)

    @cached_property
    def active(self) -> tuple[str, ...]:
        return tuple(value.name for value in self.values.values() if value.active)

    @cached_property
    def all(self) -> tuple[str, ...]:
        return tuple(self.values)


@dataclass(frozen=True, slots=True)
class RecordType:
    """A kind of record of an entity. `choices` narrows choice fields to some of their values; others have all of theirs."""

    name: str
    entity: str
    label: Label
    help: Label | None = None
    default: bool = False
    active: bool = True
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    was: tuple[str, ...] = ()  # names it had before


def record_type_list(entity: str) -> str:
    """The pick list of the record types of `entity`; no document can be called so."""
    return f"{entity}.{RECORD_TYPE}"


@dataclass(frozen=True, slots=True)
class Section:
    """`tab` None is the first one; `visible` an expression, "" for always. Related lists and components have the same two."""

    name: str
    label: Label
    columns: int
    fields: tuple[str, ...]
    tab: str | None = None
    visible: str = ""


@dataclass(frozen=True, slots=True)
class RelatedList:
    """Rows of `entity` whose lookup `field` is the record on the page."""

    name: str
    label: Label
    entity: str
    field: str
    columns: tuple[str, ...]
    sort: tuple[str, ...] = ()
    tab: str | None = None
    visible: str = ""


@dataclass(frozen=True, slots=True)
class LayoutTab:
    name: str
    label: Label


@dataclass(frozen=True, slots=True)
class Component:
    """`component` is history or text; `text` what a text says."""

    name: str
    component: Literal["history", "text"]
    label: Label | None = None
    text: Label | None = None
    tab: str | None = None
    visible: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """Fields in no section are added to the last one of the default layout by `meta.build`. `roles` and `record_types` empty: for all."""

    name: str
    entity: str
    label: Label
    highlights: tuple[str, ...]
    sections: tuple[Section, ...]
    related: tuple[RelatedList, ...] = ()
    path: str | None = None  # a choice field shown as path bar
    roles: tuple[str, ...] = ()
    record_types: tuple[str, ...] = ()
    tabs: tuple[LayoutTab, ...] = ()
    components: tuple[Component, ...] = ()
    active: bool = True

    @property
    def parts(self) -> Mapping[str, Section | RelatedList | Component]:
        """All that may be shown or not, by its place: `sections/main`, `related/lines`, `components/hint`."""
        lists = (("sections", self.sections), ("related", self.related), ("components", self.components))
        return {f"{key}/{item.name}": item for key, items in lists for item in items}


@dataclass(frozen=True, slots=True)
class View:
    """A saved list. `columns` and `sort` may be paths over lookups (`account.owner.name`); `-` sorts descending.

    `filter` is an expression, "" for every record. `group` is the choice field whose values are the columns of a board, `sum` the
    field added up in each; "" for none.
    """

    name: str
    entity: str
    label: Label
    columns: tuple[str, ...]
    sort: tuple[str, ...] = ()
    default: bool = False
    filter: str = ""
    show: Literal["table", "board"] = "table"
    group: str = ""
    sum: str = ""
    roles: tuple[str, ...] = ()  # empty: everybody


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """A save is refused with `message`, at `field` where there is one, when `when` is true (or "") and `must` is false."""

    name: str
    entity: str
    label: Label
    must: str
    message: Label
    field: str | None = None
    when: str = ""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """When `fields` are visible, required, read-only: expressions, "" where the rule says nothing of it."""

    name: str
    entity: str
    label: Label
    fields: tuple[str, ...]
    visible: str = ""
    required: str = ""
    read_only: str = ""


Rule = ValidationRule | FieldRule


@dataclass(frozen=True, slots=True)
class Computation:
    """How one computed field of one entity gets its value.

    `node` is checked; a number ends in Apply "store" at the declared scale. `stored`: it has a column; else every query works
    it out. `plain`: it reads nothing but own, not computed columns, so the database itself could. `reads` are the own fields it
    reads directly, computed ones too. `rank` 1 reads no computed field of its entity, 2 one of rank 1, and so on.
    """

    field: Field
    node: Node
    stored: bool
    plain: bool
    reads: tuple[str, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: Label
    icon: str
    entity: str
    view: str | None = None
    roles: tuple[str, ...] = ()  # empty: everybody


@dataclass(frozen=True, slots=True)
class App:
    name: str
    label: Label
    icon: str
    tabs: tuple[str, ...]
    roles: tuple[str, ...] = ()  # empty: everybody


@dataclass(frozen=True)
class Model:
    """Everything, for one revision. Compared by identity; never changed."""

    revision: int
    packages: Mapping[str, Package]
    types: Mapping[str, FieldType]
    entities: Mapping[str, Entity]
    choices: Mapping[str, ChoiceList]
    layouts: Mapping[str, Layout]  # keys `entity.name`
    views: Mapping[str, View]  # keys `entity.name`
    tabs: Mapping[str, Tab]
    apps: Mapping[str, App]
    roles: Mapping[str, Role]
    company: Company
    documents: Mapping[tuple[str, str], Any] = field(default_factory=dict, repr=False)  # (kind, name) → layers.Effective
    rules: Mapping[str, Rule] = field(default_factory=dict)  # keys `entity.name`
    computed: Mapping[str, Mapping[str, Computation]] = field(default_factory=dict)  # entity → field, by rank
    former: Mapping[str, Former] = field(default_factory=dict)  # names entities had
    record_types: Mapping[str, RecordType] = field(default_factory=dict)  # keys `entity.name`
    sharing_rules: Mapping[str, SharingRule] = field(default_factory=dict)  # keys `entity.name`

    @cached_property
    def entities_by_uid(self) -> Mapping[int, Entity]:
        return {entity.uid: entity for entity in self.entities.values()}

    @cached_property
    def views_of(self) -> Mapping[str, tuple[View, ...]]:
        """Views by entity, the default one first."""
        out: dict[str, list[View]] = {name: [] for name in self.entities}
        for view in self.views.values():
            out[view.entity].append(view)
        return {name: tuple(sorted(views, key=lambda view: not view.default)) for name, views in out.items()}

    @cached_property
    def layouts_of(self) -> Mapping[str, tuple[Layout, ...]]:
        """Layouts by entity that are used, in document order."""
        out: dict[str, list[Layout]] = {name: [] for name in self.entities}
        for layout in self.layouts.values():
            if layout.active and layout.entity in out:
                out[layout.entity].append(layout)
        return {name: tuple(layouts) for name, layouts in out.items()}

    @cached_property
    def rules_of(self) -> Mapping[str, tuple[Rule, ...]]:
        """Rules by entity, in document order."""
        out: dict[str, list[Rule]] = {name: [] for name in self.entities}
        for rule in self.rules.values():
            out.setdefault(rule.entity, []).append(rule)
        return {name: tuple(rules) for name, rules in out.items()}

    @cached_property
    def record_types_of(self) -> Mapping[str, tuple[RecordType, ...]]:
        """Record types by entity, in document order, inactive ones too; empty where an entity has none."""
        out: dict[str, list[RecordType]] = {name: [] for name in self.entities}
        for item in self.record_types.values():
            out.setdefault(item.entity, []).append(item)
        return {name: tuple(items) for name, items in out.items()}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Every name there is, for expressions that run with the definer's rights."""
        return ModelVocabulary(self)

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        return functions()

    @cached_property
    def calendar(self) -> Calendar:
        """The company's, as expressions count with it."""
        company = self.company
        return Calendar(company.fiscal_year_start, company.workdays, frozenset(day.isoformat() for day in company.holidays))

    @cached_property
    def sharing_rules_of(self) -> Mapping[str, tuple[SharingRule, ...]]:
        """Sharing rules by entity, in document order; entities without any are not there."""
        out: dict[str, list[SharingRule]] = {}
        for rule in self.sharing_rules.values():
            out.setdefault(rule.entity, []).append(rule)
        return {name: tuple(rules) for name, rules in out.items()}

    def type_of(self, item: Field) -> FieldType:
        return self.types[item.type].for_field(item)
