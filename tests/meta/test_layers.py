"""Ordering and merging of layers, and where every part comes from."""

from __future__ import annotations

from collections.abc import Callable

from fieldsmith.meta.compile import Compiled
from fieldsmith.meta.layers import merge, ordered
from fieldsmith.meta.model import Model
from tests.meta.samples import custom, entity, only, package

ADD_DAY = {"extends": "deal", "operations": [{"op": "add", "path": "/fields/day", "value": {"type": "date", "label": "Day"}}]}
CHANGE_DAY = {"extends": "deal", "operations": [{"op": "change", "path": "/fields/day/label", "value": "Tag"}]}


def test_layers_follow_what_they_require_and_custom_is_last() -> None:
    layers = [custom({}), package("crm", {}, requires=["core"]), package("core", {})]
    assert [layer.name for layer in ordered(layers)[0]] == ["core", "crm", "custom"]


def test_a_missing_requirement_is_a_problem(compiled: Callable[..., Compiled]) -> None:
    problem = only(compiled(package("crm", {}, requires=["cor"]), package("core", {})))
    assert (problem.code, problem.document, str(problem.hint)) == ("requires_missing", "crm/package.json", "Did you mean “core”?")


def test_requirements_in_a_circle_are_a_problem_that_shows_it(compiled: Callable[..., Compiled]) -> None:
    problem = only(compiled(package("a", {}, requires=["b"]), package("b", {}, requires=["a"])))
    assert (problem.code, "a → b → a" in str(problem.message)) == ("requires_cycle", True)


def test_operations_of_higher_layers_win_and_each_part_knows_its_origin(model: Callable[..., Model]) -> None:
    found = model(package("crm", {"entity": [entity("deal")]}), package("more", {"entity": [ADD_DAY]}, requires=["crm"]), custom({"entity": [CHANGE_DAY]}))
    deal = found.documents[("entity", "deal")]
    assert str(found.entities["deal"].fields["day"].label) == "Tag"
    assert [deal.origin(place) for place in ("/fields/name/type", "/fields/day/type", "/fields/day/label")] == [
        "crm 1.0.0",
        "more 1.0.0",
        "custom, revision 4, by Ana",
    ]
    assert deal.source("/fields/day/label") == "custom/entity/deal.json"


def test_a_second_whole_definition_is_a_problem(compiled: Callable[..., Compiled]) -> None:
    problem = only(compiled(package("crm", {"entity": [entity("deal")]}), package("other", {"entity": [entity("deal")]})))
    assert (problem.code, problem.document) == ("defined_twice", "other/entity/deal.json")


def test_extending_what_is_not_there_is_a_problem(compiled: Callable[..., Compiled]) -> None:
    problem = only(compiled(package("crm", {"entity": [entity("deals")]}), custom({"entity": [ADD_DAY]})))
    assert (problem.code, problem.pointer, str(problem.hint)) == ("nothing_to_extend", "/extends", "Did you mean “deals”?")


def test_what_operations_make_of_a_document_is_validated_again(compiled: Callable[..., Compiled]) -> None:
    operations = [{"op": "add", "path": "/fields/day", "value": {"type": "date", "lable": "Day"}}]
    problem = only(compiled(package("crm", {"entity": [entity("deal")]}), custom({"entity": [{"extends": "deal", "operations": operations}]})))
    assert (problem.code, problem.pointer, problem.document) == ("unknown_key", "/fields/day/lable", "custom/entity/deal.json")


def test_merging_leaves_the_layers_as_they_are() -> None:
    base = package("crm", {"entity": [entity("deal")]})
    merge([base, custom({"entity": [ADD_DAY]})])
    assert len(base.documents[1].body["fields"]) == 1
