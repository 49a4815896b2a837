"""“Metadata definition” of the list of bad input: each item this room answers, one test each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fieldsmith.base.errors import BadInput
from fieldsmith.meta.compile import Compiled
from fieldsmith.meta.packages import read_package
from tests.meta.samples import entity, only, package

Problems = Callable[..., list[tuple[str, str]]]


@pytest.mark.parametrize("name", ["id", "user", "and", "where", "parent", "api", "studio", "new"])
def test_reserved_entity_names_are_refused(problems: Problems, name: str) -> None:
    assert problems(entity=[entity(name)]) == [("reserved_name", "/name")]


@pytest.mark.parametrize("name", ["id", "user", "and", "old", "owner", "version", "deleted_at"])
def test_reserved_field_names_are_refused(problems: Problems, name: str) -> None:
    assert problems(entity=[entity("deal", {"name": name, "type": "text"})]) == [("reserved_name", f"/fields/{name}/name")]


@pytest.mark.parametrize("name", ["__class__", "a b", "x" * 49, "😀", 'a";drop table x'])
def test_names_that_are_none_are_refused(problems: Problems, name: str) -> None:
    assert ("bad_name", "/name") in problems(entity=[entity(name)])
    assert ("bad_name", f"/fields/{name}/name") in problems(entity=[entity("deal", {"name": name, "type": "text"})])


def test_only_core_may_define_the_user(compiled: Callable[..., Compiled]) -> None:
    assert compiled(package("core", {"entity": [entity("user")]})).problems == ()
    assert only(compiled(package("crm", {"entity": [entity("user")]}))).code == "reserved_name"


@pytest.mark.parametrize("names", [("city", "city"), ("straße", "STRASSE"), ("caf\u00e9", "cafe\u0301"), ("amount", "Amount")])
def test_two_names_that_differ_only_in_form_are_refused(problems: Problems, names: tuple[str, str]) -> None:
    assert ("same_name", f"/fields/{names[1]}") in problems(entity=[entity("deal", *({"name": name, "type": "text"} for name in names))])


def test_an_unknown_key_is_refused_with_a_suggestion(compiled: Callable[..., Compiled]) -> None:
    problem = only(compiled(entity=[entity("deal", {"name": "day", "type": "date", "requred": True})]))
    assert (problem.code, problem.pointer, str(problem.hint)) == ("unknown_key", "/fields/day/requred", "Did you mean “required”?")


def test_a_lookup_to_a_missing_entity_is_refused(compiled: Callable[..., Compiled]) -> None:
    problem = only(compiled(entity=[entity("deal", {"name": "account", "type": "lookup", "to": "acount"}), entity("account")]))
    assert (problem.code, problem.pointer, str(problem.hint)) == ("unknown_entity", "/fields/account/to", "Did you mean “account”?")


def test_a_circle_of_owners_is_refused_and_shown(compiled: Callable[..., Compiled]) -> None:
    owned = {"a": "b", "b": "c", "c": "a"}
    found = compiled(entity=[entity(name, {"name": "master", "type": "lookup", "to": to, "owned": True}) for name, to in owned.items()])
    problem = only(found)
    assert (problem.code, problem.pointer) == ("owner_cycle", "/fields/master/owned")
    assert any(circle in str(problem.message) for circle in ("a → b → c → a", "b → c → a → b", "c → a → b → c"))


def test_an_entity_cannot_own_itself(compiled: Callable[..., Compiled]) -> None:
    problem = only(compiled(entity=[entity("a", {"name": "master", "type": "lookup", "to": "a", "owned": True})]))
    assert "a → a" in str(problem.message)


def test_a_package_of_a_newer_format_is_refused_whole(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"format": 2, "name": "crm", "version": "1.0.0"}')
    (tmp_path / "novelty").mkdir()
    with pytest.raises(BadInput) as caught:
        read_package(tmp_path)
    assert [problem.code for problem in caught.value.problems] == ["newer_format"]


def test_the_400th_column_is_the_last(problems: Problems) -> None:
    def with_fields(count: int) -> list[tuple[str, str]]:
        return problems(entity=[entity("deal", *({"name": f"f{number}", "type": "integer"} for number in range(count)))])

    assert with_fields(400 - 9 - 2) == []  # nine of the system, the name and its folded companion
    assert with_fields(400 - 9 - 1) == [("too_many_columns", "/fields")]
