"""What has changed in one layout, part by part and in words. Called by `meta.diff`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from fieldsmith.base.problems import pointer
from fieldsmith.base.text import Label, Message, _m
from fieldsmith.meta.labels import label_from_name

Body = Mapping[str, Any]
Said = tuple[str, Message]
_PARTS: Mapping[str, Message] = MappingProxyType({"tabs": _m("tab"), "sections": _m("section"), "related": _m("related list"), "components": _m("component")})


def layout_differences(layout: str, old: Body, new: Body, label_of: Callable[[str, str], Label | str]) -> Iterator[Said]:
    """Pointer and sentence of each difference; nothing where only what nobody reads differs. `layout` is its path."""
    name, entity = layout.partition("/")[2], new["entity"]
    for key in ("label", "path", "active"):
        if old.get(key) != new.get(key):
            yield f"/{key}", _m("Layout {layout}: {key} {old} becomes {new}", layout=name, key=key, old=_text(old.get(key)), new=_text(new.get(key)))
    for key in ("roles", "record_types", "highlights"):
        if old.get(key, []) != new.get(key, []):
            said = [label_of(entity, item) if key == "highlights" else item for item in new.get(key, [])]
            yield f"/{key}", _m("Layout {layout}: {key} become {values}", layout=name, key=key, values=_listed(said))
    for key, kind in _PARTS.items():
        yield from _parts(name, key, kind, _shown(old, key), _shown(new, key))
    yield from _fields(name, entity, _placed(old), _placed(new), label_of)


def _parts(layout: str, key: str, kind: Message, old: Mapping[str, Body], new: Mapping[str, Body]) -> Iterator[Said]:
    for name, item in new.items():
        place, label = pointer(key, name), _label(item)
        before = old.get(name)
        if before is None:
            yield place, _m("Layout {layout}: new {kind} {name}", layout=layout, kind=kind, name=label)
            continue
        for part in dict.fromkeys((*before, *item)):
            if part != "fields" and before.get(part) != item.get(part):
                sentence = _m(
                    "Layout {layout}, {kind} {name}: {key} {old} becomes {new}",
                    layout=layout, kind=kind, name=label, key=part, old=_text(before.get(part)), new=_text(item.get(part)),
                )  # fmt: skip
                yield f"{place}/{part}", sentence
    for name in sorted(old.keys() - new.keys()):
        yield pointer(key, name), _m("Layout {layout}: {kind} {name} is gone", layout=layout, kind=kind, name=_label(old[name]))
    kept = [name for name in new if name in old]
    if kept != [name for name in old if name in new]:
        yield (
            f"/{key}",
            _m("Layout {layout}: another order of {kind}: {names}", layout=layout, kind=kind, names=_listed([_label(item) for item in new.values()])),
        )


def _fields(layout: str, entity: str, old: Mapping[str, Body], new: Mapping[str, Body], label_of: Callable[[str, str], Label | str]) -> Iterator[Said]:
    for field, section in new.items():
        place, to = pointer("sections", section["name"], "fields", field), _label(section)
        if field not in old:
            yield place, _m("Layout {layout}: {field} is shown in {section}", layout=layout, field=label_of(entity, field), section=to)
        elif old[field]["name"] != section["name"]:
            yield place, _m("Layout {layout}: {field} goes to {section}", layout=layout, field=label_of(entity, field), section=to)
    for field in sorted(old.keys() - new.keys()):
        yield pointer("hidden", field), _m("Layout {layout}: {field} is no longer shown", layout=layout, field=label_of(entity, field))
    for section in {section["name"]: section for section in new.values()}.values():
        here = [field for field in section["fields"] if old.get(field, {}).get("name") == section["name"]]
        if here != [field for field in old if old[field]["name"] == section["name"] and field in here]:
            yield (
                pointer("sections", section["name"], "fields"),
                _m("Layout {layout}: another order of fields in {section}", layout=layout, section=_label(section)),
            )


def _shown(body: Body, key: str) -> dict[str, Body]:
    return {item["name"]: item for item in body.get(key, ()) if not item.get("hidden")}


def _placed(body: Body) -> dict[str, Body]:
    return {field: section for section in _shown(body, "sections").values() for field in section["fields"]}


def _label(item: Body) -> str:
    return str(item.get("label") or label_from_name(item["name"]))


def _listed(items: Sequence[Label | str]) -> Any:
    return ", ".join(item if isinstance(item, str) else item.text for item in items) or "–"


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return str(value).lower() if isinstance(value, bool) else str(value)
