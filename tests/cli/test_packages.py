"""Packages on the command line: there and back without a difference, parts, clashes, seals, a new one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.settings import Settings
from fieldsmith.workspace import Workspace
from tests.cli.conftest import Cli
from tests.conftest import MakeWorkspace
from tests.rental import OWN


def change(workspace: Workspace, *edits: tuple[Any, ...]) -> None:
    sets = workspace.changesets
    id = sets.open(OPERATOR, "test")
    for kind, name, said in edits:
        if isinstance(said, list):
            sets.change(OPERATOR, id, kind, name, {"operations": said})
        else:
            sets.put(OPERATOR, id, kind, name, said)
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace("core", "crm", OWN)


@pytest.fixture
def other(make_workspace: MakeWorkspace, cli: Cli) -> Iterator[Cli]:
    """The command line of a second workspace, with the shipped packages only."""
    yield Cli(make_workspace("core", "crm").settings.home)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_an_export_applied_elsewhere_and_exported_again_is_the_same(workspace: Workspace, cli: Cli, other: Cli, tmp_path: Path) -> None:
    cli.json("package", "export", "custom", str(tmp_path / "one"))
    assert other.json("package", "apply", str(tmp_path / "one"), "--yes")["revision"] == 2
    other.json("package", "export", "custom", str(tmp_path / "two"))
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert {path.split("/")[0] for path in files(tmp_path / "one")} >= {"choices", "company", "entity", "layout", "rule", "tab", "translation", "view"}
    for again in (cli, other):
        assert again("package", "apply", str(tmp_path / "one"), "--yes").stdout == "Nothing to change.\n"


def test_the_shipped_packages_come_back_the_same(cli: Cli, tmp_path: Path) -> None:
    for name in ("core", "crm"):
        cli.json("package", "export", name, str(tmp_path / name))
        assert cli("package", "apply", str(tmp_path / name), "--yes").stdout == "Nothing to change.\n"


def test_a_part_sweeps_nothing_else_in(workspace: Workspace, cli: Cli, other: Cli, tmp_path: Path) -> None:
    told = cli.json("package", "export", "custom", str(tmp_path / "part"), "--only", "entity/rental")
    brought = ["entity/rental", "layout/rental.default", "rule/rental.short", "view/rental.all", "choices/rental_state", "translation/own"]
    assert sorted(item["path"] for item in told["brought"]) == sorted(brought) and told["left"] == ["tab/rental"]
    assert sorted(files(tmp_path / "part")) == sorted([*(f"{path}.json" for path in brought), "package.json", "package.sum"])
    other.json("package", "apply", str(tmp_path / "part"), "--yes")
    assert other.json("package", "diff", str(tmp_path / "part"))["changes"] == []
    assert "entity/rental: chosen" in cli("package", "export", "custom", str(tmp_path / "part"), "--only", "entity/rental").stdout


def test_a_part_applied_again_leaves_the_rest_as_it_is(workspace: Workspace, cli: Cli, other: Cli, tmp_path: Path) -> None:
    cli.json("package", "export", "custom", str(tmp_path / "all"))
    other.json("package", "apply", str(tmp_path / "all"), "--yes")
    change(workspace, ("entity", "rental", [{"op": "change", "path": "/fields/days/label", "value": "Nights"}]))
    cli.json("package", "export", "custom", str(tmp_path / "part"), "--only", "entity/rental")
    assert [item["path"] for item in other.json("package", "diff", str(tmp_path / "part"))["changes"]] == ["entity/rental/fields/days/label"]


def test_a_change_made_here_since_clashes_with_what_is_applied(
    workspace: Workspace, cli: Cli, other: Cli, tmp_path: Path, make_workspace: MakeWorkspace
) -> None:
    cli.json("package", "export", "custom", str(tmp_path / "one"))
    other.json("package", "apply", str(tmp_path / "one"), "--yes")
    here = Workspace.open(Settings.load({}, other.home))
    change(
        here,
        ("entity", "opportunity", [{"op": "change", "path": "/label", "value": "Chance"}]),
        ("entity", "rental", [{"op": "remove", "path": "/fields/long"}]),
    )
    here.close()
    change(workspace, ("entity", "opportunity", [{"op": "change", "path": "/label", "value": "Bid"}, {"op": "change", "path": "/plural", "value": "Bids"}]))
    cli.json("package", "export", "custom", str(tmp_path / "two"))
    result = other("package", "apply", str(tmp_path / "two"), "--yes")
    assert result.exit_code == 1 and "entity/opportunity/label" in result.stderr and "--keep-mine" in result.stderr
    settled = tmp_path / "settled.json"
    settled.write_text('{"entity/opportunity/label": {"value": "Offer"}}', "utf-8")
    other.json("package", "apply", str(tmp_path / "two"), "--yes", "--settle", str(settled))
    found = other.json("package", "diff", str(tmp_path / "two"))
    assert (found["changes"], found["clashes"]) == ([], [])


def test_what_is_gone_where_it_comes_from_goes_here_too(workspace: Workspace, cli: Cli, other: Cli, tmp_path: Path) -> None:
    cli.json("package", "export", "custom", str(tmp_path / "one"))
    other.json("package", "apply", str(tmp_path / "one"), "--yes")
    sets = workspace.changesets
    id = sets.open(OPERATOR, "test")
    sets.retire(OPERATOR, id, "tab", "rental")
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    cli.json("package", "export", "custom", str(tmp_path / "two"))
    assert other.json("package", "diff", str(tmp_path / "two"))["changes"][0]["path"] == "tab/rental"
    other("revision", "rollback", "1", "--yes")
    other.json("package", "apply", str(tmp_path / "one"), "--yes")
    assert other.json("package", "diff", str(tmp_path / "one"))["changes"] == []


@pytest.mark.parametrize("how", ["changed", "missing", "added", "not a checksum"])
def test_a_package_with_a_broken_seal_is_refused(cli: Cli, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "new"
    cli.json("package", "new", "fleet", str(folder))
    cli.json("package", "seal", str(folder))
    assert cli("package", "check", str(folder)).exit_code == 0
    entity = folder / "entity" / "fleet_item.json"
    if how == "changed":
        entity.write_text(entity.read_text("utf-8").replace("Due date", "Due"), "utf-8")
    elif how == "missing":
        (folder / "tab" / "fleet_item.json").unlink()
    elif how == "added":
        (folder / "rule").mkdir()
        (folder / "rule" / "a.b.json").write_text('{"entity": "a", "name": "b"}', "utf-8")
    else:
        (folder / "package.sum").write_text("nonsense\n", "utf-8")
    code = "bad_seal" if how == "not a checksum" else "seal_broken"
    assert [found for found, _ in cli.fails("package", "apply", str(folder), "--yes")] == [code]
    if how in ("changed", "missing"):
        assert cli("package", "check", str(folder), "--unsealed").exit_code == 0
        cli.json("package", "seal", str(folder))
        assert cli("package", "check", str(folder)).exit_code == 0


def test_other_line_ends_do_not_break_a_seal(cli: Cli, tmp_path: Path) -> None:
    cli.json("package", "new", "fleet", str(tmp_path / "new"))
    cli.json("package", "seal", str(tmp_path / "new"))
    for path in (tmp_path / "new").rglob("*.json"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert cli("package", "check", str(tmp_path / "new")).exit_code == 0


@pytest.mark.parametrize("name", ["rental", "select", "a" * 48])
def test_a_new_package_is_sound_and_canonical(cli: Cli, tmp_path: Path, name: str) -> None:
    assert len(cli.json("package", "new", name, str(tmp_path / "new"))["files"]) == 9
    assert cli.json("package", "check", str(tmp_path / "new")) == {"problems": []}
    written = files(tmp_path / "new")
    cli.json("package", "apply", str(tmp_path / "new"), "--yes")
    cli.json("package", "export", name, str(tmp_path / "back"))
    assert {path: text for path, text in files(tmp_path / "back").items() if path != "package.sum"} == {
        path: text for path, text in written.items() if path != "README.md"
    }


@pytest.mark.parametrize(("name", "code"), [("Fleet", "bad_name"), ("custom", "bad_name"), ("../out", "bad_name"), ("9lives", "bad_name")])
def test_a_new_package_needs_a_name(cli: Cli, tmp_path: Path, name: str, code: str) -> None:
    assert cli.fails("package", "new", name, str(tmp_path / "new")) == [(code, "/name")] and not (tmp_path / "new").exists()


def test_a_new_package_writes_over_nothing(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    assert cli.fails("package", "new", "fleet", str(tmp_path)) == [("folder_not_empty", "")]


def test_a_shipped_package_goes_by_its_name(workspace: Workspace, cli: Cli) -> None:
    assert cli("package", "apply", "crm", "--yes").stdout == "Nothing to change.\n"
    assert [item["customised"] for item in cli.json("package", "list")] == [1, 7]


def test_a_zip_is_as_good_as_its_folder(workspace: Workspace, cli: Cli, other: Cli, tmp_path: Path) -> None:
    cli.json("package", "export", "custom", str(tmp_path / "one"))
    made = shutil.make_archive(str(tmp_path / "two"), "zip", tmp_path, "one")
    assert other.json("package", "apply", made, "--yes")["revision"] == 2
    assert other.json("package", "diff", str(tmp_path / "one"))["changes"] == []
    assert other("package", "check", "x" * 5_000).exit_code == 2


def test_differences_are_told_value_by_value(workspace: Workspace, cli: Cli, other: Cli, tmp_path: Path) -> None:
    cli.json("package", "export", "custom", str(tmp_path / "one"))
    told = other("package", "diff", str(tmp_path / "one")).stdout
    assert "entity/opportunity/label: – → Deal" in told and "ADD COLUMN" in told
    assert {"path": "entity/opportunity/label", "before": None, "after": "Deal"} in other.json("package", "diff", str(tmp_path / "one"))["changes"]
