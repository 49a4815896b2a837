"""Who shapes an entity without seeing all of it: nothing of what is hidden stands on their bench, and no draft of theirs can ask for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Forbidden
from fieldsmith.workspace import Workspace
from tests.access.vaulted import ABSENT, EVERY, VAULTED
from tests.conftest import MakeWorkspace
from tests.databases import SqliteTemplates
from tests.desk import Desk, user

LEE = user(7, "shaper")
HIDDEN = ("secret", "twice", "grade")
"""Not there for Lee, read from what is not there, and masked."""


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def vault(workspace: Workspace) -> Workspace:
    """Lee shapes firms, does not see their secret, sees their grade masked, and reads deals of their own only."""
    workspace.publish(OPERATOR, [VAULTED], "Vaulted")
    role = {
        "name": "shaper",
        "entities": {"firm": EVERY, "deal": {"read": "own"}, "user": {"read": "all"}},
        "field_rights": {"firm": {"secret": "none", "grade": "masked"}},
        "studio": ["firm"],
    }
    sets = workspace.changesets
    id = sets.open(OPERATOR, "Role")
    sets.put(OPERATOR, id, "role", "shaper", role)
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    return workspace


def view(**more: Any) -> dict[str, Any]:
    return {"name": "mine", "entity": "firm", "columns": ["name"], **more}


def rule(**more: Any) -> dict[str, Any]:
    return {"name": "mine", "entity": "firm", "type": "validation", "must": "true", "message": "No.", **more}


def layout(**more: Any) -> dict[str, Any]:
    return {"name": "mine", "entity": "firm", "sections": [{"name": "main", "fields": ["name"]}], **more}


def field(**more: Any) -> dict[str, Any]:
    return {"operations": [{"op": "add", "path": "/fields/mine", "value": more}]}


SAYINGS: list[tuple[str, str, Any]] = [
    ("view", "firm.mine", lambda name: view(columns=["name", name])),
    ("view", "firm.mine", lambda name: view(sort=[f"-{name}"])),
    ("view", "firm.mine", lambda name: view(filter=f"ISBLANK({name})")),
    ("view", "firm.mine", lambda name: view(filter=f"COUNT(deals where firm.{name} = blank) > 0")),
    ("view", "firm.mine", lambda name: view(show="board", group=name)),
    ("view", "firm.mine", lambda name: view(sum=name)),
    ("rule", "firm.mine", lambda name: rule(must=f"not ISBLANK({name})")),
    ("rule", "firm.mine", lambda name: rule(when=f"old.{name} = {name}")),
    ("rule", "firm.mine", lambda name: rule(field=name)),
    ("rule", "firm.mine", lambda name: {"name": "mine", "entity": "firm", "type": "field", "fields": [name], "read_only": "true"}),
    ("layout", "firm.mine", lambda name: layout(sections=[{"name": "main", "fields": ["name", name]}])),
    ("layout", "firm.mine", lambda name: layout(sections=[{"name": "main", "fields": ["name"], "visible": f"ISBLANK({name})"}])),
    ("layout", "firm.mine", lambda name: layout(highlights=[name])),
    ("layout", "firm.mine", lambda name: layout(path=name)),
    ("layout", "firm.mine", lambda name: layout(hidden=[name])),
    ("layout", "firm.mine", lambda name: layout(related=[{"name": "deals", "entity": "deal", "field": "firm", "columns": [f"firm.{name}"]}])),
    ("record_type", "firm.mine", lambda name: {"name": "mine", "entity": "firm", "choices": {name: ["low"]}}),
    ("entity", "firm", lambda name: field(type="formula", expression=f"{name} & ''", returns="text")),
    ("entity", "firm", lambda name: field(type="text", default_expression=f"{name} & ''")),
    ("entity", "firm", lambda name: {"operations": [{"op": "add", "path": "/indexes/mine", "value": {"fields": [name], "unique": True}}]}),
    ("entity", "firm", lambda name: {"operations": [{"op": "move", "path": f"/fields/{name}", "after": None}]}),
    ("entity", "firm", lambda name: {"operations": [{"op": "change", "path": f"/fields/{name}/label", "value": "Mine"}]}),
    ("entity", "firm", lambda name: {"operations": [{"op": "change", "path": f"/fields/{name}/default", "value": "x"}]}),
    ("entity", "firm", lambda name: {"operations": [{"op": "hide", "path": f"/fields/{name}"}]}),
    ("view", "firm.plain", lambda name: {"operations": [{"op": "hide", "path": f"/columns/{name}"}]}),
    ("view", "firm.plain", lambda name: {"operations": [{"op": "move", "path": "/columns/name", "after": name}]}),
    ("view", "firm.plain", lambda name: {"operations": [{"op": "add", "path": f"/columns/{name}"}]}),
]


def answered(workspace: Workspace, kind: str, name: str, sent: Any) -> str:
    """Every problem of a draft of Lee's that says it, as the API gives them."""
    sets = workspace.changesets
    id = sets.open(LEE, "Mine")
    checked = sets.change(LEE, id, kind, name, sent) if "operations" in sent else sets.put(LEE, id, kind, name, sent)
    told = json.dumps([problem.to_json() for problem in checked.problems])
    if checked.problems:
        with pytest.raises(BadInput):
            sets.plan(LEE, id)
    sets.discard(LEE, id)
    return told


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(("kind", "name", "said"), SAYINGS)
def test_a_hidden_name_is_answered_like_an_absent_one(vault: Workspace, kind: str, name: str, said: Any, hidden: str) -> None:
    absent = {"secret": ABSENT, "twice": "twixe", "grade": "grate"}[hidden]
    there, not_there = answered(vault, kind, name, said(hidden)), answered(vault, kind, name, said(absent))
    assert there != "[]" and there.replace(hidden, absent) == not_there


def test_what_was_written_before_is_not_told_by_moving_it_or_taking_it_back(vault: Workspace) -> None:
    for kind, name, operation in (
        ("entity", "firm", {"op": "move", "path": "/fields/told", "after": None}),
        ("entity", "firm", {"op": "change", "path": "/fields/told/label", "value": "Told"}),
        ("view", "firm.plain", {"op": "remove", "path": "/columns/name"}),
    ):
        assert "secret" not in answered(vault, kind, name, {"operations": [operation]})


def test_near_names_are_not_offered(vault: Workspace) -> None:
    told = answered(vault, "view", "firm.mine", view(columns=["secrett"], filter="secrett = 'x'"))
    assert "unknown_field" in told and "mean" not in told


def test_what_is_faulty_besides_does_not_hide_the_answer(vault: Workspace) -> None:
    there, not_there = (answered(vault, "view", "firm.mine", view(columns=["nothing", name], sort="x")) for name in ("secret", ABSENT))
    assert there.replace("secret", ABSENT) == not_there


@pytest.mark.parametrize("operation", ["hide", "change"])
def test_a_document_that_speaks_of_what_is_hidden_is_not_there(vault: Workspace, operation: str) -> None:
    for kind, there in (("rule", "firm.no_bad"), ("view", "firm.filtered")):
        sent = {"operations": [{"op": operation, "path": "/label", "value": "Mine"}]}
        told, other = (json.loads(answered(vault, kind, name, sent))[0] for name in (there, "firm.absent"))
        assert told["code"] == other["code"] == "nothing_to_extend" and there not in told.get("hint", "")
        assert told["message"].replace(there, "firm.absent") == other["message"]


@pytest.mark.parametrize(
    ("kind", "name", "sent"),
    [
        ("entity", "firm", field(type="formula", expression="COUNT(deals)", returns="integer")),
        ("entity", "firm", field(type="rollup", expression="SUM(deals.price)", returns="decimal")),
        ("rule", "firm.mine", rule(must="COUNT(deals where price > 10) = 0")),
        ("layout", "firm.mine", layout(sections=[{"name": "main", "fields": ["name"], "visible": "COUNT(deals) > 2"}])),
    ],
)
def test_what_everybody_gets_the_value_of_does_not_lead_to_records_out_of_reach(vault: Workspace, kind: str, name: str, sent: Any) -> None:
    assert "beyond_reach" in answered(vault, kind, name, sent)


def test_a_filter_reads_what_its_reader_may_read_and_an_owner_is_within_reach(vault: Workspace) -> None:
    assert answered(vault, "view", "firm.mine", view(filter="COUNT(deals where price > 10) = 0")) == "[]"
    assert answered(vault, "entity", "firm", field(type="formula", expression="owner.name & ''", returns="text")) == "[]"


def test_a_name_that_is_taken_is_refused_without_saying_by_what(vault: Workspace) -> None:
    sets = vault.changesets
    id = sets.open(LEE, "Mine")
    sent = {"operations": [{"op": "add", "path": "/fields/secret", "value": {"type": "text"}}]}
    [problem] = sets.change(LEE, id, "entity", "firm", sent).problems
    assert problem.code == "clash" and "secret" not in str(problem.message)


def test_a_document_one_sees_in_part_is_not_replaced(vault: Workspace) -> None:
    sets = vault.changesets
    id = sets.open(OPERATOR, "Own")
    sets.put(OPERATOR, id, "view", "firm.own", {**view(columns=["name", "secret"]), "name": "own"})
    sets.put(OPERATOR, id, "view", "firm.quiet", {**view(filter="secret = 'x'"), "name": "quiet"})
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    for name in ("own", "quiet"):
        assert "partly_hidden" in answered(vault, "view", f"firm.{name}", {**view(), "name": name})


def test_nothing_hidden_stands_on_the_bench(vault: Workspace) -> None:
    id = vault.changesets.open(LEE, "Mine")
    for bench in (vault.changesets.look(LEE, None), vault.changesets.look(LEE, id)):
        for documents in (bench.documents, bench.published, bench.below):
            said = json.dumps([dict(document.body) for document in documents.values()], default=str)
            assert "secret" not in said and "机密" not in said and not {kind for kind, _ in documents} & {"role", "sharing_rule", "package"}
        assert not {"secret", "grade", "twice"} & bench.model.entities["firm"].fields.keys()
        assert not any("secret" in target or "grade" in target.removeprefix("choices/grade") for target in bench.graph)
        assert all((use.kind, use.name) in bench.documents for found in bench.graph.values() for use in found)
        names = bench.model.vocabulary.entity("firm")
        assert names is not None and not set(HIDDEN) & set(names.fields) and bench.model.vocabulary.entity("campaign") is None


def test_the_whole_is_for_previews_and_keeps_its_problems(vault: Workspace) -> None:
    sets = vault.changesets
    id = sets.open(LEE, "Mine")
    sets.put(LEE, id, "view", "firm.mine", view(columns=["secret"]))
    with pytest.raises(BadInput):
        sets.whole(LEE, id)
    with pytest.raises(BadInput):
        vault.previews.ready(LEE, id)
    with pytest.raises(Forbidden):
        sets.model(LEE, id)


def test_a_plan_tells_no_sql_and_no_counts_of_records_out_of_reach(vault: Workspace) -> None:
    sets = vault.changesets
    id = sets.open(LEE, "Mine")
    sets.change(LEE, id, "entity", "firm", field(type="text", required=True, default="x"))
    planned = sets.plan(LEE, id)
    assert planned.operations and not any(item.sql for item in planned.operations)
    assert sets.publish(LEE, id, planned.hash)


@pytest.fixture
def narrow(make_workspace: MakeWorkspace) -> Desk:
    """Lee shapes accounts and reads those of their own."""
    workspace = make_workspace("core", "crm")
    sets = workspace.changesets
    id = sets.open(OPERATOR, "Role")
    sets.put(OPERATOR, id, "role", "shaper", {"name": "shaper", "entities": {"account": {"read": "own"}}, "studio": ["account"]})
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    return Desk(workspace)


def test_which_records_forbid_a_change_is_not_told_to_who_may_not_read_them_all(narrow: Desk) -> None:
    sets = narrow.workspace.changesets
    narrow.make("account", name="Acme", phone=None)
    id = sets.open(LEE, "Mine")
    sets.change(LEE, id, "entity", "account", {"operations": [{"op": "change", "path": "/fields/phone/required", "value": True}]})
    with pytest.raises(BadInput) as caught:
        sets.publish(LEE, id, sets.plan(LEE, id).hash)
    assert caught.value.problems and "1" not in str(caught.value.problems[0].message)


def test_a_unique_index_compares_records_out_of_reach(narrow: Desk) -> None:
    sets = narrow.workspace.changesets
    id = sets.open(LEE, "Mine")
    sent = {"operations": [{"op": "add", "path": "/indexes/one", "value": {"fields": ["name"], "unique": True}}]}
    assert [problem.code for problem in sets.change(LEE, id, "entity", "account", sent).problems] == ["beyond_reach"]


def test_what_was_retired_does_not_come_back_by_its_name(vault: Workspace) -> None:
    sets = vault.changesets
    for operation in ({"op": "add", "path": "/fields/pay", "value": {"type": "text"}}, {"op": "remove", "path": "/fields/pay"}):
        id = sets.open(OPERATOR, "Pay")
        sets.change(OPERATOR, id, "entity", "firm", {"operations": [operation]})
        sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    mine = sets.open(LEE, "Mine")
    [problem] = sets.change(LEE, mine, "entity", "firm", {"operations": [{"op": "add", "path": "/fields/pay", "value": {"type": "text"}}]}).problems
    assert (problem.code, problem.pointer) == ("clash", "/fields/pay")
    with pytest.raises(BadInput):
        sets.plan(LEE, mine)


def test_what_others_said_meanwhile_is_told_as_far_as_it_may_be_read(vault: Workspace) -> None:
    sets = vault.changesets
    mine, theirs = sets.open(LEE, "Mine"), sets.open(OPERATOR, "Theirs")
    sets.change(LEE, mine, "view", "firm.plain", {"operations": [{"op": "change", "path": "/filter", "value": "name = 'a'"}]})
    sets.change(OPERATOR, theirs, "view", "firm.plain", {"operations": [{"op": "change", "path": "/filter", "value": "secret = 'b'"}]})
    sets.publish(OPERATOR, theirs, sets.plan(OPERATOR, theirs).hash)
    assert "secret" not in json.dumps([item.to_json() for item in sets.conflicts(LEE, mine)])
