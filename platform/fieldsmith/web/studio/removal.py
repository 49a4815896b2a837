"""Taking a field or an entity out of use: what still mentions it, which of that can be taken out in one go, and the edits that do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsmith.base.text import Message, _m
from fieldsmith.meta.documents import OWNED_KINDS
from fieldsmith.meta.references import Use
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.workbench import Said
from fieldsmith.web.studio.desk import Desk, shown
from fieldsmith.web.studio.places import place_of

_KINDS: Mapping[str, Message] = {
    "entity": _m("Entity"),
    "layout": _m("Layout"),
    "view": _m("View"),
    "rule": _m("Rule"),
    "choices": _m("Pick list"),
    "record_type": _m("Record type"),
    "tab": _m("Tab"),
    "app": _m("App"),
    "role": _m("Role"),
    "import_map": _m("Column mapping"),
    "translation": _m("Translation"),
}
_EXPRESSIONS = frozenset({"expression", "default_expression", "filter", "when", "must", "visible", "required", "read_only"})
_GOES_WHOLE = frozenset({"indexes", "related"})  # a member of these lists means nothing without what it is about
_PAIRED: Mapping[str, tuple[str, ...]] = {"/group": ("/show", "/sum")}  # a board has columns to group by, or is none


@dataclass(frozen=True, slots=True)
class Mention:
    """One use for people: `link` leads to its editor ("" where that is not the reader's), `takes_out` says that it can go by itself."""

    kind: str
    what: Message
    name: str
    part: str
    link: str
    takes_out: bool
    use: Use


def mentions(now: Desk, uses: Iterable[Use]) -> list[Mention]:
    """Uses as people read them, each place once."""
    seen: dict[tuple[str, str, str], Mention] = {}
    for use in uses:
        key = use.kind, use.name, use.pointer
        if key in seen:
            continue
        parts = use.pointer.split("/")[1:]
        part = ".".join(parts)
        what = _KINDS.get(use.kind, _m("Document"))
        link = place_of(*key) if now.may_open(use.kind, use.name) else ""
        seen[key] = Mention(use.kind, what, document_label(now, use.kind, use.name), part, link, _takes_out(use), use)
    return list(seen.values())


def document_label(now: Desk, kind: str, name: str) -> str:
    """What the reader calls a document, with its entity where it belongs to one."""
    own = now.label(kind, name)
    model = now.model
    if kind == "entity" and name in model.entities:
        return shown(model.entities[name].label, name, now.words)
    if kind == "app" and name in model.apps:
        return shown(model.apps[name].label, name, now.words)
    if kind == "tab":
        entity = str(now.documents[kind, name].body.get("entity", "")) if (kind, name) in now.documents else ""
        return shown(model.entities[entity].plural, name, now.words) if entity in model.entities else name
    if kind in OWNED_KINDS:
        entity = name.partition(".")[0]
        holder = shown(model.entities[entity].label, entity, now.words) if entity in model.entities else entity
        return f"{holder}: {own if own != name else name.partition('.')[2]}"
    return own


def taking_out(now: Desk, found: Sequence[Mention]) -> list[Said]:
    """Edits that take every mention out that can go by itself; a document nothing is left of goes whole."""
    by_document: dict[tuple[str, str], list[str]] = {}
    for mention in found:
        if mention.takes_out:
            use = mention.use
            for path in _paths(now, use):
                listed = by_document.setdefault((use.kind, use.name), [])
                if path not in listed and not any(path.startswith(f"{other}/") for other in listed):
                    listed[:] = [other for other in listed if not other.startswith(f"{path}/")]
                    listed.append(path)
    return [_said(now, key, paths) for key, paths in by_document.items()]


def _takes_out(use: Use) -> bool:
    last = use.pointer.rpartition("/")[2]
    if use.kind == "entity":
        return use.pointer.startswith("/indexes/") or last == "name_field" or last == "depends_on"
    return use.span is None and last not in _EXPRESSIONS and use.pointer != "/entity"


def _paths(now: Desk, use: Use) -> list[str]:
    parts = use.pointer.split("/")
    if len(parts) > 2 and parts[1] in _GOES_WHOLE and ((parts[1] == "related" and parts[-1] in ("entity", "field")) or _is_last(now, use)):
        return ["/".join(parts[:3])]
    if use.kind == "import_map" and parts[1] == "columns":
        return ["/".join(parts[:3])]
    body = now.documents[use.kind, use.name].body
    return [use.pointer, *(path for path in _PAIRED.get(use.pointer, ()) if value_at(body, path)[1])]


def _is_last(now: Desk, use: Use) -> bool:
    """Is the mentioned member the only one of its list?"""
    listed, _ = value_at(now.documents[use.kind, use.name].body, use.pointer.rpartition("/")[0])
    return isinstance(listed, list) and len(listed) == 1


def _said(now: Desk, key: tuple[str, str], paths: Sequence[str]) -> Said:
    kind, name = key
    own = key not in now.bench.below
    if own and kind in ("rule", "tab") and any(path in ("/field", "/fields", "/entity") or _empties(now, key, path) for path in paths):
        return Said(kind, name, retire=True)
    operations: list[dict[str, Any]] = [{"op": "remove", "path": path} for path in paths]
    return Said(kind, name, operations)


def _empties(now: Desk, key: tuple[str, str], path: str) -> bool:
    if not path.startswith("/fields/"):
        return False
    listed, _ = value_at(now.documents[key].body, "/fields")
    return isinstance(listed, list) and len(listed) == 1
