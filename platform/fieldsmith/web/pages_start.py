"""Coming in: `/setup` with the one-time link, `/login`, the code after it, `/logout`. Plain forms that need no script; forgotten passwords: `pages_reset`.

Visitors choose the language with `?lang=`; after signing in it is the user's own (`pages_me`).
"""

from __future__ import annotations

from urllib.parse import quote

from email_validator import EmailNotValidError, validate_email
from flask import Flask, Response, request
from flask_babel import refresh

from fieldsmith.base.errors import BadInput, Conflict, Forbidden, Throttled
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity import first_start
from fieldsmith.web import auth, current, page, pages_reset, plain_forms, second_step
from fieldsmith.web.first_use import Wishes, set_up
from fieldsmith.web.pages_reset import speak
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.regions import Regions, guess_country, regions
from fieldsmith.web.shell import start_of

_SETUP_FIELDS = ("name", "email", "password", "company", "language", "country", "currency", "time_zone")


def register(app: Flask) -> None:
    app.add_url_rule("/setup", "setup", setup_page)
    app.add_url_rule("/setup", "setup_done", setup_done, methods=["POST"])
    app.add_url_rule("/login", "login", login_page)
    app.add_url_rule("/login", "login_done", login_done, methods=["POST"])
    app.add_url_rule("/login/code", "login_code", code_page)
    app.add_url_rule("/login/code", "login_code_given", code_given, methods=["POST"])
    app.add_url_rule("/logout", "logout", logout, methods=["POST"])
    pages_reset.register(app)


def login_page() -> Response:
    """`GET /login?next=…`: who is signed in already goes on."""
    speak()
    target = auth.local_target(request.args.get("next"))
    if current.actor().kind != "anonymous":
        return page.go(target)
    return _login({}, Errors(), target)


def login_done() -> Response:
    """`POST /login`."""
    speak()
    target = auth.local_target(request.form.get("next"))
    name = plain_forms.text("name")
    try:
        person = auth.sign_in(name, request.form.get("password", ""))
    except BadInput as error:
        return _login({"name": name}, Errors.of(error, ("name", "password")), target, 422)
    except Throttled as error:
        answer = _login({"name": name}, Errors({}, (page.say(error.title),)), target, 429)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    return page.go(_first(target) if person is not None else "/login/code?next=" + quote(target, safe="/"))


def code_page() -> Response:
    """`GET /login/code?next=…`: the password was right, the code of the second factor comes now."""
    speak()
    if second_step.waiting() is None:
        return page.go("/login")
    return _code(Errors(), auth.local_target(request.args.get("next")))


def code_given() -> Response:
    """`POST /login/code`: a code of the app, or a recovery code."""
    speak()
    target, user_id = auth.local_target(request.form.get("next")), second_step.waiting()
    if user_id is None:
        page.notify(_m("That took too long. Sign in again."), "warning")
        return page.go("/login?next=" + quote(target, safe="/"))
    try:
        second_step.give(user_id, request.form.get("code", "")[:100])
    except BadInput as error:
        return _code(Errors.of(error, ("code",)), target, 422)
    except Throttled as error:
        answer = _code(Errors({}, (page.say(error.title),)), target, 429)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    return page.go(_first(target))


def _first(target: str) -> str:
    """Where who just signed in begins: at what they came for, else where their role starts."""
    if target != "/":
        return target
    runtime = current.work().runtime
    return start_of(runtime.model, runtime.policy, current.actor())


def logout() -> Response:
    """`POST /logout`."""
    auth.sign_out()
    return page.go("/login")


def _login(values: dict[str, str], errors: Errors, target: str, status: int = 200) -> Response:
    ready = auth.users(current.work()).has_administrator()
    others = [item for item in current.served().providers if item.begins_at is not None]
    return page.render("login.html", status, layout="plain.html", values=values, errors=errors, next=target, ready=ready, others=others)


def _code(errors: Errors, target: str, status: int = 200) -> Response:
    return page.render("login_code.html", status, layout="plain.html", errors=errors, next=target)


def setup_page() -> Response:
    """`GET /setup?token=…`: the link the server prints while there is no administrator."""
    speak()
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
    speak()
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
    problems += plain_forms.one_line(values["email"], "/email", 120) or _no_address(values["email"])
    problems += plain_forms.one_line(values["company"], "/company", 255)
    problems += plain_forms.one_of(values["language"], frozenset(current.LANGUAGES), "/language")
    problems += plain_forms.one_of(values["country"], frozenset(item.code for item in found.countries), "/country")
    problems += plain_forms.one_of(values["currency"], found.currencies, "/currency")
    problems += plain_forms.one_of(values["time_zone"], frozenset(found.zones), "/time_zone")
    return problems + current.served().passwords.problems(password, (values["email"], values["name"], values["company"]))


def _no_address(value: str) -> list[Problem]:
    """Asked before anything is written: the company is published first, the record of the administrator comes after it."""
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return [Problem("not_email", _m("“{value}” is not an e-mail address.", value=value), "/email", _m("Write it like name@example.com."))]
    return []


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
