"""Field rights below the screens: what is hidden is unknown to every question, what is masked is a mask, and expressions follow the reader's rows."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadQuery, FieldsmithError
from fieldsmith.query.groups import counts_by_choice
from fieldsmith.query.run import Query
from fieldsmith.records.evaluate import check_expression, evaluate
from tests.access.vaulted import ABSENT, VAULTED
from tests.conftest import MakeWorkspace
from tests.desk import Desk, user


@pytest.fixture
def vaulted(make_workspace: MakeWorkspace) -> Desk:
    return Desk(make_workspace("core", VAULTED))


@pytest.fixture
def acme(vaulted: Desk) -> int:
    vaulted.make("firm", name="Bolt", city="Rome", secret="nothing here", grade="low", worth="3")
    return vaulted.make("firm", name="Acme", city="Oslo", secret="hush whisper", grade="high", worth="7")


def refusal(desk: Desk, actor: Actor, **asked: Any) -> list[str]:
    """What a list that asks so answers, names of fields taken out."""
    with pytest.raises(BadQuery) as caught:
        desk.rows("firm", *asked.pop("columns", ("name",)), actor=actor, **asked)
    return [str(problem.to_json()).replace("secret", "~").replace(ABSENT, "~") for problem in caught.value.problems]


BLIND, MASKED = (user(1, role) for role in ("blind", "masked"))
ASKED: list[dict[str, Any]] = [
    {"columns": ("{}",)},
    {"columns": ("name", "{}")},
    {"sort": ("{}",)},
    {"sort": ("-{}",)},
    {"filters": ("{} = 'hush'",)},
    {"filters": ("ISBLANK({})",)},
    {"filters": ("name = 'x' and LENGTH({}) > 2",)},
    {"holding": ("{}", "x")},
]


def put(asked: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: tuple(part.replace("{}", name) if part else part for part in value) for key, value in asked.items()}


@pytest.mark.parametrize("asked", ASKED, ids=[str(asked) for asked in ASKED])
def test_a_hidden_field_answers_like_one_that_is_not_there(vaulted: Desk, acme: int, asked: dict[str, Any]) -> None:
    if "holding" in asked:
        with pytest.raises(BadQuery):
            vaulted.rows("firm", "name", actor=BLIND, **put(asked, "secret"))
        return
    assert refusal(vaulted, BLIND, **put(asked, "secret")) == refusal(vaulted, BLIND, **put(asked, ABSENT))


@pytest.mark.parametrize("asked", [item for item in ASKED if "columns" not in item], ids=str)
def test_a_masked_field_is_shown_as_its_mask_and_not_used(vaulted: Desk, acme: int, asked: dict[str, Any]) -> None:
    assert vaulted.rows("firm", "name", "secret", actor=MASKED) == [("Bolt", "••••here"), ("Acme", "••••sper")]
    with pytest.raises(BadQuery):
        vaulted.rows("firm", "name", actor=MASKED, **put(asked, "secret"))


def test_a_formula_over_a_hidden_field_is_hidden_unless_a_role_names_it(vaulted: Desk, acme: int) -> None:
    for field in ("twice", "told"):
        with pytest.raises(BadQuery):
            vaulted.rows("firm", field, actor=BLIND)
    assert vaulted.rows("firm", "told", actor=user(1, "teller"))[1] == ("h",)


def test_a_path_to_a_hidden_field_is_no_path(vaulted: Desk, acme: int) -> None:
    vaulted.make("deal", name="One", firm=acme, price="5")
    for name in ("secret", ABSENT):
        with pytest.raises(BadQuery) as caught:
            vaulted.rows("deal", f"firm.{name}", actor=BLIND)
        assert [problem.hint for problem in caught.value.problems] == [None]
    assert vaulted.rows("deal", "name", "firm.secret", actor=MASKED) == [("One", "••••sper")]
    with pytest.raises(BadQuery):
        vaulted.rows("deal", "created_by.email", actor=user(1, "nameless"))
    assert vaulted.rows("deal", "firm", actor=user(1, "nameless")) == [({"id": acme, "label": None},)]


@pytest.mark.parametrize("actor", [BLIND, MASKED], ids=["blind", "masked"])
def test_search_neither_finds_nor_shows_what_is_hidden(vaulted: Desk, acme: int, actor: Actor) -> None:
    with vaulted.workspace.read() as work:
        entities = [work.model.entities["firm"]]

        def found(who: Actor, words: str, limit: int = 20, after: int | None = None) -> list[tuple[str, str]]:
            return [(hit.label, hit.snippet) for hit in work.queries.search(who, words, entities, limit, after)]

        assert [label for label, _ in found(user(1, "plain"), "whisper")] == ["Acme"]
        assert found(actor, "whisper") == found(actor, "acme whis") == []
        [(label, shown)] = found(actor, "oslo")
        assert label == "Acme" and "hush" not in shown and "Oslo" in shown
        assert [label for label, _ in found(actor, "o")] == ["Acme"]
        assert [label for label, _ in found(actor, "acm", 1)] == ["Acme"]


@pytest.mark.parametrize("actor", [BLIND, MASKED], ids=["blind", "masked"])
def test_the_search_of_a_list_goes_by_what_is_visible(vaulted: Desk, acme: int, actor: Actor) -> None:
    assert vaulted.rows("firm", "name", search="hush", actor=user(1, "plain")) == [("Acme",)]
    assert vaulted.rows("firm", "name", search="hush", actor=actor) == vaulted.rows("firm", "name", search="acme hush", actor=actor) == []
    assert vaulted.rows("firm", "name", search="oslo acme", actor=actor) == [("Acme",)]
    with vaulted.workspace.read() as work:
        assert work.queries.count(actor, Query("firm", (), search="hush")).value == 0
        assert work.queries.count(actor, Query("firm", (), search="oslo")).value == 1


def test_search_goes_on_where_what_was_found_first_is_hidden(vaulted: Desk) -> None:
    first = vaulted.make("firm", name="Open", city="needle")
    vaulted.workspace.write(lambda work: work.records.create_many(user(1, "plain"), "firm", [{"name": f"F{n}", "secret": "needle"} for n in range(450)]))
    with vaulted.workspace.read() as work:
        hits = work.queries.search(BLIND, "needle", [work.model.entities["firm"]], 3)
        assert [hit.record_id for hit in hits] == [first]
        assert len(work.queries.search(user(1, "plain"), "needle", [work.model.entities["firm"]], 500)) == 451


def test_records_whose_name_is_hidden_have_no_name(vaulted: Desk, acme: int) -> None:
    with vaulted.workspace.read() as work:
        who, entities = user(1, "nameless"), [work.model.entities["firm"]]
        assert work.queries.search(who, "acme", entities) == []
        assert [(hit.label, "Acme" in hit.snippet) for hit in work.queries.search(who, "oslo", entities)] == [("", False)]


def test_figures_count_only_what_the_reader_sees(vaulted: Desk, acme: int) -> None:
    with vaulted.workspace.read() as work:
        assert counts_by_choice(work.queries, user(1, "plain"), "firm", "grade", 100) == {"low": 1, "high": 1}
        assert counts_by_choice(work.queries, user(9, "own"), "firm", "grade", 100) == {}
        for actor in (BLIND, MASKED):
            with pytest.raises(BadQuery):
                counts_by_choice(work.queries, actor, "firm", "grade", 100)


@pytest.mark.parametrize("engine", ["python", "sql"])
def test_expressions_know_no_hidden_names(vaulted: Desk, acme: int, engine: Any) -> None:
    with vaulted.workspace.read() as work:
        for actor in (BLIND, MASKED):
            said = []
            for name in ("secret", ABSENT):
                with pytest.raises(FieldsmithError) as caught:
                    evaluate(work, actor, "firm", f"{name} & 'x'", id=acme, engine=engine)
                said.append(str([problem.to_json() for problem in caught.value.problems]).replace(name, "~"))
                assert check_expression(work, actor, "firm", f"LENGTH({name})").type is None
            assert said[0] == said[1]
        near = check_expression(work, BLIND, "firm", "secre")
        assert "secret" not in str([problem.to_json() for problem in near.problems])


OF_DEAL = ("firm.name", "firm.city & '!'", "ISBLANK(firm.name)", "COUNT(firm.deals)", "SUM(firm.deals.price)", "firm.told")


@pytest.mark.parametrize("source", OF_DEAL)
def test_a_path_to_a_record_that_is_not_the_readers_ends_in_a_blank(vaulted: Desk, acme: int, source: str) -> None:
    deal = vaulted.make("deal", name="One", firm=acme, price="5")
    vaulted.make("deal", name="Two", firm=acme, price="6")
    stranger = user(9, "own")
    with vaulted.workspace.read() as work:
        python, sql = (evaluate(work, stranger, "deal", source, id=deal, engine=engine).value for engine in ("python", "sql"))
        open_ = evaluate(work, user(9, "plain"), "deal", source, id=deal).value
    assert python == sql
    assert python in (None, True, 0, "0", "!"), python
    assert python != open_


def test_a_readers_list_holds_only_what_they_see(vaulted: Desk) -> None:
    mine = Actor("user", vaulted.make("user", name="Eve"), "Eve", ("own",), via="api")
    firm = vaulted.make("firm", name="Mine", owner=mine.id)
    other = vaulted.make("firm", name="Other")
    deal = vaulted.make("deal", name="D", firm=firm, price="2")
    with vaulted.workspace.read() as work:
        for engine in ("python", "sql"):
            assert evaluate(work, mine, "deal", "firm.name", id=deal, engine=engine).value == "Mine"
            assert evaluate(work, mine, "deal", "SUM(firm.deals.price)", id=deal, engine=engine).value == "2"
        with pytest.raises(FieldsmithError):
            evaluate(work, mine, "firm", "name", id=other)
