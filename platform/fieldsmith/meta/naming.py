"""The names a model uses, by the paths `meta.names` knows."""

from __future__ import annotations

from fieldsmith.meta.model import Model
from fieldsmith.meta.names import Name, physical_name


def names_in_use(model: Model) -> dict[str, Name]:
    """Of every entity, own field and index."""
    out: dict[str, Name] = {}
    for entity in model.entities.values():
        base = f"entity/{entity.name}"
        out[base] = Name(entity.uid, entity.table)
        for field in entity.own_fields():
            out[f"{base}/fields/{field.name}"] = Name(field.uid, field.column)
        for index in entity.indexes:
            path = f"{base}/indexes/{index.name}"
            out[path] = Name(index.uid, physical_name(path, "index", index.uid))
    return out
