"""A draft put into the workspace's own layer: how its operations merge with those that are there.

A document the workspace made itself is changed in place. Of a package's document the layer keeps operations: a property
changed twice keeps the last value and the base it replaced; taking one's own change back leaves what the package says.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.documents import OWNED_KINDS
from fieldsmith.meta.layers import CUSTOM, Effective, Key, Layer, document_path, layer_of
from fieldsmith.meta.members import index_of
from fieldsmith.meta.model import Model
from fieldsmith.meta.operations import apply_operations
from fieldsmith.meta.references import uses
from fieldsmith.studio.edits import Edit, Operation
from fieldsmith.studio.renaming import rename_document, rename_entity, rename_member, rename_mentions, rename_words

Body = dict[str, Any]
_WHOLE = ("entity", "record_type")  # kinds whose documents can be renamed
_HELD = ("choices", "record_type")  # kinds whose names stand in records
_RENAMED: Mapping[str, str] = {"entity": "fields", "choices": "values"}
_ATTACHED = ("tab", "import_map")  # kinds that go with the entity they are of, as those it owns do


class Customised:
    """The custom layer while a draft is put into it.

    `below` are the effective documents of all other layers; `sound` gives the model with another custom layer, None where that has
    problems. `renames` are pairs of paths as `meta.names` has them, in the order they were renamed.
    """

    def __init__(self, present: Layer | None, below: Mapping[Key, Effective], sound: Callable[[Layer], Model | None]) -> None:
        self.below = below
        self._sound = sound
        self.renames: list[tuple[str, str]] = []
        self.bodies: dict[Key, Body] = {(item.kind, item.name): copy.deepcopy(dict(item.body)) for item in (present.documents if present else ())}
        self._origins = {(item.kind, item.name): item.origin for item in (present.documents if present else ())}
        self._known = dict(self.bodies)
        self.problems: list[Problem] = []
        self.retired: list[Key] = []

    def layer(self, draft_origin: str) -> Layer:
        """The layer as it has become; changed documents say they are of the draft."""
        rows = [(kind, name, body) for (kind, name), body in sorted(self.bodies.items())]
        origins = {key: self._origins[key] if self._known.get(key) == body and key in self._origins else draft_origin for key, body in self.bodies.items()}
        return layer_of(CUSTOM, rows, origins)

    def put(self, edits: Sequence[Edit]) -> None:
        """All edits of a draft, in the order they were made."""
        self._known = copy.deepcopy(self.bodies)
        turns: list[tuple[int, Edit, Operation | None]] = []
        for edit in edits:
            turns += [(edit.turn, edit, None)] if edit.retire or edit.document is not None else []
            turns += [(operation.turn, edit, operation) for operation in edit.operations]
        for _, edit, operation in sorted(turns, key=lambda turn: (turn[0], turn[1].key)):
            if operation is not None:
                self._operate(edit.key, operation)
            elif edit.retire:
                self._retire(edit.key)
            else:
                self._whole(edit)

    def refuse(self, key: Key, place: str, code: str, message: Message, hint: Message | None = None) -> None:
        self.problems.append(Problem(code, message, place, hint, document_path(CUSTOM, *key)))

    def _whole(self, edit: Edit) -> None:
        assert edit.document is not None
        if edit.key in self.below:
            origin = self.below[edit.key].origin()
            message = _m("{kind} “{name}” is already defined by {origin}. Extend it with operations instead.", kind=edit.kind, name=edit.name, origin=origin)
            self.refuse(edit.key, "/name", "defined_twice", message)
            return
        self.bodies[edit.key] = copy.deepcopy(dict(edit.document))

    def _retire(self, key: Key) -> None:
        kind, name = key
        if key in self.below:
            message = _m("{kind} “{name}” belongs to {origin} and cannot be taken away.", kind=kind, name=name, origin=self.below[key].origin())
            self.refuse(key, "", "belongs_to_package", message, _m("Hide it instead."))
            return
        if key not in self.bodies:
            self._nothing(key)
            return
        gone = [key]
        if kind == "entity":
            gone += [other for other, body in self.bodies.items() if self._belongs(other, body, name)]
        for other in gone:
            del self.bodies[other]
            self.retired.append(other)
            self._forget_words("/".join(other))

    def _belongs(self, key: Key, body: Body, entity: str) -> bool:
        if key[0] in OWNED_KINDS:
            return key[1].partition(".")[0] == entity
        return key[0] in _ATTACHED and body.get("entity") == entity

    def _nothing(self, key: Key) -> None:
        known = [name for kind, name in (*self.below, *self.bodies) if kind == key[0]]
        message = _m("There is no {kind} “{name}” to change.", kind=key[0], name=key[1])
        self.refuse(key, "", "nothing_to_extend", message, did_you_mean(key[1], known))

    def _operate(self, key: Key, operation: Operation) -> None:
        if operation.op == "rename":
            self._rename(key, operation)
            return
        body = self.bodies.get(key)
        if body is not None and "operations" not in body:
            self.bodies[key] = self._changed(key, body, [operation.body()], operation.path)
            if operation.op == "remove":
                self._forget_words(f"{key[0]}/{key[1]}{operation.path}")
        elif key in self.below:
            own: Body = body if body is not None else {"extends": key[1], "operations": []}
            own["operations"] = self._merged(key, list(own["operations"]), operation)
            self.bodies[key] = own
            if not own["operations"]:
                del self.bodies[key]
        else:
            self._nothing(key)

    def _rename(self, key: Key, operation: Operation) -> None:
        """Needs a sound draft: only then every mention is known."""
        kind, name = key
        parts, new = operation.path.split("/")[1:], str(operation.value)
        if not ((kind in _WHOLE and not parts) or (len(parts) == 2 and parts[0] == _RENAMED.get(kind))):
            message = _m("Only entities, fields, record types and values of pick lists can be renamed; for others change the label.")
            self.refuse(key, operation.path, "cannot_rename", message)
            return
        old = parts[1] if parts else name.rpartition(".")[2]
        base = f"{kind}/{name}{operation.path}"
        target = base[: -len(old)] + new
        model = self._sound(self.layer(CUSTOM))
        if model is None:
            message = _m("“{name}” can be renamed when the rest of the draft has no problems.", name=old)
            self.refuse(key, operation.path, "rename_later", message, _m("Put the other problems right first."))
            return
        if _is_taken(model, kind, name, parts, new):
            self.refuse(key, operation.path, "already_there", _m("There is a “{name}” already. Choose another name.", name=new))
            return
        if kind in _HELD and any(was == target and now != base for was, now in self.renames):
            message = _m("“{name}” is what another value is called until this draft is published: records could not tell them apart.", name=new)
            self.refuse(key, operation.path, "rename_later", message, _m("Publish the other renaming first, or choose another name."))
            return
        before = copy.deepcopy(self.bodies)
        rename_mentions(self.bodies, uses(model).get(base, ()), old, new)
        body = self.bodies.get(key)
        if body is None or not (rename_member(body, parts[0], old, new) if parts else "operations" not in body):
            self.bodies = before
            self._not_ours(key, operation.path, old)
            return
        if kind == "record_type":
            rename_document(self.bodies, key, new)
        elif not parts:
            rename_entity(self.bodies, old, new)
            for owned in OWNED_KINDS:
                rename_words(self.bodies, f"{owned}/{old}.", f"{owned}/{new}.")
        rename_words(self.bodies, f"{base}/", f"{target}/")
        self.renames.append((base, target))

    def _not_ours(self, key: Key, place: str, old: str) -> None:
        if key in self.below and value_at(self.below[key].body, place)[1]:
            message = _m("“{name}” belongs to {origin} and keeps its name.", name=old, origin=self.below[key].origin(place))
            self.refuse(key, place, "belongs_to_package", message, _m("Change its label instead."))
        else:
            self.refuse(key, place, "unknown_path", _m("There is no “{part}” at {path}.", part=old, path=place))

    def _changed(self, key: Key, body: Mapping[str, Any], operations: list[Body], place: str) -> Body:
        """`body` after `operations`; faults are told at `place`."""
        changed, _, problems = apply_operations(key[0], body, operations, document_path(CUSTOM, *key))
        for problem in problems:
            self.refuse(key, place, problem.code, problem.message, problem.hint)
        return changed

    def _merged(self, key: Key, own: list[Body], operation: Operation) -> list[Body]:
        """The operations of an extending document with one more."""
        path, new = operation.path, operation.body()
        holder = next((item for item in own if item["op"] == "add" and path.startswith(f"{item['path']}/") and isinstance(item.get("value"), dict)), None)
        if holder is not None:
            return self._inside(key, own, holder, operation)
        if operation.op == "remove":
            return self._taken_back(key, own, path) if path else []
        if operation.op == "change":
            return self._last(key, own, new)
        if operation.op == "move":
            once = [*(item for item in own if (item["op"], item["path"]) != ("move", path)), new]
            # what was put behind the item meanwhile stays where the administrator saw it
            made = once if self._effective(key, once) == self._effective(key, [*own, new]) else [*own, new]
            return self._without_idle(key, made, path.rpartition("/")[0])
        return own if operation.op == "hide" and new in own else [*own, new]

    def _without_idle(self, key: Key, own: list[Body], parent: str) -> list[Body]:
        """Without the moves in one list where together they change nothing: the package's order holds again."""
        rest = [item for item in own if item["op"] != "move" or item["path"].rpartition("/")[0] != parent]
        return rest if self._effective(key, rest) == self._effective(key, own) else own

    def _last(self, key: Key, own: list[Body], new: Body) -> list[Body]:
        """`change` in the place of an earlier one, with the base that one replaced; back to the base is no change."""
        before = next((item for item in own if item["op"] in ("change", "add") and item["path"] == new["path"]), None)
        if before is not None and before["op"] == "add":
            return [{**item, "value": new["value"]} if item is before else item for item in own]
        base, known = (before["base"], True) if before is not None and "base" in before else value_at(self.below[key].body, new["path"])
        if known and base == new["value"]:
            return [item for item in own if item is not before]
        made = {**new, "base": base} if known else new
        return [made if item is before else item for item in own] if before is not None else [*own, made]

    def _inside(self, key: Key, own: list[Body], holder: Body, operation: Operation) -> list[Body]:
        """Something within what the workspace itself added: the added value is changed, and stays one operation."""
        within = operation.path[len(holder["path"]) :]
        value = self._changed(key, {"name": "", **holder["value"]}, [{**operation.body(), "path": within}], operation.path)
        if "name" not in holder["value"]:
            del value["name"]
        if operation.op == "remove":
            self._forget_words(f"{key[0]}/{key[1]}{operation.path}")
        return [{**item, "value": value} if item is holder else item for item in own]

    def _taken_back(self, key: Key, own: list[Body], path: str) -> list[Body]:
        """Without what the workspace itself said of `path`. What a package says can only be hidden or changed."""
        said = [item for item in own if item["path"] == path or item["path"].startswith(f"{path}/")]
        if not any(item["path"] == path for item in said):
            effective = self._effective(key, own)
            if value_at(effective, path)[1]:
                message = _m("This belongs to {origin} and cannot be taken away.", origin=self.below[key].origin(path))
                self.refuse(key, path, "belongs_to_package", message, _m("Hide it instead."))
            else:
                self._changed(key, effective, [{"op": "remove", "path": path}], path)
            return own
        self._forget_words(f"{key[0]}/{key[1]}{path}")
        parent, _, name = path.rpartition("/")
        place = next((item for item in said if item["op"] == "add" and "after" in item), None)
        kept: list[Body] = []
        for item in own:
            if item in said:
                continue
            if item.get("after") == name and item["path"].rpartition("/")[0] == parent:
                item = {key_: value for key_, value in item.items() if key_ != "after"} | ({"after": place["after"]} if place else {})
                if item["op"] == "move" and "after" not in item:
                    continue
            kept.append(item)
        return kept

    def _effective(self, key: Key, own: list[Body]) -> Mapping[str, Any]:
        return apply_operations(key[0], self.below[key].body, own, "")[0]

    def _forget_words(self, place: str) -> None:
        """Translations of what is gone go with it."""
        for key, body in list(self.bodies.items()):
            if key[0] != "translation":
                continue
            if "operations" not in body:
                if not isinstance(body.get("labels"), dict):
                    continue  # a faulty draft: the check tells
                body["labels"] = {path: text for path, text in body["labels"].items() if not f"{path}/".startswith(f"{place}/")}
            else:
                kept = [item for item in body["operations"] if not f"{_label(item['path'])}/".startswith(f"{place}/")]
                body["operations"] = kept
                if not kept:
                    del self.bodies[key]


def _is_taken(model: Model, kind: str, name: str, parts: Sequence[str], new: str) -> bool:
    if kind == "record_type":
        return f"{name.partition('.')[0]}.{new}" in model.record_types
    if not parts:
        return new in model.entities
    if kind == "choices":
        return name in model.choices and new in model.choices[name].values
    return name in model.entities and new in model.entities[name].fields


def _label(path: str) -> str:
    return path.removeprefix("/labels/").replace("~1", "/").replace("~0", "~")


def value_at(body: Any, path: str) -> tuple[Any, bool]:
    """What stands at `path`, and whether anything does."""
    here = body
    for raw in path.split("/")[1:]:
        part = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list):
            index = index_of(here, part)
            if index is None:
                return None, False
            here = here[index]
        elif isinstance(here, Mapping) and part in here:
            here = here[part]
        else:
            return None, False
    return here, True
