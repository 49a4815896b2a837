"""What an administrator says of a field that is to have another type: read from requests, kept with the job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made_of
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.conversion import Manner

LONGEST_MAP = 10_000
_TEXTS = ("date_format", "locale", "currency", "match")
_KEYS = ("type", "options", "map", "leave_blank", "instead", *_TEXTS, "choices", "changeset")


@dataclass(frozen=True, slots=True)
class Wish:
    """`options` are those of the type, and keys every field has (`default`, `unique`).

    `map`: text of a value → what it becomes; `leave_blank`: what does not convert becomes blank; `instead` is given to records that
    would be blank. `date_format` (CLDR) and `locale` say how text is written, `currency` what plain numbers are in, `match` by which
    field of its target a lookup finds records (its name field). `choices` is a new pick list to be made along; `changeset` a draft
    whose edits are published together with the new type.
    """

    entity: str
    field: str
    type: str
    options: Mapping[str, Any] = made_of(default_factory=dict)
    map: Mapping[str, Any] = made_of(default_factory=dict)
    leave_blank: bool = False
    instead: Any = None
    date_format: str | None = None
    locale: str | None = None
    currency: str | None = None
    match: str | None = None
    choices: Mapping[str, Any] | None = None
    changeset: int | None = None

    @property
    def manner(self) -> Manner:
        return Manner(self.map, self.leave_blank, self.instead, self.date_format, self.locale, self.currency)

    def to_json(self) -> dict[str, Any]:
        """As it is kept, and as `wish_from` reads it; blank parts left out."""
        parts = {key: getattr(self, key) for key in _KEYS}
        return {key: value for key, value in parts.items() if value not in (None, False) and (value != {} or key == "instead")}


def wish_from(entity: str, field: str, sent: Mapping[str, Any]) -> Wish:
    """`sent` as a wish. Raises `BadInput` with everything that is not of the right form."""
    problems = list(_faults(sent))
    if problems:
        raise BadInput(problems)
    return Wish(entity, field, **sent)


def _faults(sent: Mapping[str, Any]) -> list[Problem]:
    out = []
    for key in sent:
        if key not in _KEYS:
            message = _m("There is no “{name}” in this call.", name=key[:100])
            out.append(Problem("unknown_key", message, pointer(key[:100]), did_you_mean(key[:100], _KEYS)))
    if not isinstance(sent.get("type"), str):
        out.append(_wrong("type", _m("{name} must be there and be a text.", name="type")))
    for key in ("options", "map", "choices"):
        if key in sent and not isinstance(sent[key], Mapping) and not (key == "choices" and sent[key] is None):
            out.append(_wrong(key, _m("{name} must be an object.", name=key)))
    if isinstance(sent.get("map"), Mapping) and len(sent["map"]) > LONGEST_MAP:
        out.append(_wrong("map", _m("At most {most} values can be mapped.", most=LONGEST_MAP)))
    out += [_wrong(key, _m("{name} must be a text.", name=key)) for key in _TEXTS if not isinstance(sent.get(key), str | None)]
    if not isinstance(sent.get("leave_blank", False), bool):
        out.append(_wrong("leave_blank", _m("{name} must be true or false.", name="leave_blank")))
    changeset = sent.get("changeset")
    if changeset is not None and (type(changeset) is not int or not 0 < changeset < 2**63):
        out.append(_wrong("changeset", _m("{name} must be the id of a change set.", name="changeset")))
    return out


def _wrong(key: str, message: Message) -> Problem:
    return Problem("wrong_type", message, pointer(key))
