"""Technical names proposed from what people call a thing: “Daily rate” → `daily_rate`, free and not reserved.

Chinese is spelled in pinyin: “设备” → `she_bei`. Other letters that have no plain Latin form (Cyrillic) give a numbered name, which the
administrator may change before publishing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from fieldsmith.base.text import Words
from fieldsmith.meta.labels import plural_of

MOST = 48  # characters of a name
_OTHER = re.compile(r"[^a-z0-9]+")
_HAN = re.compile(r"[\u3400-\u9fff]")


def proposed_name(label: str, taken: Container[str], stem: str) -> str:
    """A free name for `label`; `stem_1`, `stem_2` … where nothing of the label can be written in a name."""
    plain = unicodedata.normalize("NFKD", _spelled(label).casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    name = _OTHER.sub("_", letters).strip("_").lstrip("0123456789_")[:MOST].rstrip("_")
    if name and name not in taken:
        return name
    base = (name or stem)[: MOST - 5]
    number = 2 if name else 1
    while f"{base}_{number}" in taken:
        number += 1
    return f"{base}_{number}"


def _spelled(label: str) -> str:
    if not _HAN.search(label):
        return label
    from pypinyin import lazy_pinyin  # its dictionaries take half a second and 50 MB, which only Chinese labels need

    return " ".join(lazy_pinyin(label))


def proposed_plural(label: str, words: Words) -> str:
    """What many of them are called, where the language has a plural."""
    return plural_of(label.strip()) if words.language == "en" else label.strip()
