"""`FieldType`: the one class per field type, and the plain data it speaks in.

A type is stateless; everything about one field is in its frozen `Field`. Hot paths never ask a type twice: they keep the
callables that `coercer`, `packer`, `unpacker`, `encoder`, `displayer` return (compiled once per revision).
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from fieldsmith.base.text import ENGLISH, Label, Message, Words
from fieldsmith.expr.types import OPAQUE
from fieldsmith.expr.vocabulary import Symbol

Json = Any
"""A value the json module reads and writes (decimals travel as text)."""


class Storage(enum.Enum):
    """Physical kinds; `db.tables` turns them into column types of each database."""

    TEXT = "text"  # PostgreSQL: text COLLATE "C"
    INTEGER = "integer"  # 64 bit
    DECIMAL = "decimal"  # NUMERIC(18, scale); SQLite: integer scaled by 10**scale; Python: Decimal
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"  # naive UTC, microseconds
    TIME = "time"
    REFERENCE = "reference"  # 64-bit id of a row of `target`, with a foreign key when `target` is set
    JSON = "json"  # text holding canonical JSON


@dataclass(frozen=True, slots=True)
class Column:
    """One physical column of a field. `part` "" is the main one; others are named `<column>__<part>`."""

    part: str
    storage: Storage
    scale: int = 0
    nullable: bool = True
    default: Any = None  # server default of a NOT NULL column: a bool, int or str
    target: str | None = None  # entity a REFERENCE points at


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one entity, as the model holds it. `column` is the physical base name, given once and never renamed."""

    entity: str
    name: str
    type: str
    uid: int
    column: str
    label: Label
    help: Label | None = None
    required: bool = False
    unique: bool = False
    indexed: bool = False
    sortable_fold: bool = False  # text kept also in folded form (`__fold`), because an index or name field sorts by it
    default: Json = None
    system: bool = False
    read_only: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)  # a computed field's say `returns` and `stored`, whatever its document says
    default_expression: str = ""  # "" is none


class Invalid(Exception):
    """Thrown by coercers: what is wrong with one value and how to put it right."""

    def __init__(self, code: str, message: Message, hint: Message | None = None, part: str = "") -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.hint = hint
        self.part = part  # for composites: `/city` is appended to the problem's pointer


class Choices(Protocol):
    """What a type may ask of a choice list: values in list order."""

    def label_of(self, value: str) -> Label | None: ...
    @property
    def active(self) -> Sequence[str]: ...
    @property
    def all(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """What coercers and displayers need of the rest of the model."""

    choices: Mapping[str, Choices]
    currency: str  # company currency
    rate: Callable[[str, date], Decimal | None]  # company-currency units for one unit of a code on a day
    today: Callable[[], date]
    phone_region: str = "US"
    entities: frozenset[str] = frozenset()
    timezone: str = "UTC"  # company zone: what datetimes without an offset in imported files mean


@dataclass(frozen=True, slots=True)
class Reader:
    """How values are shown: the reader's Babel locale name (`zh_Hans_CN`), language of labels, IANA zone, catalogue."""

    locale: str
    language: str
    timezone: str
    gettext: Callable[[str], str] = ENGLISH.gettext

    @property
    def words(self) -> Words:
        return Words(self.language, self.gettext)


class ChangeCheck(Protocol):
    """Throws `Invalid` when `value` may not newly take the place of the stored `old` (None in a new record)."""

    def __call__(self, value: Any, old: Any = None) -> None: ...


class FieldType(ABC):
    """Everything about one type of field. Subclass, fill in, list it in `fields.registry.FIELD_TYPES`: nothing else changes.

    Errors: coercers throw `Invalid`; everything else is total over canonical values. `widget`, `operators`, `align_end`, `sortable`,
    `folds` and `sort_part` of a computed field are those of what it returns: ask `for_field` (`Model.type_of` does).
    """

    name: ClassVar[str]
    title: ClassVar[Message]
    help: ClassVar[Message]
    widget: str  # macro in ui/templates/widgets.html
    option_properties: ClassVar[Mapping[str, Json]] = {}  # JSON Schema of the keys a field of this type may have
    required_options: ClassVar[tuple[str, ...]] = ()
    operators: tuple[str, ...] = ("=", "<>")
    align_end: bool = False
    sortable: bool = True
    folds: bool = False  # sorts by folded text
    sort_part: str = ""  # the part lists sort and indexes order by (currency: the company amount)
    searchable: ClassVar[bool] = False
    can_be_unique: ClassVar[bool] = False
    can_be_name: ClassVar[bool] = False
    writable: ClassVar[bool] = True  # False: the platform sets it (auto-number); services refuse it, the coercer still reads it
    always_unique: ClassVar[bool] = False  # unique and indexed by nature (external id, auto-number), whatever the field says
    parts: ClassVar[tuple[str, ...]] = ()  # keys of a composite's JSON object, as expressions, import and export columns name them

    def for_field(self, field: Field) -> FieldType:
        """The type as it is for one field."""
        return self

    def symbol(self, field: Field) -> Symbol:
        """What an expression sees of the field. Unless a type says more: whether it is blank."""
        return Symbol(field.entity, field.name, field.name, field.label, OPAQUE)

    @abstractmethod
    def columns(self, field: Field) -> tuple[Column, ...]:
        """Physical columns, the main one (part "") first; empty where values live in a link table."""

    @abstractmethod
    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        """Raw JSON-like value → canonical value or None when blank.

        Whatever `encoder` gives is accepted, and so are canonical values themselves (but for JSON, where text means a JSON string).
        """

    @abstractmethod
    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        """OpenAPI 3.1 schema of the value as read and written."""

    @abstractmethod
    def example(self, field: Field, scope: Scope) -> Json:
        """A value as the API reads and writes it, for OpenAPI and help; None where nothing can be chosen."""

    def default_value(self, field: Field, scope: Scope) -> Any:
        """The canonical value of a new record that says nothing of this field. Throws `Invalid` when the default is faulty."""
        return None if field.default is None else self.coercer(field, scope)(field.default)

    def change_check(self, field: Field, scope: Scope) -> ChangeCheck | None:
        """What to ask of a canonical value that differs from the stored one: an inactive choice may stay, but not arrive."""
        return None

    def same(self, old: Any, new: Any) -> bool:
        """Are two canonical values one value to a person? Then a save leaves the old one."""
        return bool(old == new)

    def packer(self, field: Field) -> Callable[[Any], tuple[Any, ...]]:
        """Canonical value (or None) → values of `columns(field)` in order."""
        width = len(self.columns(field))
        blank = (None,) * width
        if width == 1:
            return lambda value: (value,)
        return lambda value: blank if value is None else tuple(value)

    def unpacker(self, field: Field) -> Callable[[Sequence[Any]], Any]:
        """The inverse of `packer`: column values in order → canonical value or None."""
        return lambda parts: parts[0]

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        """Canonical value → JSON of the contract; None means the value is JSON already."""
        return None

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        """Canonical non-blank value → plain text for people (the screen escapes it)."""
        return str

    def search_text(self, value: Any) -> str:
        """Text of a canonical non-blank value that full-text search should find."""
        return str(value)

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        """Text of a CSV cell → raw value for `coercer` (blank text → None). Reads what `export_text` writes.

        `date_format` is a CLDR pattern (`M/d/yyyy`), without one dates are ISO; `locale` is a Babel name whose decimal form
        numbers have (`de` reads `1.234,56`), without one `1234.56`. Throws `Invalid`, also at once for an unusable pattern.
        """
        return lambda text: text

    def export_text(self, field: Field) -> Callable[[Any], str]:
        """Canonical non-blank value → text of a CSV cell that `text_reader` then `coercer` read back without loss."""
        return str

    def option_problems(self, field: Field) -> Sequence[tuple[str, Message, Message | None]]:
        """Faults in the options that JSON Schema cannot say, as (option key, message, hint)."""
        return ()
