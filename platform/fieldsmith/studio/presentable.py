"""Documents of a faulty draft as screens can show them: without what is not of the shape its schema wants.

Drafts keep whatever is said; their problems tell what is wrong. Screens read documents and may rely on lists being lists.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.validation import Place, Validators

_MOST_ROUNDS = 20  # what is cut may leave something else missing
_LISTS = frozenset({"fields", "values", "columns", "sections", "tabs", "operations"})
_OBJECTS = frozenset({"entities", "labels"})


def presentable(documents: Mapping[Key, Effective], published: Mapping[Key, Effective], validators: Validators) -> dict[Key, Effective]:
    """`documents` with those that differ from `published` ones cut to shape; one that nothing is left of is as published, or not there."""
    out: dict[Key, Effective] = {}
    for key, document in documents.items():
        known = published.get(key)
        body = document.body if known is not None and known.body == document.body else _cut(document.kind, document.body, validators)
        if body is not None:
            out[key] = replace(document, body=body)
        elif known is not None:
            out[key] = known
    return out


def _cut(kind: str, body: Mapping[str, Any], validators: Validators) -> Mapping[str, Any] | None:
    here: Any = copy.deepcopy(body)
    for _ in range(_MOST_ROUNDS):
        faults = set(validators.misshapen(kind, here))
        if not faults:
            cut: Mapping[str, Any] = here
            return cut
        if not all(_filled(here, key) for place, key in faults if not place):
            return None
        for place in _deepest_first(place for place, _ in faults if place):
            _drop(here, place)
    return None


def _filled(body: Any, key: str) -> bool:
    """Put an empty list or object for a `key` the document itself lacks. False where it cannot do without."""
    if key not in _LISTS | _OBJECTS:
        return False
    body[key] = [] if key in _LISTS else {}
    return True


def _deepest_first(places: Iterator[Place]) -> list[Place]:
    """And the last of a list before those in front of it, so that each is still where it was."""
    return sorted(set(places), key=lambda place: (len(place), [(isinstance(step, int), step if isinstance(step, int) else 0) for step in place]), reverse=True)


def _drop(body: Any, place: Place) -> None:
    for step in place[:-1]:
        body = body[step]
    del body[place[-1]]
