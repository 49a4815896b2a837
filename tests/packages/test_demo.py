"""Demo data: realistic, in every language, and gone without a trace."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import BadInput, Conflict, Forbidden, NotFound
from fieldsmith.bulk import demo
from fieldsmith.db.system import fs_demo
from fieldsmith.query.run import Query
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """SQLite alone: `test_demo_databases` loads and removes on both."""
    return sqlite_templates


def counts(workspace: Workspace) -> dict[str, int]:
    """Rows of every entity, recycled ones too."""
    with workspace.read() as work:
        tables = {name: work.schema.table(name) for name in work.model.entities}
        return {name: work.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for name, table in tables.items()}


@pytest.mark.parametrize("language", ["en", "zh_Hans", "zh_Hant"])
def test_each_language_fills_every_list(workspace: Workspace, language: str) -> None:
    loaded = demo.load(workspace, OPERATOR, language)
    found = counts(workspace)
    assert loaded == sum(found.values()) > 500
    assert {name for name, count in found.items() if count == 0} == {"file"}


def test_every_stage_has_opportunities_and_some_have_no_amount(workspace: Workspace) -> None:
    demo.load(workspace, OPERATOR, "en")
    with workspace.read() as work:
        table = work.schema.table("opportunity")
        stage, amount = (work.schema.columns(work.model.entities["opportunity"].fields[name])[0] for name in ("stage", "amount"))
        stages = set(work.connection.execute(sa.select(stage).select_from(table)).scalars())
        blank = work.connection.execute(sa.select(sa.func.count()).where(amount.is_(None))).scalar_one()
    assert stages == set(work.model.choices["sales_stage"].all)
    assert blank > 0


def test_the_same_day_tells_the_same_story(workspace: Workspace) -> None:
    with workspace.read() as work:
        assert demo.tell("zh_hant", work).batches == demo.tell("zh_hant", work).batches


def test_it_can_be_loaded_again_in_another_language(workspace: Workspace) -> None:
    demo.load(workspace, OPERATOR, "en")
    demo.remove(workspace, OPERATOR)
    assert demo.load(workspace, OPERATOR, "zh_Hans") > 500


def test_what_users_made_stays_and_keeps_what_it_needs(workspace: Workspace) -> None:
    loaded = demo.load(workspace, OPERATOR, "en")
    account, lead = first(workspace, "account"), first(workspace, "lead")
    mine = workspace.write(lambda work: work.records.create(OPERATOR, "opportunity", {"name": "Mine", "account": account}))
    note = workspace.write(lambda work: work.records.create(OPERATOR, "note", {"title": "Mine", "regarding": {"entity": "lead", "id": lead}}))
    removed = demo.remove(workspace, OPERATOR)
    assert removed == demo.Removed(loaded - 2, 2)  # the account, and the colleague who owns it
    with workspace.read() as work:
        assert work.records.get(OPERATOR, "opportunity", mine.id).values["account"].id == account
        assert work.records.get(OPERATOR, "note", note.id).values["regarding"] is None
        assert work.connection.execute(sa.select(fs_demo)).all() == []


def test_lines_added_to_a_demo_record_go_with_it_to_the_recycle_bin(workspace: Workspace) -> None:
    demo.load(workspace, OPERATOR, "en")
    parent = first(workspace, "opportunity")
    line = workspace.write(lambda work: work.records.create(OPERATOR, "opportunity_line", {"name": "Mine", "opportunity": parent}))
    demo.remove(workspace, OPERATOR)
    with workspace.read() as work:
        assert work.records.get(OPERATOR, "opportunity_line", line.id, deleted=True).id == line.id
        with pytest.raises(NotFound):
            work.records.get(OPERATOR, "opportunity", parent)


def test_a_team_of_the_same_name_is_used_and_survives(workspace: Workspace) -> None:
    own = workspace.write(lambda work: work.records.create(OPERATOR, "team", {"name": "North"}))
    demo.load(workspace, OPERATOR, "en")
    demo.remove(workspace, OPERATOR)
    with workspace.read() as work:
        assert work.records.get(OPERATOR, "team", own.id).values["name"] == "North"


def test_it_is_loaded_once(workspace: Workspace) -> None:
    demo.load(workspace, OPERATOR, "en")
    with pytest.raises(Conflict, match="Remove it first"):
        demo.load(workspace, OPERATOR, "zh_Hant")


def test_only_an_administrator_may_and_only_in_known_languages(workspace: Workspace) -> None:
    with pytest.raises(Forbidden):
        demo.load(workspace, Actor("user", 1, "Ana", ("user",)), "en")
    with pytest.raises(BadInput, match="no demo data in “tlh”"):
        demo.load(workspace, OPERATOR, "tlh")
    assert set(counts(workspace).values()) == {0}


def first(workspace: Workspace, entity: str) -> int:
    with workspace.read() as work:
        id: int = work.queries.page(OPERATOR, Query(entity, ("id",), ("id",), limit=1)).rows[0][0]
        return id
