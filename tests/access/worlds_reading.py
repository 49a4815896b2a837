"""The paths that reveal records: lists, filters, sorts, paths, search, pickers, history, expressions, metadata. Each tries one person."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import quote

from tests.access.worlds import Row, Soul
from tests.access.worlds_expected import expect_item
from tests.access.worlds_trial import SHOWN, V1, Trial


def an_entity(trial: Trial, dice: random.Random) -> str:
    return dice.choice(list(trial.world.entities))


def a_row(trial: Trial, dice: random.Random) -> Row:
    return dice.choice(trial.world.rows)


def seen_rows(trial: Trial, soul: Soul, entity: str) -> list[Row]:
    return [row for row in trial.world.of(entity) if trial.oracle.sees(soul, row)]


def ids(answer: Any) -> set[int]:
    return {item["id"] for item in answer.json["items"]}


def lists(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """Every entity whole: just the records and fields there may be, and as many as are counted."""
    for entity in trial.world.entities:
        answer = trial.ask(soul, "get", f"{V1}/records/{entity}?count=exact&limit=500")
        if not trial.oracle.reads(soul, entity):
            assert answer.status_code == 404, trial.story(soul, "finds an entity that is not there")
            continue
        rows = seen_rows(trial, soul, entity)
        assert answer.status_code == 200, trial.story(soul, "is denied the list", answer.text)
        wanted = {row.id for row in rows}
        assert ids(answer) == wanted, trial.story(soul, f"sees {sorted(ids(answer))} instead of {sorted(wanted)}")
        assert answer.json["count"] == len(rows), trial.story(soul, f"counts {answer.json['count']} instead of {len(rows)}")
        for item in answer.json["items"]:
            expect_item(trial, soul, next(row for row in rows if row.id == item["id"]), item)


def gets(trial: Trial, soul: Soul, dice: random.Random) -> None:
    for row in dice.sample(trial.world.rows, 2):
        answer = trial.ask(soul, "get", f"{V1}/records/{row.entity}/{row.id}")
        if row.deleted or not trial.oracle.sees(soul, row):
            assert answer.status_code == 404 and "ETag" not in answer.headers, trial.story(soul, "gets what is not there")
        else:
            assert answer.status_code == 200, trial.story(soul, "is denied a record", answer.text)
            expect_item(trial, soul, row, answer.json)


def filters(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """By a value of some record: a hidden field answers as an unknown one, and other filters find what may be seen."""
    row = a_row(trial, dice)
    values = [(name, value) for name, value in trial.world.values(row) if not name.endswith(("_twice", "_file"))]
    if not values:
        return
    name, value = dice.choice(values)
    text = f"{name} = {value}" if isinstance(value, int) else f'{name} = "{value}"'
    answer = trial.ask(soul, "get", f"{V1}/records/{row.entity}?count=exact&filter={quote(text)}")
    if not trial.oracle.reads(soul, row.entity):
        assert answer.status_code == 404, trial.story(soul, "filters what is not there")
    elif trial.oracle.field(soul, row.entity, name) not in SHOWN:
        unknown = trial.ask(soul, "get", f"{V1}/records/{row.entity}?count=exact&filter={quote(text.replace(name, 'zz' + name[2:]))}")
        assert (answer.status_code, codes(answer)) == (400, codes(unknown)), trial.story(soul, f"filters by {name}", answer.text)
    else:
        same = {other.id for other in seen_rows(trial, soul, row.entity) if (name, value) in trial.world.values(other)}
        assert answer.status_code == 200 and ids(answer) == same, trial.story(soul, f"finds {answer.text} instead of {same}")


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(problem["code"], problem["pointer"]) for problem in answer.json.get("errors", ())]


def sorts(trial: Trial, soul: Soul, dice: random.Random) -> None:
    entity = an_entity(trial, dice)
    name = dice.choice(trial.world.entities[entity]["fields"])["name"]
    answer = trial.ask(soul, "get", f"{V1}/records/{entity}?sort=-{name}&columns=id")
    if not trial.oracle.reads(soul, entity):
        assert answer.status_code == 404, trial.story(soul, "sorts what is not there")
    elif trial.oracle.field(soul, entity, name) not in SHOWN:
        unknown = trial.ask(soul, "get", f"{V1}/records/{entity}?sort=-zz{name[2:]}&columns=id")
        assert (answer.status_code, codes(answer)) == (400, codes(unknown)), trial.story(soul, f"sorts by {name}", answer.text)
    elif answer.status_code != 400:  # some types cannot be sorted by
        assert ids(answer) == {row.id for row in seen_rows(trial, soul, entity)}, trial.story(soul, "sorts others")


PATHS = (("qdeal", "qdeal_firm", "qfirm"), ("qpart", "qpart_deal", "qdeal"), ("qslip", "qslip_deal", "qdeal"))


def columns_through_lookups(trial: Trial, soul: Soul, dice: random.Random) -> None:
    entity, lookup, target = dice.choice([path for path in PATHS if path[0] in trial.world.entities])
    field = f"{target}_{dice.choice(['code', 'note', 'amount'])}"
    answer = trial.ask(soul, "get", f"{V1}/records/{entity}?columns={lookup}.{field}&limit=500")
    if not trial.oracle.reads(soul, entity):
        assert answer.status_code == 404, trial.story(soul, "lists what is not there")
    elif trial.oracle.field(soul, entity, lookup) not in SHOWN or trial.oracle.field(soul, target, field) == "none":
        masked = trial.oracle.field(soul, entity, lookup) == "masked" and answer.status_code == 200
        assert answer.status_code == 400 or masked, trial.story(soul, f"follows {lookup}.{field}", answer.text)
    else:
        assert answer.status_code == 200, trial.story(soul, "is denied a path", answer.text)
        for item in answer.json["items"]:
            row = trial.find(entity, item["id"])
            assert row is not None
            end = row.values[lookup]
            shown = end is not None and trial.oracle.sees(soul, end)
            value = item[f"{lookup}.{field}"]
            if trial.oracle.field(soul, target, field) == "masked":
                assert value is None or (shown and str(value).startswith("••••")), trial.story(soul, f"sees {value!r}")
            else:
                assert value == (end.values[field] if shown else None), trial.story(soul, f"sees {value!r} through a lookup")


def filters_through_lookups(trial: Trial, soul: Soul, dice: random.Random) -> None:
    entity, lookup, target = dice.choice([path for path in PATHS if path[0] in trial.world.entities])
    rows = [row for row in trial.world.of(entity) if row.values[lookup] is not None and row.values[lookup].values[f"{target}_code"]]
    if not rows:
        return
    row = dice.choice(rows)
    text = f'{lookup}.{target}_code = "{row.values[lookup].values[f"{target}_code"]}"'
    answer = trial.ask(soul, "get", f"{V1}/records/{entity}?count=exact&columns=id&filter={quote(text)}")
    oracle = trial.oracle
    if not oracle.reads(soul, entity):
        assert answer.status_code == 404, trial.story(soul, "filters what is not there")
    elif oracle.field(soul, entity, lookup) not in SHOWN or oracle.field(soul, target, f"{target}_code") not in SHOWN:
        assert answer.status_code == 400, trial.story(soul, "filters along a path", answer.text)
    else:
        end = row.values[lookup]
        wanted = {other.id for other in seen_rows(trial, soul, entity) if other.values[lookup] is end} if oracle.sees(soul, end) else set()
        assert answer.status_code == 200 and ids(answer) == wanted, trial.story(soul, f"finds {answer.text} instead of {wanted}")


def searches(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """By a word that only one field of one record has: search, picker and palette find it just where that may be seen."""
    row = a_row(trial, dice)
    words = [(name, value) for name, value in row.values.items() if isinstance(value, str) and value.startswith("mk") and name != "qfirm_file"]
    if not words:
        return
    name, word = dice.choice(words)
    found = trial.ask(soul, "get", f"{V1}/search?q={word}")
    hits = {(item["entity"], item["id"]) for item in found.json["items"]}
    shown = not row.deleted and trial.oracle.sees(soul, row) and trial.oracle.field(soul, row.entity, name) in SHOWN
    assert hits == ({(row.entity, row.id)} if shown else set()), trial.story(soul, f"finds {hits} by {name}", found.text)
    listed = trial.ask(soul, "get", f"{V1}/records/{row.entity}?search={word}&count=exact")
    if trial.oracle.reads(soul, row.entity):
        assert ids(listed) == ({row.id} if shown else set()), trial.story(soul, f"lists {listed.text} by {name}")
    picked = trial.visit(soul, f"/{row.entity}/lookup?q={word}")
    if trial.oracle.reads(soul, row.entity) and picked.status_code == 200:
        assert {item["value"] for item in picked.json["items"]} == ({str(row.id)} if shown else set()), trial.story(soul, f"picks by {name}", picked.text)
    palette = trial.visit(soul, f"/palette?q={word}")
    assert (f"/{row.entity}/{row.id}" in palette.text) == shown, trial.story(soul, f"is taken to it by {name}", palette.text)


def histories(trial: Trial, soul: Soul, dice: random.Random) -> None:
    row = a_row(trial, dice)
    for part in ("history", "timeline"):
        answer = trial.ask(soul, "get", f"{V1}/records/{row.entity}/{row.id}/{part}")
        if not trial.oracle.sees(soul, row):
            assert answer.status_code == 404, trial.story(soul, "has the history of what is not there")
        else:
            wanted = 200 if trial.oracle.may(soul, "history", row) else 403
            assert answer.status_code == wanted, trial.story(soul, "sees its history", answer.text)


def evaluates(trial: Trial, soul: Soul, dice: random.Random) -> None:
    row = a_row(trial, dice)
    name = f"{row.entity}_{dice.choice(['code', 'note', 'amount'])}"
    engine = dice.choice(["python", "sql"])
    answer = trial.ask(soul, "post", f"{V1}/expressions/evaluate", json={"entity": row.entity, "expression": name, "id": row.id, "engine": engine})
    oracle = trial.oracle
    if row.deleted or not oracle.sees(soul, row):
        assert answer.status_code == 404, trial.story(soul, "evaluates what is not there", answer.text)
    elif oracle.field(soul, row.entity, name) not in SHOWN:
        assert answer.status_code == 422, trial.story(soul, f"evaluates {name}", answer.text)
    else:
        assert answer.status_code == 200 and answer.json["value"] == row.values[name], trial.story(soul, f"is told {answer.text}")


def counts_in_expressions(trial: Trial, soul: Soul, dice: random.Random) -> None:
    firms = [row for row in trial.world.of("qfirm") if trial.oracle.sees(soul, row)]
    if not firms:
        return
    row = dice.choice(firms)
    asked = {"entity": "qfirm", "expression": "count(qdeals)", "id": row.id, "engine": dice.choice(["python", "sql"])}
    answer = trial.ask(soul, "post", f"{V1}/expressions/evaluate", json=asked)
    if not trial.oracle.reads(soul, "qdeal") or trial.oracle.field(soul, "qdeal", "qdeal_firm") not in SHOWN:
        assert answer.status_code == 422, trial.story(soul, "counts what is not there", answer.text)
    else:
        wanted = sum(deal.values["qdeal_firm"] is row for deal in seen_rows(trial, soul, "qdeal"))
        assert answer.status_code == 200 and answer.json["value"] == wanted, trial.story(soul, f"counts {answer.text} instead of {wanted}")


def completes(trial: Trial, soul: Soul, dice: random.Random) -> None:
    entity = an_entity(trial, dice)
    lookup = next((path[1] + "." for path in PATHS if path[0] == entity), "")
    for expression in ("", lookup, "user."):
        trial.ask(soul, "post", f"{V1}/expressions/complete", json={"entity": entity, "expression": expression, "position": len(expression)})
    trial.ask(soul, "post", f"{V1}/expressions/check", json={"entity": entity, "expression": f"{lookup}zzz"})


def reads_metadata(trial: Trial, soul: Soul, dice: random.Random) -> None:
    entity = an_entity(trial, dice)
    kind = dice.choice(["entity", "view", "layout", "choices", "tab", "app", "role", "sharing_rule", "rule", "record_type", "translation"])
    trial.ask(soul, "get", f"{V1}/metadata/{kind}")
    trial.ask(soul, "get", f"{V1}/metadata/entity/{entity}")
    trial.ask(soul, "get", f"{V1}/metadata/view/{entity}.all")
    trial.ask(soul, "get", dice.choice([f"{V1}/openapi.json", "/api/docs", f"/api/docs/{entity}"]))


def asks_for_access(trial: Trial, soul: Soul, dice: random.Random) -> None:
    row = a_row(trial, dice)
    answer = trial.ask(soul, "get", f"{V1}/records/{row.entity}/{row.id}/access")
    if not trial.oracle.sees(soul, row) or row.deleted:
        assert answer.status_code in (404, 200 if row.deleted and trial.oracle.sees(soul, row) else 404), trial.story(soul, "asks about what is not there")
    else:
        assert answer.status_code == 200, trial.story(soul, "is told nothing of access", answer.text)
        for right in ("read", "update", "delete"):
            assert answer.json[right] == trial.oracle.may(soul, right, row), trial.story(soul, f"is told {answer.json[right]} about {right}", answer.text)


READING = (
    lists,
    gets,
    filters,
    sorts,
    columns_through_lookups,
    filters_through_lookups,
    searches,
    histories,
    evaluates,
    counts_in_expressions,
    completes,
    reads_metadata,
    asks_for_access,
)
