"""Request bodies, read strictly: UTF-8, no duplicate keys, no NaN, at most 64 levels, numbers exact (`Decimal`).

Called by the API's writing routes. Raises `BadQuery` (400) with line and column, `UnsupportedMediaType` (415).
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m

DEEPEST = 64
_TYPES = frozenset({"application/json", "application/merge-patch+json"})
_NOT_A_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)')


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def json_object() -> dict[str, Any]:
    """The body of this request, which must be a JSON object."""
    found = read_json(_bytes())
    if not isinstance(found, dict):
        raise BadQuery([Problem("not_an_object", _m("The body must be a JSON object, in braces."))])
    return found


def read_json(raw: bytes) -> Any:
    """`raw` as Python values; numbers with a point or exponent become `Decimal`."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadQuery([Problem("not_utf8", _m("The body is not UTF-8 at byte {at}.", at=error.start))]) from None
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        message = _m("The body is not JSON: {reason}.", reason=error.msg)
        raise BadQuery([Problem("malformed_json", message, line=error.lineno, column=error.colno)]) from None
    except _Refused as refused:
        raise BadQuery([_placed(refused.problem, text)]) from None
    except RecursionError:
        raise BadQuery([_too_deep()]) from None
    except ValueError:  # Python refuses whole numbers of more than 4,300 digits
        raise BadQuery([Problem("number_too_long", _m("The body has a number with thousands of digits."))]) from None
    if text.count("[") + text.count("{") > DEEPEST and _depth_exceeds(found):
        raise BadQuery([_too_deep()])
    return found


def _bytes() -> bytes:
    if request.mimetype not in _TYPES:
        raise UnsupportedMediaType()
    read, most = request.get_data(cache=True), request.max_content_length
    if request.content_length is None and most is not None and len(read) >= most:  # without a stated length the rest is cut off
        raise RequestEntityTooLarge()
    return read


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Refused(Problem("duplicate_key", _m("The key “{name}” stands twice in one object. Keep one.", name=name[:100])))
            seen.add(name)
    return made


def _constant(name: str) -> Any:
    raise _Refused(Problem("not_a_number", _m("{name} is no JSON number. Send null for a blank.", name=name)))


def _placed(problem: Problem, text: str) -> Problem:
    """`problem` with line and column, where they can be found."""
    if problem.code == "not_a_number":
        pattern: re.Pattern[str] = _NOT_A_NUMBER
        hit = next((found for found in pattern.finditer(text) if found[1]), None)
    else:
        key = json.dumps(problem.message.params["name"], ensure_ascii=False)
        hits = [found for found in re.finditer(re.escape(key) + r"\s*:", text)]
        hit = hits[1] if len(hits) > 1 else None
    if hit is None:
        return problem
    line = text.count("\n", 0, hit.start()) + 1
    column = hit.start() - text.rfind("\n", 0, hit.start())
    return Problem(problem.code, problem.message, problem.pointer, problem.hint, line=line, column=column)


def _depth_exceeds(value: Any) -> bool:
    level: list[Any] = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, (dict, list))]
        if not level:
            return False
    return True


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _too_deep() -> Problem:
    message: Message = _m("The body nests deeper than {most} levels.", most=DEEPEST)
    return Problem("too_deep", message)
