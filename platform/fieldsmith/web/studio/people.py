"""`/studio/people/`: who may sign in. The list, and adding a person or a service with login and roles; one person: `person`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.text import _m
from fieldsmith.identity.directory import Directory
from fieldsmith.identity.signed import PERSON, SERVICE
from fieldsmith.web import auth, current, page, plain_forms, reauth
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio import person
from fieldsmith.web.studio.desk import Desk, desk, render, shown

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

BASE = person.BASE
_FIELDS = ("name", "email", "login", "roles", "kind")
_KINDS = ((PERSON, _m("A person, with a password")), (SERVICE, _m("A service: a program that only holds API tokens")))


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form of a new person says. `user` is a record there is already, or none."""

    name: str
    email: str
    login: str
    kind: str
    roles: tuple[str, ...]
    user: int | None


def register(app: Flask) -> None:
    app.add_url_rule(BASE, "studio_people", people_page)
    app.add_url_rule(f"{BASE}new", "studio_person_new", new_page)
    app.add_url_rule(f"{BASE}new", "studio_person_added", add, methods=["POST"])
    person.register(app)


def people_page() -> Response:
    """`GET /studio/people/?text=&after=`."""
    now, work = desk(), current.work()
    text = request.args.get("text", "").strip()[:200].replace("\0", "")
    found = Directory(work.connection, work.model, work.schema, work.runtime.policy).page(now.actor, text, request.args.get("after"))
    labels = {role.name: shown(role.label, role.name, now.words) for role in work.model.roles.values()}
    return render("studio/people.html", now, people=found.items, after=found.after, text=text, role_labels=labels)


def new_page() -> Response:
    """`GET /studio/people/new`; `?user=7` gives the record of user 7 a login."""
    now, user = desk(), request.args.get("user", "")
    id = int(user) if user.isascii() and user.isdigit() and len(user) < 19 else None
    values = {"kind": PERSON, "name": "", "email": "", "login": ""}
    if id is not None:
        found = current.work().records.get(now.actor, "user", id).values
        email = str(found.get("email") or "")
        values |= {"name": str(found.get("name") or ""), "email": email, "login": email, "kind": str(found.get("kind") or PERSON)}
    return _new(now, values, (), id, Errors())


def add() -> Response:
    """`POST /studio/people/new`: record, login and roles at once; the page of the person offers the link to choose a password."""
    now, form = desk(), request.form
    reauth.require_fresh()
    user = form.get("user", "")
    wish = Wish(
        name=plain_forms.text("name"),
        email=plain_forms.text("email"),
        login=plain_forms.text("login") or plain_forms.text("email") or plain_forms.text("name"),
        kind=form.get("kind", PERSON),
        roles=tuple(form.getlist("roles")),
        user=int(user) if user.isascii() and user.isdigit() and len(user) < 19 else None,
    )
    problems = plain_forms.one_of(wish.kind, frozenset(name for name, _ in _KINDS), "/kind")
    problems += plain_forms.one_line(wish.name, "/name", 120) if wish.user is None else []
    current.end_reading()
    try:
        if problems:
            raise BadInput(problems)
        id = current.workspace().write(lambda work: _add(work, now, wish))
    except BadInput as error:
        values = {"name": wish.name, "email": wish.email, "login": form.get("login", ""), "kind": wish.kind}
        return _new(desk(), values, wish.roles, wish.user, Errors.of(person.with_pointer(error, "/name", "/login", "login"), _FIELDS), 422)
    page.notify(_m("{name} may sign in now.", name=wish.login))
    return page.go(f"{BASE}{id}")


def _add(work: Work, now: Desk, wish: Wish) -> int:
    id = wish.user
    if id is None:
        fields = work.model.entities["user"].fields
        values = {"name": wish.name, "email": wish.email or None, "kind": wish.kind}
        id = work.records.create(now.actor, "user", {name: value for name, value in values.items() if name in fields}).id
    else:
        work.records.get(now.actor, "user", id)
    auth.users(work).add(now.actor, id, wish.login, wish.roles)
    return id


def _new(now: Desk, values: dict[str, str], ticked: tuple[str, ...], user: int | None, errors: Errors, status: int = 200) -> Response:
    kinds = [(name, page.say(label)) for name, label in _KINDS]
    return render("studio/people_new.html", now, status, values=values, ticked=ticked, roles=person.role_ticks(now), kinds=kinds, user=user, errors=errors)
