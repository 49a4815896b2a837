"""`/studio/access/`: may this person do that, and why; who sees a record; and the product as somebody sees it (`web.viewing_as`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.roles import RIGHTS, Right
from fieldsmith.records.explaining import Answer, Explained, FieldAnswer, explain, subject_of
from fieldsmith.records.explaining_readers import MOST_ASKED, MOST_NAMED, who_sees
from fieldsmith.records.explaining_words import verb_of
from fieldsmith.web import current, page, reauth, viewing_as
from fieldsmith.web.studio.desk import Desk, desk, render

BASE = "/studio/access/"
_RIGHT: Right = "read"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked so far; blank where nothing is chosen yet."""

    user: int | None
    user_name: str
    entity: str
    id: int | None
    record_name: str
    field: str
    right: Right


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


def register(app: Flask) -> None:
    app.add_url_rule(BASE, "studio_access", access_page)
    app.add_url_rule(f"{BASE}who/<entity>/<int:id>", "studio_who_sees", who_page)
    app.add_url_rule(f"{BASE}view", "studio_view_as", view_as, methods=["POST"])
    app.add_url_rule(f"{BASE}leave", "studio_leave_view_as", leave, methods=["POST"])


def access_page(status: int = 200, why: Message | None = None) -> Response:
    """`GET /studio/access/?user=&entity=&record=&field=&right=`: the question, and its answer as far as it is asked."""
    now = desk()
    asked = _question(now)
    found: Explained | None = None
    if asked.user is not None and asked.entity:
        try:
            found = explain(current.work(), now.actor, subject_of(current.work(), asked.user), asked.entity, asked.id)
        except NotFound as gone:
            status, why = 404, gone.title
    context: dict[str, Any] = {**_choices(now, asked), **_answers(found, asked)}
    return render("studio/access.html", now, status, asked=asked, why=why, **context)


def who_page(entity: str, id: int) -> Response:
    """`GET /studio/access/who/{entity}/{id}`: who reaches a record, counted by way."""
    now = desk()
    work = current.work()
    found = who_sees(work, now.actor, entity, id)
    name = work.queries.label(now.actor, entity, id) or f"#{id}"
    context: dict[str, Any] = {
        "seers": found,
        "name": name,
        "entity": work.model.entities[entity],
        "id": id,
        "most_asked": MOST_ASKED,
        "most_named": MOST_NAMED,
    }
    return render("studio/access_who.html", now, **context)


def view_as() -> Response:
    """`POST /studio/access/view`: see the product as `user` from now on."""
    desk()
    reauth.require_fresh()
    user = _number(request.form.get("user", ""))
    try:
        if user is None:
            raise NotFound(_m("Choose a person first."))
        viewing_as.start(user)
    except (BadInput, NotFound) as refused:
        return access_page(422 if isinstance(refused, BadInput) else 404, refused.title)
    return page.go("/")


def leave() -> Response:
    """`POST /studio/access/leave`: back to one's own product."""
    current.signed_in()
    user = viewing_as.leave()
    return page.go(BASE if user is None else f"{BASE}?user={user}")


def _question(now: Desk) -> Question:
    given = request.values
    queries, model = current.work().queries, current.model()
    user = _number(given.get("user", ""))
    entity = given.get("entity", "") if given.get("entity", "") in model.entities else ""
    id = _number(given.get("record", "")) if entity else None
    field = given.get("field", "") if entity and given.get("field", "") in model.entities[entity].fields else ""
    right = next((name for name in RIGHTS if name == given.get("right")), _RIGHT)
    user_name = queries.label(now.actor, "user", user) if user is not None else None
    record = queries.label(now.actor, entity, id) if id is not None else None
    return Question(user, user_name or f"#{user}", entity, id, record or f"#{id}", field, right)


def _choices(now: Desk, asked: Question) -> dict[str, Any]:
    model = current.model()
    entities = sorted((Choice(item.name, item.label.render(now.words)) for item in model.entities.values()), key=lambda choice: choice.label.casefold())
    fields = [Choice(item.name, item.label.render(now.words)) for item in model.entities[asked.entity].fields.values()] if asked.entity else []
    return {"entities": entities, "fields": fields, "rights": [Choice(name, page.say(verb_of(name))) for name in RIGHTS]}


def _answers(found: Explained | None, asked: Question) -> dict[str, Any]:
    """The right asked for first, then the others."""
    if found is None:
        return {"answers": (), "field_answer": None, "fields_told": ()}
    order = sorted(found.answers.values(), key=lambda answer: answer.right != asked.right)
    answers: Sequence[tuple[Answer, Message]] = [(answer, verb_of(answer.right)) for answer in order]
    field: FieldAnswer | None = found.fields.get(asked.field) if asked.field else None
    told = [(found.entity.fields[name].label, answer) for name, answer in found.fields.items() if found.answers["read"].allowed]
    return {"answers": answers, "field_answer": field, "fields_told": told}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
