"""Writing what points elsewhere: lookups, links, keys and files of others; and sending back what was read."""

from __future__ import annotations

import random
import re
from typing import Any

from tests.access.worlds import Row, Soul
from tests.access.worlds_expected import expect_item, named
from tests.access.worlds_pages import there
from tests.access.worlds_reading import a_row
from tests.access.worlds_trial import SHOWN, V1, Trial
from tests.access.worlds_writing import may_write, stored

NOBODY = 987_654_321
_POINTING = ("lookup", "polymorphic_lookup", "many_to_many")


def points(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """A lookup takes what one may see, by id or key; all else is as what is not there. What is out of reach afterwards is refused."""
    ways = [(name, item) for name, body in trial.world.entities.items() for item in body["fields"] if item["type"] in _POINTING]
    entity, item = dice.choice(ways)
    to = item["to"] if isinstance(item["to"], str) else dice.choice(item["to"])
    rows, targets = _rows(trial, entity), _rows(trial, to)
    if not rows or not targets:
        return
    row, target, name = dice.choice(rows), dice.choice(targets), item["name"]
    code = target.values[f"{to}_code"] if dice.random() < 0.3 else None
    wanted, former, before = may_write(trial, soul, row, name), row.values[name], stored(trial, row)
    new = _linked(trial, soul, row, name, target) if item["type"] == "many_to_many" else target
    same = (former == target or former == [target]) and code is None
    if wanted == 422 and same and trial.oracle.field(soul, entity, name) == "read":
        wanted = 200  # what is locked may be sent as it is
    elif wanted == 200 and not _takes(trial, soul, target, code, same):
        wanted = 422
    elif wanted == 200:
        row.values[name] = new
        wanted = 200 if trial.oracle.may(soul, "update", row) and trial.oracle.sees(soul, row) else 403
    path = f"{V1}/records/{entity}/{row.id}"
    answer = trial.ask(soul, "patch", path, json={name: _sent(item, to, target.id, code)})
    assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted} for {name} → {to} {target.id}", answer.text)
    if wanted == 200:
        trial.changed()
        expect_item(trial, soul, row, answer.json)
        _linked_still(trial, soul, row, item)
        return
    row.values[name] = former
    assert stored(trial, row) == before, trial.story(soul, "pointed where it may not")
    if wanted == 422 and code is None:
        absent = trial.ask(soul, "patch", path, json={name: _sent(item, to, NOBODY, None)})
        _alike(trial, soul, target.id, answer, absent)


def _alike(trial: Trial, soul: Soul, id: int, hidden: Any, absent: Any) -> None:
    told = [re.sub(rf"\b({id}|{NOBODY})\b", "#", answer.text) for answer in (hidden, absent)]
    assert told[0] == told[1], trial.story(soul, f"can tell {id} from what is not there: {hidden.text}", absent.text)


def _rows(trial: Trial, entity: str) -> list[Row]:
    return [row for row in trial.world.rows if row.entity == entity]


def _takes(trial: Trial, soul: Soul, target: Row, code: Any, same: bool) -> bool:
    """May `soul` have a lookup point at `target`, found by its code where one is given?"""
    key = f"{target.entity}_code"
    if code is not None and trial.oracle.field(soul, target.entity, key) not in SHOWN:
        return False
    return same or there(trial, soul, target)


def _linked(trial: Trial, soul: Soul, row: Row, name: str, target: Row) -> list[Row]:
    """The links after `target` was sent as the only one: those one is not shown stay."""
    shown = named(trial, soul, target.entity)
    unseen = [other for other in row.values[name] if not other.deleted and not (shown and trial.oracle.sees(soul, other))]
    return [*unseen, *([] if target in unseen else [target])]


def _sent(item: dict[str, Any], to: str, id: int, code: Any) -> Any:
    said: Any = id if code is None else {"external_id": {f"{to}_code": code}}
    if item["type"] == "polymorphic_lookup":
        return {"entity": to, **({"id": id} if code is None else said)}
    return [said] if item["type"] == "many_to_many" else said


def _linked_still(trial: Trial, soul: Soul, row: Row, item: dict[str, Any]) -> None:
    """An administrator sees every link, also those the other could not."""
    if item["type"] == "many_to_many":
        root = next(other for other in trial.people if trial.oracle.administers(other))
        expect_item(trial, root, row, trial.ask(root, "get", f"{V1}/records/{row.entity}/{row.id}").json)


def puts_back(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """Whatever GET gave, PATCH takes, and nothing is another."""
    row = a_row(trial, dice)
    if not there(trial, soul, row):
        return
    path, before = f"{V1}/records/{row.entity}/{row.id}", stored(trial, row)
    wanted = 200 if trial.oracle.may(soul, "update", row) else 403
    got = trial.ask(soul, "get", path).json
    answer = trial.ask(soul, "patch", path, json=got)
    assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}", answer.text)
    assert stored(trial, row) == before, trial.story(soul, "changed something by sending back what it was given")
    for item in trial.world.entities[row.entity]["fields"]:
        _linked_still(trial, soul, row, item)


def takes_files(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """A file of another record is as one that is not there."""
    holding = [row for row in trial.world.of("qfirm") if row.file]
    if not holding:
        return
    row, other = dice.choice(trial.world.of("qfirm")), dice.choice(holding)
    before, wanted = stored(trial, row), may_write(trial, soul, row, "qfirm_file")
    if wanted == 200 and row is not other:
        wanted = 422
    path = f"{V1}/records/qfirm/{row.id}"
    answer = trial.ask(soul, "patch", path, json={"qfirm_file": other.file})
    assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}", answer.text)
    assert stored(trial, row) == before, trial.story(soul, "took a file of another record")
    if wanted == 422:
        absent = trial.ask(soul, "patch", path, json={"qfirm_file": NOBODY})
        _alike(trial, soul, other.file, answer, absent)


POINTING = (points, puts_back, takes_files)
