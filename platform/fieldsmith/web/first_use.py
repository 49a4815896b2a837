"""Set-up: the company's own layer of metadata, the first administrator, the demo data. Called by the set-up page.

Everything is checked before anything is written; the administrator is made last but the demo data, so that a set-up cut short can be repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fieldsmith.base.context import SYSTEM, Actor
from fieldsmith.base.errors import BadInput, Forbidden
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.bulk import demo
from fieldsmith.identity import first_start
from fieldsmith.meta.company import Company
from fieldsmith.meta.documents import SourceDocument
from fieldsmith.meta.layers import CUSTOM, Layer, document_path
from fieldsmith.web import auth, current

if TYPE_CHECKING:
    from fieldsmith.workspace import Work, Workspace

_ADMINISTRATOR = ("administrator",)
_COMPANY = ("company", "company")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the set-up page asks. `email` is the name to sign in with."""

    name: str
    email: str
    password: str
    company: str
    language: str
    country: str
    currency: str
    timezone: str
    demo: bool


def set_up(workspace: Workspace, token: str, wishes: Wishes) -> int:
    """Make the workspace this company's; the record id of its first administrator.

    Raises `Forbidden` when `token` is not, or no longer, the one of the link, `BadInput` with pointers named like the wishes.
    """
    with workspace.read() as work:
        _require(work, token)
        problems = current.served().passwords.problems(wishes.password, (wishes.email,))
    if problems:
        raise BadInput(problems)
    _publish_company(workspace, wishes)
    user_id = workspace.write(lambda work: _first_administrator(work, token, wishes))
    if wishes.demo:
        demo.load(workspace, Actor("user", user_id, wishes.name, _ADMINISTRATOR, wishes.language, wishes.timezone, "screen"), wishes.language)
    return user_id


def _require(work: Work, token: str) -> None:
    if not first_start.accepts(work.connection, auth.users(work), token):
        raise Forbidden(_m("This set-up link is not valid any more. Restart the server: it prints a fresh one while there is no administrator."))


def _publish_company(workspace: Workspace, wishes: Wishes) -> None:
    with workspace.read() as work:
        stored = workspace.store.load(work.connection)
        operations = _operations(work.model.company, wishes)
    present = next((layer for layer in stored.layers if layer.name == CUSTOM), Layer(CUSTOM, "", ()))
    if not operations:
        return
    kept = tuple(document for document in present.documents if (document.kind, document.name) != _COMPANY)
    before = next((document.body.get("operations", ()) for document in present.documents if document not in kept), ())
    body = {"$schema": "../../schemas/company.json", "extends": "company", "operations": [*before, *operations]}
    document = SourceDocument(*_COMPANY, body, document_path(CUSTOM, *_COMPANY), CUSTOM)
    try:
        workspace.publish(SYSTEM, [Layer(CUSTOM, "", (*kept, document))], "set-up", base=stored.revision)
    except BadInput as error:
        raise BadInput([Problem(item.code, item.message, "/company", item.hint) for item in error.problems]) from error


def _operations(company: Company, wishes: Wishes) -> list[Mapping[str, Any]]:
    """Only what differs from what the shipped company says."""
    wanted = {
        "label": (company.name, wishes.company),
        "language": (company.language, wishes.language),
        "time_zone": (company.timezone, wishes.timezone),
        "currency": (company.currency, wishes.currency),
        "country": (company.country, wishes.country),
    }
    return [{"op": "change", "path": f"/{key}", "value": new} for key, (old, new) in wanted.items() if old != new]


def _first_administrator(work: Work, token: str, wishes: Wishes) -> int:
    _require(work, token)
    values = {"name": wishes.name, "email": wishes.email, "language": wishes.language.lower(), "time_zone": wishes.timezone}
    fields = work.model.entities["user"].fields
    record = work.records.create(SYSTEM, "user", {key: value for key, value in values.items() if key in fields})
    auth.users(work).add(SYSTEM, record.id, wishes.email, _ADMINISTRATOR, wishes.password, wishes.email)
    first_start.withdraw(work.connection)
    return record.id
