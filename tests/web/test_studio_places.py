"""Every part of the metadata has a page in the studio where it is edited."""

from __future__ import annotations

import pytest
from flask import Flask

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Effective
from fieldsmith.web.studio import routes
from fieldsmith.web.studio.places import document_of, path_in, place_of_path


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("entity/deal", "/studio/entity/deal/"),
        ("entity/deal/fields/amount/label", "/studio/entity/deal/fields/amount"),
        ("entity/deal/name_field", "/studio/entity/deal/settings"),
        ("layout/deal.default/sections/main", "/studio/entity/deal/layouts/default"),
        ("view/deal.all", "/studio/entity/deal/views/all"),
        ("rule/deal.closed/when", "/studio/entity/deal/rules/closed"),
        ("record_type/deal.renewal", "/studio/entity/deal/record-types/renewal"),
        ("choices/stage/label", "/studio/choices/stage"),
        ("choices/stage/values/won/label", "/studio/choices/stage/values/won"),
        ("choices/stage/depends_on", "/studio/choices/stage/dependencies"),
        ("tab/deals", "/studio/navigation/tabs/deals"),
        ("company/company/name", "/studio/company"),
        ("translation/custom_zh_hans", "/studio/translations/zh_Hans"),
        ("role/user", "/studio/roles/user"),
    ],
)
def test_a_part_of_the_metadata_has_a_page(path: str, place: str) -> None:
    assert place_of_path(path) == place


def test_every_place_is_a_page_of_the_studio() -> None:
    app = Flask(__name__)
    routes.register(app)
    adapter = app.url_map.bind("localhost")
    paths = ("entity/a/fields/b", "entity/a/icon", "layout/a.b", "view/a.b", "rule/a.b", "record_type/a.b", "choices/a/values/b", "choices/a/depends_on")
    for path in (*paths, "tab/a", "app/a", "company/a", "translation/a_zh_hant", "package/a", "entity/a"):
        assert adapter.match(place_of_path(path))


def test_a_problem_names_its_document() -> None:
    assert document_of(Problem("x", _m("Wrong."), "/fields/amount", document="custom/entity/deal.json")) == ("entity", "deal")
    assert document_of(Problem("x", _m("Wrong."))) is None


def test_what_is_not_there_leads_to_what_is_nearest() -> None:
    documents = {("entity", "deal"): Effective("entity", "deal", {"fields": [{"name": "amount"}]})}
    assert path_in(documents, "entity/deal/fields/amount/label") == "/studio/entity/deal/fields/amount"
    assert path_in(documents, "entity/deal/fields/gone") == "/studio/entity/deal/"
    assert path_in(documents, "entity/gone") is None
