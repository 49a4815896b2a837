"""`/studio/`: where who shapes the system begins: entities at a glance, and the way to every other part of the studio."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response

from fieldsmith.base.text import Message, _m
from fieldsmith.web.studio.desk import Desk, desk, render, shown
from fieldsmith.web.studio.repair import is_damaged


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the studio: its address, icon, title and what it is for."""

    path: str
    icon: str
    title: Message
    text: Message


@dataclass(frozen=True, slots=True)
class EntityCard:
    """One entity in the list of all."""

    name: str
    icon: str
    label: str
    fields: int
    origin: str


PARTS = (
    Part("/studio/roles/", "shield-lock", _m("Roles and rights"), _m("Who sees and does what: entities, records, fields.")),
    Part("/studio/people/", "users", _m("People"), _m("Who may sign in, with which roles; reset links, suspension.")),
    Part("/studio/choices/", "list-check", _m("Pick lists"), _m("The values people choose from, their colours and order.")),
    Part("/studio/navigation", "layout-sidebar", _m("Navigation"), _m("Apps and tabs: what stands in the sidebar, and for whom.")),
    Part("/studio/access/", "shield-check", _m("Who may do what"), _m("Ask why somebody may or may not, and see the product as they do.")),
    Part("/studio/translations/", "language", _m("Translations"), _m("What everything is called in each language.")),
    Part("/studio/company", "building", _m("Company and defaults"), _m("Name, language, currency, time zone, holidays, colour.")),
    Part("/studio/packages/", "package", _m("Packages"), _m("Take what you built to another workspace, or upgrade.")),
    Part("/studio/drafts/", "pencil", _m("Drafts"), _m("Changes not yet published, yours and those of others.")),
    Part("/studio/revisions/", "history", _m("History"), _m("Every revision, what it changed, and the way back.")),
    Part("/studio/audit/", "list-details", _m("Audit log"), _m("Who signed in, changed rights, took data out, or was refused.")),
    Part("/studio/retired/", "archive", _m("Retired"), _m("What was removed: its data are kept, to restore or to purge.")),
)

_OWN_DRAFTS = Part("/studio/drafts/", "pencil", _m("Drafts"), _m("Your changes that are not published yet."))


def register(app: Flask) -> None:
    app.add_url_rule("/studio/", "studio", home_page)


def home_page() -> Response:
    """`GET /studio/`."""
    now = desk()
    if now.delegated:
        own = [card for card in entity_cards(now) if now.may_open("entity", card.name)]
        return render("studio/home.html", now, parts=(_OWN_DRAFTS,), entities=own, damaged=False)
    return render("studio/home.html", now, parts=PARTS, entities=entity_cards(now), damaged=is_damaged())


def entity_cards(now: Desk) -> list[EntityCard]:
    """Every entity of the draft, by what the reader calls it."""
    cards = []
    for item in now.bench.of_kind("entity"):
        known = now.model.entities.get(item.name)
        label = shown(known.label if known else item.body.get("label"), item.name, now.words)
        icon = known.icon if known else str(item.body.get("icon", "table"))
        cards.append(EntityCard(item.name, icon, label, len(item.body.get("fields", ())), item.origin()))
    return sorted(cards, key=lambda card: card.label.casefold())
