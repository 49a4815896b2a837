"""A package as one file: read as strictly as a folder, quick to refuse, never unpacked to disk."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest

from fieldsmith.base.errors import BadInput
from fieldsmith.fields.registry import field_types
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.packages import package_files, read_package, shipped_packages
from fieldsmith.meta.schemas import SchemaSet
from fieldsmith.studio.bundle import MAX_UNPACKED, MAX_ZIP, bundle_json, bundle_zip, read_bundle

MANIFEST = {"format": 1, "name": "crates", "version": "1.0.0"}
ENTITY = {"name": "crate", "fields": [{"name": "name", "type": "text"}]}
BUNDLE: dict[str, Any] = {"format": 1, "package": MANIFEST, "documents": [{"kind": "entity", "name": "crate", "body": ENTITY}]}


def zipped(files: Mapping[str, Any], **info: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            for key, value in info.items():
                setattr(entry, key, value)
            archive.writestr(entry, content if isinstance(content, (str, bytes)) else json.dumps(content), zipfile.ZIP_DEFLATED)
    return out.getvalue()


FILES = {"package.json": MANIFEST, "entity/crate.json": ENTITY}


def refused(content: bytes) -> str:
    """The first code; in a tenth of a second at most, but for what a loaded machine adds."""
    begun = time.process_time()
    with pytest.raises(BadInput) as caught:
        read_bundle(content)
    assert time.process_time() - begun < 0.3
    return caught.value.problems[0].code


def shown(layer: Layer) -> list[tuple[str, str, Any]]:
    return [(item.kind, item.name, dict(item.body)) for item in layer.documents]


@pytest.mark.parametrize("name", ["core", "crm"])
def test_both_forms_hold_what_the_folder_holds(name: str) -> None:
    schemas, types = SchemaSet.load(), field_types()
    layer = read_package(shipped_packages()[name])
    for content in (bundle_zip(layer, schemas, types), json.dumps(bundle_json(layer, schemas, types)).encode()):
        assert package_files(read_bundle(content), schemas, types) == package_files(layer, schemas, types)


def test_a_zip_may_hold_the_folder_or_its_files() -> None:
    assert shown(read_bundle(zipped(FILES))) == shown(read_bundle(zipped({f"crates-main/{path}": text for path, text in FILES.items()})))


@pytest.mark.parametrize(
    ("files", "info", "code"),
    [
        ({**FILES, "../evil.json": "{}"}, {}, "outside_folder"),
        ({**FILES, "/etc/evil.json": "{}"}, {}, "outside_folder"),
        ({**FILES, "entity\\evil.json": "{}"}, {}, "outside_folder"),
        (FILES, {"external_attr": 0o120777 << 16}, "outside_folder"),
        ({"entity/crate.json": ENTITY}, {}, "no_manifest"),
        ({**FILES, "package.json": {**MANIFEST, "format": 9}}, {}, "newer_format"),
        ({**FILES, "package.sum": f"{'0' * 64}  entity/crate.json\n"}, {}, "seal_broken"),
        ({**FILES, "entity/crate.json": "[" * 10_000}, {}, "too_deep"),
        ({**FILES, "entity/crate.json": b" " * 5_000_000}, {}, "too_large"),
        ({**FILES, "run.sh": "x"}, {}, "unknown_file"),
        ({f"entity/{number}.json": b"\0" * 4_000_000 for number in range(20)} | FILES, {}, "too_large"),
    ],
    ids=["up", "root", "backslash", "link", "no manifest", "newer", "seal", "deep", "5 MB", "stranger", "bomb"],
)
def test_a_bad_zip_is_refused(files: dict[str, Any], info: dict[str, Any], code: str) -> None:
    assert sum(len(content) for content in files.values()) < 2 * MAX_UNPACKED
    assert refused(zipped(files, **info)) == code


@pytest.mark.parametrize("content", [b"PK", b"PK\x03\x04" + b"x" * 100, zipped(FILES)[:-30], b"PK" + b"\0" * MAX_ZIP], ids=["bare", "noise", "cut", "huge"])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    assert refused(content) in ("bad_zip", "too_large")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"format": 2}, "newer_format"),
        ({"format": None}, "missing_key"),
        ({"package": {**MANIFEST, "format": 2}}, "newer_format"),
        ({"package": {"format": 1}}, "missing_key"),
        ({"package": {**MANIFEST, "part": 1}}, "wrong_type"),
        ({"documents": {}}, "missing_key"),
        ({"documents": [1]}, "wrong_type"),
        ({"documents": [{"kind": "entiti", "name": "crate", "body": ENTITY}]}, "unknown_key"),
        ({"documents": [{"kind": "entity", "name": "box", "body": ENTITY}]}, "name_differs"),
        ({"documents": [{}] * 10_001}, "too_many_documents"),
        ({"sum": "x"}, "seal_broken"),
        ({"sums": "x"}, "unknown_key"),
    ],
    ids=["newer", "no format", "newer package", "no name", "part", "documents", "document", "kind", "name", "many", "sum", "key"],
)
def test_a_bad_bundle_is_refused(changed: dict[str, Any], code: str) -> None:
    assert refused(json.dumps({**BUNDLE, **changed}).encode()) == code


def test_a_sum_may_be_left_out_or_waived() -> None:
    wrong = json.dumps({**BUNDLE, "sum": "x"}).encode()
    assert shown(read_bundle(json.dumps(BUNDLE).encode())) == shown(read_bundle(wrong, unsealed=True))
