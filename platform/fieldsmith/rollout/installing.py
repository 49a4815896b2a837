"""Installing: shipped packages into a workspace, and users with their logins. Called by `fieldsmith init`, `user add` and set-up."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.meta.model import Model
from fieldsmith.meta.packages import read_package, shipped_packages
from fieldsmith.studio.upgrade_settling import Settlement
from fieldsmith.workspace import Work, Workspace

INSTALLED = ("core", "crm")


def install_shipped(workspace: Workspace, actor: Actor) -> int:
    """Put the packages every workspace has in, or bring them up to date; the revision that then holds.

    What was changed here stays; where a newer package changed the same, that can be settled later (`package list` counts it).
    """
    shipped = shipped_packages()
    layers = [read_package(shipped[name]) for name in INSTALLED]
    reason = "install " + ", ".join(INSTALLED)
    if workspace.runtime().model.revision == 0:
        return workspace.publish(actor, layers, reason)
    return workspace.upgrades.publish(actor, layers, reason, Settlement(later=True))


def require_installed(model: Model) -> None:
    """Raise `BadInput` with the cure when nothing was installed in the workspace yet."""
    if model.revision == 0:
        message = _m("There is no workspace here yet.")
        raise BadInput([Problem("no_workspace", message, hint=_m("Run “fieldsmith init” first, or name another folder with --home."))], message)


def add_user(workspace: Workspace, actor: Actor, name: str, email: str | None, roles: Sequence[str], password: str | None) -> int:
    """A record of entity `user` with a login `name` and `roles`; its id. Raises `BadInput`, `Conflict` and then leaves nothing."""
    shown = unicodedata.normalize("NFC", name).strip()

    def make(work: Work) -> int:
        record = work.records.create(actor, "user", {"name": shown, "email": email})
        users = Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now)
        users.add(actor, record.id, shown, tuple(roles), password, email)
        return record.id

    return workspace.write(make)
