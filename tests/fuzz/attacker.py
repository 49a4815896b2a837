"""`Attacker`: random requests to every route of an app, by address, query, headers and body. Used by `test_random_requests.py`."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote

from flask import Flask
from werkzeug.routing import Rule

from fieldsmith.meta.model import Model
from tests.fuzz.odd import BODIES, FILE_NAMES, HEADERS, IDS, NAMES, TEXTS, VALUES
from tests.tiny import FILLED

METHODS = ("GET", "GET", "GET", "POST", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")
PARAMETERS = (
    "sort",
    "columns",
    "limit",
    "after",
    "count",
    "q",
    "view",
    "search",
    "filter",
    "user",
    "undo",
    "deleted",
    "lang",
    "next",
    "token",
    "field",
    "name",
)
_FORM_FIELDS = (
    "csrf_token",
    "version",
    "then",
    "value",
    "field",
    "name",
    "password",
    "token",
    "theme",
    "app",
    "language",
    "next",
    "scope",
    "days",
    "demo",
    "keep.name",
)


@dataclass
class Attack:
    """One request, as the test client takes it."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)  # `data`, `content_type`

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{self.query} {self.headers} {self.body}"[:3_000]


class Attacker:
    """The same requests for the same `random`."""

    def __init__(self, app: Flask, model: Model, random: Random, csrf: str = "") -> None:
        self._rules = [rule for rule in app.url_map.iter_rules() if rule.rule != "/logout"]  # who signs out attacks no more
        self._model = model
        self._random = random
        self._csrf = csrf
        self._entities = ("account", "contact", "opportunity", "user", "activity", "thing", "box", "part", "vault")

    def attack(self) -> Attack:
        """The next request."""
        pick = self._random
        rule = pick.choice(self._rules)
        entity = pick.choice(self._entities)
        own = sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
        method = pick.choice(own) if own and pick.random() < 0.85 else pick.choice(METHODS)
        made = Attack(method, self._path(rule, entity), self._query() if pick.random() < 0.5 else "")
        if pick.random() < 0.4:
            made.headers.update(pick.choice(HEADERS))
        if method not in ("GET", "HEAD", "OPTIONS", "TRACE"):
            api = rule.rule.startswith("/api")
            made.body = self._json(entity) if api == (pick.random() < 0.95) else self._form(entity)
        return made

    def _path(self, rule: Rule, entity: str) -> str:
        pick, path = self._random, rule.rule
        for name in rule.arguments:
            number = name in ("id", "file", "token_id")
            usual = {"entity": entity, "kind": "entity", "name": entity, "field": "external_id", "action": "restore", "value": "A-7"}
            odd = pick.random() < 0.25
            value = pick.choice(IDS if number else NAMES) if odd else pick.choice("123") if number else usual.get(name, "x")
            start = path.index("<")
            while path[start:].split(">", 1)[0].rpartition(":")[2].strip("<") != name:
                start = path.index("<", start + 1)
            path = path[:start] + value + path[path.index(">", start) + 1 :]
        return path

    def _query(self) -> str:
        pick = self._random
        pairs = [(pick.choice(PARAMETERS), self._text()) for _ in range(pick.choice((1, 1, 1, 2, 3, 30)))]
        return "&".join(f"{name}={quote(text.encode('utf-8', 'surrogatepass'))}" for name, text in pairs)

    def _json(self, entity: str) -> dict[str, Any]:
        pick = self._random
        if pick.random() < 0.3:
            data = pick.choice(BODIES)
        elif pick.random() < 0.3:
            rows = [self._values(entity) for _ in range(pick.randrange(4))]
            ids = [{**row, "id": pick.choice((1, 2, 3, *VALUES))} for row in rows]
            whole = {"create": rows, "update": ids, "delete": [pick.choice((1, 2, *VALUES))], "mode": pick.choice(("all", "each"))}
            data = json.dumps({key: whole[key] for key in pick.sample(sorted(whole), pick.randrange(1, 5))}).encode()
        else:
            data = json.dumps(self._values(entity)).encode()
        return {"data": data, "content_type": "application/json"}

    def _values(self, entity: str) -> dict[str, Any]:
        """A record some fields of which are odd."""
        pick, fields = self._random, self._model.entities[entity].fields
        values: dict[str, Any] = {name: value for name, value in FILLED.items() if name in fields and pick.random() < 0.5}
        values[self._model.entities[entity].name_field] = "Acme"
        for name in pick.sample(sorted(fields), min(len(fields), pick.choice((1, 1, 2, 4)))):
            values[name] = pick.choice(VALUES) if pick.random() < 0.6 else self._text()
        if pick.random() < 0.1:
            values[self._text()[:200]] = 1
        return values

    def _form(self, entity: str) -> dict[str, Any]:
        pick, fields = self._random, list(self._model.entities[entity].fields)
        names = pick.sample(fields, min(len(fields), 4)) + pick.sample(_FORM_FIELDS, 3)
        parts = ("", "", "", ".currency", ".first", ".street", ".latitude", ".remove", ".nonsense", ".country")
        data: dict[str, Any] = {name + pick.choice(parts): [self._sent() for _ in range(pick.choice((1, 1, 1, 3)))] for name in names}
        if pick.random() < 0.8:
            data["csrf_token"] = self._csrf
        if pick.random() < 0.7:
            data["name"] = "Acme"
        if pick.random() < 0.2:
            data[pick.choice(("file", "image", "name", "nonsense")) + ".upload"] = (io.BytesIO(b"<svg onload=alert(1)>"), pick.choice(FILE_NAMES))
        return {"data": data}

    def _text(self) -> str:
        return self._random.choice(TEXTS)

    def _sent(self) -> str:
        """A text as a browser can send it."""
        return self._text().encode("utf-8", "replace").decode()
