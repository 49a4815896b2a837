"""Explanations against the oracle: what somebody is told they may do, what administrators and operators are told of others, and seeing as they do."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.access.worlds import Row, Soul
from tests.access.worlds_commands import command
from tests.access.worlds_metadata import RIGHTS
from tests.access.worlds_pages import there
from tests.access.worlds_reading import a_row, an_entity, seen_rows
from tests.access.worlds_trial import SYSTEM_FIELDS, V1, Trial

_MADE = ("formula", "rollup")


def explained(trial: Trial, soul: Soul, row: Row, by: Soul | None = None) -> None:
    """Asks what `soul` may do with the record, as `soul` or `by`, and compares every right and field."""
    asking = by or soul
    of = "" if by is None else f"?user={soul.id}"
    answer = trial.ask(asking, "get", f"{V1}/records/{row.entity}/{row.id}/access{of}")
    if not there(trial, asking, row):
        assert answer.status_code == 404, trial.story(asking, "asks about what is not there", answer.text)
        return
    assert answer.status_code == 200, trial.story(asking, "is told nothing of access", answer.text)
    found = {right: answer.json[right] for right in RIGHTS}
    assert found == rights(trial, soul, row), trial.story(asking, f"is told {found} instead of {rights(trial, soul, row)}", answer.text)
    uses = fields(trial, soul, row)
    assert answer.json["fields"] == uses, trial.story(asking, f"is told {sorted(answer.json['fields'].items() ^ uses.items())} of fields", answer.text)


def rights(trial: Trial, soul: Soul, row: Row) -> dict[str, bool]:
    """Right → may `soul` use it on the record? Nothing without seeing it."""
    return {right: trial.oracle.sees(soul, row) and trial.oracle.may(soul, right, row) for right in RIGHTS}


def fields(trial: Trial, soul: Soul, row: Row) -> dict[str, str]:
    """Field → what may be done with it: masked, read, update; without those that are not there."""
    if not trial.oracle.sees(soul, row):
        return {}
    kinds = {name: "owner" if name == "owner" else "system" for name in (*SYSTEM_FIELDS, "deleted_at")}
    kinds |= {item["name"]: item["type"] for item in trial.world.entities[row.entity]["fields"]}
    found = {name: trial.oracle.field(soul, row.entity, name) for name in kinds}
    fixed = () if trial.oracle.may(soul, "update", row) else tuple(kinds)
    read = {name for name, kind in kinds.items() if kind in ("system", *_MADE) or name in fixed}
    return {name: ("read" if name in read else "update") if right == "edit" else right for name, right in found.items() if right != "none"}


def explains(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """Oneself; and others, which only administrators may ask about."""
    row, other = a_row(trial, dice), dice.choice(trial.world.souls)
    explained(trial, soul, row)
    if trial.oracle.administers(soul):
        explained(trial, other, row, by=soul)
    elif other is not soul:
        answer = trial.ask(soul, "get", f"{V1}/records/{row.entity}/{row.id}/access?user={other.id}")
        assert answer.status_code == 403, trial.story(soul, "is told what others may do", answer.text)


def explains_by_command(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """The operator is told of anybody; also of who has no login."""
    row, other = a_row(trial, dice), dice.choice(trial.world.souls)
    result = command(trial, "explain", "access", other.name.lower() if other.kind == "person" else str(other.id), row.entity, str(row.id), "--json")
    assert (result.exit_code == 0) == (not row.deleted), trial.story(other, "explained to the operator", result.output)
    if result.exit_code == 0:
        told: dict[str, Any] = json.loads(result.stdout)
        found = {right: told["rights"][right]["allowed"] for right in RIGHTS}
        assert found == rights(trial, other, row), trial.story(other, f"said to be allowed {found} instead of {rights(trial, other, row)}", result.output)
        uses = {name: said["use"] for name, said in told["fields"].items() if said["use"] != "none"} if told["rights"]["read"]["allowed"] else {}
        assert uses == fields(trial, other, row), trial.story(other, f"said to have {uses} instead of {fields(trial, other, row)}", result.output)


def views_as_others(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """An administrator sees what somebody sees, and can change nothing meanwhile; nobody else can look so."""
    other, entity = dice.choice([person for person in trial.people if person is not soul]), an_entity(trial, dice)
    answer = trial.visit(soul, "/studio/access/view", {"user": other.id})
    if not trial.oracle.administers(soul):
        assert answer.status_code in (403, 404), trial.story(soul, "views as somebody else", answer.text)
        return
    assert answer.status_code == 303, trial.story(soul, f"cannot view as {other.name}", answer.text)
    trial.visit(soul, "/")  # tells what the administrator did before
    answer = trial.visit(soul, f"/{entity}/?view=&filter=id > 0")
    trial.told(other, f"/{entity}", answer.text)
    if trial.oracle.reads(other, entity) and answer.status_code == 200:
        found = {row.id for row in trial.world.of(entity) if f'href="/{entity}/{row.id}"' in answer.text}
        assert found <= {row.id for row in seen_rows(trial, other, entity)}, trial.story(soul, f"sees {found} as {other.name}")
    row = a_row(trial, dice)
    page = trial.visit(soul, f"/{row.entity}/{row.id}")
    assert (page.status_code == 200) == there(trial, other, row) or row.deleted, trial.story(soul, f"is shown {page.status_code} as {other.name}", page.text)
    trial.told(other, f"/{row.entity}/{row.id}", page.text)
    changed = trial.visit(soul, f"/{row.entity}/{row.id}/edit", {f"{row.entity}_note": "x", "version": "1"})
    assert changed.status_code == 403, trial.story(soul, f"changed something as {other.name}", changed.text)
    assert trial.visit(soul, "/studio/access/leave", {}).status_code == 303


EXPLAINED = (explains, views_as_others)
