"""Small documents and layers for the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fieldsmith.base.problems import Problem
from fieldsmith.meta.compile import Compiled
from fieldsmith.meta.documents import document_name
from fieldsmith.meta.layers import Layer, layer_of

Documents = Mapping[str, list[dict[str, Any]]]


def entity(name: str, *fields: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A small entity: a name and `fields`."""
    return {"name": name, "fields": [{"name": "name", "type": "text"}, *fields], **keys}


def package(name: str, documents: Documents, **manifest: Any) -> Layer:
    """A package layer of `documents` by kind."""
    rows: list[tuple[str, str, dict[str, Any]]] = [("package", name, {"format": 1, "name": name, "version": "1.0.0", **manifest})]
    rows += [(kind, document_name(kind, body) or "unnamed", body) for kind, bodies in documents.items() for body in bodies]
    return layer_of(name, rows)


def custom(documents: Documents) -> Layer:
    """The workspace's own layer, as the store makes it."""
    rows = [(kind, document_name(kind, body) or "unnamed", body) for kind, bodies in documents.items() for body in bodies]
    return layer_of("custom", rows, {(kind, name): "custom, revision 4, by Ana" for kind, name, _ in rows})


def only(found: Compiled) -> Problem:
    assert len(found.problems) == 1, "\n".join(map(str, found.problems))
    return found.problems[0]
