"""Labels: what documents say, what translation documents add, and what is made from a name when nothing is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from fieldsmith.base.text import Label

_NONE: Mapping[str, str] = MappingProxyType({})


class Labels:
    """Makes `Label`s for one build. Keys of translations are `entity/opportunity/fields/name/label`; later documents win."""

    def __init__(self, translations: Iterable[Mapping[str, Any]]) -> None:
        self._words: dict[str, dict[str, str]] = {}
        for body in translations:
            for key, text in body["labels"].items():
                self._words.setdefault(key, {})[body["language"]] = text

    def label(self, path: str, text: str) -> Label:
        return Label(text, self._words.get(path, _NONE))

    def optional(self, path: str, text: str | None) -> Label | None:
        return Label(text, self._words.get(path, _NONE)) if text else None

    def plural(self, path: str, text: str, singular: Label) -> Label:
        """A plural without translation into a language is the singular there (Chinese has no plural)."""
        return Label(text, {**singular.translations, **self._words.get(path, _NONE)})


def label_from_name(name: str) -> str:
    """`close_date` → “Close date”."""
    return name.replace("_", " ").strip().capitalize()


def plural_of(label: str) -> str:
    """The English plural by rule; a document says `plural` where the rule is wrong."""
    last = label[-1:].lower()
    if not last.isascii() or not last.isalpha():
        return label
    if last == "y" and label[-2:-1].lower() not in tuple("aeiou"):
        return label[:-1] + "ies"
    return label + ("es" if label.lower().endswith(("s", "x", "z", "ch", "sh")) else "s")
