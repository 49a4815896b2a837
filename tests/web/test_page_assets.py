"""Styles, scripts, icons and the accent: hashed, compressed, cached for ever, and readable."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.web import assets
from fieldsmith.web.assets import Assets
from fieldsmith.web.theme import READABLE, contrast, theme_sheet
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates, Templates

UI = Path(str(files("fieldsmith.ui")))
BUILT = Assets.load(UI / "dist")
KB = 1024


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    return sqlite_templates


@pytest.mark.parametrize("name", ["app.css", "app.js", "icons.svg"])
@pytest.mark.parametrize(("accepted", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("gzip;q=0", None), ("", None)])
def test_files_come_compressed_as_the_browser_takes_them(client: FlaskClient, name: str, accepted: str, encoding: str | None) -> None:
    answer = client.get(BUILT.url(name), headers={"Accept-Encoding": accepted})
    assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, encoding)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("name", ["nosuch.css", "manifest.json", "..%2Fpackage.json", "%2e%2e/build.mjs", "app.css", "x%00.css"])
def test_nothing_but_built_files_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_the_first_page_is_small(client: FlaskClient) -> None:
    sent = sum((BUILT.folder / f"{BUILT.names[name]}.gz").stat().st_size for name in ("app.css", "app.js", "icons.svg"))
    page = client.get("/login", headers={"Accept-Encoding": "gzip"})
    assert sent + len(page.data) < 120 * KB


def test_missing_styles_are_named_with_their_cure(workspace: Workspace, tmp_path: Path, app: Flask) -> None:
    bare = Flask("bare", static_folder=None)
    assets.register(bare, tmp_path)
    app.extensions["fieldsmith.assets"] = bare.extensions["fieldsmith.assets"]
    answer = app.test_client().get("/login")
    assert answer.status_code == 503
    assert "make install" in answer.text


def test_every_icon_named_in_templates_is_in_the_sprite() -> None:
    named = {name for path in (UI / "templates").rglob("*.html") for name in re.findall(r'\bicon\(\s*"([a-z0-9-]+)"', path.read_text("utf-8"))}
    assert named <= BUILT.icons


def test_every_icon_of_shipped_metadata_is_in_the_sprite(workspace: Workspace) -> None:
    model = workspace.runtime().model
    named = {item.icon for items in (model.entities, model.tabs, model.apps) for item in items.values()}
    assert named <= BUILT.icons


def test_an_unknown_icon_gives_the_stand_in() -> None:
    assert "#circle" in BUILT.icon("no-such-icon")
    assert "<script" not in BUILT.icon('"><script>', '"><script>')


@pytest.mark.parametrize("accent", ["#2f5bea", "#ffe600", "#000000", "#ffffff", "#e11d48", "#22c55e"])
def test_accent_text_is_readable_in_light_and_dark(accent: str) -> None:
    colours = [tuple(bytes.fromhex(item)) for item in re.findall(r"#([0-9a-f]{6})", theme_sheet(accent))]
    base, on, light, dark, soft_light, soft_dark = colours
    assert contrast(light, soft_light) >= READABLE and contrast(dark, soft_dark) >= READABLE  # type: ignore[arg-type]
    assert contrast(on, base) >= READABLE  # type: ignore[arg-type]
    assert contrast(light, (255, 255, 255)) >= READABLE and contrast(light, (244, 245, 247)) >= READABLE  # type: ignore[arg-type]
    assert contrast(dark, (26, 29, 35)) >= READABLE and contrast(dark, (34, 38, 46)) >= READABLE  # type: ignore[arg-type]


@pytest.mark.parametrize("accent", ["red", "#fff", "#12345g", "}body{display:none", ""])
def test_an_accent_that_is_no_colour_gives_the_default(accent: str) -> None:
    assert theme_sheet(accent) == theme_sheet("#2f5bea")


TINT = re.compile(r"\.(tint-?\w*).*?ground: light-dark\(#(\w+), #(\w+)\); --tint-ink: light-dark\(#(\w+), #(\w+)\)")
TINTS = TINT.findall((UI / "css" / "tokens.css").read_text("utf-8"))


@pytest.mark.parametrize("tint", TINTS, ids=lambda tint: tint[0])
def test_tints_are_readable_in_light_and_dark(tint: tuple[str, str, str, str, str]) -> None:
    light, dark, light_ink, dark_ink = (tuple(bytes.fromhex(item)) for item in tint[1:])
    assert contrast(light, light_ink) >= READABLE and contrast(dark, dark_ink) >= READABLE  # type: ignore[arg-type]


def test_every_colour_a_choice_may_have_has_a_tint(workspace: Workspace) -> None:
    used = {value.colour for choices in workspace.runtime().model.choices.values() for value in choices.values.values() if value.colour}
    styles = (UI / "css" / "tokens.css").read_text("utf-8")
    assert {colour for colour in used if f".tint-{colour}" not in styles} == set()


def test_only_the_tokens_name_colours() -> None:
    named = re.compile(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(", re.IGNORECASE)
    wrong = [
        f"{path.name}: {line.strip()}"
        for path in sorted((UI / "css").glob("*.css"))
        if path.name != "tokens.css"
        for line in path.read_text("utf-8").splitlines()
        if named.search(line)
    ]
    assert wrong == []
