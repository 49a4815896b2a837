"""`/studio/navigation`: apps and the tabs in them, put in order by dragging; new apps and tabs; who sees which.

POST /studio/navigation/move            item (a tab), list and from (apps, "" is the pool of all tabs), after
GET, POST /studio/navigation/new-app    …/apps/<app>   label, icon, roles, place
GET, POST /studio/navigation/new-tab    …/tabs/<tab>   what it opens, label, icon
POST …/apps/<app>/hide, …/delete, the same of tabs
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio import lists, navigation_forms
from fieldsmith.web.studio.desk import Desk, bar_of, desk, render
from fieldsmith.web.studio.navigation_forms import APP, TAB, NavigationForm, app_label, icon_of, tab_label
from fieldsmith.web.studio.origins import Origins

_BASE = "/studio/navigation"
_PROPERTIES = ("label", "icon", "order", "view")


@dataclass(frozen=True, slots=True)
class TabCard:
    """A tab as it stands in a list; `apps` counts those it is in."""

    name: str
    label: str
    icon: str
    hidden: bool
    apps: int = 0


@dataclass(frozen=True, slots=True)
class AppCard:
    """An app with its tabs; `others` are those that could be put in."""

    name: str
    label: str
    icon: str
    roles: Sequence[str]
    hidden: bool
    tabs: Sequence[TabCard]
    others: Sequence[TabCard]


def register(app: Flask) -> None:
    app.add_url_rule(_BASE, "studio_navigation", navigation_page)
    app.add_url_rule(f"{_BASE}/move", "studio_move_tab", move, methods=["POST"])
    app.add_url_rule(f"{_BASE}/new-<kind>", "studio_new_navigation", new_page)
    app.add_url_rule(f"{_BASE}/new-<kind>", "studio_make_navigation", make, methods=["POST"])
    app.add_url_rule(f"{_BASE}/<kind>s/<name>", "studio_navigation_item", item_page)
    app.add_url_rule(f"{_BASE}/<kind>s/<name>", "studio_save_navigation", save, methods=["POST"])
    app.add_url_rule(f"{_BASE}/<kind>s/<name>/hide", "studio_hide_navigation", hide, methods=["POST"])
    app.add_url_rule(f"{_BASE}/<kind>s/<name>/delete", "studio_delete_navigation", delete, methods=["POST"])


def navigation_page() -> Response:
    """`GET /studio/navigation`."""
    now = desk()
    return render("studio/navigation.html", now, **_context(now))


def move() -> Response:
    """`POST …/move`: a tab into an app, within it, from one to another, or out of it."""
    now = desk()
    tab, into, source = (request.form.get(name, "") for name in ("item", "list", "from"))
    after = request.form.get("after", lists.END)
    now.document("tab", tab)
    said = []
    if into:
        said.append(Said("app", into, lists.put_in(now, now.document("app", into), "tabs", tab, after)))
    if source and source != into:
        said.append(Said("app", source, lists.take_out(now, now.document("app", source), "tabs", tab)))
    said = [each for each in said if each.operations]
    if said:
        now.say(said)
    if not request.headers.get("HX-Request"):
        return page.go(_BASE)
    now = desk()
    return page.part("studio/navigation_sheet.html", bar=bar_of(now), **_context(now))


def new_page(kind: str) -> Response:
    """`GET …/new-app`, `…/new-tab`."""
    return _form(desk(), None, navigation_forms.empty(_kind(kind)))


def make(kind: str) -> Response:
    """`POST …/new-app`, `…/new-tab`."""
    now = desk()
    form = navigation_forms.sent(_kind(kind))
    try:
        now.say(navigation_forms.said_new(now, form))
    except BadInput as wrong:
        return _form(now, None, form, Errors.of(wrong, form.inputs), 422)
    page.notify(_m("“{name}” is in the draft.", name=form.values["label"] or form.values["opens"]))
    return page.go(_BASE)


def item_page(kind: str, name: str) -> Response:
    """`GET …/apps/<app>`, `…/tabs/<tab>`."""
    now = desk()
    found = now.document(_kind(kind), name)
    return _form(now, found, navigation_forms.form_of(now, found))


def save(kind: str, name: str) -> Response:
    """`POST …/apps/<app>`, `…/tabs/<tab>`: only what differs goes into the draft."""
    now = desk()
    found = now.document(_kind(kind), name)
    form = navigation_forms.sent(kind)
    try:
        said = navigation_forms.said_changed(now, found, form)
        if said:
            now.say(said)
    except BadInput as wrong:
        return _form(now, found, form, Errors.of(wrong, form.inputs), 422)
    page.notify(_m("Saved in the draft.") if said else _m("Nothing was changed."), "success" if said else "info")
    return page.go(_BASE)


def hide(kind: str, name: str) -> Response:
    """`POST …/hide`: out of sight with `hidden`, else in sight again."""
    now = desk()
    found = now.document(_kind(kind), name)
    hidden = request.form.get("hidden") == "yes"
    if bool(found.body.get("hidden")) != hidden:
        now.say([Said(kind, name, [{"op": "change", "path": "/hidden", "value": hidden}])])
    return page.go(_BASE)


def delete(kind: str, name: str) -> Response:
    """`POST …/delete`: one's own goes, a tab also out of the apps that have it."""
    now = desk()
    found = now.document(_kind(kind), name)
    said = [Said(kind, name, retire=True)]
    if kind == TAB:
        outs = [(app, lists.take_out(now, app, "tabs", name)) for app in now.bench.of_kind(APP)]
        said = [*(Said(APP, app.name, operations) for app, operations in outs if operations), *said]
    try:
        now.say(said)
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")
    else:
        page.notify(_m("“{name}” goes when the draft is published.", name=str(found.body.get("label") or name)))
    return page.go(_BASE)


def _kind(kind: str) -> str:
    if kind not in (APP, TAB):
        raise NotFound(_m("There is nothing at this address."))
    return kind


def _context(now: Desk) -> dict[str, Any]:
    used: dict[str, int] = {}
    apps = sorted(now.bench.of_kind(APP), key=lambda item: int(item.body.get("order", 100)))
    for app in apps:
        for tab in lists.members(app, "tabs"):
            used[tab] = used.get(tab, 0) + 1
    pool = [_tab(now, item, used.get(item.name, 0)) for item in now.bench.of_kind(TAB)]
    pool.sort(key=lambda card: card.label.casefold())
    return {"apps": [_app(now, item, pool) for item in apps], "pool": pool}


def _app(now: Desk, app: Effective, pool: Sequence[TabCard]) -> AppCard:
    by_name = {card.name: card for card in pool}
    inside = lists.members(app, "tabs")
    roles = [navigation_forms.role_label(now, name) for name in lists.members(app, "roles")]
    tabs = [by_name[name] for name in inside if name in by_name]
    return AppCard(
        app.name, app_label(now, app), icon_of(now, app), roles, bool(app.body.get("hidden")), tabs, [card for card in pool if card.name not in inside]
    )


def _tab(now: Desk, tab: Effective, apps: int) -> TabCard:
    return TabCard(tab.name, tab_label(now, tab), icon_of(now, tab), bool(tab.body.get("hidden")), apps)


def _form(now: Desk, found: Effective | None, form: NavigationForm, errors: Errors | None = None, status: int = 200) -> Response:
    name = None if found is None else found.name
    origins = Origins(now)
    context: dict[str, Any] = {
        **navigation_forms.choices(now, found, form),
        "form": form,
        "errors": errors or Errors(),
        "name": name,
        "title": None if found is None else (app_label(now, found) if form.kind == APP else tab_label(now, found)),
        "action": f"{_BASE}/new-{form.kind}" if found is None else f"{_BASE}/{form.kind}s/{name}",
        "own": found is None or (found.kind, found.name) not in now.bench.below,
        "hidden": found is not None and bool(found.body.get("hidden")),
        "origins": {}
        if found is None
        else {key: origins.of(found.kind, found.name, f"/{key}") for key in ("label", "icon", "order", "view") if key in found.body},
        "next": _BASE,
    }
    return render("studio/navigation_form.html", now, status, **context)
