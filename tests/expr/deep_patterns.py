"""Every operator and function, nested through each of its arguments: □ in a pattern stands for the pattern again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fieldsmith.expr.check import check
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.limits import MAX_DEPTH, MAX_LENGTH
from fieldsmith.expr.nodes import Node
from fieldsmith.expr.vocabulary import Place
from tests.expr.evaluators import FUNCTIONS
from tests.expr.world import vocabulary

PATTERNS: Mapping[str, str] = {
    # what is innermost: patterns over `deal`, one a line
    "d2": """
        □ + 1.5
        quantity + □
        □ - 0.5
        □ * 1.01
        d2 * □
        □ / 3
        7 / □
        -□
        □ ^ 2
        □ ^ -1
        POWER(□, 3)
        ABS(□)
        SIGN(□)
        FLOOR(□)
        CEILING(□)
        FLOOR(□ / 2)
        ROUND(□, 1)
        ROUND(□ * 1.7, 2)
        ROUND(□, -1)
        MOD(□, 7)
        MOD(d4, □)
        SQRT(□)
        MIN(□, d4)
        MAX(quantity, □, d8)
        COALESCE(□, 1)
        COALESCE(d3, □)
        IF(active, □, d4)
        IF(active, 1, □)
        IF(□ > 1, d2, 2)
        IF(ISBLANK(□), 1, d2)
        SWITCH(□, 1, 2, d2, 3, d4)
        SWITCH(quantity, 1, □, 5)
        SWITCH(quantity, 1, 5, □)
        SWITCH(d2, □, 5, d4)
        VALUE(TEXT(□))
        □ + SUM(lines.price)
        SUM(lines.price) * □
        IF(□ in (1, d2, 3), d4, 2)
        IF(□ in (1, 2.5), d4, 2)
        IF(d2 in (□, 2), d4, 3)
        IF(□ = d3, d4, 2)
        IF(□ < 5, d4, quantity)
        IF(d3 >= □, d4, quantity)
        IF(□ <= d3, d4, quantity)
        IF(□ <> 2.5, d4, 1)
        IF(blank = □, 1, d2)
        """,
    "quantity": """
        □ + 1
        □ * 3
        □ - score
        MOD(□, 100)
        YEAR(closed_on + □)
        DAYSBETWEEN(closed_on, closed_on + □)
        LEN(LEFT(name, □))
        FIND(MID(note, □, 2), note)
        LEN(RIGHT(note, □))
        LEN(MID(name, 1, □))
        DAY(DATE(2024, □, 3))
        MONTH(DATE(2026, 5, □))
        QUARTER(DATE(□, 5, 3))
        WEEKDAY(ADDDAYS(closed_on, □))
        HOUR(DATETIME(2026, 5, 3, □, 5))
        MINUTE(ADDMINUTES(opened_at, □))
        MONTHSBETWEEN(closed_on, ADDMONTHS(closed_on, □))
        MINUTESBETWEEN(opened_at, ADDMINUTES(opened_at, □))
        WORKDAYSBETWEEN(closed_on, closed_on + □)
        COUNT(lines) + □
        LEN(TEXT(□))
        """,
    "name": """
        □ & "a"
        code & □
        UPPER(□)
        LOWER(□)
        TRIM(□)
        INITIALS(□)
        LEFT(□, 50)
        RIGHT(□, 50)
        MID(□, 1, 50)
        LEFT(□, quantity)
        MID(□, quantity, 9)
        SUBSTITUTE(□, "a", "bb")
        SUBSTITUTE(note, □, "b")
        SUBSTITUTE(note, "b", □)
        SUBSTITUTE(□, code, □)
        TEXT(□)
        TEXT(LEN(□))
        TEXT(VALUE(□))
        COALESCE(□, note)
        COALESCE(note, □)
        MIN(□, note)
        MAX(code, □)
        IF(active, □, note)
        IF(□ = "a", code, name)
        IF(□ < code, name, note)
        IF(CONTAINS(□, "a"), name, code)
        IF(CONTAINS(note, □), name, code)
        IF(STARTSWITH(□, code), name, note)
        IF(ENDSWITH(code, □), name, note)
        SWITCH(□, "a", "b", code)
        SWITCH(code, "a", □, note)
        SWITCH(name, □, "c", note)
        IF(□ in (code, note), name, code)
        IF(□ not in ("a", "b"), name, code)
        LABEL(stage) & □
        TYPE(about) & □
        TEXT(FIND(□, note))
        TEXT(FIND(code, □))
        IF(MIN(lines.product) = □, name, note)
        IF(ISBLANK(□), code, name)
        IF(ISBLANK(address), □, code)
        """,
    "active": """
        not □
        □ and cancelled
        cancelled or □
        cancelled = □
        □ <> active
        □ in (cancelled, true)
        cancelled in (□, active)
        IF(□, cancelled, active)
        IF(active, □, cancelled)
        IF(active, cancelled, □)
        (□ or active) and cancelled
        not (□ and active)
        COALESCE(□, active)
        SWITCH(□, true, active, cancelled)
        SWITCH(active, □, true, cancelled)
        IF(□, 1, 2) = quantity
        ISBLANK(IF(□, d2))
        TEXT(□) = code
        COUNT(lines where not cancelled) = 2 or not □
        about = regards or not □
        account = IF(□, account, other_account)
        IF(□, about, regards) = regards
        IF(□, tags, more_tags) = tags
        IF(□, stage, next_stage) = stage
        INCLUDES(IF(□, tags, more_tags), "vip")
        IF(□, calls_at, ends_at) < ends_at
        closed_on > IF(□, closed_on, started_on)
        IF(□, account) in (1, 2)
        LABEL(IF(□, stage, next_stage)) = name
        stage = IF(□, "won", "lost")
        ISBLANK(partners) or not □
        IF(□, opened_at, changed_at) >= changed_at
        contact.first = TEXT(□)
        amount.currency = TEXT(□)
        user.active <> □
        ISBLANK(attachment) and not □
        """,
    "closed_on": """
        □ + 1
        □ - quantity
        ADDDAYS(□, 3)
        ADDDAYS(□, quantity)
        ADDMONTHS(□, 1)
        ADDMONTHS(□, -quantity)
        STARTOF(□, "month")
        STARTOF(□, "week")
        ENDOF(□, "quarter")
        STARTOF(□, "fiscal_year")
        ENDOF(□, "fiscal_quarter")
        DATE(YEAR(□), MONTH(□), DAY(□))
        DATE(2026, MONTH(□), WEEKDAY(□))
        MIN(□, started_on)
        MAX(started_on, □)
        COALESCE(□, started_on)
        IF(active, □, started_on)
        IF(□ > started_on, started_on, closed_on)
        SWITCH(□, "2026-11-22", started_on, closed_on)
        started_on + (□ - started_on)
        started_on + DAYSBETWEEN(started_on, □)
        started_on + MONTHSBETWEEN(□, closed_on)
        started_on + WORKDAYSBETWEEN(started_on, □)
        TODAY() + DAY(□)
        started_on + QUARTER(□)
        IF(□ in (closed_on, "2026-11-22"), started_on, closed_on)
        MIN(□, TODAY())
        IF(TEXT(□) = code, closed_on, started_on)
        """,
    "opened_at": """
        ADDMINUTES(□, 5)
        ADDMINUTES(□, quantity)
        ADDDAYS(□, 3)
        ADDMONTHS(□, 1)
        STARTOF(□, "month")
        ENDOF(□, "day")
        STARTOF(□, "fiscal_year")
        MIN(□, changed_at)
        IF(active, □, changed_at)
        IF(□ < changed_at, opened_at, changed_at)
        ADDMINUTES(changed_at, MINUTESBETWEEN(changed_at, □))
        ADDDAYS(changed_at, DAYSBETWEEN(changed_at, □))
        ADDMONTHS(changed_at, MONTHSBETWEEN(changed_at, □))
        DATETIME(YEAR(□), MONTH(□), DAY(□), HOUR(□), MINUTE(□), 7)
        MAX(NOW(), □)
        ADDDAYS(changed_at, DATEOF(□) - closed_on)
        SWITCH(□, changed_at, opened_at, changed_at)
        COALESCE(□, NOW())
        ADDMINUTES(□, QUARTER(□) + WEEKDAY(□))
        IF(□ in (opened_at, changed_at), opened_at, NOW())
        """,
    "calls_at": """
        MIN(□, ends_at)
        IF(□ < ends_at, ends_at, calls_at)
        SWITCH(HOUR(□), 9, ends_at, calls_at)
        IF(MINUTE(□) = 5, ends_at, calls_at)
        COALESCE(□, ends_at)
        """,
    "stage": """
        IF(□ = next_stage, stage, next_stage)
        SWITCH(□, "won", next_stage, stage)
        COALESCE(□, next_stage)
        IF(□ in ("won", next_stage), stage, next_stage)
        IF(LABEL(□) = "Won", next_stage, stage)
        """,
    "tags": """
        IF(□ = more_tags, tags, more_tags)
        COALESCE(□, more_tags)
        IF(INCLUDES(□, "vip"), more_tags, tags)
        IF(ISBLANK(□), more_tags, tags)
        """,
    "account": """
        IF(□ = other_account, account, other_account)
        COALESCE(□, other_account)
        IF(□ in (1, 2), other_account, account)
        SWITCH(□, 1, other_account, account)
        """,
    "about": """
        IF(□ = regards, about, regards)
        COALESCE(□, regards)
        SWITCH(□, regards, about, regards)
        IF(□ in (about, regards), regards, about)
        """,
}

TABLE = [(seed, pattern) for seed, patterns in PATTERNS.items() for line in patterns.splitlines() if (pattern := line.strip())]
_ARGUMENT = re.compile(r"(?<=[(,])( ?)□(?=[,)])")


def nested(seed: str, pattern: str, levels: int) -> str:
    """`pattern` in itself so many times, `seed` innermost; in brackets where it is no argument."""
    source = seed
    for _ in range(levels):
        inner = source
        source = _ARGUMENT.sub(lambda found: found[1] + inner, pattern).replace("□", f"({inner})")  # noqa: B023
    return source


def deepest(seed: str, pattern: str, place: Place) -> tuple[str, Node]:
    """The most levels the checker lets through, found by halving: what it takes at some depth it takes at every smaller one."""
    sources: list[str] = []
    while len(sources) < MAX_DEPTH and len(source := nested(seed, pattern, len(sources) + 1)) <= MAX_LENGTH:
        sources.append(source)
    best: tuple[str, Node] | None = None
    low, high = 0, len(sources)
    while low < high:
        middle = (low + high) // 2
        try:
            best = sources[middle], check(sources[middle], place, vocabulary(), FUNCTIONS)
            low = middle + 1
        except ExpressionError:
            high = middle
    assert best is not None, f"{pattern} is refused"
    return best
