"""A simulated draft as JSON: `access` in the plan of a change set. Its shapes are in `api_shapes_simulated`."""

from __future__ import annotations

from typing import Any

from fieldsmith.base.text import Words
from fieldsmith.rollout.simulated import EntityShift, PersonShift, Simulation


def simulated_json(found: Simulation, words: Words) -> dict[str, Any]:
    """`people` is empty where nobody gains or loses."""
    return {
        "everybody": found.everybody,
        "concerned": found.concerned,
        "looked_at": found.looked_at,
        "each": found.each,
        "newest": found.newest,
        "in_time": found.in_time,
        "notes": [note.render(words) for note in found.notes],
        "people": [_person(person, words) for person in found.people],
    }


def _person(person: PersonShift, words: Words) -> dict[str, Any]:
    administers, shapes = person.administers, person.shapes
    return {
        "person": {"id": person.actor.id, "label": person.name},
        "roles": list(person.actor.roles),
        "alike": person.alike,
        "gains": person.gains,
        "loses": person.loses,
        "administers": None if administers is None else {"before": administers[0], "after": administers[1]},
        "shapes": None if shapes is None else {"before": sorted(shapes[0]), "after": sorted(shapes[1])},
        "entities": [_entity(item, words) for item in person.entities],
    }


def _entity(item: EntityShift, words: Words) -> dict[str, Any]:
    rights = []
    for line in item.rights:
        rows = line.rows
        records = None if rows is None else {"before": rows.before, "after": rows.after, "gained": rows.gained, "lost": rows.lost}
        rights.append({"right": line.right, "before": line.before, "after": line.after, "records": records})
    fields = [{"field": shift.field.name, "before": shift.before, "after": shift.after} for shift in item.fields]
    return {"entity": item.entity.name, "label": item.entity.label.render(words), "newest_only": item.cut, "rights": rights, "fields": fields}
