"""`/studio/packages/`: the packages installed, what was changed here of each with the way back, and what is to be settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.layers import CUSTOM
from fieldsmith.studio.workbench import Said
from fieldsmith.web import current, page
from fieldsmith.web.studio import packages_export, packages_upload
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.packages_settling import bodies_of, disputes, document_label, settlement_of
from fieldsmith.web.studio.places import place_of
from fieldsmith.web.studio.wording import kind_words, part_words, value_words

if TYPE_CHECKING:
    from fieldsmith.meta.documents import SourceDocument
    from fieldsmith.meta.layers import Layer
    from fieldsmith.studio.upgrade import Upgrades

BASE = "/studio/packages/"
_VERBS: Mapping[str, Message] = {"add": _m("Added"), "change": _m("Changed"), "hide": _m("Hidden"), "move": _m("Moved")}


@dataclass(frozen=True, slots=True)
class OwnChange:
    """One operation of the workspace's own layer. `pending`: the draft takes it back already."""

    verb: Message
    what: str
    before: str
    after: str
    pointer: str
    pending: bool


@dataclass(frozen=True, slots=True)
class OwnDocument:
    """A document of a package with what was changed of it; without changes one that was made here."""

    kind: str
    name: str
    kind_label: Message
    label: str
    path: str
    changes: tuple[OwnChange, ...]


def register(app: Flask) -> None:
    app.add_url_rule(BASE, "studio_packages", packages_page)
    app.add_url_rule(f"{BASE}<name>/", "studio_package", package_page)
    app.add_url_rule(f"{BASE}<name>/reset", "studio_reset_package", reset, methods=["POST"])
    app.add_url_rule(f"{BASE}<name>/settle", "studio_settle_package", settle, methods=["POST"])
    packages_export.register(app)
    packages_upload.register(app)


def packages_page(status: int = 200, problem: str = "") -> Response:
    """`GET /studio/packages/`."""
    now = desk()
    own = _own(now)
    made = [item for item in own.documents if not item.extends] if own is not None else []
    changed = sum(len(item.body["operations"]) for item in own.documents if item.extends) if own is not None else 0
    listed = [(item, now.label("package", item.name)) for item in upgrades().listed(now.actor)]
    return render("studio/packages.html", now, status, packages=listed, made=len(made), changed=changed, has_own=own is not None, problem=problem)


def package_page(name: str) -> Response:
    """`GET /studio/packages/{name}/`: of `custom` everything that was made or changed here."""
    now = desk()
    found = next((item for item in upgrades().listed(now.actor) if item.name == name), None)
    if found is None and name != CUSTOM:
        raise NotFound(_m("There is no package “{name}” in this workspace.", name=name[:100]))
    own = _own(now)
    documents = _documents(now, own, None if name == CUSTOM else _members(now, name))
    clashes = [clash for clash in upgrades().open_clashes(now.actor) if name == CUSTOM or tuple(clash.path.split("/")[:2]) in _members(now, name)]
    label = now.label("package", name)
    return render("studio/package.html", now, package=found, name=name, label=label, documents=documents, disputes=disputes(clashes, (), now))


def reset(name: str) -> Response:
    """`POST /studio/packages/{name}/reset`: take one own change back, in the draft."""
    now = desk()
    kind, document, path = (request.form.get(key, "") for key in ("kind", "name", "path"))
    try:
        now.say([Said(kind, document, [{"op": "remove", "path": path}])])
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")
    else:
        page.notify(_m("Reset to what the package says, in your draft."))
    return page.go(f"{BASE}{name}/")


def settle(name: str) -> Response:
    """`POST /studio/packages/{name}/settle`: what shall hold where a newer package and this workspace differ; published at once."""
    now = desk()
    try:
        settlement = settlement_of(request.form, later=True)
        revision = upgrades().publish(now.actor, [], now.words.gettext("Settle what an upgrade and this workspace changed both"), settlement)
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")
    else:
        page.notify(_m("Published as revision {revision}.", revision=revision))
    return page.go(f"{BASE}{name}/")


def upgrades() -> Upgrades:
    """The service; the request's reading ends, as it may write."""
    current.end_reading()
    return current.workspace().upgrades


def _own(now: Desk) -> Layer | None:
    try:
        return upgrades().export(now.actor, CUSTOM).layer
    except BadInput:  # nothing was changed here yet
        return None


def _members(now: Desk, name: str) -> set[tuple[str, ...]]:
    layer = upgrades().export(now.actor, name).layer
    return {(item.kind, item.name) for item in layer.documents if not item.extends}


def _documents(now: Desk, own: Layer | None, members: set[tuple[str, ...]] | None) -> list[OwnDocument]:
    listed = [item for item in (own.documents if own is not None else ()) if members is None or (item.extends and (item.kind, item.name) in members)]
    return [_document(now, item) for item in listed]


def _document(now: Desk, item: SourceDocument) -> OwnDocument:
    changes = tuple(_change(now, item, index) for index in range(len(item.body.get("operations", ()))))
    return OwnDocument(item.kind, item.name, kind_words(item.kind), document_label(now, item.kind, item.name), place_of(item.kind, item.name), changes)


def _change(now: Desk, item: SourceDocument, index: int) -> OwnChange:
    operation = item.body["operations"][index]
    bodies = bodies_of(now, item.kind, item.name)
    path, op = operation["path"], operation["op"]
    value = operation.get("value")
    before = value_words(operation.get("base"), now.words) if op == "change" else ""
    after = value_words(value, now.words) if op in ("add", "change") else ""
    edit = (now.draft.edits or {}).get((item.kind, item.name)) if now.draft is not None else None
    pending = edit is not None and any(said.op == "remove" and said.path == path for said in edit.operations)
    return OwnChange(_VERBS[op], part_words(path, bodies, now.words) or kind_words(item.kind).render(now.words), before, after, path, pending)
