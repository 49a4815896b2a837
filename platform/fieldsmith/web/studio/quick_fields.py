"""Many fields fast: one line each, `Label: type` or `Label: type: detail`, as typed into the quick row or pasted.

Serial number*: text                 a star: required
Daily rate: currency
Condition: choice: New, Good, Worn   a new pick list, or the name of one there is
Customer: lookup: Account            the entity it points at
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.check import RESERVED_FIELDS
from fieldsmith.studio.workbench import Said
from fieldsmith.web.studio.desk import Desk, shown
from fieldsmith.web.studio.entity_head import proposed_inverse
from fieldsmith.web.studio.field_types import TypeCard, simple_types, type_called
from fieldsmith.web.studio.naming import proposed_name

MOST_LINES = 200
_COLON = re.compile(r"[:：\t]")
_COMMA = re.compile(r"[,;，；、|]")


class NewFields:
    """Fields being added to one entity: `bodies` as documents have them, `said` the new pick lists they need."""

    def __init__(self, now: Desk, entity: str, plural: str, taken: Iterable[str]) -> None:
        self._now = now
        self._entity = entity
        self._plural = plural
        self._taken = {*taken, *RESERVED_FIELDS}
        self._types: Sequence[TypeCard] = simple_types()
        self._lists = {name for kind, name in now.documents if kind == "choices"}
        self.bodies: list[dict[str, Any]] = []
        self.said: list[Said] = []

    def add(self, label: str, kind: str, detail: str = "", required: bool = False) -> None:
        """One more. Raises `BadInput` with pointers /label, /type, /detail."""
        label = unicodedata.normalize("NFC", label).strip()
        if not label:
            raise _bad("required", _m("Say what people call the field."), "/label")
        card = type_called(kind, self._now.words, self._types)
        if card is None:
            hint = did_you_mean(kind.casefold(), [item.name for item in self._types])
            raise _bad("unknown_type", _m("There is no type “{name}” that one line is enough for.", name=kind[:100]), "/type", hint)
        name = proposed_name(label, self._taken, "field")
        body: dict[str, Any] = {"name": name, "type": card.name, "label": label}
        if required:
            body["required"] = True
        self._detail(body, detail.strip())
        self._taken.add(name)
        self.bodies.append(body)

    def lines(self, text: str) -> None:
        """Pasted lines, blank ones left out. Raises `BadInput` naming every faulty line, and adds nothing then."""
        problems: list[Problem] = []
        written = [line.strip() for line in text.splitlines()]
        if len(written) > MOST_LINES:
            raise _bad("too_many", _m("Paste at most {most} lines at once.", most=MOST_LINES), "/lines")
        for number, line in enumerate(written, start=1):
            if not line:
                continue
            label, kind, detail = ([*(part.strip() for part in _COLON.split(line, maxsplit=2)), "", ""])[:3]
            try:
                self.add(label.removesuffix("*").strip(), kind or "text", detail, label.endswith("*"))
            except BadInput as wrong:
                problems += [
                    Problem(item.code, _m("Line {number}: {sentence}", number=number, sentence=item.message), "/lines", item.hint) for item in wrong.problems
                ]
        if problems:
            raise BadInput(problems)

    def operations(self) -> list[dict[str, Any]]:
        """What adds them to an entity that is there already."""
        return [{"op": "add", "path": pointer("fields", body["name"]), "value": body} for body in self.bodies]

    def _detail(self, body: dict[str, Any], detail: str) -> None:
        card = next(item for item in self._types if item.name == body["type"])
        kind = self._now.bench.model.types[card.name]
        if "choices" in kind.required_options:
            body["choices"] = self._choices(body, detail)
        elif "to" in kind.required_options:
            body["to"] = self._target(detail)
            inverses = [other["inverse"] for other in self.bodies if "inverse" in other and other["to"] == body["to"]]
            own = [other["name"] for other in self.bodies] if body["to"] == self._entity else []
            body["inverse"] = proposed_inverse(self._now, self._entity, self._plural, [*inverses, *own], body["to"])

    def _choices(self, body: dict[str, Any], detail: str) -> str:
        known = self._named("choices", detail)
        if known is not None:
            return known
        labels = [part.strip() for part in _COMMA.split(detail) if part.strip()]
        if not labels:
            message = _m("Write the values to choose from, separated by commas, or the name of a pick list.")
            raise _bad("required", message, "/detail")
        name, said = new_list(f"{self._entity}_{body['name']}", body["label"], labels, self._lists)
        self._lists.add(name)
        self.said.append(said)
        return name

    def _target(self, detail: str) -> str:
        found = self._named("entity", detail) or (self._entity if detail == self._entity else None)
        if found is None:
            message = _m("Say which entity it points at.") if not detail else _m("There is no entity “{name}”.", name=detail[:100])
            raise _bad("unknown_entity", message, "/detail", did_you_mean(detail[:100], [item.name for item in self._now.bench.of_kind("entity")]))
        return found

    def _named(self, kind: str, text: str) -> str | None:
        """The document of `kind` with this name or label."""
        wanted = text.casefold()
        for item in self._now.bench.of_kind(kind):
            model = self._now.model
            known = model.entities.get(item.name) if kind == "entity" else model.choices.get(item.name)
            names = [item.name, item.body.get("label"), item.body.get("plural"), known and shown(known.label, item.name, self._now.words)]
            if wanted in (name.casefold() for name in names if name):
                return item.name
        return None


def new_list(stem: str, label: str, labels: Sequence[str], taken: Iterable[str]) -> tuple[str, Said]:
    """A pick list of one's own with a value for each label, and its name."""
    name = proposed_name(stem, set(taken), "list")
    used: set[str] = set()
    values = []
    for text in labels:
        value = proposed_name(text, used, "value")
        used.add(value)
        values.append({"name": value, "label": text})
    return name, Said("choices", name, document={"name": name, "label": label, "values": values})


def _bad(code: str, message: Message, place: str, hint: Message | None = None) -> BadInput:
    return BadInput([Problem(code, message, place, hint)])
