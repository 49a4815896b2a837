"""File and image: canonical values are ids of stored files; what a file holds and who may see it is not decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fieldsmith.base.text import _m
from fieldsmith.fields.base import Column, Field, FieldType, Invalid, Json, Reader, Scope, Storage
from fieldsmith.fields.reference import display_link, encode_link, link_schema, read_link
from fieldsmith.fields.values import ExternalKey

_DESCRIBED = ("name", "size", "type")
"""What a file says of itself when read; sent back it is passed over."""


class FileType(FieldType):
    """`encoder` takes an id or a `Link` whose label is the file's name."""

    name = "file"
    title = _m("File")
    help = _m("One uploaded file.")
    widget = "file"
    operators = ("isblank",)
    sortable = False

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.REFERENCE),)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        def coerce(raw: Any) -> int | None:
            try:
                found = read_link({key: raw[key] for key in raw if key not in _DESCRIBED} if isinstance(raw, Mapping) else raw)
            except Invalid:
                found = ExternalKey("", "")
            if isinstance(found, ExternalKey):
                raise Invalid("not_file", _m("This does not name a stored file."), _m('Upload the file first, then write its id, like {"id": 7}.'))
            return found

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        schema = link_schema("The file's id and name when read; its id or such an object when written.")
        described = {"name": {"type": "string"}, "size": {"type": "integer"}, "type": {"type": "string"}}
        properties = {key: value for key, value in schema["properties"].items() if key != "external_id"}
        return {**schema, "properties": {**properties, **described}, "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return {"id": 7, "label": "offer.pdf"}

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return encode_link

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return display_link

    def search_text(self, value: Any) -> str:
        return ""


class ImageType(FileType):
    name = "image"
    title = _m("Image")
    help = _m("One uploaded picture.")
    widget = "image"

    def example(self, field: Field, scope: Scope) -> Json:
        return {"id": 7, "label": "portrait.png"}
