"""What a world tells after it was changed: histories, timelines, related lists, bins, boards and sums, held against the oracle."""

from __future__ import annotations

import random
import re

from tests.access.worlds import Row, Soul
from tests.access.worlds_pages import there
from tests.access.worlds_reading import an_entity, codes, seen_rows
from tests.access.worlds_trial import SHOWN, V1, Trial
from tests.access.worlds_writing import may_delete, restores, stored

_HEAD = re.compile(r'id="board-head-(\w*)".*?<span class="muted tabular">([\d,]+)</span>', re.DOTALL)
_RELATED = {
    "qdeals": ("qfirm", "qdeal", "qdeal_firm"),
    "qparts": ("qdeal", "qpart", "qpart_deal"),
    "qslips": ("qdeal", "qslip", "qslip_deal"),
}
"""Related list → (entity it stands on, entity it lists, lookup)."""


def told_histories(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """Who may see a history sees what the fields were that they may see. (What they may not see is looked for in every answer.)"""
    changed = [row for row in trial.world.rows if row.former]
    if not changed:
        return
    row = dice.choice(changed)
    answer = trial.ask(soul, "get", f"{V1}/records/{row.entity}/{row.id}/history?limit=500")
    if trial.oracle.sees(soul, row) and trial.oracle.may(soul, "history", row):
        wanted = {str(value) for name, value in row.former if value is not None and trial.oracle.field(soul, row.entity, name) in SHOWN}
        missing = {value for value in wanted if value not in answer.text}
        assert answer.status_code == 200 and not missing, trial.story(soul, f"is not told of {missing}", answer.text)


def timelines(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """The saves of a record, and of what points at it as far as one may see those and their history."""
    row = dice.choice([row for row in trial.world.rows if row.entity in ("qfirm", "qdeal")])
    answer = trial.ask(soul, "get", f"{V1}/records/{row.entity}/{row.id}/timeline?limit=500")
    if not trial.oracle.sees(soul, row) or not trial.oracle.may(soul, "history", row):
        assert answer.status_code in (403, 404), trial.story(soul, "has the timeline of what is not there")
        return
    found = {(item["record"]["entity"], item["record"]["id"]) for item in answer.json["items"]}
    told = [slip for slip in trial.world.of("qslip") if slip.values["qslip_about"] is row and trial.oracle.field(soul, "qslip", "qslip_about") in SHOWN]
    wanted = {(slip.entity, slip.id) for slip in told if trial.oracle.sees(soul, slip) and trial.oracle.may(soul, "history", slip)}
    assert found == {(row.entity, row.id), *wanted}, trial.story(soul, f"is told of {found} beside the record instead of {wanted}")


def related_lists(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """The records that point here, in the list of all of them and on the record's page."""
    name, (entity, other, lookup) = dice.choice([(name, said) for name, said in _RELATED.items() if said[1] in trial.world.entities])
    rows = trial.world.of(entity)
    if not rows:
        return
    row = dice.choice(rows)
    answer = trial.visit(soul, f"/{entity}/{row.id}/related/{name}")
    may = there(trial, soul, row) and trial.oracle.reads(soul, other) and trial.oracle.field(soul, other, lookup) in SHOWN
    assert (answer.status_code == 200) == may, trial.story(soul, f"is shown {answer.status_code}, may{'' if may else ' not'} see {name}", answer.text)
    wanted = {found.id for found in seen_rows(trial, soul, other) if found.values[lookup] is row} if may else set()
    pages = [answer.text] if not may else [answer.text, trial.visit(soul, f"/{entity}/{row.id}").text]
    for text in pages:
        found = {int(id) for id in re.findall(rf'href="/{other}/(\d+)"', text.partition('id="related-')[2] if text is not answer.text else text)}
        assert found & {one.id for one in trial.world.of(other)} >= wanted, trial.story(soul, f"is shown {found} of {name} instead of {wanted}", text)
    shown = {int(id) for id in re.findall(rf'href="/{other}/(\d+)"', answer.text)}
    assert not may or shown == wanted, trial.story(soul, f"is shown {shown} of {name} instead of {wanted}", answer.text)


def bins(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """What is in the bin, for who may delete; and one of it out again."""
    entity = an_entity(trial, dice)
    answer = trial.visit(soul, f"/{entity}/?deleted=1")
    reads = trial.oracle.reads(soul, entity)
    wanted = 404 if not reads else 403 if trial.oracle.scope(soul, "delete", entity) == "none" else 200
    assert answer.status_code == wanted, trial.story(soul, f"is shown {answer.status_code} instead of {wanted}", answer.text)
    gone = [row for row in trial.world.rows if row.entity == entity and row.deleted]
    if wanted == 200:
        shown = {row.id for row in gone if f"/{entity}/{row.id}" in re.findall(r'"(/\w+/\d+)(?:/restore)?"', answer.text)}
        seen = {row.id for row in gone if trial.oracle.sees(soul, row)}
        assert shown == seen, trial.story(soul, f"is shown {shown} in the bin instead of {seen}", answer.text)
    if gone:
        _restored(trial, soul, dice.choice(gone), dice)


def _restored(trial: Trial, soul: Soul, row: Row, dice: random.Random) -> None:
    if dice.random() < 0.5:
        restores(trial, soul, row)
        return
    wanted = may_delete(trial, soul, row, 303)
    answer = trial.visit(soul, f"/{row.entity}/{row.id}/restore", {})
    assert answer.status_code == wanted or (answer.status_code, wanted) == (409, 303), trial.story(soul, f"is answered {answer.status_code}", answer.text)
    for other in trial.world.rows:
        if other.deleted and stored(trial, other) is not None:
            assert answer.status_code == 303, trial.story(soul, "restored what it may not")
            other.deleted = False
    trial.changed()


def boards(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """The columns of a board count what may be seen, and sum nothing else."""
    entity = an_entity(trial, dice)
    view = next(view for view in trial.world.made.views if view["entity"] == entity)
    limits = [view["filter"]] if "filter" in view else []
    answer = trial.visit(soul, f"/{entity}/?show=board&group={entity}_size")
    heads = {value: int(count.replace(",", "")) for value, count in _HEAD.findall(answer.text)}
    if heads:
        assert trial.oracle.field(soul, entity, f"{entity}_size") in SHOWN, trial.story(soul, "is shown a board of what is hidden", answer.text)
        rows = [row for row in seen_rows(trial, soul, entity) if all(trial.oracle.holds(text, row, soul) for text in limits)]
        wanted = {value: sum((row.values[f"{entity}_size"] or "") == value for row in rows) for value in heads}
        assert heads == wanted, trial.story(soul, f"is shown columns of {heads} instead of {wanted}", answer.text)


def sums(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """Over related records: those one may see."""
    firms = seen_rows(trial, soul, "qfirm")
    if not firms:
        return
    row, oracle = dice.choice(firms), trial.oracle
    deals = [deal for deal in seen_rows(trial, soul, "qdeal") if deal.values["qdeal_firm"] is row]
    amounts = [deal.values["qdeal_amount"] for deal in deals if deal.values["qdeal_amount"] is not None]
    source, wanted = dice.choice([("SUM(qdeals.qdeal_amount)", sum(amounts)), ("MAX(qdeals.qdeal_amount)", max(amounts, default=None))])
    body = {"entity": "qfirm", "expression": source, "id": row.id, "engine": dice.choice(["python", "sql"])}
    answer = trial.ask(soul, "post", f"{V1}/expressions/evaluate", json=body)
    there = oracle.reads(soul, "qdeal") and all(oracle.field(soul, "qdeal", name) in SHOWN for name in ("qdeal_firm", "qdeal_amount"))
    assert (answer.status_code == 200) == there, trial.story(soul, f"is answered {codes(answer)}", answer.text)
    if there:
        value = answer.json["value"]
        assert (None if value is None else int(value)) == wanted, trial.story(soul, f"is told {answer.text} instead of {wanted}")


STORIES = (told_histories, timelines, related_lists, bins, boards, sums)
