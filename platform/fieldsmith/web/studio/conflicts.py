"""`/studio/drafts/{id}/conflicts`: others changed the same things; base, mine and theirs side by side, and what shall hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.text import _m
from fieldsmith.web import page
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.drafts import BASE, changesets
from fieldsmith.web.studio.review import bodies_of
from fieldsmith.web.studio.wording import path_words, value_words

if TYPE_CHECKING:
    from fieldsmith.studio.conflicts import Contradiction
    from fieldsmith.studio.settling import Choice


@dataclass(frozen=True, slots=True)
class Dispute:
    """One path. `text` is what the box for another value holds, "" where none is offered: only texts are typed anew."""

    path: str
    where: str
    base: str
    mine: str
    theirs: str
    text: str
    editable: bool
    take: str
    problem: str


def register(app: Flask) -> None:
    address = f"{BASE}<int:id>/conflicts"
    app.add_url_rule(address, "studio_conflicts", conflicts_page)
    app.add_url_rule(address, "studio_settle", settle, methods=["POST"])


def conflicts_page(id: int, status: int = 200, faults: Mapping[str, str] | None = None) -> Response:
    """`GET /studio/drafts/{id}/conflicts`; on to the plan when there are none."""
    now = desk()
    found = changesets().conflicts(now.actor, id)
    if not found:
        return page.go(f"{BASE}{id}/publish")
    bench = changesets().look(now.actor, id)
    disputes = [_dispute(now, item, id, faults or {}) for item in found]
    return render("studio/conflicts.html", now, status, draft=bench.draft, disputes=disputes)


def settle(id: int) -> Response:
    """`POST /studio/drafts/{id}/conflicts`: `take.{path}` is mine, theirs or other, `other.{path}` the text then."""
    now = desk()
    found = changesets().conflicts(now.actor, id)
    faults: dict[str, str] = {}
    choices: dict[str, Choice] = {}
    for item in found:
        choice, fault = _choice(item)
        if choice is not None:
            choices[item.path] = choice
        else:
            faults[item.path] = fault
    if faults:
        return conflicts_page(id, 422, faults)
    try:
        checked = changesets().settle(now.actor, id, choices)
    except BadInput as later:  # another was published since the page was made
        return conflicts_page(id, 409, {problem.pointer.removeprefix("/"): page.say(problem.message) for problem in later.problems})
    if checked.problems:
        return page.go(f"{BASE}{id}")
    page.notify(_m("Decided. This is the plan now."))
    return page.go(f"{BASE}{id}/publish")


def _choice(item: Contradiction) -> tuple[Choice | None, str]:
    from fieldsmith.studio.settling import Choice

    take = request.form.get(f"take.{item.path}", "")
    if take in ("mine", "theirs"):
        return Choice("mine" if take == "mine" else "theirs"), ""
    if take == "other" and _is_text(item):
        text = request.form.get(f"other.{item.path}", "").strip()
        return (Choice("other", text), "") if text else (None, page.say(_m("Type what shall stand here.")))
    return None, page.say(_m("Choose one."))


def _dispute(now: Desk, item: Contradiction, id: int, faults: Mapping[str, str]) -> Dispute:
    bench = changesets().look(now.actor, id)
    kind, name = item.path.split("/")[:2]
    base, mine, theirs = (_side(value, now) for value in (item.base, item.mine, item.theirs))
    editable = _is_text(item)
    take = request.form.get(f"take.{item.path}", "") if request.method == "POST" else ""
    text = request.form.get(f"other.{item.path}", item.mine if isinstance(item.mine, str) else "") if editable else ""
    where = path_words(item.path, bodies_of(bench, kind, name), now.words)
    return Dispute(item.path, where, base, mine, theirs, text, editable, take, faults.get(item.path, ""))


def _is_text(item: Contradiction) -> bool:
    values = [value for value in (item.base, item.mine, item.theirs) if value is not None]
    return all(isinstance(value, str) for value in values)


def _side(value: Any, now: Desk) -> str:
    if isinstance(value, dict | list) and len(json.dumps(value)) < 2000:
        return json.dumps(value, ensure_ascii=False, indent=1)
    return value_words(value, now.words)
