"""What the layout editor shows: the layout's parts as the draft has them, with the real inputs of their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsmith.base.errors import Conflict
from fieldsmith.base.text import Label, _m
from fieldsmith.fields.base import Field, Reader
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.model import RECORD_TYPE, Entity, Layout, Section
from fieldsmith.studio.arranging import PARTS, Arrangement
from fieldsmith.web import current
from fieldsmith.web.forms import BLANK, Input, Output, draw, form_plan
from fieldsmith.web.studio.desk import Desk

DEFAULT = "default"
_OPEN_SYSTEM = ("owner", "created_at", "created_by", "modified_at", "modified_by")
_LINKS = frozenset({"lookup", "polymorphic_lookup"})


@dataclass(frozen=True, slots=True)
class CanvasField:
    """`drawn` is the widget forms show; computed and read-only fields are shown as their value."""

    name: str
    label: str
    type: str
    drawn: Input | Output
    highlighted: bool = False


@dataclass(frozen=True, slots=True)
class CanvasPart:
    """A section, related list or component. `said` is what a related list shows, or a text says."""

    key: str
    name: str
    label: str
    visible: str
    columns: int = 1
    fields: Sequence[CanvasField] = ()
    said: str = ""
    component: str = ""
    heads: Sequence[str] = ()

    @property
    def at(self) -> str:
        return f"{self.key}/{self.name}"


@dataclass(frozen=True, slots=True)
class CanvasTab:
    """`name` "" where the layout has no tabs."""

    name: str
    label: str
    sections: Sequence[CanvasPart]
    related: Sequence[CanvasPart]
    components: Sequence[CanvasPart]


@dataclass(frozen=True, slots=True)
class Canvas:
    entity: str
    layout: str
    label: str
    tabs: Sequence[CanvasTab]
    unused: Sequence[CanvasField]
    highlights: Sequence[CanvasField]
    removed: Sequence[CanvasPart]
    offered: Sequence[tuple[str, str]]  # related lists that can be added: `line.order`, what they are called
    path: str
    only_section: bool

    @property
    def key(self) -> str:
        return f"{self.entity}.{self.layout}"


def arrangement_of(now: Desk, entity: str, layout: str) -> Arrangement:
    """Raises `NotFound`; the default layout of an entity without a document of it is as it would be built."""
    key = ("layout", f"{entity}.{layout}")
    known = now.documents.get(key)
    fields = own_fields(entity_of(now, entity))
    if known is None and layout == DEFAULT:
        now.document("entity", entity)
        section = {"name": "main", "label": "Details", "columns": 2, "fields": [field.name for field in fields]}
        made: dict[str, Any] = {"name": DEFAULT, "entity": entity, "sections": [section]}
        generated = now.model.layouts.get(f"{entity}.{DEFAULT}")
        if generated is not None and generated.related:
            made["related"] = [{"name": item.name, "entity": item.entity, "field": item.field} for item in generated.related]
        return Arrangement(made, None)
    body = now.document(*key).body
    below = now.bench.below.get(key)
    found = Arrangement(body, below.body if below is not None else None)
    if layout != DEFAULT:
        return found
    placed = {name for item in body["sections"] for name in item["fields"]}.union(body.get("hidden", ()))
    return Arrangement(found.body, found.base, tuple(field.name for field in fields if field.name not in placed))


def entity_of(now: Desk, entity: str) -> Entity:
    """In the draft's model. Raises `NotFound`, or `Conflict` while the draft has problems that keep it from being built."""
    now.document("entity", entity)
    found = now.model.entities.get(entity)
    if found is None:
        raise Conflict(_m("The draft has problems. Put them right first; then the new entity can be laid out."))
    return found


def own_fields(entity: Entity) -> list[Field]:
    return [field for field in entity.own_fields() if field.name != RECORD_TYPE]


def canvas_of(now: Desk, found: Arrangement) -> Canvas:
    """Everything on the page, and what could be put there."""
    entity = entity_of(now, found.body["entity"])
    drawn = _drawn(now, entity, frozenset(found.body.get("highlights", ())))
    names = found.tabs or [""]
    sections = [_section(found, item, drawn) for item in found.shown("sections")]
    if found.loose and sections:
        last = sections[-1]
        fields = (*last.fields, *(drawn[name] for name in found.loose if name in drawn))
        sections[-1] = CanvasPart("sections", last.name, last.label, last.visible, last.columns, fields)
    parts = {"sections": sections, **{key: [_part(now, found, key, item) for item in found.shown(key)] for key in ("related", "components")}}
    tabs = []
    for name in names:
        on_tab = [[part for part in parts[key] if found.tab_of(found.part(key, part.name) or {}) == name] for key in PARTS]
        tabs.append(CanvasTab(name, found.label_of("tabs", name) if name else "", *on_tab))
    placed = {field.name for section in sections for field in section.fields}
    offered = [field for field in (*own_fields(entity), *(entity.fields[name] for name in _OPEN_SYSTEM))]
    kind = entity.fields.get(RECORD_TYPE)
    unused = [drawn[field.name] for field in (*offered, *((kind,) if kind is not None else ())) if field.name not in placed]
    return Canvas(
        entity.name,
        found.body["name"],
        layout_label(now, found.body),
        tabs,
        sorted(unused, key=lambda field: field.label.casefold()),
        [drawn[name] for name in found.body.get("highlights", ()) if name in drawn],
        [_part(now, found, key, item) for key in PARTS for item in found.hidden_parts(key)],
        _related_offered(now, entity, found),
        found.body.get("path", ""),
        len(sections) < 2,
    )


def layout_label(now: Desk, body: Mapping[str, Any]) -> str:
    """What the reader calls a layout."""
    known = now.model.layouts.get(f"{body['entity']}.{body['name']}")
    said = body.get("label")
    if known is not None and (said is None or known.label.text == said):
        return known.label.render(now.words)
    return str(said or label_from_name(body["name"]))


def heads_of(now: Desk, entity: str, paths: Sequence[str]) -> list[str]:
    """What the columns of a list are called."""
    return [path_label(now, entity, path) for path in paths]


def path_label(now: Desk, entity: str, path: str) -> str:
    """`account.owner` → “Account › Owner”; what leads nowhere as it is."""
    here, out = now.model.entities.get(entity), []
    for name in path.split("."):
        field = here.fields.get(name) if here is not None else None
        out.append(field.label.render(now.words) if field is not None else name)
        to = field.options.get("to") if field is not None else None
        here = now.model.entities.get(to) if isinstance(to, str) else None
    return " › ".join(out)


def _drawn(now: Desk, entity: Entity, highlighted: frozenset[str]) -> dict[str, CanvasField]:
    """Every field as a form would show it when it is blank."""
    reader = Reader(now.actor.language, now.actor.language, now.actor.timezone, now.words.gettext)
    everything = Section("all", Label(""), 1, tuple(entity.fields))
    layout = Layout("all", entity.name, Label(""), (), (everything,))
    form = draw(form_plan(now.model, layout, current.work().runtime.scope, reader, now.words, ()), {}, lambda field, texts: ())
    inputs = {item.name: item for section in form.sections for item in section.items}
    out = {}
    for field in entity.fields.values():
        label = field.label.render(now.words)
        kind = now.model.type_of(field)
        drawn = inputs.get(field.name) or Output(field.name, label, "", BLANK, kind.align_end)
        out[field.name] = CanvasField(field.name, label, now.model.types[field.type].title.render(now.words), drawn, field.name in highlighted)
    return out


def _section(found: Arrangement, item: Mapping[str, Any], drawn: Mapping[str, CanvasField]) -> CanvasPart:
    fields = [drawn[name] for name in item["fields"] if name in drawn]
    return CanvasPart("sections", item["name"], found.label_of("sections", item["name"]), item.get("visible", ""), item.get("columns", 2), fields)


def _part(now: Desk, found: Arrangement, key: str, item: Mapping[str, Any]) -> CanvasPart:
    name, visible = item["name"], item.get("visible", "")
    if key == "sections":
        return CanvasPart(key, name, found.label_of(key, name), visible)
    if key == "components":
        said = item.get("label") or (_m("History") if item["component"] == "history" else _m("Text")).render(now.words)
        return CanvasPart(key, name, said, visible, said=item.get("text", ""), component=item["component"])
    known = now.model.layouts.get(f"{found.body['entity']}.{found.body['name']}")
    built = next((one for one in known.related if one.name == name), None) if known is not None else None
    other = now.model.entities.get(item["entity"])
    label = item.get("label") or (other.plural.render(now.words) if other is not None else label_from_name(name))
    columns = item.get("columns") or (built.columns if built is not None else ())
    return CanvasPart(key, name, label, visible, heads=heads_of(now, item["entity"], columns))


def _related_offered(now: Desk, entity: Entity, found: Arrangement) -> list[tuple[str, str]]:
    """Lookups that point here and have no list on the layout yet."""
    listed = {(item["entity"], item["field"]) for item in found.body.get("related", ())}
    out = []
    for reference in entity.references:
        other = now.model.entities[reference.entity]
        field = other.fields[reference.field]
        if field.type in _LINKS and (other.name, field.name) not in listed:
            said = _m("{entity} by {field}", entity=other.plural, field=field.label).render(now.words)
            out.append((f"{other.name}.{field.name}", said))
    return sorted(out, key=lambda item: item[1].casefold())


def layout_documents(now: Desk, entity: str) -> list[Effective]:
    return now.bench.of_kind("layout", entity)
