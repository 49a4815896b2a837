"""Package folders: read into a `Layer`, written canonically for export.

The only module of this room that touches files. Reading takes a real folder or a folder inside the installed program
(`importlib.resources`); nothing outside the folder is ever read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.canonical import canonical_text
from fieldsmith.meta.check import FORMAT
from fieldsmith.meta.documents import KINDS, MAX_BYTES, SourceDocument, document_name, read_object
from fieldsmith.meta.layers import CUSTOM, Layer, document_path
from fieldsmith.meta.schemas import SchemaSet
from fieldsmith.meta.seal import SEAL, breaches, seal_text

MANIFEST = "package.json"
DATA_FOLDERS = frozenset({"demo"})  # what a package ships besides documents; read by others
_TEXTS = frozenset({"README.md", "LICENSE", "CHANGELOG.md", SEAL})
_FOLDERS = frozenset(KINDS) - {"package"}
MAX_DOCUMENTS = 10_000


def shipped_packages() -> dict[str, Traversable]:
    """The packages that come with the program, by name."""
    root = files("fieldsmith.metadata")
    return {entry.name: entry for entry in sorted(root.iterdir(), key=lambda entry: entry.name) if entry.name != "schemas" and (entry / MANIFEST).is_file()}


def read_package(folder: Path | Traversable, unsealed: bool = False) -> Layer:
    """The layer a package folder holds, documents in the order of their names; raises `BadInput` with every problem found.

    A folder called `custom` is another workspace's own layer, exported: it has a manifest, but is no package of the model.
    Only what can be said of the folder alone is judged here: layout, names, JSON, and the seal, where there is one and it
    counts. `meta.compile` judges the documents.
    """
    reading = _Reading()
    manifest = _manifest(folder, reading)
    name = str(manifest.body["name"])
    _require_sound(manifest.body, reading, f"{name[:100]}/{MANIFEST}")
    version = str(manifest.body.get("version", ""))
    origin = f"{name} {version}".strip()
    own = {key: value for key, value in manifest.body.items() if key != "part"}
    documents = [] if name == CUSTOM else [SourceDocument("package", name, own, f"{name}/{MANIFEST}", origin, manifest.text)]
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if _is_link(entry):
            reading.refuse("symbolic_link", _m("Packages may not hold symbolic links."), f"{name}/{entry.name}")
        elif entry.is_dir() and entry.name in _FOLDERS:
            documents += _documents(entry, name, origin, reading)
        elif not _ignored(entry):
            message = _m("“{name}” has no place in a package.", name=entry.name[:100])
            code = "unknown_folder" if entry.is_dir() else "unknown_file"
            reading.refuse(code, message, f"{name}/{entry.name}", did_you_mean(entry.name, _FOLDERS))
    if len(documents) > MAX_DOCUMENTS:
        reading.refuse("too_many_documents", _m("A package may hold at most {limit} documents.", limit=MAX_DOCUMENTS), name)
    if not reading.problems and not unsealed:
        _keep_seal(folder, name, manifest, documents, reading)
    reading.finish()
    return Layer(name, version, tuple(documents), manifest.body)


def _keep_seal(folder: Path | Traversable, name: str, manifest: _Manifest, documents: Sequence[SourceDocument], reading: _Reading) -> None:
    if not (folder / SEAL).is_file():
        return
    seal = _text(folder / SEAL, f"{name}/{SEAL}", reading)
    hint = _m("Fetch the package anew; if you changed it on purpose, run “fieldsmith package seal FOLDER”.")
    for code, message, path in breaches(seal, _texts(name, manifest, documents)):
        reading.refuse(code, message, f"{name}/{path}", hint)


def seal_package(folder: Path) -> Path:
    """Write the seal of a folder as it is now, over any it had. Raises `BadInput` for what is no package."""
    layer = read_package(folder, unsealed=True)
    reading = _Reading()
    manifest = _Manifest({}, _text(folder / MANIFEST, MANIFEST, reading))
    path = folder / SEAL
    if path.is_symlink():
        reading.refuse("symbolic_link", _m("Packages may not hold symbolic links."), f"{layer.name}/{SEAL}")
    reading.finish()
    path.write_text(seal_text(_texts(layer.name, manifest, layer.documents)), "utf-8", newline="\n")
    return path


def _texts(name: str, manifest: _Manifest, documents: Sequence[SourceDocument]) -> dict[str, str]:
    """File texts by path inside the folder."""
    start = len(name) + 1
    return {MANIFEST: manifest.text or "", **{item.path[start:]: item.text or "" for item in documents if item.kind != "package"}}


def _require_sound(manifest: Mapping[str, Any], reading: _Reading, path: str) -> None:
    """What is acted upon before the manifest meets its schema."""
    if not isinstance(manifest.get("part", False), bool):
        reading.problems.append(Problem("wrong_type", _m("“{key}” must be true or false.", key="part"), "/part", None, path))
    reading.finish()


@dataclass(slots=True)
class _Manifest:
    body: dict[str, Any]
    text: str | None


@dataclass(slots=True)
class _Reading:
    """Problems found so far."""

    problems: list[Problem] = field(default_factory=list)

    def refuse(self, code: str, message: Message, document: str, hint: Message | None = None) -> None:
        self.problems.append(Problem(code, message, "", hint, document))

    def finish(self) -> None:
        if self.problems:
            raise BadInput(self.problems, _m("The package cannot be read."))


def _ignored(entry: Traversable) -> bool:
    return entry.name.startswith((".", "__")) or (entry.name in DATA_FOLDERS if entry.is_dir() else entry.name in _TEXTS or entry.name == MANIFEST)


def _is_link(entry: Traversable) -> bool:
    return isinstance(entry, Path) and entry.is_symlink()


def _manifest(folder: Path | Traversable, reading: _Reading) -> _Manifest:
    """A package written in a newer format is refused whole, before anything else of it is looked at."""
    file = folder / MANIFEST
    path = f"{folder.name}/{MANIFEST}"
    if not folder.is_dir() or not file.is_file() or _is_link(file):
        reading.refuse("no_manifest", _m("This is no package: the file package.json is missing."), path)
        reading.finish()
    text = _text(file, path, reading)
    reading.finish()
    body = read_object(text, path)
    known = body.get("format")
    if isinstance(known, int) and known > FORMAT:
        message = _m("This package is written in format {format}; this Fieldsmith reads up to {known}. Upgrade Fieldsmith first.", format=known, known=FORMAT)
        reading.problems.append(Problem("newer_format", message, "/format", None, path))
    elif not isinstance(body.get("name"), str) or not body["name"]:
        reading.problems.append(Problem("missing_key", _m("The key “{key}” is missing.", key="name"), "", None, path))
    reading.finish()
    return _Manifest(body, text)


def _text(file: Traversable, path: str, reading: _Reading) -> str:
    with file.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        reading.refuse("too_large", _m("A document may have at most {limit} MB.", limit=MAX_BYTES // 1024 // 1024), path)
        return "{}"
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        reading.refuse("not_utf8", _m("This is not UTF-8 text. Save the file as UTF-8."), path)
        return "{}"


def _documents(folder: Traversable, package: str, origin: str, reading: _Reading) -> Iterator[SourceDocument]:
    kind = folder.name
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        path = f"{package}/{kind}/{entry.name}"
        if entry.name.startswith((".", "__")):
            continue
        if _is_link(entry):
            reading.refuse("symbolic_link", _m("Packages may not hold symbolic links."), path)
        elif not entry.is_file() or not entry.name.endswith(".json"):
            reading.refuse("unknown_file", _m("“{name}” has no place in a package.", name=entry.name[:100]), path)
        else:
            document = _document(entry, kind, path, origin, reading)
            if document is not None:
                yield document


def _document(entry: Traversable, kind: str, path: str, origin: str, reading: _Reading) -> SourceDocument | None:
    before = len(reading.problems)
    text = _text(entry, path, reading)
    if len(reading.problems) > before:
        return None
    try:
        body = read_object(text, path)
    except BadInput as error:
        reading.problems += error.problems
        return None
    name = document_name(kind, body)
    stem = entry.name.removesuffix(".json")
    if name is not None and name != stem:
        message = _m("The file must be called {expected}, after the name in it.", expected=f"{name[:100]}.json")
        place = "/extends" if "extends" in body else "/name"
        reading.problems.append(Problem("name_differs", message, place, None, path))
    return SourceDocument(kind, stem, body, path, origin, text)


def package_files(layer: Layer, schemas: SchemaSet, types: Mapping[str, FieldType]) -> dict[str, str]:
    """File texts by path inside the package folder, the manifest first."""
    order = {kind: index for index, kind in enumerate(KINDS)}
    documents = sorted(layer.documents, key=lambda document: (order[document.kind], document.name))
    start = len(layer.name) + 1
    manifest = {} if any(document.kind == "package" for document in documents) else {MANIFEST: _made_manifest(layer, schemas, types)}
    texts = manifest | {
        document_path(layer.name, document.kind, document.name)[start:]: canonical_text(document.kind, document.body, schemas, types) for document in documents
    }
    if layer.part and MANIFEST in texts and not manifest:
        body = next(document.body for document in documents if document.kind == "package")
        texts[MANIFEST] = canonical_text("package", {**body, "part": True}, schemas, types)
    return texts


def _made_manifest(layer: Layer, schemas: SchemaSet, types: Mapping[str, FieldType]) -> str:
    """The layer `custom` has none of its own."""
    body = {"format": FORMAT, "name": layer.name, "version": layer.version or "1.0.0", **layer.manifest}
    return canonical_text("package", body, schemas, types)


def write_package(layer: Layer, folder: Path, schemas: SchemaSet, types: Mapping[str, FieldType]) -> list[Path]:
    """Write the package canonically and return the files written. A folder that holds anything but this package is refused.

    Documents the layer no longer has are removed from a folder that holds an older export of the same package.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        try:
            known = read_package(folder, unsealed=True).name if folder.is_dir() else None
        except BadInput:
            known = None
        if known != layer.name:
            problem = Problem("folder_not_empty", _m("{folder} holds something else. Name an empty or new folder.", folder=str(folder)))
            raise BadInput([problem])
    texts = package_files(layer, schemas, types)
    texts[SEAL] = seal_text(texts)
    for kind in _FOLDERS:
        for old in (folder / kind).glob("*.json"):
            if f"{kind}/{old.name}" not in texts:
                old.unlink()
    written = []
    for name, text in texts.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise BadInput([Problem("outside_folder", _m("The document would be written outside the folder."), document=name)])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
        written.append(path)
    return written
