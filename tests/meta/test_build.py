"""What the model has that documents do not say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from fieldsmith.base.text import Words
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.compile import compile_model
from fieldsmith.meta.labels import plural_of
from fieldsmith.meta.model import SYSTEM_FIELDS, Model
from fieldsmith.meta.names import Names
from tests.meta.samples import custom, entity, package

CHINESE = Words("zh_Hans", str)
LINE = entity("line", {"name": "deal", "type": "lookup", "to": "deal", "inverse": "lines", "owned": True})


def test_labels_and_plurals_are_made_from_names(model: Callable[..., Model]) -> None:
    deal = model(entity=[entity("sales_inquiry", {"name": "close_date", "type": "date"})]).entities["sales_inquiry"]
    assert (str(deal.label), str(deal.plural), str(deal.fields["close_date"].label)) == ("Sales inquiry", "Sales inquiries", "Close date")


@pytest.mark.parametrize(
    ("label", "plural"), [("Case", "Cases"), ("Company", "Companies"), ("Day", "Days"), ("Box", "Boxes"), ("Branch", "Branches"), ("商机", "商机"), ("", "")]
)
def test_plurals(label: str, plural: str) -> None:
    assert plural_of(label) == plural


def test_every_entity_has_the_system_fields(model: Callable[..., Model]) -> None:
    fields = model(entity=[entity("deal")]).entities["deal"].fields
    assert tuple(fields)[:8] == SYSTEM_FIELDS
    assert [fields[name].column for name in ("id", "owner", "created_by")] == ["id", "owner_id", "created_by"]
    assert [name for name in SYSTEM_FIELDS if not fields[name].read_only] == ["owner"]


def test_translations_become_labels(model: Callable[..., Model]) -> None:
    labels = {"entity/deal/label": "商机", "entity/deal/fields/name/label": "名称"}
    deal = model(entity=[entity("deal")], translation=[{"name": "zh", "language": "zh_Hans", "labels": labels}]).entities["deal"]
    assert [label.render(CHINESE) for label in (deal.label, deal.plural, deal.fields["name"].label, deal.fields["owner"].label)] == [
        "商机",
        "商机",
        "名称",
        "负责人",
    ]


def test_owned_lookups_are_required_and_cascade(model: Callable[..., Model]) -> None:
    found = model(entity=[entity("deal"), LINE])
    field = found.entities["line"].fields["deal"]
    assert (field.required, field.options["on_delete"]) == (True, "cascade")
    (reference,) = found.entities["deal"].references
    assert (reference.entity, reference.field, reference.inverse, reference.on_delete) == ("line", "deal", "lines", "cascade")


@pytest.mark.parametrize(("required", "on_delete"), [(False, "clear"), (True, "restrict")])
def test_lookups_say_what_deleting_their_target_does(model: Callable[..., Model], required: bool, on_delete: str) -> None:
    found = model(entity=[entity("deal", {"name": "parent_deal", "type": "lookup", "to": "deal", "required": required})])
    assert found.entities["deal"].references[0].on_delete == on_delete


def test_text_is_kept_folded_where_something_sorts_by_it(model: Callable[..., Model]) -> None:
    kinds = {"plain": {}, "code": {"unique": True}, "city": {"indexed": True}, "first": {}, "then": {}}
    texts = [{"name": name, "type": "text", **keys} for name, keys in kinds.items()]
    found = model(entity=[entity("deal", *texts, indexes=[{"name": "x", "fields": ["-first", "then"]}])]).entities["deal"]
    assert [field.name for field in found.own_fields() if field.sortable_fold] == ["name", "code", "city", "first", "then"]


def test_there_is_a_layout_view_tab_and_app_without_any_document(model: Callable[..., Model]) -> None:
    found = model(entity=[entity("deal", {"name": "amount", "type": "currency"}, {"name": "note", "type": "long_text"})])
    assert found.layouts["deal.default"].sections[0].fields == ("name", "amount", "note")
    view = found.views["deal.all"]
    assert (view.columns, view.sort, view.default, str(view.label)) == (("name", "amount"), ("name",), True, "Deals")
    assert (found.tabs["deal"].entity, found.apps["everything"].tabs) == ("deal", ("deal",))


def test_a_field_in_no_layout_stands_in_the_last_section_unless_hidden(model: Callable[..., Model]) -> None:
    sections = [{"name": "top", "fields": ["name"]}, {"name": "end", "fields": []}]
    layout = {"name": "default", "entity": "deal", "sections": sections, "hidden": ["secret"]}
    fields: list[dict[str, Any]] = [{"name": "day", "type": "date"}, {"name": "secret", "type": "date"}, {"name": "gone", "type": "date", "hidden": True}]
    found = model(entity=[entity("deal", *fields)], layout=[layout]).layouts["deal.default"]
    assert [section.fields for section in found.sections] == [("name",), ("day",)]


def test_hiding_a_placed_field_keeps_it_out_of_the_layout(model: Callable[..., Model]) -> None:
    base = {
        "entity": [entity("deal", {"name": "day", "type": "date"})],
        "layout": [{"name": "default", "entity": "deal", "sections": [{"name": "top", "fields": ["day"]}]}],
    }
    hide = {"extends": "deal.default", "operations": [{"op": "hide", "path": "/sections/top/fields/day"}]}
    assert model(package("crm", base), custom({"layout": [hide]})).layouts["deal.default"].sections[0].fields == ("name",)


def test_the_fields_of_a_hidden_section_stay_out(model: Callable[..., Model]) -> None:
    sections = [{"name": "top", "fields": ["name"]}, {"name": "end", "fields": ["day"], "hidden": True}]
    found = model(entity=[entity("deal", {"name": "day", "type": "date"})], layout=[{"name": "default", "entity": "deal", "sections": sections}])
    assert [section.fields for section in found.layouts["deal.default"].sections] == [("name",)]


def test_hidden_tabs_and_views_are_not_there(model: Callable[..., Model]) -> None:
    documents: dict[str, Any] = {
        "entity": [entity("deal")],
        "view": [{"name": name, "entity": "deal", "columns": ["name"], "hidden": name == "old"} for name in ("old", "new")],
        "tab": [{"name": "deal", "entity": "deal", "view": "old"}, {"name": "more", "entity": "deal", "hidden": True}],
        "app": [{"name": "sales", "tabs": ["deal", "more"]}],
    }
    found = model(package("crm", documents))
    assert (list(found.views), found.views["deal.new"].default, list(found.tabs), found.tabs["deal"].view, found.apps["sales"].tabs) == (
        ["deal.new"],
        True,
        ["deal"],
        None,
        ("deal",),
    )


def test_the_first_view_is_the_default_when_none_says_so(model: Callable[..., Model]) -> None:
    views = [{"name": name, "entity": "deal", "columns": ["name"]} for name in ("mine", "all")]
    found = model(entity=[entity("deal")], view=views)
    assert [view.name for view in found.views_of["deal"]] == ["mine", "all"]
    assert [view.default for view in found.views.values()] == [True, False]


def test_the_company_is_read(model: Callable[..., Model]) -> None:
    rates = [{"currency": "EUR", "from": "2026-01-01", "rate": "1.08"}]
    found = model(company=[{"name": "company", "label": "Acme", "time_zone": "Europe/Berlin", "rates": rates}]).company
    assert (found.name, found.timezone, found.currency, found.rates[0].rate) == ("Acme", "Europe/Berlin", "USD", Decimal("1.08"))


def test_names_are_kept_from_build_to_build(types: dict[str, FieldType]) -> None:
    one = compile_model([package("crm", {"entity": [entity("deal")]})], Names(), types, None, 1, trusted=True)
    two = compile_model([package("crm", {"entity": [entity("account"), entity("deal")]})], one.names, types, None, 2, trusted=True)
    assert one.model is not None and two.model is not None
    assert one.model.entities["deal"].table == two.model.entities["deal"].table
    assert two.model.entities["account"].uid > one.names.last_uid


def test_names_are_those_given_when_there_are_problems(compiled: Callable[..., Any]) -> None:
    found = compiled(entity=[entity("deal", lable="x")])
    assert (found.model, dict(found.names.entries)) == (None, {})
