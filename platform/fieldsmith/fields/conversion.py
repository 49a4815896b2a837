"""`Conversion`: values of one field made values of another, of another type or with other options. Pure; `db.retype` runs it over rows.

What serves is the text form each type has anyway: `export_text` of the source, then `text_reader` and `coercer` of the target.
Numbers and days go over as they are; only what text cannot say (a moment's day, money's amount, labels of choices) is said here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from fieldsmith.base.text import ENGLISH, _m
from fieldsmith.fields.base import Field, FieldType, Invalid, Json, Scope, Storage
from fieldsmith.fields.text import text_of
from fieldsmith.fields.values import Money

UNREADABLE = frozenset({"many_to_many", "formula", "rollup", "file", "image"})
"""Types whose fields keep their type: their values are links, computed, or files."""
UNREACHABLE = UNREADABLE | {"polymorphic_lookup", "auto_number"}
"""Types no field can be turned into."""
_MOMENTS = ("yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss")
"""Forms without a zone, read on the company's clock."""
_KEPT = 20_000  # results remembered: columns of text repeat themselves

Kind = Literal["converted", "rounded", "blank", "failed"]


class Records(Protocol):
    """The records lookups mean; `ids` are those of the target called so, `label` the name of one."""

    def label(self, id: int) -> str | None: ...
    def ids(self, text: str) -> Sequence[int]: ...


@dataclass(frozen=True, slots=True)
class Side:
    """A field with its type and what that needs of its model."""

    type: FieldType
    field: Field
    scope: Scope


@dataclass(frozen=True, slots=True)
class Manner:
    """How values are to be read. `mapping`: text of a value → what it becomes (None is blank); `leave_blank`: what does not convert becomes blank.

    `instead` is given to records that would be blank; `currency` is that of plain numbers, without one the company's.
    """

    mapping: Mapping[str, Json] = field(default_factory=dict)
    leave_blank: bool = False
    instead: Json = None
    date_format: str | None = None
    locale: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    """`rounded`: it converts, but loses decimals or the time of day. `failed`: `problem` says why; `value` is then None."""

    value: Any
    kind: Kind
    problem: Invalid | None = None


class Conversion:
    """One direction between two fields. Throws `Invalid` at once for a manner nobody can follow (a date form, a locale, a mapped value)."""

    def __init__(self, source: Side, target: Side, manner: Manner, records: Records) -> None:
        self.source, self.target = source, target
        self._manner = manner
        self._records = records
        self._coerce = target.type.coercer(target.field, target.scope)
        self._readers = tuple(self._text_readers())
        self._export = source.type.export_text(source.field)
        self._zone = ZoneInfo(target.scope.timezone)
        self._mapped = {key.strip().casefold(): self._said(key, value) for key, value in manner.mapping.items()}
        self._instead = None if manner.instead is None else self._coerce(manner.instead)
        self._known: dict[Any, Converted] = {}

    def text(self, value: Any) -> str:
        """A non-blank value of the source as the dry run shows it and a mapping names it."""
        return next(iter(self._texts(value)), "")

    def convert(self, value: Any) -> Converted:
        """`value` as the source stores it, None for blank."""
        if value is None:
            return Converted(self._instead, "blank")
        try:
            found = self._known.get(value)
        except TypeError:  # JSON values cannot be remembered
            return self._convert(value)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[value] = self._convert(value)
        return found

    def _convert(self, value: Any) -> Converted:
        if self._mapped:
            key = self.text(value).strip().casefold()
            if key in self._mapped:
                return self._or_instead(self._mapped[key], "converted")
        try:
            result, exact = self._read(value)
        except Invalid as problem:
            if self._manner.leave_blank:
                return Converted(self._instead, "blank")
            return Converted(None, "failed", problem)
        return self._or_instead(result, "converted" if exact else "rounded")

    def _or_instead(self, value: Any, kind: Kind) -> Converted:
        return Converted(self._instead, "blank") if value is None else Converted(value, kind)

    def _said(self, key: str, value: Json) -> Any:
        try:
            return self._coerce(value)
        except Invalid as problem:
            problem.part = key
            raise

    def _read(self, value: Any) -> tuple[Any, bool]:
        """What `value` becomes, and whether nothing of it is lost."""
        if self.target.type.name == "lookup":
            return self._record(self.text(value)), True
        if isinstance(value, Money):
            return self._money(value)
        if isinstance(value, datetime) and self.target.type.name == "date":
            local = value.replace(tzinfo=UTC).astimezone(self._zone)
            return self._coerce(local.date()), local.time().isoformat() == "00:00:00"
        if isinstance(value, (int, Decimal, date)) and not isinstance(value, bool) and self.source.type.name != "lookup":
            try:
                return self._exactly(value)
            except Invalid:
                pass  # perhaps its text says more
        return self._from_texts(value)

    def _exactly(self, raw: Any) -> tuple[Any, bool]:
        """`raw` through the coercer; numbers that were rounded are told."""
        result = self._coerce(self._priced(raw))
        wanted, found = _number(raw), _number(result)
        return result, wanted is None or found is None or wanted == found

    def _priced(self, raw: Any) -> Any:
        if self.target.type.name != "currency" or self._manner.currency is None or isinstance(raw, dict):
            return raw
        return {"amount": raw, "currency": self._manner.currency}

    def _from_texts(self, value: Any) -> tuple[Any, bool]:
        first: Invalid | None = None
        for text in self._texts(value):
            for read in self._readers:
                try:
                    return self._exactly(read(text))
                except Invalid as problem:
                    first = first or problem
        assert first is not None
        raise first

    def _texts(self, value: Any) -> Iterator[str]:
        """The text of `value`, best first."""
        name, scope = self.source.type.name, self.source.scope
        if name == "lookup":
            yield self._records.label(value) or f"#{value}"
        elif name == "rich_text" and self.target.type.name != "rich_text":
            yield text_of(value)
        elif name in ("choice", "multi_choice"):
            names = value if name == "multi_choice" else (value,)
            if "choices" in self.target.field.options:
                yield self._export(value)
            choices = scope.choices.get(self.source.field.options["choices"])
            labels = (choices.label_of(item) if choices is not None else None for item in names)
            yield "; ".join(item if label is None else label.render(ENGLISH) for item, label in zip(names, labels, strict=True))
        else:
            yield self._export(value)

    def _text_readers(self) -> Iterator[Callable[[str], Any]]:
        type_, field_, scope = self.target.type, self.target.field, self.target.scope
        manner = self._manner
        yield type_.text_reader(field_, scope, date_format=manner.date_format, locale=manner.locale)
        if type_.name == "datetime" and manner.date_format is None:
            for form in _MOMENTS:
                yield type_.text_reader(field_, scope, date_format=form)

    def _record(self, text: str) -> int:
        found = self._records.ids(text)
        if len(found) == 1:
            return found[0]
        if found:
            message = _m("{count} records are called “{value}”.", count=len(found), value=text[:60])
            raise Invalid("ambiguous_record", message, _m("Say which one by mapping this value to a record's id."))
        message = _m("No record is called “{value}”.", value=text[:60])
        raise Invalid("unknown_record", message, _m("Make the record first, map this value to a record's id, or leave it blank."))

    def _money(self, value: Money) -> tuple[Any, bool]:
        """Between currency fields the code and the company amount stay; into numbers goes an amount in company currency only."""
        columns = self.target.type.columns(self.target.field)
        if self.target.type.name == "currency":
            unit = Decimal(1).scaleb(-columns[0].scale)
            amount, company = (part.quantize(unit, ROUND_HALF_UP) for part in (value.amount, value.company))
            return Money(amount, value.currency, company), (amount, company) == (value.amount, value.company)
        if columns[0].storage not in (Storage.DECIMAL, Storage.INTEGER):
            return self._from_texts(value)
        if value.currency == self.source.scope.currency:
            return self._exactly(value.amount)
        message = _m("{value} is in another currency, which a plain number cannot say.", value=self._export(value))
        raise Invalid("foreign_currency", message, _m("Map this value to a number, or leave it blank."))


def _number(value: Any) -> Decimal | None:
    """`value` as a number, where it is one or says one."""
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, dict):
        return _number(value.get("amount"))
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
