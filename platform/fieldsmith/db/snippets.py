"""The part of a record's text that shows why it was found. Plain text: whoever shows it escapes it."""

from __future__ import annotations

import re

from fieldsmith.db.tokens import Question, Tokenizer

WIDTH = 160
_BEFORE = 40
_BLANKS = re.compile(r"\s+")


def snippet(text: str, asked: Question, tokenizer: Tokenizer) -> str:
    """At most `WIDTH` characters of `text` in one line, beginning shortly before the first match; its beginning when none is seen."""
    if len(text) <= WIDTH:
        return _one_line(text)
    at = _first_match(text, asked, tokenizer)
    start = max(0, at - _BEFORE)
    end = start + WIDTH
    cut = _one_line(text[start:end])
    return ("…" if start else "") + cut + ("…" if end < len(text) else "")


def _first_match(text: str, asked: Question, tokenizer: Tokenizer) -> int:
    needles = [*asked.words, *([asked.prefix] if asked.prefix else [])]
    folded = tokenizer.folded(text)
    found = [at for needle in needles if (at := folded.find(needle)) >= 0]
    return min(min(found), len(text) - 1) if found else 0  # folding moves positions a little; a snippet may begin a little off


def _one_line(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
