"""`Change`: what a wish would make of the metadata, compiled. Made anew from what is published whenever it is needed.

The field keeps its name and everything else said of it; its uid is another, so that the column it had is retired with its values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import Label, Message, _m
from fieldsmith.db.refusals import stored_otherwise
from fieldsmith.db.retype import Carry
from fieldsmith.db.store import ModelStore, Stored
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field, Invalid
from fieldsmith.fields.conversion import UNREACHABLE, UNREADABLE, Conversion, Side
from fieldsmith.meta.layers import CUSTOM, Effective, merge
from fieldsmith.meta.members import COMMON_KEYS, index_of
from fieldsmith.meta.model import ChoiceList, ChoiceValue, Entity, Model
from fieldsmith.meta.names import Name, Names, physical_name
from fieldsmith.meta.references import Use
from fieldsmith.meta.scope import scope_of
from fieldsmith.studio.comeback import Comeback
from fieldsmith.studio.customising import Customised
from fieldsmith.studio.drafts import Draft, Drafts
from fieldsmith.studio.edits import Edit, Operation
from fieldsmith.studio.impact import Impact
from fieldsmith.studio.publish import Publishing, put_in
from fieldsmith.studio.retyping_wish import Wish


@dataclass(frozen=True)
class Change:
    """`problems` are those of the new metadata, `uses` every mention of the field; `compiled` has no model while there are problems.

    `direct`: nothing is stored otherwise, so the column stays. `path` is the field's then.
    """

    wish: Wish
    stored: Stored
    before: Model
    source: Field
    layers: Sequence[Any]
    compiled: Comeback
    problems: tuple[Problem, ...]
    uses: tuple[Use, ...]
    path: str
    name: Name
    draft: Draft | None
    direct: bool

    @property
    def entity(self) -> Entity:
        return self.before.entities[self.source.entity]

    @property
    def model(self) -> Model:
        """Raises `BadInput` with every problem."""
        model = self.compiled.compiled.model
        if self.problems or model is None:
            raise BadInput(self.problems, _m("With the new type the metadata would have problems. Put them right in the same change set."))
        return model

    @property
    def sound(self) -> Comeback:
        """What was compiled. Raises `BadInput` with every problem."""
        _ = self.model
        return self.compiled

    @property
    def reason(self) -> str:
        """Of the revision it becomes."""
        title = _m("{entity}.{field}: type {old} becomes {new}", entity=self.wish.entity, field=self.wish.field, old=self.source.type, new=self.wish.type)
        return str(title) if self.draft is None else f"{self.draft.title} ({title})"

    @property
    def target(self) -> Field:
        _, entity, _, field = self.path.split("/")
        return self.model.entities[entity].fields[field]

    @property
    def supposed(self) -> tuple[Model, Field] | None:
        """The model as it is with the field of its new type, for a dry run while something else stands in the way; None where it is the field itself."""
        place = f"/fields/{self.path.split('/')[3]}"
        if any(f"{problem.pointer}/".startswith(f"{place}/") or "/choices/" in str(problem.document) for problem in self.problems):
            return None
        options = {key: value for key, value in self.wish.options.items() if key not in COMMON_KEYS}
        if self.wish.type == self.source.type:
            options = {**self.source.options, **options}
        choices = dict(self.before.choices)
        if self.wish.choices is not None:
            made = _list(self.wish.choices)
            choices[made.name] = made
        if options.get("choices", next(iter(choices), None)) not in choices or options.get("to", self.entity.name) not in self.before.entities:
            return None
        field = replace(self.source, type=self.wish.type, options=options, uid=self.name.uid, column=self.name.physical)
        entity = replace(self.entity, fields={**self.entity.fields, field.name: field})
        return replace(self.before, entities={**self.before.entities, entity.name: entity}, choices=choices), field

    def carry(self, before: Schema, after: Schema, filled: bool = False) -> Carry:
        return Carry(before, self.source, after, self.target, self.wish.manner, self.wish.match, filled=filled)


class Changes:
    """Makes `Change`s over one connection."""

    def __init__(self, connection: sa.Connection, publishing: Publishing, store: ModelStore, drafts: Drafts) -> None:
        self._connection, self._publishing, self._store, self._drafts = connection, publishing, store, drafts

    def of(self, wish: Wish, name: Name | None = None) -> Change:
        """`name` where the new column was given one already. Raises `NotFound`, or `BadInput` for what no change of type can do."""
        stored = self._store.load(self._connection)
        before = self._publishing.model_of(stored)
        source = _field(before, wish)
        _require_possible(before, source, wish)
        draft = None if wish.changeset is None else self._drafts.get(wish.changeset, still_open=True)
        present = next((layer for layer in stored.layers if layer.name == CUSTOM), None)
        below = merge([layer for layer in stored.layers if layer.name != CUSTOM]).documents

        def sound(layer: Any) -> Model | None:
            return self._publishing.compiled(self._connection, stored, put_in(stored.layers, [layer])).compiled.model

        custom = Customised(present, below, sound)
        custom.put(list((draft.edits or {}).values()) if draft is not None else [])
        path = f"entity/{wish.entity}/fields/{wish.field}"
        for old, new in custom.renames:
            path = new + path[len(old) :] if f"{path}/".startswith(f"{old}/") else path
        direct = self._is_direct(before, source, wish) and name is None
        custom.put(_edits(before, source, wish, path, below.get(("entity", wish.entity))))
        layers = put_in(stored.layers, [custom.layer(f"{CUSTOM}, {path}")])
        names = stored.names.moved(custom.renames)
        if not direct:
            uid = names.last_uid + 1
            name = name or Name(uid, physical_name(path, "column", uid))
            names = Names({**names.entries, path: name}, max(names.last_uid, name.uid), names.retired)
        compiled = self._publishing.compiled(self._connection, stored, layers, names)
        impact = Impact(before, merge(layers).documents, [old for old, _ in custom.renames])
        problems = (*custom.problems, *compiled.compiled.problems)
        uses = impact.uses_of(f"entity/{wish.entity}/fields/{wish.field}")
        return Change(wish, stored, before, source, layers, compiled, problems, uses, path, name or Name(source.uid, source.column), draft, direct)

    def _is_direct(self, before: Model, source: Field, wish: Wish) -> bool:
        if source.type != wish.type or wish.map or wish.leave_blank or wish.instead is not None:
            return False
        kept = {key: value for key, value in source.options.items() if key not in wish.options}
        return not stored_otherwise(before, source, before, replace(source, options={**kept, **wish.options}))


def _list(said: Mapping[str, Any]) -> ChoiceList:
    """A new pick list, which the check found sound, as far as a dry run needs it."""
    values = {item["name"]: ChoiceValue(item["name"], Label(item.get("label", item["name"]))) for item in said["values"]}
    return ChoiceList(said["name"], Label(said["name"]), values)


def _default(before: Model, source: Field, wish: Wish) -> Any:
    """The default of the field in its new type, as JSON; None where it has none or it does not convert."""
    if source.default is None:
        return None
    scope = scope_of(before, _no_day)
    target = replace(source, type=wish.type, options=wish.options, default=None)
    type_ = before.types[wish.type]
    try:
        over = Conversion(Side(before.type_of(source), source, scope), Side(type_, target, scope), wish.manner, _Nobody())
        value = over.convert(before.type_of(source).default_value(source, scope)).value
    except (Invalid, KeyError):
        return None
    write = type_.encoder(target)
    return value if value is None or write is None else write(value)


class _Nobody:
    """No records: defaults name none."""

    def label(self, id: int) -> None:
        return None

    def ids(self, text: str) -> tuple[int, ...]:
        return ()


def _no_day() -> Any:
    raise KeyError("no day")


def _field(model: Model, wish: Wish) -> Field:
    entity = model.entities.get(wish.entity)
    if entity is None:
        raise NotFound(_m("There is no entity “{name}”.", name=wish.entity[:100]))
    field = entity.fields.get(wish.field)
    if field is None or field.system:
        raise NotFound(_m("{entity} has no field “{name}” of its own.", entity=entity.label, name=wish.field[:100]))
    return field


def _require_possible(model: Model, source: Field, wish: Wish) -> None:
    known = [name for name in model.types if name not in UNREACHABLE]
    message: Message | None = None
    hint: Message | None = None
    if wish.type not in model.types:
        message, hint = _m("There is no field type “{name}”.", name=wish.type[:100]), did_you_mean(wish.type[:100], known)
    elif source.type in UNREADABLE:
        message = _m("{type} fields keep their type.", type=model.types[source.type].title)
        hint = _m("Add a new field of the type you want.")
    elif wish.type in UNREACHABLE and wish.type != source.type:
        message = _m("No field can become of type {type}.", type=model.types[wish.type].title)
        hint = _m("Add a new field of the type you want.")
    if message is not None:
        raise BadInput([Problem("cannot_retype", message, "/type", hint)])


def _edits(before: Model, source: Field, wish: Wish, path: str, below: Effective | None) -> Sequence[Edit]:
    """The new pick list, if any, and the operations on the field."""
    _, entity, _, field = path.split("/")
    body = _body(before, source)
    said: dict[str, Any] = {key: value for key, value in wish.options.items() if key not in ("name", "type")}
    removed: list[str] = []
    if wish.type != source.type:
        said = {"type": wish.type, **said}
        type_ = before.types[wish.type]
        if body.get("unique") and not (type_.can_be_unique or type_.always_unique):
            said.setdefault("unique", False)
        if "default" in body and "default" not in said:
            said["default"] = _default(before, source, wish)
            if said["default"] is None and (below is None or index_of(below.body["fields"], source.name) is None):
                del said["default"]
                removed.append("default")
    place = f"/fields/{field}"
    operations = [Operation("change", place + pointer(key), value, has_value=True, turn=2 + at) for at, (key, value) in enumerate(said.items())]
    operations += [Operation("remove", place + pointer(key), turn=2 + len(said)) for key in removed]
    made = [] if wish.choices is None else [Edit("choices", str(wish.choices.get("name")), dict(wish.choices), turn=1)]
    return [*made, Edit("entity", entity, operations=tuple(operations), turn=2)]


def _body(model: Model, source: Field) -> Mapping[str, Any]:
    fields = model.documents["entity", source.entity].body["fields"]
    index = index_of(fields, source.name)
    found: Mapping[str, Any] = fields[index] if index is not None else {}
    return found


def former_of(model: Model, source: Field) -> dict[str, Any]:
    """What is said of the field now, so that it can be said again."""
    return {key: value for key, value in _body(model, source).items() if key not in COMMON_KEYS or key in ("type", "unique", "default", "required")}
