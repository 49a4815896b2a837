"""What the checker's tests speak of: a small vocabulary, and a table of functions that have types but compute nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Label, Message, _m
from fieldsmith.expr.check import check
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.function import Function, Misused, Need, Parameter
from fieldsmith.expr.nodes import Aggregate, Constant, FieldRef, Node, children
from fieldsmith.expr.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    INTEGER,
    OPAQUE,
    PARTS,
    TEXT,
    TIME,
    Kind,
    Type,
    decimal,
    number,
)
from fieldsmith.expr.vocabulary import ChoiceName, EntityNames, Place, Related, Symbol

STAGE = Type(Kind.CHOICE, choices="stages")
MONEY = decimal(2)


def record(*entities: str) -> Type:
    return Type(Kind.RECORD, entities=entities)


def _symbols(entity: str, types: Mapping[str, Type | tuple[Type, Mapping[str, Type]]]) -> dict[str, Symbol]:
    out: dict[str, Symbol] = {}
    for name, given in types.items():
        type_, parts = given if isinstance(given, tuple) else (given, {})
        inner = {short: Symbol(entity, f"{name}.{short}", name, Label(short), part, short) for short, part in parts.items()}
        out[name] = Symbol(entity, name, name, Label(name.capitalize()), type_, parts=inner)
    return out


_PLACES = {"city": TEXT, "country": TEXT}
_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "deal": {
        **{"id": INTEGER, "name": TEXT, "note": TEXT, "quantity": INTEGER, "rate": decimal(4), "amount": (MONEY, {"amount": MONEY, "currency": TEXT})},
        **{"won": BOOLEAN, "closed_on": DATE, "opened_on": DATE, "opened_at": DATETIME, "calls_at": TIME},
        **{"stage": STAGE, "next_stage": STAGE, "size": Type(Kind.CHOICE, choices="sizes"), "tags": Type(Kind.SET, choices="stages")},
        **{"account": record("account"), "owner": record("user"), "about": record("account", "user"), "regards": record("account", "deal")},
        **{"partners": Type(Kind.LIST, entities=("account",)), "address": (PARTS, _PLACES), "file": OPAQUE},
    },
    "account": {"id": INTEGER, "name": TEXT, "parent_account": record("account"), "owner": record("user"), "budget": MONEY, "file": OPAQUE},
    "line": {
        **{"id": INTEGER, "deal": record("deal"), "total": MONEY, "quantity": INTEGER, "cancelled": BOOLEAN, "due_on": DATE, "kind": STAGE},
        **{"product": TEXT, "buyer": record("account"), "address": (PARTS, _PLACES)},
    },
    "user": {"id": INTEGER, "name": TEXT, "team": record("team"), "manager": record("user")},
    "team": {"id": INTEGER, "name": TEXT},
}
_LISTS: Mapping[str, Sequence[Related]] = {
    "deal": (
        Related("lines", "deal", "line", "deal", "lookup"),
        Related("partners", "deal", "account", "partners", "link"),
    ),
    "account": (Related("deals", "account", "deal", "account", "lookup"),),
}
_CHOICES = {"stages": ("open", "won", "lost"), "sizes": ("small", "large")}


class SmallVocabulary:
    """`hidden` are `entity.field` names."""

    def __init__(self, hidden: frozenset[str] = frozenset()) -> None:
        self._entities = {
            name: EntityNames(
                name,
                Label({"deal": "Opportunity"}.get(name, name.capitalize())),
                {field: symbol for field, symbol in _symbols(name, types).items() if f"{name}.{field}" not in hidden},
                {related.name: related for related in _LISTS.get(name, ())},
            )
            for name, types in _FIELDS.items()
        }

    def entity(self, name: str) -> EntityNames | None:
        return self._entities.get(name)

    def choices(self, name: str) -> Sequence[ChoiceName] | None:
        found = _CHOICES.get(name)
        return None if found is None else [ChoiceName(value, Label(value.capitalize())) for value in found]


ANY = frozenset(Kind) - {Kind.LIST, Kind.PARTS, Kind.OPAQUE, Kind.BLANK}
NUMBER = frozenset({Kind.INTEGER, Kind.DECIMAL})
DAYS = frozenset({Kind.DATE, Kind.DATETIME})


def _kinds(kind: Kind | frozenset[Kind]) -> frozenset[Kind]:
    return kind if isinstance(kind, frozenset) else frozenset({kind})


def _parameter(name: str, kind: Kind | frozenset[Kind], **more: Any) -> Parameter:
    return Parameter(name, _kinds(kind), **more)


def _function(
    name: str, result: Any, *parameters: Parameter, needs: frozenset[Need] = frozenset(), check: Any = None, sql: Any = lambda node, compiler: None
) -> Function:
    help_: Message = _m("Help.")
    return Function(name, "logic", parameters, result, help_, (), lambda node, compiler: lambda env: None, sql, needs, check)


def _units(arguments: Sequence[Node]) -> None:
    if getattr(arguments[1], "value", None) not in ("day", "month"):
        raise Misused("unknown_unit", _m("No such unit."), 1, _m("Units: day, month."))


def _own(arguments: Sequence[Node]) -> None:
    if not isinstance(arguments[0], FieldRef) or arguments[0].hops or arguments[0].root != "record":
        raise Misused("not_own_field", _m("A field of its own."), 0)


def table() -> dict[str, Function]:
    """Every shape of signature the language knows."""
    text, choice = Kind.TEXT, Kind.CHOICE
    rows = [
        _function("IF", "a", _parameter("condition", Kind.BOOLEAN), _parameter("then", ANY, unify="a"), _parameter("else", ANY, unify="a", optional=True)),
        _function(
            "SWITCH",
            "b",
            _parameter("value", ANY, unify="a"),
            _parameter("case", ANY, unify="a", repeated=True),
            _parameter("result", ANY, unify="b", repeated=True),
            _parameter("default", ANY, unify="b", optional=True),
        ),
        _function("COALESCE", "a", _parameter("value", ANY, unify="a", repeated=True)),
        _function("ISBLANK", BOOLEAN, _parameter("value", frozenset(Kind))),
        _function("LEN", INTEGER, _parameter("text", text)),
        _function("LEFT", TEXT, _parameter("text", text), _parameter("count", Kind.INTEGER, optional=True)),
        _function("TEXT", TEXT, _parameter("value", ANY - {Kind.SET, Kind.RECORD, Kind.BOOLEAN})),
        _function("VALUE", decimal(8), _parameter("text", text)),
        _function("LABEL", TEXT, _parameter("choice", choice), needs=frozenset({"language"})),
        _function("INCLUDES", BOOLEAN, _parameter("set", Kind.SET), _parameter("value", choice)),
        _function("TYPE", TEXT, _parameter("record", Kind.RECORD)),
        _function("ROUND", lambda nodes: number(max(0, nodes[1].value)), _parameter("number", NUMBER), _parameter("digits", Kind.INTEGER, constant=True)),
        _function("MOD", "a", _parameter("number", NUMBER, unify="a"), _parameter("divisor", NUMBER, unify="a")),
        _function("MAX", "a", _parameter("value", ANY - {Kind.BOOLEAN, Kind.SET, Kind.RECORD, choice}, unify="a", repeated=True)),
        _function("TODAY", DATE, needs=frozenset({"now", "zone"})),
        _function("YEAR", INTEGER, _parameter("date", DAYS), needs=frozenset({"zone"})),
        _function("STARTOF", lambda nodes: nodes[0].type, _parameter("date", DAYS), _parameter("unit", text, constant=True), check=_units),
        _function("ISNEW", BOOLEAN, needs=frozenset({"change"}), sql=None),
        _function("CHANGED", BOOLEAN, _parameter("field", frozenset(Kind)), needs=frozenset({"change"}), check=_own, sql=None),
        _function("DAYSBETWEEN", INTEGER, _parameter("a", DAYS, unify="a"), _parameter("b", DAYS, unify="a")),
        _function("SOUNDEX", TEXT, _parameter("text", text), sql=None),
    ]
    return {row.name: row for row in rows}


VOCABULARY = SmallVocabulary()
TABLE = table()


def checked(source: str, **place: Any) -> Node:
    """`source` over a deal, at a place that differs from the usual one by `place`."""
    vocabulary = place.pop("vocabulary", VOCABULARY)
    return check(source, Place(place.pop("entity", "deal"), **place), vocabulary, TABLE)


def problems(source: str, **place: Any) -> list[Problem]:
    """What the check of `source` complains about."""
    try:
        checked(source, **place)
    except ExpressionError as error:
        return list(error.problems)
    return []


def shape(node: Node) -> str:
    """The checked tree in one line: `*[amount:decimal 2, 1:decimal 1]:decimal 3`."""
    if isinstance(node, Constant):
        return f"{node.value}:{kind(node.type)}"
    if isinstance(node, FieldRef):
        return f"{'' if node.root == 'record' else node.root + '.'}{node.path}:{kind(node.type)}"
    inside = ", ".join(map(shape, children(node)))
    if isinstance(node, Aggregate):
        return f"{node.function}<{'.'.join([*(hop.name for hop in node.hops), node.related.name])}>[{inside}]:{kind(node.type)}"
    return f"{node.function}[{inside}]:{kind(node.type)}"


def kind(type_: Type) -> str:
    """`decimal 2`, `choice stages`, `record account user`."""
    words = [type_.kind.value, *([str(type_.scale)] if type_.kind is Kind.DECIMAL else []), *([type_.choices] if type_.choices else []), *type_.entities]
    return " ".join(words)
