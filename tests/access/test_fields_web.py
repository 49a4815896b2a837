"""Field rights on screens and in the API: what is hidden is not there to be drawn, listed or described; masks are masks; what is locked is a text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import pytest
from flask import Flask

from fieldsmith.base.context import OPERATOR
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.access.vaulted import ABSENT, VAULTED
from tests.conftest import MakeWorkspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Api, make_person
from tests.web.screens import Visitor

ADMIN = "administrator"
WORDS = ("secret", "Secret", "hush", "whisper", "quiet", "机密")
"""What nobody from whom the field is hidden may read anywhere."""


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """What is drawn is the same on either database; what is read is tested in test_fields_data."""
    return sqlite_templates


@dataclass(frozen=True)
class People:
    """Acme and the deal One about it; `person(role)` gives a browser and a client of the API."""

    workspace: Workspace
    app: Flask
    acme: int
    deal: int

    def visitor(self, role: str) -> Visitor:
        """Somebody new with this role, at the screens."""
        return Visitor(self.app, self.workspace, make_person(self.workspace, f"Eve {token_hex(4)}", role))

    def api(self, role: str) -> Api:
        """Somebody new with this role, with a token."""
        return Api(self.app, make_person(self.workspace, f"Ida {token_hex(4)}", role).token)


@pytest.fixture
def people(make_workspace: MakeWorkspace) -> People:
    workspace = make_workspace("core", VAULTED)
    app = create_app(workspace)
    maker = Visitor(app, workspace, make_person(workspace, "Ana", ADMIN))
    acme = maker.make("firm", name="Acme", city="Oslo", secret="hush whisper", grade="high", worth="7777")
    maker.make("firm", name="Bolt", city="Rome", grade="low")
    deal = maker.make("deal", name="One", firm=acme, price="5")
    return People(workspace, app, acme, deal)


PAGES = (
    *("/", "/firm/", "/firm/?view=plain", "/firm/?q=oslo", "/firm/?columns=name,city", "/firm/?show=table", "/firm/new", "/firm/{id}", "/firm/{id}/edit"),
    *("/firm/{id}/history", "/firm/{id}/related/deals", "/firm/{id}/delete", "/deal/", "/deal/1", "/deal/1/edit", "/deal/new", "/search?q=oslo"),
    *("/firm/filter", "/deal/filter", "/firm/lookup?q=ac", "/api/docs", "/api/docs/firm", "/palette?q=acme", "/api/v1/openapi.json", "/firm/?deleted=1"),
    *("/firm/filter?part=row&f.0.field=city&f.0.op=is", "/api/v1/metadata/entity", "/api/v1/metadata/layout", "/api/v1/metadata/view", "/api/v1/metadata/rule"),
    *("/api/v1/metadata/translation", "/api/v1/metadata/tab", "/api/v1/metadata/app", "/api/v1/metadata/record_type", "/api/v1/metadata/choices"),
    *("/api/v1/records/firm", "/api/v1/records/firm/{id}", "/api/v1/records/firm/{id}/history", "/api/v1/records/firm/{id}/timeline", "/api/v1/search?q=oslo"),
)


@pytest.mark.parametrize("role", ["blind", "teller"])
def test_no_page_speaks_of_what_is_hidden(people: People, role: str) -> None:
    eve = people.visitor(role)
    for page in PAGES:
        answer = eve.get(page.format(id=people.acme))
        assert answer.status_code == 200, (page, answer.text[:2000])
        text = answer.text.replace("FIELDSMITH_SECRET", "")
        assert not [word for word in WORDS if word in text], page
        assert "7777" not in text, page


def test_an_administrator_sees_it_all(people: People) -> None:
    ana = people.visitor(ADMIN)
    told = [page for page in PAGES if any(word in ana.get(page.format(id=people.acme)).text for word in WORDS)]
    assert {"/firm/", "/firm/{id}", "/firm/{id}/edit", "/api/v1/metadata/view", "/api/v1/metadata/rule", "/api/v1/openapi.json", "/api/docs/firm"} <= set(told)


def test_no_page_shows_a_masked_value(people: People) -> None:
    eve = people.visitor("masked")
    for page in PAGES:
        answer = eve.get(page.format(id=people.acme))
        assert answer.status_code == 200, (page, answer.text[:2000])
        assert not [word for word in ("hush", "7777", "whisper") if word in answer.text], page
    for page in ("/firm/", "/firm/?view=plain", "/firm/{id}", "/firm/{id}/edit", "/api/v1/records/firm/{id}", "/firm/{id}/related/deals"):
        assert "••••sper" in eve.get(page.format(id=people.acme)).text or "\\u2022" in eve.get(page.format(id=people.acme)).text, page


ALIKE = (
    *("/api/v1/records/firm?columns={}", "/api/v1/records/firm?sort={}", "/api/v1/records/firm?filter={}%3D%22x%22", "/api/v1/records/deal?columns=firm.{}"),
    *(
        "/api/v1/records/deal?filter=firm.{}%3D%22x%22",
        "/api/v1/records/deal?sort=firm.{}",
        "/firm/?columns={}",
        "/firm/?sort={}",
        "/firm/?filter={}%3D%22x%22",
    ),
    *("/deal/?columns=firm.{}", "/firm/lookup?field={}", "/firm/filter?part=row&at=0&f.0.field={}&f.0.op=is", "/firm/filter?filter={}%3D%22x%22&part=faults"),
    *("/firm/{id}/related/{}", "/firm/new?{}=x", "/firm/cards?column=low&sort={}&view=plain&show=table"),
)


def test_every_address_answers_as_of_a_field_that_is_not_there(people: People) -> None:
    eve = people.visitor("blind")

    def answer(address: str, name: str) -> tuple[int, str]:
        found = eve.get(address.replace("{id}", str(people.acme)).replace("{}", name))
        return found.status_code, found.text.replace(name, "~").replace(eve.token, "")

    for address in ALIKE:
        assert answer(address, "secret") == answer(address, ABSENT), address


def test_every_body_answers_as_of_a_field_that_is_not_there(people: People) -> None:
    ida = people.api("blind")

    def answer(call: str, path: str, body: Any, name: str) -> tuple[int, str]:
        found = getattr(ida, call)(path.replace("{}", name), json=json.loads(json.dumps(body).replace("{}", name)))
        return found.status_code, found.get_data(as_text=True).replace(name, "~")

    firm = f"/records/firm/{people.acme}"
    calls: tuple[tuple[str, str, Any], ...] = (
        ("post", "/records/firm", {"name": "New", "{}": "x"}),
        ("patch", firm, {"{}": "x"}),
        ("patch", firm, {"{}": None}),
        ("put", "/records/firm/by/{}/x", {"name": "New"}),
        ("post", "/expressions/check", {"entity": "firm", "expression": "{} & 'x'"}),
        ("post", "/expressions/check", {"entity": "deal", "expression": "firm.{}"}),
        ("post", "/expressions/evaluate", {"entity": "firm", "expression": "{}", "id": people.acme}),
        ("post", "/expressions/evaluate", {"entity": "firm", "expression": "name", "id": people.acme, "values": {"{}": "x"}}),
        ("post", "/expressions/complete", {"entity": "firm", "expression": "{}", "position": 3}),
        ("post", "/records/firm/bulk", {"mode": "each", "update": [{"id": people.acme, "{}": "x"}]}),
    )
    for call, path, body in calls:
        assert answer(call, path, body, "secret") == answer(call, path, body, ABSENT), (call, path)


def test_a_pick_list_that_only_hidden_fields_use_is_not_there(people: People) -> None:
    answers = {role: people.api(role).get("/metadata/choices/grade") for role in ("blind", "looker", ADMIN)}
    assert {role: answer.status_code for role, answer in answers.items()} == {"blind": 404, "looker": 200, ADMIN: 200}
    listed = people.api("blind").get("/metadata/choices")
    assert "tint" in [item["name"] for item in listed.json["items"]]
    assert "grade" not in listed.text
    absent = people.api("blind").get("/metadata/choices/sebret")
    assert answers["blind"].text.replace("grade", "~") == absent.text.replace("sebret", "~")


def test_completion_offers_only_what_may_be_named(people: People) -> None:
    def offered(role: str) -> set[str]:
        found = people.api(role).post("/expressions/complete", json={"entity": "firm", "expression": "", "position": 0})
        return {item["text"] for item in found.get_json()["items"]}

    assert {"name", "secret", "twice"} <= offered("looker")
    for role in ("blind", "masked"):
        assert "name" in offered(role) and not offered(role) & {"secret", "twice", "grade", "worth"}


def test_a_view_that_goes_by_what_is_hidden_is_refused(people: People) -> None:
    for role in ("blind", "masked"):
        eve = people.visitor(role)
        for view in ("filtered", "sorted", "graded"):
            answer = eve.get(f"/firm/?view={view}")
            assert answer.status_code == 403, (role, view)
            assert "Choose another view" in answer.text and "secret" not in answer.text and "Acme" not in answer.text
        assert eve.get("/firm/cards?view=graded&column=low").status_code == 403
        assert eve.get(f"/firm/{people.acme}/move?view=graded").status_code == 403
        assert eve.get("/firm/?view=sorted&sort=name").status_code == 200
        assert eve.get("/firm/?show=board").status_code in (400, 403)
        assert "Acme" in eve.get("/firm/").text
    for view in ("filtered", "sorted", "graded"):
        assert people.visitor("looker" if view == "sorted" else "plain").get(f"/firm/?view={view}").status_code == 200


def test_a_form_shows_what_is_locked_as_text(people: People) -> None:
    for role, shown in (("looker", "hush whisper"), ("masked", "••••sper")):
        eve = people.visitor(role)
        form = eve.get(f"/firm/{people.acme}/edit").text
        assert shown in form and 'name="secret"' not in form and 'name="grade"' not in form and 'name="city"' in form
        assert 'name="secret"' not in eve.get("/firm/new").text
        version = 'name="version" value="1"' in form
        saved = eve.post(f"/firm/{people.acme}/edit", {"version": "1" if version else "2", "city": f"Bergen {role}", "secret": "mine", "grade": "low"})
        assert saved.status_code == 302 or saved.status_code == 303, saved.text[:1000]
    with people.workspace.read() as work:
        record = work.records.get(OPERATOR, "firm", people.acme).values
    assert (record["secret"], record["grade"], record["city"]) == ("hush whisper", "high", "Bergen masked")


def test_a_blind_form_saves_without_touching_what_it_does_not_show(people: People) -> None:
    eve = people.visitor("blind")
    assert eve.post("/firm/new", {"name": "Fresh", "secret": "x"}).status_code in (302, 303)
    eve.post(f"/firm/{people.acme}/edit", {"version": "1", "name": "Acme AG", "secret": "x", "grade": "low"})
    with people.workspace.read() as work:
        record = work.records.get(OPERATOR, "firm", people.acme).values
        fresh = work.records.get(OPERATOR, "firm", people.acme + 2).values
    assert (record["name"], record["secret"], record["grade"], fresh["secret"]) == ("Acme AG", "hush whisper", "high", None)


def test_the_live_form_tells_nothing_of_hidden_fields(people: People) -> None:
    for role in ("blind", "masked"):
        eve = people.visitor(role)
        for path in ("/firm/form", f"/firm/{people.acme}/form"):
            answer = eve.post(path, {"name": "Fixed", "secret": "x", "form.untouched": "secret"})
            assert answer.status_code == 200
            said = answer.get_json()
            text = json.dumps(said, ensure_ascii=False)
            assert "hush" not in text and "twice" not in text
            assert said["fields"]["city"]["locked"] is True
            assert ("secret" in text) is (role == "masked" and path != "/firm/form")


def test_a_conflict_tells_nothing_of_hidden_fields(people: People) -> None:
    for role in ("blind", "masked"):
        eve = people.visitor(role)
        ana = people.visitor(ADMIN)
        with people.workspace.read() as work:
            version = work.records.get(OPERATOR, "firm", people.acme).version
        ana.post(f"/firm/{people.acme}/edit", {"version": str(version), "secret": f"hush {role} now", "city": f"Turin {role}"})
        answer = eve.post(f"/firm/{people.acme}/edit", {"version": str(version), "city": "Kyoto", "secret": "q"})
        assert answer.status_code == 409 and "Kyoto" in answer.text and f"Turin {role}" in answer.text
        assert not [word for word in ("hush", "secret", "Secret") if word in answer.text]


def test_metadata_leaves_out_every_mention(people: People) -> None:
    ida = people.api("blind")

    def documents(kind: str) -> dict[str, Any]:
        return {item["name"]: item for item in ida.get(f"/metadata/{kind}").get_json()["items"]}

    firm = documents("entity")["firm"]["document"]
    assert [item["name"] for item in firm["fields"]] == ["name", "city"] and firm["indexes"] == []
    assert "filtered" not in str(documents("view").keys()) and documents("view")["firm.plain"]["document"]["columns"] == ["name"]
    assert "sum" not in documents("view")["firm.graded"]["document"]
    assert documents("layout")["firm.default"]["document"]["highlights"] == ["city"]
    assert list(documents("rule")) == ["firm.of_two"] and documents("rule")["firm.of_two"]["document"]["fields"] == ["city"]
    labels = documents("translation")["vaulted_de"]["document"]["labels"]
    assert labels == {"entity/firm/fields/city/label": "城市", "entity/firm/label": "公司"}
    for kind in ("role", "sharing_rule", "package", "import_map"):
        assert ida.get(f"/metadata/{kind}").status_code == 404
    assert ida.get("/metadata/view/firm.filtered").status_code == ida.get("/metadata/rule/firm.no_bad").status_code == 404
    assert people.api(ADMIN).get("/metadata/view/firm.filtered").status_code == 200


def test_openapi_says_masks_are_texts_and_locked_fields_read_only(people: People) -> None:
    def schema(role: str) -> dict[str, Any]:
        found: dict[str, Any] = people.api(role).get("/openapi.json").get_json()["components"]["schemas"]["firm"]["properties"]
        return found

    assert not schema("blind").keys() & {"secret", "grade", "worth", "twice", "told"}
    assert schema("masked")["worth"]["readOnly"] is True and "string" in schema("masked")["worth"]["type"] and "enum" not in schema("masked")["grade"]
    assert schema("looker")["secret"]["readOnly"] is True and "readOnly" not in schema("plain")["secret"]


def test_what_get_returns_patch_accepts(people: People) -> None:
    for role in ("blind", "masked", "looker"):
        ida = people.api(role)
        firm = f"/records/firm/{people.acme}"
        answer = ida.patch(firm, json=ida.get(firm).get_json())
        assert answer.status_code == 200, (role, answer.get_json()["errors"])
        assert ida.patch(firm, json={"secret": "other"}).status_code == 422
    assert people.api("plain").get(f"/records/firm/{people.acme}").get_json()["secret"] == "hush whisper"


def test_pickers_offer_only_what_may_be_read(people: People) -> None:
    eve = people.visitor("own")
    assert eve.get("/firm/lookup?q=acme").get_json()["items"] == []
    assert people.visitor("nameless").get("/firm/lookup?q=acme").get_json()["items"] == []
    listed = people.visitor("nameless").get("/firm/lookup").get_json()["items"]
    assert [item["text"] for item in listed] == [f"#{people.acme}", f"#{people.acme + 1}"]


def test_records_without_a_name_are_numbers_everywhere(people: People) -> None:
    eve = people.visitor("nameless")
    for page in ("/", "/firm/", "/firm/{id}", "/firm/{id}/edit", "/firm/{id}/delete", "/deal/", "/deal/1", "/deal/1/edit", "/search?q=oslo", "/palette?q=oslo"):
        answer = eve.get(page.format(id=people.acme))
        assert answer.status_code == 200 and "Acme" not in answer.text, page
