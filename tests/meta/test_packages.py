"""Package folders: read, refused, written canonically."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fieldsmith.base.errors import BadInput
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.canonical import canonical_text
from fieldsmith.meta.compile import Compiled
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.packages import package_files, read_package, shipped_packages, write_package
from fieldsmith.meta.schemas import SchemaSet
from tests.meta.samples import custom, entity, only, package

MANIFEST = {"format": 1, "name": "crm", "version": "1.0.0"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path / "package.json", MANIFEST)
    put(tmp_path / "entity" / "deal.json", entity("deal"))
    return tmp_path


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    return SchemaSet.load()


def put(path: Path, body: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(body if isinstance(body, str) else json.dumps(body), "utf-8")


def refused(folder: Path) -> list[tuple[str, str | None]]:
    with pytest.raises(BadInput) as caught:
        read_package(folder)
    return [(problem.code, problem.document) for problem in caught.value.problems]


def test_a_folder_becomes_a_layer(folder: Path) -> None:
    put(folder / "README.md", "text")
    put(folder / "demo" / "rows.json", "[]")
    layer = read_package(folder)
    assert (layer.label, [(item.kind, item.name, item.path) for item in layer.documents]) == (
        "crm 1.0.0",
        [("package", "crm", "crm/package.json"), ("entity", "deal", "crm/entity/deal.json")],
    )


@pytest.mark.parametrize(
    ("path", "body", "code", "document"),
    [
        ("entity/other.json", entity("deal"), "name_differs", "crm/entity/other.json"),
        ("view/all.json", {"name": "all", "entity": "deal", "columns": ["name"]}, "name_differs", "crm/view/all.json"),
        ("entity/broken.json", "{", "invalid_json", "crm/entity/broken.json"),
        ("entity/list.json", "[]", "not_an_object", "crm/entity/list.json"),
        ("entity/notes.txt", "x", "unknown_file", "crm/entity/notes.txt"),
        ("entities/deal.json", "{}", "unknown_folder", "crm/entities"),
        ("deal.json", "{}", "unknown_file", "crm/deal.json"),
    ],
)
def test_what_has_no_place_is_refused(folder: Path, path: str, body: Any, code: str, document: str) -> None:
    put(folder / path, body)
    assert refused(folder) == [(code, document)]


@pytest.mark.parametrize("place", ["entity/link.json", "view", "package.json"])
def test_symbolic_links_are_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory, place: str) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.json"
    put(outside, MANIFEST)
    (folder / place).unlink(missing_ok=True)
    (folder / place).symlink_to(outside if place.endswith(".json") else outside.parent)
    code = "no_manifest" if place == "package.json" else "symbolic_link"
    assert refused(folder)[0][0] == code


@pytest.mark.parametrize(
    ("manifest", "code"),
    [(None, "no_manifest"), ({"format": 1}, "missing_key"), ({**MANIFEST, "format": 7}, "newer_format")],
)
def test_faulty_manifests_are_refused(tmp_path: Path, manifest: Any, code: str) -> None:
    if manifest is not None:
        put(tmp_path / "package.json", manifest)
    assert refused(tmp_path)[0][0] == code


def test_every_fault_of_a_folder_is_told(folder: Path) -> None:
    put(folder / "entity" / "a.json", "{")
    put(folder / "entity" / "b.json", '{"name": "b", "name": "b"}')
    put(folder / "novelty.json", "{}")
    assert [code for code, _ in refused(folder)] == ["invalid_json", "duplicate_key", "unknown_file"]


def test_problems_of_read_documents_name_line_and_column(folder: Path, compiled: Callable[..., Compiled]) -> None:
    put(
        folder / "entity" / "deal.json",
        '{"name": "deal",\n "fields": [\n  {"name": "name", "type": "text"},\n  {"name": "day", "type": "date",\n   "lable": "Day"}]}',
    )
    problem = only(compiled(read_package(folder)))
    assert (problem.pointer, problem.line, problem.column) == ("/fields/day/lable", 5, 4)


def test_problems_of_operations_name_their_own_line(folder: Path, compiled: Callable[..., Compiled]) -> None:
    operations = '{"extends": "user",\n "operations": [\n  {"op": "add", "path": "/fields/day",\n   "value": {"type": "dat"}}]}'
    put(folder / "entity" / "user.json", operations)
    found = compiled(package("core", {"entity": [entity("user")]}), read_package(folder))
    problem = only(found)
    assert (problem.code, problem.document, problem.line, problem.column) == ("unknown_field_type", "crm/entity/user.json", 4, 14)


def test_canonical_text_orders_keys_and_leaves_defaults_out(schemas: SchemaSet, types: dict[str, FieldType]) -> None:
    body = {
        "fields": [
            {"max_length": 255, "required": False, "type": "text", "label": "名称", "name": "name"},
            {"to": "deal", "type": "lookup", "name": "of", "unique": True},
        ],
        "name": "deal",
        "features": ["files"],
    }
    assert canonical_text("entity", body, schemas, types) == (
        '{\n  "$schema": "../../schemas/entity.json",\n  "name": "deal",\n  "features": [\n    "files"\n  ],\n  "fields": [\n'
        '    {\n      "name": "name",\n      "type": "text",\n      "label": "名称"\n    },\n'
        '    {\n      "name": "of",\n      "type": "lookup",\n      "unique": true,\n      "to": "deal"\n    }\n  ]\n}\n'
    )


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("package", {**MANIFEST, "requires": ["core"]}, {"$schema": "../schemas/package.json", **MANIFEST, "requires": ["core"]}),
        (
            "choices",
            {"name": "s", "values": [{"name": "a", "active": True}]},
            {"$schema": "../../schemas/choices.json", "name": "s", "values": [{"name": "a"}]},
        ),
        ("role", {"name": "r", "entities": {"*": ["read"]}}, {"$schema": "../../schemas/role.json", "name": "r", "entities": {"*": ["read"]}}),
        (
            "entity",
            {"extends": "deal", "operations": [{"path": "/fields/a", "value": {"required": False, "type": "text"}, "op": "add"}]},
            {
                "$schema": "../../schemas/entity.json",
                "extends": "deal",
                "operations": [{"op": "add", "path": "/fields/a", "value": {"required": False, "type": "text"}}],
            },
        ),
    ],
)
def test_canonical_text_of_other_kinds(schemas: SchemaSet, types: dict[str, FieldType], kind: str, body: Any, expected: Any) -> None:
    text = canonical_text(kind, body, schemas, types)
    assert json.loads(text) == expected
    assert list(json.loads(text)) == list(expected)


def test_a_written_package_reads_back_the_same(tmp_path: Path, schemas: SchemaSet, types: dict[str, FieldType]) -> None:
    for name, shipped in shipped_packages().items():
        layer = read_package(shipped)
        write_package(layer, tmp_path / name, schemas, types)
        assert package_files(read_package(tmp_path / name), schemas, types) == package_files(layer, schemas, types)


def test_the_workspaces_own_layer_can_be_exported_and_read_back(tmp_path: Path, schemas: SchemaSet, types: dict[str, FieldType]) -> None:
    layer = custom({"entity": [entity("deal")]})
    for _ in range(2):  # the second export finds the first
        write_package(layer, tmp_path, schemas, types)
    found = read_package(tmp_path)
    assert (found.name, [(item.kind, item.name) for item in found.documents]) == ("custom", [("entity", "deal")])


def test_writing_again_removes_documents_that_are_gone(folder: Path, schemas: SchemaSet, types: dict[str, FieldType]) -> None:
    layer = read_package(folder)
    put(folder / "entity" / "gone.json", entity("gone"))
    write_package(layer, folder, schemas, types)
    assert sorted(path.name for path in (folder / "entity").iterdir()) == ["deal.json"]


@pytest.mark.parametrize("content", ["notes.txt", "package.json"])
def test_a_folder_that_holds_something_else_is_not_written_over(tmp_path: Path, schemas: SchemaSet, types: dict[str, FieldType], content: str) -> None:
    put(tmp_path / content, {**MANIFEST, "name": "other"})
    with pytest.raises(BadInput) as caught:
        write_package(Layer("crm", "1.0.0", ()), tmp_path, schemas, types)
    assert caught.value.problems[0].code == "folder_not_empty"
