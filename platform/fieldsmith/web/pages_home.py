"""`/`: what is mine to do, what changed lately, how the pipelines stand; for an empty workspace, what to do first.

Read from metadata: activities by name (core ships them), the rest from the tabs of the app the reader works in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response

from fieldsmith.base.text import Message, _m
from fieldsmith.bulk import demo
from fieldsmith.meta.model import Entity
from fieldsmith.query.groups import counts_by_choice
from fieldsmith.query.rows import Page
from fieldsmith.query.run import Query
from fieldsmith.web import current, page
from fieldsmith.web.preferences import chosen
from fieldsmith.web.screens_here import Here, here
from fieldsmith.web.shell import Place, app_for, creatable_of

_TASKS, _RECENT, _STEPS = 8, 8, 4
_OF_ONE = 4  # changes of one entity at most, so that an import does not hide the rest
_LOOKED_AT = 50  # activities read to find the open ones
_COUNTED = 50_000  # beyond so many records a pipeline is not counted on every visit
_ACTIVITY = "activity"
_CLOSED = frozenset({"completed", "cancelled"})
_GREETINGS = ((12, _m("Good morning, {name}")), (18, _m("Good afternoon, {name}")), (24, _m("Good evening, {name}")))


@dataclass(frozen=True, slots=True)
class Line:
    """A record as one line; `late` marks what is overdue."""

    path: str
    icon: str
    label: str
    note: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    label: str
    colour: str
    count: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One entity by the choice field its record page shows as path bar."""

    place: Place
    stages: Sequence[Stage]


def register(app: Flask) -> None:
    app.add_url_rule("/", "home", home_page)
    app.add_url_rule("/demo/load", "demo_load", load_demo, methods=["POST"])
    app.add_url_rule("/demo/remove", "demo_remove", remove_demo, methods=["POST"])


def home_page() -> Response:
    """`GET /`."""
    now = here()
    policy = now.work.runtime.policy
    app = app_for(now.model, policy, now.actor, chosen().app)
    tabs = app.tabs if app else ()
    entities = [now.model.entities[name] for name in dict.fromkeys(now.model.tabs[tab].entity for tab in tabs if tab in now.model.tabs)]
    readable = [entity for entity in entities if entity.name not in now.unreadable()]
    recent = _recent(now, readable)
    administrator = policy.is_administrator(now.actor)
    return page.render(
        "home.html",
        greeting=_greeting(now),
        today=page.day(now.work.now),
        tasks=_tasks(now),
        new_task=_ACTIVITY in now.model.entities and now.may("create", _ACTIVITY),
        recent=recent,
        pipelines=_pipelines(now, readable),
        steps=[] if recent else creatable_of(now.model, policy, now.actor, now.words, tabs)[:_STEPS],
        demo_loaded=administrator and demo.is_loaded(now.work),
        demo_possible=administrator and not recent,
    )


def load_demo() -> Response:
    """`POST /demo/load`, for administrators."""
    actor = current.signed_in()
    current.end_reading()
    count = demo.load(current.workspace(), actor, actor.language)
    page.notify(_m("{count} demo records were loaded.", count=count))
    return page.go("/")


def remove_demo() -> Response:
    """`POST /demo/remove`, for administrators."""
    actor = current.signed_in()
    current.end_reading()
    gone = demo.remove(current.workspace(), actor)
    page.notify(_removed(gone))
    return page.go("/")


def _removed(gone: demo.Removed) -> Message:
    if gone.kept:
        return _m("{count} demo records were removed. {kept} stay, because records of yours need them.", count=gone.removed, kept=gone.kept)
    return _m("{count} demo records were removed.", count=gone.removed)


def _greeting(now: Here) -> str:
    hour = _local(now, now.work.now).hour
    return page.say(Message(next(text.id for until, text in _GREETINGS if hour < until), {"name": now.actor.name}))


def _tasks(now: Here) -> list[Line]:
    """My open activities, the most pressing first; those without a due date last."""
    entity = now.model.entities.get(_ACTIVITY)
    if entity is None or entity.name in now.unreadable() or now.actor.id is None or not _shows_tasks(now, entity):
        return []
    columns = (entity.name_field, "status", "due_at")
    found = now.work.queries.page(now.actor, Query(entity.name, columns, ("status", "due_at"), _LOOKED_AT, parent=("owner", now.actor.id)))
    names, statuses, dues = (column.read for column in found.columns)
    mine = [(row[0], names(row), dues(row)) for row in found.rows if statuses(row) not in _CLOSED]
    mine.sort(key=lambda item: (item[2] is None, item[2]))
    show = _shower(now, entity)
    return [_task(now, entity, id, show(name), due) for id, name, due in mine[:_TASKS]]


def _shows_tasks(now: Here, entity: Entity) -> bool:
    """Has the entity, for this reader, what a list of tasks is made of?"""
    return all(name in entity.fields and not now.unreadable().masks(entity.name, name) for name in ("status", "due_at", "owner"))


def _task(now: Here, entity: Entity, id: int, label: str, due: datetime | None) -> Line:
    note = page.day(due) if due else ""
    late = due is not None and _local(now, due).date() < _local(now, now.work.now).date()
    return Line(f"/{entity.name}/{id}", entity.icon, label, note, late)


def _recent(now: Here, entities: Sequence[Entity]) -> list[Line]:
    """What was changed last, over all `entities` whose index makes that cheap."""
    lines: list[tuple[datetime, Line]] = []
    for entity in entities:
        if any(index.fields[0] == "-modified_at" for index in entity.indexes):
            found = now.work.queries.page(now.actor, Query(entity.name, (entity.name_field, "modified_at"), ("-modified_at",), _OF_ONE))
            lines += _changed(now, entity, found)
    lines.sort(key=lambda item: item[0], reverse=True)
    return [line for _, line in lines[:_RECENT]]


def _changed(now: Here, entity: Entity, found: Page) -> list[tuple[datetime, Line]]:
    names, moments = (column.read for column in found.columns)
    show = _shower(now, entity)
    return [(moments(row), Line(f"/{entity.name}/{row[0]}", entity.icon, show(names(row)) or f"#{row[0]}", page.ago(moments(row)))) for row in found.rows]


def _pipelines(now: Here, entities: Sequence[Entity]) -> list[Pipeline]:
    """The entities with a path bar, of which there are records."""
    out: list[Pipeline] = []
    for entity in entities:
        layout = now.model.layouts.get(f"{entity.name}.default")
        if entity.name == _ACTIVITY or layout is None or layout.path is None or layout.path not in entity.fields:
            continue
        counts = counts_by_choice(now.work.queries, now.actor, entity.name, layout.path, _COUNTED)
        choices = now.model.choices.get(str(entity.fields[layout.path].options.get("choices")))
        if counts and choices:
            stages = [Stage(value.label.render(now.words), value.colour or "gray", counts.get(value.name, 0)) for value in choices.values.values()]
            out.append(Pipeline(Place(f"/{entity.name}/", entity.icon, entity.plural.render(now.words)), stages))
    return sorted(out, key=lambda item: -sum(stage.count for stage in item.stages))[:2]


def _shower(now: Here, entity: Entity) -> Callable[[Any], str]:
    """How the name of a record reads."""
    field = entity.fields[entity.name_field]
    show = now.keep(("name", entity.name), lambda: now.model.type_of(field).displayer(field, now.work.runtime.scope, now.reader()))
    return lambda value: "" if value is None else show(value)


def _local(now: Here, moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(now.actor.timezone))
