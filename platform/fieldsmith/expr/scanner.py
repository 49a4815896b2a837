"""Splits a source text into the grammar's terminals and collects every slip of spelling on the way.

A scanner of our own instead of Lark's: a comment depends on what stands before it, the limits are kept before anything is
parsed, and many slips are named at once. The parser is its only caller.
"""

from __future__ import annotations

import re

from lark import Token

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.expr.errors import problem_at, refused
from fieldsmith.expr.grammar import KEYWORDS, SIGNS
from fieldsmith.expr.limits import MAX_DEPTH, MAX_NODES, MAX_PROBLEMS, too_long, too_many_brackets, too_many_marks, too_many_nodes
from fieldsmith.expr.mistakes import WRONG_SIGNS, meant_by, name_problem, number_problem, odd_problem, unclosed_problem
from fieldsmith.expr.syntax import Span

_WRONG = "|".join(re.escape(sign) for sign in sorted(WRONG_SIGNS, key=len, reverse=True))
_PATTERN = re.compile(
    rf"""(?P<skip>(?:\s++|(?<!\S)--[^\r\n]*+)++)
    |(?P<word>[^\W\d]\w*+(?:\.[^\W\d]\w*+)*+)
    |(?P<number>[0-9]++(?:\.[0-9]++)?+(?![\w.]))
    |(?P<text>"(?:[^"]++|"")*+"|'(?:[^']++|'')*+')
    |(?P<wrong>{_WRONG})
    |(?P<sign><>|<=|>=|[=<>&+\-*/^(),])
    |(?P<figure>\.?\d[\w.]*+)
    |(?P<unclosed>["'])
    |(?P<odd>[“”„‟«»＂][^“”„‟«»＂"]*+[“”„‟«»＂"]|[‘’‚‛＇`´][^‘’‚‛＇`´']*+[‘’‚‛＇`´']|[「『][^「」『』]*+[」』]|\.\s*+(?:[^\W\d]\w*+)?|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*\Z")
_CALL = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_MAX_DIGITS = 38
_NO_NODE = frozenset({"OPEN", "CLOSE", "COMMA", "WHERE"})


def scan(source: str) -> list[Token]:
    """The terminals of `source`, each with its start and end; raises every slip together as ExpressionError."""
    problem = too_long(source) or _unreadable(source)
    if problem:
        raise refused([problem])
    scanner = _Scanner(source)
    scanner.run()
    if scanner.problems:
        raise refused(scanner.problems)
    return scanner.tokens


def _unreadable(source: str) -> Problem | None:
    found = _UNREADABLE.search(source)
    if found is None:
        return None
    code = f"U+{ord(found[0]):04X}"
    message = _m("A character that cannot be stored ({code}) stands here.", code=code)
    return problem_at(source, Span(*found.span()), "unreadable_character", message, _m("Delete it."))


class _Scanner:
    """One run over one source: the terminals so far, the slips so far, the nodes they make and the brackets that are open."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens: list[Token] = []
        self.problems: list[Problem] = []
        self._nodes = 0
        self._open = 0

    def run(self) -> None:
        """Stops early when a limit is passed or enough slips are found."""
        for match in _PATTERN.finditer(self.source):
            kind = match.lastgroup
            if kind == "skip":
                continue
            start, end = match.span()
            if kind == "sign":
                self._sign(match[0], start, end)
            elif kind == "word":
                self._word(match[0], start, end)
            elif kind == "number":
                self._number(match[0], start, end)
            elif kind == "text":
                self._text(match[0], start, end)
            elif kind == "unclosed":
                self.problems.append(unclosed_problem(self.source, start))
                break
            else:
                self._slip(str(kind), match[0], Span(start, end))
            if len(self.problems) >= MAX_PROBLEMS or self._nodes > MAX_NODES or self._open > MAX_DEPTH:
                break
        self._judge_name("")
        self._limits()

    def _limits(self) -> None:
        if self._nodes > MAX_NODES:
            self.problems = [too_many_nodes(self.source, _span(self.tokens[-1]))]
        elif self._open > MAX_DEPTH:
            self.problems = [too_many_brackets(self.source, _span(self.tokens[-1]))]
        self.problems = sorted(self.problems, key=lambda problem: (problem.line or 0, problem.column or 0))[:MAX_PROBLEMS]

    def _add(self, terminal: str, text: str, start: int, end: int) -> None:
        self._judge_name(terminal)
        self.tokens.append(Token(terminal, text, start, None, None, None, None, end))
        if terminal not in _NO_NODE:
            self._nodes += 1

    def _sign(self, text: str, start: int, end: int) -> None:
        terminal = SIGNS[text]
        if terminal == "OPEN":
            self._open += 1
        elif terminal == "CLOSE":
            self._open -= 1
        self._add(terminal, text, start, end)

    def _word(self, text: str, start: int, end: int) -> None:
        terminal = KEYWORDS.get(text.lower(), "NAME")
        if terminal == "IN" and self.tokens and self.tokens[-1].type == "NOT":
            self._nodes -= 1  # `not in` is one operator
        self._add(terminal, text, start, end)

    def _text(self, text: str, start: int, end: int) -> None:
        problem = None if text.isascii() else too_many_marks(self.source, text, start)
        if problem:
            self.problems.append(problem)
        self._add("TEXT", text, start, end)

    def _number(self, text: str, start: int, end: int) -> None:
        if len(text) > _MAX_DIGITS and sum(sign != "." for sign in text) > _MAX_DIGITS:
            self.problems.append(number_problem(self.source, text, Span(start, end)))
        self._add("NUMBER", text, start, end)

    def _judge_name(self, following: str) -> None:
        """Only what follows a name tells whether it is one of a call or of a field; then its spelling is judged."""
        if not self.tokens or self.tokens[-1].type != "NAME":
            return
        token = self.tokens[-1]
        called = following == "OPEN"
        if called:
            token.type = "CALL"
        well_spelt = _CALL.match(token) if called else _NAME.match(token) and not ("." in token and _has_keyword(token))
        if not well_spelt:
            self.problems.append(name_problem(self.source, str(token), _span(token), called))

    def _slip(self, kind: str, text: str, span: Span) -> None:
        """The full-width bracket of `IF（` still makes the name before it one of a function."""
        if meant_by(text) == "(":
            self._judge_name("OPEN")
        problem = number_problem if kind == "figure" else odd_problem
        self.problems.append(problem(self.source, text, span))


def _has_keyword(path: str) -> bool:
    return not KEYWORDS.keys().isdisjoint(path.split("."))


def _span(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)
