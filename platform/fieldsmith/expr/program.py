"""Trees too deep for SQLite's parser, as a text that a registered function reads: `fs_program(program, leaf, …)`.

The program is canonical JSON of the tree, parents last; what SQL gives better (fields, aggregates, which of a composite's columns
are blank) is an argument. Beside it stand the constants, and of calendar and pick lists what its functions read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple

from fieldsmith.base.text import Label
from fieldsmith.expr.depth import MOST_ARGUMENTS
from fieldsmith.expr.environment import Env, Evaluator, Moment
from fieldsmith.expr.function import Function
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.number_values import WORD
from fieldsmith.expr.sql_values import iso
from fieldsmith.expr.syntax import Span
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import Calendar, ChoiceName, EntityNames, Symbol, Vocabulary

FUNCTION = "fs_program"
_KEPT = 64
_CONSTANT, _LEAF = ":", "$"  # where steps else have the name of a function
_NOWHERE = Span(0, 0)
_COMPOSITES = frozenset({Kind.PARTS, Kind.LIST, Kind.OPAQUE})
_MOMENTS: Mapping[Kind, Any] = {Kind.DATE: date, Kind.DATETIME: datetime, Kind.TIME: time}
_TEXTS = frozenset({Kind.TEXT, Kind.CHOICE})


@dataclass(frozen=True, slots=True)
class Program:
    """`leaves` are what SQL has to give, in the order of its arguments; `acting`: before them stand now, today, zone and language."""

    text: str
    leaves: Sequence[Node]
    acting: bool


def program(node: Node, functions: Mapping[str, Function], vocabulary: Vocabulary, calendar: Calendar, native: Callable[[Apply], bool]) -> Program:
    """The program of `node`; functions that are `native` are left to SQL."""
    return _Writer(functions, vocabulary, calendar, native).write(node)


class _Writer:
    def __init__(self, functions: Mapping[str, Function], vocabulary: Vocabulary, calendar: Calendar, native: Callable[[Apply], bool]) -> None:
        self._functions, self._vocabulary, self._calendar, self._native = functions, vocabulary, calendar, native
        self._types: dict[Type, int] = {}
        self._steps: list[list[Any]] = []
        self._leaves: list[Node] = []
        self._places: dict[Any, int] = {}
        self._lists: dict[str, list[Any]] = {}
        self._acting = self._dated = False

    def write(self, node: Node) -> Program:
        waiting: list[tuple[Node, bool]] = [(node, False)]
        while waiting:
            here, seen = waiting.pop()
            if isinstance(here, Constant):
                self._steps.append([_CONSTANT, self._type(here.type), _stored(here.value, here.type)])
            elif not isinstance(here, Apply) or self._left_to_sql(here):
                self._steps.append([_LEAF, self._type(here.type), self._place(here)])
            elif seen:
                self._steps.append([here.function, self._type(here.type), len(here.arguments)])
                self._note(here)
            else:
                waiting.append((here, True))
                waiting.extend((argument, False) for argument in reversed(here.arguments))
        said: dict[str, Any] = {"steps": self._steps, "types": [_type_said(each) for each in self._types]}
        if self._dated:
            said["calendar"] = [self._calendar.fiscal_start, list(self._calendar.workdays), sorted(self._calendar.holidays)]
        if self._lists:
            said["lists"] = self._lists
        if self._acting:
            said["acting"] = 1
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return Program(text, self._leaves, self._acting)

    def _left_to_sql(self, node: Apply) -> bool:
        return (node.function == "ISBLANK" and node.arguments[0].type.kind in _COMPOSITES) or self._native(node)

    def _type(self, type_: Type) -> int:
        return self._types.setdefault(type_, len(self._types))

    def _place(self, leaf: Node) -> int:
        """The same field is one argument, however often it is named."""
        key: Any = (leaf.root, *((hop.entity, hop.name) for hop in leaf.hops), leaf.symbol.name) if isinstance(leaf, FieldRef) else id(leaf)
        if key not in self._places:
            self._places[key] = len(self._leaves)
            self._leaves.append(leaf)
        return self._places[key]

    def _note(self, node: Apply) -> None:
        """What the function reads beside its arguments."""
        function = self._functions[node.function]
        self._acting = self._acting or bool(function.needed(node))
        self._dated = self._dated or function.group == "date"
        if function.group != "record":
            return
        for argument in node.arguments:
            name = argument.type.choices
            if name and name not in self._lists:
                rows = self._vocabulary.choices(name) or ()
                self._lists[name] = [[row.value, row.label.text, dict(row.label.translations)] for row in rows]


def _type_said(type_: Type) -> list[Any]:
    return [type_.kind.value, type_.scale, type_.choices, list(type_.entities)]


def _stored(value: Any, type_: Type) -> Any:
    """As SQLite keeps it, or JSON."""
    if value is None:
        return None
    if type_.kind in _MOMENTS:
        return iso(value, type_.kind)
    if type_.kind is Kind.SET:
        return json.dumps(list(value), ensure_ascii=False, separators=(",", ":"))
    return f"{value.entity}:{value.id}" if type_.kind is Kind.RECORD and len(type_.entities) > 1 else value


def _loaded(type_: Type) -> Callable[[Any], Any] | None:
    """What makes a value of `type_` of the form SQLite keeps, which is not blank; None when it is the same."""
    if type_.is_number:
        return int
    if type_.kind is Kind.BOOLEAN:
        return bool
    if type_.kind in _MOMENTS:
        of: Callable[[str], Any] = _MOMENTS[type_.kind].fromisoformat
        return of
    if type_.kind is Kind.SET:
        return lambda text: tuple(json.loads(text))
    if type_.kind is Kind.RECORD:
        return _reference if len(type_.entities) > 1 else int
    return None


class _Reference(NamedTuple):
    """The value of a polymorphic lookup, equal to its canonical one."""

    entity: str
    id: int


def _reference(text: str) -> _Reference:
    entity, _, id_ = text.rpartition(":")
    return _Reference(entity, int(id_))


def _given(type_: Type) -> Callable[[Any], Any]:
    """What makes of a value of `type_`, which is not blank, the form SQLite keeps."""
    if type_.is_number:
        return lambda value: value if -WORD <= value < WORD else str(value)
    if type_.kind in _TEXTS:
        return lambda value: value
    return int if type_.kind is Kind.BOOLEAN else lambda value: _stored(value, type_)


# ---------------------------------------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class _Lists:
    """The pick lists a program brings along."""

    rows: Mapping[str, Sequence[ChoiceName]]

    def entity(self, name: str) -> EntityNames | None:
        return None

    def choices(self, name: str) -> Sequence[ChoiceName] | None:
        return self.rows.get(name)


@dataclass(frozen=True, slots=True)
class _Ready:
    evaluate: Evaluator
    give: Callable[[Any], Any]
    acting: bool
    loads: Mapping[int, Callable[[Any], Any]]


def runner(functions: Mapping[str, Function]) -> Callable[..., Any]:
    """`fs_program`, which keeps the programs read last."""
    read = lru_cache(maxsize=_KEPT)(lambda text: _read(text, functions))

    def run(text: str, *given: Any) -> Any:
        values: Sequence[Any] = given
        ready = read(text)
        moment: Any = None
        if ready.acting:
            now, today, zone, language, *values = values
            moment = Moment(datetime.fromisoformat(now), date.fromisoformat(today), zone, language)
        if len(values) == 1 and ready.loads and len(ready.loads) > MOST_ARGUMENTS:
            values = [each for part in json.loads(values[0]) for each in part]
        params = {}
        for place, value in enumerate(values):
            load = ready.loads.get(place)
            params[str(place)] = value if value is None or load is None else load(value)
        found = ready.evaluate(Env(None, moment, params=params))
        return None if found is None else ready.give(found)

    return run


def _read(text: str, functions: Mapping[str, Function]) -> _Ready:
    said = json.loads(text)
    types = [Type(Kind(kind), scale, choices, tuple(entities)) for kind, scale, choices, entities in said["types"]]
    stack: list[Node] = []
    loads: dict[int, Callable[[Any], Any]] = {}
    for word, of, value in said["steps"]:
        type_ = types[of]
        load = _loaded(type_)
        if word == _CONSTANT:
            stack.append(Constant(value if value is None or load is None else load(value), type_, _NOWHERE))
        elif word == _LEAF:
            stack.append(FieldRef("params", (), Symbol("", str(value), str(value), Label(""), type_), type_, _NOWHERE))
            loads[value] = load or _same
        else:
            split = len(stack) - value
            arguments = tuple(stack[split:])
            del stack[split:]
            stack.append(Apply(word, arguments, type_, _NOWHERE))
    [node] = stack
    lists = {name: [ChoiceName(value, Label(label, said_)) for value, label, said_ in rows] for name, rows in said.get("lists", {}).items()}
    calendar = Calendar()
    if "calendar" in said:
        start, workdays, holidays = said["calendar"]
        calendar = Calendar(start, tuple(workdays), frozenset(holidays))
    evaluate = PythonCompiler(functions, _Lists(lists), calendar).evaluator(node)
    return _Ready(evaluate, _given(node.type), "acting" in said, loads)


def _same(value: Any) -> Any:
    return value
