"""`Tokenizer`: text → the words full-text search stores and asks for; one for both databases, so both find the same.

NFKC, case folded. Words of letters and digits are one token each; Chinese, Japanese and Korean have no spaces, so each
character and each pair of neighbours is a token. Traditional characters become simplified ones first, character by
character: what surrounds a character must not matter, else a word would be missed inside a longer one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property
from typing import NamedTuple

MAX_TEXT = 100_000
"""Characters of one record's text that are looked at."""
MAX_TOKEN = 64
"""Longer words are cut, in records and in questions alike."""

_CJK = "㐀-䶿一-鿿豈-﫿぀-ヿㇰ-ㇿㄅ-ㄯㆠ-ㆿ가-힣々〇𠀀-\U000323af"
_HAS_CJK = re.compile(f"[{_CJK}]")
_PARTS = re.compile(f"([{_CJK}]+)|((?:(?![{_CJK}])[^\\W_])+)")
_ASCII_WORDS = re.compile("[a-z0-9]+")
_WORDS = re.compile(r"[^\W_]+")
_HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0x20000, 0x2A6E0))


class Question(NamedTuple):
    """What a person typed: every one of `words` must be there, and a word that begins with `prefix`."""

    words: tuple[str, ...]
    prefix: str | None


class Tokenizer:
    """Keeps the table of traditional characters once some text needed it (about 4,000 entries). Safe for several threads."""

    def document_tokens(self, text: str) -> list[str]:
        """Every token of `text` once, in order of appearance."""
        if text.isascii():
            words = _ASCII_WORDS.findall(text[:MAX_TEXT].lower())
            if len(text) > MAX_TOKEN:
                words = [word[:MAX_TOKEN] for word in words]
            return list(dict.fromkeys(words))
        folded = self.folded(text)
        if _HAS_CJK.search(folded) is None:
            return list(dict.fromkeys(word[:MAX_TOKEN] for word in _WORDS.findall(folded)))
        tokens: dict[str, None] = {}
        for run, word in _PARTS.findall(folded):
            if word:
                tokens[word[:MAX_TOKEN]] = None
                continue
            tokens.update(dict.fromkeys(run))
            tokens.update(dict.fromkeys(map(str.__add__, run, run[1:])))
        return list(tokens)

    def question(self, text: str) -> Question:
        """Tokens to ask for; the last word is a prefix, for people search while they type. Nothing to ask for gives no words."""
        words: dict[str, None] = {}
        last = ""
        for run, word in _PARTS.findall(self.folded(text)):
            last = word[:MAX_TOKEN]
            if word:
                words[last] = None
            elif len(run) == 1:
                words[run] = None
            else:
                words.update(dict.fromkeys(map(str.__add__, run, run[1:])))
        if last:
            del words[last]
        return Question(tuple(words), last or None)

    def folded(self, text: str) -> str:
        """The form of `text` that tokens are cut from."""
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text[:MAX_TEXT]).casefold())
        return folded.translate(self._simplified) if _HAS_CJK.search(folded) else folded

    @cached_property
    def _simplified(self) -> dict[int, str]:
        """Code point of a traditional character → its simplified form."""
        from opencc import OpenCC  # some megabytes, and most processes never meet a Chinese character

        characters = [chr(code) for block in _HAN for code in block]
        simple = OpenCC("t2s").convert("\n".join(characters)).split("\n")
        return {ord(one): other for one, other in zip(characters, simple, strict=True) if one != other and len(other) == 1}
