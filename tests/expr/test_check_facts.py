"""What a checked expression says it depends on."""

from __future__ import annotations

import pytest

from fieldsmith.expr.facts import aggregates, needs, own, references
from fieldsmith.expr.functions import functions
from fieldsmith.expr.types import INTEGER
from tests.expr.check_world import TABLE, checked


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("amount * 2", set()),
        ("TODAY() - closed_on", {"now", "zone"}),
        ("LABEL(stage)", {"language"}),
        ("IF(owner = user, LABEL(stage), name)", {"user", "language"}),
        ("user.team.name", {"user"}),
        ("params.most > 1", {"params"}),
        ("old.amount < amount or ISNEW()", {"old", "change"}),
        ("COUNT(lines where due_on < TODAY())", {"now", "zone"}),
        ("COUNT(lines where buyer.owner = user)", {"user"}),
    ],
)
def test_needs(source: str, expected: set[str]) -> None:
    assert needs(checked(source, changes=True, params={"most": INTEGER}), {**functions(), **TABLE}) == expected


def test_references_come_in_source_order() -> None:
    node = checked("IF(won, account.name, name) & TEXT(SUM(lines.total where quantity > parent.quantity))")
    assert [(each.root, each.path) for each in references(node)] == [
        ("record", "won"),
        ("record", "account.name"),
        ("record", "name"),
        ("record", "total"),
        ("record", "quantity"),
        ("parent", "quantity"),
    ]


def test_aggregates_are_found_in_source_order() -> None:
    assert [each.function for each in aggregates(checked("COUNT(lines) + SUM(lines.quantity)"))] == ["COUNT", "SUM"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("amount + quantity", True),
        ("address.city", True),
        ("TODAY()", True),
        ("account = 5", True),
        ("account.name", False),
        ("COUNT(lines)", False),
        ("owner = user", False),
    ],
)
def test_own_reads_only_the_record_itself(source: str, expected: bool) -> None:
    assert own(checked(source)) is expected
