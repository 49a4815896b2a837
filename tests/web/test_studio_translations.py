"""Translations in the studio: completeness, the grid and its filters, words saved, a file out and back."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask

from fieldsmith.meta.model import Model
from fieldsmith.studio.workbench import Said
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, words

HANS = "/studio/translations/zh_Hans"
LABEL = "entity/opportunity/fields/discount/label"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def visitor(app: Flask, workspace: Workspace, admin: Person) -> Visitor:
    """An administrator whose draft gives opportunities a discount."""
    id = workspace.changesets.open(admin.actor, "Discounts")
    field = {"op": "add", "path": "/fields/discount", "value": {"type": "decimal"}}
    workspace.changesets.say(admin.actor, id, [Said("entity", "opportunity", [field])])
    return Visitor(app, workspace, admin)


def drafted(visitor: Visitor, admin: Person) -> Model:
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    return visitor.workspace.changesets.look(admin.actor, draft.id).model


def word(visitor: Visitor, admin: Person) -> str | None:
    """The discount in Chinese."""
    return drafted(visitor, admin).entities["opportunity"].fields["discount"].label.translations.get("zh_Hans")


def test_completeness_by_language_and_part(visitor: Visitor) -> None:
    page = visitor.get("/studio/translations/")
    assert 'href="/studio/translations/zh_Hant?group=opportunity"' in page.text and "简体中文" in page.text
    assert "Opportunity in 简体中文 97 %" in words(page) and "Account in 简体中文 100 %" in words(page)


def test_what_is_missing_is_found(visitor: Visitor) -> None:
    page = visitor.get(f"{HANS}?missing=1")
    assert f'name="w:{LABEL}"' in page.text and "Labels: 1" in words(page) and "Discount" in words(page)


@pytest.mark.parametrize(
    ("query", "there"), [("q=discount", True), ("q=lead", False), ("group=opportunity", True), ("group=choices", False), ("missing=1&page=9", True)]
)
def test_filters(visitor: Visitor, query: str, there: bool) -> None:
    assert (f"w:{LABEL}" in visitor.get(f"{HANS}?{query}").text) is there


def test_a_page_holds_a_hundred(visitor: Visitor) -> None:
    page = visitor.get(HANS).text
    assert page.count('name="w:') == 100 and f'href="{HANS}?page=2"' in page


def test_words_are_saved_changed_and_taken_back(visitor: Visitor, admin: Person) -> None:
    for text, there in (("折扣", "折扣"), ("优惠", "优惠"), ("", None)):
        assert visitor.post(f"{HANS}?missing=1", {f"w:{LABEL}": text}).location == f"{HANS}?missing=1"
        assert word(visitor, admin) == there


def test_words_of_a_package_are_changed_and_come_back(visitor: Visitor, admin: Person) -> None:
    path = "w:entity/opportunity/label"
    before = drafted(visitor, admin).entities["opportunity"].label.translations["zh_Hans"]
    for text, there in (("生意", "生意"), ("", before)):
        visitor.post(HANS, {path: text})
        assert drafted(visitor, admin).entities["opportunity"].label.translations["zh_Hans"] == there


def test_words_that_are_too_long(visitor: Visitor, admin: Person) -> None:
    answer = visitor.post(HANS, {f"w:{LABEL}": "折" * 2001})
    assert answer.status_code == 422 and "Write at most 2000 characters." in words(answer)


def test_a_file_goes_out_and_comes_back(visitor: Visitor, admin: Person) -> None:
    text = visitor.get(f"{HANS}.csv?missing=1").data.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [["path", "english", "words"], [LABEL, "Discount", ""]]
    filled = text.replace("Discount,", "Discount,折扣") + "entity/nothing/label,Nothing,无\r\n"
    answer = visitor.post(f"{HANS}/import", {"file": (io.BytesIO(filled.encode("utf-8-sig")), "words.csv")})
    assert answer.status_code == 303 and word(visitor, admin) == "折扣"
    assert "left out: 1" in words(visitor.get(HANS))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b'path,words\n"entity'])
def test_a_file_that_is_none(visitor: Visitor, content: bytes) -> None:
    assert visitor.post(f"{HANS}/import", {"file": (io.BytesIO(content), "words.csv")}).status_code == 422


def test_documents_lead_to_their_language(visitor: Visitor) -> None:
    assert visitor.get("/studio/translations/crm_zh_hans").location == HANS
    assert visitor.get("/studio/translations/fr").status_code == 404


def test_labels_of_sharing_rules_have_words_too(visitor: Visitor, admin: Person) -> None:
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    rule = {"name": "east", "entity": "opportunity", "to": {"roles": ["user"]}, "when": "stage = 'won'"}
    visitor.workspace.changesets.put(admin.actor, draft.id, "sharing_rule", "opportunity.east", rule)
    label = "sharing_rule/opportunity.east/label"
    page = visitor.get(f"{HANS}?missing=1&group=opportunity")
    assert f'name="w:{label}"' in page.text and "East" in words(page)
    assert visitor.post(HANS, {f"w:{label}": "东区"}).status_code == 303
    assert drafted(visitor, admin).sharing_rules["opportunity.east"].label.translations == {"zh_Hans": "东区"}
