"""Clashes of an upgrade as a form: three sides of each, and what the form sent back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.labels import label_from_name
from fieldsmith.web.studio.wording import path_words, value_words

if TYPE_CHECKING:
    from fieldsmith.studio.upgrade_settling import Clash, Settlement
    from fieldsmith.web.studio.desk import Desk

_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Dispute:
    """One clash. `way` is how it is settled so far, "" while it is open; `value` what the edit field holds, `as_json` how it is read."""

    path: str
    where: str
    reason: Message
    base: str
    mine: str
    theirs: str
    ways: tuple[str, ...]
    way: str
    value: str
    as_json: bool


def disputes(open_: Iterable[Clash], settled: Iterable[tuple[Clash, str]], now: Desk, sent: Mapping[str, Any] | None = None) -> list[Dispute]:
    """Open ones first."""
    return [_dispute(clash, "", now, sent or {}) for clash in open_] + [_dispute(clash, way, now, sent or {}) for clash, way in settled]


def settlement_of(form: Mapping[str, str], later: bool = False) -> Settlement:
    """`path.0`, `way.0`, `value.0` and `json.0`, and so on. Raises `BadInput` for a value that is no JSON where it must be."""
    from fieldsmith.studio.upgrade_settling import Settlement

    choices: dict[str, Any] = {}
    for at in range(_MOST):
        path, way = form.get(f"path.{at}"), form.get(f"way.{at}", "")
        if path is None:
            break
        if way in ("keep", "take"):
            choices[path] = way
        elif way == "edit":
            choices[path] = {"value": _value(form.get(f"value.{at}", "").replace("\r\n", "\n"), bool(form.get(f"json.{at}")), path)}
    return Settlement(None, choices, later)


def place_words(now: Desk, path: str, new: Any = None) -> str:
    """`entity/deal/fields/amount/label` as people read it; `new` is the document where it is not published yet."""
    return path_words(path, bodies_of(now, path.split("/")[0], path.split("/")[1], new), now.words)


def bodies_of(now: Desk, kind: str, name: str, new: Any = None) -> list[Mapping[str, Any] | None]:
    """What a document says, published and below; at last one that makes a label of its name."""
    found = [documents.get((kind, name)) for documents in (now.bench.published, now.bench.below)]
    said = [None if document is None else document.body for document in found]
    return [new if isinstance(new, Mapping) else None, *said, {"label": document_label(now, kind, name)}]


def document_label(now: Desk, kind: str, name: str) -> str:
    """What it says it is called, else its name as words: “Opportunity · Default”."""
    found = now.bench.published.get((kind, name))
    label = found.body.get("label") if found is not None else None
    return str(label) if label else " · ".join(label_from_name(part) for part in name.split("."))


def _value(text: str, as_json: bool, path: str) -> Any:
    if not as_json:
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise BadInput([Problem("malformed_json", _m("“{path}” needs a value in JSON, as it was before.", path=path), "")]) from None


def _dispute(clash: Clash, way: str, now: Desk, sent: Mapping[str, Any]) -> Dispute:
    where = place_words(now, clash.path)
    base, mine, theirs = (value_words(value, now.words) for value in (clash.base, clash.mine, clash.theirs))
    given = sent.get(clash.path)
    value = given["value"] if isinstance(given, Mapping) else clash.mine
    as_json = not all(isinstance(side, str) or side is None for side in (clash.base, clash.mine, clash.theirs))
    text = value if isinstance(value, str) and not as_json else json.dumps(value, ensure_ascii=False, indent=2)
    return Dispute(clash.path, where, clash.reason, base, mine, theirs, clash.ways, way, "" if value is None and not as_json else text, as_json)
