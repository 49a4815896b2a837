"""`fieldsmith audit`: list, verify, export; and what `doctor` says of a log that was changed."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR, FixedClock
from fieldsmith.base.errors import Forbidden
from fieldsmith.base.text import ENGLISH, _m
from fieldsmith.bulk.export import noted as noted_export
from fieldsmith.bulk.jobs import import_file
from fieldsmith.identity.audit import note
from fieldsmith.identity.audit_log import LOOKED_AT, Wanted
from fieldsmith.workspace import Work, Workspace
from tests.cli.conftest import Cli
from tests.conftest import NOW


@pytest.fixture
def noted(workspace: Workspace) -> None:
    for subject in ("ana", "=ben"):
        workspace.write(lambda work: note(work.connection, work.now, OPERATOR, "sign_in.refused", subject, address="10.0.0.1"))  # noqa: B023


def changed(workspace: Workspace) -> None:
    """A row changed past Fieldsmith."""
    with workspace.database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER fs_audit_no_update")
        connection.execute(sa.text("UPDATE fs_audit SET subject = 'x' WHERE subject = 'ana'"))


def test_the_newest_rows_are_listed(cli: Cli, noted: None) -> None:
    found = cli.json("audit", "list", "--group", "sign_in")
    assert [(row["event"], row["subject"], row["detail"]) for row in found] == [
        ("sign_in.refused", "=ben", {"address": "10.0.0.1"}),
        ("sign_in.refused", "ana", {"address": "10.0.0.1"}),
    ]
    assert found[0]["at"] == "2026-11-22T09:30:00.000000Z"
    shown = cli("audit", "list", "--text", "ana").stdout
    assert "Sign-in refused: name and password did not match" in shown and "Address: 10.0.0.1" in shown and "=ben" not in shown


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [("--since", "yesterday", ("bad_moment", "/since")), ("--until", "2026-13-01", ("bad_moment", "/until")), ("--group", "x", ("unknown_event", "/group"))],
)
def test_filters_that_cannot_be_are_refused(cli: Cli, noted: None, option: str, value: str, problem: tuple[str, str]) -> None:
    assert cli.fails("audit", "list", option, value) == [problem]


def test_times_are_read_with_and_without_a_zone(cli: Cli, noted: None) -> None:
    assert len(cli.json("audit", "list", "--group", "sign_in", "--since", "2026-11-22T09:30")) == 2
    assert len(cli.json("audit", "list", "--group", "sign_in", "--since", "2026-11-22T11:31:00+02:00")) == 0


def test_a_whole_log_is_verified_and_gives_its_witness(cli: Cli, noted: None, workspace: Workspace) -> None:
    found = cli.json("audit", "verify")
    assert (found["whole"], found["broken"], found["reason"]) == (True, None, None)
    assert cli("audit", "verify", "--witness", found["head"]).exit_code == 0
    workspace.write(lambda work: note(work.connection, work.now, OPERATOR, "sign_out"))
    assert "is whole" in cli("audit", "verify", "--witness", found["head"]).stdout
    assert cli.fails("audit", "verify", "--witness", "1:xyz") == [("bad_witness", "/witness")]


def test_a_changed_log_is_told_and_doctor_tells_it_too(cli: Cli, noted: None, workspace: Workspace) -> None:
    changed(workspace)
    result = cli("audit", "verify")
    assert result.exit_code == 1 and "was changed, or rows before it are missing" in result.stdout
    problems = json.loads(cli("doctor", "--json").stdout)["problems"]
    assert [problem["pointer"].startswith("/audit/") for problem in problems if problem["code"] == "broken_audit_log"] == [True]


def test_an_export_is_written_and_noted(cli: Cli, noted: None, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    assert cli.json("audit", "export", str(file), "--group", "sign_in")["rows"] == 2
    assert "'=ben" in file.read_text(encoding="utf-8")
    assert cli.json("audit", "export", str(file), "--format", "jsonl")["rows"] >= 3
    assert json.loads(file.read_text(encoding="utf-8").splitlines()[0])["event"] == "audit.exported"
    assert [row["detail"] for row in cli.json("audit", "list", "--event", "audit.exported")][-1] == {"filter": "group: sign_in", "format": "csv", "rows": 2}


def test_the_oldest_rows_are_written_verified_and_removed(cli: Cli, noted: None, workspace: Workspace, tmp_path: Path) -> None:
    later = FixedClock(NOW + timedelta(days=40))
    before = cli.json("audit", "verify")
    workspace.clock = later
    workspace.write(lambda work: note(work.connection, work.now, OPERATOR, "sign_out"))
    file = tmp_path / "old.jsonl"
    found = cli.json("audit", "prune", "--before", "2026-12-01", "--export", str(file))
    written = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert (found["rows"], f"{written[-1]['seq']}:{written[-1]['hash']}") == (before["rows"], before["head"])
    assert found["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert cli.json("audit", "verify", "--witness", before["head"])["whole"]
    assert [row["event"] for row in cli.json("audit", "list")] == ["audit.pruned", "sign_out"]
    assert cli.json("audit", "list")[0]["detail"] == {"file": "old.jsonl", "rows": before["rows"], "sha256": found["sha256"], "upto": before["rows"]}
    assert "was pruned" in cli("audit", "verify", "--witness", f"1:{written[0]['hash']}").stdout


def test_what_cannot_be_pruned_is_refused_and_nothing_is_removed(cli: Cli, noted: None, workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "old.jsonl"
    assert cli.fails("audit", "prune", "--before", "2020-01-01", "--export", str(file)) == [("nothing_to_prune", "/before")]
    assert not file.exists()
    file.write_text("mine", encoding="utf-8")
    assert cli.fails("audit", "prune", "--before", "2027-01-01", "--export", str(file)) == [("unusable_file", "")]
    assert file.read_text(encoding="utf-8") == "mine"
    changed(workspace)
    result = cli("audit", "prune", "--before", "2027-01-01", "--export", str(tmp_path / "new.jsonl"))
    assert result.exit_code == 1 and "nothing was removed" in result.stderr
    assert len(cli.json("audit", "list", "--group", "sign_in")) == 2


def test_another_secret_is_told_until_the_log_is_sealed_anew(cli: Cli, noted: None, workspace: Workspace) -> None:
    with workspace.database.write() as connection:
        connection.execute(sa.text("UPDATE fs_audit_head SET seal = 'by another secret'"))
    assert "The seal at the end of the log does not fit" in cli("audit", "verify").stdout
    workspace.write(lambda work: note(work.connection, work.now, OPERATOR, "sign_out"))
    assert "broken_audit_log" in cli("doctor", "--json").stdout
    assert cli.json("audit", "seal") == {"sealed": True} and cli.json("audit", "seal") == {"sealed": False}
    assert cli.json("audit", "verify")["whole"]
    assert cli.json("audit", "list", "--limit", "1")[0]["event"] == "audit.sealed"


def test_the_list_goes_on_until_it_has_found_enough(cli: Cli, noted: None, workspace: Workspace) -> None:
    def fill(work: Work) -> None:
        for _ in range(LOOKED_AT):
            note(work.connection, work.now, OPERATOR, "sign_out")

    workspace.write(fill)
    assert [row["subject"] for row in cli.json("audit", "list", "--text", "=ben")] == ["=ben"]


def test_exports_and_imports_of_records_are_noted(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("name\nAcme\nBeta\n", encoding="utf-8")
    cli("import", "account", str(file))
    cli("export", "account", str(tmp_path / "out.csv"), "--filter", "name = 'Acme'")
    exported, imported = cli.json("audit", "list", "--group", "data")
    assert (exported["entity"], exported["detail"]) == ("account", {"filter": "name = 'Acme'", "rows": 1})
    assert (imported["entity"], imported["via"]) == ("account", "import")
    assert imported["detail"] == {"created": 2, "file": "accounts.csv", "refused": 0, "rows": 2, "updated": 0}


def test_acting_as_somebody_is_told_in_the_log_and_in_history(cli: Cli, workspace: Workspace, tmp_path: Path) -> None:
    cli("user", "add", "Lin", "--email", "lin@example.com", "--role", "administrator")
    file = tmp_path / "accounts.csv"
    file.write_text("name\nAcme\n", encoding="utf-8")
    cli("import", "account", str(file), "--as", "Lin")
    row = cli.json("audit", "list", "--event", "records.imported")[0]
    assert (row["actor_name"], row["on_behalf"]) == ("Lin", "operator")
    with workspace.read() as work:
        event = work.records.history(OPERATOR, "account", 1).items[0]
    assert (event.by, event.on_behalf, event.run) == ("Lin", "operator", "accounts.csv")


def test_an_export_that_breaks_off_is_noted(workspace: Workspace) -> None:
    with pytest.raises(BrokenPipeError), noted_export(workspace, OPERATOR, "account", ("name = 'a'", "id > 3")):
        raise BrokenPipeError
    with pytest.raises(Forbidden), noted_export(workspace, OPERATOR, "contact"):
        raise Forbidden(_m("No."))
    with workspace.read() as work:
        found = work.audit.page(OPERATOR, Wanted(event="records.exported")).items
    assert [(entry.entity, entry.detail) for entry in found] == [("account", {"filter": "(name = 'a') and (id > 3)", "result": "broken off"})]


def test_an_import_that_breaks_off_is_noted_with_what_stays(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("name\n" + "".join(f"A{number}\n" for number in range(5000)), encoding="utf-8")

    def stop(read: int, _size: int) -> None:
        if read > 20_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(workspace, OPERATOR, "account", file, rejects=tmp_path / "rejects.csv", words=ENGLISH, progress=stop)
    with workspace.read() as work:
        entry = work.audit.page(OPERATOR, Wanted(event="records.imported")).items[0]
    assert entry.detail["result"] == "broken off"
