"""The layout editor and the list of layouts, as forms: what each gesture puts into the draft, and what the pages show."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from fieldsmith.base.context import Actor
from fieldsmith.web.app import create_app
from tests.conftest import MakeWorkspace
from tests.databases import SqliteTemplates
from tests.meta.samples import package
from tests.web.conftest import make_person
from tests.web.screens import Visitor, words

SHOP = package(
    "layout_shop",
    {
        "entity": [
            {
                "name": "deal",
                "fields": [{"name": name, "type": "text", "label": name.title()} for name in ("name", "terms", "budget")]
                + [{"name": "stage", "type": "choice", "choices": "stages"}, {"name": "number", "type": "auto_number", "pattern": "D-{000}"}],
            },
            {"name": "memo", "fields": [{"name": "name", "type": "text"}, {"name": "deal", "type": "lookup", "to": "deal", "inverse": "memos"}]},
            {"name": "bare", "fields": [{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}]},
        ],
        "choices": [{"name": "stages", "values": [{"name": "open"}, {"name": "won"}]}],
        "record_type": [{"name": "renewal", "entity": "deal"}],
        "role": [{"name": "seller"}],
        "layout": [
            {
                "name": "default",
                "entity": "deal",
                "sections": [{"name": "main", "fields": ["name", "stage"]}, {"name": "more", "fields": ["terms", "budget", "number"]}],
            },
            {"name": "sellers", "entity": "deal", "roles": ["seller"], "sections": [{"name": "main", "fields": ["name"]}]},
        ],
    },
)
EDITOR = "/studio/entity/deal/layouts/default"
LIST = "/studio/entity/deal/layouts/"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """No database can make these differ."""
    return sqlite_templates


class Editor(Visitor):
    """Ana in front of the editor; she sends what buttons and drags send."""

    actor: Actor
    steps = ""

    def do(self, what: str, address: str = EDITOR, status: int = 200, **values: Any) -> str:
        sent = {"csrf_token": self.token, "do": what, "steps": self.steps, **values}
        answer = self.client.post(address, data=sent, headers={"HX-Request": "true", "HX-Target": "layout-editor"})
        assert answer.status_code == status, answer.text
        found = re.search(r'name="steps" value="([^"]*)"', answer.text)
        assert found is not None
        self.steps = html.unescape(found[1])
        return answer.text

    def drag(self, group: str, item: str, to: str, after: str = "", path: str = EDITOR) -> str:
        return self.do("move", path, group=group, item=item, list=to, after=after)

    def said(self, layout: str = "deal.default") -> list[tuple[str, str]]:
        """The draft's operations on the layout."""
        drafts = self.workspace.changesets.listed(self.actor)
        edits = self.workspace.changesets.get(self.actor, drafts[0].id).edits if drafts else None
        edit = (edits or {}).get(("layout", layout))
        return [(item.op, item.path) for item in edit.operations] if edit is not None else []


@pytest.fixture
def editor(make_workspace: MakeWorkspace) -> Editor:
    workspace = make_workspace("core", SHOP)
    person = make_person(workspace, "Ana", "administrator")
    made = Editor(create_app(workspace), workspace, person)
    made.actor = person.actor
    return made


def listed(page: str, list_name: str) -> list[str]:
    """The items of one list on the canvas."""
    found = re.search(rf'<ul[^>]*data-list="{list_name}"[^>]*>(.*?)</ul>', page, re.S)
    assert found is not None, list_name
    return re.findall(r'data-item="(\w+)"', found[1])


def test_the_canvas_shows_the_real_inputs_and_the_unused_fields(editor: Editor) -> None:
    page = editor.get(EDITOR).text
    assert (listed(page, "sections/main"), listed(page, "sections/more")) == (["name", "stage"], ["terms", "budget", "number"])
    assert '<div class="canvas-widget" inert>' in page and '<select id="stage"' in page and '<output class="computed" id="number"' in page
    assert "owner" in listed(page, "palette") and "record_type" in listed(page, "palette")


def test_visitors_and_clerks_do_not_get_in(editor: Editor) -> None:
    clerk = Visitor(editor.client.application, editor.workspace, make_person(editor.workspace, "Ben", "user"))
    assert clerk.get(EDITOR).status_code == 403


GESTURES: list[tuple[str, dict[str, str], list[tuple[str, str]]]] = [
    ("move", {"group": "fields", "item": "stage", "list": "sections/main", "after": ""}, [("move", "/sections/main/fields/stage")]),
    (
        "move",
        {"group": "fields", "item": "terms", "list": "sections/main", "after": "name"},
        [("hide", "/sections/more/fields/terms"), ("add", "/sections/main/fields/terms")],
    ),
    ("move", {"group": "fields", "item": "terms", "list": "palette"}, [("hide", "/sections/more/fields/terms")]),
    ("move", {"group": "sections", "item": "more", "list": "tab/", "after": ""}, [("move", "/sections/more")]),
    ("up fields/stage", {}, [("move", "/sections/main/fields/stage")]),
    ("remove sections/more", {}, [("hide", "/sections/more")]),
    ("add-section", {}, [("add", "/sections/section")]),
    ("add-tab", {}, [("add", "/tabs/details"), ("add", "/tabs/tab")]),
    ("add-related", {"related": "memo.deal"}, [("add", "/related/memos")]),
    ("add-component text", {}, [("add", "/components/text")]),
    ("highlight stage", {}, [("add", "/highlights/stage")]),
    ("rename sections/main", {"label": "Facts"}, [("add", "/sections/main/label")]),
    (
        "set sections/main",
        {"label": "Main", "columns": "3", "visible": "stage = 'won'"},
        [("add", "/sections/main/columns"), ("add", "/sections/main/visible")],
    ),
    ("set layout", {"label": "Standard layout", "label_was": "Standard layout", "path": "stage"}, [("add", "/path")]),
    ("move", {"group": "fields", "item": "nothing", "list": "sections/main"}, []),
    ("move", {"group": "fields", "item": "stage", "list": "sections/gone"}, []),
    ("remove sections/gone", {}, []),
    ("explode", {}, []),
]


@pytest.mark.parametrize(("do", "values", "expected"), GESTURES, ids=[f"{case[0]} {' '.join(case[1].values())}".strip() for case in GESTURES])
def test_gestures_are_few_operations(editor: Editor, do: str, values: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    editor.do(do, **values)
    assert editor.said() == expected


def test_the_answer_shows_the_new_arrangement_and_the_draft_bar(editor: Editor) -> None:
    page = editor.drag("fields", "budget", "sections/main", "name")
    assert listed(page, "sections/main") == ["name", "budget", "stage"]
    assert 'hx-swap-oob="outerHTML:.draft-bar"' in page


def test_undo_and_redo_walk_through_the_session(editor: Editor) -> None:
    editor.drag("fields", "budget", "sections/main", "name")
    editor.do("rename sections/main", label="Facts")
    editor.do("rename sections/main", label="All facts")
    assert '"All facts"' in editor.do("redo")
    assert '"Facts"' in editor.do("undo")
    editor.do("undo")
    assert editor.said() == [("hide", "/sections/more/fields/budget"), ("add", "/sections/main/fields/budget")]
    assert (listed(editor.do("undo"), "sections/main"), editor.said()) == (["name", "stage"], [])
    assert listed(editor.do("redo"), "sections/main") == ["name", "budget", "stage"]


def test_steps_that_no_longer_fit_are_forgotten(editor: Editor) -> None:
    editor.drag("fields", "budget", "sections/main", "name")
    stale = editor.steps
    editor.do("rename sections/main", label="Facts")
    editor.steps = stale
    assert 'data-undo title="Undo (Ctrl Z)" aria-label="Undo" disabled' in editor.do("undo")
    assert len(editor.said()) == 3


@pytest.mark.parametrize("text", ["[]", "{", '{"back": [[1, -1, [], 0]], "forth": []}', json.dumps({"back": [["a"]], "forth": []})])
def test_nonsense_for_steps_is_no_steps(editor: Editor, text: str) -> None:
    editor.steps = text
    editor.do("undo")
    assert editor.said() == []


def test_a_wrong_condition_is_told_beside_it_and_kept_out_of_the_draft(editor: Editor) -> None:
    page = editor.do("set sections/main", status=422, label="Main", visible="stag = 'won'", at="sections/main")
    assert "Unknown field" in words(page) and "stag = &#39;won&#39;" in page
    assert editor.said() == []


def test_without_scripts_buttons_lead_back_to_the_editor(editor: Editor) -> None:
    answer = editor.post(EDITOR, {"do": "add-section"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{EDITOR}?at=sections/section")


PANELS = ["", "fields/terms", "sections/main", "fields/owner", "tabs/nothing", "related/nothing"]


@pytest.mark.parametrize("at", PANELS)
def test_the_side_panel_alone(editor: Editor, at: str) -> None:
    answer = editor.get(f"{EDITOR}?at={at}", HX_Request="true", HX_Target="layout-panel")
    assert answer.status_code == 200 and answer.text.count('id="layout-panel"') == 1 and "layout-canvas" not in answer.text


def test_related_lists_choose_columns_order_and_tab(editor: Editor) -> None:
    editor.do("add-tab")
    editor.do("add-related", related="memo.deal")
    page = editor.do("set related/memos", label="Notes", columns=["name", "owner"], sort="-name", tab="tab", visible="")
    assert editor.said()[-1] == ("add", "/related/memos/tab") and "Notes" in listed_part(page, "related", "tab")


def listed_part(page: str, key: str, tab: str) -> str:
    return words(page.partition(f'id="{key}-of-{tab}"')[2].partition("</ul>")[0])


def test_an_entity_without_a_layout_gets_its_own_with_the_first_gesture(editor: Editor) -> None:
    path = "/studio/entity/bare/layouts/default"
    page = editor.drag("fields", "size", "sections/main", "", path)
    assert listed(page, "sections/main") == ["size", "name"]
    assert listed(editor.do("undo", path), "sections/main") == ["name", "size"]
    assert editor.said("bare.default") == []


def test_the_list_is_in_the_order_layouts_are_asked(editor: Editor) -> None:
    made = editor.post(LIST, {"label": "Renewals", "copy": "default", "record_types": "renewal"})
    assert made.headers["Location"] == f"{LIST}renewals"
    page = editor.get(LIST).text
    assert re.findall(r'/layouts/(\w+)">', page) == ["renewals", "sellers", "default"]
    assert listed(editor.get(f"{LIST}renewals").text, "sections/main") == ["name", "stage"]


def test_a_layout_needs_a_name(editor: Editor) -> None:
    answer = editor.post(LIST, {"label": " ", "copy": "default"})
    assert (answer.status_code, "Say what people shall call the layout." in answer.text) == (422, True)


def test_layouts_of_packages_are_put_out_of_use_and_reset(editor: Editor) -> None:
    editor.post(f"{LIST}sellers/active", {"active": ""})
    assert "not in use" in words(editor.get(LIST))
    editor.post(f"{LIST}sellers/reset", {})
    assert "not in use" not in words(editor.get(LIST))
    assert editor.post(f"{LIST}sellers/remove", {}).status_code == 422


def test_layouts_of_ones_own_are_removed(editor: Editor) -> None:
    editor.post(LIST, {"label": "Renewals", "copy": "default", "record_types": "renewal"})
    assert "Remove the layout “Renewals”?" in words(editor.get(f"{LIST}renewals/remove"))
    editor.post(f"{LIST}renewals/remove", {})
    assert "Renewals" not in words(editor.get(LIST)).partition("goes with")[2]
    assert editor.get(f"{LIST}default/remove").status_code == 404


def test_the_preview_frames_the_draft_with_a_real_record(editor: Editor) -> None:
    editor.make("deal", name="Acme", terms="net 30", record_type="renewal")
    editor.drag("fields", "terms", "sections/main", "")
    around = editor.get(f"{EDITOR}/preview?as=form&width=phone")
    assert "frame-src 'self'" in around.headers["Content-Security-Policy"] and 'src="' + EDITOR + '/frame?as=form"' in around.text
    for kind in ("record", "form"):
        page = editor.get(f"{EDITOR}/frame?as={kind}")
        assert page.headers["X-Frame-Options"] == "SAMEORIGIN" and "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
        assert 0 < page.text.index("net 30") < page.text.index("Acme", page.text.index("net 30"))


def test_a_renamed_field_is_renamed_on_layouts_and_in_their_conditions(editor: Editor) -> None:
    editor.drag("fields", "terms", "sections/main", "")
    service, id = editor.workspace.changesets, editor.workspace.changesets.listed(editor.actor)[0].id
    service.change(editor.actor, id, "entity", "deal", {"operations": [{"op": "add", "path": "/fields/extra", "value": {"type": "text"}}]})
    editor.steps = ""
    editor.drag("fields", "extra", "sections/main", "name")
    editor.do("set sections/more", label="More", visible="extra = 'x'")
    service.change(editor.actor, id, "entity", "deal", {"operations": [{"op": "rename", "path": "/fields/extra", "value": "surplus"}]})
    bench = service.look(editor.actor, id)
    main, more = bench.documents["layout", "deal.default"].body["sections"]
    assert (bench.problems, main["fields"], more["visible"]) == ((), ["terms", "name", "surplus", "stage"], "surplus = 'x'")
