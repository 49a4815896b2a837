"""Who belongs to which team and reports to whom decides what they reach: every change of it is in the audit log."""

from __future__ import annotations

import json
from typing import Any

from fieldsmith.base.context import SYSTEM
from fieldsmith.meta.layers import CUSTOM, layer_of
from tests.desk import Desk, user


def noted(desk: Desk) -> list[tuple[Any, ...]]:
    rows = [row for row in desk.table("fs_audit") if row["event"] == "team.changed"]
    return [(row["actor_id"], row["entity"], row["record"], json.loads(row["detail"])) for row in rows]


def test_a_move_is_noted_with_before_and_after(desk: Desk) -> None:
    north, south = desk.make("team", name="North"), desk.make("team", name="South")
    ana = desk.make("user", name="Ana", team=north)
    ben = desk.make("user", name="Ben", manager=ana)
    assert noted(desk) == [], "who is new reached nothing before"
    desk.change("user", ana, user(ben, "administrator"), team=south, title="Lead")
    desk.change("user", ben, manager=None)
    desk.change("team", south, parent_team=north)
    desk.change("user", ana, title="Head")
    assert noted(desk) == [
        (ben, "user", ana, {"team": [north, south]}),
        (None, "user", ben, {"manager": [ana, None]}),
        (None, "team", south, {"parent_team": [None, north]}),
    ]


def test_who_goes_and_comes_back_is_noted(desk: Desk) -> None:
    ana = desk.make("user", name="Ana")
    desk.change("user", ana, active=False)
    desk.delete("user", ana)
    desk.restore("user", ana)
    assert [row[3] for row in noted(desk)] == [{"active": [True, False]}, {"done": "delete"}, {"done": "restore"}]


def test_the_account_of_somebody_from_outside_is_noted(desk: Desk) -> None:
    account = {"extends": "user", "operations": [{"op": "add", "path": "/fields/account", "value": {"type": "lookup", "to": "account"}}]}
    role = {"name": "dealer", "portal": {"account": "account", "paths": {"account": ""}}, "entities": {"account": ["read"]}}
    desk.workspace.publish(SYSTEM, [layer_of(CUSTOM, [("entity", "user", account), ("role", "dealer", role)])], "portal")
    acme, dora = desk.make("account", name="Acme"), desk.make("user", name="Dora")
    desk.change("user", dora, account=acme)
    assert [row[3] for row in noted(desk)] == [{"account": [None, acme]}]
