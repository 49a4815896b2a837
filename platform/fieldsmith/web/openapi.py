"""OpenAPI 3.1 of what this reader may call, kept per revision and set of readable entities. `openapi_document` makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fieldsmith.base.context import Actor
from fieldsmith.fields.base import Field

if TYPE_CHECKING:
    from fieldsmith.workspace import Runtime


def description(runtime: Runtime, actor: Actor) -> dict[str, Any]:
    """The OpenAPI document for `actor`."""
    from fieldsmith.web.openapi_document import build  # apispec and marshmallow cost a server 0.1 s and 8 MB that few ever need

    hidden = runtime.policy.unreadable(actor)
    return runtime.keep(("openapi", hidden), lambda: build(runtime, hidden))


def is_writable(runtime: Runtime, item: Field) -> bool:
    """May a client set this field (rights aside)?"""
    return not (item.read_only or (item.system and item.name != "owner") or not runtime.model.type_of(item).writable)
