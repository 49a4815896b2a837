"""`/help/expressions`: every function, in the reader's language, for those who signed in."""

from __future__ import annotations

import html

import pytest
from flask.testing import FlaskClient

from fieldsmith.base.context import OPERATOR
from fieldsmith.expr.functions import functions
from fieldsmith.expr.reference import sections
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import Person, sign_in


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    """No database is asked."""
    return sqlite_templates


def test_the_page_lists_every_function_and_example(client: FlaskClient, clerk: Person) -> None:
    sign_in(client, clerk)
    answer = client.get("/help/expressions")
    shown = html.unescape(answer.text)
    assert answer.status_code == 200
    for section in sections(functions()):
        assert f'<h2 id="{section.key}">' in shown
        for entry in section.entries:
            assert f"<code>{entry.signature}</code>" in shown
            assert all(f"<code>{source}</code>" in shown for source, _ in entry.examples)


def test_it_is_the_readers_language(client: FlaskClient, clerk: Person, workspace: Workspace) -> None:
    workspace.write(lambda work: work.records.update(OPERATOR, "user", clerk.id, {"language": "zh_hans"}))
    sign_in(client, clerk)
    assert '<html lang="zh-Hans"' in client.get("/help/expressions").text


def test_visitors_sign_in_first(client: FlaskClient) -> None:
    answer = client.get("/help/expressions")
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/login")
