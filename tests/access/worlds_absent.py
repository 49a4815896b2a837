"""What one may not see answers byte for byte as what is not there: by every route that names a record."""

from __future__ import annotations

import random
import re
from typing import Any

from tests.access.worlds import Row, Soul
from tests.access.worlds_reading import codes
from tests.access.worlds_trial import V1, Trial

NOBODY = 987_654_321
"""An id no record has."""
_CALLS: tuple[tuple[str, str, Any], ...] = (
    ("get", "", None),
    ("patch", "", {"%_note": "x"}),
    ("patch", "", {"owner": 1}),
    ("delete", "", None),
    ("get", "/history", None),
    ("get", "/timeline", None),
    ("get", "/access", None),
    ("get", "/shares", None),
    ("post", "/shares", {"user": 1}),
    ("patch", "/shares/1", {"access": "read"}),
    ("delete", "/shares/1", None),
    ("post", "/actions/restore", {}),
    ("post", "/actions/take", {}),
)
_PAGES: tuple[tuple[str, Any], ...] = (
    ("", None),
    ("/edit", None),
    ("/edit", {"%_note": "x", "version": "1"}),
    ("/form", {"%_note": "x"}),
    ("/delete", None),
    ("/delete", {"version": "1"}),
    ("/restore", {}),
    ("/history", None),
    ("/move", None),
    ("/move", {"group": "%_size", "to": "red", "version": "1"}),
    ("/path", {"value": "red"}),
    ("/sharing", None),
    ("/sharing", {"role": "r0"}),
    ("/sharing/1/remove", {}),
    ("/take", {}),
    ("/files/1", None),
    ("/related/qdeals", None),
)


def seems_absent(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """A record that is hidden, and an id nobody has."""
    hidden = [row for row in trial.world.rows if not trial.oracle.sees(soul, row)]
    if not hidden:
        return
    row = dice.choice(hidden)
    for method, part, body in dice.sample(_CALLS, 3):
        more = {} if body is None else {"json": _named(body, row)}
        answers = [trial.ask(soul, method, f"{V1}/records/{row.entity}/{id}{part}", **more) for id in (row.id, NOBODY)]
        _alike(trial, soul, row, answers)
    trial.visit(soul, "/")  # tells what was done before
    for part, form in dice.sample(_PAGES, 3):
        answers = [trial.visit(soul, f"/{row.entity}/{id}{part}", form and _named(form, row)) for id in (row.id, NOBODY)]
        _alike(trial, soul, row, answers)
    name = f"{row.entity}_note"
    mode = dice.choice(["each", "all"])
    bodies: list[tuple[str, Any]] = [
        (f"{V1}/records/{row.entity}/bulk", lambda id: {"mode": mode, "update": [{"id": id, name: "x"}]}),
        (f"{V1}/records/{row.entity}/bulk", lambda id: {"mode": mode, "delete": [id]}),
        (f"{V1}/expressions/evaluate", lambda id: {"entity": row.entity, "expression": "1 + 1", "id": id, "engine": "sql"}),
    ]
    path, body = dice.choice(bodies)
    _alike(trial, soul, row, [trial.ask(soul, "post", path, json=body(id)) for id in (row.id, NOBODY)])


def _named(body: dict[str, Any], row: Row) -> dict[str, Any]:
    return {name.replace("%", row.entity): value.replace("%", row.entity) if isinstance(value, str) else value for name, value in body.items()}


def _alike(trial: Trial, soul: Soul, row: Row, answers: list[Any]) -> None:
    hidden, absent = (_plain(answer, row) for answer in answers)
    assert hidden == absent, trial.story(soul, f"can tell {row.entity} {row.id} from what is not there:\n{_difference(hidden, absent)}")


def _plain(answer: Any, row: Row) -> tuple[Any, ...]:
    """Status, headers and text without the id that was asked for and what is new with every request."""

    def without(text: str) -> str:
        return re.sub(rf"(?<![\w-])({row.id}|{NOBODY})(?![\w-])", "#", text)

    said = answer.headers.get("X-Request-ID", "-")
    headers = sorted((name, without(value)) for name, value in answer.headers if name not in ("X-Request-ID", "Content-Length", "Set-Cookie"))
    return answer.status_code, headers, without(answer.text.replace(said, "~"))


def _difference(hidden: tuple[Any, ...], absent: tuple[Any, ...]) -> str:
    if hidden[:2] != absent[:2]:
        return f"{hidden[:2]}\n{absent[:2]}"
    at = next((at for at, (one, other) in enumerate(zip(hidden[2], absent[2], strict=False)) if one != other), 0)
    return f"{hidden[2][max(at - 100, 0) : at + 200]}\n{absent[2][max(at - 100, 0) : at + 200]}"


def entities_seem_absent(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """An entity one may not read, and a name no entity has: the same statuses and codes."""
    hidden = [entity for entity in trial.world.entities if not trial.oracle.reads(soul, entity)]
    if not hidden:
        return
    entity = dice.choice(hidden)
    row = next((row for row in trial.world.rows if row.entity == entity), None)
    id = row.id if row is not None else 1
    calls: list[tuple[str, str, Any]] = [
        ("get", "", None),
        ("get", "?search=mk0", None),
        ("get", f"?filter={entity}_note = 1", None),
        ("post", "", {f"{entity}_name": "x"}),
        ("post", "/bulk", {"update": [{"id": id}]}),
        ("put", f"/by/{entity}_code/x", {f"{entity}_note": "x"}),
        *((method, f"/{id}{part}", body and {name.replace("%", entity): value for name, value in body.items()}) for method, part, body in _CALLS),
    ]
    for method, part, body in dice.sample(calls, 4):
        more = {} if body is None else {"json": body}
        answers = [trial.ask(soul, method, f"{V1}/records/{name}{part}", **more) for name in (entity, "zznothing")]
        found = [(answer.status_code, codes(answer)) for answer in answers]
        assert found[0] == found[1], trial.story(soul, f"can tell {entity} from what is not there: {found}")
    for path in dice.sample(
        [f"{V1}/metadata/entity/%", f"{V1}/metadata/view/%.all", f"{V1}/metadata/entity/%/fields/%_size/choices", "/%/", f"/%/{id}", "/%/new"], 2
    ):
        statuses = [trial.visit(soul, path.replace("%", name)).status_code for name in (entity, "zznothing")]
        assert statuses[0] == statuses[1], trial.story(soul, f"can tell {entity} from what is not there: {statuses}")


ABSENT = (seems_absent, entities_seem_absent)
