"""What a good password is: long, not a name, not known from breaches, not guessed at once."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from fieldsmith.identity.breached import WIDTH, Breached, hashed, packed
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.strength import Strength
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates, Templates

NAMES = ("ana", "ana.lopez@example.com", "Ana López", "Harbour Rentals")


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    return sqlite_templates


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_short"),
        ("ninechars", "password_short"),
        ("x" * 1025, "password_long"),
        ("ANA.lopez@example.com", "password_is_name"),
        ("Harbour Rentals", "password_is_name"),
        ("HarbourRentals2026", "password_is_name"),
        ("López-2026!", "password_is_name"),
        ("example.com!!", "password_is_name"),
        ("qwertyuiop", "password_breached"),
        ("1qaz2wsx3edc", "password_breached"),
        ("PASSWORD123", "password_breached"),
        ("m@nchester", "password_breached"),
        ("welovetrance", "password_breached"),  # neither a common word nor a pattern
        ("CHELSEA1905", "password_breached"),
        ("p@ssword123", "password_guessable"),
        ("Password1234", "password_breached"),
        ("P@ssw0rd2024", "password_guessable"),
        ("iloveyou12", "password_breached"),
        ("aaaaaaaaaaaa", "password_breached"),
        ("asdfghjkl;'", "password_guessable"),
        ("qwerty" * 40, "password_guessable"),
    ],
)
def test_a_poor_password_is_refused_with_its_reason(passwords: Passwords, password: str, code: str) -> None:
    assert [problem.code for problem in passwords.problems(password, NAMES)] == [code]


@pytest.mark.parametrize(
    "password", ["correct horse battery", "a short sentence is best", "一句話就是最好的密碼喔", "tK7#vq2!mzR", "\0\udc00 odd but long", "wide pass " * 100]
)
def test_others_may_be_chosen(passwords: Passwords, password: str) -> None:
    assert passwords.problems(password, NAMES) == []


def test_the_shipped_list_of_breached_passwords_is_whole_and_sorted() -> None:
    data = (files("fieldsmith.identity") / "breached.bin").read_bytes()
    rows = [data[at : at + WIDTH] for at in range(0, len(data), WIDTH)]
    assert rows == sorted(set(rows)) and len(rows) == len(Breached()) > 110_000
    assert "welovetrance" in Breached() and "no password of anybody" not in Breached()


def test_a_list_is_packed_without_what_is_too_short_anyway() -> None:
    assert packed(["ninechars", "Ten letters", "ten letters", "another one"]) == b"".join(sorted([hashed("ten letters"), hashed("another one")]))


def test_the_lists_of_words_are_the_long_ones() -> None:
    strength = Strength()
    assert {strength.weakness(word) for word in ("123456789a", "manchester", "drowssap321", "1029384756")} <= {"breached", "guessable"}
    assert len(strength._lists[0].RANKED_DICTIONARIES["passwords"]) >= 30_000


@pytest.mark.parametrize("names", [(), ("",), (" ",), ("-",), ("a b",)])
def test_blank_and_short_names_forbid_nothing(passwords: Passwords, names: tuple[str, ...]) -> None:
    assert passwords.problems("a b and much besides", names) == []


@pytest.mark.parametrize("password", ["BenediktaOstermann1", "My company 1!"])
def test_the_company_and_the_persons_name_are_asked_of(act: Any, workspace: Workspace, password: str) -> None:
    id = workspace.write(lambda work: work.records.create(OPERATOR, "user", {"name": "Benedikta Ostermann"})).id
    assert workspace.runtime().model.company.name == "My company"
    with pytest.raises(BadInput) as caught:
        act(lambda users, work: users.add(OPERATOR, id, "bo", (), password))
    assert [problem.code for problem in caught.value.problems] == ["password_is_name"]
