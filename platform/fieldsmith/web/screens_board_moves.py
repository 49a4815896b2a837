"""A card goes to another column: `POST /{entity}/{id}/move` changes the choice through the same door as every save.

    to=won&from=open&version=3, the address of the board in the query string

htmx gets the card as it is now and the heads of all columns, whether the move was taken or refused: the card goes where it belongs.
`GET` of the same address asks for the column, for browsers without scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import Response, request
from markupsafe import Markup

from fieldsmith.base.errors import BadInput, BadQuery, Conflict, FieldsmithError, VersionMismatch
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.model import Entity
from fieldsmith.web import current
from fieldsmith.web.errors import status_of
from fieldsmith.web.page import go, htmx, notify, part, render
from fieldsmith.web.screens_board import card_query, columns_of, count_text, draw_cards
from fieldsmith.web.screens_here import Here, here
from fieldsmith.web.screens_record import name_of, whole_number
from fieldsmith.web.screens_refusals import require_view
from fieldsmith.web.screens_url import ListAddress, read_address


def move_page(entity: str, id: int) -> Response:
    """`GET /{entity}/{id}/move`: one button per column."""
    now = here()
    found = now.entity(entity)
    at = _address(now, found)
    record = now.work.records.get(now.actor, entity, id)
    blank = () if found.fields[at.group].required else ("",)
    columns = [column for column in columns_of(now, found, at, {}, blank) if not column.closed]
    value = record.values[at.group] or ""
    return render(
        "board_move.html",
        entity=found,
        name=name_of(found, record.values, id),
        group_label=found.fields[at.group].label.render(now.words),
        columns=columns,
        value=value,
        version=record.version,
        path=f"/{entity}/{id}/move?{at.url().partition('?')[2]}",
        back=at.url(),
    )


def move(entity: str, id: int) -> Response:
    """The change, and the board as it is after it."""
    now = here()
    at = _address(now, now.entity(entity))
    value, before = request.form.get("to", ""), request.form.get("from", "")
    version = whole_number(request.form.get("version"))
    actor, workspace = now.actor, current.workspace()
    current.end_reading()
    refused: FieldsmithError | None = None
    try:
        workspace.write(lambda work: work.records.update(actor, entity, id, {at.group: value}, version))
    except (VersionMismatch, BadInput, Conflict) as wrong:
        refused = wrong
        for sentence in _reasons(wrong):
            notify(sentence, "warning" if isinstance(wrong, VersionMismatch) else "danger")
    if not htmx():
        return go(at.url())
    again = here()
    return _moved(again, again.entity(entity), at, id, (before, value), 200 if refused is None else status_of(refused))


def _moved(now: Here, entity: Entity, at: ListAddress, id: int, kept: Sequence[str], status: int) -> Response:
    """The card, or nothing where the board does not show it any more; every head; how many there are in all."""
    query = card_query(entity, at)
    page = now.work.queries.found(now.actor, replace(query, columns=(*query.columns, at.group)), id)
    totals = now.work.queries.totals(now.actor, query, at.group, at.view.sum or None)
    card = Markup("")
    if page.rows:
        *shown, held = page.columns
        drawn = draw_cards(now, entity, at, replace(page, columns=shown), held.read(page.rows[0]) or "")
        card = Markup(str(drawn).replace("<li ", '<li hx-swap-oob="true" ', 1))
    count = count_text(now, sum(total.count for total in totals.values()))
    return part("board_moved.html", status, id=id, card=card, board_columns=columns_of(now, entity, at, totals, kept), count_text=count, count_link=None)


def _reasons(wrong: FieldsmithError) -> list[Message]:
    if isinstance(wrong, VersionMismatch):
        return [_m("Somebody changed this record meanwhile, so it was not moved. This is how it stands now.")]
    return [item.message if item.hint is None else _m("{sentence} {cure}", sentence=item.message, cure=item.hint) for item in wrong.problems] or [wrong.title]


def _address(now: Here, entity: Entity) -> ListAddress:
    at = read_address(now.model, entity, request.args, now.roles)
    if not at.group:
        raise BadQuery([Problem("not_allowed", _m("{plural} have no pick list to make columns of.", plural=entity.plural), "/show")])
    require_view(now, replace(at, show="board"))
    return at
