"""The grammar of the expression language, for Lark. `scanner` makes its terminals; `parser` its tree.

A constant of the program, not a file: pure rooms open nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

KEYWORDS: Mapping[str, str] = {
    "and": "AND",
    "or": "OR",
    "not": "NOT",
    "in": "IN",
    "where": "WHERE",
    "true": "WORD",
    "false": "WORD",
    "blank": "WORD",
}
"""Words that are never names, in any case, and the terminal each is."""

SIGNS: Mapping[str, str] = {
    "=": "COMPARE",
    "<>": "COMPARE",
    "<": "COMPARE",
    "<=": "COMPARE",
    ">": "COMPARE",
    ">=": "COMPARE",
    "&": "JOIN",
    "+": "PLUS",
    "-": "MINUS",
    "*": "TIMES",
    "/": "TIMES",
    "^": "POWER",
    "(": "OPEN",
    ")": "CLOSE",
    ",": "COMMA",
}
"""Every sign of the language and the terminal it is."""

# Loosest first. Each level holds the next tighter one; a comparison holds none of its own level, so none can be chained.
GRAMMAR = r"""
?start: disjunction

?disjunction: conjunction
    | disjunction OR conjunction        -> binary
?conjunction: negation
    | conjunction AND negation          -> binary
?negation: comparison
    | NOT negation                      -> unary
?comparison: joined
    | joined COMPARE joined             -> binary
    | joined IN OPEN items CLOSE        -> membership
    | joined NOT IN OPEN items CLOSE    -> no_membership
?joined: sum
    | joined JOIN sum                   -> binary
?sum: product
    | sum PLUS product                  -> binary
    | sum MINUS product                 -> binary
?product: signed
    | product TIMES signed              -> binary
?signed: power
    | MINUS signed                      -> unary
?power: atom
    | atom POWER signed                 -> binary
?atom: NUMBER                           -> number
    | TEXT                              -> text
    | WORD                              -> word
    | NAME                              -> name
    | CALL OPEN CLOSE                   -> call
    | CALL OPEN items CLOSE             -> call
    | CALL OPEN disjunction WHERE disjunction CLOSE -> call_where
    | OPEN disjunction CLOSE            -> bracketed
items: disjunction
    | items COMMA disjunction

%declare OR AND NOT COMPARE IN OPEN CLOSE JOIN PLUS MINUS TIMES POWER NUMBER TEXT WORD NAME CALL WHERE COMMA
"""
