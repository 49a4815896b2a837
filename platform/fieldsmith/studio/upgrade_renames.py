"""What a newer package calls otherwise (`was`): followed in everything the workspace says, as if the old package had always called it so."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fieldsmith.fields.base import FieldType
from fieldsmith.meta.compile import compile_model
from fieldsmith.meta.documents import OWNED_KINDS
from fieldsmith.meta.layers import Effective, Key, Layer, layer_of
from fieldsmith.meta.model import Model
from fieldsmith.meta.names import Names
from fieldsmith.meta.references import uses
from fieldsmith.studio.renaming import move_paths, remembering, rename_member, rename_mentions, rename_words

Body = dict[str, Any]
Bodies = dict[Key, Body]
Documents = Mapping[Key, Effective]
_MEMBERS: Mapping[str, str] = {"entity": "fields", "choices": "values"}


def renames_between(old: Documents, new: Documents) -> list[tuple[str, str]]:
    """Pairs of paths as `meta.names` has them: members first, under the old names of their entities, then entities."""
    entities = dict(_entities(old, new))
    pairs: list[tuple[str, str]] = []
    for (kind, name), document in new.items():
        key = _MEMBERS.get(kind)
        known = old.get((kind, entities.get(name, name) if kind == "entity" else name))
        if key is not None and known is not None:
            base = f"{kind}/{known.name}/{key}"
            pairs += [(f"{base}/{was}", f"{base}/{now}") for was, now in _renamed(known.body.get(key), document.body.get(key))]
    return pairs + [(f"entity/{was}", f"entity/{now}") for now, was in entities.items()]


def renamed_layers(layers: Sequence[Layer], pairs: Sequence[tuple[str, str]], names: Names, types: Mapping[str, FieldType]) -> list[Layer]:
    """`layers`, which are sound, after each of `pairs` in turn."""
    present = list(layers)
    for old, new in pairs:
        model = _model(present, names, types)
        graph = uses(model).get(old, ())
        was, now = old.rpartition("/")[2], new.rpartition("/")[2]
        renamed = []
        for layer in present:
            bodies: Bodies = {(item.kind, item.name): copy.deepcopy(dict(item.body)) for item in layer.documents}
            rename_mentions(bodies, [use for use in graph if model.documents[use.kind, use.name].source(use.pointer).startswith(f"{layer.name}/")], was, now)
            _rename(bodies, old.split("/"), now)
            rename_words(bodies, f"{old}/", f"{new}/")
            origins = {(item.kind, item.name): item.origin for item in layer.documents}
            renamed.append(layer_of(layer.name, [(kind, name, body) for (kind, name), body in bodies.items()], origins))
        present = renamed
        names = names.moved([(old, new)])
    return present


def _model(layers: Sequence[Layer], names: Names, types: Mapping[str, FieldType]) -> Model:
    model = compile_model(layers, names, types, None, 0, trusted=True).model
    assert model is not None
    return model


def _rename(bodies: Bodies, parts: Sequence[str], new: str) -> None:
    """The item itself, where a layer makes it, and what a layer says of it."""
    if len(parts) == 4:
        kind, name, key, old = parts
        body = bodies.get((kind, name))
        if body is not None and not rename_member(body, key, old, new) and "operations" in body:
            move_paths(body["operations"], f"/{key}", old, new)
        return
    old = parts[1]
    whole = bodies.pop(("entity", old), None)
    if whole is not None:
        bodies["entity", new] = {**whole, "extends": new} if "extends" in whole else remembering({**whole, "name": new}, old)
    for owned, called in list(bodies):
        if owned in OWNED_KINDS and called.partition(".")[0] == old:
            body = bodies.pop((owned, called))
            renamed = f"{new}.{called.partition('.')[2]}"
            bodies[owned, renamed] = {**body, "extends": renamed} if "extends" in body else body
    for owned in OWNED_KINDS:
        rename_words(bodies, f"{owned}/{old}.", f"{owned}/{new}.")


def _entities(old: Documents, new: Documents) -> Iterator[tuple[str, str]]:
    """(new name, old name)"""
    for (kind, name), document in new.items():
        if kind == "entity" and (kind, name) not in old:
            was = next((was for was in reversed(_was(document.body)) if ("entity", was) in old and ("entity", was) not in new), None)
            if was is not None:
                yield name, was


def _renamed(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """(old name, new name) of list members."""
    before, after = _by_name(old), _by_name(new)
    for name, item in after.items():
        if name not in before:
            was = next((was for was in reversed(_was(item)) if was in before and was not in after), None)
            if was is not None:
                yield was, name


def _by_name(items: Any) -> dict[str, Mapping[str, Any]]:
    return {item["name"]: item for item in items if isinstance(item, Mapping) and isinstance(item.get("name"), str)} if isinstance(items, list) else {}


def _was(item: Mapping[str, Any]) -> list[str]:
    found = item.get("was", ())
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
