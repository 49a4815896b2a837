"""A trial: one world in one workspace, asked through the site as its people. Every answer is searched for what should not be in it."""

from __future__ import annotations

import gc
import re
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldsmith.identity import sessions
from fieldsmith.identity.passwords import Passwords
from fieldsmith.web.app import create_app
from fieldsmith.web.auth import SESSION_COOKIE
from fieldsmith.web.current import EXTENSION, Served
from fieldsmith.workspace import Workspace
from tests.access.oracle import Oracle
from tests.access.worlds import Row, Soul, World
from tests.access.worlds_fill import fill
from tests.unchanged import watch

V1 = "/api/v1"
SHOWN = ("read", "edit")
_MARKER = re.compile(r"mk\d{6}z|7310000\d{3}")
_PARTS = "name|code|note|amount|size|twice|firmnote|firm|deals|deal|file|badges|about"
_NAME = re.compile(rf"\bq(firm|deal|part|badge|slip)s?(?:[_ ]({_PARTS}))?\b", re.IGNORECASE)
_BETWEEN_CLEARINGS = 10  # worlds
SYSTEM_FIELDS = ("id", "owner", "created_at", "created_by", "modified_at", "modified_by", "version")


class Sites:
    """One app for world after world: its routes and templates are compiled once, all that belongs to a workspace is new for each."""

    def __init__(self) -> None:
        self._app: Flask | None = None
        self._worlds = 0

    def serve(self, workspace: Workspace) -> Flask:
        """The app, serving `workspace` and nothing of the one before."""
        if self._app is None:
            self._app = create_app(workspace)
        else:
            self._app.extensions[EXTENSION] = Served(workspace, Passwords(workspace.settings))
        watch(self._app, workspace)
        self._worlds += 1
        if self._worlds % _BETWEEN_CLEARINGS == 0:  # imports keep what is there from ever being collected, and that is all of a world
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        return self._app


class Trial:
    """`trial.ask(soul, "get", "/api/v1/records/qfirm")` → the answer, seen not to tell what `soul` may not know."""

    def __init__(self, sites: Sites, workspace: Workspace, world: World, structure: int) -> None:
        fill(workspace, world, structure)
        self.workspace = workspace
        self.world = world
        self.oracle = Oracle(world)
        self.app = sites.serve(workspace)
        self.log: list[str] = []
        self._browsers: dict[str, tuple[FlaskClient, str]] = {}
        self._allowed: dict[str, frozenset[str]] = {}
        self._roles: set[tuple[str, ...]] = set()

    @property
    def people(self) -> list[Soul]:
        """Who can sign in."""
        return [soul for soul in self.world.souls if soul.active and soul.kind == "person"]

    def ask(self, soul: Soul, method: str, path: str, **more: Any) -> Any:
        """By token. A `TestResponse`; its `json` may be anything."""
        answer = self.app.test_client().open(path, method=method.upper(), headers={"Authorization": f"Bearer {soul.token}"}, buffered=True, **more)
        self._judge(soul, method, path, more, answer)
        return answer

    def visit(self, soul: Soul, path: str, form: Mapping[str, Any] | None = None) -> Any:
        """By session; with `form`, posted with its token."""
        client, token = self._browser(soul)
        data = None if form is None else {"csrf_token": token, **form}
        answer = client.open(path, method="GET" if form is None else "POST", data=data, buffered=True)
        self._judge(soul, "visit", path, {"data": form}, answer)
        return answer

    def changed(self) -> None:
        """The world is another now: forget what was worked out of it."""
        self._allowed.clear()

    def first_with(self, roles: tuple[str, ...]) -> bool:
        """Is nobody with just these roles asked for before? Pages without records are the same for all who hold them."""
        known = roles in self._roles
        self._roles.add(roles)
        return not known

    def find(self, entity: str, id: int) -> Row | None:
        return next((row for row in self.world.rows if row.entity == entity and row.id == id), None)

    def told(self, soul: Soul, said: str, text: str) -> None:
        """Fails when `text`, an answer to `said`, holds a value or name that `soul` may not know and did not say."""
        known = self._allowed.get(soul.name)
        if known is None:
            known = self._allowed[soul.name] = self._markers(soul)
        found = set(_MARKER.findall(text.replace(",", ""))) - known - set(_MARKER.findall(said))
        assert not found, self.story(soul, f"tells {self._whose(found)}", text, next(iter(found)))
        spoken = {match.lower() for match in map(_joined, _NAME.finditer(said))}
        for match in _NAME.finditer(text):
            name = _joined(match).lower()
            if name not in spoken and not self._names(soul, match):
                raise AssertionError(self.story(soul, f"names {name}", text, match.group()))

    def story(self, soul: Soul, what: str, text: str = "", around: str = "") -> str:
        at = text.find(around) if around else 0
        shown = text[max(at - 300, 0) : at + 300]
        return f"seed {self.world.seed}: {soul.name} {soul.roles}: {self.log[-1] if self.log else ''} {what}\n{shown}"

    def _judge(self, soul: Soul, method: str, path: str, more: Mapping[str, Any], answer: TestResponse) -> None:
        self.log.append(f"{method} {path} {more or ''} → {answer.status_code}")
        text = answer.get_data().decode("utf-8", "replace")
        assert answer.status_code < 500, self.story(soul, "broke", text)
        self.told(soul, f"{path} {more}", text + " ".join(value for name, value in answer.headers if name in ("Location", "Content-Disposition")))

    def _browser(self, soul: Soul) -> tuple[FlaskClient, str]:
        if soul.name not in self._browsers:
            client = self.app.test_client()
            client.set_cookie(SESSION_COOKIE, self.workspace.write(lambda work: sessions.begin(work.connection, work.now, soul.id, 1, "127.0.0.1", "test")))
            page = client.get("/search").text
            self._browsers[soul.name] = client, page.partition('name="csrf-token" content="')[2].partition('"')[0]
        return self._browsers[soul.name]

    def _markers(self, soul: Soul) -> frozenset[str]:
        seen = (row for row in self.world.rows if self.oracle.sees(soul, row))
        return frozenset(
            str(marker) for row in seen for name, marker in (*self.world.values(row), *row.former) if self.oracle.field(soul, row.entity, name) in SHOWN
        )

    def _whose(self, markers: set[str]) -> list[str]:
        owners = {str(marker): f"{row.entity} {row.id} {name}" for row in self.world.rows for name, marker in (*self.world.values(row), *row.former)}
        return sorted(f"{marker} of {owners.get(marker, '?')}" for marker in markers)

    def _names(self, soul: Soul, match: re.Match[str]) -> bool:
        entity, part = f"q{match[1].lower()}", match[2]
        if entity not in self.world.entities or not self.oracle.reads(soul, entity):
            return part is None and self.oracle.hears_of(soul, entity)
        return part is None or self.oracle.field(soul, entity, f"{entity}_{part.lower()}") != "none"


def _joined(match: re.Match[str]) -> str:
    return f"q{match[1]}_{match[2]}" if match[2] else f"q{match[1]}"
