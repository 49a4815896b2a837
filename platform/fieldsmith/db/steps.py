"""What a plan is made of: steps of DDL with a title, their SQL, the rows they touch and their risk; and conditions on the data."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from alembic.migration import MigrationContext
from alembic.operations import Operations, ops

from fieldsmith.base.text import Message
from fieldsmith.db.retype import Carry

Risk = Literal["safe", "slow", "loses data"]
SLOW_ROWS = 50_000
"""From so many rows on, going through all of them holds others up for a noticeable time."""


@dataclass(frozen=True)
class Step:
    """`operations` are Alembic's. `rows` are those the step reads or writes; steps without any take no time.

    `background`: the rows are gone through afterwards, a few at a time, while everybody goes on working. `about` is the part of
    the metadata it is for: `entity/opportunity/fields/amount`.
    """

    title: Message
    operations: tuple[ops.MigrateOperation, ...]
    dialect: str
    rows: int = 0
    background: bool = False
    about: str = ""
    carry: Carry | None = None  # values brought over into a column of another type, after the operations
    loses: bool = False  # what it overwrites cannot be told apart again

    @property
    def risk(self) -> Risk:
        if self.loses and self.rows:
            return "loses data"
        return "slow" if self.rows >= SLOW_ROWS and not self.background else "safe"

    @cached_property
    def sql(self) -> tuple[str, ...]:
        """The statements as a person reads them."""
        return rendered(self.operations, self.dialect)


@dataclass(frozen=True, slots=True)
class Condition:
    """What live rows of `entity` must fulfil before the plan may run.

    `unique`: no two share the values of `fields` · `filled`: `fields` is not blank in any · `empty`: there are none ·
    `without`: the choice field `fields[0]` does not hold the value `fields[1]`, recycled records included. `late` ones can only be
    looked at when values have been carried over.
    """

    kind: Literal["unique", "filled", "empty", "without"]
    entity: str
    fields: tuple[str, ...]
    late: bool = False


def rendered(operations: Sequence[ops.MigrateOperation], dialect: str) -> tuple[str, ...]:
    """SQL text of `operations`, values written in."""
    buffer = io.StringIO()
    context = MigrationContext.configure(dialect_name=dialect, opts={"as_sql": True, "output_buffer": buffer, "literal_binds": True})
    invoker = Operations(context)
    out: list[str] = []
    for operation in operations:
        buffer.seek(0)
        buffer.truncate()
        invoker.invoke(operation)
        out.append(buffer.getvalue().strip().rstrip(";"))
    return tuple(out)
