"""Values of choice fields fit the record type and the field that controls them, on every door; defaults give way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from fieldsmith.records.many import Batch, save_many
from tests.bulk.loading import Files, counts
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import package

STAGES = {"name": "stages", "values": [{"name": "open", "label": "Open"}, {"name": "won"}, {"name": "lost", "label": "Lost deal"}]}
COUNTRIES = {"name": "countries", "values": [{"name": "us"}, {"name": "de", "label": "Germany"}]}
REGIONS = {
    "name": "regions",
    "depends_on": "countries",
    "values": [{"name": "texas", "for": ["us"]}, {"name": "hesse", "for": ["de"]}, {"name": "other"}],
}
CITIES = {"name": "cities", "depends_on": "regions", "values": [{"name": "dallas", "for": ["texas"]}, {"name": "fulda", "for": ["hesse"]}]}
DEAL: dict[str, Any] = {
    "name": "deal",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "city", "type": "choice", "choices": "cities", "depends_on": "region"},
        {"name": "region", "type": "choice", "choices": "regions", "depends_on": "country", "default": "texas"},
        {"name": "country", "type": "choice", "choices": "countries", "default": "us"},
        {"name": "stage", "type": "choice", "choices": "stages", "default": "open"},
        {"name": "visited", "type": "multi_choice", "choices": "regions", "depends_on": "country"},
    ],
}
TYPES: list[dict[str, Any]] = [
    {"name": "fresh", "entity": "deal", "default": True},
    {"name": "renewal", "entity": "deal", "choices": {"stage": ["won", "lost"]}},
    {"name": "old", "entity": "deal", "active": False},
]
PATH = {"name": "default", "entity": "deal", "path": "stage", "sections": [{"name": "main", "fields": ["name", "country", "region"]}]}
SHOP = package("narrowing", {"entity": [DEAL], "layout": [PATH], "choices": [STAGES, COUNTRIES, REGIONS, CITIES], "record_type": TYPES})
UNFIT, APART = "not_in_record_type", "not_for_controlling"


@pytest.fixture
def desk(make_workspace: MakeWorkspace) -> Desk:
    return Desk(make_workspace("core", SHOP))


def test_a_new_record_is_of_the_default_type_unless_it_says_another(desk: Desk) -> None:
    kinds = [desk.json("deal", desk.make("deal", **values))["record_type"] for values in ({}, {"record_type": "renewal"}, {"record_type": None})]
    assert kinds == ["fresh", "renewal", None]
    assert desk.ids("deal", filters=("record_type = 'renewal'",), sort=("record_type",)) == [2]
    with desk.refuses(("inactive_choice", "/record_type")):
        desk.make("deal", record_type="old")


def test_values_fit_the_record_type(desk: Desk) -> None:
    with desk.refuses((UNFIT, "/stage")):
        desk.make("deal", record_type="renewal", stage="open")
    deal = desk.make("deal", record_type="renewal", stage="won")
    with desk.refuses((UNFIT, "/stage")):
        desk.change("deal", deal, stage="open")
    desk.change("deal", deal, record_type="fresh", stage="open")
    with desk.refuses((UNFIT, "/stage")):
        desk.change("deal", deal, record_type="renewal")


def test_a_refusal_says_why_and_what_can_be_chosen(desk: Desk) -> None:
    with pytest.raises(BadInput) as refused:
        desk.make("deal", record_type="renewal", stage="open")
    [problem] = refused.value.problems
    assert str(problem.message) == "“Open” is not a value of Stage for the record type Renewal."
    assert str(problem.hint) == "Choose one of: won, lost."
    with pytest.raises(BadInput, match="“Texas” does not go with Country “Germany”"):
        desk.make("deal", country="de", region="texas")


def test_a_default_the_type_or_the_controlling_field_rules_out_is_not_given(desk: Desk) -> None:
    found = desk.json("deal", desk.make("deal", record_type="renewal", country="de"))
    assert (found["stage"], found["region"]) == (None, None)
    assert desk.json("deal", desk.make("deal"))["region"] == "texas"


NEW = [
    ({"country": "de", "region": "texas"}, (APART, "/region")),
    ({"country": None, "region": "texas"}, (APART, "/region")),
    ({"country": "us", "region": "texas", "city": "fulda"}, (APART, "/city")),
    ({"country": "us", "visited": ["other", "hesse"]}, (APART, "/visited")),
    ({"country": "de", "region": "hesse", "city": "fulda", "visited": ["hesse", "other"]}, None),
    ({"country": None, "region": "other"}, None),
]


@pytest.mark.parametrize(("values", "expected"), NEW, ids=range(len(NEW)))
def test_values_go_with_the_controlling_field(desk: Desk, values: dict[str, Any], expected: tuple[str, str] | None) -> None:
    if expected is None:
        desk.make("deal", **values)
        return
    with desk.refuses(expected):
        desk.make("deal", **values)


def test_the_problem_of_a_changed_controlling_field_is_at_the_dependent_one(desk: Desk) -> None:
    deal = desk.make("deal", country="us", region="texas", city="dallas")
    with desk.refuses((APART, "/region")):
        desk.change("deal", deal, country="de")
    with desk.refuses((APART, "/city")):
        desk.change("deal", deal, country="de", region="hesse")
    desk.change("deal", deal, country="de", region="hesse", city="fulda")


def test_what_is_stored_may_stay_while_nothing_it_hangs_on_changes(desk: Desk) -> None:
    deal = desk.make("deal", region="texas", visited=["texas"])
    moved_there(desk, "de")
    desk.change("deal", deal, name="still in Texas", visited=["texas", "hesse"])
    with desk.refuses((APART, "/visited")):
        desk.change("deal", deal, visited=["texas", "hesse", "other"], country="us", region="texas")


def moved_there(desk: Desk, country: str) -> None:
    """As if the lists had been made to depend on each other later."""
    with desk.workspace.read() as work:
        table, item = work.runtime.schema.table("deal"), work.model.entities["deal"].fields["country"]
    desk.workspace.write(lambda work: work.connection.execute(table.update().values({item.column: country})))


def test_every_row_of_a_bulk_call_obeys(desk: Desk) -> None:
    rows = [{"country": "de", "region": "hesse"}, {"country": "de", "region": "texas"}, {"record_type": "renewal", "stage": "open"}]
    results = desk.workspace.write(lambda work: save_many(work.records, work.connection, OPERATOR, "deal", Batch(create=rows), "each"))
    assert [[problem.code for problem in result.errors] for result in results] == [[], [APART], [UNFIT]]


def test_a_form_is_told_what_can_be_chosen(desk: Desk) -> None:
    with desk.workspace.read() as work:
        draft = work.live.new(OPERATOR, "deal", {"record_type": "renewal", "country": "de"})
    assert draft.offered == {"stage": ("won", "lost"), "region": ("hesse", "other"), "city": (), "visited": ("hesse", "other")}


def test_every_row_of_an_import_obeys(desk: Desk, tmp_path: Path) -> None:
    files = Files(desk, tmp_path)
    rows = "A,renewal,won,de,hesse\nB,renewal,open,de,hesse\nC,,open,de,texas\nD,,,us,\n"
    outcome = files.load("deal", "name,record_type,stage,country,region\n" + rows)
    assert (counts(outcome), files.places) == ((2, 0, 0, 2), [("3", "stage"), ("4", "region")])


def test_what_a_rule_hides_holds_nobody_up(make_workspace: MakeWorkspace) -> None:
    rule = {"name": "at_home", "entity": "deal", "type": "field", "fields": ["region", "visited"], "visible": "country = 'us'"}
    shop = package("hiding", {"entity": [DEAL], "choices": [STAGES, COUNTRIES, REGIONS, CITIES], "rule": [rule]})
    desk = Desk(make_workspace("core", shop))
    deal = desk.make("deal", country="us", region="texas")
    desk.change("deal", deal, country="de")
    assert desk.json("deal", deal)["region"] == "texas"
