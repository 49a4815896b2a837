"""`/studio/packages/upload`: a package comes in: looked at, settled where both sides changed the same, then published or put into a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.layers import CUSTOM
from fieldsmith.web import current, page
from fieldsmith.web.studio.desk import Desk, choose_draft, desk, render
from fieldsmith.web.studio.packages_settling import disputes, place_words, settlement_of
from fieldsmith.web.studio.wording import value_words

if TYPE_CHECKING:
    from fieldsmith.meta.layers import Layer
    from fieldsmith.studio.upgrade import Upgrade, Upgrades
    from fieldsmith.studio.upgrade_settling import Settlement

_BASE = "/studio/packages/"
_MOST_SHOWN = 500


def register(app: Flask) -> None:
    one = f"{_BASE}uploads/<int:id>"
    app.add_url_rule(f"{_BASE}upload", "studio_upload_package", upload, methods=["POST"])
    app.add_url_rule(one, "studio_uploaded_package", uploaded_page)
    app.add_url_rule(one, "studio_apply_package", act, methods=["POST"])


def upload() -> Response:
    """`POST /studio/packages/upload`: `package` is a ZIP or JSON file."""
    from fieldsmith.studio.bundle import MAX_ZIP, read_bundle
    from fieldsmith.web.studio.packages import packages_page

    now = desk()
    file = request.files.get("package")
    content = file.stream.read(MAX_ZIP + 1) if file is not None else b""
    try:
        if not content:
            return packages_page(422, page.say(_m("Choose the file of a package first: a ZIP or JSON file.")))
        id = _upgrades().keep_upload(now.actor, read_bundle(content))
    except BadInput as wrong:
        return packages_page(422, " ".join(page.say(text) for problem in wrong.problems[:3] for text in (problem.message, problem.hint) if text is not None))
    return page.go(f"{_BASE}uploads/{id}")


def uploaded_page(id: int) -> Response:
    """`GET …/uploads/{id}`: what applying it would do."""
    from fieldsmith.studio.upgrade_settling import Settlement

    now = desk()
    return _page(now, id, _upgrades().upload(now.actor, id), Settlement())


def act(id: int) -> Response:
    """`POST …/uploads/{id}`: `act` is plan, publish, draft or forget; choices as `settlement_of` reads them."""
    now = desk()
    service = _upgrades()
    wanted = request.form.get("act", "plan")
    layer = service.upload(now.actor, id)
    if wanted == "forget":
        service.forget_upload(now.actor, id)
        return page.go(_BASE)
    from fieldsmith.studio.upgrade_settling import Settlement

    settlement = Settlement()
    try:
        settlement = settlement_of(request.form)
        if wanted == "publish":
            return _published(now, id, layer, settlement)
        if wanted == "draft":
            return _drafted(now, id, layer, settlement)
    except BadInput as wrong:
        return _page(now, id, layer, settlement, 422, wrong.problems[0].message if wrong.problems else wrong.title)
    return _page(now, id, layer, settlement)


def _published(now: Desk, id: int, layer: Layer, settlement: Settlement) -> Response:
    from fieldsmith.studio.conflicts import Stale

    service = _upgrades()
    reason = _m("Apply package {name}", name=layer.label).render(now.words)
    try:
        revision = service.publish(now.actor, [layer], reason, settlement, request.form.get("hash", ""))
    except Stale as stale:
        return _page(now, id, layer, settlement, 409, stale.title)
    service.forget_upload(now.actor, id)
    page.notify(_m("Published as revision {revision}.", revision=revision))
    return page.go(_BASE)


def _drafted(now: Desk, id: int, layer: Layer, settlement: Settlement) -> Response:
    from fieldsmith.studio.upgrade_drafting import load_into

    service, sets = _upgrades(), current.workspace().changesets
    draft = now.draft.id if now.draft is not None else sets.open(now.actor, _m("Package {name}", name=layer.label).render(now.words))
    try:
        load_into(sets, service, now.actor, draft, layer, settlement)
    except BadInput:
        if now.draft is None:
            sets.discard(now.actor, draft)
        raise
    choose_draft(draft)
    service.forget_upload(now.actor, id)
    page.notify(_m("The package is in your draft. Nothing is published yet."))
    return page.go(f"/studio/drafts/{draft}")


def _page(now: Desk, id: int, layer: Layer, settlement: Settlement, status: int = 200, problem: Message | None = None) -> Response:
    service = _upgrades()
    installed = next((item for item in service.listed(now.actor) if item.name == layer.name), None)
    found, faults = None, []
    try:
        found = service.plan(now.actor, [layer], settlement)
        faults = list(found.problems)
    except BadInput as wrong:
        faults = list(wrong.problems)
    return render(
        "studio/package_upload.html",
        now,
        status,
        id=id,
        layer=layer,
        own=layer.name == CUSTOM,
        installed=installed,
        plan=found,
        faults=faults,
        problem=None if problem is None else page.say(problem),
        changes=_changes(now, found),
        disputes=disputes(found.clashes, found.settled, now, settlement.choices) if found is not None else [],
        waiting=bool(found is not None and found.clashes),
        most=_MOST_SHOWN,
    )


def _changes(now: Desk, found: Upgrade | None) -> list[dict[str, Any]]:
    """Value by value, in words."""
    out = []
    for change in found.changes[:_MOST_SHOWN] if found is not None else ():
        where = place_words(now, change.path, change.after if change.path.count("/") == 1 else None)
        whole = change.path.count("/") == 1
        before, after = ("" if whole else value_words(value, now.words) for value in (change.before, change.after))
        verb = _m("Added") if change.before is None else _m("Taken away") if change.after is None else _m("Changed")
        out.append({"verb": verb, "what": where, "before": before, "after": after})
    return out


def _upgrades() -> Upgrades:
    current.end_reading()
    return current.workspace().upgrades
