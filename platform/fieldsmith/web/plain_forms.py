"""Forms of the shell's own pages (set-up, sign-in, me): reading what was typed, and problems beside their fields.

Not for records: their forms come from layouts (`web.forms`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.web.page import say


@dataclass(frozen=True, slots=True)
class Errors:
    """`fields`: sentences by field name, to stand beside it; `others`: sentences that belong to no field."""

    fields: Mapping[str, list[str]] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    @classmethod
    def of(cls, error: BadInput, known: tuple[str, ...]) -> Errors:
        """The problems of `error`, by the first part of their pointers, for a form with the fields `known`."""
        fields: dict[str, list[str]] = {}
        others: list[str] = []
        for problem in error.problems:
            sentence = " ".join(filter(None, (say(problem.message), say(problem.hint))))
            name = problem.pointer.removeprefix("/").partition("/")[0]
            if name in known:
                fields.setdefault(name, []).append(sentence)
            else:
                others.append(sentence)
        return cls(fields, tuple(others) or (() if fields else (say(error.title),)))


def text(name: str) -> str:
    """One line as typed: NFC, trimmed."""
    return unicodedata.normalize("NFC", request.form.get(name, "")).strip()


def one_line(value: str, pointer: str, most: int) -> list[Problem]:
    """What is wrong with a required line of at most `most` characters."""
    if not value:
        return [Problem("required", _m("This is needed."), pointer)]
    if len(value) > most or not value.isprintable():
        return [Problem("text_line", _m("Write 1 to {most} characters in one line.", most=most), pointer)]
    return []


def one_of(value: str, known: Mapping[str, object] | frozenset[str], pointer: str) -> list[Problem]:
    """What is wrong with a choice from a list."""
    return [] if value in known else [Problem("unknown_choice", _m("Choose one from the list."), pointer)]
