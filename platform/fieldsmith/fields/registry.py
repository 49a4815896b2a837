"""The list of field types. A new type is one class in this room and one line here; plugins add theirs to the mapping."""

from __future__ import annotations

from fieldsmith.fields.auto_number import AutoNumberType
from fieldsmith.fields.base import FieldType
from fieldsmith.fields.choice import BooleanType, ChoiceType, MultiChoiceType
from fieldsmith.fields.composite import AddressType, GeolocationType
from fieldsmith.fields.computed import FormulaType, RollupType
from fieldsmith.fields.contact import EmailType, PhoneType, UrlType
from fieldsmith.fields.currency import CurrencyType
from fieldsmith.fields.file import FileType, ImageType
from fieldsmith.fields.number import DecimalType, IntegerType, PercentType
from fieldsmith.fields.other import ColourType, ExternalIdType, JsonType, RatingType
from fieldsmith.fields.person_name import PersonNameType
from fieldsmith.fields.reference import LookupType, ManyToManyType, PolymorphicLookupType
from fieldsmith.fields.temporal import DatetimeType, DateType, DurationType, TimeType
from fieldsmith.fields.text import LongTextType, RichTextType, TextType

FIELD_TYPES: tuple[type[FieldType], ...] = (
    TextType,
    LongTextType,
    RichTextType,
    EmailType,
    PhoneType,
    UrlType,
    IntegerType,
    DecimalType,
    PercentType,
    CurrencyType,
    BooleanType,
    DateType,
    DatetimeType,
    TimeType,
    DurationType,
    ChoiceType,
    MultiChoiceType,
    LookupType,
    PolymorphicLookupType,
    ManyToManyType,
    PersonNameType,
    AddressType,
    GeolocationType,
    FileType,
    ImageType,
    ColourType,
    RatingType,
    JsonType,
    AutoNumberType,
    ExternalIdType,
    FormulaType,
    RollupType,
)


def field_types() -> dict[str, FieldType]:
    """Name → type, in the order people choose from; a fresh mapping of stateless objects."""
    return {item.name: item() for item in FIELD_TYPES}
