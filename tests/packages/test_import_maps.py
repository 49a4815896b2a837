"""What the tutorial's maps need of import maps: parts of a field, multiplied figures, replaced texts in templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from fieldsmith.bulk.load import Loader, Outcome, Refusal
from fieldsmith.bulk.mapping import ImportMap, check, from_document
from fieldsmith.query.rows import Record
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """SQLite alone: reading cells knows no database."""
    return sqlite_templates


def a_map(entity: str, columns: Mapping[str, Any], **more: Any) -> ImportMap:
    return from_document({"entity": entity, "columns": columns, **more})


def load(workspace: Workspace, said: ImportMap, header: Sequence[str], *rows: Sequence[str]) -> tuple[Outcome, list[Refusal]]:
    refused: list[Refusal] = []
    outcome = Loader(OPERATOR, said, header, None, refused.append).run(workspace, [(at, list(row)) for at, row in enumerate(rows, 2)])
    return outcome, refused


def first(workspace: Workspace, entity: str) -> Record:
    with workspace.read() as work:
        return work.records.get(OPERATOR, entity, 1)


def test_parts_of_a_field_come_from_columns_of_their_own(workspace: Workspace) -> None:
    said = a_map("contact", {"First": {"field": "name.first"}, "Last": {"field": "name.last"}, "Town": {"field": "mailing_address.city"}})
    load(workspace, said, ["First", "Last", "Town"], ["Ana", "O'Brien", ""])
    values = first(workspace, "contact").values
    assert (values["name"].full, values["mailing_address"]) == ("Ana O'Brien", None)


def test_a_part_that_cannot_be_read_names_its_column(workspace: Workspace) -> None:
    said = a_map("account", {"Name": {"field": "name"}, "Town": {"field": "billing_address.city"}, "Land": {"field": "billing_address.country"}})
    outcome, refused = load(workspace, said, ["Name", "Town", "Land"], ["Acme", "Pisa", "Philipines"], ["Bolt", "Rome", "Italy"])
    assert (outcome.created, [(refusal.row, refusal.column) for refusal in refused]) == (1, [(2, "Land")])


@pytest.mark.parametrize(("text", "amount"), [("1100.04", "1100040000.00"), ("$12", "12000000.00"), ("", None)])
def test_figures_in_millions_are_multiplied(workspace: Workspace, text: str, amount: str | None) -> None:
    said = a_map("account", {"name": {"field": "name"}, "revenue": {"field": "annual_revenue", "multiply": 1000000}})
    load(workspace, said, ["name", "revenue"], ["Acme", text])
    money = first(workspace, "account").values["annual_revenue"]
    assert (money and str(money.amount)) == amount


def test_templates_see_texts_as_replaced(workspace: Workspace) -> None:
    said = a_map("product", {"p": {"ignore": True, "values": {"GTXPro": "GTX Pro"}}}, templates={"name": "{p} 1"})
    load(workspace, said, ["p"], ["GTXPro"])
    assert first(workspace, "product").values["name"] == "GTX Pro 1"


def test_a_part_that_does_not_exist_is_refused_with_a_hint(workspace: Workspace) -> None:
    said = a_map("account", {"Town": {"field": "billing_address.citty"}})
    with pytest.raises(BadInput, match="Did you mean “city”"):
        check(workspace.runtime().model, said, ["Town"], workspace.runtime().policy.sight(OPERATOR))
