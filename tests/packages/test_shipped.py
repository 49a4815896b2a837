"""The shipped packages: sound, canonical, and complete in the three languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from fieldsmith.base.text import Label
from fieldsmith.fields.registry import field_types
from fieldsmith.meta.compile import Compiled, compile_model
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.model import Model
from fieldsmith.meta.names import Names
from fieldsmith.meta.packages import package_files, read_package, shipped_packages
from fieldsmith.meta.schemas import SchemaSet
from fieldsmith.meta.validation import Validators

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def layers() -> list[Layer]:
    return [read_package(folder) for folder in shipped_packages().values()]


@pytest.fixture(scope="module")
def compiled(layers: list[Layer]) -> Compiled:
    types = field_types()
    return compile_model(layers, Names(), types, Validators.load(types), 1)


@pytest.fixture(scope="module")
def model(compiled: Compiled) -> Model:
    assert compiled.model is not None, [str(problem) for problem in compiled.problems]
    return compiled.model


def test_core_and_crm_are_shipped_and_sound(layers: list[Layer], compiled: Compiled) -> None:
    assert [layer.name for layer in layers] == ["core", "crm"]
    assert [str(problem) for problem in compiled.problems] == []


@pytest.mark.parametrize("name", ["core", "crm"])
def test_every_file_is_canonical(name: str) -> None:
    folder = shipped_packages()[name]
    texts = package_files(read_package(folder), SchemaSet.load(), field_types())
    wrong = [path for path, text in texts.items() if folder.joinpath(*path.split("/")).read_text("utf-8") != text]
    assert wrong == []


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_every_word_has_its_chinese(model: Model, language: str) -> None:
    missing = [label.text for label in labels(model) if not CHINESE.search(label.translations.get(language, ""))]
    assert missing == []


def test_what_the_languages_call_the_main_things(model: Model) -> None:
    words = {
        "opportunity": ("商机", "商機"),
        "account": ("客户", "客戶"),
        "contact": ("联系人", "聯絡人"),
        "quote": ("报价单", "報價單"),
        "order": ("订单", "訂單"),
        "case": ("工单", "案件"),
        "campaign": ("市场活动", "行銷活動"),
    }
    said = {name: tuple(model.entities[name].label.translations[language] for language in ("zh_Hans", "zh_Hant")) for name in words}
    assert said == words


def test_an_opportunity_needs_only_name_and_stage(model: Model) -> None:
    entity = model.entities["opportunity"]
    assert {field.name for field in entity.own_fields() if field.required} == {"name", "stage"}
    assert entity.fields["stage"].default == "prospecting"


def test_sales_comes_first_and_administration_last(model: Model) -> None:
    assert list(model.apps) == ["sales", "service", "marketing", "commerce", "home", "administration"]
    assert model.apps["administration"].roles == ("administrator",)


def test_every_entity_with_a_tab_of_its_own_is_in_an_app(model: Model) -> None:
    declared = {name for kind, name in model.documents if kind == "tab"}
    assert declared == {tab for app in model.apps.values() for tab in app.tabs}


def test_every_entity_has_two_views_or_belongs_to_another(model: Model) -> None:
    owned = {entity.name for entity in model.entities.values() if any(field.options.get("owned") for field in entity.own_fields())}
    few = {name for name, views in model.views_of.items() if len(views) < 2}
    assert few - owned == {"tag"}


def test_an_index_serves_every_sort_by_a_plain_field(model: Model) -> None:
    unserved = []
    for key, view in model.views.items():
        entity, first = model.entities[view.entity], view.sort[0].lstrip("-")
        served = {"id"} | {index.fields[0].lstrip("-") for index in entity.indexes} | {field.name for field in entity.fields.values() if field.unique}
        plain = "." not in first and entity.fields[first].type not in ("choice", "lookup")
        if plain and first not in served:
            unserved.append(f"{key}: {first}")
    assert unserved == []


def labels(value: Any) -> Iterator[Label]:
    """Every word of the model, but not what the platform itself says of its system fields' types."""
    if isinstance(value, Label):
        yield value
    elif isinstance(value, Model):
        for field in fields(value):
            if field.name not in ("types", "documents"):
                yield from labels(getattr(value, field.name))
    elif is_dataclass(value):
        for field in fields(value):
            yield from labels(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from labels(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from labels(item)
