"""What a sharing rule costs: matches counted, and whether an index finds them, on both databases."""

from __future__ import annotations

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.text import Label
from fieldsmith.meta.roles import Group, SharingRule
from fieldsmith.query.rule_cost import RuleCost, rule_cost
from fieldsmith.workspace import Workspace


def cost(workspace: Workspace, **said: object) -> RuleCost:
    rule = SharingRule("rule", "account", Label("Rule"), Group(("user",)), **said)  # type: ignore[arg-type]
    with workspace.read() as work:
        return rule_cost(work.queries.guard(OPERATOR), work.connection, OPERATOR, work.now, rule)


@pytest.mark.parametrize(
    ("said", "matches", "indexed"),
    [
        ({"when": 'name = "Acme"'}, 1, None),
        ({"when": "id = 1"}, None, True),
        ({"when": 'UPPER(name) = "ACME"'}, 1, False),
        ({"when": "employees * 2 > 10"}, 1, False),
        ({"when": 'parent_account.name = "Acme"'}, 0, False),
        ({"owners": Group(("nobody",))}, 0, False),
        ({"owners": Group(("nobody",)), "when": "id = 1"}, 0, True),
    ],
)
def test_matches_and_indexes(workspace: Workspace, said: dict[str, object], matches: int | None, indexed: bool | None) -> None:
    rows = [{"name": "Acme", "employees": 9}, {"name": "Bolt", "employees": 1}]
    workspace.write(lambda work: work.records.create_many(OPERATOR, "account", rows))
    found = cost(workspace, **said)
    assert (found.exact, found.cut) == (True, False) and found.milliseconds >= 0
    assert matches is None or found.matches == matches
    assert indexed is None or found.indexed == indexed


def test_records_in_the_bin_are_not_counted(workspace: Workspace) -> None:
    id = workspace.write(lambda work: work.records.create(OPERATOR, "account", {"name": "Acme"})).id
    workspace.write(lambda work: work.records.delete(OPERATOR, "account", id, None))
    assert cost(workspace, when='name = "Acme"').matches == 0
