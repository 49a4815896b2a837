"""Names of what pickers hold, and the list of countries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fieldsmith.base.text import _m
from fieldsmith.fields.base import Field
from fieldsmith.fields.composite import country_names
from fieldsmith.web.form_options import Option
from fieldsmith.web.screens_here import Here
from fieldsmith.web.screens_inputs import Texts


class Labels:
    """Options of pickers for one form: names known from the record's own links, others asked for."""

    def __init__(self, now: Here, values: Mapping[str, Any]) -> None:
        self._now = now
        self._values = values

    def of(self, item: Field, texts: Texts) -> Sequence[Option]:
        """The chosen options of a picker, in the order they were chosen."""
        held = texts.get("", ())
        ids = [held] if isinstance(held, str) else list(held)
        known = self._known(item)
        return [Option(text, known.get(text) or self._asked(item, text)) for text in ids if text]

    def _known(self, item: Field) -> dict[str, str]:
        value = self._values.get(item.name)
        if value is None:
            return {}
        if item.type in ("file", "image"):
            return {str(value.id): value.name}
        if item.type == "polymorphic_lookup":
            return {f"{value.entity or ''}:{value.id}": value.label or f"#{value.id}"}
        links = [value] if item.type == "lookup" else value
        return {str(link.id): link.label or f"#{link.id}" for link in links}

    def _asked(self, item: Field, text: str) -> str:
        entity, colon, number = text.partition(":")
        if not colon:
            entity, number = item.options.get("to", ""), text
        if item.type in ("file", "image") or not isinstance(entity, str) or not (number.isascii() and number.isdigit() and len(number) < 19):
            return text
        if entity not in self._now.model.entities:
            return text
        found = self._now.work.queries.label(self._now.actor, entity, int(number))
        return found if found is not None else _m("#{number}", number=number).render(self._now.words)


def countries(now: Here) -> Sequence[Option]:
    """ISO 3166 codes with their names in the reader's language, in the order of the names."""

    def build() -> Sequence[Option]:
        found = [Option(code, name) for code, name in country_names(now.actor.language).items()]
        return sorted(found, key=lambda option: option.label)

    return now.keep(("countries",), build)
