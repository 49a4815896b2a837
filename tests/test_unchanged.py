"""The client that looks after tables notices what it is for."""

from __future__ import annotations

from contextlib import suppress

import pytest
import sqlalchemy as sa
from flask import Flask, abort

from fieldsmith.base.context import OPERATOR
from fieldsmith.workspace import Workspace
from tests.unchanged import watch


def refusing(workspace: Workspace, status: int, undone: bool) -> Flask:
    """An app that makes a tag and answers `status`."""
    app = Flask("refusing")

    def page() -> str:
        with suppress(ZeroDivisionError):
            workspace.write(lambda work: [work.records.create(OPERATOR, "tag", {"name": "A"}), 1 // (not undone)])
        if status >= 400:
            abort(status)
        return ""

    app.add_url_rule("/", "page", page)
    watch(app, workspace)
    return app


def test_a_refusal_that_changed_a_table_is_noticed(workspace: Workspace) -> None:
    with pytest.raises(AssertionError, match=r"answered 422, but changed .*e_tag"):
        refusing(workspace, 422, undone=False).test_client().get("/")


@pytest.mark.parametrize(("status", "undone"), [(200, False), (403, True)])
def test_what_was_granted_or_undone_is_no_matter(workspace: Workspace, status: int, undone: bool) -> None:
    assert refusing(workspace, status, undone).test_client().get("/").status_code == status
    with workspace.read() as work:
        assert work.connection.execute(sa.select(sa.func.count()).select_from(work.schema.table("tag"))).scalar() == (0 if undone else 1)
