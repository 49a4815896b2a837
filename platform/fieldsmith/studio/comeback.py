"""Compiling with what was retired: an entity or field added again under its old name gets its table or column, and so its data, back.

Only where values are stored the same way: else the name begins anew, and what was kept stays in the attic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from fieldsmith.db.counterparts import field_in
from fieldsmith.db.refusals import stored_otherwise
from fieldsmith.db.store import ModelStore, Retired, Stored
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.compile import Compiled, compile_model
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.model import Model
from fieldsmith.meta.names import Names
from fieldsmith.meta.naming import names_in_use
from fieldsmith.meta.validation import Validators


@dataclass(frozen=True, slots=True)
class Comeback:
    """`names` are those the model uses; `restored` are the uids of those that were retired."""

    compiled: Compiled
    names: Names
    restored: frozenset[int] = frozenset()


def compiled_with_comebacks(
    connection: sa.Connection,
    store: ModelStore,
    types: Mapping[str, FieldType],
    validators: Validators,
    stored: Stored,
    layers: Sequence[Layer],
    names: Names,
    previous: Model | None = None,
) -> Comeback:
    """`layers` compiled as the successor of `stored`, whose names are `names`. Documents as they are stored were checked when they were published.

    `previous` is the published model.
    """
    checked = frozenset(id(document.body) for layer in stored.layers for document in layer.documents)
    retired = {path: found for path, found in store.retired(connection).items() if "/indexes/" not in path and found.name.physical}
    known = store.retired_uids(connection)
    while True:
        offered = names.over({path: found.name for path, found in retired.items()})
        compiled = compile_model(layers, offered, types, validators, stored.revision + 1, checked=checked, previous=previous)
        if compiled.model is None:
            return Comeback(compiled, names)
        used = names_in_use(compiled.model)
        back = {path for path, name in used.items() if path in retired and retired[path].name.uid == name.uid}
        unfit = {path for path in back if not _fits(connection, store, types, retired[path], path, compiled.model)}
        if not unfit:
            restored = frozenset(name.uid for name in used.values() if name.uid in known)
            return Comeback(compiled, compiled.names.only(used), restored)
        retired = {path: found for path, found in retired.items() if path not in unfit}


def _fits(connection: sa.Connection, store: ModelStore, types: Mapping[str, FieldType], retired: Retired, path: str, model: Model) -> bool:
    parts = path.split("/")
    if len(parts) < 4:
        return True
    field = model.entities[parts[1]].fields[parts[3]]
    stored = store.load(connection, retired.until - 1)
    old = compile_model(stored.layers, stored.names, types, None, stored.revision, trusted=True).model
    assert old is not None
    before = next((found for entity in old.entities.values() if (found := field_in(entity, field)) is not None), None)
    if before is None or before.type != field.type or not old.type_of(before).writable:
        return False
    return not stored_otherwise(old, before, model, field)
