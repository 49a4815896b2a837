"""Pages as answers: `render` gives a template the shell round it, or the sheet alone when htmx moves from page to page.

    return page.render("list.html", view=view, rows=rows)
    return page.part("parts/rows.html", rows=rows)          # a piece for htmx, without shell
    page.notify(_m("{label} was saved.", label=label)); return page.go(f"/account/{id}")

Screens call these; services never do. In templates: `icon(name)`, `asset(name)`, `csrf_field()`, `message|say`.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, Response, current_app, g, redirect, request
from flask_babel import get_locale
from flask_htmx import HTMX
from jinja2 import FileSystemLoader, StrictUndefined
from markupsafe import Markup

from fieldsmith.base.context import Actor
from fieldsmith.base.text import Label, Message, _m, in_words
from fieldsmith.identity.secrecy import keyed, same
from fieldsmith.web import assets, current, viewing_as
from fieldsmith.web.current import Previewed
from fieldsmith.web.kept_shell import in_shell, kept_in_shell
from fieldsmith.web.preferences import chosen
from fieldsmith.web.shell import Navigation, initials, navigation
from fieldsmith.workspace import Runtime

Tone = Literal["success", "info", "warning", "danger"]

LANGUAGE_NAMES = (("en", "English"), ("zh_Hans", "简体中文"), ("zh_Hant", "繁體中文"))
_NOTICE_COOKIE = "fieldsmith_notice"
_JUST_NOW = timedelta(minutes=1)
_WORTH_COMPRESSING = 1024  # bytes
_SHEET = "page"  # id of the element htmx swaps when it moves from page to page
_HTMX_CONFIG = json.dumps(
    {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
        "attributesToSettle": ["class"],
        "historyCacheSize": 0,
        "historyRestoreAsHxRequest": False,
        "scrollIntoViewOnBoost": False,
        "selfRequestsOnly": True,
        "timeout": 30_000,
        "responseHandling": [{"code": "204", "swap": False}, {"code": "...", "swap": True}],
    },
    separators=(",", ":"),
)


def catalogues() -> str:
    """The folder of translations, for Flask-Babel."""
    return str(files("fieldsmith.locales"))


def register(app: Flask) -> None:
    """Templates and what they may call."""
    HTMX(app)
    environment = app.jinja_env
    environment.loader = FileSystemLoader(Path(str(files("fieldsmith.ui"))) / "templates")
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(icon=icon, asset=lambda name: assets.assets().url(name), csrf_field=csrf_field, notices=_notices)
    environment.filters.update(say=say, pair=lambda value: (value, value), ago=ago, day=day, number=number)
    app.after_request(_carry_notices)


def htmx() -> HTMX:
    """What htmx says of this request; false where it did not send it."""
    extension: HTMX = current_app.htmx  # type: ignore[attr-defined]  # flask-htmx puts it there
    return extension


def render(template: str, status: int = 200, **context: Any) -> Response:
    """A page from `template` (which extends base.html). `layout="plain.html"` leaves the shell out, as for visitors.

    htmx asking for the sheet gets only that; a sheet for a shell that has changed since gets a full load instead.
    """
    sheet_only = bool(htmx()) and htmx().target == _SHEET and not htmx().history_restore_request
    frame = _frame(context.pop("layout", None))
    if sheet_only and request.method == "GET" and request.headers.get("X-Shell") != frame["shell_key"]:
        return Response("", 200, {"HX-Redirect": request.full_path.removesuffix("?")})
    if sheet_only:
        frame["layout"] = "fragment.html"
    if frame["layout"] == "shell.html" and not _waiting():
        return _html(in_shell(template, frame, context), status, None)
    body = current_app.jinja_env.get_template(template).render({**frame, **context})
    return _html(body, status, "no-store" if sheet_only else None)


def render_kept(template: str, key: Hashable, holes: Mapping[str, Any], context: Callable[[], Mapping[str, Any]]) -> Response:
    """As `render` for pages asked for all the time: rendered once per revision, language and `key`, then only `holes` are filled.

    `key` says all that `context` depends on; a hole's value may be put into the page, but not decide what is on it.
    """
    if htmx() or _waiting():
        return render(template, **context(), **holes)
    return _html(kept_in_shell(template, key, holes, _frame(None), context), 200, None)


def part(template: str, status: int = 200, **context: Any) -> Response:
    """A piece of a page for htmx: no shell, no title; the template extends nothing."""
    body = current_app.jinja_env.get_template(template).render({"language": current.language(), **context})
    return _html(body, status, "no-store")


def failure(status: int, heading: str, sentence: str, details: Sequence[str] = (), request_id: str | None = None) -> Response:
    """An error as a page; as a notice where htmx asked for a piece of one, so that what stands there stays."""
    if htmx() and htmx().target != _SHEET and not htmx().history_restore_request:
        g.setdefault("notices", []).append(("danger", " ".join([sentence, *details])))
        answer = part("parts/notices.html", status, kind="swap")
        answer.headers["HX-Reswap"] = "none"
        return answer
    return render("error.html", status, heading=heading, sentence=sentence, details=details, request_id=request_id)


def go(path: str) -> Response:
    """After a form was taken: on to `path` (303). A path of this site, not what a visitor sent."""
    return redirect(path, 303)  # type: ignore[return-value]


def notify(message: Message, tone: Tone = "success") -> None:
    """Say `message` on the next page this browser shows (this one, if one is rendered now)."""
    g.setdefault("notices", []).append((tone, say(message)))


def say(value: Message | Label | str | None) -> str:
    """`value` in the reader's language; templates: `{{ entity.label|say }}`."""
    return "" if value is None else str(in_words(value, current.words()))


def ago(moment: datetime) -> str:
    """How long ago a naive UTC `moment` was, in the reader's words: “3 hours ago”."""
    passed = current.work().now - moment
    if abs(passed) < _JUST_NOW:
        return say(_m("just now"))
    return str(format_timedelta(-passed, add_direction=True, locale=current.language()))


def day(moment: datetime) -> str:
    """The day of a naive UTC `moment` in the reader's zone and words."""
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(current.actor().timezone))
    return str(format_date(local.date(), "medium", locale=current.language()))


def number(value: int) -> str:
    """A count in the reader's digits grouping: “8,800”."""
    return str(format_decimal(value, locale=current.language()))


def icon(name: str, classes: str = "") -> Markup:
    """An icon by its Tabler name; `icon-sm` (16 px) and `icon-lg` (28 px) change the size of 18 px."""
    return assets.assets().icon(name, classes)


def csrf_field() -> Markup:
    """The hidden field every form with method post must have."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(current.csrf())


def _html(body: str, status: int, caching: str | None) -> Response:
    """Compressed where the browser takes it. (Guessing the form token by lengths needs cookies cross-site; ours are SameSite.)"""
    content, headers = body.encode(), {"Vary": "Accept-Encoding, HX-Request, Accept-Language, Cookie"}
    if len(content) > _WORTH_COMPRESSING and request.accept_encodings.quality("gzip") > 0:
        content = gzip.compress(content, 5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    if caching:
        headers["Cache-Control"] = caching
    return Response(content, status, headers, content_type="text/html; charset=utf-8")


def _frame(layout: str | None) -> dict[str, Any]:
    """What layout templates need, for this reader."""
    actor, runtime, seen = current.actor(), current.work().runtime, current.visit().preview
    model = runtime.model
    company, language, liking = model.company, current.language(), chosen()
    plain = layout or ("plain.html" if actor.kind == "anonymous" else "shell.html")
    nav = None if plain == "plain.html" else navigation(runtime, actor, current.words(), liking.app)
    token = current.csrf()
    version = assets.assets().version
    return {
        "layout": plain,
        "language": language,
        "language_tag": str(get_locale()).replace("_", "-"),
        "languages": LANGUAGE_NAMES,
        "theme": liking.theme,
        "theme_sheet": f"/static/theme.css?{company.accent.removeprefix('#')}",
        "csrf_token": token,
        "htmx_config": _HTMX_CONFIG,
        "company_name": company.name,
        "company_initial": initials(company.name)[:1],
        "user_name": actor.name,
        "studio_link": _studio_link(runtime, actor, language),
        "preview_bar": _preview_bar(seen, token) + viewing_as.bar(token),
        "user_initials": initials(actor.name),
        "here": request.full_path.removesuffix("?") if request.method == "GET" else "/",
        "here_in": _here_in,
        "shell_key": keyed("shell", _seen_as(seen, model.revision), str(actor.id), language, liking.app or "", version)[:12],
        **_navigation_parts(nav, token),
    }


def _navigation_parts(nav: Navigation | None, token: str) -> dict[str, Any]:
    if nav is None:
        return {"navigation": "", "creation": ""}
    return {"navigation": nav.sidebar_for(token, request.path), "creation": Markup(nav.creation)}


def _studio_link(runtime: Runtime, actor: Actor, language: str) -> Markup:
    """For administrators and who shapes some entities; kept, since every page has it."""
    policy = runtime.policy
    if not policy.is_administrator(actor) and not policy.shapes(actor) - policy.sight(actor).hidden:
        return Markup("")

    def link() -> Markup:
        return Markup(current_app.jinja_env.get_template("parts/studio_link.html").render())

    found: Markup = runtime.keep(("studio link", language), link)
    return found


def _preview_bar(seen: Previewed | None, token: str) -> Markup:
    """Says that a draft is being looked at, and how to leave; empty otherwise."""
    if seen is None:
        return Markup("")
    template = current_app.jinja_env.get_template("parts/preview_bar.html")
    return Markup(template.render(title=seen.title, role=seen.role, csrf_token=token))


def _seen_as(seen: Previewed | None, revision: int) -> str:
    """What the shell shows: a preview has one of its own."""
    return str(revision) if seen is None else f"{revision} {seen.screens} {seen.key}"


def _here_in(language: str) -> str:
    """This page in another language, for visitors: their choice travels in the address."""
    return request.path + "?" + urlencode({**request.args, "lang": language})


def _notices() -> list[tuple[str, str]]:
    """What was said and not yet shown, by this request or the one before; then it is shown."""
    said: list[tuple[str, str]] = _carried()
    said += g.pop("notices", [])
    if _NOTICE_COOKIE in request.cookies:
        current.visit().cookies[_NOTICE_COOKIE] = None
    return said


def _waiting() -> bool:
    """Is there a notice to show?"""
    return "notices" in g or _NOTICE_COOKIE in request.cookies


def _carry_notices(answer: Response) -> Response:
    """What was said but found no page goes with a cookie to the next one."""
    waiting = g.pop("notices", None)
    if waiting:
        body = base64.urlsafe_b64encode(json.dumps(waiting[:5], ensure_ascii=False).encode()).decode()
        current.visit().cookies[_NOTICE_COOKIE] = f"{body}.{_signature(body)}"
    return answer


def _carried() -> list[tuple[str, str]]:
    body, _, signature = request.cookies.get(_NOTICE_COOKIE, "").partition(".")
    if not body or not same(signature, _signature(body)):
        return []
    return [(tone, text) for tone, text in json.loads(base64.urlsafe_b64decode(body))]


def _signature(body: str) -> str:
    return keyed(current.workspace().settings.secret, "notice", body)
