"""What a workspace has to give: the packages installed, and each as it is written out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import CUSTOM, Layer
from fieldsmith.meta.model import Model
from fieldsmith.studio.bundle_choice import Chosen, choose, requires_of
from fieldsmith.studio.upgrade_settling import Clash

_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}").fullmatch


@dataclass(frozen=True, slots=True)
class Installed:
    """A package. `customised` counts the operations of the workspace's own layer on its documents, `to_settle` the open clashes among them."""

    name: str
    version: str
    requires: tuple[str, ...]
    customised: int
    to_settle: int

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "version": self.version, "requires": list(self.requires), "customised": self.customised, "to_settle": self.to_settle}


def installed(layers: Sequence[Layer], clashes: Sequence[Clash]) -> list[Installed]:
    """Without the workspace's own layer, which is none."""
    own = next((layer for layer in layers if layer.name == CUSTOM), None)
    holder = {(item.kind, item.name): layer.name for layer in layers if layer.name != CUSTOM for item in layer.documents if not item.extends}
    counts: dict[str, int] = {}
    for item in own.documents if own is not None else ():
        if item.extends:
            name = holder.get((item.kind, item.name), "")
            counts[name] = counts.get(name, 0) + len(item.body["operations"])
    open_: dict[str, int] = {}
    for clash in clashes:
        kind, name = clash.path.split("/")[:2]
        package = holder.get((kind, name), "")
        open_[package] = open_.get(package, 0) + 1
    packages = [layer for layer in layers if layer.name != CUSTOM]
    return [Installed(layer.name, layer.version, layer.requires, counts.get(layer.name, 0), open_.get(layer.name, 0)) for layer in packages]


def exported(model: Model, layers: Sequence[Layer], name: str, only: Sequence[str], as_package: str | None) -> Chosen:
    """The layer whole, or a part; the workspace's own says which packages it needs. Raises `BadInput` with what was meant."""
    known: Mapping[str, Layer] = {layer.name: layer for layer in layers}
    if name not in known:
        message = _m("There is no package “{name}” in this workspace.", name=name[:100])
        hint = _m("Nothing was changed here yet.") if name == CUSTOM else did_you_mean(name[:100], known) or _m("“fieldsmith package list” names them.")
        raise BadInput([Problem("unknown_package", message, "/name", hint)], message)
    if as_package is not None and (not only or not _NAME(as_package) or as_package in known or as_package == CUSTOM):
        message = _m("“{name}” cannot be the name of the new package.", name=as_package[:100])
        hint = _m("Choose with --only what goes into it, and a name no package here has.")
        raise BadInput([Problem("bad_name", message, "/as", hint)], message)
    layer = known[name]
    if only:
        return choose(model, layer, layers, only, as_package)
    if name == CUSTOM:
        requires = requires_of(model, layer, layers)
        layer = replace(layer, manifest={"requires": list(requires)} if requires else {})
        return Chosen(layer, (), requires, ())
    return Chosen(layer, (), layer.requires, ())
