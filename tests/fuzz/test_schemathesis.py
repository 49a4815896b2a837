"""schemathesis reads our OpenAPI document and calls everything in it, as three roles: never a 5xx, never an answer the document does not declare."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, cast

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.desk import Desk
from tests.tiny import FILLED, TINY
from tests.web.conftest import V1, make_person

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

ROLES = ("administrator", "user", "reader")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def app(make_workspace: Callable[..., Workspace]) -> Flask:
    workspace = make_workspace("core", TINY)
    desk = Desk(workspace)
    for name in ("Acme", "Globex"):
        desk.make("box", name=name, code=name)
    desk.make("thing", **FILLED)
    return create_app(workspace)


def call_everything(app: Flask, role: str, examples: int, entity: str = "") -> tuple[int, set[str]]:
    """Call every operation the role is told of `examples` times; how many operations there were, and what was wrong.

    With `entity` the records of that one only: the others have the same routes.
    """
    wrong: set[str] = set()
    person = make_person(app.extensions["fieldsmith"].workspace, "Ana", role, email="ana@example.com")
    headers = {"Authorization": f"Bearer {person.token}"}
    schema = schemathesis.openapi.from_wsgi(V1 + "/openapi.json", app, headers=headers)
    schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    count = 0
    for found in schema.get_all_operations():
        operation = cast(Any, found).ok()
        if entity and "/records/" in operation.path and f"/records/{entity}" not in operation.path:
            continue
        count += 1
        _call(operation, examples, headers, wrong)
    return count, wrong


def _call(operation: Any, examples: int, headers: dict[str, str], wrong: set[str]) -> None:
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def call(case: schemathesis.Case[Any]) -> None:
        answer = case.call(headers=headers)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failed:
            wrong.update(f"{answer.status_code} {operation.label}: {one.title} {one.message[:200]}" for one in failed.exceptions)

    call()


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_one_the_document_declares(app: Flask, role: str) -> None:
    count, wrong = call_everything(app, role, 3, "thing")
    assert count > 20 and wrong == set()


@pytest.mark.fuzz
@pytest.mark.parametrize("role", ROLES)
def test_every_answer_of_many_is_one_the_document_declares(app: Flask, role: str) -> None:
    count, wrong = call_everything(app, role, 300)
    assert count > 20 and wrong == set()
