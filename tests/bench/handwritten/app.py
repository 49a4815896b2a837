"""`create_app(url)`: the hand-written application. Sessions, tokens and CSRF live here; screens and API in their blueprints."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask import Flask, abort, current_app, g, request
from sqlalchemy.orm import Session as Database
from sqlalchemy.orm import joinedload, scoped_session, sessionmaker

from tests.bench.handwritten import api, screens
from tests.bench.handwritten.models import Session, Token, User

COOKIE = "handwritten_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'"
PRAGMAS = ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-8000")


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def make_engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def create_app(url: str) -> Flask:
    app = Flask("handwritten", template_folder="templates", root_path=__file__.rpartition("/")[0])
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.compact = True  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(money=_money, day=_day, moment=_moment, words=_words)
    database = scoped_session(sessionmaker(make_engine(url), expire_on_commit=False))
    app.extensions["database"] = database
    app.before_request(_sign_in)
    app.after_request(_headers)
    app.teardown_appcontext(lambda _: database.remove())
    app.register_blueprint(screens.BLUEPRINT)
    app.register_blueprint(api.BLUEPRINT)
    return app


def _sign_in() -> None:
    """Session cookie or API token → `g.user`; both are looked up in the database at every request."""
    database: Database = current_app.extensions["database"]
    g.database, g.now = database, now()
    bearer = request.headers.get("Authorization", "")
    if bearer.startswith("Bearer "):
        token = database.scalar(sa.select(Token).options(joinedload(Token.user)).where(Token.token_hash == hashed(bearer[7:]), Token.revoked_at.is_(None)))
        _admit(token.user if token else None)
        return
    cookie = request.cookies.get(COOKIE, "")
    session = database.scalar(sa.select(Session).options(joinedload(Session.user)).where(Session.token_hash == hashed(cookie), Session.expires_at > g.now))
    _admit(session.user if session else None)
    g.csrf = session.csrf if session else ""
    if request.method not in SAFE and not hmac.compare_digest(request.headers.get("X-CSRF-Token", ""), g.csrf):
        abort(403)


def _admit(user: User | None) -> None:
    if user is None or not user.active:
        abort(401)
    g.user = user


def _headers(answer: Any) -> Any:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = CSP
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _money(value: Decimal | None) -> str:
    return "" if value is None else f"${value:,.2f}"


def _day(value: date | None) -> str:
    return "" if value is None else f"{value:%b} {value.day}, {value.year}"


def _moment(value: datetime | None) -> str:
    return "" if value is None else f"{value:%b} {value.day}, {value.year}, {value:%H:%M}"


def _words(value: str | None) -> str:
    return "" if value is None else value.replace("_", " ").capitalize()
