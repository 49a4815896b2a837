"""What refuses a deletion, a restore, an import or an upsert names nothing that is hidden from who asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import Conflict, FieldsmithError
from tests.bulk.loading import Files
from tests.conftest import MakeWorkspace
from tests.desk import Desk, user
from tests.meta.samples import package

EVERY = {right: "all" for right in ("create", "read", "update", "delete", "import")}
FOLDER: dict[str, Any] = {
    "name": "folder",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "code", "type": "text", "unique": True},
        {"name": "vault", "type": "lookup", "to": "vault"},
        {"name": "over", "type": "lookup", "to": "folder", "on_delete": "restrict"},
    ],
}
VAULT: dict[str, Any] = {"name": "vault", "fields": [{"name": "name", "type": "text"}]}
SEAL: dict[str, Any] = {
    "name": "seal",
    "fields": [
        {"name": "name", "type": "text", "unique": True},
        {"name": "folder", "type": "lookup", "to": "folder", "on_delete": "cascade"},
        {"name": "kept", "type": "lookup", "to": "folder", "on_delete": "restrict"},
    ],
}
ROLES: list[dict[str, Any]] = [
    {"name": "blind", "entities": {"folder": EVERY}, "field_rights": {"folder": {"code": "none"}}},
    {"name": "own", "entities": {"folder": EVERY | {"read": "own"}}},
]
FILED = package("filed", {"entity": [FOLDER, VAULT, SEAL], "role": ROLES}, requires=["core"])


@pytest.fixture
def desk(make_workspace: MakeWorkspace) -> Desk:
    return Desk(make_workspace("core", FILED))


def refusal(desk: Desk, call: Callable[[], object]) -> str:
    with desk.unchanged(), pytest.raises(Conflict) as caught:
        call()
    [problem] = caught.value.problems
    return f"{problem.message} {problem.hint} {problem.pointer}".lower()


def test_a_restore_does_not_name_the_hidden_field_that_clashes(desk: Desk) -> None:
    gone = desk.make("folder", name="A", code="x")
    desk.delete("folder", gone)
    desk.make("folder", name="B", code="x")
    assert "code" not in refusal(desk, lambda: desk.restore("folder", gone, user(1, "blind")))


def test_a_restore_does_not_name_the_hidden_entity_that_clashes(desk: Desk) -> None:
    gone = desk.make("folder", name="A")
    desk.make("seal", name="one", folder=gone)
    desk.delete("folder", gone)
    desk.make("seal", name="one")
    assert "seal" in refusal(desk, lambda: desk.restore("folder", gone))
    assert "seal" not in refusal(desk, lambda: desk.restore("folder", gone, user(1, "blind")))


def test_a_restore_does_not_name_hidden_records_that_are_missing(desk: Desk) -> None:
    ben = desk.make("user", name="Ben")
    gone, over = desk.make("folder", user(ben, "own"), name="A"), desk.make("folder", name="Over")
    desk.change("folder", gone, over=over)
    desk.delete("folder", gone)
    desk.delete("folder", over)
    assert f"folder {over}" in refusal(desk, lambda: desk.restore("folder", gone))
    told = refusal(desk, lambda: desk.restore("folder", gone, user(ben, "own")))
    assert (str(over) in told, "over" in told) == (False, False)


def test_a_deletion_does_not_name_what_is_hidden_and_in_its_way(desk: Desk) -> None:
    folder, other = desk.make("folder", name="A"), desk.make("folder", name="B")
    desk.make("seal", name="one", kept=folder)
    ben = desk.make("user", name="Ben")
    mine = desk.make("folder", user(ben, "own"), name="Mine")
    desk.change("folder", other, over=mine)
    told = refusal(desk, lambda: desk.delete("folder", folder, user(ben, "blind")))
    assert ("seal" in told, "1" in told) == (False, False)
    assert "1" not in refusal(desk, lambda: desk.delete("folder", mine, user(ben, "own")))
    assert "1 folders still point" in refusal(desk, lambda: desk.delete("folder", mine))


def test_an_upsert_of_a_hidden_record_is_refused_as_a_new_one(desk: Desk) -> None:
    hidden = desk.make("folder", name="A", code="x")
    ben = desk.make("user", name="Ben")
    told = refusal(desk, lambda: desk.workspace.write(lambda work: work.records.upsert(user(ben, "own"), "folder", "code", "x", {"name": "B"})))
    assert str(hidden) not in told.replace("code", "")
    assert told == refusal(desk, lambda: desk.make("folder", user(ben, "own"), name="B", code="x"))


def test_an_import_names_neither_hidden_fields_nor_hidden_records(desk: Desk, tmp_path: Path) -> None:
    files = Files(desk, tmp_path)
    desk.make("folder", OPERATOR, name="A", code="x")
    ben = desk.make("user", name="Ben")
    outcome = files.load("folder", "name,code\nB,x\n", user(ben, "own"), match="code")
    assert outcome.refused == 1
    [row] = files.rejected
    assert "already has this" in " ".join(row) and "see this" not in " ".join(row)


def test_a_record_that_may_not_be_named_is_named_to_who_may(desk: Desk) -> None:
    desk.make("folder", name="A", code="x")
    with pytest.raises(FieldsmithError, match="Code"):
        desk.make("folder", user(desk.make("user", name="Ben"), "own"), name="B", code="x")
