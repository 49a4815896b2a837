"""Documents as one set of roles may read them: without hidden entities and fields, and without every mention of them.

Roles, sharing rules, import maps and packages are for administrators, so mentions of roles go too. A rule whose expression speaks of
something hidden, or a view that filters by it, is not there at all: half of it would say something else. Pure; made once per sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from fieldsmith.access.sight import Sight
from fieldsmith.base.problems import pointer
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.model import Model
from fieldsmith.meta.references import Use

ADMINISTRATORS = frozenset({"role", "sharing_rule", "import_map", "package"})
"""Kinds of documents nobody else reads."""

_OF_ENTITY = frozenset({"layout", "view", "rule", "record_type", "sharing_rule"})
_WHOLE: Mapping[str, frozenset[str]] = {"rule": frozenset({"when", "must", "visible", "required", "read_only"}), "view": frozenset({"filter"})}
"""Parts of documents that cannot be left out without saying something else."""


def seen_documents(model: Model, sight: Sight, graph: Mapping[str, Iterable[Use]], documents: Mapping[Key, Effective] | None = None) -> Mapping[Key, Effective]:
    """The documents of `model`, or others in their place, as `sight` lets them be read; `graph` is what `meta.references.uses` gives."""
    listed: Mapping[Key, Effective] = model.documents if documents is None else documents
    if sight.everything:
        return listed
    gone = {key for key, document in listed.items() if key[0] in ADMINISTRATORS or _entity_of(key, document) in sight}
    gone |= set(_unread_lists(graph, sight))
    cuts: dict[Key, set[str]] = {}
    for name in sight.hidden:
        if not isinstance(name, str):
            cuts.setdefault(("entity", name[0]), set()).add(pointer("fields", name[1]))
    for target, found in graph.items():
        if _is_unseen(target, sight):
            for use in found:
                _cut(use, gone, cuts)
    for target, found in graph.items():
        if _document_of(target) in gone:  # of a list also its values, which other lists may name
            for use in found:
                place = use.pointer.rpartition("/")[0] if use.kind == "choices" and "/for/" in use.pointer else use.pointer
                cuts.setdefault((use.kind, use.name), set()).add(place)
    kept = {key: _without(document, cuts.get(key, ())) for key, document in listed.items() if key not in gone}
    kept = {key: document for key, document in kept.items() if key[0] != "rule" or document.body.get("fields") != []}
    return {key: _labels(document, kept.keys(), sight) if key[0] == "translation" else document for key, document in kept.items()}


def _entity_of(key: Key, document: Effective) -> str | None:
    """The entity a document is, or is of."""
    kind, name = key
    if kind == "entity":
        return name
    if kind in _OF_ENTITY:
        return name.partition(".")[0]
    entity = document.body.get("entity")
    return entity if isinstance(entity, str) else None


def _is_unseen(target: str, sight: Sight) -> bool:
    kind, name, *rest = target.split("/")
    if kind == "entity":
        return name in sight or (rest[:1] == ["fields"] and sight.hides(name, rest[1]))
    return kind in ADMINISTRATORS


def _unread_lists(graph: Mapping[str, Iterable[Use]], sight: Sight) -> Iterator[Key]:
    """Pick lists that none but hidden fields hold values of."""
    for target, found in graph.items():
        kind, _, name = target.partition("/")
        fields = [use for use in found if use.kind == "entity"] if kind == "choices" and "/" not in name else []
        if fields and all(use.name in sight or sight.hides(use.name, use.pointer.split("/")[2]) for use in fields):
            yield kind, name


def _document_of(target: str) -> Key | None:
    kind, name, *rest = target.split("/")
    return (kind, name) if not rest or kind == "choices" else None


def _cut(use: Use, gone: set[Key], cuts: dict[Key, set[str]]) -> None:
    key = (use.kind, use.name)
    parts = use.pointer.split("/")[1:]
    if parts[0] in _WHOLE.get(use.kind, ()):
        gone.add(key)
        return
    mine = cuts.setdefault(key, set())
    if parts[0] == "indexes" or (parts[0] == "related" and parts[2] in ("entity", "field")):
        mine.add("/" + "/".join(parts[:2]))
        return
    mine.add(use.pointer)
    if use.kind == "view" and parts[0] == "group":
        mine.add("/show")


def _without(document: Effective, places: Iterable[str]) -> Effective:
    body: Any = document.body
    gone = sorted(places)
    for place in gone:
        body = _left(body, [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]])
    if not gone:
        return document
    return replace(document, body=body, origins=_outside(document.origins, gone), sources=_outside(document.sources, gone))


def _outside(known: Mapping[str, str], gone: Iterable[str]) -> Mapping[str, str]:
    return {place: said for place, said in known.items() if not any(place == cut or place.startswith(f"{cut}/") for cut in gone)}


def _left(node: Any, parts: list[str]) -> Any:
    """`node` without what `parts` lead to; members of lists are addressed by name, or by what they are."""
    head, *rest = parts
    if isinstance(node, Mapping):
        if not rest:
            return {name: value for name, value in node.items() if name != head}
        return {name: _left(value, rest) if name == head else value for name, value in node.items()}
    return list(_members(node, head, rest)) if isinstance(node, (list, tuple)) else node


def _members(items: Iterable[Any], head: str, rest: list[str]) -> Iterator[Any]:
    for item in items:
        named = item.get("name") if isinstance(item, Mapping) else item
        if named != head:
            yield item
        elif rest:
            yield _left(item, rest)


def _labels(document: Effective, kept: Iterable[Key], sight: Sight) -> Effective:
    """A translation without the words for what is not there."""
    there = frozenset(kept)

    def shown(place: str) -> bool:
        kind, name, *rest = place.split("/")
        return (kind, name) in there and not (kind == "entity" and rest[:1] == ["fields"] and sight.hides(name, rest[1]))

    labels = document.body.get("labels", {})
    gone = [pointer("labels", place) for place in labels if not shown(place)]
    return _without(document, gone)
