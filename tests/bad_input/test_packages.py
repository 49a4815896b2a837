"""Items 1 to 17 and 68 where a database is there: a package that cannot be applied is refused with a cure and changes no table."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import FieldsmithError
from fieldsmith.meta.packages import read_package
from tests.desk import Desk


@pytest.fixture
def desk(tiny: Desk) -> Desk:
    """Two boxes of one name and one without, so that neither `unique` nor `required` can be demanded of names."""
    for name in ("Twin", "Twin", None):
        tiny.make("box", name=name)
    tiny.make("thing", text="not a number", choice="large")
    return tiny


def _changed(entity: str, *operations: dict[str, Any]) -> dict[str, Any]:
    return {f"entity/{entity}.json": {"extends": entity, "operations": list(operations)}}


def _whole(name: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {f"entity/{name}.json": {"name": name, "fields": [{"name": "name", "type": "text"}, *fields], **more}}


_MANY = [{"name": f"f{number}", "type": "integer"} for number in range(401)]
BAD: dict[str, dict[str, Any]] = {
    "a name that is none": _whole("crate", {"name": 'a";drop table x', "type": "text"}),
    "a reserved name": _whole("crate", {"name": "__class__", "type": "text"}),
    "two names alike": _whole("crate", {"name": "size", "type": "text"}, {"name": "size", "type": "text"}),
    "an unknown key": _whole("crate", {"name": "size", "type": "text", "requred": True}),
    "an unknown type": _whole("crate", {"name": "size", "type": "sql"}),
    "a lookup to nothing": _whole("crate", {"name": "box", "type": "lookup", "to": "boks"}),
    "an owner of itself": _whole("crate", {"name": "crate", "type": "lookup", "to": "crate", "owned": True}),
    "too many columns": _whole("crate", *_MANY),
    "an unknown choice as default": _whole("crate", {"name": "size", "type": "choice", "choices": "size", "default": "none"}),
    "another type for a field": _changed("box", {"op": "change", "path": "/fields/name/type", "value": "integer"}),
    "required where blanks are": _changed("box", {"op": "change", "path": "/fields/name/required", "value": True}),
    "unique where twins are": _changed("box", {"op": "change", "path": "/fields/name/unique", "value": True}),
    "a required field without default": _changed("box", {"op": "add", "path": "/fields/weight", "value": {"type": "integer", "required": True}}),
    "a field taken away": _changed("thing", {"op": "remove", "path": "/fields/choice"}),
    "a field renamed": _changed("thing", {"op": "rename", "path": "/fields/choice", "value": "pick"}),
    "a choice in use taken away": {"choices/size.json": {"extends": "size", "operations": [{"op": "remove", "path": "/values/large"}]}},
    "another target of a lookup": _changed("thing", {"op": "change", "path": "/fields/lookup/to", "value": "vault"}),
    "a stranger extended": _changed("bokz", {"op": "add", "path": "/fields/a", "value": {"type": "text"}}),
    "a second definition": _whole("box"),
    "a view of nothing": {"view/box.bad.json": {"name": "bad", "entity": "box", "columns": ["name", "owner.password_hash"]}},
    "a sort that injects": {"view/box.bad.json": {"name": "bad", "entity": "box", "columns": ["name"], "sort": ["name;drop table x"]}},
    "the last administrator's role": {"role/administrator.json": {"name": "administrator", "entities": {}}},
    "a rate that is none": {
        "company/company.json": {"extends": "company", "operations": [{"op": "change", "path": "/time_zone", "value": "UTC'||(select 1)"}]}
    },
    "NaN": {"entity/crate.json": '{"name": "crate", "fields": [{"name": "name", "type": "text", "max_length": NaN}]}'},
    "a key twice": {"entity/crate.json": '{"name": "crate", "name": "box", "fields": []}'},
    "depth": {"entity/crate.json": "[" * 10_000},
    "5 MB": {"entity/crate.json": json.dumps({"name": "crate", "label": "x" * 5_000_000})},
    "half a character": {"entity/crate.json": '{"name": "crate", "label": "\\ud800", "fields": []}'},
    "bytes": {"entity/crate.json": "\udcff\udcfe"},
    "a stray file": {"entity/evil.sh": "x"},
    "a way out": {"package.json": {"format": 1, "name": "../../evil", "version": "1.0.0"}},
    "a newer format": {"package.json": {"format": 99, "name": "bad", "version": "1.0.0"}},
    "a package that is not there": {"package.json": {"format": 1, "name": "bad", "version": "1.0.0", "requires": ["nothing"]}},
}


_DRIVERS = re.compile("Traceback|sqlite3|psycopg|sqlalchemy", re.I)


def _written(folder: Path, files: dict[str, Any]) -> Path:
    manifest = {"format": 1, "name": "bad", "version": "1.0.0", "requires": ["core", "tiny"]}
    for name, content in {"package.json": manifest, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8", "surrogateescape")
    return folder


def test_a_bad_package_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    for number, (what, files) in enumerate(BAD.items()):
        folder = _written(tmp_path / f"bad{number}", files)
        with desk.unchanged(), pytest.raises(FieldsmithError) as caught:
            desk.workspace.publish(OPERATOR, [read_package(folder)], "test")
            pytest.fail(f"{what} was taken")
        for problem in caught.value.problems:
            said = f"{problem.message} {problem.hint or caught.value.title}"
            assert said.endswith((".", "?", "$")) and not _DRIVERS.search(said), what
        assert caught.value.problems, what


def test_links_are_refused_whole(desk: Desk, tmp_path: Path) -> None:
    folder = _written(tmp_path / "bad", _whole("crate"))
    (folder / "view").symlink_to("/etc")
    with desk.unchanged(), pytest.raises(FieldsmithError) as caught:
        desk.workspace.publish(OPERATOR, [read_package(folder)], "test")
    assert [problem.code for problem in caught.value.problems] == ["symbolic_link"]


def test_any_text_may_be_a_label_and_words_of_sql_a_name(desk: Desk, tmp_path: Path) -> None:
    label = "订单 😀 ‮ \" '; DROP TABLE box; --"
    folder = _written(
        tmp_path / "good", _whole("crate", *({"name": name, "type": "text", "label": label} for name in ("order", "select", "table")), label=label)
    )
    desk.workspace.publish(OPERATOR, [read_package(folder)], "test")
    id = desk.make("crate", order="1", select="2", table="3")
    assert desk.get("crate", id)["select"] == "2" and desk.ids("box") == [1, 2, 3]


def test_a_list_of_3000_choices_is_served(desk: Desk, tmp_path: Path) -> None:
    values = [{"name": f"c{number}", "label": f"Choice {number}"} for number in range(3_000)]
    files = {"choices/many.json": {"name": "many", "values": values}, **_whole("crate", {"name": "pick", "type": "choice", "choices": "many"})}
    desk.workspace.publish(OPERATOR, [read_package(_written(tmp_path / "many", files))], "test")
    id = desk.make("crate", pick="c2999")
    assert desk.get("crate", id)["pick"] == "c2999"
    with desk.refuses(("unknown_choice", "/pick")):
        desk.make("crate", pick="c3000")
