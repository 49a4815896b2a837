"""What an editor offers at a position of an unfinished expression, and the signature of the call around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from fieldsmith.base.text import Label, Message, _m
from fieldsmith.expr.aggregate_help import AGGREGATE_HELP
from fieldsmith.expr.check_calls import is_name
from fieldsmith.expr.check_state import AGGREGATES, in_words, shown_parameters, signature
from fieldsmith.expr.cursor import Bracket, Cursor, Piece, cursor_at
from fieldsmith.expr.function import Function
from fieldsmith.expr.limits import MAX_LENGTH
from fieldsmith.expr.syntax import Span
from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import EntityNames, Place, Symbol, Vocabulary

CompletionKind = Literal["field", "part", "list", "function", "choice", "keyword", "root"]
Words = Label | Message

_LIST_SHAPES: Mapping[str, tuple[str, ...]] = {
    "COUNT": ("list where condition",),
    **{name: ("list.field where condition",) for name in ("SUM", "AVG", "MIN", "MAX")},
}
_ROOT_WORDS: Mapping[str, Message] = {
    "user": _m("The acting user"),
    "old": _m("The record before this change"),
    "params": _m("Parameters"),
    "parent": _m("The record outside of the list"),
}
_COMPARED = frozenset({"=", "<>"})


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` replaces `span`. `detail` is a type or a signature."""

    kind: CompletionKind
    text: str
    label: Words
    detail: Message | str
    span: Span


@dataclass(frozen=True, slots=True)
class Signature:
    """The call around a cursor: `parameters` as written in its signature; `argument` counts from 0, `parameter` is which of them it is."""

    name: str
    parameters: tuple[str, ...]
    argument: int
    parameter: int | None
    help: Message | None


def complete(source: str, position: int, place: Place, vocabulary: Vocabulary, functions: Mapping[str, Function]) -> list[Completion]:
    """Everything that may stand at `position`, likeliest kind first."""
    cursor = cursor_at(source[:MAX_LENGTH], position)
    if cursor.idle:
        return []
    offer = _Offer(cursor, place, vocabulary, functions)
    current = cursor.current
    if current is not None and current.kind == "open":
        return list(offer.matching(offer.choices(quoted=False), current.text[1:]))
    if current is not None and "." in current.text:
        *path, last = current.text.split(".")
        return list(offer.matching(offer.members(path), last))
    typed = "" if current is None else current.text
    if cursor.before and cursor.before[-1].ends_value:
        return list(offer.matching(offer.operators(), typed))
    return list(offer.matching(offer.operands(), typed))


def signature_at(source: str, position: int, functions: Mapping[str, Function]) -> Signature | None:
    """The innermost call whose brackets the position is inside of; None outside of calls."""
    for bracket in reversed(cursor_at(source[:MAX_LENGTH], position).brackets):
        if not bracket.name:
            continue
        function = functions.get(bracket.name) if is_name(bracket.name) else None
        over_list = bracket.name in AGGREGATES and (function is None or bracket.where)
        if over_list:
            help_ = AGGREGATE_HELP[bracket.name].help
            return Signature(bracket.name, _LIST_SHAPES[bracket.name], bracket.argument, 0 if bracket.argument == 0 else None, help_)
        if function is None:
            return None
        shown = tuple(name for name, _ in shown_parameters(function))
        return Signature(function.name, shown, bracket.argument, parameter_at(function, bracket.argument), function.help)
    return None


def parameter_at(function: Function, argument: int) -> int | None:
    """The number of the parameter that argument `argument` is, as long as no more are typed; None beyond the last."""
    parameters = function.parameters
    run = [at for at, parameter in enumerate(parameters) if parameter.repeated]
    if not run or argument <= run[-1]:
        return argument if argument < len(parameters) else None
    return run[0] + (argument - run[0]) % len(run)


class _Offer:
    """What there is to offer at one cursor."""

    def __init__(self, cursor: Cursor, place: Place, vocabulary: Vocabulary, functions: Mapping[str, Function]) -> None:
        self.cursor = cursor
        self.place = place
        self.vocabulary = vocabulary
        self.functions = functions
        base = None if place.entity is None else vocabulary.entity(place.entity)
        self.names, self.parent = base, None
        listing = next((bracket for bracket in reversed(cursor.brackets) if bracket.name in AGGREGATES and bracket.where), None)
        if listing is not None:
            self.names, self.parent = self._child(base, listing), base

    def matching(self, offered: Iterable[Completion], typed: str) -> Iterator[Completion]:
        """Those whose text or label begins with what is typed already."""
        wanted = typed.casefold()
        for each in offered:
            if each.text.strip("\"'").casefold().startswith(wanted) or str(each.label).casefold().startswith(wanted):
                yield each

    def operands(self) -> Iterator[Completion]:
        """Where a value may begin."""
        yield from self.choices(quoted=True)
        top = self.cursor.brackets[-1]
        of_list = top.name in AGGREGATES and top.argument == 0 and not top.where and not self.cursor.before
        if of_list:
            yield from self._lists(self.names)
            if top.name not in ("MIN", "MAX"):
                yield from (each for each in self._fields(self.names) if isinstance(self._at([each.text]), EntityNames))
                return
        yield from self._fields(self.names)
        yield from self._roots()
        yield from self._functions()
        for word in ("not", "true", "false", "blank"):
            yield self._made("keyword", word, Label(word), "")

    def operators(self) -> Iterator[Completion]:
        """Where a value has ended."""
        words = ["and", "or", "in", "not in"]
        if self.cursor.brackets[-1].name in AGGREGATES and not self.cursor.brackets[-1].where:
            words.insert(0, "where")
        for word in words:
            yield self._made("keyword", word, Label(word), "")

    def members(self, path: list[str]) -> Iterator[Completion]:
        """What may follow the last point of a name."""
        if path == ["params"]:
            for name, type_ in self.place.params.items():
                yield self._made("field", name, Label(name), in_words(type_))
            return
        found = self._at(path)
        if isinstance(found, Symbol):
            for short, part in found.parts.items():
                yield self._made("part", short, part.label, in_words(part.type))
        elif found is not None:
            top = self.cursor.brackets[-1]
            if top.name in AGGREGATES and not top.where:
                yield from self._lists(found)
            yield from self._fields(found)

    def choices(self, *, quoted: bool) -> Iterator[Completion]:
        """The values of the choice that stands opposite."""
        type_ = self._opposite()
        known = self.vocabulary.choices(type_.choices) if type_ is not None and type_.kind in (Kind.CHOICE, Kind.SET) and type_.choices else None
        for choice in known or ():
            yield self._made("choice", f'"{choice.value}"' if quoted else choice.value, choice.label, in_words(Type(Kind.CHOICE)))

    def _made(self, kind: CompletionKind, text: str, label: Words, detail: Message | str) -> Completion:
        return Completion(kind, text, label, detail, self.cursor.span)

    def _fields(self, names: EntityNames | None) -> Iterator[Completion]:
        for name, symbol in ({} if names is None else names.fields).items():
            if symbol.type.kind is not Kind.LIST:
                yield self._made("field", name, symbol.label, in_words(symbol.type))

    def _lists(self, names: EntityNames | None) -> Iterator[Completion]:
        if not self.place.aggregates or self.parent is not None:
            return
        for name, related in ({} if names is None else names.related).items():
            entity = self.vocabulary.entity(related.entity)
            if entity is not None:
                yield self._made("list", name, entity.label, in_words(Type(Kind.LIST)))

    def _roots(self) -> Iterator[Completion]:
        outside = self.parent is None
        allowed = {
            "user": self.place.acting,
            "old": self.place.changes and outside,
            "params": bool(self.place.params),
            "parent": not outside,
        }
        for root, fits in allowed.items():
            if fits:
                yield self._made("root", root, _ROOT_WORDS[root], in_words(Type(Kind.RECORD)))

    def _functions(self) -> Iterator[Completion]:
        lists = self.place.aggregates and self.parent is None
        for name in sorted({*filter(is_name, self.functions), *(AGGREGATES if lists else ())}):
            function = self.functions.get(name)
            if function is None:
                yield self._made("function", f"{name}(", _m("Over a list of records"), f"{name}({_LIST_SHAPES[name][0]})")
            elif self._fits(function):
                yield self._made("function", f"{name}(", function.help, signature(function))

    def _fits(self, function: Function) -> bool:
        if "change" in function.needs:
            return self.place.changes and self.parent is None
        return (function.sql is not None or not self.place.sql) and ("now" not in function.needs or self.place.acting)

    def _child(self, base: EntityNames | None, bracket: Bracket) -> EntityNames | None:
        """The entity whose records an aggregate goes through, by the name at its beginning."""
        named = next((piece for piece in bracket.arguments[0] if piece.kind == "word"), None)
        names = base
        for part in named.text.split(".") if named is not None else ():
            if names is None:
                return None
            if part in names.related:
                return self.vocabulary.entity(names.related[part].entity)
            names = self._target(names.fields.get(part))
        return None

    def _at(self, path: list[str]) -> EntityNames | Symbol | None:
        """The entity, or the field of several parts, that a path leads to."""
        names, rest = self.names, path
        if path[0] in _ROOT_WORDS:
            names = {"user": self.vocabulary.entity("user"), "old": self.names, "parent": self.parent}.get(path[0])
            rest = path[1:]
        for at, part in enumerate(rest):
            if names is None:
                return None
            symbol = names.fields.get(part)
            if symbol is not None and symbol.parts:
                return symbol if at == len(rest) - 1 else None
            related = names.related.get(part)
            names = self.vocabulary.entity(related.entity) if related is not None else self._target(symbol)
        return names

    def _target(self, symbol: Symbol | None) -> EntityNames | None:
        if symbol is None or symbol.type.kind is not Kind.RECORD or len(symbol.type.entities) != 1:
            return None
        return self.vocabulary.entity(symbol.type.entities[0])

    def _opposite(self) -> Type | None:
        """The type of what the value at the cursor stands opposite; None when that is not plain."""
        before, top = self.cursor.before, self.cursor.brackets[-1]
        if before:
            compared = len(before) > 1 and before[-1].kind == "sign" and before[-1].text in _COMPARED
            return self._type_of(before[-2:-1]) if compared else None
        if top.operand:
            return self._type_of(top.operand[-1:])
        if top.name:
            return self._beside(top)
        return self.place.expects if len(self.cursor.brackets) == 1 else None

    def _beside(self, bracket: Bracket) -> Type | None:
        """The type of another argument that this one must match: a case of SWITCH its value, a value of INCLUDES the set."""
        function = self.functions.get(bracket.name)
        number = None if function is None else parameter_at(function, bracket.argument)
        if function is None or number is None:
            return None
        here = function.parameters[number]
        for at, pieces in enumerate(bracket.arguments[:-1]):
            other = parameter_at(function, at)
            if other is None:
                continue
            matched = here.unify and function.parameters[other].unify == here.unify
            if matched or (Kind.SET in function.parameters[other].kinds and here.kinds == {Kind.CHOICE}):
                found = self._type_of(tuple(pieces)) if len(pieces) == 1 else None
                if found is not None:
                    return found
        return self.place.expects if here.unify and here.unify == function.result and len(self.cursor.brackets) == 2 else None

    def _type_of(self, pieces: tuple[Piece, ...]) -> Type | None:
        if len(pieces) != 1 or pieces[0].kind != "word":
            return None
        *path, last = pieces[0].text.split(".")
        if path == ["params"]:
            return self.place.params.get(last)
        found = self._at(path) if path else self.names
        known = {} if found is None else found.parts if isinstance(found, Symbol) else found.fields
        symbol = known.get(last)
        return None if symbol is None else symbol.type
