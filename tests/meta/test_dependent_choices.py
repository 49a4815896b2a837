"""Pick lists that depend on others: what is wrong with them, and where they are mentioned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fieldsmith.meta.diff import differences
from fieldsmith.meta.model import Model
from fieldsmith.meta.references import uses
from tests.meta.samples import entity, package

COUNTRIES = {"name": "countries", "values": [{"name": "us"}, {"name": "de"}]}
REGIONS: dict[str, Any] = {
    "name": "regions",
    "depends_on": "countries",
    "values": [{"name": "texas", "for": ["us"]}, {"name": "hesse", "for": ["de"]}, {"name": "other"}],
}
COUNTRY = {"name": "country", "type": "choice", "choices": "countries"}
REGION: dict[str, Any] = {"name": "region", "type": "choice", "choices": "regions", "depends_on": "country"}


def shop(regions: dict[str, Any] = REGIONS, region: dict[str, Any] = REGION, *more: dict[str, Any]) -> Any:
    fields = [COUNTRY, region, {"name": "size", "type": "integer"}]
    return package("shop", {"entity": [entity("site", *fields)], "choices": [COUNTRIES, regions, *more]})


@pytest.mark.parametrize(("country", "expected"), [("us", {"texas", "other"}), ("de", {"hesse", "other"}), (None, {"other"})])
def test_a_list_says_what_goes_with_a_value(model: Callable[..., Model], country: str | None, expected: set[str]) -> None:
    assert model(shop()).choices["regions"].allowed_for(country) == expected


def regions(**value: Any) -> dict[str, Any]:
    return {**REGIONS, "values": [{"name": "texas", **value}]}


FREE = {key: value for key, value in REGION.items() if key != "depends_on"}
PLAIN = {key: value for key, value in REGIONS.items() if key != "depends_on"}
PLAIN_LIST = {**PLAIN, "values": [{"name": item["name"]} for item in REGIONS["values"]]}
BAD = [
    ("unknown list", shop({**regions(), "depends_on": "contries"}, {**REGION, "depends_on": "country"}), ("unknown_choices", "/depends_on")),
    ("unknown value", shop(regions(**{"for": ["usa"]})), ("unknown_choice", "/values/texas/for/usa")),
    ("for nobody", shop(regions(**{"for": []})), ("for_nobody", "/values/texas/for")),
    ("unknown controlling field", shop(REGIONS, {**REGION, "depends_on": "contry"}), ("unknown_field", "/fields/region/depends_on")),
    ("controlled by itself", shop(REGIONS, {**REGION, "depends_on": "region"}), ("wrong_controlling", "/fields/region/depends_on")),
    ("controlled by no choice", shop(REGIONS, {**REGION, "depends_on": "size"}), ("wrong_controlling", "/fields/region/depends_on")),
    ("for without depends_on", shop({**PLAIN, "values": [{"name": "texas", "for": ["us"]}]}, FREE), ("depends_on_nothing", "/values/texas/for")),
    ("controlled without depends_on", shop(PLAIN_LIST), ("depends_on_nothing", "/fields/region/depends_on")),
]


@pytest.mark.parametrize(("layer", "expected"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_faults_are_told_where_they_are(problems: Callable[..., Any], layer: Any, expected: tuple[str, str]) -> None:
    assert problems(layer) == [expected]


def test_lists_may_not_depend_on_each_other_in_a_circle(problems: Callable[..., Any]) -> None:
    countries = {**COUNTRIES, "depends_on": "regions"}
    layer = package("shop", {"choices": [countries, REGIONS]})
    assert problems(layer) == [("choices_circle", "/depends_on")]


def test_mentions_are_found(model: Callable[..., Model]) -> None:
    found = uses(model(shop()))
    assert [(use.name, use.pointer) for use in found["choices/countries/values/us"]] == [("regions", "/values/texas/for/us")]
    assert ("regions", "/depends_on") in [(use.name, use.pointer) for use in found["choices/countries"]]
    assert [use.pointer for use in found["entity/site/fields/country"]] == ["/fields/region/depends_on"]


def test_differences_are_readable(model: Callable[..., Model]) -> None:
    before = model(shop(PLAIN_LIST, FREE))
    told = [str(item.message) for item in differences(before, model(shop()))]
    assert told == [
        "Region on Site: depends_on – becomes country",
        "Regions: depends_on – becomes countries",
        "Value Texas of Regions changed",
        "Value Hesse of Regions changed",
    ]
