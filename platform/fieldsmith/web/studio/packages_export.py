"""`/studio/packages/{name}/export`: choose what goes, see what comes along and why, download it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.text import Message, _m
from fieldsmith.web import current, page
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.packages_settling import place_words
from fieldsmith.web.studio.wording import kind_words

_BASE = "/studio/packages/<name>"
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be chosen; `why` it comes along, where it was not chosen itself."""

    path: str
    kind: Message
    label: str
    chosen: bool
    why: str


def register(app: Flask) -> None:
    app.add_url_rule(f"{_BASE}/export", "studio_export_package", export_page)
    app.add_url_rule(f"{_BASE}/download", "studio_download_package", download)


def export_page(name: str) -> Response:
    """`GET …/export?only=entity/rental&only=…`: the choice so far, with its closure."""
    from fieldsmith.studio.bundle_choice import items_of

    now = desk()
    upgrades = current.workspace().upgrades
    current.end_reading()
    only, problem = _only(), ""
    why: dict[str, str] = {}
    left: tuple[str, ...] = ()
    try:
        layer = upgrades.export(now.actor, name).layer
    except BadInput:
        raise NotFound(_m("There is no package “{name}” in this workspace.", name=name[:100])) from None
    if only:
        try:
            chosen = upgrades.export(now.actor, name, only)
        except BadInput as wrong:
            problem, only = page.say(wrong.title), []
        else:
            why = {item.path: _because(now, item.why) for item in chosen.brought}
            left = chosen.left
    items = [_item(now, path, only, why) for path in items_of(layer)]
    extra = [_item(now, path, only, why) for path in why if path.startswith("translation/")]
    status = 422 if problem else 200
    return render(
        "studio/package_export.html",
        now,
        status,
        name=name,
        items=items,
        extra=extra,
        left=[place_words(now, path) for path in left],
        problem=problem,
        only=only,
    )


def download(name: str) -> Response:
    """`GET …/download`: the ZIP; `only` chooses, `as` makes the part a package of its own."""
    from fieldsmith.studio.bundle import bundle_zip

    now = desk()
    workspace = current.workspace()
    current.end_reading()
    try:
        layer = workspace.upgrades.export(now.actor, name, _only(), request.args.get("as", "").strip() or None).layer
    except BadInput as wrong:
        page.notify(wrong.title, "danger")
        return page.go("/studio/packages/")
    content = bundle_zip(layer, workspace.publishing.validators.schemas, workspace.types)
    called = layer.name if not layer.part else f"{layer.name}-part"
    headers = {"Content-Disposition": f'attachment; filename="{called}.zip"', "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(content, 200, headers, content_type="application/zip")


def _only() -> list[str]:
    return [path for path in dict.fromkeys(request.args.getlist("only")) if path][:_MOST]


def _item(now: Desk, path: str, only: list[str], why: dict[str, str]) -> Item:
    kind = path.partition("/")[0]
    return Item(path, kind_words(kind), place_words(now, path), path in only, why.get(path, "") if path not in only else "")


def _because(now: Desk, why: Message) -> str:
    """The reason, with what it names called as people call it."""
    return Message(why.id, {key: place_words(now, str(path)) for key, path in why.params.items()}).render(now.words)
