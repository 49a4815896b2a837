"""Three evaluators, one answer: typed random expressions over random records, Python against SQLite and PostgreSQL.

Each example is twenty expressions over five records, as values and, where boolean, as conditions. `tests/fuzz` makes a
hundred times as many; what was found is kept in `tests/conformance/expr/found.json`.
"""

from __future__ import annotations

import re
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.expr.evaluators import FUNCTIONS, Database
from tests.expr.random_world import differences, random_context, random_records, random_sources

EXPRESSIONS = 2_000
AT_ONCE = 20
FEW = settings(
    max_examples=EXPRESSIONS // AT_ONCE,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # a failure names its expressions; making them smaller would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
_ONLY_IN_RULES = {"ISNEW", "CHANGED"}
_MADE_BY_THE_CHECKER = {"to_scale", "store", "negate", "in"}


@FEW
@given(seed=st.integers(0, 2**32), chance=st.randoms(use_true_random=False))
def test_same_answers(world: Database, seed: int, chance: Random) -> None:
    rows = Random(seed)
    records, context = random_records(rows), random_context(rows)
    world.fill(records)
    wrong, passed = differences(random_sources(chance, AT_ONCE), records, context, [world])
    assert not wrong, "\n".join(wrong)
    assert passed > AT_ONCE * 0.8, "the generator writes what the checker refuses"


def test_every_function_is_among_the_random_ones() -> None:
    text = " ".join(random_sources(Random(1), 8_000))
    names = set(re.findall(r"[A-Z]{3,}(?=\()|\bIF(?=\()", text))
    signs = set(re.findall(r"<=|>=|<>|[-+*/^&=<>]|\band\b|\bor\b|\bnot\b|\bin\b", text))
    assert set(FUNCTIONS) - names - signs - _ONLY_IN_RULES - _MADE_BY_THE_CHECKER == set()
