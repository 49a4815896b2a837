"""`Function`: one row of the function table — signature, help, examples and both compilers of one function or operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from fieldsmith.base.text import Message
from fieldsmith.expr.environment import Evaluator
from fieldsmith.expr.nodes import Apply, Node
from fieldsmith.expr.types import Kind, Type

if TYPE_CHECKING:
    from fieldsmith.expr.to_python import PythonCompiler
    from fieldsmith.expr.to_sql import SqlCompiler

Group = Literal["logic", "text", "number", "date", "record", "change", "operator"]
Need = Literal["now", "zone", "language", "change"]
Sql = sa.ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument. Arguments with the same `unify` letter take one common type (text literals become choices, dates …).

    `constant` must be written out in the source (a unit, an exponent); `repeated` may come any number of times, the whole
    run of repeated parameters together (SWITCH: case, value, case, value …).
    """

    name: str
    kinds: frozenset[Kind]
    optional: bool = False
    repeated: bool = False
    unify: str = ""
    constant: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """`result` is a type, the letter of a unified group, or works out the type of checked arguments.

    `check` throws `Misused` for arguments the signature cannot describe (POWER's exponent, an unknown unit). `python` makes the evaluator from the node;
    `sql` the SQL of a value (NULL is blank; of a boolean, NULL counts as false), None for a function only Python has.
    `needs` says what the answer depends on beside the record; what needs something cannot be stored. `needs_of`, where given, says
    it of one node instead (YEAR of a date needs nothing, of a datetime the zone): ask `needed`.
    Examples are (expression, answer as `evaluate` writes it): they are tests.
    """

    name: str
    group: Group
    parameters: tuple[Parameter, ...]
    result: Type | str | Callable[[Sequence[Node]], Type]
    help: Message
    examples: tuple[tuple[str, str | None], ...]
    python: Callable[[Apply, PythonCompiler], Evaluator]
    sql: Callable[[Apply, SqlCompiler], Sql] | None
    needs: frozenset[Need] = frozenset()
    check: Callable[[Sequence[Node]], None] | None = None
    needs_of: Callable[[Apply], frozenset[Need]] | None = None

    def needed(self, node: Apply) -> frozenset[Need]:
        """What the answer of `node` itself, without its arguments, depends on beside the record."""
        return self.needs if self.needs_of is None else self.needs_of(node)


class Misused(Exception):
    """Thrown by a row's `check`: what is wrong with argument number `argument` (from 0)."""

    def __init__(self, code: str, message: Message, argument: int, hint: Message | None = None) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.argument = argument
        self.hint = hint
