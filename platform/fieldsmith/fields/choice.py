"""Boolean, choice and multi-choice. Choices travel by the value's name; labels are for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from fieldsmith.base.problems import did_you_mean
from fieldsmith.base.text import ENGLISH, Message, Words, _m
from fieldsmith.expr.types import BOOLEAN, Kind, Type
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields import option_schemas
from fieldsmith.fields.base import ChangeCheck, Choices, Column, Field, FieldType, Invalid, Json, Reader, Scope, Storage
from fieldsmith.fields.canonical_json import json_text, json_value
from fieldsmith.fields.symbols import symbol_of

YES, NO = _m("Yes"), _m("No")
_TRUE = frozenset({"true", "yes", "y", "1", "x", "是", "on"})
_FALSE = frozenset({"false", "no", "n", "0", "否", "off"})


class BooleanType(FieldType):
    """Never blank: what is not said is false."""

    name = "boolean"
    title = _m("Checkbox")
    help = _m("Yes or no; never blank.")
    widget = "checkbox"
    operators = ("=", "<>")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.BOOLEAN, nullable=False, default=False),)

    def symbol(self, field: Field) -> Symbol:
        return symbol_of(field, BOOLEAN)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        def coerce(raw: Any) -> bool:
            if raw is True or raw is False:
                return bool(raw)
            if raw is None:
                return False
            text = raw.strip().lower() if isinstance(raw, str) else None
            if text == "true":
                return True
            if text in ("false", ""):
                return False
            raise Invalid("not_boolean", _m("This is neither true nor false."), _m("Write true or false."))

        return coerce

    def packer(self, field: Field) -> Callable[[Any], tuple[Any, ...]]:
        return lambda value: (value or False,)

    def unpacker(self, field: Field) -> Callable[[Any], Any]:
        return lambda parts: bool(parts[0])

    def default_value(self, field: Field, scope: Scope) -> Any:
        return self.coercer(field, scope)(field.default)

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {"type": ["boolean", "string", "null"], "description": "true or false; null counts as false.", "examples": [True]}

    def example(self, field: Field, scope: Scope) -> Json:
        return True

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        yes, no = YES.render(reader.words), NO.render(reader.words)
        return lambda value: yes if value else no

    def search_text(self, value: Any) -> str:
        return ""

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        """Also takes yes/no, y/n, 1/0, on/off, x, 是/否."""

        def read(text: str) -> Any:
            word = text.strip().lower()
            return True if word in _TRUE else False if word in _FALSE else text

        return read

    def export_text(self, field: Field) -> Callable[[Any], str]:
        return lambda value: "true" if value else "false"


_CHOICES_OPTION: Mapping[str, Json] = {
    "choices": {**option_schemas.OPTION_NAME, "description": "The choice list whose values this field may have."},
    "depends_on": {
        **option_schemas.OPTION_NAME,
        "description": "Where the list depends on another: the choice field of this entity, of that other list, whose value says which can be chosen.",
    },
}


class ChoiceType(FieldType):
    name = "choice"
    title = _m("Choice")
    help = _m("One value of a list.")
    widget = "select"
    option_properties: ClassVar[Mapping[str, Json]] = _CHOICES_OPTION
    required_options = ("choices",)
    operators = ("=", "<>", "in", "not in", "isblank")

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.TEXT),)

    def symbol(self, field: Field) -> Symbol:
        return symbol_of(field, Type(Kind.CHOICE, choices=field.options.get("choices", "")))

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        choices = _list_of(field, scope)
        known = {name: name for name in choices.all}

        def coerce(raw: Any) -> str | None:
            try:
                return known[raw]
            except (KeyError, TypeError):
                return _chosen(raw, known)

        return coerce

    def change_check(self, field: Field, scope: Scope) -> ChangeCheck | None:
        choices = _list_of(field, scope)
        active = frozenset(choices.active)

        def check(value: Any, old: Any = None) -> None:
            if value not in (None, old) and value not in active:
                raise _inactive(choices, value)

        return check if len(active) < len(choices.all) else None

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {"type": ["string", "null"], "enum": [*_list_of(field, scope).all, None], "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return next(iter(_list_of(field, scope).active), None)

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        labels = _labels(_list_of(field, scope), reader.words)
        return lambda value: labels.get(value, value)

    def search_text(self, value: Any) -> str:
        return ""

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        """Takes the value's name or its label in any language, whatever the case."""
        words = _by_word(_list_of(field, scope))

        def read(text: str) -> str:
            text = text.strip()
            return words.get(text.casefold(), text)

        return read


class MultiChoiceType(FieldType):
    """Canonical: a tuple of value names in list order, each once; none is blank."""

    name = "multi_choice"
    title = _m("Multiple choice")
    help = _m("Any number of values of a list.")
    widget = "multi_select"
    option_properties: ClassVar[Mapping[str, Json]] = _CHOICES_OPTION
    required_options = ("choices",)
    operators = ("=", "<>", "includes", "isblank")
    sortable = False

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.JSON),)

    def symbol(self, field: Field) -> Symbol:
        return symbol_of(field, Type(Kind.SET, choices=field.options["choices"]))

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        order = {name: index for index, name in enumerate(_list_of(field, scope).all)}

        def coerce(raw: Any) -> tuple[str, ...] | None:
            if raw is None or (isinstance(raw, str) and not raw.strip()):
                return None
            if not isinstance(raw, (list, tuple)):
                raise Invalid("not_list", _m("This is not a list of values."), _m('Write a list like ["a", "b"].'))
            names = {_chosen(item, order) for item in raw} - {None}
            return tuple(sorted((name for name in names if name), key=order.__getitem__)) or None

        return coerce

    def change_check(self, field: Field, scope: Scope) -> ChangeCheck | None:
        choices = _list_of(field, scope)
        active = frozenset(choices.active)

        def check(value: Any, old: Any = None) -> None:
            for name in value or ():
                if name not in active and name not in (old or ()):
                    raise _inactive(choices, name)

        return check if len(active) < len(choices.all) else None

    def packer(self, field: Field) -> Callable[[Any], tuple[Any, ...]]:
        return lambda value: (None if value is None else json_text(list(value)),)

    def unpacker(self, field: Field) -> Callable[[Any], Any]:
        return lambda parts: None if parts[0] is None else tuple(json_value(parts[0]))

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return list

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        items = {"type": "string", "enum": list(_list_of(field, scope).all)}
        return {"type": ["array", "null"], "items": items, "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return list(_list_of(field, scope).active[:2]) or None

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        labels = _labels(_list_of(field, scope), reader.words)
        comma = "、" if reader.language.startswith("zh") else ", "
        return lambda value: comma.join([labels.get(name, name) for name in value])

    def search_text(self, value: Any) -> str:
        return ""

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        """Names or labels with semicolons between them."""
        words = _by_word(_list_of(field, scope))

        def read(text: str) -> list[str]:
            items = (item.strip() for item in text.split(";"))
            return [words.get(item.casefold(), item) for item in items if item]

        return read

    def export_text(self, field: Field) -> Callable[[Any], str]:
        return "; ".join


def _list_of(field: Field, scope: Scope) -> Choices:
    return scope.choices[field.options["choices"]]


def _chosen(raw: Any, known: Mapping[str, Any]) -> str | None:
    """The name `raw` says, or None when blank."""
    if raw is None:
        return None
    name = raw.strip() if isinstance(raw, str) else None
    if name == "":
        return None
    if name is None:
        raise Invalid("not_text", _m("A choice is written as the name of its value."), _choose_one(known))
    if name not in known:
        hint = did_you_mean(name, known) or _choose_one(known)
        raise Invalid("unknown_choice", _m("“{value}” is not one of the values.", value=name[:60]), hint)
    return name


def _choose_one(known: Mapping[str, Any]) -> Message:
    names = list(known)
    shown = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
    return _m("Choose one of: {values}.", values=shown)


def _inactive(choices: Choices, value: str) -> Invalid:
    message = _m("“{value}” can no longer be chosen.", value=choices.label_of(value) or value)
    return Invalid("inactive_choice", message, _choose_one(dict.fromkeys(choices.active)))


def _labels(choices: Choices, words: Words) -> dict[str, str]:
    return {name: _label(choices, name, words) for name in choices.all}


def _label(choices: Choices, name: str, words: Words) -> str:
    label = choices.label_of(name)
    return label.render(words) if label else name


def _by_word(choices: Choices) -> dict[str, str]:
    """Folded label in every language, and folded name, → name; names win over labels, earlier values over later ones."""
    out: dict[str, str] = {}
    for name in choices.all:
        out.setdefault(name.casefold(), name)
    for name in choices.all:
        label = choices.label_of(name)
        for text in (_label(choices, name, ENGLISH), *(label.translations.values() if label else ())):
            out.setdefault(text.strip().casefold(), name)
    return out
