"""Layers: packages in the order their `requires` demand, then custom; merged into effective documents with provenance.

`merge` is called by `meta.compile` only. The store and the package reader make `Layer`s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.documents import SourceDocument
from fieldsmith.meta.operations import apply_operations

CUSTOM = "custom"
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Layer:
    """What one package, or the workspace's own customising (`custom`, always on top), says."""

    name: str
    version: str
    documents: tuple[SourceDocument, ...]
    manifest: Mapping[str, Any] = field(default_factory=dict, compare=False)  # as just read; `custom` has none among its documents

    @property
    def part(self) -> bool:
        """Were only some documents chosen? What is left out then stays as it is."""
        return self.manifest.get("part") is True

    @property
    def label(self) -> str:
        return f"{self.name} {self.version}".strip()

    @property
    def requires(self) -> tuple[str, ...]:
        manifest = next((document for document in self.documents if document.kind == "package"), None)
        found = (manifest.body if manifest else self.manifest).get("requires", ())
        return tuple(name for name in found if isinstance(name, str)) if isinstance(found, (list, tuple)) else ()


def layer_of(name: str, stored: Iterable[tuple[str, str, Mapping[str, Any]]], origins: Mapping[Key, str] | None = None) -> Layer:
    """A layer from stored rows (kind, name, body). `origins` says where single documents come from (`custom, revision 4, by Ana`)."""
    rows = list(stored)
    manifest = next((body for kind, _, body in rows if kind == "package"), {})
    version = str(manifest.get("version", ""))
    label = f"{name} {version}".strip()
    known = origins or {}
    documents = tuple(SourceDocument(kind, key, body, document_path(name, kind, key), known.get((kind, key), label)) for kind, key, body in rows)
    return Layer(name, version, documents)


def document_path(layer: str, kind: str, name: str) -> str:
    """Where the document lies in package folders: `crm/entity/opportunity.json`."""
    return f"{layer}/package.json" if kind == "package" else f"{layer}/{kind}/{name}.json"


@dataclass(frozen=True, slots=True)
class Effective:
    """One document as all layers together say it. `origins` and `sources` are sparse: a pointer not in them is as its nearest parent's.

    `origins` gives the label people see, `sources` the path of the document.
    """

    kind: str
    name: str
    body: Mapping[str, Any]
    origins: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def origin(self, place: str = "") -> str:
        """Where the part at `place` comes from: `crm 1.0.0`."""
        return _nearest(self.origins, place)

    def source(self, place: str = "") -> str:
        """The document that says the part at `place`: `crm/entity/opportunity.json`."""
        return _nearest(self.sources, place)


def _nearest(known: Mapping[str, str], place: str) -> str:
    while place and place not in known:
        place = place.rpartition("/")[0]
    return known.get(place, "")


@dataclass(slots=True)
class Merged:
    """The outcome of `merge`; `changed` are the documents that operations touched and so need validating again."""

    documents: dict[Key, Effective] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    changed: set[Key] = field(default_factory=set)


def ordered(layers: Sequence[Layer]) -> tuple[list[Layer], list[Problem]]:
    """Layers so that each follows what it requires, `custom` last; otherwise as given. Missing and circular requirements are problems."""
    by_name = {layer.name: layer for layer in layers}
    problems: list[Problem] = []
    done: list[str] = []

    def visit(layer: Layer, trail: tuple[str, ...]) -> None:
        if layer.name in trail:
            path = " → ".join((*trail[trail.index(layer.name) :], layer.name))
            problems.append(
                Problem("requires_cycle", _m("Packages require each other in a circle: {path}.", path=path), "/requires", None, f"{layer.name}/package.json")
            )
            return
        if layer.name in done:
            return
        for index, name in enumerate(layer.requires):
            if name in by_name:
                visit(by_name[name], (*trail, layer.name))
            else:
                message = _m("Package “{name}” is required but not there. Apply it first.", name=name)
                problems.append(Problem("requires_missing", message, pointer("requires", index), did_you_mean(name, by_name), f"{layer.name}/package.json"))
        done.append(layer.name)

    for layer in sorted(layers, key=lambda item: item.name == CUSTOM):
        visit(layer, ())
    return [by_name[name] for name in dict.fromkeys(done)], problems


def merge(layers: Sequence[Layer], skip: frozenset[str] = frozenset()) -> Merged:
    """Whole documents and operations of all layers in order. `skip` are paths of documents found unsound: they are left out."""
    out = Merged()
    in_order, problems = ordered(layers)
    out.problems += problems
    for layer in in_order:
        for document in layer.documents:
            if document.path not in skip and not document.extends:
                _define(out, document)
        for document in layer.documents:
            if document.path not in skip and document.extends:
                _extend(out, document)
    return out


def _define(out: Merged, document: SourceDocument) -> None:
    key = (document.kind, document.name)
    known = out.documents.get(key)
    if known is not None:
        message = _m(
            "{kind} “{name}” is already defined by {origin}. Extend it with operations instead.", kind=document.kind, name=document.name, origin=known.origin()
        )
        out.problems.append(Problem("defined_twice", message, "/name", None, document.path))
        return
    out.documents[key] = Effective(document.kind, document.name, document.body, {"": document.origin}, {"": document.path})


def _extend(out: Merged, document: SourceDocument) -> None:
    key = (document.kind, document.name)
    base = out.documents.get(key)
    if base is None:
        message = _m("There is no {kind} “{name}” to extend.", kind=document.kind, name=document.name)
        hint = did_you_mean(document.name, [name for kind, name in out.documents if kind == document.kind])
        out.problems.append(Problem("nothing_to_extend", message, "/extends", hint, document.path))
        return
    body, touched, problems = apply_operations(document.kind, base.body, document.body["operations"], document.path)
    out.problems += problems
    origins, sources = dict(base.origins), dict(base.sources)
    for place in touched:
        origins[place], sources[place] = document.origin, document.path
    out.documents[key] = Effective(document.kind, document.name, body, origins, sources)
    out.changed.add(key)
