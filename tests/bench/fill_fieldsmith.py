"""Fills a Fieldsmith workspace with the same data through its own services, then multiplies it in SQL. Called by `run`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.base.settings import Settings
from fieldsmith.identity import sessions, tokens
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.meta.packages import read_package, shipped_packages
from fieldsmith.workspace import Work, Workspace
from tests.bench import sample
from tests.bench.multiply import for_loading, multiply, settle

BATCH = 1_000
PACKAGE = Path(__file__).with_name("package")


@dataclass(frozen=True, slots=True)
class Keys:
    """What lets the load generator in: the session cookie's value and an API token."""

    cookie: str
    token: str


def fill(settings: Settings, rows: int) -> Keys:
    """Publish core, crm and the bench view into an empty database and put `rows` opportunities in."""
    workspace = Workspace.open(settings)
    workspace.publish(SYSTEM, [read_package(folder) for folder in shipped_packages().values()], "bench")
    workspace.publish(SYSTEM, [read_package(PACKAGE)], "bench view")
    _plain(workspace)
    _opportunities(workspace)
    _around(workspace)
    workspace.write(lambda work: _multiplied(work, rows))
    keys = workspace.write(lambda work: admit(work, settings))
    workspace.close()
    engine = sa.create_engine(workspace.database.url)
    settle(engine)
    engine.dispose()
    return keys


def _create(workspace: Workspace, entity: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Save `rows` in batches; their ids are 1, 2, 3 … because the table was empty."""
    pending = [{name: _json(value) for name, value in row.items()} for row in rows]
    for start in range(0, len(pending), BATCH):
        batch = pending[start : start + BATCH]
        ids = workspace.write(lambda work, batch=batch: work.records.create_many(OPERATOR, entity, batch))  # type: ignore[misc]
        assert list(ids) == list(range(start + 1, start + len(batch) + 1)), f"{entity}: ids are not consecutive"


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value


def _plain(workspace: Workspace) -> None:
    _create(workspace, "user", [{"name": sample.person(i), "email": f"user{i}@example.com"} for i in range(1, sample.USERS + 1)])
    counts = {"account": sample.ACCOUNTS, "product": sample.PRODUCTS, "campaign": sample.CAMPAIGNS, "tag": sample.TAGS}
    for entity, count in counts.items():
        _create(workspace, entity, [{"name": sample.company(i)} for i in range(1, count + 1)])
    contacts = [{"name": {"last": sample.person(i)}, "account": i % sample.ACCOUNTS + 1} for i in range(1, sample.CONTACTS + 1)]
    _create(workspace, "contact", contacts)


def _opportunities(workspace: Workspace) -> None:
    numbers = range(1, sample.SEEDS + 1)
    _create(
        workspace,
        "opportunity",
        [{**sample.opportunity(number), "stage": "prospecting", "amount": "1.00", "tags": list(sample.tags(number))} for number in numbers],
    )
    for start in range(0, sample.SEEDS, BATCH):
        workspace.write(lambda work, start=start: _revised(work, start + 1))  # type: ignore[misc]


def _revised(work: Work, first: int) -> None:
    """A second save of each, so that every history has two entries."""
    for number in range(first, first + BATCH):
        values = sample.opportunity(number)
        changed = {"amount": str(values["amount"]), **({"stage": values["stage"]} if values["stage"] != "prospecting" else {"next_step": "Send the contract"})}
        work.records.update(OPERATOR, "opportunity", number, changed)


def _around(workspace: Workspace) -> None:
    numbers = range(1, sample.SEEDS + 1)
    _create(workspace, "opportunity_line", [{"opportunity": number, **line} for number in numbers for line in sample.lines(number)])
    _create(workspace, "quote", [{"opportunity": number, **_without_number(sample.quote(number))} for number in numbers])
    _create(workspace, "order", [{"opportunity": number, **_without_number(sample.order(number))} for number in numbers])


def _without_number(values: dict[str, Any]) -> dict[str, Any]:
    """Quote and order numbers are given by the platform."""
    return {name: value for name, value in values.items() if name != "number"}


def _multiplied(work: Work, rows: int) -> None:
    for_loading(work.connection)
    schema, entity = work.schema, work.model.entities["opportunity"]
    name, key = entity.fields["name"], entity.fields["external_id"]
    assert work.connection.execute(sa.select(sa.func.max(schema.table("opportunity").c.id))).scalar_one() == sample.SEEDS
    multiply(
        work.connection,
        schema.table("opportunity"),
        schema.columns(name)[0],
        schema.columns(entity.fields["amount"])[0],
        schema.columns(key)[0],
        rows,
        [fold for fold in (schema.fold(name), schema.fold(key)) if fold is not None],
    )


def admit(work: Work, settings: Settings) -> Keys:
    """Let user 1 in, with a session and an API token."""
    Users(work.connection, work.model, work.schema, Passwords(settings), work.now).add(OPERATOR, 1, "bench", ("user",), None)
    cookie = sessions.begin(work.connection, work.now, 1, 14, "127.0.0.1", "bench")
    return Keys(cookie, tokens.create(work.connection, work.now, OPERATOR, 1, "bench"))
