"""What a draft says in readable words: every edit of every document with its before and after, for the page that reviews it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, Words, _m
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.edits import Edit, Operation
from fieldsmith.studio.workbench import Workbench
from fieldsmith.web.studio.places import document_of, place_in
from fieldsmith.web.studio.wording import kind_words, part_words, path_words, value_words

_VERBS: Mapping[str, Message] = {
    "add": _m("Added"),
    "change": _m("Changed"),
    "hide": _m("Hidden"),
    "remove": _m("Taken away"),
    "rename": _m("Renamed"),
    "move": _m("Moved"),
}
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Change:
    """One operation. `turn` is what takes it back; `path` where it is edited, None where that is gone."""

    verb: Message
    what: str
    before: str
    after: str
    turn: int
    path: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """One document: what it is called, and what is said of it. `whole` says when all of it is new, replaced or to go, `named` lists its members then."""

    kind: str
    name: str
    kind_label: Message
    label: str
    path: str | None
    whole: Message | None
    tone: str
    named: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem, where it is in words, and the page that puts it right."""

    problem: Problem
    where: str
    path: str | None


def changed(bench: Workbench, words: Words) -> list[Changed]:
    """Every document the draft says something of."""
    edits = (bench.draft.edits or {}).values() if bench.draft is not None else ()
    return [_changed(bench, edit, words) for edit in edits]


def faults(bench: Workbench, words: Words) -> list[Fault]:
    """Every problem of the draft, with where it is put right."""
    return [_fault(bench, problem, words) for problem in bench.problems]


def document_label(bench: Workbench, kind: str, name: str) -> str:
    """What a document is called, in the draft or before it."""
    for documents in (bench.documents, bench.published):
        found = documents.get((kind, name))
        if found is not None and isinstance(found.body.get("label"), str):
            return str(found.body["label"])
    return label_from_name(name.rpartition(".")[2])


def bodies_of(bench: Workbench, kind: str, name: str) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """The document as the draft makes it and as it is published."""
    return _body(bench.documents.get((kind, name))), _body(bench.published.get((kind, name)))


def _changed(bench: Workbench, edit: Edit, words: Words) -> Changed:
    whole: Message | None = None
    tone = ""
    named: tuple[str, ...] = ()
    if edit.retire:
        whole, tone = _m("Taken away"), "danger"
    elif edit.document is not None:
        whole = _m("Changed") if edit.key in bench.published else _m("New")
        named = _members(edit.document, words)
    changes = tuple(_change(bench, edit, operation, words) for operation in sorted(edit.operations, key=lambda item: item.turn))
    label = document_label(bench, edit.kind, edit.name)
    return Changed(edit.kind, edit.name, kind_words(edit.kind), label, place_in(bench.documents, edit.kind, edit.name), whole, tone, named, changes)


def _members(document: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    listed: list[Any] = next((document[key] for key in ("fields", "values", "columns", "sections", "tabs") if isinstance(document.get(key), list)), [])
    shown = tuple(value_words(item, words) for item in listed[:_MOST_NAMED])
    return (*shown, "…") if len(listed) > _MOST_NAMED else shown


def _change(bench: Workbench, edit: Edit, operation: Operation, words: Words) -> Change:
    now, before = bodies_of(bench, edit.kind, edit.name)
    was = value_at(before, operation.path)[0] if before is not None else None
    what = part_words(operation.path, (now, before), words)
    old, new = "", ""
    if operation.op in ("change", "rename"):
        old = (value_words(was, words) or _derived(operation.path)) if operation.op == "change" else operation.path.rpartition("/")[2]
        new = value_words(operation.value, words)
    elif operation.op == "add":
        member = operation.path.rpartition("/")[2]
        value = operation.value
        new = value_words({"name": member, **value} if isinstance(value, Mapping) else value, words)
    elif operation.op == "move":
        new = _m("after {name}", name=operation.after).render(words) if operation.after else _m("to the first place").render(words)
    return Change(
        _VERBS[operation.op],
        what or kind_words(edit.kind).render(words),
        old,
        new,
        operation.turn,
        place_in(bench.documents, edit.kind, edit.name, operation.path),
    )


def _derived(path: str) -> str:
    """What a member without a label of its own is called."""
    parts = path.split("/")
    return label_from_name(parts[-2]) if len(parts) > 3 and parts[-1] == "label" else ""


def _fault(bench: Workbench, problem: Problem, words: Words) -> Fault:
    key = document_of(problem)
    if key is None:
        return Fault(problem, "", None)
    where = path_words(f"{key[0]}/{key[1]}{problem.pointer}", bodies_of(bench, *key), words)
    return Fault(problem, where, place_in(bench.documents, *key, problem.pointer))


def _body(document: Effective | None) -> Mapping[str, Any] | None:
    return None if document is None else document.body
