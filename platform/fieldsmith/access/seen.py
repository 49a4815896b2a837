"""`seen`: the model as one set of roles sees it. Screens and descriptions are drawn from it, so what is hidden is not there to be drawn.

Hidden fields are gone from entities, layouts, views and lists of computed fields; masked ones are texts nobody may write; fields one
may only read are read-only. Hidden entities stay, because lookups point at them: whoever lists entities asks the `Sight`. Rules, formulas
and conditions of layouts go on with the definer's rights and are not changed here. Pure; made once per sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from fieldsmith.access.sight import Sight, reads_any
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Computation, Entity, Layout, Model, RelatedList, View

LABELLED_BY_ID = "id"
"""What records are called where their name is hidden."""


def seen(model: Model, sight: Sight) -> Model:
    """`model` without what `sight` hides; the same object where everything may be seen and changed."""
    if not (sight.hidden or sight.masked or sight.locked):
        return model
    eyes = _Eyes(model, sight)
    return replace(
        model,
        entities={name: eyes.entity(entity) for name, entity in model.entities.items()},
        layouts={name: eyes.layout(layout) for name, layout in model.layouts.items()},
        views={name: eyes.view(view) for name, view in model.views.items()},
        computed={name: eyes.computed(fields) for name, fields in model.computed.items()},
    )


def is_spoken(model: Model, sight: Sight, entity: str, path: str, *, masked: bool = False) -> bool:
    """Does `path` (`account.owner.name`) lead only through what the reader may see? With `masked` its end may be a masked field."""
    here: Entity | None = model.entities.get(entity)
    *hops, last = path.removeprefix("-").split(".")
    for name in hops:
        if here is None or here.name in sight or name not in here.fields or (here.name, name) in sight.unspoken:
            return False
        to = here.fields[name].options.get("to")
        here = model.entities.get(to) if isinstance(to, str) else None
    if here is None or here.name in sight or last not in here.fields:
        return False
    return (here.name, last) not in (sight.hidden if masked else sight.unspoken)


class _Eyes:
    def __init__(self, model: Model, sight: Sight) -> None:
        self._model = model
        self._sight = sight

    def entity(self, entity: Entity) -> Entity:
        sight = self._sight
        fields = {name: self._field(item) for name, item in entity.fields.items() if not sight.hides(entity.name, name)}
        return replace(
            entity,
            fields=fields,
            name_field=entity.name_field if entity.name_field in fields else LABELLED_BY_ID,
            indexes=tuple(index for index in entity.indexes if all((entity.name, name.removeprefix("-")) not in sight.unspoken for name in index.fields)),
            references=tuple(item for item in entity.references if item.entity not in sight and (item.entity, item.field) not in sight.unspoken),
            former={name: found for name, found in entity.former.items() if not found.now or found.now in fields},
        )

    def layout(self, layout: Layout) -> Layout:
        entity = layout.entity
        related = (self._related(item) for item in layout.related)
        return replace(
            layout,
            highlights=self._shown(entity, layout.highlights),
            sections=tuple(replace(section, fields=self._shown(entity, section.fields)) for section in layout.sections),
            related=tuple(item for item in related if item is not None),
            path=layout.path if layout.path is not None and is_spoken(self._model, self._sight, entity, layout.path) else None,
        )

    def view(self, view: View) -> View:
        """Its hidden columns are left out. What it sorts and groups by stays, so that it can be refused; but the default list must open."""
        entity = view.entity
        grouped = not view.group or is_spoken(self._model, self._sight, entity, view.group)
        lenient = self._model.views_of[entity][0] is view
        return replace(
            view,
            columns=self._shown(entity, view.columns) or (self.entity(self._model.entities[entity]).name_field,),
            sort=self._ordered(entity, view.sort) if lenient else view.sort,
            group=view.group if grouped or not lenient else "",
            show=view.show if grouped or not lenient else "table",
            sum=view.sum if view.sum and is_spoken(self._model, self._sight, entity, view.sum) else "",
        )

    def computed(self, fields: Mapping[str, Computation]) -> Mapping[str, Computation]:
        return {name: item for name, item in fields.items() if (item.field.entity, name) not in self._sight.unspoken}

    def _field(self, item: Field) -> Field:
        if self._sight.masks(item.entity, item.name):
            return replace(item, type="text", options={}, required=False, unique=False, indexed=False, default=None, default_expression="", read_only=True)
        if item.options.get("expression"):
            known = self._model.computed.get(item.entity, {}).get(item.name)
            if known is not None and reads_any(known.node, self._sight.unspoken):
                return replace(item, options={**item.options, "expression": ""})
        shown = self._sight.targets(item)
        return replace(shown, read_only=True) if self._sight.locks(item.entity, item.name) or self._sight.leads_nowhere(item) else shown

    def _related(self, item: RelatedList) -> RelatedList | None:
        if not is_spoken(self._model, self._sight, item.entity, item.field):
            return None
        return replace(item, columns=self._shown(item.entity, item.columns), sort=self._ordered(item.entity, item.sort))

    def _shown(self, entity: str, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(path for path in paths if is_spoken(self._model, self._sight, entity, path, masked=True))

    def _ordered(self, entity: str, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(path for path in paths if is_spoken(self._model, self._sight, entity, path))
