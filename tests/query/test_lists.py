"""Lists: columns over paths, names, parents, search, the bin, counts, and what is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fieldsmith.base.context import ANONYMOUS, OPERATOR
from fieldsmith.base.errors import BadQuery, NotFound, NotSignedIn
from fieldsmith.query.run import Query
from fieldsmith.workspace import Work
from tests.conftest import MakeWorkspace
from tests.desk import Desk, user
from tests.meta.samples import package
from tests.tiny import FILLED

CLERK = user(1, "clerk")


def refused(desk: Desk, query: Query, actor: Any = OPERATOR) -> list[tuple[str, str, str | None]]:
    """(code, pointer, hint) of each problem of a query that is refused."""
    with desk.workspace.read() as work, pytest.raises(BadQuery) as caught:
        work.queries.page(actor, query)
    return [(problem.code, problem.pointer, None if problem.hint is None else str(problem.hint)) for problem in caught.value.problems]


def test_columns_follow_lookups(tiny: Desk) -> None:
    ana = tiny.make("user", name="Ana")
    box = tiny.make("box", user(ana, "clerk"), name="b", code="B")
    tiny.make("screw", name="s", part=tiny.make("part", name="p", box=box))
    tiny.make("screw", name="loose")
    columns = ("name", "part", "part.box", "part.box.code", "part.box.owner", "part.box.owner.name")
    assert tiny.rows("screw", *columns) == [
        ("s", {"id": 1, "label": "p"}, {"id": box, "label": "b"}, "B", {"id": ana, "label": "Ana"}, "Ana"),
        ("loose", None, None, None, None, None),
    ]


def test_lists_and_records_say_the_same(tiny: Desk) -> None:
    box, vault = tiny.make("box", name="b"), tiny.make("vault", name="v")
    more: dict[str, Any] = {"lookup": box, "many_to_many": [box], "polymorphic_lookup": {"entity": "vault", "id": vault}}
    id = tiny.make("thing", **FILLED, **more, file=tiny.upload())
    record = tiny.json("thing", id)
    assert tiny.rows("thing", *record) == [tuple(record.values())]


def test_values_of_other_rows_are_filled_in_through_lookups_too(tiny: Desk) -> None:
    box = tiny.make("box", name="b")
    kin = tiny.make("thing", text="A", many_to_many=[box], polymorphic_lookup={"entity": "box", "id": box}, file=tiny.upload(name="f.txt"))
    tiny.make("thing", text="B", kin=kin)
    [row] = tiny.rows("thing", "kin.many_to_many", "kin.polymorphic_lookup", "kin.file", sort=("-id",), limit=1)[:1]
    assert row[:2] == ([{"id": box, "label": "b"}], {"entity": "box", "id": box, "label": "b"})
    assert row[2]["name"] == "f.txt"


def test_lists_of_a_parent(tiny: Desk) -> None:
    one, other = tiny.make("box"), tiny.make("box")
    mine = [tiny.make("part", box=one) for _ in range(3)]
    tiny.make("part", box=other)
    assert tiny.ids("part", parent=("box", one), limit=2) == mine


def test_lists_of_a_parent_of_one_of_several_entities(tiny: Desk) -> None:
    box, vault = tiny.make("box"), tiny.make("vault")
    assert box == vault
    mine = tiny.make("screw", holder={"entity": "box", "id": box})
    tiny.make("screw", holder={"entity": "vault", "id": vault})
    assert tiny.ids("screw", parent=("holder", box, "box")) == [mine]


def test_the_bin_is_newest_first_and_apart(tiny: Desk) -> None:
    ids = [tiny.make("box", name=str(at)) for at in range(4)]
    for id in ids[:3]:
        tiny.delete("box", id)
    assert tiny.ids("box") == [ids[3]]
    assert sorted(tiny.ids("box", deleted=True, sort=(), limit=1)) == ids[:3]


FOUND: list[tuple[str, list[int]]] = [
    ("straße", [1]),
    ("STRASSE", [1]),
    ("北京", [2]),
    ("京", [2]),
    ("ac", [3]),
    ("%_\\", []),
    ("' OR 1=1 --", []),
    ("acme north", []),
    ("", [1, 2, 3]),
]


def test_searched_lists(tiny: Desk) -> None:
    for name in ("Straße", "北京分公司", "Acme"):
        tiny.make("box", name=name)
    assert {search: tiny.ids("box", search=search) for search, _ in FOUND} == dict(FOUND)


def test_a_search_goes_by_pages(tiny: Desk) -> None:
    ids = [tiny.make("box", name=f"acme {at}") for at in range(5)]
    tiny.make("box", name="other")
    assert tiny.ids("box", search="acme", sort=("-name",), limit=2) == ids[::-1]


def test_a_search_too_long_is_refused(tiny: Desk) -> None:
    assert refused(tiny, Query("box", ("name",), search="x" * 10_000))[0][0] == "search_too_long"


def test_counts_stop_at_their_bound(tiny: Desk) -> None:
    for _ in range(3):
        tiny.make("box", name="acme")
    tiny.delete("box", tiny.make("box"))
    with tiny.workspace.read() as work:
        counts = [work.queries.count(OPERATOR, Query("box", ()), bound) for bound in (2, 3, None)]
        assert [(count.value, count.exact) for count in counts] == [(2, False), (3, True), (3, True)]
        assert work.queries.count(OPERATOR, Query("box", (), search="acme")).value == 3
        assert work.queries.count(OPERATOR, Query("box", (), deleted=True)).value == 1


@pytest.mark.parametrize("limit", [0, -1, 501, 10**9])
def test_limits_have_bounds(tiny: Desk, limit: int) -> None:
    assert refused(tiny, Query("box", ("name",), limit=limit)) == [("bad_limit", "/limit", None)]


WRONG: list[tuple[str, str | None]] = [
    ("nam", "Did you mean “name”?"),
    ("name;drop table", None),
    ("(select 1)", None),
    ("name.code", None),
    ("ownr.name", "Did you mean “owner”?"),
    ("owner.nam", "Did you mean “name”?"),
    ("part.deleted_at", None),
    ("holder.name", None),
    ("", None),
    ("part.", None),
    ("__class__", None),
    ("x" * 10_000, None),
]


def test_unknown_columns_and_sorts_are_refused(tiny: Desk) -> None:
    for path, hint in WRONG:
        [(code, pointer, said)] = refused(tiny, Query("screw", ("name", path)))
        assert (code, pointer, said if hint else None) == ("unknown_field", "/columns", hint)
        assert refused(tiny, Query("screw", ("name",), ("-" + path,))) == [(code, "/sort", said)]


def test_unknown_columns_are_told_all_at_once(tiny: Desk) -> None:
    assert len(refused(tiny, Query("screw", ("x", "name", "y")))) == 2


def test_what_cannot_be_sorted_by_is_said(tiny: Desk) -> None:
    for field in ("long_text", "rich_text", "json", "multi_choice", "many_to_many", "polymorphic_lookup", "file", "address", "geolocation"):
        assert [problem[:2] for problem in refused(tiny, Query("thing", ("text",), (field,)))] == [("not_sortable", "/sort")]


def test_a_path_has_at_most_five_lookups(tiny: Desk) -> None:
    tiny.make("thing", text="A")
    assert tiny.rows("thing", "kin." * 5 + "text") == [(None,)]
    assert refused(tiny, Query("thing", ("kin." * 6 + "text",)))[0][:2] == ("unknown_field", "/columns")


LINKS = [{"name": f"l{at}", "type": "lookup", "to": "knot"} for at in range(55)]
WIDE = package("wide", {"entity": [{"name": "knot", "fields": [{"name": "name", "type": "text"}, *LINKS]}]}, requires=["core"])


def test_more_than_fifty_joined_paths_are_refused_in_words(make_workspace: MakeWorkspace) -> None:
    desk = Desk(make_workspace("core", WIDE))
    desk.make("knot", name="a")
    assert desk.rows("knot", *(f"l{at}.name" for at in range(50))) == [(None,) * 50]
    assert refused(desk, Query("knot", tuple(f"l{at}.name" for at in range(51)))) == [("too_many_joins", "/columns", None)]


def test_a_record_of_more_than_fifty_lookups_is_shown_whole(make_workspace: MakeWorkspace) -> None:
    desk = Desk(make_workspace("core", WIDE))
    first = desk.make("knot", name="a")
    links: dict[str, Any] = {f"l{at}": first for at in range(55)}
    values = desk.get("knot", desk.make("knot", name="b", **links))
    assert {values[f"l{at}"] for at in range(55)} == {(first, "a", None)}


@pytest.mark.parametrize("entity", ["vault", "nonsense"])
def test_an_entity_one_may_not_read_is_as_unknown_in_lists_and_records(tiny: Desk, entity: str) -> None:
    id = tiny.make("vault", name="v", pin="1")
    calls: list[Callable[[Work], Any]] = [
        lambda work: work.queries.page(CLERK, Query(entity, ("name",))),
        lambda work: work.queries.count(CLERK, Query(entity, ())),
        lambda work: work.queries.one(CLERK, entity, id),
        lambda work: work.records.history(CLERK, entity, id),
        lambda work: work.records.create(CLERK, entity, {}),
    ]
    for call in calls:
        with tiny.workspace.read() as work, pytest.raises(NotFound, match=f"There is no entity “{entity}”"):
            call(work)


@pytest.mark.parametrize("path", ["secret.name", "secret.pin"])
def test_paths_into_an_entity_one_may_not_read_are_as_unknown(tiny: Desk, path: str) -> None:
    tiny.make("thing", text="A", secret=tiny.make("vault", name="v", pin="1"))
    nonsense = [(code, pointer) for code, pointer, _ in refused(tiny, Query("thing", ("nonsense.name",)), CLERK)]
    assert [(code, pointer) for code, pointer, _ in refused(tiny, Query("thing", (path,)), CLERK)] == nonsense
    assert refused(tiny, Query("thing", ("text",), (path,)), CLERK)[0][0] == "unknown_field"
    assert tiny.rows("thing", path) != []


def test_names_of_records_one_may_not_read_are_not_shown_nor_sorted_by(tiny: Desk) -> None:
    for name in "ba":
        vault = tiny.make("vault", name=name)
        tiny.make("thing", text=name, secret=vault, polymorphic_lookup={"entity": "vault", "id": vault})
    rows = tiny.rows("thing", "secret", "polymorphic_lookup", sort=("secret",), actor=CLERK)
    assert [row[0] for row in rows] == [{"id": 1, "label": None}, {"id": 2, "label": None}]
    assert rows[0][1] == {"entity": None, "id": 1, "label": None}
    with tiny.workspace.read() as work:
        assert work.queries.labels(CLERK, "vault", [1, 2]) == {}


def test_nobody_sees_anything_before_signing_in(tiny: Desk) -> None:
    for entity in ("box", "nonsense"):
        with tiny.workspace.read() as work, pytest.raises(NotSignedIn):
            work.queries.page(ANONYMOUS, Query(entity, ("name",)))
