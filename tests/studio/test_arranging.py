"""What the layout editor's gestures say: few operations on named items, which make just the page that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from fieldsmith.meta.layers import Effective, Layer, merge
from fieldsmith.studio.arranging import Arrangement
from fieldsmith.studio.customising import Customised
from fieldsmith.studio.edits import Edit, read_operations
from fieldsmith.studio.member_order import Said
from tests.meta.samples import package

SHIPPED: dict[str, Any] = {
    "name": "default",
    "entity": "deal",
    "highlights": ["amount", "stage"],
    "path": "stage",
    "tabs": [{"name": "facts"}, {"name": "papers"}, {"name": "more"}],
    "sections": [
        {"name": "main", "columns": 2, "fields": ["name", "stage", "amount", "owner"]},
        {"name": "terms", "fields": ["terms", "signed"], "tab": "papers", "visible": "stage = 'won'"},
    ],
    "related": [{"name": "lines", "entity": "line", "field": "deal", "columns": ["product", "price"]}, {"name": "notes", "entity": "note", "field": "deal"}],
}
KEY = ("layout", "deal.default")


class Bench:
    """A layout of a package, or of the workspace's own, and gestures on it one after the other."""

    def __init__(self, own: bool = False, loose: tuple[str, ...] = ()) -> None:
        self.own = own
        self.loose = loose
        self.below: Mapping[Any, Effective] = {} if own else merge([package("shop", {"layout": [SHIPPED]})]).documents
        self.edit = Edit(*KEY, document=SHIPPED if own else None, turn=1)
        self.turn = 1

    @property
    def layer(self) -> Layer:
        custom = Customised(None, self.below, lambda layer: None)
        custom.put([self.edit])
        assert custom.problems == []
        return custom.layer("custom")

    @property
    def found(self) -> Arrangement:
        shipped = [] if self.own else [package("shop", {"layout": [SHIPPED]})]
        merged = merge([*shipped, self.layer])
        assert merged.problems == []
        body = merged.documents[KEY].body
        placed = {name for item in body["sections"] for name in item["fields"]}.union(body.get("hidden", ()))
        return Arrangement(body, None if self.own else SHIPPED, tuple(name for name in self.loose if name not in placed))

    def do(self, said: Sequence[Said]) -> Bench:
        if said:
            self.turn += 1
            self.edit = self.edit.with_operations(read_operations({"operations": list(said)}, 1, self.turn))
            self.turn += len(said)
        return self

    def field(self, name: str, section: str, after: str | None) -> Bench:
        return self.do(self.found.place_field(name, section, after))

    def section(self, name: str) -> list[str]:
        return list(next(item for item in self.found.shown("sections") if item["name"] == name)["fields"])

    @property
    def kept(self) -> list[dict[str, Any]]:
        """The operations of the workspace's own layer."""
        documents = self.layer.documents
        return [dict(item) for item in documents[0].body["operations"]] if documents else []


def paths(bench: Bench) -> list[tuple[str, str]]:
    return [(item["op"], item["path"]) for item in bench.kept]


def test_a_field_within_its_section_is_one_move() -> None:
    bench = Bench().field("owner", "main", "name")
    assert (bench.section("main"), bench.kept) == (
        ["name", "owner", "stage", "amount"],
        [{"op": "move", "path": "/sections/main/fields/owner", "after": "name"}],
    )


def test_a_field_into_another_section_is_hidden_here_and_added_there() -> None:
    bench = Bench().field("amount", "terms", "terms")
    assert bench.section("terms") == ["terms", "amount", "signed"]
    assert paths(bench) == [("hide", "/sections/main/fields/amount"), ("add", "/sections/terms/fields/amount")]


def test_back_where_it_was_is_no_change() -> None:
    bench = Bench().field("amount", "terms", None).field("amount", "main", "stage")
    assert (bench.section("main"), bench.kept) == (["name", "stage", "amount", "owner"], [])


def test_back_in_another_place_is_one_move() -> None:
    bench = Bench().field("amount", "terms", None).field("amount", "main", None)
    assert (bench.section("main"), paths(bench)) == (["amount", "name", "stage", "owner"], [("move", "/sections/main/fields/amount")])


def test_what_was_put_behind_a_field_stays_when_that_moves_on() -> None:
    bench = Bench().field("name", "main", "amount").field("owner", "main", "name").field("name", "main", None)
    assert bench.section("main") == ["name", "stage", "amount", "owner"]
    bench = Bench().field("stage", "main", "owner").field("amount", "main", "stage").field("stage", "main", None)
    assert bench.section("main") == ["stage", "name", "owner", "amount"]


@pytest.mark.parametrize("own", [False, True], ids=["of a package", "of one's own"])
def test_a_field_taken_off_stays_off(own: bool) -> None:
    bench = Bench(own)
    bench.do(bench.found.take_off_field("amount"))
    assert ("amount" in bench.section("main"), bench.found.body["hidden"]) == (False, ["amount"])
    assert bench.field("amount", "terms", None).section("terms") == ["amount", "terms", "signed"]


@pytest.mark.parametrize("own", [False, True], ids=["of a package", "of one's own"])
def test_what_stands_in_no_section_keeps_its_place_behind_the_last(own: bool) -> None:
    bench = Bench(own, loose=("fresh", "newer"))
    bench.field("amount", "terms", "fresh")
    assert (bench.section("terms"), bench.found.loose) == (["terms", "signed", "fresh", "amount"], ("newer",))
    assert bench.field("newer", "main", None).section("main")[0] == "newer"


def test_a_new_section_does_not_draw_the_others_fields_to_it() -> None:
    bench = Bench(loose=("fresh",))
    bench.do(bench.found.add_part("sections", "section", {"label": "New", "columns": 2, "fields": []}, "papers"))
    assert (bench.section("terms"), bench.section("section"), bench.found.loose) == (["terms", "signed", "fresh"], [], ())
    assert bench.found.part("sections", "section") == {"name": "section", "label": "New", "columns": 2, "fields": [], "tab": "papers"}


def test_changes_within_a_section_of_ones_own_stay_one_operation() -> None:
    bench = Bench()
    bench.do(bench.found.add_part("sections", "own", {"label": "Own", "columns": 2, "fields": []}, "facts")).field("amount", "own", None)
    bench.field("owner", "own", "amount").field("owner", "own", None)
    bench.do(bench.found.say("/sections/own/columns", 3))
    assert bench.section("own") == ["owner", "amount"]
    hidden = [("hide", "/sections/main/fields/amount"), ("hide", "/sections/main/fields/owner")]
    assert sorted(paths(bench)) == sorted([("add", "/sections/own"), *hidden])


def test_a_removed_section_of_ones_own_leaves_its_fields_unused() -> None:
    bench = Bench()
    bench.do(bench.found.add_part("sections", "own", {"label": "Own", "columns": 2, "fields": []}, "facts")).field("amount", "own", None)
    bench.do(bench.found.remove_part("sections", "own"))
    assert paths(bench) == [("hide", "/sections/main/fields/amount")]


def test_a_hidden_section_comes_back_without_what_stands_elsewhere() -> None:
    bench = Bench()
    bench.do(bench.found.remove_part("sections", "terms"))
    assert [item["name"] for item in bench.found.shown("sections")] == ["main"]
    bench.field("signed", "main", None)
    bench.do(bench.found.restore_part("sections", "terms"))
    assert (bench.section("main")[0], bench.section("terms")) == ("signed", ["terms"])


def test_sections_move_within_their_tab_and_to_others() -> None:
    bench = Bench()
    bench.do(bench.found.move_part("sections", "main", "papers", "terms"))
    assert [(item["name"], item.get("tab")) for item in bench.found.shown("sections")] == [("terms", "papers"), ("main", "papers")]
    assert sorted(paths(bench)) == [("add", "/sections/main/tab"), ("move", "/sections/main")]
    bench.do(bench.found.move_part("sections", "main", "facts", None))
    bench.do(bench.found.move_part("sections", "terms", "papers", None))
    assert ("add", "/sections/main/tab") not in paths(bench)


def test_the_first_tab_takes_along_what_stands_on_it() -> None:
    bench = Bench()
    bench.do(bench.found.move_tab("facts", "papers"))
    assert ([bench.found.tab_of(item) for item in bench.found.shown("sections")], bench.found.tabs) == (["facts", "papers"], ["papers", "facts", "more"])


def test_a_removed_tab_leaves_what_stands_on_it() -> None:
    bench = Bench()
    bench.do(bench.found.remove_tab("papers"))
    assert (bench.found.tabs, bench.found.tab_of(bench.found.shown("sections")[1])) == (["facts", "more"], "facts")


def test_a_tab_where_there_was_none_takes_all() -> None:
    found = Arrangement({**SHIPPED, "tabs": []}, None)
    said = found.add_tab("tab", "New", ("details", "Details"))
    assert [(item["path"], item["value"]["label"], item["after"]) for item in said] == [("/tabs/details", "Details", None), ("/tabs/tab", "New", "details")]


SAYS: list[tuple[str, str, Any, list[tuple[str, str]]]] = [
    ("what is there", "/sections/main/columns", 2, []),
    ("another value", "/sections/main/columns", 3, [("change", "/sections/main/columns")]),
    ("what the package does not say", "/sections/terms/label", "Terms", [("add", "/sections/terms/label")]),
    ("none where the package has one", "/sections/terms/visible", None, [("change", "/sections/terms/visible")]),
    ("none where there is none", "/sections/main/visible", None, []),
]


@pytest.mark.parametrize(("path", "value", "expected"), [case[1:] for case in SAYS], ids=[case[0] for case in SAYS])
def test_properties(path: str, value: Any, expected: list[tuple[str, str]]) -> None:
    bench = Bench()
    assert paths(bench.do(bench.found.say(path, value))) == expected


def test_a_property_taken_back_is_no_change() -> None:
    bench = Bench()
    bench.do(bench.found.say("/sections/terms/label", "Terms"))
    assert bench.do(bench.found.say("/sections/terms/label", None)).kept == []


LISTS = [
    ("another order", ["price", "product"], [("move", "/related/lines/columns/price")]),
    ("one more", ["product", "count", "price"], [("add", "/related/lines/columns/count")]),
    ("one less", ["price"], [("hide", "/related/lines/columns/product")]),
    ("all others", ["count"], [("hide", "/related/lines/columns/product"), ("hide", "/related/lines/columns/price"), ("add", "/related/lines/columns/count")]),
]


@pytest.mark.parametrize(("wanted", "expected"), [case[1:] for case in LISTS], ids=[case[0] for case in LISTS])
def test_lists_of_names_change_member_by_member(wanted: list[str], expected: list[tuple[str, str]]) -> None:
    bench = Bench()
    bench.do(bench.found.say_list("/related/lines/columns", wanted))
    assert (bench.found.members("/related/lines/columns"), paths(bench)) == (wanted, expected)
    assert bench.do(bench.found.say_list("/related/lines/columns", ["product", "price"])).kept == []


def test_a_whole_layout_goes_back_to_its_package() -> None:
    bench = Bench().field("amount", "terms", None)
    assert bench.do([{"op": "remove", "path": ""}]).kept == []
