"""The audit log as a file: one line per row, as CSV for spreadsheets or as JSON lines that a program can verify by itself: `source` is what the hash covers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from fieldsmith.identity.audit_log import Entry

Form = Literal["csv", "jsonl"]
FORMS: tuple[Form, ...] = ("csv", "jsonl")
COLUMNS = ("seq", "at", "actor_kind", "actor_id", "actor_name", "on_behalf", "via", "event", "subject", "entity", "record", "detail", "hash")
_CHUNK = 200


def as_json(entry: Entry) -> dict[str, Any]:
    """A row as the API writes it: times in RFC 3339 UTC with microseconds."""
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(timespec="microseconds") + "Z",
        "actor_kind": entry.kind,
        "actor_id": entry.by_id,
        "actor_name": entry.by,
        "on_behalf": entry.on_behalf,
        "via": entry.via,
        "event": entry.event,
        "subject": entry.subject,
        "entity": entry.entity,
        "record": entry.record,
        "detail": dict(entry.detail),
        "hash": entry.hash,
    }


def lines(entries: Iterable[Entry], form: Form, guarded: Callable[[str], str]) -> Iterator[str]:
    """The file piece by piece. `guarded` makes a cell harmless that a spreadsheet would run (`bulk.export.guarded`)."""
    if form == "jsonl":
        for entry in entries:
            yield json.dumps({**as_json(entry), "source": entry.source}, ensure_ascii=False, separators=(",", ":")) + "\n"
        return
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for at, entry in enumerate(entries):
        row = {**as_json(entry), "detail": entry.source}
        writer.writerow([guarded(value) if isinstance(value, str) else value for value in row.values()])
        if at % _CHUNK == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()
