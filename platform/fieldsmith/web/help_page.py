"""`/help/expressions`: operators and functions to look up, in the reader's language. A plain page, no scripts needed."""

from __future__ import annotations

from flask import Flask, Response

from fieldsmith.expr import reference
from fieldsmith.web import current, page


def register(app: Flask) -> None:
    """The one page."""
    app.add_url_rule("/help/expressions", "help_expressions", expressions, methods=["GET"])


def expressions() -> Response:
    """What the function table of this workspace says, plugins' functions too."""
    current.signed_in()
    return page.render("help_expressions.html", sections=reference.sections(current.model().functions), reference=reference)
