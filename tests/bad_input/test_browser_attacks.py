"""Items 33 to 35 with a corpus of known vectors: through every door in, on every page out, and in rows written past us."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from fieldsmith.base.context import OPERATOR
from fieldsmith.fields.base import Invalid
from fieldsmith.fields.registry import field_types
from fieldsmith.fields.text import sanitised
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.bad_input.vectors import VECTORS, Eyes
from tests.bulk.loading import Files
from tests.databases import SqliteTemplates
from tests.desk import Desk
from tests.fields.sample import field_of, scope
from tests.tiny import TINY
from tests.web.conftest import V1, make_person
from tests.web.screens import Visitor

ALLOWED_TAGS = {
    *("a", "b", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre", "s", "strong", "sub", "sup"),
    *("table", "tbody", "td", "th", "thead", "tr", "u", "ul"),
}
ALLOWED_ATTRIBUTES = {"href", "title", "rel", "colspan", "rowspan", "start"}
KEPT = tuple(vector for vector in VECTORS if vector.isprintable() or "\n" in vector)
STORED = tuple(vector for vector in KEPT if "\x00" not in vector and len(vector) <= 255)


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def visitor(make_workspace: Callable[..., Workspace]) -> Visitor:
    workspace = make_workspace("core", "crm", TINY)
    app: Flask = create_app(workspace)
    return Visitor(app, workspace, make_person(workspace, "Ana", "administrator", email="ana@example.com"))


def clean(page: str) -> Eyes:
    seen = Eyes(page)
    assert not seen.faults, seen.faults[:3]
    return seen


class Parts(Eyes):
    """The tags and attributes of a piece of HTML."""

    def __init__(self, piece: str) -> None:
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        super().__init__(piece)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
        super().handle_starttag(tag, attrs)


def test_the_corpus_is_large() -> None:
    assert len(VECTORS) > 150 and len(STORED) > 120


@pytest.mark.parametrize("vector", VECTORS)
def test_rich_text_keeps_only_what_the_list_allows(vector: str) -> None:
    for source in (
        vector,
        f"<p>{vector}</p>",
        f"<a href='https://example.com' title='{vector}'>{vector}</a>",
        f"<table><tr><td>{vector}",
        html.unescape(vector),
    ):
        once = sanitised(source)
        seen = Parts(once)
        assert seen.tags <= ALLOWED_TAGS and set(seen.attributes) <= ALLOWED_ATTRIBUTES, once
        assert all(
            address.startswith(("http:", "https:", "mailto:", "tel:", "/", "#", "x")) or ":" not in address for address in seen.attributes.get("href", ())
        )
        assert seen.attributes.get("rel", []) == ["noopener noreferrer"] * once.count("<a "), once
        assert sanitised(once) == once


@pytest.mark.parametrize("vector", VECTORS)
def test_an_address_that_is_a_vector_is_refused_or_inert(vector: str) -> None:
    kind = field_types()["url"]
    try:
        kept = kind.coercer(field_of("url"), scope())(vector)
    except Invalid:
        return
    assert kept is None or kept.startswith(("http://", "https://"))


def made_by_api(visitor: Visitor) -> list[int]:
    ids: list[int] = []
    for vector in STORED:
        body = {"text": vector, "long_text": vector, "rich_text": f"<p>{vector}</p>", "json": {vector: [vector]}, "external_id": str(len(ids))}
        answer = visitor.client.post(V1 + "/records/thing", json=body, headers={"X-CSRF-Token": visitor.token})
        assert answer.status_code == 201 and answer.mimetype == "application/json", answer.text
        ids.append(answer.get_json()["id"])
    return ids


def changed_by_api(visitor: Visitor) -> list[int]:
    id = visitor.make("thing", text="before", long_text="before", rich_text="<p>before</p>")
    for vector in STORED:
        body = {"text": vector, "long_text": vector, "rich_text": vector}
        assert visitor.client.patch(f"{V1}/records/thing/{id}", json=body, headers={"X-CSRF-Token": visitor.token}).status_code == 200
    return [id]


def made_by_form(visitor: Visitor) -> list[int]:
    ids: list[int] = []
    for vector in STORED[::4]:
        saved = visitor.post("/thing/new", {"text": vector, "long_text": vector, "rich_text": vector})
        assert saved.status_code == 303, vector
        ids.append(int(saved.headers["Location"].rpartition("/")[2]))
    return ids


def imported(visitor: Visitor, folder: Path) -> list[int]:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["text", "long_text", "rich_text"])
    writer.writerows([[vector, vector, f"<p>{vector}</p>"] for vector in STORED])
    outcome = Files(Desk(visitor.workspace), folder).load("thing", out.getvalue())
    assert (outcome.created, outcome.refused) == (len(STORED), 0)
    return list(range(1, len(STORED) + 1))


def stored_rich(visitor: Visitor) -> list[str]:
    with visitor.workspace.read() as work:
        return [row["rich_text"] for row in (work.records.get(OPERATOR, "thing", id).values for id in _ids(visitor)) if row["rich_text"]]


def _ids(visitor: Visitor) -> list[int]:
    with visitor.workspace.read() as work:
        return list(work.connection.execute(sa.select(work.schema.table("thing").c.id)).scalars())


@pytest.mark.parametrize("door", ["api", "change", "form", "import"])
def test_what_comes_in_by_any_door_is_clean_and_shown_as_text(visitor: Visitor, tmp_path: Path, door: str) -> None:
    doors: dict[str, Callable[[], list[int]]] = {
        "api": lambda: made_by_api(visitor),
        "change": lambda: changed_by_api(visitor),
        "form": lambda: made_by_form(visitor),
        "import": lambda: imported(visitor, tmp_path),
    }
    ids = doors[door]()
    for piece in stored_rich(visitor):
        assert sanitised(piece) == piece and not Parts(piece).tags - ALLOWED_TAGS
    columns = "text,long_text,rich_text,person_name,json,external_id"
    for path in (f"/thing/?columns={columns}&limit=200", "/search?q=evil", "/thing/?search=evil", "/", f"/thing/?columns={columns}&sort=-text&limit=200"):
        clean(visitor.get(path).text)
    for id in ids[:: max(1, len(ids) // 12)]:
        for path in (f"/thing/{id}", f"/thing/{id}/edit", f"/thing/{id}/history", f"/thing/{id}/delete"):
            clean(visitor.get(path).text)
            clean(visitor.get(path, HX_Request="true", HX_Target="page").text)


def test_rows_written_past_us_are_shown_clean(visitor: Visitor) -> None:
    id = visitor.make("thing", text="A", rich_text="<p>B</p>")
    with visitor.workspace.read() as work:
        table, column = work.schema.table("thing"), work.schema.columns(work.model.entities["thing"].fields["rich_text"])[0]
    for vector in VECTORS:
        with visitor.workspace.database.write() as connection:
            connection.execute(sa.update(table).where(table.c.id == id).values({column: f"<p>kept</p>{vector}"}))
        seen = clean(visitor.get(f"/thing/{id}").text)
        assert "kept" in seen.text
    clean(visitor.get("/thing/?columns=rich_text").text)
    clean(visitor.get(f"/thing/{id}/edit").text)
    clean(visitor.get(f"/thing/{id}/history").text)


def test_refusals_and_notices_say_vectors_as_text(visitor: Visitor) -> None:
    for vector in STORED[::3]:
        refused = visitor.post(
            "/thing/new", {"text": vector, "email": vector, "url": vector, "integer": vector, "date": vector, "choice": vector, "lookup": vector}
        )
        assert refused.status_code == 422
        clean(refused.text)
        api = visitor.client.post(V1 + "/records/thing", json={vector: vector, "email": vector}, headers={"X-CSRF-Token": visitor.token})
        assert api.status_code == 422 and api.mimetype == "application/problem+json"
        for place in ("/thing/", "/search"):
            asked: Any = {"q": vector, "sort": vector, "columns": vector, "filter": vector, "view": vector}
            clean(visitor.client.get(place, query_string=asked).text)
    gone = visitor.make("thing", text=STORED[0])
    told = visitor.client.post(f"/thing/{gone}/delete", data={"csrf_token": visitor.token}, follow_redirects=True)
    assert told.status_code == 200
    clean(told.text)


def test_exports_give_back_what_is_stored_and_no_formula(visitor: Visitor, tmp_path: Path) -> None:
    formulas = ["=cmd|' /C calc'!A0", "+evil()", "-1+evil()", "@evil", "\tx", " =evil()", '=HYPERLINK("//evil.example")']
    desk = Desk(visitor.workspace)
    for vector in (*STORED, *formulas):
        desk.make("thing", text=vector, long_text=vector, rich_text=f"<p>{vector}</p>")
    rows = list(csv.reader(io.StringIO(Files(desk, tmp_path).export("thing", "text", "long_text", "rich_text"))))[1:]
    assert len(rows) == len(STORED) + len(formulas)
    for row in rows:
        assert not row[0].lstrip().startswith(("=", "+", "-", "@")) and not row[1].lstrip().startswith(("=", "+", "-", "@"))
        assert not Parts(row[2]).tags - ALLOWED_TAGS and not Parts(row[2]).faults
