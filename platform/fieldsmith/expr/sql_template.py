"""`Template`: SQL written as text around its arguments. One element where SQLAlchemy would need ten.

That keeps long chains of functions within Python's depth of calls, and compiling quick. The text is always a source file's, never
a person's; an argument named twice is written twice.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.functions import FunctionElement

from fieldsmith.expr.function import Sql

_SMALL = 32


class Template(FunctionElement[Any]):
    """`{0}`, `{1}` … stand for the arguments. Where the text does not put one between brackets or commas, it writes `({0})`."""

    inherit_cache = True
    _traverse_internals: ClassVar[Any] = [  # type: ignore[misc]
        *FunctionElement._traverse_internals,
        ("template", visitors.InternalTraversal.dp_string),
    ]

    def __init__(self, template: str, type_: sa.types.TypeEngine[Any], *arguments: Sql) -> None:
        super().__init__(*arguments)
        self.template = template
        self.type = type_

    @property
    def weight(self) -> int:
        """Roughly the elements of SQL it stands for."""
        return self.template.count("(") + self.template.count("{")


@compiles(Template)
def _write(element: Template, compiler: Any, **options: Any) -> str:
    return element.template.format(*[compiler.process(argument, **options) for argument in element.clauses])


def small(*elements: Sql) -> bool:
    """Whether naming `elements` several times costs little: few parts, and no subquery among them."""
    weight = 0
    for element in elements:
        for part in visitors.iterate(element):
            weight += part.weight if isinstance(part, Template) else 1
            if weight > _SMALL or isinstance(part, sa.SelectBase | sa.ScalarSelect):
                return False
    return True
