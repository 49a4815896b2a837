"""What a layout puts on a record page, tab by tab: texts, sections, related lists, the history. Without tabs all of it one below the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from markupsafe import Markup

from fieldsmith.meta.model import Component, Entity, Layout, RelatedList, Section
from fieldsmith.web.kept_shell import mark
from fieldsmith.web.screens_details import DetailPlan, details
from fieldsmith.web.screens_here import Here
from fieldsmith.web.screens_history import history_part
from fieldsmith.web.screens_related import related_lists


@dataclass(frozen=True, slots=True)
class Shown:
    """One record as a page shows it.

    `hidden` are fields that rules hide and parts of the layout that are not shown, `unmask` masked fields the reader may have shown.
    """

    entity: Entity
    layout: Layout
    id: int
    values: Mapping[str, Any]
    hidden: frozenset[str]
    deleted: bool
    unmask: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Parts:
    """What one tab shows of every record with the same parts hidden. `details` is None where no field is shown."""

    texts: Sequence[Component]
    details: DetailPlan | None
    related: Sequence[RelatedList]
    histories: Sequence[Component]


_CARD = Markup('<div class="card"><div class="card-body">{}</div></div>')


def beside(layout: Layout) -> bool:
    """Does the history stand beside the rest, because the layout gives it no place?"""
    return all(item.component != "history" for item in layout.components)


def record_main(now: Here, shown: Shown) -> Markup:
    """The wide column of the page."""
    layout = shown.layout
    if not layout.tabs:
        return _panel(now, shown, None)
    panels = {tab.name: panel for tab in layout.tabs if (panel := _panel(now, shown, tab.name))}
    if len(panels) < 2:
        return Markup("").join(panels.values())
    asked = request.args.get("tab", "")
    front = asked if asked in panels else next(iter(panels))
    holes = {f"panel_{chr(ord('a') + at)}": panel for at, panel in enumerate(panels.values())}

    def context() -> dict[str, Any]:
        labels = {tab.name: tab.label.render(now.words) for tab in layout.tabs}
        return {"tabs": [{"name": name, "label": labels[name], "now": name == front, "panel": mark(hole)} for name, hole in zip(panels, holes, strict=True)]}

    return now.kept(("tabs", shown.entity.name, layout.name, tuple(panels), front), "record_tabs.html", context).filled(holes)


def _panel(now: Here, shown: Shown, tab: str | None) -> Markup:
    """The parts on one tab, on the page where `tab` is None; "" where none is shown."""
    key = ("panel", shown.entity.name, shown.layout.name, tab, shown.hidden, shown.unmask)
    parts = now.keep_some(key, lambda: _parts(now, shown, tab))
    out = [_text(now, shown, item) for item in parts.texts]
    if parts.details is not None:
        out.append(_CARD.format(parts.details.fill(shown.values, f"/{shown.entity.name}/{shown.id}")))
    if not shown.deleted:
        out.append(related_lists(now, shown.entity, shown.layout, shown.id, parts.related))
    out += [_history(now, shown, item) for item in parts.histories]
    return Markup("").join(out)


def _parts(now: Here, shown: Shown, tab: str | None) -> _Parts:
    layout, hidden = shown.layout, shown.hidden
    first = tab is None or tab == layout.tabs[0].name

    def here(key: str, items: Sequence[Section] | Sequence[RelatedList] | Sequence[Component]) -> Any:
        return [item for item in items if f"{key}/{item.name}" not in hidden and (tab is None or item.tab == tab or (item.tab is None and first))]

    sections: Sequence[Section] = here("sections", layout.sections)
    components: Sequence[Component] = here("components", layout.components)
    told = any(name not in hidden for section in sections for name in section.fields)
    return _Parts(
        texts=tuple(item for item in components if item.component == "text"),
        details=details(now.paint(full=True), shown.entity, tuple(sections), hidden, first, shown.unmask) if told else None,
        related=tuple(here("related", layout.related)),
        histories=tuple(item for item in components if item.component == "history"),
    )


def _text(now: Here, shown: Shown, item: Component) -> Markup:
    def context() -> dict[str, Any]:
        label, text = (said.render(now.words) if said is not None else "" for said in (item.label, item.text))
        return {"name": item.name, "label": label, "text": text}

    return now.kept(("layout text", shown.entity.name, shown.layout.name, item.name), "record_text.html", context).filled({})


def _history(now: Here, shown: Shown, item: Component) -> Markup:
    def context() -> dict[str, Any]:
        return {"name": item.name, "label": item.label.render(now.words) if item.label is not None else "", "timeline": mark("timeline")}

    kept = now.kept(("layout history", shown.entity.name, shown.layout.name, item.name), "record_changes.html", context)
    return kept.filled({"timeline": history_part(now, shown.entity, shown.id, None)})
