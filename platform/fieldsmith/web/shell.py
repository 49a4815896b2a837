"""The navigation round every page: which app, which tabs, what can be created. Rendered once per revision, language, roles and app.

`page` puts it into whole pages; the command palette asks for `tabs_of` and `creatable_of` too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app
from markupsafe import Markup, escape

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor
from fieldsmith.base.text import Words
from fieldsmith.meta.model import App, Model, Tab

if TYPE_CHECKING:
    from fieldsmith.workspace import Runtime

CSRF_MARK = "\x00csrf\x00"
"""Stands for the form token in what is kept; replaced per request."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go: a page, its icon, and what the reader calls it."""

    path: str
    icon: str
    label: str


@dataclass(frozen=True, slots=True)
class Navigation:
    """Ready HTML of sidebar and quick create; `app` is the one shown ("" where the actor has none), `paths` its tabs'."""

    app: str
    sidebar: str
    creation: str
    paths: tuple[str, ...]

    def sidebar_for(self, token: str, path: str) -> Markup:
        """The sidebar with this reader's form token, its tab for `path` marked as the current one."""
        out = self.sidebar.replace(CSRF_MARK, token)
        here = next((item for item in self.paths if item == path or (item != "/" and path.startswith(item.partition("?")[0]))), None)
        if here is not None:
            link = f'class="tab-link" href="{escape(here)}"'
            out = out.replace(link, link + ' aria-current="page"', 1)
        return Markup(out)


def navigation(runtime: Runtime, actor: Actor, words: Words, wanted: str | None) -> Navigation:
    """The navigation of `actor` in app `wanted`, or in the first."""
    key = ("shell", actor.roles, words.language, wanted)
    found: Navigation = runtime.keep(key, lambda: _rendered(runtime, actor, words, wanted))
    return found


def apps_of(model: Model, policy: Policy, actor: Actor) -> list[App]:
    """Apps meant for the actor's roles in which at least one tab can be read. Who comes from outside has only those that name their role, if any does."""
    roles = roles_named(policy, actor)
    found = [app for app in model.apps.values() if meant_for(app.roles, roles) and _readable(model, policy, actor, app.tabs)]
    own = [app for app in found if app.roles]
    return own if own and policy.sight(actor).portal is not None else found


def app_for(model: Model, policy: Policy, actor: Actor, wanted: str | None) -> App | None:
    """The app `wanted`, if the actor has it, else the first."""
    apps = apps_of(model, policy, actor)
    return next((app for app in apps if app.name == wanted), apps[0] if apps else None)


def tabs_of(model: Model, policy: Policy, actor: Actor, words: Words, names: Sequence[str]) -> list[Place]:
    """The tabs among `names` whose records the actor may read."""
    out = []
    for name in _readable(model, policy, actor, names):
        tab = model.tabs[name]
        out.append(Place(_path(tab), tab.icon, tab.label.render(words)))
    return out


def creatable_of(model: Model, policy: Policy, actor: Actor, words: Words, names: Sequence[str]) -> list[Place]:
    """New-record forms of the entities behind tabs `names`, where the actor may create."""
    entities = dict.fromkeys(model.tabs[name].entity for name in names if name in model.tabs)
    found = (model.entities[name] for name in entities if policy.decide(actor, "create", name).allow)
    return [Place(f"/{entity.name}/new", entity.icon, entity.label.render(words)) for entity in found]


def start_of(model: Model, policy: Policy, actor: Actor) -> str:
    """The page that opens first after signing in: the tab that the first of the actor's roles with one starts with, else `/`."""
    for role in policy.roles_of(actor):
        found = _readable(model, policy, actor, (role.start,)) if role.start else []
        if found:
            return _path(model.tabs[found[0]])
    return "/"


def roles_named(policy: Policy, actor: Actor) -> frozenset[str]:
    """The names of the actor's roles that count."""
    return frozenset(role.name for role in policy.roles_of(actor))


def meant_for(roles: Collection[str], held: Collection[str]) -> bool:
    """Is something with these `roles` (none: for everybody) there for who holds `held`?"""
    return not roles or not frozenset(roles).isdisjoint(held)


def _path(tab: Tab) -> str:
    return f"/{tab.entity}/" + (f"?view={tab.view}" if tab.view else "")


def _readable(model: Model, policy: Policy, actor: Actor, names: Sequence[str]) -> list[str]:
    """Tabs for the actor's roles, whose records they may read, with a view that is for them."""
    roles = roles_named(policy, actor)

    def is_there(tab: Tab) -> bool:
        view = model.views.get(f"{tab.entity}.{tab.view}")
        return meant_for(tab.roles, roles) and (view is None or meant_for(view.roles, roles)) and policy.allows(actor, "read", tab.entity)

    return [name for name in names if name in model.tabs and is_there(model.tabs[name])]


def _rendered(runtime: Runtime, actor: Actor, words: Words, wanted: str | None) -> Navigation:
    model, policy = runtime.model, runtime.policy
    apps = apps_of(model, policy, actor)
    app = app_for(model, policy, actor, wanted)
    names = app.tabs if app else ()
    tabs = tabs_of(model, policy, actor, words, names)
    company = model.company.name
    environment = current_app.jinja_env
    sidebar = environment.get_template("parts/navigation.html").render(
        apps=[Place(item.name, item.icon, item.label.render(words)) for item in apps],
        app=app.name if app else "",
        app_label=app.label.render(words) if app else "",
        tabs=tabs,
        company_name=company,
        company_initial=initials(company)[:1],
        csrf_mark=Markup(CSRF_MARK),
    )
    creation = environment.get_template("parts/creation.html").render(creatable=creatable_of(model, policy, actor, words, names))
    return Navigation(app.name if app else "", sidebar, creation.strip(), ("/", *(tab.path for tab in tabs)))


def initials(name: str) -> str:
    """One or two letters for an avatar: of the first and last word, or the first sign of a Chinese name."""
    words = name.split()
    if not words:
        return "?"
    first = words[0][0].upper()
    if len(words) == 1 or not first.isascii():
        return first
    return first + words[-1][0].upper()
