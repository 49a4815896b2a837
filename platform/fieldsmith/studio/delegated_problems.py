"""`Refusals`: the problems of a draft in the words of somebody who does not see everything.

A name that is hidden from them reads like one that is not there, in code, place, sentence and hint; what else the check of the whole says
of things they do not see is told without naming them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import Label, Message, _m
from fieldsmith.meta.layers import CUSTOM, Effective, Key, document_path
from fieldsmith.meta.model import Model
from fieldsmith.meta.operations import apply_operations
from fieldsmith.meta.vocabulary import Name
from fieldsmith.studio.edits import Edit, Operation

_WORD = re.compile(r"[a-z][a-z0-9_]*").findall
_CLASH = Problem("clash", _m("This clashes with something that you do not see. Choose another name, or ask an administrator."))


class Refusals:
    """Of `edits` on `whole`, of which only `seen` may be read; `hidden` are the names of `model` that may not be said."""

    def __init__(
        self, edits: Sequence[Edit], whole: Mapping[Key, Effective], seen: Mapping[Key, Effective], hidden: frozenset[str | Name], model: Model
    ) -> None:
        self._edits = {edit.key: edit for edit in edits}
        self._whole = whole
        self._seen = seen
        self._secret = _secret_words(model, hidden)

    def told(self, whole: Iterable[Problem], spoken: Iterable[Problem]) -> tuple[Problem, ...]:
        """`whole` is what the check of everything says, `spoken` what `meta.check_spoken` says."""
        own = [replace(problem, document=document_path(CUSTOM, *_key_of(problem))) for problem in spoken if self._says(problem)]
        own += [problem for edit in self._edits.values() for problem in self._unseen(edit)]
        places = {(_key_of(problem), problem.pointer) for problem in own}
        out = list(own)
        for problem in whole:
            if (_key_of(problem), problem.pointer) in places or self._is_said(problem, own):
                continue  # of a name that is not there nothing else could be said
            out.append(self._plain(problem))
        return tuple({(item.code, item.document, item.pointer, str(item.message)): item for item in out}.values())

    def _says(self, problem: Problem) -> bool:
        """Is the problem about a part that the draft says?"""
        edit = self._edits.get(_key_of(problem))
        if edit is None:
            return False
        saying = (operation.path for operation in edit.operations if operation.op in ("add", "change"))
        return edit.document is not None or any(f"{problem.pointer}/".startswith(f"{path}/") for path in saying)

    def _unseen(self, edit: Edit) -> Iterator[Problem]:
        """What the operations of one edit would answer if what is hidden were not there."""
        document = document_path(CUSTOM, *edit.key)
        whole, seen = self._whole.get(edit.key), self._seen.get(edit.key)
        if whole is None:
            return
        if seen is None and edit.document is None:
            message = _m("There is no {kind} “{name}” to change.", kind=edit.kind, name=edit.name)
            yield Problem("nothing_to_extend", message, "", did_you_mean(edit.name, [name for kind, name in self._seen if kind == edit.kind]), document)
        elif edit.document is not None and (seen is None or seen.body != whole.body):
            yield Problem("partly_hidden", _m("This cannot be replaced as a whole."), "", _m("Choose another name, or change single parts of it."), document)
        elif seen is not None:
            yield from self._stepwise(edit, dict(whole.body), dict(seen.body), document)

    def _stepwise(self, edit: Edit, whole: dict[str, Any], seen: dict[str, Any], document: str) -> Iterator[Problem]:
        for operation in sorted(edit.operations, key=lambda item: item.turn):
            if not operation.path:
                continue
            seen, faults = _applied(edit.kind, seen, operation)
            whole, others = _applied(edit.kind, whole, operation)
            if faults and (not others or others[0].code == faults[0].code):
                yield replace(faults[0], pointer=operation.path, document=document)

    def _is_said(self, problem: Problem, own: Sequence[Problem]) -> bool:
        """Is it the fault of an operation, which points at that, and told by one of `own` already?"""
        if not problem.pointer.startswith("/operations/"):
            return False
        there = [item for item in own if _key_of(item) == _key_of(problem)]
        return any(item.code == problem.code for item in there) or (bool(there) and self._names_secret(problem))

    def _plain(self, problem: Problem) -> Problem:
        """Without anything that is hidden."""
        key = _key_of(problem)
        if self._names_secret(problem) or (key in self._whole and key not in self._seen):
            return replace(_CLASH, pointer=problem.pointer, document=problem.document) if key in self._edits else _CLASH
        return replace(problem, hint=None) if problem.hint is not None and self._is_secret(problem.hint) else problem

    def _names_secret(self, problem: Problem) -> bool:
        return self._is_secret(problem.message)

    def _is_secret(self, value: Any) -> bool:
        if isinstance(value, Message):
            return any(self._is_secret(item) for item in value.params.values())
        if isinstance(value, Label):
            return value.text in self._secret
        return isinstance(value, str) and (value in self._secret or not self._secret.isdisjoint(_WORD(value)))


def clash(path: str) -> Problem:
    """That the name at `path` (`entity/deal/fields/amount`) cannot be had, without saying why."""
    kind, name, *rest = path.split("/")
    return replace(_CLASH, pointer="".join(f"/{part}" for part in rest), document=document_path(CUSTOM, kind, name))


def _applied(kind: str, body: dict[str, Any], operation: Operation) -> tuple[dict[str, Any], list[Problem]]:
    changed, _, faults = apply_operations(kind, body, [operation.body()], "")
    return changed, faults


def _key_of(problem: Problem) -> Key:
    parts = (problem.document or "").removesuffix(".json").split("/")
    return (parts[-2], parts[-1]) if len(parts) >= 2 else ("", "")


def _secret_words(model: Model, hidden: frozenset[str | Name]) -> frozenset[str]:
    """Names and labels that nothing visible shares."""
    secret: set[str] = set()
    open_: set[str] = set()
    for entity in model.entities.values():
        (secret if entity.name in hidden else open_).update((entity.name, entity.label.text, entity.plural.text))
        for field in entity.fields.values():
            gone = entity.name in hidden or (entity.name, field.name) in hidden
            (secret if gone else open_).update((field.name, field.label.text))
    return frozenset(secret - open_)
