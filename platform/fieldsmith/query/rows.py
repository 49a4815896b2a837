"""What queries give back: links, columns with their readers, pages and single records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fieldsmith.base.text import Label
from fieldsmith.fields.base import Field, Json

Row = tuple[Any, ...]
MASK = "••••"


class StoredFile(NamedTuple):
    """A file field as read; the content is fetched through its record."""

    id: int
    name: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class QueryColumn:
    """One column of a result. `read(row)` gives the canonical value (lookups as links), `encode(value)` its JSON.

    `encode` is None where the value is JSON already; it is never called with None. All that `read` looks at stands in
    `row[start : start + width]` (blank when the first of it is None, or all of it); `width` is 0 where more is needed.
    """

    path: str
    field: Field
    label: Label
    read: Callable[[Row], Any]
    encode: Callable[[Any], Json] | None
    start: int = 0
    width: int = 0

    def json(self, row: Row) -> Json:
        """The column's value in `row` as the contract writes it."""
        value = self.read(row)
        return value if value is None or self.encode is None else self.encode(value)


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` are raw: `row[0]` is the id, `row[1]` the version; the rest is read through `columns`. `total`: all rows of the list, where known."""

    entity: str
    columns: Sequence[QueryColumn]
    rows: Sequence[Row]
    next: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """`exact` is False where counting stopped at the bound (`value` is the bound: “10,000+”)."""

    value: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One record with every field the reader may see, in the entity's order. `is_gone`: they gave it to where they do not see it any more."""

    entity: str
    id: int
    version: int
    columns: Sequence[QueryColumn]
    row: Row
    is_gone: bool = False

    @property
    def values(self) -> Mapping[str, Any]:
        """Field name → canonical value; lookups as `Link`s."""
        return {column.path: column.read(self.row) for column in self.columns}

    @property
    def json(self) -> dict[str, Json]:
        """The record as the API writes it."""
        return {column.path: column.json(self.row) for column in self.columns}


def mask_of(value: Any) -> str | None:
    """What a reader sees of a masked value: that there is one, and of long texts the end."""
    if value is None:
        return None
    shown = value[-4:] if isinstance(value, str) and len(value) >= 8 else ""
    return f"{MASK}{shown}"


def file_json(stored: StoredFile) -> Json:
    return {"id": stored.id, "name": stored.name, "size": stored.size, "type": stored.media_type}
