"""Query parameters of the API, read strictly: unknown and repeated ones are refused, with a “did you mean”."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from flask import request

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import _m

MAX_LIMIT = 500
LONGEST_SEARCH = 500
_MOST_COLUMNS = 400
_MOST_SORTS = 8
_DIGITS = re.compile(r"[0-9]{1,9}").fullmatch
_VERSION = re.compile(r'"([0-9]{1,18})"').fullmatch


def arguments(*known: str) -> Mapping[str, str]:
    """The parameters of this request by name. Raises `BadQuery` with every one that is unknown or repeated."""
    if not request.query_string:
        return {}
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for name, values in request.args.lists():
        if name not in known:
            message = _m("There is no parameter “{name}” here.", name=name[:100])
            problems.append(Problem("unknown_parameter", message, pointer(name[:100]), did_you_mean(name[:100], known)))
        elif len(values) > 1:
            problems.append(Problem("repeated_parameter", _m("Parameter “{name}” may be given once.", name=name), pointer(name)))
        else:
            found[name] = values[0]
    if problems:
        raise BadQuery(problems)
    return found


def limit(given: Mapping[str, str], default: int = 50) -> int:
    """`limit`, from 1 to 500 in plain digits."""
    text = given.get("limit")
    if text is None:
        return default
    if not _DIGITS(text) or not 1 <= int(text) <= MAX_LIMIT:
        raise BadQuery([Problem("bad_limit", _m("limit must be a whole number from 1 to {most}.", most=MAX_LIMIT), "/limit")])
    return int(text)


def names(given: Mapping[str, str], key: Literal["columns", "sort"]) -> tuple[str, ...]:
    """A list of names separated by commas; () when not given."""
    text = given.get(key)
    if text is None:
        return ()
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    most = _MOST_COLUMNS if key == "columns" else _MOST_SORTS
    if "" in found:
        raise BadQuery([Problem("blank_name", _m("{name} has an empty member; separate names by single commas.", name=key), pointer(key))])
    if len(found) > most:
        raise BadQuery([Problem("too_many_names", _m("{name} may have at most {most} members.", name=key, most=most), pointer(key))])
    return found


def search_text(given: Mapping[str, str], key: str) -> str | None:
    """What to search for; None when blank."""
    text = given.get(key, "").strip()
    if len(text) > LONGEST_SEARCH:
        message = _m("A search may have at most {most} characters; this one has {count}.", most=LONGEST_SEARCH, count=len(text))
        raise BadQuery([Problem("search_too_long", message, pointer(key))])
    return text.replace("\0", " ") or None


def whole(given: Mapping[str, str], key: str) -> int | None:
    """A positive whole number in plain digits, None when not given."""
    text = given.get(key)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadQuery([Problem("not_an_integer", _m("{name} must be a whole number.", name=key), pointer(key))])
    return int(text)


def version_asked() -> int | None:
    """The version in `If-Match`; None when absent or `*`. Raises `BadQuery` for anything that is no ETag of ours."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    found = _VERSION(header.strip())
    if found is None:
        message = _m("If-Match must be one version in double quotes, as ETag gave it: {example}.", example='"3"')
        raise BadQuery([Problem("bad_if_match", message, "/If-Match")])
    return int(found[1])
