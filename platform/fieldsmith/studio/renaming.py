"""Renaming an entity, field or value of the workspace's own in every document of its layer: the item itself, every mention of it,
expressions, translations. What people typed otherwise stays as it is.

Packages cannot mention what the workspace made, so nothing outside its layer has to change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fieldsmith.expr.rename import renamed
from fieldsmith.meta.documents import OWNED_KINDS
from fieldsmith.meta.layers import Key
from fieldsmith.meta.members import index_of
from fieldsmith.meta.references import Use

Body = dict[str, Any]
_KEYED = frozenset({"constants", "templates", "entities", "choices"})  # objects whose keys are names


def rename_mentions(bodies: dict[Key, Body], mentions: Iterable[Use], old: str, new: str) -> None:
    """In every document of `bodies`; of a mention in an expression only its span changes."""
    places: dict[tuple[Key, str], list[Use]] = {}
    for use in mentions:
        places.setdefault(((use.kind, use.name), use.pointer), []).append(use)
    for (key, place), listed in places.items():
        body = bodies.get(key)
        if body is not None:
            _rewrite(body, place, _writer(listed, old, new))


def rename_member(body: Body, key: str, old: str, new: str) -> bool:
    """The member `old` of the list `key`, which remembers its name; False when this layer did not make it."""
    if "operations" not in body:
        index = index_of(body.get(key, []), old)
        if index is None:
            return False
        body[key][index] = remembering({**body[key][index], "name": new}, old)
        return True
    path = f"/{key}/{old}"
    made = next((item for item in body["operations"] if item["op"] == "add" and item["path"] == path), None)
    if made is None:
        return False
    value = made.get("value")
    made["value"] = remembering({name: item for name, item in value.items() if name != "name"} if isinstance(value, dict) else {}, old)
    move_paths(body["operations"], f"/{key}", old, new)
    return True


def rename_entity(bodies: dict[Key, Body], old: str, new: str) -> None:
    """The document itself and those it owns, under their new keys."""
    for key in list(bodies):
        kind, name = key
        if key == ("entity", old):
            bodies["entity", new] = remembering({**bodies.pop(key), "name": new}, old)
        elif kind in OWNED_KINDS and name.partition(".")[0] == old:
            bodies[kind, f"{new}.{name.partition('.')[2]}"] = bodies.pop(key)


def rename_document(bodies: dict[Key, Body], key: Key, new: str) -> None:
    """A document an entity owns, under its new key."""
    kind, name = key
    owner, _, old = name.rpartition(".")
    bodies[kind, f"{owner}.{new}"] = remembering({**bodies.pop(key), "name": new}, old)


def rename_words(bodies: dict[Key, Body], old: str, new: str) -> None:
    """Keys of translations that begin with `old` (`entity/deal/fields/amount/`)."""
    for (kind, _), body in bodies.items():
        if kind != "translation":
            continue
        if "labels" in body:
            body["labels"] = {_begun(key, old, new): text for key, text in body["labels"].items()}
        else:
            before, after = (text.replace("~", "~0").replace("/", "~1") for text in (old, new))
            for item in body["operations"]:
                item["path"] = "/labels/" + _begun(item["path"].removeprefix("/labels/"), before, after) if "/labels/" in item["path"] else item["path"]


def remembering(item: Body, old: str) -> Body:
    """`item` with `old` among the names it had."""
    had = [name for name in item.get("was", []) if name not in (old, item.get("name"))]
    return {**item, "was": [*had, old]}


def _begun(text: str, old: str, new: str) -> str:
    return new + text[len(old) :] if text.startswith(old) else text


def _writer(listed: Sequence[Use], old: str, new: str) -> Callable[[str], str]:
    """How one text that mentions it reads afterwards."""
    spans = [use.span for use in listed if use.span is not None]
    parts = [use.part for use in listed if use.part is not None]

    def write(text: str) -> str:
        if spans:
            said = [(span, f'"{new}"' if text[span.start] in "\"'" else new) for span in spans]
            return renamed(text, said)
        if parts:
            sign = "-" if text.startswith("-") else ""
            names = text.removeprefix("-").split(".")
            return sign + ".".join(new if at in parts else name for at, name in enumerate(names))
        return new if text == old else text

    return write


def _rewrite(body: Body, place: str, write: Callable[[str], str]) -> None:
    if "operations" not in body:
        _within(body, place, write)
        return
    operations = body["operations"]
    said = [item for item in operations if item["op"] in ("add", "change") and f"{place}/".startswith(f"{item['path']}/")]
    if not said:
        return
    nearest = max(said, key=lambda item: len(item["path"]))
    if nearest["path"] != place:
        _within(nearest["value"], place[len(nearest["path"]) :], write)
        return
    parent, _, raw = place.rpartition("/")
    member = raw.replace("~1", "/").replace("~0", "~")
    if nearest["op"] == "add" and nearest.get("value", member) == member and parent.rpartition("/")[2] not in _KEYED and parent:
        if "value" in nearest:
            nearest["value"] = write(member)
        move_paths(operations, parent, raw, write(member))
    elif parent.removeprefix("/") in _KEYED:
        nearest["path"] = f"{parent}/{write(member)}"
    else:
        nearest["value"] = _written(nearest["value"], write)


def _within(body: Any, place: str, write: Callable[[str], str]) -> None:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]]
    here = body
    for part in parts[:-1]:
        index = index_of(here, part) if isinstance(here, list) else None
        here = here[part] if index is None else here[index]
    last = parts[-1]
    if isinstance(here, list):
        index = index_of(here, last)
        assert index is not None
        here[index] = write(here[index])
    elif len(parts) == 2 and parts[0] in _KEYED:
        renewed = {write(key) if key == last else key: value for key, value in here.items()}
        here.clear()
        here.update(renewed)
    else:
        here[last] = _written(here[last], write)


def _written(value: Any, write: Callable[[str], str]) -> Any:
    return [write(item) for item in value] if isinstance(value, list) else write(value)


def move_paths(operations: list[Body], parent: str, old: str, new: str) -> None:
    """Every operation on the member `old` of the list at `parent`, and those that put something behind it."""
    path = f"{parent}/{old}"
    for item in operations:
        if item.get("after") == old and item["path"].rpartition("/")[0] == parent:
            item["after"] = new
        if f"{item['path']}/".startswith(f"{path}/"):
            item["path"] = f"{parent}/{new}" + item["path"][len(path) :]
