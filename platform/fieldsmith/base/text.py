"""Words before they have a language.

`Message` is a sentence of the program (looked up in the Babel catalogues by its English text); `Label` is a word of the
metadata, which carries its own translations. Both stay untranslated until an edge (web, cli) knows the reader's `Words`.
Not for text a user typed: that is plain `str`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """How one reader reads: a language tag of ours (`en`, `zh_Hans`, `zh_Hant`) and its catalogue."""

    language: str
    gettext: Callable[[str], str]


def _unchanged(text: str) -> str:
    return text


ENGLISH = Words("en", _unchanged)


@dataclass(frozen=True, slots=True)
class Label:
    """A word of the metadata: its text as written in the document and what translation documents say."""

    text: str
    translations: Mapping[str, str] = field(default_factory=dict)

    def render(self, words: Words) -> str:
        return self.translations.get(words.language, self.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Message:
    """A translatable sentence. `id` is English with `{placeholders}`; parameters may be messages and labels again."""

    id: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def render(self, words: Words) -> str:
        text = words.gettext(self.id)
        if not self.params:
            return text
        return text.format(**{key: in_words(value, words) for key, value in self.params.items()})

    def __str__(self) -> str:
        return self.render(ENGLISH)


def in_words(value: Any, words: Words) -> Any:
    """`value` as `words` says it: messages and labels are rendered, anything else is returned as it is."""
    return value.render(words) if isinstance(value, (Message, Label)) else value


def _m(text: str, **params: Any) -> Message:
    """Mark `text` for translation (Babel keyword `_m`) and bind its parameters: `_m("No entity {name}.", name=n)`."""
    return Message(text, params)
