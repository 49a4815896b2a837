"""`/api/v1/audit`: the audit log by filters, its export and the state of its chain. For administrators."""

from __future__ import annotations

from flask import Flask, Response

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.identity.audit_export import FORMS, as_json
from fieldsmith.identity.audit_verify import Witness
from fieldsmith.web import api_args, audit_args, current
from fieldsmith.web.api_answers import PREFIX, json_answer


def register(app: Flask) -> None:
    """Every route."""
    app.add_url_rule(f"{PREFIX}/audit", "api.audit", list_audit, methods=["GET"])
    app.add_url_rule(f"{PREFIX}/audit/export", "api.export_audit", export_audit, methods=["GET"])
    app.add_url_rule(f"{PREFIX}/audit/verify", "api.verify_audit", verify_audit, methods=["GET"])


def list_audit() -> Response:
    """Rows that fit, newest first."""
    actor, work = current.signed_in(), current.work()
    given = api_args.arguments(*audit_args.KEYS, "limit", "after")
    page = work.audit.page(actor, audit_args.wanted(given), given.get("after"), api_args.limit(given))
    return json_answer({"items": [as_json(entry) for entry in page.items], "next": page.next})


def export_audit() -> Response:
    """Every row that fits as a file; `format` is `csv` or `jsonl`. The export is noted itself."""
    actor = current.signed_in()
    given = api_args.arguments(*audit_args.KEYS, "format")
    form = given.get("format", "csv")
    if form not in FORMS:
        message = _m("There is no format “{name}” of the audit log.", name=form[:100])
        raise BadQuery([Problem("unknown_format", message, "/format", did_you_mean(form[:100], FORMS))])
    return audit_args.exported(current.workspace(), actor, audit_args.wanted(given), form)


def verify_audit() -> Response:
    """Walks the whole chain; `witness` is a `head` as an earlier call gave it."""
    actor, words = current.signed_in(), current.words()
    witness = api_args.arguments("witness").get("witness")
    known = Witness.of(witness) if witness else None
    current.end_reading()
    with current.workspace().read(snapshot=True) as work:
        found = work.audit.verify(actor, known)
    reason = found.reason.render(words) if found.reason is not None else None
    return json_answer({"whole": found.whole, "rows": found.rows, "head": found.head, "broken": found.broken, "reason": reason})
