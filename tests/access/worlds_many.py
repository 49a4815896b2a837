"""Many records at once: bulk calls, each on its own or all together, and files with good and bad rows."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.access.worlds import Row, Soul, recycle
from tests.access.worlds_commands import may_import, run
from tests.access.worlds_reading import an_entity
from tests.access.worlds_trial import V1, Trial
from tests.access.worlds_writing import may_create, may_delete, new_row, stored, wanted_together


def saves_together(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """Creations, changes and deletions in one call: each as it would be answered alone, or none at all where one is refused."""
    entity, mode = an_entity(trial, dice), dice.choice(["each", "all"])
    rows = dice.sample(trial.world.of(entity), min(3, len(trial.world.of(entity))))
    doomed, changed = (rows[:1], rows[1:]) if dice.random() < 0.5 else ([], rows[:2])
    note = f"{entity}_note"
    values = [trial.world.marker("text") for _ in changed]
    made, sent = new_row(trial, soul, dice, entity)
    statuses = [may_create(trial, soul, made, sent), *wanted_together(trial, soul, changed, note), *(may_delete(trial, soul, row, 204) for row in doomed)]
    update = [{"id": row.id, note: value} for row, value in zip(changed, values, strict=True)]
    before = [stored(trial, row) for row in rows]
    body = {"mode": mode, "create": [sent], "update": update, "delete": [row.id for row in doomed]}
    answer = trial.ask(soul, "post", f"{V1}/records/{entity}/bulk", json=body)
    refused = not trial.oracle.reads(soul, entity) or (mode == "all" and not all(status < 400 for status in statuses))
    if refused:
        assert 400 <= answer.status_code < 500, trial.story(soul, f"saves together what is answered {statuses} alone", answer.text)
        assert [stored(trial, row) for row in rows] == before, trial.story(soul, "changed part of what is refused")
        return
    found = [result["status"] for result in answer.json.get("results", ())]
    assert found == statuses, trial.story(soul, f"is answered {found} instead of {statuses}", answer.text)
    if statuses[0] == 201:
        made.id = answer.json["results"][0]["id"]
        trial.world.rows.append(made)
    for row, value, status in zip(changed, values, statuses[1:], strict=False):
        if status == 200:
            row.put(note, value)
    for row in doomed:
        assert (stored(trial, row) is None) == (statuses[-1] == 204), trial.story(soul, "deleted what it may not")
        if statuses[-1] == 204:
            recycle(trial.world, row)
    trial.changed()


def imports_many(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """A file with records that are there, some of them hidden or not to be changed, and a new one: what may be is taken, the rest rejected."""
    entity = an_entity(trial, dice)
    code, note, name = (f"{entity}_{part}" for part in ("code", "note", "name"))
    known = [row for row in trial.world.of(entity) if row.values[code] is not None]
    rows = dice.sample(known, min(3, len(known)))
    lines: list[dict[str, Any]] = [{code: row.values[code], note: trial.world.marker("text"), name: row.values[name]} for row in rows]
    made = Row(entity, {item["name"]: [] if item["type"] == "many_to_many" else None for item in trial.world.entities[entity]["fields"]}, soul)
    fresh = {code: trial.world.marker("text"), note: trial.world.marker("text"), name: trial.world.marker("text")}
    made.values |= fresh
    before = [stored(trial, row) for row in rows]
    result, rejected = _import(trial, soul, entity, [*lines, fresh])
    granted = all(trial.oracle.scope(soul, right, entity) != "none" for right in ("read", "import", "create", "update"))
    whole = granted and all(trial.oracle.field(soul, entity, column) == "edit" for column in (code, note, name))
    taken = [granted and may_import(trial, soul, row) for row in rows]
    changed = [stored(trial, row) != old for row, old in zip(rows, before, strict=True)]
    assert changed == taken, trial.story(soul, f"imported {changed} instead of {taken}", rejected)
    for row, line, done in zip(rows, lines, taken, strict=True):
        if done:
            row.put(note, line[note])
    makes = granted and not any(item.get("owned") for item in trial.world.entities[entity]["fields"])
    makes = makes and trial.oracle.field(soul, entity, code) == "edit" and all(trial.oracle.may(soul, right, made) for right in ("create", "import"))
    created = bool(result.get("created"))
    assert created == makes or (makes and not whole), trial.story(soul, f"{'may' if makes else 'may not'} make one by import: {result}", rejected)
    if created:
        made.values |= {column: None for column in fresh if trial.oracle.field(soul, entity, column) != "edit"}
        _find_new(trial, made, code)
    if whole:
        refused = {line[code] for line in csv.DictReader(rejected.splitlines())}
        wanted = {line[code] for line, done in zip([*lines, fresh], [*taken, makes], strict=True) if not done}
        assert refused == wanted, trial.story(soul, f"has {refused} rejected instead of {wanted}", rejected)
    trial.changed()


def _import(trial: Trial, soul: Soul, entity: str, lines: list[dict[str, Any]]) -> tuple[dict[str, Any], str]:
    with TemporaryDirectory() as folder:
        file, rejects = Path(folder) / "in.csv", Path(folder) / "refused.csv"
        with file.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
        said = " ".join(str(value) for line in lines for value in [*line, *line.values()])
        result = run(trial, soul, "import", entity, str(file), "--match", f"{entity}_code", "--rejects", str(rejects), "--json", said=said)
        told = rejects.read_text("utf-8-sig") if rejects.exists() else ""
    trial.told(soul, said, told)
    return (json.loads(result.stdout) if result.exit_code == 0 else {}), told


def _find_new(trial: Trial, made: Row, code: str) -> None:
    root = next(person for person in trial.people if trial.oracle.administers(person))
    answer = trial.ask(root, "get", f'{V1}/records/{made.entity}?columns=id&filter={code} = "{made.values[code]}"')
    [item] = answer.json["items"]
    made.id = item["id"]
    trial.world.rows.append(made)
