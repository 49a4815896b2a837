"""Pick lists in the studio: new ones, values added, changed, ordered, renamed, taken away, and what they depend on."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.studio.workbench import Workbench
from fieldsmith.web.app import create_app
from tests.conftest import MakeWorkspace
from tests.databases import SqliteTemplates
from tests.meta.samples import entity
from tests.web.conftest import Person, make_person
from tests.web.screens import Visitor, words

LISTS = "/studio/choices/"
SITE = entity("site", {"name": "country", "type": "choice", "choices": "countries"}, {"name": "region", "type": "choice", "choices": "regions"})
COUNTRIES = {"name": "countries", "label": "Countries", "values": [{"name": "us", "label": "USA"}, {"name": "de", "label": "Germany", "colour": "red"}]}
REGIONS = {"name": "regions", "values": [{"name": "texas"}, {"name": "hesse"}, {"name": "other"}]}
VIEW = {"name": "all", "entity": "site", "columns": ["name"], "filter": "region = 'texas'"}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


class Shaper(Visitor):
    """Ana at the studio, with an entity and two lists of the workspace's own."""

    person: Person

    def bench(self) -> Workbench:
        """What her draft makes of everything."""
        [draft] = self.workspace.changesets.listed(self.person.actor)
        return self.workspace.changesets.look(self.person.actor, draft.id)

    def values(self, choices: str) -> list[dict[str, Any]]:  # type: ignore[override]
        return list(self.bench().documents["choices", choices].body["values"])


@pytest.fixture
def ana(make_workspace: MakeWorkspace) -> Shaper:
    workspace = make_workspace("core")
    person = make_person(workspace, "Ana", "administrator")
    shaper = Shaper(create_app(workspace), workspace, person)
    shaper.person = person
    sets = workspace.changesets
    id = sets.open(person.actor, "first")
    for kind, name, body in (("choices", "countries", COUNTRIES), ("choices", "regions", REGIONS), ("entity", "site", SITE), ("view", "site.all", VIEW)):
        sets.put(person.actor, id, kind, name, body)
    sets.publish(person.actor, id, sets.plan(person.actor, id).hash)
    return shaper


def test_lists_say_their_values_and_who_uses_them(ana: Shaper) -> None:
    page = ana.get(LISTS)
    assert 'href="/studio/entity/site/fields/country">Site: Country</a>' in page.text
    assert '<span class="tint tint-red">Germany</span>' in page.text


def test_a_new_list_is_made_of_lines(ana: Shaper) -> None:
    answer = ana.post(LISTS, {"label": "Kind of roof", "lines": "Flat\n\nPitched\nFlat\n屋顶"})
    assert answer.location == f"{LISTS}kind_of_roof"
    assert ana.values("kind_of_roof") == [{"name": "flat", "label": "Flat"}, {"name": "pitched", "label": "Pitched"}, {"name": "wu_ding", "label": "屋顶"}]


def test_pasted_values_are_added_once(ana: Shaper) -> None:
    ana.post(f"{LISTS}countries/add", {"lines": "France\nGermany\nfrance\nNew Zealand"})
    assert [value["name"] for value in ana.values("countries")] == ["us", "de", "france", "new_zealand"]


def sent(label: str = "Countries", **more: str) -> dict[str, str]:
    usual = {"label": label, "label.us": "USA", "colour.us": "grey", "active.us": "yes", "label.de": "Germany", "colour.de": "red", "active.de": "yes"}
    return {**usual, **{name.replace("__", "."): text for name, text in more.items()}}


def test_values_are_changed_together(ana: Shaper) -> None:
    form = sent("Lands", label__us="United States", colour__de="blue")
    del form["active.us"]
    ana.post(f"{LISTS}countries", form)
    assert ana.values("countries") == [
        {"name": "us", "label": "United States", "active": False},
        {"name": "de", "label": "Germany", "colour": "blue"},
    ]
    assert ana.bench().documents["choices", "countries"].body["label"] == "Lands"


def test_saving_what_is_so_already_opens_no_draft(ana: Shaper) -> None:
    ana.post(f"{LISTS}countries", sent())
    assert ana.workspace.changesets.listed(ana.person.actor) == []


def test_a_blank_label_is_refused_beside_its_value(ana: Shaper) -> None:
    answer = ana.post(f"{LISTS}countries", sent(label__de=""))
    assert answer.status_code == 422 and 'id="label.de-error"' in answer.text


def test_values_are_ordered_by_dragging(ana: Shaper) -> None:
    answer = ana.post(f"{LISTS}regions/move", {"item": "other", "after": ""})
    assert "draft-bar" in answer.text
    assert [value["name"] for value in ana.values("regions")] == ["other", "texas", "hesse"]


def test_a_value_is_renamed_with_its_mentions(ana: Shaper) -> None:
    assert 'href="/studio/entity/site/views/all"' in ana.get(f"{LISTS}regions/values/texas").text
    ana.post(f"{LISTS}regions/values/texas", {"name": "tx"})
    assert ana.bench().documents["view", "site.all"].body["filter"] == 'region = "tx"'
    answer = ana.post(f"{LISTS}regions/values/hesse", {"name": "No name"})
    assert answer.status_code == 422 and 'id="name-error"' in answer.text


def test_an_unused_value_goes_a_used_one_is_put_out_of_use(ana: Shaper) -> None:
    ana.post(f"{LISTS}regions/values/other/remove", {})
    assert ana.post(f"{LISTS}regions/values/texas/remove", {}).location == f"{LISTS}regions/values/texas"
    ana.post(f"{LISTS}regions/values/texas/remove", {"off": "yes"})
    assert ana.values("regions") == [{"name": "texas", "active": False}, {"name": "hesse"}]


def test_a_value_taken_away_is_replaced_in_records(ana: Shaper) -> None:
    site = ana.make("site", name="A", region="other")
    ana.post(f"{LISTS}regions/values/other/remove", {"instead": "hesse"})
    sets, actor = ana.workspace.changesets, ana.person.actor
    [draft] = sets.listed(actor)
    sets.publish(actor, draft.id, sets.plan(actor, draft.id).hash)
    assert Visitor.values(ana, "site", site)["region"] == "hesse"


MATRIX = {"on": "countries", "shown": "countries", "for.texas": "us", "for.hesse": "de", "for.other": ["us", "de"], "control.site.region": "country"}


def test_the_matrix_says_what_goes_with_what(ana: Shaper) -> None:
    page = ana.get(f"{LISTS}regions/dependencies?on=countries").text
    assert 'name="for.texas" value="us" checked' in page and '<option value="country" selected>' in page
    ana.post(f"{LISTS}regions/dependencies", MATRIX)
    bench = ana.bench()
    assert bench.model.choices["regions"].allowed_for("us") == {"texas", "other"}
    assert bench.model.entities["site"].fields["region"].options["depends_on"] == "country"
    assert "for" not in ana.values("regions")[2]


def test_the_matrix_can_be_changed_and_taken_away(ana: Shaper) -> None:
    ana.post(f"{LISTS}regions/dependencies", MATRIX)
    ana.post(f"{LISTS}regions/dependencies", {**MATRIX, "for.texas": ["us", "de"], "for.other": "de"})
    assert ana.bench().model.choices["regions"].allowed_for("us") == {"texas"}
    ana.post(f"{LISTS}regions/dependencies", {"on": "", "shown": ""})
    assert ana.bench().documents["choices", "regions"].body == REGIONS


def test_columns_that_are_not_shown_keep_their_ticks(ana: Shaper) -> None:
    ana.post(f"{LISTS}regions/dependencies", MATRIX)
    page = ana.get(f"{LISTS}regions/dependencies?on=countries&column=de").text
    assert 'name="for.texas" value="de"' in page and 'value="us"' not in page.partition("<tbody>")[2]
    ana.post(
        f"{LISTS}regions/dependencies", {"on": "countries", "shown": "countries", "columns": "de", "for.texas": "de", "for.hesse": "de", "for.other": "de"}
    )
    model = ana.bench().model.choices["regions"]
    assert [set(model.allowed_for(country)) for country in ("us", "de")] == [{"texas", "other"}, {"texas", "hesse", "other"}]


def test_another_list_is_shown_before_it_is_saved(ana: Shaper) -> None:
    answer = ana.post(f"{LISTS}regions/dependencies", {"on": "countries", "shown": ""})
    assert answer.location == f"{LISTS}regions/dependencies?on=countries"


def test_a_value_for_nobody_is_refused(ana: Shaper) -> None:
    answer = ana.post(f"{LISTS}regions/dependencies", {**MATRIX, "for.texas": ""})
    assert answer.status_code == 422 and "Tick something for Texas" in words(answer)


def test_an_unused_list_goes(ana: Shaper) -> None:
    assert ana.post(f"{LISTS}regions/remove", {}).location == f"{LISTS}regions"
    ana.post(LISTS, {"label": "Roofs", "lines": "Flat"})
    assert ana.post(f"{LISTS}roofs/remove", {}).location == LISTS
