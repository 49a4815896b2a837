"""Random records of the world, a random moment, and where the answers of the three evaluators differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from random import Random
from typing import Any

from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.nodes import Apply, Node
from fieldsmith.expr.types import MAX_SCALE, STORED_DIGITS, number
from fieldsmith.expr.vocabulary import Calendar
from fieldsmith.fields.values import Money, RecordRef
from tests.expr.evaluators import Context, Database, by_python, checked
from tests.expr.random_constants import DATES, INSTANTS, TEXTS
from tests.expr.random_expressions import PARAMS, Writer
from tests.expr.world import CHOICES, ENTITIES, PARTS, Spec, scaled
from tests.expr.world_rows import Records

COUNTS = {"user": 3, "account": 3, "deal": 5, "line": 8, "activity": 4}
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca")
CALENDARS = (Calendar(), Calendar(4), Calendar(2, (7, 1, 2, 3, 4), frozenset({"2026-12-25", "2024-02-29"})), Calendar(12, (), frozenset()))


def random_records(chance: Random) -> Records:
    records = Records()
    for entity, count in COUNTS.items():
        for id_ in range(1, count + 1):
            values = {name: _value(Spec.of(words), chance) for name, words in ENTITIES[entity].items()}
            records.add(entity, id_, values, recycled=entity in ("line", "activity") and chance.randrange(5) == 0)
    return records


def _value(found: Spec, chance: Random) -> Any:
    if found.word == "boolean":
        return chance.random() < 0.5
    if chance.randrange(4) == 0:
        return None
    match found.word:
        case "text" | "opaque":
            return _text(chance)
        case "integer":
            return chance.choice((0, 1, 2, -1, 7, 12, 2026, 2**31, -(2**31), 2**63 - 1, -(2**63), chance.randrange(-100, 100)))
        case "decimal":
            return _decimal(found.scale, chance)
        case "currency":
            return Money(_decimal(found.scale, chance), chance.choice(("EUR", "USD")), _decimal(found.scale, chance))
        case "date":
            return date.fromisoformat(chance.choice(DATES)) if chance.randrange(3) else date.fromordinal(chance.randrange(730_000, 745_000))
        case "datetime":
            return datetime.fromisoformat(chance.choice(INSTANTS)[:-1])
        case "time":
            return time(chance.randrange(24), chance.randrange(60), chance.randrange(60), chance.choice((0, 0, 999_999)))
        case "choice":
            return chance.choice(CHOICES[found.choices])[0]
        case "set":
            return tuple(value for value, _, _ in CHOICES[found.choices] if chance.random() < 0.5)
        case "lookup":
            return chance.randrange(COUNTS[found.entities[0]]) + 1
        case "list":
            return tuple(id_ for id_ in range(1, COUNTS[found.entities[0]] + 1) if chance.random() < 0.5)
        case "polymorphic":
            entity = chance.choice(found.entities)
            return RecordRef(entity, chance.randrange(COUNTS[entity]) + 1)
    return {part: _text(chance) for part in PARTS[found.word]}


def _text(chance: Random) -> str | None:
    """As a field keeps it: trimmed, and empty is blank."""
    text = chance.choice(TEXTS) + (chance.choice(TEXTS) if chance.randrange(2) else "")
    return text.strip() or None


def _decimal(scale: int, chance: Random) -> Decimal:
    most = 10**STORED_DIGITS - 1
    whole = chance.choice(
        (0, 1, -1, 5, 10**scale, -(10**scale), 15 * 10**scale // 10, most, -most, most // 2, chance.randrange(-(10**9), 10**9), chance.randrange(-most, most))
    )
    return Decimal(whole).scaleb(-scale)


def random_context(chance: Random) -> Context:
    values: dict[str, Any] = {}
    for name, words in PARAMS.items():
        found = Spec.of(words)
        value = _value(found, chance)
        values[name] = scaled(found.scale)(value) if isinstance(value, Decimal) else value
    now = datetime.fromisoformat(chance.choice(INSTANTS[3:8])[:-1])
    user = chance.choice((None, 1, 2))
    return Context(now, chance.choice(ZONES), chance.choice(("en", "zh_Hans")), user, chance.choice(CALENDARS), PARAMS, values)


def random_sources(chance: Random, count: int, depth: int = 4) -> list[str]:
    return [Writer(chance).any_of(chance.randrange(1, depth + 1)) for _ in range(count)]


def differences(sources: Sequence[str], records: Records, context: Context, databases: Sequence[Database]) -> tuple[list[str], int]:
    """Where the databases, already filled, answer otherwise than Python, in words; and how many sources passed the checker."""
    nodes, passed = [], []
    for source in sources:
        try:
            node, stored = as_field(checked(source, context.place("deal")), len(source))
        except ExpressionError:
            continue  # refused by all alike
        nodes.append(node)
        passed.append(source + stored)
    ids = sorted(records.by_entity["deal"])
    if not nodes:
        return [], 0
    expected = by_python(nodes, "deal", records, ids, context)
    wrong = []
    for database in databases:
        for source, right, found in zip(passed, expected, database.answers(nodes, "deal", ids, context), strict=True):
            for id_, one, other in zip(ids, right, found, strict=True):
                if one != other or type(one) is not type(other):
                    wrong.append(f"{source}\n  record {id_}: Python {one!r}, {database.dialect} {other!r}")
                    break
    return wrong, len(nodes)


def as_field(node: Node, length: int) -> tuple[Node, str]:
    """Every other number as a formula field keeps it, at a scale taken from the length of its source; and that in words."""
    if not node.type.is_number or length % 2:
        return node, ""
    scale = length // 2 % (MAX_SCALE + 1)
    return Apply("store", (node,), number(scale), node.span), f"  -- stored with scale {scale}"
