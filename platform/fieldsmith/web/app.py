"""`create_app(workspace)`: the Flask application of one workspace. Called by `serve`, the command line and tests.

Every part registers its routes by an explicit call below. A request is: id → who calls → route → answer → log line.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Request, Response, g, redirect, request
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as WerkzeugResponse

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity.calls import Calls
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.providers import PasswordProvider, Provider
from fieldsmith.web import api, assets, auth, current, docs_page, errors, health, help_page, page, pages_home, pages_me, pages_start, palette, screens_routes
from fieldsmith.web.content_policy import forbid
from fieldsmith.web.cookies import OurRequest, wire_name
from fieldsmith.web.current import EXTENSION, Served, Visit
from fieldsmith.web.logs import REQUESTS
from fieldsmith.web.studio import routes as studio_routes

if TYPE_CHECKING:
    from fieldsmith.workspace import Workspace

_WITHOUT_ACTOR = ("/static/", "/health/", "/metrics")
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}").fullmatch
_LOG = logging.getLogger(REQUESTS)


def create_app(workspace: Workspace, providers: tuple[Provider, ...] = (PasswordProvider(),)) -> Flask:
    """A Flask app that serves `workspace` and lets people in by `providers`; nothing is shared between two apps."""
    app = Flask("fieldsmith", static_folder=None, template_folder=None)
    app.request_class = OurRequest
    settings = workspace.settings
    app.config.update(
        MAX_CONTENT_LENGTH=settings.body_limit_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=page.catalogues(),
        PROPAGATE_EXCEPTIONS=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions[EXTENSION] = Served(workspace, Passwords(settings), providers=providers, calls=Calls(settings.api_calls_per_minute))
    Babel(app, locale_selector=current.language, timezone_selector=lambda: current.actor().timezone)
    app.before_request(_arrive)
    app.after_request(_leave)
    app.teardown_request(_close)
    errors.register(app)
    _register_parts(app)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)  # type: ignore[method-assign]
    return app


def _register_parts(app: Flask) -> None:
    """Each part of the site; the screens of entities come last, since their addresses match most."""
    page.register(app)
    assets.register(app)
    health.register(app)
    api.register(app)
    docs_page.register(app)
    help_page.register(app)
    pages_start.register(app)
    pages_home.register(app)
    pages_me.register(app)
    palette.register(app)
    studio_routes.register(app)
    screens_routes.register(app)


def _arrive() -> WerkzeugResponse | None:
    path = request.path
    visit = Visit(current.served(), _request_id(request), path.startswith("/api/v1"), visitor=request.cookies.get(current.VISITOR_COOKIE))
    g.visit = visit
    g.started = time.perf_counter()
    _check_host(visit.served.workspace.settings.hosts, path)
    if isinstance(request.routing_exception, RequestRedirect):
        return redirect(_with_slash(request.routing_exception.new_url), 308)
    if not path.startswith(_WITHOUT_ACTOR):
        auth.resolve(visit, request)
    return None


def _with_slash(url: str) -> str:
    """Where the router leads a page asked for without its slash, but without the host, which the sender chose."""
    parts = urlsplit(url)
    return "/" + parts.path.lstrip("/\\") + (f"?{parts.query}" if parts.query else "")


def _check_host(known: tuple[str, ...], path: str) -> None:
    """Browsers led here under a name that is not ours are refused; probes may call by address."""
    name, _, port = request.host.lower().rpartition(":")
    if known and (name if port.isdigit() else request.host.lower()) not in known and not path.startswith("/health/"):
        raise BadQuery([Problem("unknown_host", _m("This server is not called {name}.", name=request.host[:200]))])


def _leave(answer: Response) -> Response:
    visit = current.visit()
    answer.headers["X-Request-ID"] = visit.request_id
    forbid(request, answer)
    if visit.cookies:
        _set_cookies(visit, answer)
    visit.served.metrics.count(request.method, request.endpoint, answer.status_code, time.perf_counter() - g.started)
    if _LOG.isEnabledFor(logging.INFO):
        _log(visit, answer)
    return answer


def _close(error: BaseException | None) -> None:
    if "visit" in g:
        current.end_reading()


def _set_cookies(visit: Visit, answer: Response) -> None:
    for plain, value in visit.cookies.items():
        name = wire_name(plain, request.is_secure)
        if value is None:
            answer.delete_cookie(name, path="/", secure=request.is_secure, httponly=True, samesite="Lax")
        else:
            age = visit.served.workspace.settings.session_days * 86_400 if plain == auth.SESSION_COOKIE else None
            answer.set_cookie(name, value, max_age=age, path="/", secure=request.is_secure, httponly=True, samesite="Lax")


def _request_id(incoming: Request) -> str:
    given = incoming.headers.get("X-Request-ID")
    return given if given is not None and _SANE_ID(given) else secrets.token_hex(8)


def _log(visit: Visit, answer: Response) -> None:
    fields = {
        "request": visit.request_id,
        "method": request.method,
        "path": request.path,
        "status": answer.status_code,
        "ms": round((time.perf_counter() - g.started) * 1000, 1),
        "actor": visit.actor.kind,
        "user": visit.actor.id,
        "address": request.remote_addr or "",
    }
    _LOG.info("request", extra={"fields": fields})
