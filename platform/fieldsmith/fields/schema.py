"""Marshmallow's view of a field: for the API's body validation and its errors. It has no rules of its own.

Everything a value must be is said once, by the type's coercer; this turns `Invalid` into `ValidationError`s whose leaves are
`Problem`s, nested under the part they concern, as marshmallow nests them. Bulk work calls coercers directly instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow

from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.fields.base import Field, FieldType, Invalid, Scope

UNKNOWN = Problem("unknown_field", _m("There is no such field."), hint=_m("Correct its name or leave it out."))
NOT_OBJECT = Problem("not_object", _m("This is not a JSON object."), hint=_m('Write it like {"name": "Acme"}.'))
_MARSHMALLOWS_UNKNOWN = "Unknown field."
REQUIRED = Problem("required", _m("This field must be filled in."))


class TypedField(marshmallow.fields.Field[Any]):
    """Loads what the coercer gives, dumps what the encoder gives; blank is None, and refused where the field is required."""

    def __init__(self, kind: FieldType, field: Field, scope: Scope) -> None:
        super().__init__(allow_none=True, required=False, metadata=kind.json_schema(field, scope))
        self._coerce = kind.coercer(field, scope)
        self._encode = kind.encoder(field)
        self._needed = field.required

    def deserialize(self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **kwargs: Any) -> Any:
        """Null goes to the coercer too, as it is false for a boolean; an absent key is left out."""
        if value is marshmallow.missing:
            return super().deserialize(value, attr, data, **kwargs)
        return self._deserialize(value, attr, data, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            found = self._coerce(value)
        except Invalid as error:
            raise _validation_error(error) from None
        if found is None and self._needed:
            raise marshmallow.ValidationError([REQUIRED])
        return found

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value if value is None or self._encode is None else self._encode(value)


def marshmallow_field(kind: FieldType, field: Field, scope: Scope) -> TypedField:
    """The marshmallow field of one of our fields: `load` agrees with `kind.coercer`, `dump` with `kind.encoder`."""
    return TypedField(kind, field, scope)


def _validation_error(error: Invalid) -> marshmallow.ValidationError:
    leaf: Any = [Problem(error.code, error.message, hint=error.hint)]
    return marshmallow.ValidationError({error.part: leaf} if error.part else leaf)


def problems_of(error: marshmallow.ValidationError) -> list[Problem]:
    """The problems in a `ValidationError`, each with the pointer of the field and part it lies under."""
    return list(_under("", error.messages))


def _under(prefix: str, messages: Any) -> list[Problem]:
    if isinstance(messages, Mapping):
        own = ("", "_schema")
        return [item for key, inner in messages.items() for item in _under(prefix if key in own else prefix + pointer(key), inner)]
    if isinstance(messages, list):
        return [item for inner in messages for item in _under(prefix, inner)]
    if isinstance(messages, Problem):
        return [messages.under(prefix)]
    return [(UNKNOWN if messages == _MARSHMALLOWS_UNKNOWN else NOT_OBJECT).under(prefix)]  # the only sentences of its own a schema says
