"""Structured logs: one JSON object per line on standard error. `configure` is called by `serve`, nowhere else.

JSON escapes line ends and control characters, so nothing a client sends can forge a line or drive a terminal.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

REQUESTS = "fieldsmith.requests"


class JsonLines(logging.Formatter):
    """`extra={"fields": {...}}` of a log call becomes keys of the line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure(level: str) -> None:
    """Send everything of `level` (debug, info, warning, error) and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
