"""200 publishes of random drafts per database, each killed without warning before one of its statements (`make fuzz`): old or new, never between.

`tests/bad_input/test_publish_crash.py` kills a dozen. FIELDSMITH_FUZZ_KILLS says how many, FIELDSMITH_FUZZ_SEED where chance begins.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from tests.bad_input.test_publish_crash import publisher, sound
from tests.desk import Desk
from tests.studio.conftest import CRATE, STATES, VIEW, Studio

KILLS = int(os.environ.get("FIELDSMITH_FUZZ_KILLS", "200"))
SEED = int(os.environ.get("FIELDSMITH_FUZZ_SEED", "0"))
LONGEST_STEP = 4  # statements from one kill to the next
Edits = list[tuple[Any, ...]]


def _field(chance: Random, name: str) -> dict[str, Any]:
    made = chance.choice(
        [
            {"type": "text", "unique": True},
            {"type": "decimal", "indexed": True},
            {"type": "currency"},
            {"type": "lookup", "to": "crate", "inverse": f"of_{name}"},
            {"type": "many_to_many", "to": "box"},
            {"type": "choice", "choices": "crate_state", "required": True, "default": "full"},
            {"type": "formula", "returns": "decimal", "expression": "LEN(name) * 2"},
            {"type": "formula", "returns": "text", "expression": "INITIALS(name) & owner.name"},
        ]
    )
    return {"op": "add", "path": f"/fields/{name}", "value": made}


def _edits(chance: Random, at: int) -> Edits:
    """One to four edits that do not contradict each other."""
    makers: list[Callable[[], tuple[Any, ...]]] = [
        lambda: ("entity", "crate", _field(chance, f"new_{at}")),
        lambda: ("entity", "box", _field(chance, f"box_{at}")),
        lambda: ("entity", "crate", {"op": "rename", "path": "/fields/weight", "value": f"mass_{at}"}),
        lambda: ("entity", "crate", {"op": "remove", "path": "/fields/heavy"}),
        lambda: ("choices", "crate_state", {"op": "rename", "path": "/values/full", "value": f"packed_{at}"}),
        lambda: (
            "put",
            "entity",
            f"made_{at}",
            {"name": f"made_{at}", "fields": [{"name": "name", "type": "text"}, {"name": "box", "type": "lookup", "to": "box"}]},
        ),
        lambda: ("entity", "crate", {"op": "add", "path": f"/indexes/by_{at}", "value": {"fields": ["state", "name"]}}),
    ]
    return [make() for make in chance.sample(makers, chance.randint(1, 4))]


@pytest.mark.fuzz
def test_no_publish_is_ever_half_done(tiny: Desk) -> None:
    chance, studio, kills, at = Random(SEED), Studio(tiny), 0, 0
    studio.change(("put", "choices", "crate_state", STATES), ("put", "entity", "crate", CRATE), ("put", "view", "crate.all", VIEW))
    tiny.make("crate", name="A", weight="120", state="full")
    base = tiny.workspace.runtime().model.revision
    with publisher(tiny) as publish:
        while kills < KILLS:
            at += 1
            edits = _edits(chance, at)
            id, revision, before = studio.draft(*edits), tiny.workspace.runtime().model.revision, tiny.tables()
            statement = chance.randint(1, LONGEST_STEP)
            while (ended := publish(id, statement)) != 0:
                place = f"seed {SEED}, draft {at}, statement {statement}: {edits}"
                assert ended == -signal.SIGKILL, place
                assert tiny.workspace.runtime().model.revision == revision and tiny.tables() == before and sound(tiny), place
                kills += 1
                statement += chance.randint(1, LONGEST_STEP)
            assert tiny.workspace.runtime().model.revision == revision + 1 and sound(tiny), edits
            tiny.workspace.revisions.roll_back(OPERATOR, base)
            assert sound(tiny), edits
