"""`/api/v1/expressions`: check an expression, try it out, and complete one that is being typed. Nothing here changes anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, Response

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import Label, Message, Words, _m, in_words
from fieldsmith.expr.completion import Completion, Signature, complete, signature_at
from fieldsmith.expr.function import Function
from fieldsmith.expr.vocabulary import Place, Vocabulary
from fieldsmith.records.evaluate import ENGINES, Engine, check_expression, evaluate, place_of, vocabulary_of
from fieldsmith.web import api_args, current
from fieldsmith.web.api_answers import JSON, PREFIX
from fieldsmith.web.api_json import json_object


@dataclass(frozen=True, slots=True)
class _Member:
    """A key of a body: its Python type, how a sentence calls that, and whether it must be there."""

    type: type
    called: Message
    required: bool = False


_TEXT = _m("a text")
_ASKED: Mapping[str, _Member] = {"entity": _Member(str, _TEXT, True), "expression": _Member(str, _TEXT, True)}
_CHECK: Mapping[str, _Member] = {**_ASKED, "context": _Member(str, _TEXT)}
_EVALUATE: Mapping[str, _Member] = {
    **_ASKED,
    "id": _Member(int, _m("a whole number")),
    "values": _Member(dict, _m("an object")),
    "engine": _Member(str, _TEXT),
    "explain": _Member(bool, _m("true or false")),
}
_COMPLETE: Mapping[str, _Member] = {**_CHECK, "position": _Member(int, _m("a whole number"), True)}


def register(app: Flask) -> None:
    """The three routes."""
    app.add_url_rule(f"{PREFIX}/expressions/check", "api.check_expression", check_source, methods=["POST"])
    app.add_url_rule(f"{PREFIX}/expressions/evaluate", "api.evaluate_expression", evaluate_source, methods=["POST"])
    app.add_url_rule(f"{PREFIX}/expressions/complete", "api.complete_expression", complete_source, methods=["POST"])


def check_source() -> Response:
    """200 with `ok`, also where the expression is wrong: that is the answer."""
    actor, work, words = current.signed_in(), current.work(), current.words()
    asked = _body(_CHECK)
    found = check_expression(work, actor, asked["entity"], asked["expression"], asked.get("context", "any"))
    problems = [problem.to_json(words) for problem in found.problems]
    return _answer({"ok": not problems, "type": None if found.type is None else found.type.kind.value, "problems": problems})


def evaluate_source() -> Response:
    """The value for a stored record, for values nobody saved yet, or for the one as the others would change it."""
    actor, work = current.signed_in(), current.work()
    asked = _body(_EVALUATE)
    engine = asked.get("engine", "python")
    if engine not in ENGINES:
        message = _m("engine must be “python” or “sql”.")
        raise BadInput([Problem("unknown_engine", message, "/engine", did_you_mean(engine[:100], ENGINES))])
    found = evaluate(
        work,
        actor,
        asked["entity"],
        asked["expression"],
        id=asked.get("id"),
        values=asked.get("values"),
        engine=cast(Engine, engine),
        explain=asked.get("explain", False),
    )
    return _answer(found.json)


def complete_source() -> Response:
    """What may stand at `position` (characters from the start), and the signature of the call around it."""
    actor, work = current.signed_in(), current.work()
    asked = completion_asked()
    work.queries.entity(actor, asked["entity"])
    place = place_of(asked["entity"], asked.get("context", "any"))
    return completed(asked, place, vocabulary_of(work, actor), work.model.functions, current.words())


def completion_asked() -> dict[str, Any]:
    """The body of a call for completion: entity, expression, position, context."""
    return _body(_COMPLETE)


def completed(asked: Mapping[str, Any], place: Place, vocabulary: Vocabulary, functions: Mapping[str, Function], words: Words) -> Response:
    """The answer to such a body, for whichever model. Raises `BadInput` for a position outside of the expression."""
    source, position = asked["expression"], asked["position"]
    if not 0 <= position <= len(source):
        message = _m("position must be from 0 to {most}, the length of the expression.", most=len(source))
        raise BadInput([Problem("bad_position", message, "/position")])
    items = [_item(found, words) for found in complete(source, position, place, vocabulary, functions)]
    signature = signature_at(source, position, functions)
    return _answer({"items": items, "signature": None if signature is None else _signature(signature, words)})


def _answer(body: Any) -> Response:
    """Whole numbers may have 38 digits here, which the faster writer of other answers refuses."""
    return Response(json.dumps(body, ensure_ascii=False), content_type=JSON)


def _item(found: Completion, words: Words) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "text": found.text,
        "label": found.label.render(words),
        "detail": in_words(found.detail, words),
        "start": found.span.start,
        "end": found.span.end,
    }


def _signature(found: Signature, words: Words) -> dict[str, Any]:
    return {
        "name": found.name,
        "parameters": list(found.parameters),
        "argument": found.argument,
        "parameter": found.parameter,
        "help": None if found.help is None else found.help.render(words),
    }


def _body(members: Mapping[str, _Member]) -> dict[str, Any]:
    """The body, with no keys but `members`; an optional one may be null, which is leaving it out."""
    api_args.arguments()
    sent = json_object()
    problems: list[Problem] = []
    for name, value in sent.items():
        member = members.get(name)
        if member is None:
            message = _m("There is no “{name}” in this call.", name=name[:100])
            problems.append(Problem("unknown_key", message, pointer(name[:100]), did_you_mean(name[:100], members)))
        elif not (type(value) is member.type or (value is None and not member.required)):
            problems.append(Problem("wrong_type", _m("{name} must be {type}.", name=Label(name), type=member.called), pointer(name)))
    for name, member in members.items():
        if member.required and name not in sent:
            problems.append(Problem("required", _m("{name} is missing.", name=Label(name)), pointer(name), _m("Send it along.")))
    if problems:
        raise BadInput(problems)
    return {name: value for name, value in sent.items() if value is not None}
