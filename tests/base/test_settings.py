"""Settings: defaults ← file ← environment, each with its origin."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from fieldsmith.base.errors import BadInput
from fieldsmith.base.settings import Settings


def problems(environment: dict[str, str], home: Path) -> list[str]:
    with pytest.raises(BadInput) as caught:
        Settings.load(environment, home)
    return [str(problem) for problem in caught.value.problems]


def test_defaults_make_a_sqlite_file_in_the_home(tmp_path: Path) -> None:
    found = Settings.load({}, tmp_path / "var")
    assert (found.database, found.port, found.workers) == (f"sqlite:///{tmp_path}/var/fieldsmith.db", 8000, 1)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "fieldsmith.toml").write_text('port = 9000\nhost = "0.0.0.0"\n')
    found = Settings.load({"FIELDSMITH_PORT": "9001"}, tmp_path)
    assert (found.port, found.host) == (9001, "0.0.0.0")
    assert (found.origins["port"], found.origins["host"]) == ("FIELDSMITH_PORT", str(tmp_path / "fieldsmith.toml"))


def test_the_option_goes_before_the_environment_home(tmp_path: Path) -> None:
    assert Settings.load({"FIELDSMITH_HOME": str(tmp_path / "a")}, tmp_path / "b").home == tmp_path / "b"
    assert Settings.load({"FIELDSMITH_HOME": str(tmp_path / "a")}).home == tmp_path / "a"


def test_the_secret_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    first, second = Settings.load({}, tmp_path), Settings.load({}, tmp_path)
    assert first.secret == second.secret and len(first.secret) >= 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_neither_secret_nor_password_is_shown(tmp_path: Path) -> None:
    found = Settings.load({"FIELDSMITH_DATABASE": "postgresql://ana:hidden@db/crm"}, tmp_path)
    shown = str(found.rows()) + repr(found).replace("postgresql://ana:hidden@db/crm", "")
    assert "hidden" not in shown and found.secret not in shown


@pytest.mark.parametrize(
    "environment",
    [
        {"FIELDSMITH_PORT": "0"},
        {"FIELDSMITH_PORT": "1e3"},
        {"FIELDSMITH_PORT": "٨٠"},
        {"FIELDSMITH_WORKERS": "-1"},
        {"FIELDSMITH_DATABASE": "mysql://x"},
        {"FIELDSMITH_SECRET": "short"},
        {"FIELDSMITH_LOG_LEVEL": "loud"},
        {"FIELDSMITH_HOSTS": "https://crm.example.com"},
        {"FIELDSMITH_HOSTS": "a b"},
        {"FIELDSMITH_OUTGOING_HOSTS": "10.0.0.7:0"},
        {"FIELDSMITH_OUTGOING_PORTS": "80, 70000"},
        {"FIELDSMITH_DATABSE": "sqlite://"},
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, environment: dict[str, str]) -> None:
    [sentence] = problems(environment, tmp_path)
    assert next(iter(environment)).lower()[11:] in sentence.lower()


@pytest.mark.parametrize("text", ["port = 'x'", "prot = 1", "port = [", "port = true", "\xff\xfe"])
def test_a_wrong_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "fieldsmith.toml").write_bytes(text.encode("latin-1"))
    assert "fieldsmith.toml" in problems({}, tmp_path)[0]


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    assert len(problems({"FIELDSMITH_PORT": "x", "FIELDSMITH_WORKERS": "y"}, tmp_path)) == 2


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "home folder" in problems({}, tmp_path / "file" / "home")[0]


def test_hosts_are_lists_between_commas_or_of_toml(tmp_path: Path) -> None:
    (tmp_path / "fieldsmith.toml").write_text('hosts = ["CRM.example.com", "[::1]"]\n')
    found = Settings.load({"FIELDSMITH_OUTGOING_HOSTS": "erp.lan:8080, 10.0.0.7.", "FIELDSMITH_OUTGOING_PORTS": "443"}, tmp_path)
    assert (found.hosts, found.outgoing_hosts, found.outgoing_ports) == (("crm.example.com", "[::1]"), ("erp.lan:8080", "10.0.0.7"), (443,))
    assert ("outgoing_hosts", "erp.lan:8080, 10.0.0.7", "FIELDSMITH_OUTGOING_HOSTS") in found.rows()
