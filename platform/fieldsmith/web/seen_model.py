"""The model as who asks sees it, for the API and pages that describe it; the generated screens have it as `Here.model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldsmith.access.seen import seen
from fieldsmith.access.sight import Sight
from fieldsmith.meta.model import Model

if TYPE_CHECKING:
    from fieldsmith.workspace import Runtime


def seen_model(runtime: Runtime, sight: Sight) -> Model:
    """See `access.seen`; kept for the revision and the reader's roles."""
    found: Model = runtime.keep(("seen model", sight), lambda: seen(runtime.model, sight))
    return found
