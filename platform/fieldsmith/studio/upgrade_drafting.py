"""An exported layer put into a draft, to be looked at and changed further before it is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import CUSTOM, Layer
from fieldsmith.studio.changesets import ChangeSets, Checked
from fieldsmith.studio.upgrade import Outcome, Upgrades
from fieldsmith.studio.upgrade_settling import Clash, Settlement
from fieldsmith.studio.workbench import Said


class Unsettled(BadInput):
    """What was changed here and in the package has to be settled first."""

    def __init__(self, problems: list[Problem], clashes: list[Clash]) -> None:
        super().__init__(problems, _m("The package cannot be applied yet; nothing was changed."))
        self.clashes = tuple(clashes)


def load_into(changesets: ChangeSets, upgrades: Upgrades, actor: Actor, id: int, layer: Layer, settlement: Settlement | None = None) -> Checked:
    """Everything `layer` says that the workspace's own layer does not, as edits of the draft `id`, all or none.

    Documents of a package that is not installed become the workspace's own. Raises `BadInput`, `Unsettled`.
    """
    if any(item.name == layer.name for item in upgrades.listed(actor)):
        message = _m("“{name}” is installed as a package: a newer version of it is applied, not drafted.", name=layer.name)
        raise BadInput([Problem("installed", message, "/package/name", _m("Plan it as an upgrade instead."))], message)
    outcome = upgrades.outcome(actor, [_as_own(layer)], settlement)
    if outcome.settling.clashes:
        raise Unsettled(outcome.settling.unknown(), outcome.settling.clashes)
    said = edits_of(outcome)
    checked = changesets.say(actor, id, said) if said else changesets.check(actor, id)
    if layer.name == CUSTOM:
        upgrades.keep_drafted(actor, outcome, id)
    return checked


def edits_of(outcome: Outcome) -> list[Said]:
    """What turns the workspace's own layer into the one of `outcome`: renames first, each under the name it has then."""
    said = []
    for old, new in outcome.renames:
        kind, name, *rest = old.split("/")
        rename = {"op": "rename", "path": "".join(f"/{part}" for part in rest), "value": new.rpartition("/")[2]}
        said.append(Said(kind, name, [rename]))
    for (kind, name), body in outcome.aligned.items():
        if (kind, name) not in outcome.own:
            gone = [{"op": "remove", "path": operation["path"]} for operation in body.get("operations", ())]
            said.append(Said(kind, name, gone) if gone else Said(kind, name, retire=True))
    for (kind, name), body in outcome.own.items():
        known = outcome.aligned.get((kind, name), {})
        if "operations" not in body:
            said += [Said(kind, name, document=body)] if known != body else []
        elif operations := _operations(known.get("operations", ()), body["operations"]):
            said.append(Said(kind, name, operations))
    return said


def _as_own(layer: Layer) -> Layer:
    if layer.name == CUSTOM:
        return layer
    documents = tuple(replace(item, path=f"{CUSTOM}/{item.kind}/{item.name}.json", origin=CUSTOM) for item in layer.documents if item.kind != "package")
    return Layer(CUSTOM, "", documents, {**layer.manifest, "part": True})


def _operations(known: Any, wanted: Any) -> list[dict[str, Any]]:
    """Operations that turn the `known` ones of a document into the `wanted` ones."""
    before, after = [_said(item) for item in known], [_said(item) for item in wanted]
    gone = [
        item for item in before if item not in after and not any(other["op"] == item["op"] == "change" and other["path"] == item["path"] for other in after)
    ]
    places = [item["path"] for item in gone]
    taken = [{"op": "remove", "path": place} for place in dict.fromkeys(places)]
    return taken + [item for item in after if item not in before or any(f"{item['path']}/".startswith(f"{place}/") for place in places)]


def _said(operation: Mapping[str, Any]) -> dict[str, Any]:
    """As an edit says it: what a change replaced, the draft finds out itself."""
    return {key: value for key, value in operation.items() if key != "base"}
