"""Every event that is noted in the audit log stands in the one list of events, and the list in the docs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from fieldsmith.identity.audit_events import ALL, EVENTS, GROUPS
from tests.house.source import ROOT, product_files

_EVENT_AT = 3  # note(connection, now, actor, event, …)
_OWN = "_note"


def noted() -> Iterator[tuple[Path, int, ast.expr]]:
    """The event of every call that notes one. A class may have a `_note(…, event, …)` of its own, whose calls are then looked at."""
    for path in product_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == _OWN and "event" in parameters(node)), None)
        passed_on = set(ast.walk(own)) if own is not None else set()
        places = {"note": _EVENT_AT, "audit.note": _EVENT_AT, "self._note": parameters(own).index("event") if own is not None else _EVENT_AT}
        for node in ast.walk(tree):
            at = places.get(ast.unparse(node.func)) if isinstance(node, ast.Call) and node not in passed_on else None
            if isinstance(node, ast.Call) and at is not None and len(node.args) > at and not is_other(path, node):
                yield path, node.lineno, node.args[at]


def parameters(function: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in function.args.args if argument.arg != "self"]


def is_other(path: Path, call: ast.Call) -> bool:
    """`_note` of the expression language and of drafts have nothing to do with the log."""
    return ast.unparse(call.func) == "self._note" and path.name in ("program.py", "drafts.py")


def names(event: ast.expr) -> list[str | None]:
    if isinstance(event, ast.IfExp):
        return names(event.body) + names(event.orelse)
    return [event.value] if isinstance(event, ast.Constant) and isinstance(event.value, str) else [None]


def test_every_event_noted_is_a_known_one() -> None:
    found = list(noted())
    unknown = [f"{path}:{line}: {ast.unparse(event)}" for path, line, event in found if not set(names(event)) <= set(EVENTS)]
    assert len(found) > 15
    assert not unknown, "write the event as a text that identity/audit_events.py has:\n" + "\n".join(unknown)


def test_every_event_has_a_group_the_screen_offers() -> None:
    assert {event.group for event in ALL} == {name for name, _ in GROUPS}
    assert len(EVENTS) == len(ALL)


def test_the_docs_have_a_row_for_each_event() -> None:
    text = (ROOT / "docs" / "admin.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([a-z_.]+)` \| (.+) \|$", text.partition("## Audit log")[2], re.MULTILINE)
    assert dict(told) == {event.name: f"{event.title}." for event in ALL}
