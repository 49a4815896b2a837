"""Words of documents in other languages, as screens edit them: where each comes from, and the edits that say others.

    said = translated.said(now, {("zh_Hans", "rule/deal.amount_known/message"): "请填写金额"})

A word that a package translates is changed in the package's translation; others go into the workspace's own, one per language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fieldsmith.base.problems import pointer
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.workbench import Said
from fieldsmith.web.current import LANGUAGES
from fieldsmith.web.page import LANGUAGE_NAMES
from fieldsmith.web.studio.desk import Desk

OTHERS = tuple((language, name) for language, name in LANGUAGE_NAMES if language in LANGUAGES and language != "en")
"""Languages beside the one documents are written in, each by its own name."""
Word = tuple[str, str]
"""A language, and the path of a label: `entity/deal/fields/amount/label`."""


def others(now: Desk) -> tuple[tuple[str, str], ...]:
    """`OTHERS`, for who may translate: administrators."""
    return () if now.delegated else OTHERS


def words_in(now: Desk, language: str) -> dict[str, str]:
    """Every label translated into `language`, by its path."""
    out: dict[str, str] = {}
    for document in _documents(now, language):
        out.update(_labels(document))
    return out


def said(now: Desk, wanted: Mapping[Word, str]) -> list[Said]:
    """The edits that make every word what is `wanted`; "" is no word of one's own, so a package's again. What is so already is left out."""
    operations: dict[str, list[dict[str, Any]]] = {}
    new: dict[str, dict[str, str]] = {}
    for (language, path), text in wanted.items():
        holder = next((item for item in reversed(_documents(now, language)) if path in _labels(item)), None)
        if holder is not None:
            operation = _changed(now, holder, path, text)
            if operation is not None:
                operations.setdefault(holder.name, []).append(operation)
        elif text:
            name = _own_name(language)
            if ("translation", name) in now.documents:
                operations.setdefault(name, []).append({"op": "add", "path": pointer("labels", path), "value": text})
            else:
                new.setdefault(language, {})[path] = text
    documents = [Said("translation", _own_name(language), document=_document(language, labels)) for language, labels in new.items()]
    return [*(Said("translation", name, listed) for name, listed in operations.items()), *documents]


def _changed(now: Desk, holder: Effective, path: str, text: str) -> dict[str, Any] | None:
    below = now.bench.below.get(("translation", holder.name))
    base = None if below is None else _labels(below).get(path)
    if _labels(holder)[path] == (text or base):
        return None
    place = pointer("labels", path)
    return {"op": "change", "path": place, "value": text} if text else {"op": "remove", "path": place}


def _documents(now: Desk, language: str) -> list[Effective]:
    """In the order in which later ones win."""
    return [item for item in now.bench.of_kind("translation") if item.body.get("language") == language]


def _labels(document: Effective) -> Mapping[str, str]:
    found = document.body.get("labels")
    return found if isinstance(found, dict) else {}


def _own_name(language: str) -> str:
    return f"own_{language.lower()}"


def _document(language: str, labels: Mapping[str, str]) -> dict[str, Any]:
    return {"name": _own_name(language), "language": language, "labels": dict(labels)}
