"""What a list page's address says: view, table or board, filter, sort, search, page mark, count and recycle bin; and the addresses of its links."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.meta.model import Entity, Model, View
from fieldsmith.web.shell import meant_for

PAGE_SIZE = 50
SEARCH_LIMIT = 1_000
MAX_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class ListAddress:
    """A list page's address, read and checked. `sort` and `columns` are empty where the view's own stand.

    `filter` is an expression that narrows the view further, not checked yet; "" for none. `show` is "" where the view says what
    it shows; `group` is the choice field of which a board makes its columns, "" where the entity has none.
    """

    entity: str
    view: View
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    search: str = ""
    filter: str = ""
    after: str | None = None
    exact: bool = False
    deleted: bool = False
    undo: int | None = None
    show: str = ""
    group: str = ""

    @property
    def usual(self) -> bool:
        """Does it ask for nothing but a page of a view, ordered by one column at most? The frame of such pages is kept."""
        return not (self.search or self.filter or self.exact or self.deleted or self.undo or self.columns or self.show or len(self.sort) > 1)

    @property
    def board(self) -> bool:
        """Are the records shown as cards of a board?"""
        return not self.deleted and self.group != "" and (self.show or self.view.show) == "board"

    def as_shown(self, show: str) -> str:
        """The address of the same records as table or board."""
        return self.url(show="" if show == self.view.show else show)

    @property
    def shown(self) -> tuple[str, ...]:
        return self.columns or self.view.columns

    @property
    def order(self) -> tuple[str, ...]:
        return self.sort or (() if self.deleted else self.view.sort)

    @property
    def filters(self) -> tuple[str, ...]:
        """The conditions every row meets: the view's and the address's. None in the recycle bin, which no view is of."""
        return () if self.deleted else tuple(source for source in (self.view.filter, self.filter) if source)

    @property
    def builder(self) -> str:
        """The address of the filter builder for this list."""
        return self.beside("filter")

    def beside(self, name: str, **changes: Any) -> str:
        """The address of what belongs to this list under `name`, with all that the list's address says."""
        start = f"/{self.entity}/"
        return f"{start}{name}{self.url(**changes).removeprefix(start)}"

    @property
    def kept(self) -> dict[str, str]:
        """What a form that leads back to this list must say again, but for search and filter."""
        parts = {"view": "" if self.view.default else self.view.name, "show": self.show, "sort": ",".join(self.sort), "columns": ",".join(self.columns)}
        return {name: value for name, value in parts.items() if value}

    def url(self, **changes: Any) -> str:
        """The address of the same list with `changes`; page mark and one-time parts are dropped unless given."""
        kept = {"after": None, "exact": False, "undo": None}
        return replace(self, **{**kept, **changes}).text

    @property
    def text(self) -> str:
        """The address in full."""
        parts: dict[str, str] = {}
        if not self.view.default:
            parts["view"] = self.view.name
        if self.show:
            parts["show"] = self.show
        if self.sort:
            parts["sort"] = ",".join(self.sort)
        if self.columns:
            parts["columns"] = ",".join(self.columns)
        if self.search:
            parts["q"] = self.search
        if self.filter:
            parts["filter"] = self.filter
        if self.deleted:
            parts["deleted"] = "1"
        if self.exact:
            parts["count"] = "exact"
        if self.after:
            parts["after"] = self.after
        return f"/{self.entity}/" + ("?" + urlencode(parts, safe=",") if parts else "")

    def sorted_by(self, path: str) -> str:
        """The address of a click on a column head: ascending first, then descending."""
        return self.url(sort=("-" + path,) if self.order[:1] == (path,) else (path,))

    def direction(self, path: str) -> str | None:
        """`ascending`, `descending` or None, as `aria-sort` says it."""
        first = self.order[0] if self.order else ""
        return "ascending" if first == path else "descending" if first == "-" + path else None


def read_address(model: Model, entity: Entity, args: MultiDict[str, str], roles: Collection[str]) -> ListAddress:
    """Read the query string of a list page; raises `BadQuery` (400) with what is wrong and the cure. `roles` are the reader's."""
    problems: list[Problem] = []
    views = views_of(model, entity, roles)
    wanted = args.get("view")
    view = next((item for item in views if item.name == wanted), None) if wanted else views[0]
    if view is None:
        message = _m("There is no view “{name}” of {plural}.", name=(wanted or "")[:100], plural=entity.plural)
        problems.append(Problem("unknown_view", message, "/view", did_you_mean((wanted or "")[:100], [item.name for item in views])))
    search = args.get("q", "").strip()
    if len(search) > SEARCH_LIMIT:
        problems.append(Problem("too_long", _m("A search holds at most {limit} characters.", limit=SEARCH_LIMIT), "/q", _m("Search for fewer words.")))
    undo = args.get("undo", "")
    if undo and not (undo.isascii() and undo.isdigit() and len(undo) < 19):
        problems.append(Problem("bad_number", _m("“undo” names a record by its number."), "/undo"))
    columns = tuple(dict.fromkeys(part for text in args.getlist("columns") for part in text.split(",") if part))
    if len(columns) > MAX_COLUMNS:
        problems.append(Problem("too_many_columns", _m("A list shows at most {limit} columns.", limit=MAX_COLUMNS), "/columns", _m("Take some away.")))
    group = "" if view is None else _group(model, entity, view)
    show = args.get("show", "")
    if show not in ("", "table", "board") or (show == "board" and not group):
        message = _m("{plural} cannot be shown as “{show}”.", plural=entity.plural, show=show[:100])
        problems.append(Problem("not_allowed", message, "/show", _m("Say “table”, or “board” where records have a pick list to make columns of.")))
    if problems or view is None:
        raise BadQuery(problems)
    deleted = args.get("deleted") == "1"
    return ListAddress(
        entity=entity.name,
        view=view,
        sort=tuple(part for part in args.get("sort", "").split(",") if part),
        columns=columns,
        search=search,
        filter="" if deleted else args.get("filter", "").replace("\r\n", "\n").strip(),
        after=args.get("after") or None,
        exact=args.get("count") == "exact",
        deleted=deleted,
        undo=int(undo) if undo else None,
        show="" if show == view.show else show,
        group=group,
    )


def _group(model: Model, entity: Entity, view: View) -> str:
    """The view's own; else what the record's path goes by, else the first pick list."""
    if view.group:
        return view.group
    layout = model.layouts.get(f"{entity.name}.default")
    if layout is not None and layout.path:
        return layout.path
    return next((item.name for item in entity.own_fields() if item.type == "choice"), "")


def views_of(model: Model, entity: Entity, roles: Collection[str]) -> tuple[View, ...]:
    """The views of `entity` for who holds `roles`, the default one first; where there is none, one of the first fields."""
    found = tuple(view for view in model.views_of.get(entity.name, ()) if meant_for(view.roles, roles))
    if found:
        return found if found[0].default else (_as_default(found[0]), *found[1:])
    plain = [item.name for item in entity.own_fields() if item.name != entity.name_field and item.type not in ("long_text", "rich_text", "json")]
    return (View("all", entity.name, entity.plural, (entity.name_field, *plain[:5]), ("-created_at",), True),)


def _as_default(view: View) -> View:
    return replace(view, default=True)
