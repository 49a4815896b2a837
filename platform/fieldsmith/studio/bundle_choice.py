"""A chosen set of one layer with everything it needs to stand on its own, and nothing else: `choose`.

A chosen entity brings what belongs to it (layouts, views, rules, record types). Everything that comes along brings what it
mentions: pick lists, entities looked up, views, tabs, and the translations of exactly these items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.check import FORMAT
from fieldsmith.meta.documents import OWNED_KINDS, SourceDocument
from fieldsmith.meta.layers import CUSTOM, Key, Layer, document_path
from fieldsmith.meta.model import Model
from fieldsmith.meta.references import Use, uses


@dataclass(frozen=True, slots=True)
class Brought:
    """`path` (`choices/rental_state`, `entity/account/fields/renewal`) goes with the set, and why."""

    path: str
    why: Message


@dataclass(frozen=True, slots=True)
class Chosen:
    """`layer` is the part; `left` are items that mention something of it and stay behind."""

    layer: Layer
    brought: tuple[Brought, ...]
    requires: tuple[str, ...]
    left: tuple[str, ...]


def choose(model: Model, layer: Layer, layers: Sequence[Layer], wanted: Sequence[str], name: str | None = None) -> Chosen:
    """The items of `layer` that `wanted` names, with their closure; `layers` are all that are there.

    With `name` the part becomes a package of its own. Raises `BadInput` for items the layer does not have.
    """
    return _Choice(model, layer, layers).made(wanted, name)


def requires_of(model: Model, layer: Layer, layers: Sequence[Layer]) -> tuple[str, ...]:
    """The other layers that say something `layer` extends or mentions."""
    choice = _Choice(model, layer, layers)
    for path in list(choice.items):
        choice.take(path, _m("chosen"))
    choice.close()
    return choice.requires()


def items_of(layer: Layer) -> list[str]:
    """What can be chosen: whole documents, and of those that extend a package's, each thing they say something of."""
    return list(_items(layer))


def _items(layer: Layer) -> dict[str, tuple[Key, list[Mapping[str, Any]] | None]]:
    """By path: the document, and of one that extends the operations that are this item."""
    out: dict[str, tuple[Key, list[Mapping[str, Any]] | None]] = {}
    for item in layer.documents:
        key = (item.kind, item.name)
        if item.kind in ("package", "translation"):
            continue
        if not item.extends:
            out["/".join(key)] = (key, None)
            continue
        for operation in item.body["operations"]:
            path = "/".join(key) + "/".join(["", *operation["path"].split("/")[1:3]])
            out[path] = (key, [*(out.get(path, (key, None))[1] or ()), operation])
    return out


class _Choice:
    """What is in the set so far; `close` follows mentions until nothing is missing."""

    def __init__(self, model: Model, layer: Layer, layers: Sequence[Layer]) -> None:
        self._model, self._layer, self._layers = model, layer, layers
        self.items = _items(layer)
        self._documents = {(item.kind, item.name): item for item in layer.documents}
        self._mentions: dict[Key, list[Use]] = {}
        for listed in uses(model).values():
            for use in listed:
                self._mentions.setdefault((use.kind, use.name), []).append(use)
        self._brought: dict[str, Message] = {}
        self._open: list[str] = []
        self._foreign: set[Key] = set()

    def made(self, wanted: Sequence[str], name: str | None) -> Chosen:
        for path in wanted:
            self._want(path)
        self.close()
        part = self._part()
        requires = self.requires()
        manifest: dict[str, Any] = {"format": FORMAT, "name": name or self._layer.name, "version": "1.0.0" if name else self._layer.version or "1.0.0"}
        manifest |= {"requires": list(requires)} if requires else {}
        manifest |= {} if name else {"part": True}
        layer_name = str(manifest["name"])
        documents = [SourceDocument(item.kind, item.name, item.body, document_path(layer_name, item.kind, item.name), layer_name) for item in part]
        if layer_name != CUSTOM:
            own = {key: value for key, value in manifest.items() if key != "part"}
            documents.insert(0, SourceDocument("package", layer_name, own, document_path(layer_name, "package", layer_name), layer_name))
        layer = Layer(layer_name, str(manifest["version"]), tuple(documents), manifest)
        return Chosen(layer, tuple(Brought(path, why) for path, why in self._brought.items()), requires, tuple(self._left()))

    def _want(self, path: str) -> None:
        found = [item for item in self.items if f"{item}/".startswith(f"{path}/") or f"{path}/".startswith(f"{item}/")]
        if not found:
            message = _m("“{layer}” has no “{path}”.", layer=self._layer.name, path=path[:200])
            hint = did_you_mean(path[:200], self.items) or _m(
                "Name a document, such as entity/account, or a part of one, such as entity/account/fields/renewal."
            )
            raise BadInput([Problem("unknown_item", message, "/only", hint)], message)
        for item in found:
            self.take(item, _m("chosen"))
        kind, _, entity = path.partition("/")
        if kind == "entity" and "/" not in entity:
            why = _m("belongs to {owner}", owner=path)
            for item, (key, _operations) in self.items.items():
                if key[0] in OWNED_KINDS and key[1].partition(".")[0] == entity:
                    self.take(item, why)

    def take(self, path: str, why: Message) -> None:
        if path not in self._brought:
            self._brought[path] = why
            self._open.append(path)

    def close(self) -> None:
        while self._open:
            path = self._open.pop(0)
            key, operations = self.items[path]
            if operations is not None:
                self._foreign.add(key)
                for rest in self._behind(key, operations):
                    self.take(rest, _m("{item} stands behind it", item=path))
            for use in self._mentions.get(key, ()):
                if operations is None or any(f"{use.pointer}/".startswith(f"{operation['path']}/") for operation in operations):
                    self._need(use, path)

    def _need(self, use: Use, path: str) -> None:
        provider = next((item for item in self._prefixes(use.target) if item in self.items), None)
        if provider is not None:
            self.take(provider, _m("{item} uses it", item=path))
        else:
            kind, name = use.target.split("/")[:2]
            self._foreign.add((kind, name))

    def _prefixes(self, target: str) -> Iterator[str]:
        """`entity/deal/fields/amount`, then what holds it: the whole document."""
        parts = target.split("/")
        yield target
        yield "/".join(parts[:2])

    def _behind(self, key: Key, operations: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Own items that those operations are put behind."""
        for operation in operations:
            if operation.get("after"):
                path = "/".join(key) + operation["path"].rpartition("/")[0] + f"/{operation['after']}"
                if path in self.items:
                    yield path

    def _part(self) -> list[SourceDocument]:
        chosen: dict[Key, list[Mapping[str, Any]] | None] = {}
        for path in self.items:  # in the order the layer has them
            if path in self._brought:
                key, operations = self.items[path]
                if operations is None:
                    chosen[key] = None
                else:
                    known = chosen.setdefault(key, [])
                    assert known is not None
                    known += operations
        out = []
        for key, said in chosen.items():
            document = self._documents[key]
            if said is not None:
                order = {id(operation): at for at, operation in enumerate(document.body["operations"])}
                said = sorted(said, key=lambda operation: order[id(operation)])
            out.append(document if said is None else _with_body(document, {**document.body, "operations": said}))
        return out + list(self._words())

    def _words(self) -> Iterator[SourceDocument]:
        """Translations of exactly what goes."""
        for document in self._layer.documents:
            if document.kind != "translation":
                continue
            if document.extends:
                said = [item for item in document.body["operations"] if self._is_brought(item["path"].removeprefix("/labels/").replace("~1", "/"))]
                kept: dict[str, Any] = {**document.body, "operations": said} if said else {}
                self._foreign |= {("translation", document.name)} if said else set()
            else:
                labels = {path: text for path, text in document.body.get("labels", {}).items() if self._is_brought(path)}
                kept = {**document.body, "labels": labels} if labels else {}
            if kept:
                self._brought[f"translation/{document.name}"] = _m("words of what is chosen")
                yield _with_body(document, kept)

    def _is_brought(self, path: str) -> bool:
        return any(f"{path}/".startswith(f"{item}/") for item in self._brought)

    def requires(self) -> tuple[str, ...]:
        """Other layers that have what is extended or mentioned."""
        names = [layer.name for layer in self._layers if layer.name not in (self._layer.name, CUSTOM)]
        holders = {(item.kind, item.name): layer.name for layer in self._layers if layer.name in names for item in layer.documents if not item.extends}
        found = {holders[key] for key in self._foreign if key in holders}
        return tuple(name for name in names if name in found)

    def _left(self) -> list[str]:
        """Own items that mention what goes, and stay."""
        out: dict[str, None] = {}
        for item, (key, operations) in self.items.items():
            if item in self._brought:
                continue
            for use in self._mentions.get(key, ()):
                said = operations is None or any(f"{use.pointer}/".startswith(f"{operation['path']}/") for operation in operations)
                if said and any(path in self._brought for path in self._prefixes(use.target)):
                    out[item] = None
        return list(out)


def _with_body(document: SourceDocument, body: Mapping[str, Any]) -> SourceDocument:
    return SourceDocument(document.kind, document.name, body, document.path, document.origin)
