"""200,000 random expressions on three evaluators (`make fuzz`): no difference. `tests/expr/test_equality.py` makes a few.

Every batch has a seed, which a failure names: FIELDSMITH_FUZZ_SEED=<first seed> begins there, to go on after a stop or to
repeat one; FIELDSMITH_FUZZ_EXPRESSIONS says how many expressions there are in all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest

from tests.databases import DEFAULT_SERVER, PostgresqlTemplates
from tests.expr.evaluators import Database
from tests.expr.random_world import differences, random_context, random_records, random_sources

FIRST = int(os.environ.get("FIELDSMITH_FUZZ_SEED", "0"))
ALL = int(os.environ.get("FIELDSMITH_FUZZ_EXPRESSIONS", "200000"))
AT_ONCE = 40
PART = min(2_000, ALL)
STEP = 100
"""Seeds from one part to the next: more than its batches."""
DEPTHS = (2, 3, 4, 5, 6)


@pytest.fixture(scope="module")
def databases(postgresql_templates: PostgresqlTemplates) -> Iterator[list[Database]]:
    server = os.environ.get("FIELDSMITH_TEST_POSTGRES", DEFAULT_SERVER)
    opened = [Database("sqlite", "sqlite://"), Database("postgresql", server)]
    yield opened
    for database in opened:
        database.close()


@pytest.mark.fuzz
@pytest.mark.postgresql
@pytest.mark.parametrize("first", range(FIRST, FIRST + STEP * (ALL // PART), STEP))
def test_same_answers(databases: list[Database], first: int) -> None:
    wrong: list[str] = []
    done, seed = 0, first
    while done < PART:
        chance = Random(seed)
        records, context = random_records(chance), random_context(chance)
        for database in databases:
            database.fill(records)
        sources = random_sources(chance, AT_ONCE, DEPTHS[seed % len(DEPTHS)])
        found, passed = differences(sources, records, context, databases)
        wrong += [f"FIELDSMITH_FUZZ_SEED={seed}, {context.zone}: {each}" for each in found]
        done += passed
        seed += 1
    assert not wrong, f"{len(wrong)} of {done}\n" + "\n\n".join(wrong[:20])
