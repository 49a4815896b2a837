"""`compile_model`: layers in, a model or every problem out. The one door to the rooms' other modules.

Called at start (`trusted`: the stored revision was checked when it was published), by every check, plan and publish, and by
`package check`. Never raises on bad documents.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

from fieldsmith.base.problems import Problem
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.build import build_model
from fieldsmith.meta.check import check_documents, check_model
from fieldsmith.meta.computed import Faults, work_out
from fieldsmith.meta.documents import SourceDocument
from fieldsmith.meta.layers import Key, Layer, Merged, merge
from fieldsmith.meta.model import Model
from fieldsmith.meta.names import Names
from fieldsmith.meta.positions import locate
from fieldsmith.meta.validation import Validators


@dataclass(frozen=True, slots=True)
class Compiled:
    """`model` is None exactly when there are problems; `names` are then those that were given."""

    model: Model | None
    names: Names
    problems: tuple[Problem, ...]


def compile_model(
    layers: Sequence[Layer],
    names: Names,
    types: Mapping[str, FieldType],
    validators: Validators | None,
    revision: int,
    trusted: bool = False,
    checked: Container[int] = frozenset(),
    previous: Model | None = None,
) -> Compiled:
    """Merge, check and build. With `trusted` the JSON Schemas and cross-checks are skipped and `validators` may be None.

    `checked` are the ids of bodies that were found sound by themselves before; `previous` is a sound model that is mostly the same.
    """
    if trusted or validators is None:
        model, extended = build_model(merge(layers).documents, names, types, revision, previous)
        return Compiled(work_out(model)[0], extended, ())
    linked = _linked(layers, names, types, validators, revision, checked, previous)
    problems = [*linked.problems, *check_model(linked.model, linked.refused, linked.faults, previous)]
    if problems:
        return Compiled(None, names, _placed(problems, layers))
    return Compiled(linked.model, linked.names, ())


def linked_model(
    layers: Sequence[Layer], names: Names, types: Mapping[str, FieldType], validators: Validators, revision: int, checked: Container[int] = frozenset()
) -> tuple[Model, frozenset[Key]]:
    """What can be linked of `layers`, sound or not, and the documents that are refused; for `check_spoken` only. Nobody works with such a model."""
    linked = _linked(layers, names, types, validators, revision, checked, None)
    return linked.model, linked.refused


@dataclass(frozen=True, slots=True)
class _Linked:
    """`model` without the documents that are `refused`; its references are not checked yet."""

    model: Model
    names: Names
    refused: frozenset[Key]
    faults: Faults
    problems: list[Problem]


def _linked(
    layers: Sequence[Layer],
    names: Names,
    types: Mapping[str, FieldType],
    validators: Validators,
    revision: int,
    checked: Container[int],
    previous: Model | None,
) -> _Linked:
    problems = _schema_problems(layers, validators, checked)
    merged = merge(layers, frozenset(problem.document for problem in problems if problem.document))
    problems += merged.problems
    unsound = _revalidate(merged, validators, problems)
    problems += check_documents(layers, checked)
    sound = {key: document for key, document in merged.documents.items() if key not in unsound}
    faulty = {problem.document for problem in problems}
    refused = frozenset((document.kind, document.name) for layer in layers for document in layer.documents if document.path in faulty) | unsound
    built, extended = build_model(sound, names, types, revision, previous)
    model, faults = work_out(built, refused)
    return _Linked(model, extended, refused, faults, problems)


def _schema_problems(layers: Sequence[Layer], validators: Validators, checked: Container[int]) -> list[Problem]:
    documents = (document for layer in layers for document in layer.documents if id(document.body) not in checked)
    return [problem for document in documents for problem in validators.problems(document.kind, document.body, document.path)]


def _revalidate(merged: Merged, validators: Validators, problems: list[Problem]) -> set[tuple[str, str]]:
    """Documents that operations changed must satisfy the schema again; problems go to the document that said the part."""
    unsound = set()
    for key in merged.changed:
        effective = merged.documents[key]
        for problem in validators.problems(effective.kind, effective.body):
            problems.append(replace(problem, document=effective.source(problem.pointer)))
            unsound.add(key)
    return unsound


def _placed(problems: Sequence[Problem], layers: Sequence[Layer]) -> tuple[Problem, ...]:
    """Each problem once, in document order, with line and column where the text was kept."""
    documents: dict[str | None, SourceDocument] = {document.path: document for layer in layers for document in layer.documents}
    order = {path: index for index, path in enumerate(documents)}
    once = {(problem.document, problem.pointer, problem.code, str(problem.message)): problem for problem in problems}
    placed = [_with_position(problem, documents.get(problem.document)) for problem in once.values()]
    return tuple(sorted(placed, key=lambda problem: order.get(problem.document, -1)))


def _with_position(problem: Problem, document: SourceDocument | None) -> Problem:
    if document is None or document.text is None or problem.line is not None:
        return problem
    line, column = locate(document.text, document.body, _in_source(problem.pointer, document))
    return replace(problem, line=line, column=column)


def _in_source(place: str, document: SourceDocument) -> str:
    """`place` of the effective document as the operation of `document` that said it, nearest first."""
    if not document.extends or place.startswith("/operations"):
        return place
    operations = document.body["operations"]
    said = [(len(item["path"]), index) for index, item in enumerate(operations) if f"{place}/".startswith(f"{item['path']}/")]
    if not said:
        return place
    length, index = max(said)
    return f"/operations/{index}/value{place[length:]}"
