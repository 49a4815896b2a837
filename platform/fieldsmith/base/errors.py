"""The errors Fieldsmith throws; an edge (web, cli) turns each into its answer.

FieldsmithError
├── BadInput            what was sent can be put right: problems          422, exit 1
│   └── BadQuery        parts of a query or unreadable JSON               400
├── NotSignedIn         no valid credentials                              401
├── Forbidden           visible, but not allowed                          403
├── NotFound            absent or invisible: never says which             404
├── Conflict            clash with what is stored                         409
├── VersionMismatch     If-Match does not match                           412
├── TooLarge            over a stated limit                               413
├── Throttled           too many tries; `retry_after` seconds             429
└── Unavailable         the database is busy, full or read-only           503
"""

from __future__ import annotations

from collections.abc import Sequence

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m


class FieldsmithError(Exception):
    """Root of all; `title` is a sentence for people, `problems` are the particulars (may be empty)."""

    def __init__(self, title: Message, problems: Sequence[Problem] = ()) -> None:
        super().__init__(str(title))
        self.title = title
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([str(self.title), *map(str, self.problems)])


class BadInput(FieldsmithError):
    def __init__(self, problems: Sequence[Problem], title: Message | None = None) -> None:
        super().__init__(title or _m("Some of what was sent needs correcting."), problems)


class BadQuery(BadInput):
    pass


class NotSignedIn(FieldsmithError):
    pass


class Forbidden(FieldsmithError):
    pass


class NotFound(FieldsmithError):
    pass


class Conflict(FieldsmithError):
    pass


class VersionMismatch(FieldsmithError):
    pass


class TooLarge(FieldsmithError):
    pass


class Throttled(FieldsmithError):
    def __init__(self, title: Message, retry_after: int) -> None:
        super().__init__(title)
        self.retry_after = retry_after


class Unavailable(FieldsmithError):
    pass
