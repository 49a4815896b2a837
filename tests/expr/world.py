"""A small world to compute in, independent of the product's model: what names mean there.

`world_rows` holds its records in Python, `world_sql` in tables. A field is said in words: "decimal 4", "lookup account",
"choice stages", "list account" (a many-to-many), "polymorphic account user".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from operator import itemgetter
from typing import Any

from fieldsmith.base.text import Label
from fieldsmith.expr import types
from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import ChoiceName, EntityNames, Related, Symbol

ENTITIES: Mapping[str, Mapping[str, str]] = {
    "user": {
        **{"name": "text", "email": "text", "manager": "lookup user", "active": "boolean", "team": "choice teams"},
        **{"quota": "decimal 2", "joined_on": "date"},
    },
    "account": {
        **{"name": "text", "industry": "choice industries", "owner": "lookup user", "holding": "lookup account", "employees": "integer"},
        **{"revenue": "decimal 2", "rate": "decimal 8", "founded_on": "date", "seen_at": "datetime", "tags": "set tags"},
        **{"vip": "boolean", "address": "address", "main_deal": "lookup deal"},
    },
    "deal": {
        **{"name": "text", "note": "text", "code": "text", "quantity": "integer", "score": "integer"},
        **{f"d{scale}": f"decimal {scale}" for scale in range(9)},
        **{"amount": "currency 2", "fee": "currency 2", "active": "boolean", "cancelled": "boolean"},
        **{"started_on": "date", "closed_on": "date", "opened_at": "datetime", "changed_at": "datetime", "calls_at": "time", "ends_at": "time"},
        **{"stage": "choice stages", "next_stage": "choice stages", "tags": "set tags", "more_tags": "set tags"},
        **{"account": "lookup account", "other_account": "lookup account", "owner": "lookup user"},
        **{"about": "polymorphic account user", "regards": "polymorphic account user", "partners": "list account"},
        **{"contact": "person", "address": "address", "attachment": "opaque"},
    },
    "line": {
        **{"deal": "lookup deal", "product": "text", "quantity": "integer", "price": "decimal 2", "rate": "decimal 4", "total": "decimal 6"},
        **{"cancelled": "boolean", "due_on": "date", "at": "datetime", "calls_at": "time", "kind": "choice stages", "buyer": "lookup user", "tags": "set tags"},
    },
    "activity": {"subject": "text", "about": "polymorphic account deal", "minutes": "integer", "done": "boolean", "on_day": "date"},
}

CHOICES: Mapping[str, Sequence[tuple[str, str, str]]] = {
    # list: (value, label, label in simplified Chinese) in list order, which is not the order of letters
    "stages": (("new", "New", "新建"), ("won", "Won", "赢单"), ("lost", "Lost", "输单"), ("back", "Back again", "重启")),
    "industries": (("retail", "Retail", "零售"), ("energy", "Energy & water", "能源"), ("farming", "Farming", "农业")),
    "tags": (("vip", "VIP", "贵宾"), ("cold", "Cold", "冷淡"), ("eu", "Europe", "欧洲"), ("cold_call", "Cold call", "陌拜")),
    "teams": (("north", "North", "北区"), ("south", "South", "南区")),
}

RELATED: Mapping[str, Sequence[tuple[str, str, str, str]]] = {
    # entity: (name, entity of the list, its field, via)
    "deal": (("lines", "line", "deal", "lookup"), ("activities", "activity", "about", "polymorphic"), ("partners", "account", "partners", "link")),
    "account": (
        *(("deals", "deal", "account", "lookup"), ("activities", "activity", "about", "polymorphic")),
        *(("partner_deals", "deal", "partners", "inverse link"), ("daughters", "account", "holding", "lookup")),
    ),
    "user": (("deals", "deal", "owner", "lookup"),),
}

PARTS: Mapping[str, Sequence[str]] = {
    "person": ("first", "last", "full"),
    "address": ("street", "city", "country"),
}


@dataclass(frozen=True, slots=True)
class Spec:
    """What a field's words say: the first one, a scale, the list of choices, the entities."""

    word: str
    scale: int = 0
    choices: str = ""
    entities: tuple[str, ...] = ()

    @classmethod
    def of(cls, words: str) -> Spec:
        word, *rest = words.split()
        if word in ("decimal", "currency"):
            return cls(word, scale=int(rest[0]))
        if word in ("choice", "set"):
            return cls(word, choices=rest[0])
        return cls(word, entities=tuple(rest))


def spec(entity: str, field: str) -> Spec:
    return Spec.of(ENTITIES[entity][field])


def type_of(words: str) -> Type:
    """The expression type of a field, also of a parameter."""
    found = Spec.of(words)
    match found.word:
        case "decimal" | "currency":
            return types.decimal(found.scale)
        case "choice" | "set":
            return Type(Kind(found.word), choices=found.choices)
        case "lookup" | "polymorphic":
            return Type(Kind.RECORD, entities=found.entities)
        case "list":
            return Type(Kind.LIST, entities=found.entities)
        case "person" | "address":
            return types.PARTS
    return Type(Kind(found.word))


def scaled(scale: int) -> Callable[[Decimal], int]:
    """Canonical decimals → whole numbers."""
    return lambda value: int(value.scaleb(scale))


def _symbol(entity: str, name: str, words: str) -> Symbol:
    found, type_ = Spec.of(words), type_of(words)

    def part(short: str, column: str, of: Type, read: Callable[[Any], Any]) -> Symbol:
        return Symbol(entity, f"{name}.{short}", name, Label(short), of, column, read)

    if found.word == "currency":
        whole = scaled(found.scale)
        parts = {
            "amount": part("amount", "", type_, lambda money: whole(money.amount)),
            "currency": part("currency", "currency", types.TEXT, lambda money: money.currency),
        }
        return Symbol(entity, name, name, Label(name), type_, "company", lambda money: whole(money.company), parts)
    if found.word in PARTS:
        parts = {short: part(short, short, types.TEXT, itemgetter(short)) for short in PARTS[found.word]}
        return Symbol(entity, name, name, Label(name), type_, parts=parts)
    read = scaled(found.scale) if found.word == "decimal" else None
    return Symbol(entity, name, name, Label(name), type_, read=read)


class WorldVocabulary:
    """`vocabulary.Vocabulary` of the world."""

    def __init__(self) -> None:
        self._entities = {name: self._names(name) for name in ENTITIES}
        self._choices = {name: [ChoiceName(value, Label(label, {"zh_Hans": chinese})) for value, label, chinese in rows] for name, rows in CHOICES.items()}

    @staticmethod
    def _names(entity: str) -> EntityNames:
        fields = {name: _symbol(entity, name, words) for name, words in ENTITIES[entity].items()}
        related: dict[str, Related] = {}
        for name, target, field, via in RELATED.get(entity, ()):
            owner = target if via == "inverse link" else entity
            related[name] = Related(name, owner, target, field, via)  # type: ignore[arg-type]
        return EntityNames(entity, Label(entity.capitalize()), fields, related)

    def entity(self, name: str) -> EntityNames | None:
        return self._entities.get(name)

    def choices(self, name: str) -> Sequence[ChoiceName] | None:
        return self._choices.get(name)


@cache
def vocabulary() -> WorldVocabulary:
    """Everything of the world. It never changes."""
    return WorldVocabulary()
