"""`/api/v1/packages`: packages in and out. A package travels as one JSON object or as a ZIP; for administrators."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, Response

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import Words, _m
from fieldsmith.web import api_args, current, errors
from fieldsmith.web.api_answers import JSON, PREFIX
from fieldsmith.web.api_changesets import plain
from fieldsmith.web.api_json import json_object

if TYPE_CHECKING:
    from fieldsmith.meta.layers import Layer
    from fieldsmith.studio.upgrade import Upgrade, Upgrades
    from fieldsmith.studio.upgrade_settling import Clash, Settlement

_FORMATS = ("json", "zip")
_KEYS = ("package", "zip", "settle", "all")


def register(app: Flask) -> None:
    """Every route."""
    app.add_url_rule(f"{PREFIX}/packages", "api.packages", list_packages, methods=["GET"])
    app.add_url_rule(f"{PREFIX}/packages/<name>", "api.package", export_package, methods=["GET"])
    app.add_url_rule(f"{PREFIX}/packages/plan", "api.plan_package", plan_package, methods=["POST"])
    app.add_url_rule(f"{PREFIX}/packages/apply", "api.apply_package", apply_package, methods=["POST"])
    app.add_url_rule(f"{PREFIX}/changesets/<int:id>/package", "api.load_package", load_package, methods=["POST"])


def list_packages() -> Response:
    """Packages installed, with how much of each was changed here and what is to be settled."""
    actor = current.signed_in()
    api_args.arguments()
    return _answer({"items": [item.to_json() for item in _service().listed(actor)]})


def export_package(name: str) -> Response:
    """The layer as a bundle, or as a ZIP. 404 for one that is not there."""
    from fieldsmith.studio.bundle import bundle_json, bundle_zip

    actor = current.signed_in()
    given = api_args.arguments("format", "only", "as")
    form = given.get("format", "json")
    if form not in _FORMATS:
        raise BadInput([Problem("unknown_value", _m("format must be “json” or “zip”."), "/format", did_you_mean(form[:20], _FORMATS))])
    only = [path.strip() for path in given.get("only", "").split(",") if path.strip()]
    service = _service()
    if name != "custom" and name not in {item.name for item in service.listed(actor)}:
        raise NotFound(_m("There is no package “{name}” in this workspace.", name=name[:100]))
    layer = service.export(actor, name, only, given.get("as")).layer
    workspace = current.workspace()
    schemas = workspace.publishing.validators.schemas
    if form == "json":
        return _answer(bundle_json(layer, schemas, workspace.types))
    headers = {"Content-Disposition": f'attachment; filename="{layer.name}.zip"', "X-Content-Type-Options": "nosniff"}
    return Response(bundle_zip(layer, schemas, workspace.types), 200, headers, content_type="application/zip")


def plan_package() -> Response:
    """What applying it would do, bound to `hash`: nothing is changed. Clashes and problems are in the answer."""
    actor, words = current.signed_in(), current.words()
    api_args.arguments()
    layer, settlement = _sent(json_object(), _KEYS)
    return _answer(planned_json(_writing().plan(actor, [layer], settlement), words))


def apply_package() -> Response:
    """Publish. 422 with problems and `clashes`, 409 where the plan no longer holds."""
    from fieldsmith.studio.conflicts import Stale

    actor, words = current.signed_in(), current.words()
    api_args.arguments()
    sent = json_object()
    layer, settlement = _sent(sent, (*_KEYS, "hash"))
    hash = sent.get("hash")
    if not isinstance(hash, str):
        raise BadInput([Problem("required", _m("{name} must be there and be a text.", name="hash"), "/hash", _m("Plan first: the plan has it."))])
    service = _writing()
    try:
        revision = service.publish(actor, [layer], f"apply package {layer.label}", settlement, hash)
    except Stale as stale:
        return errors.problem(409, stale.title, stale.problems)
    except BadInput as wrong:
        clashes = service.plan(actor, [layer], settlement).clashes if any(problem.code == "to_settle" for problem in wrong.problems) else ()
        return errors.problem(422, wrong.title, wrong.problems, clashes=clashes_json(clashes, words))
    return _answer({"revision": revision})


def load_package(id: int) -> Response:
    """The package's documents as edits of a change set, all or none; answers as the check does. 409 with `clashes`."""
    from fieldsmith.studio.upgrade_drafting import Unsettled, load_into

    actor, words = current.signed_in(), current.words()
    api_args.arguments()
    layer, settlement = _sent(json_object(), _KEYS)
    upgrades = _writing()
    try:
        checked = load_into(current.workspace().changesets, upgrades, actor, id, layer, settlement)
    except Unsettled as open_:
        return errors.problem(409, open_.title, open_.problems, clashes=clashes_json(open_.clashes, words))
    notes = [{"path": item.path, "changeset": item.changeset, "title": item.title, "author": item.author} for item in checked.also_changed_in]
    return _answer({"problems": [problem.to_json(words) for problem in checked.problems], "also_changed_in": notes})


def planned_json(upgrade: Upgrade, words: Words) -> dict[str, Any]:
    """An upgrade as the API tells it."""
    operations = [
        {
            "path": item.path,
            "title": item.title.render(words),
            "sql": list(item.sql),
            "rows": item.rows,
            "risk": item.risk,
            "uses": [{"kind": use.kind, "name": use.name, "pointer": use.pointer} for use in item.uses],
        }
        for item in upgrade.operations
    ]
    return {
        "hash": upgrade.hash,
        "base": upgrade.base,
        "problems": [problem.to_json(words) for problem in upgrade.problems],
        "clashes": clashes_json(upgrade.clashes, words),
        "changes": [item.to_json() for item in upgrade.changes],
        "operations": operations,
        "notes": [{"path": path, "message": message.render(words)} for path, message in upgrade.notes],
    }


def clashes_json(clashes: Any, words: Words) -> list[dict[str, Any]]:
    """Clashes as the API tells them."""
    found: list[Clash] = list(clashes)
    return [
        {"path": item.path, "base": item.base, "mine": item.mine, "theirs": item.theirs, "reason": item.reason.render(words), "ways": list(item.ways)}
        for item in found
    ]


def _sent(sent: Mapping[str, Any], known: tuple[str, ...]) -> tuple[Layer, Settlement]:
    from fieldsmith.studio.bundle import layer_from, read_bundle
    from fieldsmith.studio.upgrade_settling import read_settlement

    problems = []
    for key in sent:
        if key not in known:
            message = _m("There is no “{name}” in this call.", name=key[:100])
            problems.append(Problem("unknown_key", message, pointer(key[:100]), did_you_mean(key[:100], known)))
    if ("package" in sent) == ("zip" in sent):
        problems.append(Problem("required", _m("Send the package as “package”, or its ZIP file in base64 as “zip”."), "/package"))
    all_ = sent.get("all")
    if all_ not in (None, "keep", "take"):
        problems.append(Problem("bad_choice", _m("all must be “keep” or “take”."), "/all"))
    if problems:
        raise BadInput(problems)
    settlement = read_settlement(plain(sent.get("settle", {})), all_)
    if "zip" in sent:
        try:
            content = base64.b64decode(str(sent["zip"]), validate=True)
        except ValueError:  # also for letters beyond ASCII
            raise BadInput([Problem("bad_zip", _m("This is no ZIP file that can be read. Make it anew."), "/zip")]) from None
        return read_bundle(content), settlement
    if not isinstance(sent["package"], Mapping):
        raise BadInput([Problem("wrong_type", _m("A package is one JSON object with format, package and documents."), "/package")])
    return layer_from(plain(sent["package"])), settlement


def _service() -> Upgrades:
    return current.workspace().upgrades


def _writing() -> Upgrades:
    current.end_reading()
    return _service()


def _answer(body: Any, status: int = 200) -> Response:
    """Written with the slower encoder: documents may hold numbers the faster one refuses."""
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=JSON)
