"""Packages as one file: a ZIP of the folder, or one JSON object

    {"format": 1, "package": {"name": "custom", …}, "documents": [{"kind": "entity", "name": "crate", "body": {…}}, …], "sum": "<sha256>"}

`sum` may be missing; one that is there must be right. Both are read as strictly as a folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.canonical import canonical_text
from fieldsmith.meta.check import FORMAT
from fieldsmith.meta.documents import KINDS, SourceDocument, document_name, read_object
from fieldsmith.meta.layers import CUSTOM, Layer, document_path
from fieldsmith.meta.packages import MANIFEST, MAX_DOCUMENTS, package_files, read_package
from fieldsmith.meta.schemas import SchemaSet
from fieldsmith.meta.seal import SEAL, seal_text

MAX_ZIP = 16 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
_MAX_ENTRIES = MAX_DOCUMENTS + 1_000
# All that zipfile raises for spoilt, locked or unknown content.
_SPOILT = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError, OSError)
_KEYS = ("format", "package", "documents", "sum")
_WHOLE: Mapping[str, type] = {"package": dict, "documents": list}
_DATED = (2020, 1, 1, 0, 0, 0)  # a fixed date, so that the same package is the same file


def bundle_zip(layer: Layer, schemas: SchemaSet, types: Mapping[str, FieldType]) -> bytes:
    """The files `export` writes, in a folder named after the package."""
    texts = package_files(layer, schemas, types)
    texts[SEAL] = seal_text(texts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in texts.items():
            archive.writestr(zipfile.ZipInfo(f"{layer.name}/{path}", _DATED), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def bundle_json(layer: Layer, schemas: SchemaSet, types: Mapping[str, FieldType]) -> dict[str, Any]:
    """The same as one JSON object."""
    manifest: dict[str, Any] = json.loads(package_files(Layer(layer.name, layer.version, _manifests(layer), layer.manifest), schemas, types)[MANIFEST])
    del manifest["$schema"]
    documents = []
    for item in layer.documents:
        if item.kind != "package":
            body = json.loads(canonical_text(item.kind, item.body, schemas, types))
            del body["$schema"]
            documents.append({"kind": item.kind, "name": item.name, "body": body})
    return {"format": FORMAT, "package": manifest, "documents": documents, "sum": _sum(manifest, documents)}


def read_bundle(content: bytes, unsealed: bool = False) -> Layer:
    """The layer that a ZIP or a JSON text holds. Raises `BadInput` with every problem; nothing is unpacked to disk."""
    return _unzipped(content, unsealed) if content.startswith(b"PK") else layer_from(read_object(content), unsealed)


def layer_from(sent: Mapping[str, Any], unsealed: bool = False) -> Layer:
    """The layer of the JSON form."""
    known = sent.get("format")
    if isinstance(known, int) and known > FORMAT:
        message = _m("This package is written in format {format}; this Fieldsmith reads up to {known}. Upgrade Fieldsmith first.", format=known, known=FORMAT)
        raise BadInput([Problem("newer_format", message, "/format")])
    problems = [_unknown(key, _KEYS, pointer(str(key)[:100])) for key in sent if key not in _KEYS]
    if known != FORMAT:
        problems.append(Problem("missing_key", _m("The key “{key}” is missing.", key="format"), "/format"))
    for key, kind in _WHOLE.items():
        if not isinstance(sent.get(key), kind):
            problems.append(Problem("missing_key", _m("The key “{key}” is missing.", key=key), pointer(key)))
    if problems:
        raise BadInput(problems)
    manifest, listed = sent["package"], sent["documents"]
    name, version = _manifest(manifest)
    if len(listed) > MAX_DOCUMENTS:
        raise BadInput([Problem("too_many_documents", _m("A package may hold at most {limit} documents.", limit=MAX_DOCUMENTS), "/documents")])
    documents = [_document(item, index, name, f"{name} {version}".strip(), problems) for index, item in enumerate(listed)]
    if problems:
        raise BadInput(problems)
    if "sum" in sent and not unsealed and sent["sum"] != _sum(manifest, listed):
        hint = _m("Export it anew; if you changed it on purpose, leave the key “sum” out.")
        raise BadInput([Problem("seal_broken", _m("The package was changed after it was sealed."), "/sum", hint)])
    own = {key: value for key, value in manifest.items() if key != "part"}
    first = [] if name == CUSTOM else [SourceDocument("package", name, own, f"{name}/{MANIFEST}", f"{name} {version}".strip())]
    return Layer(name, version, (*first, *(item for item in documents if item is not None)), manifest)


def _manifests(layer: Layer) -> tuple[SourceDocument, ...]:
    return tuple(item for item in layer.documents if item.kind == "package")


def _sum(manifest: Mapping[str, Any], documents: Any) -> str:
    return hashlib.sha256(json.dumps([manifest, documents], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _manifest(manifest: Mapping[str, Any]) -> tuple[str, str]:
    name, version, known = manifest.get("name"), manifest.get("version", ""), manifest.get("format")
    if isinstance(known, int) and known > FORMAT:
        message = _m("This package is written in format {format}; this Fieldsmith reads up to {known}. Upgrade Fieldsmith first.", format=known, known=FORMAT)
        raise BadInput([Problem("newer_format", message, "/package/format")])
    if not isinstance(name, str) or not name:
        raise BadInput([Problem("missing_key", _m("The key “{key}” is missing.", key="name"), "/package/name")])
    if not isinstance(manifest.get("part", False), bool):
        raise BadInput([Problem("wrong_type", _m("“{key}” must be true or false.", key="part"), "/package/part")])
    return name, str(version)


def _document(item: Any, index: int, package: str, origin: str, problems: list[Problem]) -> SourceDocument | None:
    place = pointer("documents", index)
    if not isinstance(item, dict) or item.keys() != {"kind", "name", "body"} or not isinstance(item["body"], dict):
        problems.append(Problem("wrong_type", _m("A document has the keys kind, name and body."), place))
        return None
    kind, name = item["kind"], item["name"]
    if kind not in KINDS or kind == "package":
        problems.append(_unknown(kind, KINDS, f"{place}/kind"))
    elif not isinstance(name, str) or document_name(kind, item["body"]) != name:
        found = str(document_name(kind, item["body"]))[:100]
        message = _m("The document calls itself “{found}”, but is put as “{name}”.", found=found, name=str(name)[:100])
        problems.append(Problem("name_differs", message, f"{place}/name"))
    else:
        return SourceDocument(kind, name, item["body"], document_path(package, kind, name), origin)
    return None


def _unknown(key: Any, known: Any, place: str) -> Problem:
    return Problem("unknown_key", _m("There is no key “{key}” here.", key=str(key)[:100]), place, did_you_mean(str(key)[:100], known))


def _unzipped(content: bytes, unsealed: bool) -> Layer:
    if len(content) > MAX_ZIP:
        raise _bad_zip("too_large", _m("A package may have at most {limit} MB.", limit=MAX_ZIP // 1024 // 1024))
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        return _of_archive(archive, unsealed)
    except _SPOILT as error:
        raise _bad_zip("bad_zip", _m("This is no ZIP file that can be read. Make it anew.")) from error


def _of_archive(archive: zipfile.ZipFile, unsealed: bool) -> Layer:
    entries = archive.infolist()
    if len(entries) > _MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise _bad_zip("too_large", _m("Unpacked, a package may have at most {files} files and {limit} MB.", files=_MAX_ENTRIES, limit=MAX_UNPACKED // 1024**2))
    for entry in entries:
        parts = entry.filename.split("/")
        if ".." in parts or parts[0] == "" or "\\" in entry.filename or (entry.external_attr >> 16) & 0o170000 == 0o120000:
            raise _bad_zip("outside_folder", _m("The ZIP file holds links or paths that lead out of it."))
        if entry.flag_bits & 1:
            raise _bad_zip("bad_zip", _m("The ZIP file is encrypted. Make it without a password."))
    if len({entry.filename for entry in entries}) != len(entries):
        raise _bad_zip("bad_zip", _m("The ZIP file holds a file twice."))
    archive.filename = "package"  # what its root is called in problems
    root = zipfile.Path(archive)
    if not (root / MANIFEST).is_file():
        folders = [item for item in root.iterdir() if item.is_dir() and (item / MANIFEST).is_file()]
        root = folders[0] if len(folders) == 1 else root
    return read_package(root, unsealed)


def _bad_zip(code: str, message: Message) -> BadInput:
    return BadInput([Problem(code, message)], message)
