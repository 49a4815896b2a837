"""Cross-checks: each fault alone, with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fieldsmith.meta.compile import Compiled
from tests.meta.samples import custom, entity, only, package

STAGE = {"name": "stage", "values": [{"name": "open"}, {"name": "old", "active": False}]}
DEAL = entity(
    "deal",
    {"name": "amount", "type": "currency"},
    {"name": "stage", "type": "choice", "choices": "stage"},
    {"name": "account", "type": "lookup", "to": "account"},
    {"name": "picture", "type": "image"},
)
BASE: dict[str, list[dict[str, Any]]] = {
    "entity": [DEAL, entity("account", {"name": "main_contact", "type": "lookup", "to": "contact"}), entity("contact")],
    "choices": [STAGE],
}
Problems = Callable[..., list[tuple[str, str]]]


def with_base(**more: list[dict[str, Any]]) -> Any:
    return package("crm", {kind: [*BASE.get(kind, []), *more.get(kind, [])] for kind in {**BASE, **more}})


FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "lookup", "to": "acount"}, "unknown_entity", "/to"),
    ({"type": "polymorphic_lookup", "to": ["account", "lead"]}, "unknown_entity", "/to"),
    ({"type": "choice", "choices": "stages"}, "unknown_choices", "/choices"),
    ({"type": "choice", "choices": "stage", "default": "wom"}, "bad_default", "/default"),
    ({"type": "choice", "choices": "stage", "default": "old"}, "bad_default", "/default"),
    ({"type": "integer", "default": "many"}, "bad_default", "/default"),
    ({"type": "date", "default": "2026-02-30"}, "bad_default", "/default"),
    ({"type": "lookup", "to": "account", "default": 7}, "no_default", "/default"),
    ({"type": "boolean", "required": True}, "never_blank", "/required"),
    ({"type": "boolean", "unique": True}, "cannot_be_unique", "/unique"),
    ({"type": "many_to_many", "to": "account", "indexed": True}, "cannot_be_indexed", "/indexed"),
    ({"type": "lookup", "to": "account", "required": True, "on_delete": "clear"}, "required_clear", "/on_delete"),
    ({"type": "lookup", "to": "account", "inverse": "name"}, "same_name", "/inverse"),
    ({"type": "auto_number", "pattern": "OPP"}, "bad_option", "/pattern"),
    ({"type": "auto_number", "pattern": "OPP-{000}", "required": True}, "never_blank", "/required"),
    ({"type": "integer", "min": 5, "max": 1}, "bad_option", "/max"),
]


@pytest.mark.parametrize(("keys", "code", "option"), FIELDS)
def test_faults_of_fields(compiled: Callable[..., Compiled], keys: dict[str, Any], code: str, option: str) -> None:
    problem = only(compiled(with_base(entity=[entity("lead_note", {"name": "x", **keys})])))
    assert (problem.code, problem.document) == (code, "crm/entity/lead_note.json")
    assert problem.pointer in (f"/fields/x{option}", "/fields/x/min")


ENTITIES: list[tuple[dict[str, Any], str, str]] = [
    ({"name_field": "title"}, "unknown_field", "/name_field"),
    ({"name_field": "done"}, "cannot_be_name", "/name_field"),
    ({"indexes": [{"name": "i", "fields": ["nme"]}]}, "unknown_field", "/indexes/i/fields"),
    ({"indexes": [{"name": "i", "fields": ["picture"]}]}, "cannot_be_indexed", "/indexes/i/fields"),
    ({"indexes": [{"name": "i", "fields": ["name", "-name"]}]}, "duplicate_item", "/indexes/i/fields"),
]


@pytest.mark.parametrize(("keys", "code", "pointer"), ENTITIES)
def test_faults_of_entities(problems: Problems, keys: dict[str, Any], code: str, pointer: str) -> None:
    body = entity("task", {"name": "done", "type": "boolean"}, {"name": "picture", "type": "image"}, **keys)
    assert problems(entity=[body]) == [(code, pointer)]


def test_an_entity_needs_a_field_that_names_its_records(problems: Problems) -> None:
    assert problems(entity=[{"name": "task", "fields": [{"name": "done", "type": "boolean"}]}]) == [("no_name_field", "/fields")]


def layout(**keys: Any) -> dict[str, Any]:
    return {"name": "default", "entity": "deal", "sections": [{"name": "main", "fields": ["name"]}], **keys}


def related(**keys: Any) -> dict[str, Any]:
    return {
        "name": "default",
        "entity": "account",
        "sections": [{"name": "main", "fields": []}],
        "related": [{"name": "deals", "entity": "deal", "field": "account", **keys}],
    }


def view(**keys: Any) -> dict[str, Any]:
    return {"name": "all", "entity": "deal", "columns": ["name"], **keys}


SCREENS: list[tuple[str, dict[str, Any], str, str]] = [
    ("layout", layout(entity="dael"), "unknown_entity", "/entity"),
    ("layout", layout(sections=[{"name": "main", "fields": ["nmae"]}]), "unknown_field", "/sections/main/fields/nmae"),
    ("layout", layout(sections=[{"name": name, "fields": ["name"]} for name in "ab"]), "placed_twice", "/sections/b/fields/name"),
    ("layout", layout(highlights=["amout"]), "unknown_field", "/highlights/amout"),
    ("layout", layout(hidden=["amout"]), "unknown_field", "/hidden/amout"),
    ("layout", layout(path="amount"), "not_a_choice", "/path"),
    ("layout", related(entity="dael"), "unknown_entity", "/related/deals/entity"),
    ("layout", related(field="acount"), "unknown_field", "/related/deals/field"),
    ("layout", related(field="owner"), "wrong_target", "/related/deals/field"),
    ("layout", related(columns=["account.nmae"]), "unknown_field", "/related/deals/columns/account.nmae"),
    ("view", view(columns=["account.main_contact.nmae"]), "unknown_field", "/columns/account.main_contact.nmae"),
    ("view", view(columns=["amount.name"]), "not_a_lookup", "/columns/amount.name"),
    ("view", view(columns=[".".join(["account"] * 6 + ["name"])]), "path_too_long", "/columns/" + ".".join(["account"] * 6 + ["name"])),
    ("view", view(sort=["-amuont"]), "unknown_field", "/sort/-amuont"),
    ("view", view(sort=["picture"]), "not_sortable", "/sort/picture"),
    ("tab", {"name": "deals", "entity": "dael"}, "unknown_entity", "/entity"),
    ("tab", {"name": "deals", "entity": "deal", "view": "mine"}, "unknown_view", "/view"),
    ("app", {"name": "sales", "tabs": ["dael"]}, "unknown_tab", "/tabs/dael"),
    ("app", {"name": "sales", "tabs": [], "roles": ["clerk"]}, "unknown_role", "/roles/clerk"),
    ("role", {"name": "clerk", "entities": {"dael": ["read"]}}, "unknown_entity", "/entities/dael"),
    ("company", {"name": "company", "language": "fr"}, "unknown_language", "/language"),
    ("company", {"name": "company", "time_zone": "Mars/Olympus"}, "unknown_time_zone", "/time_zone"),
    ("company", {"name": "company", "time_zone": "../../etc/passwd"}, "unknown_time_zone", "/time_zone"),
    ("company", {"name": "company", "country": "XQ"}, "unknown_country", "/country"),
    ("company", {"name": "company", "currency": "XQX"}, "unknown_currency", "/currency"),
    ("company", {"name": "company", "rates": [{"currency": "EUR", "from": "2026-02-30", "rate": "1"}]}, "bad_date", "/rates/EUR.2026-02-30/from"),
    ("company", {"name": "company", "rates": [{"currency": "EUR", "from": "2026-02-01", "rate": "0.0"}]}, "bad_rate", "/rates/EUR.2026-02-01/rate"),
    ("company", {"name": "company", "rates": [{"currency": "USD", "from": "2026-02-01", "rate": "1"}]}, "bad_rate", "/rates/USD.2026-02-01/currency"),
    ("company", {"name": "company", "calendar": {"holidays": [{"date": "2026-13-01", "label": "x"}]}}, "bad_date", "/calendar/holidays/2026-13-01/date"),
    ("translation", {"name": "zh", "language": "zh_Hans", "labels": {"entity/deal/lable": "x"}}, "unknown_label", "/labels/entity~1deal~1lable"),
    ("import_map", {"name": "m", "entity": "deal", "columns": {"A": {"field": "nmae"}}}, "unknown_field", "/columns/A/field"),
    ("import_map", {"name": "m", "entity": "deal", "columns": {"A": {}}}, "missing_key", "/columns/A"),
    ("import_map", {"name": "m", "entity": "deal", "columns": {"A": {"field": "name", "lookup": {"by": "name"}}}}, "not_a_lookup", "/columns/A/lookup"),
    ("import_map", {"name": "m", "entity": "deal", "columns": {"A": {"field": "account", "lookup": {"by": "nme"}}}}, "unknown_field", "/columns/A/lookup/by"),
    ("import_map", {"name": "m", "entity": "deal", "columns": {}, "match": "name"}, "not_unique", "/match"),
    ("import_map", {"name": "m", "entity": "deal", "columns": {}, "second_pass": ["account"]}, "not_a_self_lookup", "/second_pass/account"),
    ("import_map", {"name": "m", "entity": "deal", "columns": {}, "constants": {"stge": "open"}}, "unknown_field", "/constants/stge"),
]


@pytest.mark.parametrize(("kind", "body", "code", "pointer"), SCREENS)
def test_faults_of_what_refers_to_entities(problems: Problems, kind: str, body: dict[str, Any], code: str, pointer: str) -> None:
    assert problems(with_base(**{kind: [body]})) == [(code, pointer)]


def test_only_one_view_is_the_default(problems: Problems) -> None:
    views = [view(name=name, default=True) for name in ("one", "two")]
    assert problems(with_base(view=views)) == [("two_defaults", "/default")]


def test_the_base_of_these_cases_is_sound(problems: Problems) -> None:
    assert (
        problems(with_base(layout=[layout(path="stage"), related(columns=["amount"])], view=[view(columns=["account.main_contact.name"], sort=["-amount"])]))
        == []
    )


def test_problems_of_all_documents_come_at_once(problems: Problems) -> None:
    found = problems(
        entity=[entity("deal", {"name": "account", "type": "lookup", "to": "acc"}, plurl="x"), entity("note", {"name": "x", "type": "lookup", "to": "no"})],
        view=[view(columns=["nam"])],
    )
    assert ("unknown_key", "/plurl") in found
    assert ("unknown_entity", "/fields/x/to") in found


def test_what_refers_to_a_faulty_document_is_not_judged(problems: Problems) -> None:
    faulty = entity("deal", {"name": "day", "type": "dat"})
    found = problems(
        entity=[faulty, entity("line", {"name": "deal", "type": "lookup", "to": "deal"})], view=[view(columns=["day"])], tab=[{"name": "d", "entity": "deal"}]
    )
    assert found == [("unknown_field_type", "/fields/day/type")]


def test_an_unknown_path_of_an_operation_is_a_problem(problems: Problems) -> None:
    change = {"extends": "deal", "operations": [{"op": "change", "path": "/fields/amuont/label", "value": "x"}]}
    assert problems(with_base(), custom({"entity": [change]})) == [("unknown_path", "/operations/0/path")]
