"""“Show” beside a masked value: `POST /{entity}/{id}/reveal` with `field`; answers the value in its place, or on a page of its own without scripts."""

from __future__ import annotations

from flask import Response, request
from markupsafe import Markup

from fieldsmith.base.errors import BadInput, Forbidden, Throttled
from fieldsmith.identity import throttle
from fieldsmith.web import current
from fieldsmith.web.cells import RECORD_PATH, cell
from fieldsmith.web.page import go, htmx, notify, part, render
from fieldsmith.web.screens_here import here
from fieldsmith.web.screens_record import name_of


def reveal(entity: str, id: int) -> Response:
    """The value, once: it is on no page that is kept, and gone when the page is read again."""
    now = here()
    found = now.entity(entity)
    name = name_of(found, now.work.records.get(now.actor, entity, id).values, id)
    actor, workspace, field = now.actor, current.workspace(), request.form.get("field", "")
    current.end_reading()
    try:
        if seconds := workspace.write(lambda work: work.records.revealing.wait(actor)):
            raise throttle.refusal(seconds)
        record = workspace.write(lambda work: work.records.revealing.reveal(actor, entity, id, field))
    except (BadInput, Forbidden, Throttled) as refused:
        notify(refused.title, "danger")
        return Response("", 200, {"HX-Redirect": f"/{entity}/{id}"}) if htmx() else go(f"/{entity}/{id}")
    again = here()
    [column] = record.columns
    value = column.read(record.row)
    shown = Markup("–") if value is None else Markup(cell(again.paint(full=True), column.field)(value).replace(RECORD_PATH, f"/{entity}/{id}"))
    if htmx():
        return part("record_revealed_part.html", shown=shown)
    label = column.field.label.render(again.words)
    return render("record_revealed.html", entity=found, name=name, label=label, shown=shown, path=f"/{entity}/{id}")
