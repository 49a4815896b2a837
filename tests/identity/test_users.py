"""Logins: names, passwords, roles, suspension, and the last administrator."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Conflict, NotFound
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.workspace import Workspace
from tests.identity.conftest import PASSWORD


@pytest.fixture
def admin(act: Any, ana: int) -> int:
    act(lambda users, work: users.add(OPERATOR, ana, "Ana", ("administrator",), PASSWORD))
    return ana


def make_user(workspace: Workspace, **values: Any) -> int:
    return workspace.write(lambda work: work.records.create(OPERATOR, "user", {"name": "Ben", **values}).id)


@pytest.mark.parametrize("name", ["Ana", "ana", "ANA", " ana ", "ana@example.com", "ANA@EXAMPLE.COM"])
def test_name_and_email_fold_case(act: Any, admin: int, name: str) -> None:
    assert act(lambda users, work: users.authenticate(name, PASSWORD)) == admin


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ana", "wrong"),
        ("ana", ""),
        ("eva", PASSWORD),
        ("", PASSWORD),
        ("ana", PASSWORD.upper()),
        ("x" * 10_000, "y"),
        ("an\0a", PASSWORD),
        ("a\0@b", PASSWORD),
        ("ana", "\0\udc00"),
        ("ana", "z" * 10_000),
    ],
)
def test_anything_else_is_refused(act: Any, admin: int, name: str, password: str) -> None:
    assert act(lambda users, work: users.authenticate(name, password)) is None


def test_composed_and_decomposed_letters_are_the_same(act: Any, ana: int) -> None:
    act(lambda users, work: users.add(OPERATOR, ana, "Jose\u0301", ("user",), "contrase\u00f1a larga"))
    assert act(lambda users, work: users.authenticate("jos\u00e9", "contrasen\u0303a larga")) == ana


def test_an_address_two_logins_share_names_nobody(act: Any, admin: int, workspace: Workspace) -> None:
    other = make_user(workspace, email="ana@example.com")
    act(lambda users, work: users.add(OPERATOR, other, "ben", ("user",), PASSWORD))
    assert act(lambda users, work: users.authenticate("ana@example.com", PASSWORD)) is None


def test_a_suspended_user_cannot_sign_in(act: Any, admin: int, workspace: Workspace) -> None:
    other = make_user(workspace)
    act(lambda users, work: users.add(OPERATOR, other, "ben", ("user",), PASSWORD))
    act(lambda users, work: users.set_active(OPERATOR, other, False))
    assert act(lambda users, work: users.authenticate("ben", PASSWORD)) is None


def test_without_a_password_only_tokens_open(act: Any, ana: int) -> None:
    act(lambda users, work: users.add(OPERATOR, ana, "robot", ("user",)))
    assert act(lambda users, work: users.authenticate("robot", "")) is None


@pytest.mark.parametrize(
    ("name", "roles", "password", "codes"),
    [
        ("", ("user",), PASSWORD, {"login_name"}),
        ("a\nb", ("user",), PASSWORD, {"login_name"}),
        ("x" * 121, ("user",), PASSWORD, {"login_name"}),
        ("ben", ("admin",), PASSWORD, {"unknown_role"}),
        ("ben", ("user",), "short", {"password_short"}),
        ("benjamin-long", ("user",), "BENJAMIN-long", {"password_is_name"}),
        ("", ("admin",), "short", {"login_name", "unknown_role", "password_short"}),
        ("ANA", ("user",), PASSWORD, {"login_taken"}),
    ],
)
def test_every_problem_of_a_new_login_is_told(act: Any, admin: int, name: str, roles: tuple[str, ...], password: str, codes: set[str]) -> None:
    with pytest.raises(BadInput) as caught:
        act(lambda users, work: users.add(OPERATOR, 999, name, roles, password))
    assert {problem.code for problem in caught.value.problems} == codes


def test_the_last_administrator_stays(act: Any, admin: int) -> None:
    with pytest.raises(Conflict):
        act(lambda users, work: users.set_roles(OPERATOR, admin, ("user",)))
    with pytest.raises(Conflict):
        act(lambda users, work: users.set_active(OPERATOR, admin, False))
    assert act(lambda users, work: users.login(admin).roles) == ("administrator",)


@pytest.mark.parametrize("change", ["deactivate", "delete"])
def test_the_last_administrators_record_stays_active(act: Any, admin: int, change: str) -> None:
    changes: dict[str, Any] = {
        "deactivate": lambda users, work: work.records.update(OPERATOR, "user", admin, {"active": False}),
        "delete": lambda users, work: work.records.delete(OPERATOR, "user", admin),
    }
    with pytest.raises(Conflict):
        act(changes[change])
    assert act(lambda users, work: users.has_administrator())


def test_users_may_change_before_anybody_can_sign_in(act: Any, ana: int) -> None:
    act(lambda users, work: work.records.update(OPERATOR, "user", ana, {"active": False}))
    assert not act(lambda users, work: users.has_administrator())


def test_a_new_password_replaces_the_old(act: Any, admin: int) -> None:
    act(lambda users, work: users.set_password(OPERATOR, admin, "another long one"))
    assert act(lambda users, work: (users.authenticate("ana", PASSWORD), users.authenticate("ana", "another long one"))) == (None, admin)


def test_an_unknown_login_is_not_found(act: Any) -> None:
    with pytest.raises(NotFound):
        act(lambda users, work: users.find("nobody"))


def test_a_hash_made_with_less_work_is_renewed(act: Any, admin: int, workspace: Workspace) -> None:
    stronger = Passwords(replace(workspace.settings, password_rounds=2))
    workspace.write(lambda work: Users(work.connection, work.model, work.schema, stronger, work.now).renew_hash(admin, PASSWORD))
    with workspace.read() as work:
        [stored] = work.connection.exec_driver_sql("SELECT password_hash FROM fs_login").scalars()
    assert "t=2" in stored and stronger.matches(stored, PASSWORD)


def test_an_unknown_name_costs_as_much_work_as_a_wrong_password(workspace: Workspace) -> None:
    costly = Passwords(replace(workspace.settings, password_memory_kib=4096, password_rounds=4))
    stored = costly.hash(PASSWORD)

    def work(kept: str | None) -> float:
        times = []
        for _ in range(7):
            start = time.process_time()
            costly.matches(kept, "wrong password")
            times.append(time.process_time() - start)
        return min(times)

    work(None)  # makes the decoy
    assert 0.5 < work(None) / work(stored) < 2
