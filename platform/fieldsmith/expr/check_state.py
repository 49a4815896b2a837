"""What the parts of the checker share: where the expression stands, the problems found so far, and how types are called.

A sub-expression at fault gets the type `UNKNOWN`; whoever sees an operand of it says nothing more.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.errors import problem_at
from fieldsmith.expr.function import Function, Parameter
from fieldsmith.expr.limits import MAX_PROBLEMS
from fieldsmith.expr.nodes import Apply, Constant, Node
from fieldsmith.expr.syntax import Span
from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import EntityNames, Place, Vocabulary

UNKNOWN = Type(Kind.OPAQUE, choices="?")
"""The type of what has a problem already; it never leaves the checker. Compared by identity."""

VALUES = frozenset(Kind) - {Kind.LIST, Kind.PARTS, Kind.OPAQUE, Kind.BLANK}
"""Kinds an expression can compute with, rather than only ask whether they are blank."""

ORDERED = frozenset({Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.DATETIME, Kind.TIME})
"""Kinds that `<` and MIN know."""

AGGREGATES = frozenset({"COUNT", "SUM", "AVG", "MIN", "MAX"})

WORDS: Mapping[Kind, Message] = {
    Kind.TEXT: _m("text"),
    Kind.INTEGER: _m("a whole number"),
    Kind.DECIMAL: _m("a decimal number"),
    Kind.BOOLEAN: _m("a condition"),
    Kind.DATE: _m("a date"),
    Kind.DATETIME: _m("a date with time"),
    Kind.TIME: _m("a time"),
    Kind.CHOICE: _m("a choice"),
    Kind.SET: _m("a set of choices"),
    Kind.RECORD: _m("a record"),
    Kind.LIST: _m("a list of records"),
    Kind.PARTS: _m("a value of several parts"),
    Kind.OPAQUE: _m("a value without comparison"),
    Kind.BLANK: _m("blank"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The names in force. Inside an aggregate `names` are the child's and `parent` those of the record outside."""

    names: EntityNames | None
    parent: EntityNames | None = None
    inside: bool = False


@dataclass(slots=True)
class Checking:
    """One check of one source."""

    source: str
    place: Place
    vocabulary: Vocabulary
    functions: Mapping[str, Function]
    problems: list[Problem] = field(default_factory=list)

    def report(self, span: Span, code: str, message: Message, hint: Message | None = None) -> Constant:
        """Note a problem, unless there are plenty; the node to go on with in place of the faulty one."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem_at(self.source, span, code, message, hint))
        return Constant(None, UNKNOWN, span)

    def near(self, name: str, known: Iterable[str]) -> Message | None:
        """“Did you mean”. Looking for what is near takes long, so it ends where nobody would be told."""
        return did_you_mean(name, known) if len(self.problems) < MAX_PROBLEMS else None

    def report_done(self, span: Span) -> Constant:
        """The node to go on with where the problem is noted already."""
        return Constant(None, UNKNOWN, span)

    def said(self, span: Span) -> str:
        """The source of `span`, cut where it is long, for sentences about it."""
        return shortened(self.source[span.start : span.end])


_LONGEST = 40


def shortened(text: str) -> str:
    """`text` on one line, cut where it is long, for sentences."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def faulty(nodes: Iterable[Node]) -> bool:
    """Whether a problem of one of `nodes` is reported already."""
    return any(node.type is UNKNOWN for node in nodes)


def in_words(type_: Type) -> Message:
    """“a date”, as a sentence says it."""
    return WORDS[type_.kind]


def one_of(kinds: Iterable[Kind]) -> Message:
    """“text, a date or a number”: what is expected where one of `kinds` may stand."""
    wanted = set(kinds)
    words = [WORDS[kind] for kind in Kind if kind in wanted and kind not in (Kind.INTEGER, Kind.DECIMAL)]
    if Kind.DECIMAL in wanted:
        words.insert(0, _m("a number"))
    elif Kind.INTEGER in wanted:
        words.insert(0, WORDS[Kind.INTEGER])
    text = words[-1]
    for before, word in enumerate(reversed(words[:-1])):
        text = _m("{first} or {second}", first=word, second=text) if before == 0 else _m("{first}, {rest}", first=word, rest=text)
    return text


def signature(function: Function) -> str:
    """`IF(condition, then, [else])`; a run that may come again is followed by `…`."""
    return f"{function.name}({', '.join(shown for shown, _ in shown_parameters(function))})"


def shown_parameters(function: Function) -> list[tuple[str, int]]:
    """How each parameter is written in the signature, with its number."""
    out: list[tuple[str, int]] = []
    last = max((at for at, parameter in enumerate(function.parameters) if parameter.repeated), default=-1)
    for at, parameter in enumerate(function.parameters):
        name = f"[{parameter.name}]" if parameter.optional else parameter.name
        out.append((f"{name}, …" if at == last else name, at))
    return out


@functools.lru_cache(maxsize=4096)
def _assign(parameters: tuple[Parameter, ...], count: int) -> tuple[Parameter, ...] | None:
    run = tuple(parameter for parameter in parameters if parameter.repeated)
    if not run:
        return _without_run(parameters, count)
    start = parameters.index(run[0])
    before, after = parameters[:start], parameters[start + len(run) :]
    fewest = 0 if all(parameter.optional for parameter in run) else 1
    needed = sum(not parameter.optional for parameter in after)
    for times in range((count - len(before)) // len(run), fewest - 1, -1):
        left = count - len(before) - times * len(run)
        if needed <= left <= len(after):
            tail = _without_run(after, left)
            return None if tail is None else (*before, *run * times, *tail)
    return None


def _without_run(parameters: tuple[Parameter, ...], count: int) -> tuple[Parameter, ...] | None:
    """Optional parameters are filled from the left."""
    spare = count - sum(not parameter.optional for parameter in parameters)
    if spare < 0 or count > len(parameters):
        return None
    out: list[Parameter] = []
    for parameter in parameters:
        if parameter.optional:
            if spare == 0:
                continue
            spare -= 1
        out.append(parameter)
    return tuple(out)


def assigned(function: Function, count: int) -> tuple[Parameter, ...] | None:
    """The parameter of each of `count` arguments; None when `function` does not take so many."""
    return _assign(function.parameters, count)


def branches(node: Node, functions: Mapping[str, Function]) -> tuple[int, ...]:
    """The arguments of IF, SWITCH, COALESCE … that give the node its type: those of the unified group it results in."""
    if not isinstance(node, Apply):
        return ()
    function = functions.get(node.function)
    if function is None or not isinstance(function.result, str):
        return ()
    parameters = assigned(function, len(node.arguments)) or ()
    return tuple(at for at, parameter in enumerate(parameters) if parameter.unify == function.result)


def is_literal(node: Node, functions: Mapping[str, Function]) -> bool:
    """Whether `node` takes the type of what it stands opposite: a text, a whole number or `blank`, or branches of only those."""
    if isinstance(node, Constant):
        return node.type.kind in _SOFT
    if node.type.kind not in _SOFT:
        return False
    chosen = branches(node, functions)
    assert not isinstance(node, Constant)
    return bool(chosen) and isinstance(node, Apply) and all(is_literal(node.arguments[at], functions) for at in chosen)


_SOFT = frozenset({Kind.TEXT, Kind.INTEGER, Kind.BLANK})
