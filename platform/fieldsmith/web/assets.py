"""Styles, scripts and icons as `ui/build.mjs` made them: names with a hash of the content, served for ever, compressed beforehand.

`page` asks for addresses and icons; browsers ask `/static/…`. Nothing is built here: a missing `ui/dist` is named with its cure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import cast

from flask import Flask, Response, current_app, redirect, request
from markupsafe import Markup

from fieldsmith.base.errors import NotFound, Unavailable
from fieldsmith.base.text import _m
from fieldsmith.web import current
from fieldsmith.web.theme import theme_sheet

_EXTENSION = "fieldsmith.assets"
_FOR_EVER = "public, max-age=31536000, immutable"
_STAND_IN = "circle"
_TYPES = MappingProxyType({".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"})
_COPIES = MappingProxyType({"br": ".br", "gzip": ".gz"})  # best first; the build makes both of every file


@dataclass(frozen=True, slots=True)
class Assets:
    """What was built: `names` from plain to hashed file name, `icons` in the sprite; both empty where nothing was built."""

    folder: Path
    names: Mapping[str, str] = field(default_factory=dict)
    icons: frozenset[str] = frozenset()

    @classmethod
    def load(cls, folder: Path) -> Assets:
        """Read the manifest of `folder`; a missing one gives assets without names."""
        try:
            manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        except FileNotFoundError:
            return cls(folder)
        return cls(folder, manifest["files"], frozenset(manifest["icons"]))

    @property
    def version(self) -> str:
        """Changes with every build."""
        return "".join(self.names.values())

    def url(self, name: str) -> str:
        """The address of `app.css`, `app.js`, …. Raises `Unavailable` with the cure when nothing was built."""
        found = self.names.get(name)
        if found is None:
            raise Unavailable(_m("The styles and scripts of the pages are missing. Run “make install”, then start the server again."))
        return f"/static/{found}"

    def icon(self, name: str, classes: str = "") -> Markup:
        """An icon of the sprite, hidden from screen readers: put a word or an aria-label beside it. Unknown names give a circle."""
        known = name if name in self.icons else _STAND_IN
        return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>').format(f"icon {classes}".rstrip(), self.url("icons.svg"), known)


def assets() -> Assets:
    """Those of the app at hand."""
    return cast(Assets, current_app.extensions[_EXTENSION])


def register(app: Flask, folder: Path | None = None) -> None:
    """Serve `/static/…` from `folder`, by default what was built into the package."""
    app.extensions[_EXTENSION] = Assets.load(folder or Path(str(files("fieldsmith.ui"))) / "dist")
    app.add_url_rule("/static/theme.css", "static_theme", _theme)
    app.add_url_rule("/static/<name>", "static_file", _file)
    app.add_url_rule("/favicon.ico", "favicon", _favicon)


def _theme() -> Response:
    return _lasting(Response(theme_sheet(current.model().company.accent), content_type="text/css; charset=utf-8"))


def _file(name: str) -> Response:
    found = assets()
    ending = Path(name).suffix
    if ending not in _TYPES or not (found.folder / name).is_file():
        raise NotFound(_m("There is nothing at this address."))
    encoding = next((token for token in _COPIES if request.accept_encodings.quality(token) > 0), None)
    stored = found.folder / f"{name}{_COPIES[encoding] if encoding else ''}"
    answer = Response(stored.read_bytes(), content_type=f"{_TYPES[ending]}; charset=utf-8")
    if encoding:
        answer.headers["Content-Encoding"] = encoding
    answer.headers["Vary"] = "Accept-Encoding"
    return _lasting(answer)


def _lasting(answer: Response) -> Response:
    answer.headers["Cache-Control"] = _FOR_EVER
    return answer


def _favicon() -> Response:
    return redirect(assets().url("favicon.svg"))  # type: ignore[return-value]
