"""The paths that change records. What the oracle allows must work, and is put into the world; what it refuses must change nothing."""

from __future__ import annotations

import random
from typing import Any

import sqlalchemy as sa

from tests.access.worlds import Row, Soul, recycle
from tests.access.worlds_expected import expect_item
from tests.access.worlds_reading import a_row
from tests.access.worlds_trial import V1, Trial


def stored(trial: Trial, row: Row) -> Any:
    """The record as the database holds it, None where it is not live."""
    with trial.workspace.read() as work:
        table = work.schema.table(row.entity)
        found = work.connection.execute(sa.select(table).where(table.c.id == row.id, table.c.deleted_at.is_(None))).first()
        return None if found is None else tuple(found)


def may_write(trial: Trial, soul: Soul, row: Row, name: str) -> int:
    """The status a change of one field must be answered with."""
    if trial.oracle.reads(soul, row.entity) and trial.oracle.scope(soul, "update", row.entity) == "none":
        return 403
    if row.deleted or not trial.oracle.sees(soul, row):
        return 404
    if not trial.oracle.may(soul, "update", row):
        return 403
    return 200 if trial.oracle.field(soul, row.entity, name) == "edit" else 422


def patches(trial: Trial, soul: Soul, dice: random.Random) -> None:
    for _ in range(2):
        row = a_row(trial, dice)
        name = f"{row.entity}_{dice.choice(['code', 'note', 'amount'])}"
        value = trial.world.marker("integer" if name.endswith("amount") else "text")
        before = stored(trial, row)
        wanted = may_write(trial, soul, row, name)
        answer = trial.ask(soul, "patch", f"{V1}/records/{row.entity}/{row.id}", json={name: value})
        assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}", answer.text)
        if wanted == 200:
            row.put(name, value)
            trial.changed()
            expect_item(trial, soul, row, answer.json)
        else:
            assert stored(trial, row) == before, trial.story(soul, "changed what it may not")


def gives_away(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """A change of owner: only to where the record stays within reach, but for who may hand it over."""
    row, other = a_row(trial, dice), dice.choice([soul for soul in trial.world.souls if soul.active])
    before, wanted, former = stored(trial, row), may_write(trial, soul, row, "owner"), row.owner
    if wanted == 422 and other is former and trial.oracle.field(soul, row.entity, "owner") == "read":
        wanted = 200  # what is locked may be sent as it is
    elif wanted == 200:
        if not trial.oracle.administers(soul) and other is not former and not user_seen(trial, soul, other):
            wanted = 422
        else:
            handing = trial.oracle.may(soul, "assign", row)
            row.owner = other
            wanted = 200 if handing or (trial.oracle.may(soul, "update", row) and trial.oracle.sees(soul, row)) else 403
    answer = trial.ask(soul, "patch", f"{V1}/records/{row.entity}/{row.id}", json={"owner": other.id})
    assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}", answer.text)
    if wanted != 200:
        row.owner = former
        assert stored(trial, row) == before, trial.story(soul, "gave away what it may not")
    trial.changed()


def user_seen(trial: Trial, soul: Soul, other: Soul) -> bool:
    """May `soul` read the user record of `other`, as a record that owns itself?"""
    return trial.oracle.sees(soul, Row("user", {}, other))


def deletes_and_restores(trial: Trial, soul: Soul, dice: random.Random) -> None:
    row = a_row(trial, dice)
    if row.deleted:
        restores(trial, soul, row)
        return
    wanted = may_delete(trial, soul, row, 204)
    answer = trial.ask(soul, "delete", f"{V1}/records/{row.entity}/{row.id}")
    assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}", answer.text)
    assert (stored(trial, row) is None) == (wanted == 204), trial.story(soul, "deleted what it may not")
    if wanted == 204:
        recycle(trial.world, row)
        trial.changed()


def may_delete(trial: Trial, soul: Soul, row: Row, done: int) -> int:
    if trial.oracle.reads(soul, row.entity) and trial.oracle.scope(soul, "delete", row.entity) == "none":
        return 403
    return 404 if not trial.oracle.sees(soul, row) else done if trial.oracle.may(soul, "delete", row) else 403


def restores(trial: Trial, soul: Soul, row: Row) -> None:
    """Only by who may delete it; what depends on something else in the bin may be refused for that."""
    wanted = may_delete(trial, soul, row, 200)
    answer = trial.ask(soul, "post", f"{V1}/records/{row.entity}/{row.id}/actions/restore", json={})
    if answer.status_code == 409 and wanted == 200:
        return
    assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}", answer.text)
    assert (stored(trial, row) is not None) == (wanted == 200), trial.story(soul, "restored what it may not")
    if wanted == 200:
        for other in trial.world.rows:  # its details came back with it
            if other.deleted and stored(trial, other) is not None:
                other.deleted = False
        trial.changed()


def creates(trial: Trial, soul: Soul, dice: random.Random) -> None:
    entity = dice.choice(list(trial.world.entities))
    row, sent = new_row(trial, soul, dice, entity)
    wanted = may_create(trial, soul, row, sent)
    answer = trial.ask(soul, "post", f"{V1}/records/{entity}", json=sent)
    assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}", answer.text)
    if wanted == 201:
        row.id = answer.json["id"]
        trial.world.rows.append(row)
        trial.changed()
        expect_item(trial, soul, row, answer.json)


def new_row(trial: Trial, soul: Soul, dice: random.Random, entity: str) -> tuple[Row, dict[str, Any]]:
    """A record to be made by `soul`, of a master anywhere, and what to send for it."""
    fields = trial.world.entities[entity]["fields"]
    row = Row(entity, {item["name"]: [] if item["type"] == "many_to_many" else None for item in fields}, soul)
    sent: dict[str, Any] = {}
    row.values[f"{entity}_name"] = sent[f"{entity}_name"] = trial.world.marker("text")
    for item in fields:
        if item.get("owned") and trial.world.of(item["to"]):
            row.values[item["name"]] = dice.choice(trial.world.of(item["to"]))
            sent[item["name"]] = row.values[item["name"]].id
    return row, sent


def may_create(trial: Trial, soul: Soul, row: Row, sent: dict[str, Any]) -> int:
    """The status a new record must be answered with."""
    oracle = trial.oracle
    if not oracle.reads(soul, row.entity):
        return 404
    if oracle.scope(soul, "create", row.entity) == "none":
        return 403
    owned = [item for item in trial.world.entities[row.entity]["fields"] if item.get("owned")]
    if any(oracle.field(soul, row.entity, name) != "edit" for name in sent) or any(row.values[item["name"]] is None for item in owned):
        return 422
    if any(not oracle.sees(soul, row.values[item["name"]]) for item in owned):
        return 422
    return 201 if oracle.may(soul, "create", row) and oracle.sees(soul, row) else 403


def saves_in_bulk(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """Each row on its own: what each single call would have answered; more than one only with the right to mass-change."""
    entity = dice.choice(list(trial.world.entities))
    rows = dice.sample(trial.world.of(entity), min(3, len(trial.world.of(entity))))
    name = f"{entity}_note"
    values = [trial.world.marker("text") for _ in rows]
    wanted = wanted_together(trial, soul, rows, name)
    body = {"mode": "each", "update": [{"id": row.id, name: value} for row, value in zip(rows, values, strict=True)]}
    answer = trial.ask(soul, "post", f"{V1}/records/{entity}/bulk", json=body)
    if not trial.oracle.reads(soul, entity):
        assert answer.status_code == 404, trial.story(soul, "saves what is not there")
    elif rows:
        found = [result["status"] for result in answer.json.get("results", ())]
        assert found == wanted, trial.story(soul, f"is answered {found} instead of {wanted}", answer.text)
        for row, value, status in zip(rows, values, wanted, strict=True):
            if status == 200:
                row.put(name, value)
        trial.changed()


def wanted_together(trial: Trial, soul: Soul, rows: list[Row], name: str) -> list[int]:
    """The statuses of changes of one field in one call: more than one needs the right to mass-change."""
    alone = [may_write(trial, soul, row, name) for row in rows]
    if len(rows) < 2:
        return alone
    if trial.oracle.scope(soul, "mass_change", rows[0].entity) == "none":
        return [403] * len(rows)
    return [status if status == 404 or trial.oracle.may(soul, "mass_change", row) else 403 for status, row in zip(alone, rows, strict=True)]


def upserts(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """By the code of a record that is there: changed just where a patch would be; nobody learns of codes of others."""
    row = a_row(trial, dice)
    code, note = row.values[f"{row.entity}_code"], f"{row.entity}_note"
    if code is None or row.deleted:
        return
    before, value = stored(trial, row), trial.world.marker("text")
    answer = trial.ask(soul, "put", f"{V1}/records/{row.entity}/by/{row.entity}_code/{code}", json={note: value})
    oracle = trial.oracle
    if not oracle.reads(soul, row.entity):
        wanted: tuple[int, ...] = (404,)
    elif oracle.field(soul, row.entity, f"{row.entity}_code") not in ("read", "edit"):
        wanted = (400,)
    elif not oracle.sees(soul, row):
        wanted = (403, 404, 409, 422)  # as a new record with a code that is taken
    else:
        wanted = (may_write(trial, soul, row, note),)
    assert answer.status_code in wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}", answer.text)
    if answer.status_code == 200:
        row.put(note, value)
        trial.changed()
    else:
        assert stored(trial, row) == before, trial.story(soul, "changed what it may not")


WRITING = (patches, gives_away, deletes_and_restores, creates, saves_in_bulk, upserts)
