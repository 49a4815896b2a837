"""Who calls: session cookie or API token → `Actor`; form tokens; signing in and out.

`app` calls `resolve` before every dynamic request; the sign-in and set-up pages call `sign_in`, `start_session`, `sign_out`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Request, request

from fieldsmith.base.context import ANONYMOUS, SYSTEM, Actor, ActorKind, Via
from fieldsmith.base.errors import BadInput, Forbidden, NotSignedIn, Throttled, Unavailable
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity import audit, sessions, throttle, tokens
from fieldsmith.identity.providers import Provider
from fieldsmith.identity.secrecy import same, stored_form
from fieldsmith.identity.sessions import Session
from fieldsmith.identity.signed import PORTAL, SERVICE, Person, SignedQuery
from fieldsmith.identity.tokens import Token
from fieldsmith.identity.users import Users
from fieldsmith.web import current, demanded, previewing, refused, second_step, viewing_as
from fieldsmith.web.current import VISITOR_COOKIE, Visit
from fieldsmith.web.previewing import PREVIEW_COOKIE
from fieldsmith.web.viewing_as import VIEW_COOKIE

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

SESSION_COOKIE = "fieldsmith_session"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_KEY_NAMES = frozenset({"access_token", "api_key", "apikey", "token"})
_KINDS: Mapping[str, ActorKind] = MappingProxyType({SERVICE: "service", PORTAL: "portal"})
_BROWSER = (("zh-hant", "zh_Hant"), ("zh-tw", "zh_Hant"), ("zh-hk", "zh_Hant"), ("zh-mo", "zh_Hant"), ("zh", "zh_Hans"), ("en", "en"))


def resolve(visit: Visit, incoming: Request) -> None:
    """Set actor, session or token of `visit`, and check what an unsafe method must prove.

    Raises `NotSignedIn` for credentials that are not valid (never falls back to anonymous), `Forbidden` without form token or scope, `Throttled`.
    """
    header = incoming.headers.get("Authorization")
    cookie = incoming.cookies.get(SESSION_COOKIE)
    if visit.api:
        _refuse_key_in_url(incoming)
    if header is not None:
        _by_token(visit, header)
    elif cookie:
        _by_session(visit, cookie, incoming)
    if visit.session is not None:
        demanded.require_second_factor(visit, incoming)
    if visit.actor is ANONYMOUS:
        visit.actor = _anonymous(visit, incoming)
    elif visit.api:
        _count_call(visit)
    if incoming.method not in SAFE:
        _check_unsafe(visit, incoming)
        current.end_reading()
    if PREVIEW_COOKIE in incoming.cookies and visit.session is not None:
        previewing.begin(visit, incoming)
    if VIEW_COOKIE in incoming.cookies and visit.session is not None:
        viewing_as.begin(visit, incoming)


def sign_in(name: str, password: str) -> Person | None:
    """Check name and password and begin a session; the cookie goes out with this answer. None where a code is to be asked for next (`second_step`).

    Raises `BadInput` (one sentence whatever was wrong) and, from the 11th wrong try on, `Throttled`.
    """
    visit = current.visit()
    current.end_reading()
    workspace, address = visit.served.workspace, request.remote_addr or ""
    provider = next(item for item in visit.served.providers if item.name == "password")
    wait = workspace.write(lambda work: throttle.attempt(work.connection, work.now, name, address))
    if wait:
        refused.note_throttled(name, address)
        raise throttle.refusal(wait)
    user_id = provider.identify(users(current.work()), {"name": name, "password": password})
    current.end_reading()
    if user_id is None:
        workspace.write(lambda work: audit.note(work.connection, work.now, visit.actor, "sign_in.refused", name[:200], address=address))
        message = _m("Name and password do not match. Check both; capitals matter in the password only.")
        raise BadInput([Problem("sign_in_refused", message, "/password")])
    workspace.write(lambda work: _admitted(work, user_id, name, password, address))
    return admit(provider, user_id)


def admit(provider: Provider, user_id: int) -> Person | None:
    """Whom `provider` has identified begins a session, or is asked for a code first (None). Throttling was the provider's page's matter."""
    if not provider.proves_twice and second_step.begin(user_id):
        return None
    return start_session(user_id)


def start_session(user_id: int) -> Person:
    """Begin a session for a user whose identity is proven (password just checked, or just made at set-up)."""
    visit = current.visit()
    current.end_reading()
    workspace = visit.served.workspace
    address, agent = request.remote_addr or "", request.headers.get("User-Agent", "")
    token = workspace.write(lambda work: _begun(work, visit, user_id, address, agent))
    work = current.work()
    found = sessions.find(work.connection, _signed(work), work.now, stored_form(token))
    if found is None:
        raise NotSignedIn(_m("This user may not sign in. Ask an administrator."))
    visit.session = found
    visit.actor = _actor(work, found.person, "screen", request)
    visit.cookies[SESSION_COOKIE] = token
    visit.cookies[VISITOR_COOKIE] = None
    if second_step.COOKIE in request.cookies:
        visit.cookies[second_step.COOKIE] = None
    current.end_reading()
    return found.person


def sign_out() -> None:
    """End this browser's session on the server and take its cookie away."""
    visit = current.visit()
    current.end_reading()
    session = visit.session
    if session is not None:
        visit.served.workspace.write(lambda work: _ended(work, visit.actor, session))
    visit.session, visit.actor = None, ANONYMOUS
    visit.cookies[SESSION_COOKIE] = None


def users(work: Work) -> Users:
    """The logins of `work`'s transaction."""
    return Users(work.connection, work.model, work.schema, current.served().passwords, work.now)


def local_target(target: str | None) -> str:
    """`target` when it is a path of this site, else `/`: `next=` must not lead away."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return "/"
    return target if target.isprintable() and " " not in target else "/"


def browser_language(incoming: Request) -> str | None:
    """The first of the browser's languages that we speak."""
    for tag, _ in incoming.accept_languages:
        for start, ours in _BROWSER:
            if tag.lower() == start or tag.lower().startswith(start + "-"):
                return ours
    return None


def _by_token(visit: Visit, header: str) -> None:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn(_m("The Authorization header must be “Bearer” and an API token."))
    work = current.work()
    hashed = stored_form(token.strip())
    found = visit.served.memory.find(hashed, work.state.revision, work.state.access, work.now)
    if found is None:
        found = tokens.find(work.connection, _signed(work), work.now, hashed)
        if found is None:
            raise NotSignedIn(_m("The API token is not valid: unknown, expired or revoked. Make a new one."))
        _remember(visit, work, hashed, found)
    if not isinstance(found, Token):
        raise NotSignedIn(_m("The API token is not valid: unknown, expired or revoked. Make a new one."))
    visit.token = found
    visit.actor = _actor(current.work(), found.person, "api", request)


def _by_session(visit: Visit, cookie: str, incoming: Request) -> None:
    work = current.work()
    hashed = stored_form(cookie)
    found = visit.served.memory.find(hashed, work.state.revision, work.state.access, work.now)
    if found is None:
        found = sessions.find(work.connection, _signed(work), work.now, hashed)
        if found is None:
            visit.cookies[SESSION_COOKIE] = None
            return
        _remember(visit, work, hashed, found)
    if isinstance(found, Session):
        visit.session = found
        visit.actor = _actor(current.work(), found.person, "api" if visit.api else "screen", incoming)


def _remember(visit: Visit, work: Work, hashed: str, found: Session | Token) -> None:
    """Keep what was found and, at most once a minute, note its use."""
    visit.served.memory.keep(hashed, work.state.revision, work.state.access, work.now, found)
    seen = found.last_seen if isinstance(found, Session) else found.last_used
    if seen is None or seen <= work.now - tokens.TOUCH:
        current.end_reading()
        with suppress(Unavailable):  # a busy or read-only database must not keep people from reading
            visit.served.workspace.write(lambda writing: _touch(writing, found))


def _touch(work: Work, found: Session | Token) -> None:
    if isinstance(found, Session):
        settings = current.workspace().settings
        sessions.touch(work.connection, work.now, found, settings.session_days, timedelta(hours=settings.session_idle_hours))
    else:
        tokens.touch(work.connection, work.now, found)


def _count_call(visit: Visit) -> None:
    """Raises `Throttled` where a person calls the API more often than the settings allow."""
    wait = visit.served.calls.wait(visit.actor.id or 0, visit.served.workspace.clock.now())
    if wait:
        raise Throttled(_m("Too many calls of the API. Wait {seconds} seconds, and ask for more at once.", seconds=wait), wait)


def _check_unsafe(visit: Visit, incoming: Request) -> None:
    if visit.token is not None:
        if not visit.token.allows("write"):
            raise Forbidden(_m("This API token may only read. Make one with the scope “write”."))
        return
    if visit.api and visit.session is None:
        raise NotSignedIn(_m("Sign in first, or send an API token in the Authorization header."))
    given = incoming.headers.get(CSRF_HEADER) or ("" if visit.api else incoming.form.get(CSRF_FIELD, ""))
    if visit.session is None and not visit.visitor:
        raise Forbidden(_m("The form did not come from this browser. Load the page again and send it once more."))
    if not same(given, current.csrf()):
        raise Forbidden(_m("The form is out of date or did not come from this site. Load the page again and send it once more."))


def _refuse_key_in_url(incoming: Request) -> None:
    if not incoming.query_string:
        return
    if any(name.lower() in _KEY_NAMES for name in incoming.args) or any(
        tokens.looks_like_one(value) for values in incoming.args.listvalues() for value in values
    ):
        raise NotSignedIn(_m("An API token in the address ends up in logs and histories. Send it in the Authorization header, and revoke this one."))


def _admitted(work: Work, user_id: int, name: str, password: str, address: str) -> None:
    throttle.forgive(work.connection, name, address)
    users(work).renew_hash(user_id, password)


def _begun(work: Work, visit: Visit, user_id: int, address: str, agent: str) -> str:
    if visit.session is not None:
        sessions.end(work.connection, visit.session.token_hash)
    sessions.sweep(work.connection, work.now)
    throttle.sweep(work.connection, work.now)
    users(work).signed_in(user_id)
    name = work.queries.labels(SYSTEM, "user", [user_id]).get(user_id) or ""
    audit.note(work.connection, work.now, Actor("user", user_id, name, via="screen"), "sign_in", str(user_id), address=address)
    settings = visit.served.workspace.settings
    return sessions.begin(work.connection, work.now, user_id, settings.session_days, address, agent, timedelta(hours=settings.session_idle_hours))


def _ended(work: Work, actor: Actor, session: Session) -> None:
    sessions.end(work.connection, session.token_hash)
    audit.note(work.connection, work.now, actor, "sign_out", str(actor.id))


def _signed(work: Work) -> SignedQuery:
    return work.runtime.keep("identity.signed", lambda: SignedQuery(work.model, work.schema))


def _actor(work: Work, person: Person, via: Via, incoming: Request) -> Actor:
    company = work.model.company
    language = current.language_of(person.language) or browser_language(incoming) or company.language
    zone = person.timezone if person.timezone and _is_zone(person.timezone) else company.timezone
    return Actor(_KINDS.get(person.kind, "user"), person.id, person.name, person.roles, language, zone, via)


def _anonymous(visit: Visit, incoming: Request) -> Actor:
    language = browser_language(incoming) or ("en" if visit.api else current.work().model.company.language)
    return Actor("anonymous", None, "anonymous", (), language, "UTC", "api" if visit.api else "screen")


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
