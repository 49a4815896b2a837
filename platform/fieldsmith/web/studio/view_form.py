"""The form of a view: what stands in its inputs, read from a document or from what was sent, and back to a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.web import plain_forms

INPUTS = ("label", "columns", "sort", "filter", "show", "group", "sum", "default", "roles")
SORTS = 3
SHOWN = ("table", "board")
_LONGEST_LABEL = 255
_MOST_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class ViewForm:
    """`sort` members descend with a leading `-`."""

    label: str = ""
    columns: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    filter: str = ""
    show: str = "table"
    group: str = ""
    sum: str = ""
    default: bool = False
    roles: tuple[str, ...] = ()

    @classmethod
    def of(cls, body: Mapping[str, Any], label: str) -> ViewForm:
        """As a document says it."""
        columns, sort, roles = (tuple(str(item) for item in body.get(key, ())) for key in ("columns", "sort", "roles"))
        text, show, group, sum = (str(body.get(key, "")) for key in ("filter", "show", "group", "sum"))
        return cls(label, columns, sort, text, show or "table", group, sum, bool(body.get("default")), roles)

    @classmethod
    def sent(cls) -> ViewForm:
        """As the browser sent it; a column chosen beside the list, which no script put there, is its last."""
        form = request.form
        columns = dict.fromkeys(form.getlist("columns"))
        if form.get("do") == "add" and form.get("add"):
            columns[form["add"]] = None
        directions = form.getlist("direction")
        sort = [("-" if at < len(directions) and directions[at] == "-" else "") + path for at, path in enumerate(form.getlist("sort")) if path]
        show = form.get("show", "table")
        text = form.get("filter", "").replace("\r\n", "\n").strip()
        board = plain_forms.text("group"), plain_forms.text("sum")
        return cls(
            plain_forms.text("label"),
            tuple(columns),
            tuple(dict.fromkeys(sort)),
            text,
            show,
            *board,
            "default" in form,
            tuple(dict.fromkeys(form.getlist("roles"))),
        )

    @property
    def sort_rows(self) -> list[tuple[str, str]]:
        """(path, "-" or "") for every row of the form, blank ones last; at least `SORTS`."""
        rows = [(path.removeprefix("-"), "-" if path.startswith("-") else "") for path in self.sort]
        return rows + [("", "")] * (max(SORTS, len(rows) + 1) - len(rows))

    def problems(self) -> list[Problem]:
        """What the form itself can tell; the check of the draft tells the rest."""
        found = plain_forms.one_line(self.label, "/label", _LONGEST_LABEL)
        if not self.columns:
            found.append(Problem("required", _m("Choose at least one column."), "/columns"))
        if len(self.columns) > _MOST_COLUMNS:
            found.append(Problem("too_many", _m("A view has at most {most} columns.", most=_MOST_COLUMNS), "/columns"))
        if self.show not in SHOWN:
            found.append(Problem("unknown_choice", _m("Choose one from the list."), "/show"))
        if self.show == "board" and not self.group:
            found.append(Problem("required", _m("Choose the pick list whose values are the columns of the board."), "/group"))
        return found

    @property
    def body(self) -> dict[str, Any]:
        """Everything it says, what is empty too."""
        said: dict[str, Any] = {"label": self.label, "columns": list(self.columns), "filter": self.filter, "sort": list(self.sort)}
        return {**said, "show": self.show, "group": self.group, "sum": self.sum, "default": self.default, "roles": list(self.roles)}

    def document(self, entity: str, name: str) -> dict[str, Any]:
        """A whole new document: what is empty is not said."""
        said = {key: value for key, value in self.body.items() if value not in ("", [], False, "table")}
        return {"name": name, "entity": entity, **said}
