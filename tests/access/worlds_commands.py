"""The command line, in this process, as one person: query, export, import and eval know no other door than the site does."""

from __future__ import annotations

import csv
import gc
import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner, Result

from fieldsmith.cli.main import main
from tests.access.worlds import Row, Soul
from tests.access.worlds_reading import a_row, an_entity, seen_rows
from tests.access.worlds_trial import SHOWN, Trial
from tests.access.worlds_writing import stored


def run(trial: Trial, soul: Soul, *arguments: str, said: str = "") -> Result:
    """The command as `soul`; what it says is judged like an answer of the site. `said`: what was told it in a file."""
    result = command(trial, *arguments, "--as", soul.name.lower())
    trial.told(soul, " ".join([*arguments, said]), result.output)
    return result


def command(trial: Trial, *arguments: str) -> Result:
    """The command as the operator, unless the arguments say otherwise."""
    settings = trial.workspace.settings
    environment: dict[str, str | None] = {
        "FIELDSMITH_HOME": str(settings.home),
        "FIELDSMITH_DATABASE": settings.database,
        "FIELDSMITH_PASSWORD_MEMORY_KIB": "8",
        "LC_ALL": "C.UTF-8",
    }
    rarely = gc.get_threshold()
    result = CliRunner(catch_exceptions=False).invoke(main, list(arguments), env=environment)
    gc.set_threshold(*rarely)  # an import collects garbage more rarely, for the rest of its process
    trial.log.append(f"{' '.join(arguments)} → {result.exit_code}")
    return result


def queries(trial: Trial, soul: Soul, dice: random.Random) -> None:
    entity = an_entity(trial, dice)
    fields = [item["name"] for item in trial.world.entities[entity]["fields"] if trial.oracle.field(soul, entity, item["name"]) != "none"]
    result = run(trial, soul, "query", entity, "--columns", ",".join(["id", *fields]), "--limit", "500", "--json")
    assert (result.exit_code == 0) == trial.oracle.reads(soul, entity), trial.story(soul, "queries what is not there", result.output)
    if result.exit_code == 0:
        found = {item["id"] for item in json.loads(result.stdout)}
        assert found == {row.id for row in seen_rows(trial, soul, entity)}, trial.story(soul, f"queries {found}")


def queries_hidden_columns(trial: Trial, soul: Soul, dice: random.Random) -> None:
    entity = an_entity(trial, dice)
    name = dice.choice(trial.world.entities[entity]["fields"])["name"]
    result = run(trial, soul, "query", entity, "--columns", name, "--json")
    assert (result.exit_code == 0) == (trial.oracle.field(soul, entity, name) != "none"), trial.story(soul, f"queries {name}", result.output)


def exports(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """What may be exported, without hidden and masked fields."""
    entity = an_entity(trial, dice)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "all.csv"
        result = run(trial, soul, "export", entity, str(target))
        allowed = trial.oracle.scope(soul, "export", entity) != "none"
        assert (result.exit_code == 0) == allowed, trial.story(soul, "exports", result.output)
        text = target.read_text("utf-8-sig") if target.exists() else ""
    trial.told(soul, "", text)
    if allowed:
        rows = list(csv.DictReader(text.splitlines()))
        wanted = {str(row.id) for row in trial.world.of(entity) if trial.oracle.may(soul, "export", row) and trial.oracle.sees(soul, row)}
        assert {row["id"] for row in rows} == wanted, trial.story(soul, f"exports {sorted(row['id'] for row in rows)} instead of {sorted(wanted)}")
        fields = {item["name"] for item in trial.world.entities[entity]["fields"]}
        shown = {name for name in fields if trial.oracle.field(soul, entity, name) in SHOWN}
        assert not rows or rows[0].keys() & fields == shown, trial.story(soul, f"exports {sorted(rows[0].keys() & fields)} instead of {sorted(shown)}")


def imports(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """A file that changes a record by its code: only what may be imported and changed is."""
    row = a_row(trial, dice)
    entity, code = row.entity, row.values[f"{row.entity}_code"]
    if code is None or row.deleted:
        return
    value, before = trial.world.marker("text"), stored(trial, row)
    with TemporaryDirectory() as folder:
        file, rejects = Path(folder) / "in.csv", Path(folder) / "refused.csv"
        file.write_text(f"{entity}_code,{entity}_note\n{code},{value}\n", "utf-8")
        run(trial, soul, "import", entity, str(file), "--match", f"{entity}_code", "--rejects", str(rejects), "--json")
        told = rejects.read_text("utf-8-sig") if rejects.exists() else ""
    trial.told(soul, f"{code} {value} {entity}_code {entity}_note", told)
    after = stored(trial, row)
    allowed = may_import(trial, soul, row)
    assert (after != before) == allowed, trial.story(soul, f"{'may' if allowed else 'may not'} import", told)
    if allowed:
        row.put(f"{entity}_note", value)
        trial.changed()


def may_import(trial: Trial, soul: Soul, row: Row) -> bool:
    """Who imports must hold import, create and update, whatever the file turns out to hold; import and update must reach the record (decided)."""
    oracle, entity = trial.oracle, row.entity
    if oracle.scope(soul, "create", entity) == "none" or not all(oracle.may(soul, right, row) for right in ("import", "update", "read")):
        return False
    return oracle.field(soul, entity, f"{entity}_note") == "edit" and oracle.field(soul, entity, f"{entity}_code") in SHOWN


def evaluates_by_command(trial: Trial, soul: Soul, dice: random.Random) -> None:
    row = a_row(trial, dice)
    name = f"{row.entity}_{dice.choice(['code', 'note', 'amount'])}"
    result = run(trial, soul, "eval", name, "--entity", row.entity, "--record", str(row.id), "--json")
    allowed = not row.deleted and trial.oracle.sees(soul, row) and trial.oracle.field(soul, row.entity, name) in SHOWN
    assert (result.exit_code == 0) == allowed, trial.story(soul, f"evaluates {name}", result.output)


COMMANDS = (queries, queries_hidden_columns, exports, imports, evaluates_by_command)
