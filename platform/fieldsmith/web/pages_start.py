"""Coming in: `/setup` with the one-time link, `/login`, `/logout`. Plain forms that need no script.

Visitors choose the language with `?lang=`; after signing in it is the user's own (`pages_me`).
"""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, Response, request
from flask_babel import refresh

from fieldsmith.base.errors import BadInput, Conflict, Forbidden, Throttled
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity import first_start
from fieldsmith.web import auth, current, page, plain_forms
from fieldsmith.web.first_use import Wishes, set_up
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.regions import Regions, guess_country, regions

_SETUP_FIELDS = ("name", "email", "password", "company", "language", "country", "currency", "time_zone")


def register(app: Flask) -> None:
    app.add_url_rule("/setup", "setup", setup_page)
    app.add_url_rule("/setup", "setup_done", setup_done, methods=["POST"])
    app.add_url_rule("/login", "login", login_page)
    app.add_url_rule("/login", "login_done", login_done, methods=["POST"])
    app.add_url_rule("/logout", "logout", logout, methods=["POST"])


def login_page() -> Response:
    """`GET /login?next=…`: who is signed in already goes on."""
    _speak()
    target = auth.local_target(request.args.get("next"))
    if current.actor().kind == "user":
        return page.go(target)
    return _login({}, Errors(), target)


def login_done() -> Response:
    """`POST /login`."""
    _speak()
    target = auth.local_target(request.form.get("next"))
    name = plain_forms.text("name")
    try:
        auth.sign_in(name, request.form.get("password", ""))
    except BadInput as error:
        return _login({"name": name}, Errors.of(error, ("name", "password")), target, 422)
    except Throttled as error:
        answer = _login({"name": name}, Errors({}, (page.say(error.title),)), target, 429)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    return page.go(target)


def logout() -> Response:
    """`POST /logout`."""
    auth.sign_out()
    return page.go("/login")


def _login(values: dict[str, str], errors: Errors, target: str, status: int = 200) -> Response:
    ready = auth.users(current.work()).has_administrator()
    return page.render("login.html", status, layout="plain.html", values=values, errors=errors, next=target, ready=ready)


def setup_page() -> Response:
    """`GET /setup?token=…`: the link the server prints while there is no administrator."""
    _speak()
    token = request.args.get("token", "")
    refused = _refused(token)
    if refused is not None:
        return refused
    company = current.model().company
    found = _regions()
    country = found.country(guess_country(request.accept_languages.values()) or "") or found.country(company.country)
    values = {
        "language": current.language(),
        "country": country.code if country else company.country,
        "currency": (country.currency if country else None) or company.currency,
        "time_zone": company.timezone,
        "demo": "yes",
    }
    return _setup(token, values, Errors())


def setup_done() -> Response:
    """`POST /setup`: everything or, with the reasons beside the fields, nothing."""
    _speak()
    token = request.form.get("token", "")
    refused = _refused(token)
    if refused is not None:
        return refused
    values = {name: plain_forms.text(name) for name in _SETUP_FIELDS if name != "password"}
    values["demo"] = request.form.get("demo", "")
    password = request.form.get("password", "")
    problems = _problems(values, password)
    try:
        if problems:
            raise BadInput(problems)
        wishes = _wishes(values, password)
        current.end_reading()
        user_id = set_up(current.workspace(), token, wishes)
    except BadInput as error:
        return _setup(token, values, Errors.of(error, _SETUP_FIELDS), 422)
    except Conflict as error:
        return _setup(token, values, Errors({}, (page.say(error.title),)), 409)
    auth.start_session(user_id)
    refresh()
    page.notify(_m("{company} is set up. Welcome, {name}.", company=wishes.company, name=wishes.name))
    return page.go("/")


def _refused(token: str) -> Response | None:
    users = auth.users(current.work())
    if users.has_administrator():
        return page.go("/login")
    if not first_start.accepts(current.work().connection, users, token):
        raise Forbidden(_m("This set-up link is not valid. Use the link the server printed when it started; restart the server to get a fresh one."))
    return None


def _problems(values: dict[str, str], password: str) -> list[Problem]:
    found = _regions()
    problems = plain_forms.one_line(values["name"], "/name", 120)
    problems += plain_forms.one_line(values["email"], "/email", 120)
    problems += plain_forms.one_line(values["company"], "/company", 255)
    problems += plain_forms.one_of(values["language"], frozenset(current.LANGUAGES), "/language")
    problems += plain_forms.one_of(values["country"], frozenset(item.code for item in found.countries), "/country")
    problems += plain_forms.one_of(values["currency"], found.currencies, "/currency")
    problems += plain_forms.one_of(values["time_zone"], frozenset(found.zones), "/time_zone")
    return problems + current.served().passwords.problems(password, (values["email"],))


def _wishes(values: dict[str, str], password: str) -> Wishes:
    return Wishes(
        name=values["name"],
        email=values["email"],
        password=password,
        company=values["company"],
        language=values["language"],
        country=values["country"],
        currency=values["currency"],
        timezone=values["time_zone"],
        demo=values["demo"] == "yes",
    )


def _setup(token: str, values: dict[str, str], errors: Errors, status: int = 200) -> Response:
    brand = {"company_name": "Fieldsmith", "company_initial": "F"}  # the company has no name yet
    return page.render("setup.html", status, layout="plain.html", token=token, values=values, errors=errors, regions=_regions(), **brand)


def _regions() -> Regions:
    language = current.language()
    return current.work().runtime.keep(("regions", language), lambda: regions(language))


def _speak() -> None:
    """Speak the language the address asks for."""
    wanted = request.args.get("lang")
    visit = current.visit()
    if wanted in current.LANGUAGES and visit.actor.kind == "anonymous":
        visit.actor = replace(visit.actor, language=wanted)
        refresh()
