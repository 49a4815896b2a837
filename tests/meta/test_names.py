"""Uids and physical names: given once, never again."""

from __future__ import annotations

import pytest

from fieldsmith.meta.names import Name, NameKind, Names, base36, physical_name

LONG = "x" * 48


def test_new_paths_get_new_uids_and_known_ones_keep_theirs() -> None:
    first = Names().extended([("entity/deal", "table"), ("entity/deal/fields/amount", "column")])
    second = first.extended([("entity/deal/fields/amount", "column"), ("entity/deal/fields/stage", "column")])
    assert first.entries == {"entity/deal": Name(36, "e_deal_10"), "entity/deal/fields/amount": Name(37, "amount_11")}
    assert second.entries == {**first.entries, "entity/deal/fields/stage": Name(38, "stage_12")}
    assert second.extended([("entity/deal", "table")]) is second


def test_a_renamed_entity_takes_its_fields_along() -> None:
    names = Names().extended([("entity/deal", "table"), ("entity/deal/fields/amount", "column"), ("entity/dealer", "table")])
    moved = names.moved([("entity/deal", "entity/sale"), ("entity/sale/fields/amount", "entity/sale/fields/worth")])
    assert {path: name.uid for path, name in moved.entries.items()} == {"entity/dealer": 38, "entity/sale": 36, "entity/sale/fields/worth": 37}


def test_the_uid_of_a_retired_name_is_not_given_again() -> None:
    assert Names({}, last_uid=99).extended([("entity/deal", "table")])["entity/deal"].uid == 100


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ("entity/order", "table", "e_order_zz"),
        ("entity/order/fields/case", "column", "case_zz"),
        ("entity/order/fields/tags", "link", "l_order_tags_zz"),
        ("entity/order/indexes/by_day", "index", "ix_zz"),
    ],
)
def test_physical_names_say_what_they_are(path: str, kind: NameKind, expected: str) -> None:
    assert physical_name(path, kind, 35 * 36 + 35) == expected


@pytest.mark.parametrize(("path", "kind"), [(f"entity/{LONG}", "table"), (f"entity/{LONG}/fields/{LONG}", "column"), (f"entity/{LONG}/fields/{LONG}", "link")])
def test_physical_names_fit_with_the_longest_part(path: str, kind: NameKind) -> None:
    longest = "__postal_code" if kind == "column" else ""
    assert len(physical_name(path, kind, 2**31) + longest) <= 63


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (35, "z"), (36, "10"), (2**31, "zik0zk")])
def test_base_36(number: int, text: str) -> None:
    assert base36(number) == text
