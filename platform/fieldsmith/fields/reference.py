"""References to other records: lookup, polymorphic lookup, many-to-many.

Coercers check the form only; that a target exists and may be seen is for `records`, which also resolves `ExternalKey`s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from fieldsmith.base.problems import did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields import option_schemas
from fieldsmith.fields.base import Column, Field, FieldType, Invalid, Json, Reader, Scope, Storage
from fieldsmith.fields.number import HIGHEST, whole_number
from fieldsmith.fields.symbols import symbol_of
from fieldsmith.fields.text import limited
from fieldsmith.fields.values import ExternalKey, Link, RecordRef

_WRITE_ID = _m('Write a record\'s id, like 7, or {"id": 7}.')
_ON_DELETE: Json = {
    "enum": ["restrict", "clear", "cascade"],
    "default": "clear",
    "description": "What deleting the target does: is refused (restrict), blanks this field (clear), deletes this record too (cascade).",
}
_INVERSE: Json = {**option_schemas.OPTION_NAME, "description": "Name under which the target lists the records that point at it."}


def read_id(raw: Any) -> int | None:
    """Raw → record id or None when blank: `7`, `"7"`."""
    if type(raw) is int and 0 < raw <= HIGHEST:
        return raw
    try:
        return whole_number(raw, 1)
    except Invalid:
        raise _not_reference() from None


def read_link(raw: Any) -> int | ExternalKey | None:
    """Raw → id or external key: an id, `{"id": 7, "label": …}` or `{"external_id": {"field": value}}`."""
    if type(raw) is int:
        return read_id(raw)
    if isinstance(raw, Mapping):
        return _from_object(raw)
    if isinstance(raw, ExternalKey):
        return raw
    if isinstance(raw, Link):
        return raw.id
    return read_id(raw)


def _from_object(raw: Mapping[Any, Any]) -> int | ExternalKey:
    keys = set(raw) - {"label", "entity"}
    if keys == {"external_id"}:
        return _external_key(raw["external_id"])
    if keys != {"id"}:
        raise _not_reference()
    found = read_id(raw["id"])
    if found is None:
        raise _not_reference()
    return found


def _external_key(raw: Any) -> ExternalKey:
    if isinstance(raw, Mapping) and len(raw) == 1:
        field, value = next(iter(raw.items()))
        if type(value) is int and isinstance(field, str):
            return ExternalKey(field, value)
        if isinstance(field, str) and isinstance(value, str):
            text = limited(value, 4000)
            if text is not None:
                return ExternalKey(field, text)
    message = _m("An external id names one field and its value.")
    raise Invalid("not_reference", message, _m('Write it like {"external_id": {"code": "A-7"}}.'))


def _not_reference() -> Invalid:
    return Invalid("not_reference", _m("This does not name a record."), _WRITE_ID)


def encode_link(value: Any) -> Json:
    """An id or `Link` → the contract's object."""
    return {"id": value.id, "label": value.label} if isinstance(value, Link) else {"id": value, "label": None}


def display_link(value: Any) -> str:
    """The label where the reader may see it, else the id."""
    if isinstance(value, (Link, RecordRef)):
        return (value.label if isinstance(value, Link) else None) or f"#{value.id}"
    return f"#{value}"


def _id(value: Any) -> int:
    """Of an id, a `RecordRef` or the `Link` a reader has in its place."""
    return value if type(value) is int else int(value.id)


def _ref(value: Any) -> RecordRef:
    return value if type(value) is RecordRef else RecordRef(value.entity, value.id)


def _id_text(value: Any) -> str:
    return str(value.id if isinstance(value, Link) else value)


def link_schema(description: str) -> dict[str, Json]:
    """OpenAPI of one reference, as read and written."""
    shape = {
        "id": dict(option_schemas.ID),
        "label": {"type": ["string", "null"]},
        "external_id": {"type": "object", "minProperties": 1, "maxProperties": 1},
    }
    return {
        "type": ["object", "integer", "string", "null"],
        "properties": shape,
        "additionalProperties": False,
        "description": description,
        "examples": [{"id": 7, "label": "Acme"}],
    }


class LookupType(FieldType):
    """Canonical: the target's id. `owned` makes it master–detail: required, deleted with its target."""

    name = "lookup"
    title = _m("Lookup")
    help = _m("A link to one record of another entity.")
    widget = "lookup"
    option_properties: ClassVar[Mapping[str, Json]] = {
        "to": {**option_schemas.OPTION_NAME, "description": "The entity this field points at."},
        "inverse": _INVERSE,
        "on_delete": _ON_DELETE,
        "owned": {"type": "boolean", "default": False, "description": "The target owns this record: required, and deleted with it."},
    }
    required_options = ("to",)
    operators = ("=", "<>", "in", "not in", "isblank")
    can_be_unique = True

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.REFERENCE, target=field.options["to"]),)

    def symbol(self, field: Field) -> Symbol:
        return symbol_of(field, Type(Kind.RECORD, entities=(field.options["to"],)), read=_id)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        return read_link

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return link_schema("The record's id and label when read; an id, such an object or an external id when written.")

    def example(self, field: Field, scope: Scope) -> Json:
        return {"id": 7, "label": "Acme"}

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return encode_link

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return display_link

    def search_text(self, value: Any) -> str:
        return ""

    def export_text(self, field: Field) -> Callable[[Any], str]:
        """The id; `bulk` exports a readable unique field of the target beside it where it can."""
        return _id_text


class PolymorphicLookupType(FieldType):
    """Canonical: `RecordRef(entity, id)`; written as `{"entity": "account", "id": 7}`."""

    name = "polymorphic_lookup"
    title = _m("Lookup to several entities")
    help = _m("A link to one record of any of several entities.")
    widget = "polymorphic"
    option_properties: ClassVar[Mapping[str, Json]] = {
        "to": {
            "type": "array",
            "items": dict(option_schemas.OPTION_NAME),
            "minItems": 1,
            "uniqueItems": True,
            "description": "The entities this field may point at.",
        },
        "inverse": _INVERSE,
        "on_delete": {
            "enum": ["clear", "cascade"],
            "default": "clear",
            "description": "What deleting the target does: blanks this field (clear) or deletes this record too (cascade).",
        },
    }
    required_options = ("to",)
    operators = ("=", "<>", "isblank")
    sortable = False
    parts = ("entity", "id")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.REFERENCE), Column("entity", Storage.TEXT))

    def symbol(self, field: Field) -> Symbol:
        """Of several entities; one that points at a single entity is as a lookup."""
        entities = tuple(field.options["to"])
        return symbol_of(field, Type(Kind.RECORD, entities=entities), read=_id if len(entities) == 1 else _ref)

    def packer(self, field: Field) -> Callable[[Any], tuple[Any, ...]]:
        return lambda value: (None, None) if value is None else (value.id, value.entity)

    def unpacker(self, field: Field) -> Callable[[Any], Any]:
        return lambda parts: None if parts[0] is None else RecordRef(parts[1], parts[0])

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        allowed = tuple(field.options["to"])

        def coerce(raw: Any) -> RecordRef | ExternalKey | None:
            if isinstance(raw, (RecordRef, ExternalKey, Link)):
                entity: Any = raw.entity
                target: Any = raw if isinstance(raw, ExternalKey) else raw.id
            elif isinstance(raw, Mapping):
                entity, target = raw.get("entity"), _from_object(raw)
            elif raw is None or (isinstance(raw, str) and not raw.strip()):
                return None
            else:
                raise _not_polymorphic(allowed)
            if entity not in allowed:
                raise _wrong_entity(entity, allowed)
            return target._replace(entity=entity) if isinstance(target, ExternalKey) else RecordRef(entity, target)

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        schema = link_schema("The entity, id and label when read; entity and id or external id when written.")
        entity = {"type": ["string", "null"], "enum": [*field.options["to"], None], "description": "Null where the reader does not know the entity."}
        shape = {**schema["properties"], "entity": entity}
        return {**schema, "type": ["object", "string", "null"], "properties": shape, "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return {"entity": field.options["to"][0], "id": 7, "label": "Acme"} if field.options["to"] else None

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return lambda value: {"entity": value.entity, "id": value.id, "label": value.label if isinstance(value, Link) else None}

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return display_link

    def search_text(self, value: Any) -> str:
        return ""

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        """`account:7`."""

        def read(text: str) -> Any:
            entity, _, found = text.strip().partition(":")
            return {"entity": entity, "id": found} if entity else None

        return read

    def export_text(self, field: Field) -> Callable[[Any], str]:
        return lambda value: f"{value.entity or ''}:{value.id}"


def _not_polymorphic(allowed: tuple[str, ...]) -> Invalid:
    hint = _m('Write it like {{"entity": "{entity}", "id": 7}}.', entity=allowed[0]) if allowed else None
    return Invalid("not_reference", _m("This does not name a record."), hint)


def _wrong_entity(entity: Any, allowed: tuple[str, ...]) -> Invalid:
    names = ", ".join(allowed)
    if not isinstance(entity, str):
        return Invalid("not_reference", _m("The entity of the record is missing."), _m("Add “entity”, one of: {names}.", names=names), "entity")
    hint = did_you_mean(entity, allowed) or (_m("Use one of: {names}.", names=names) if allowed else None)
    return Invalid("wrong_entity", _m("This field cannot point at “{entity}”.", entity=entity[:60]), hint, "entity")


class ManyToManyType(FieldType):
    """Canonical: a tuple of ids, ascending, each once (external keys after them, in the order given); none is blank."""

    name = "many_to_many"
    title = _m("Many-to-many")
    help = _m("Links to any number of records of another entity.")
    widget = "many_to_many"
    option_properties: ClassVar[Mapping[str, Json]] = {
        "to": {**option_schemas.OPTION_NAME, "description": "The entity this field points at."},
        "inverse": _INVERSE,
    }
    required_options = ("to",)
    operators = ("includes", "isblank")
    sortable = False

    def columns(self, field: Field) -> tuple[Column, ...]:
        return ()

    def symbol(self, field: Field) -> Symbol:
        return symbol_of(field, Type(Kind.LIST, entities=(field.options["to"],)))

    def packer(self, field: Field) -> Callable[[Any], tuple[Any, ...]]:
        return lambda value: ()

    def unpacker(self, field: Field) -> Callable[[Any], Any]:
        return lambda parts: None

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        def coerce(raw: Any) -> tuple[int | ExternalKey, ...] | None:
            if raw is None or (isinstance(raw, str) and not raw.strip()):
                return None
            if not isinstance(raw, (list, tuple)) or isinstance(raw, (Link, ExternalKey)):
                raise Invalid("not_list", _m("This is not a list of records."), _m("Write a list of ids, like [7, 12]."))
            found = dict.fromkeys(read_link(item) for item in raw)
            ids = sorted(item for item in found if isinstance(item, int))
            return (*ids, *(item for item in found if isinstance(item, ExternalKey))) or None

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {"type": ["array", "null"], "items": link_schema("One record."), "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return [{"id": 7, "label": "Acme"}]

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return lambda value: [encode_link(item) for item in value]

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        comma = "、" if reader.language.startswith("zh") else ", "
        return lambda value: comma.join([display_link(item) for item in value])

    def search_text(self, value: Any) -> str:
        return ""

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        """Ids with semicolons between them."""
        return lambda text: [item.strip() for item in text.split(";") if item.strip()]

    def export_text(self, field: Field) -> Callable[[Any], str]:
        return lambda value: "; ".join([_id_text(item) for item in value])
