"""`examine`: is this workspace sound? Database against metadata, the database file itself, the audit log, stored files, the front end."""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.db.drift import damage, drift
from fieldsmith.db.system import fs_file
from fieldsmith.identity.second_factor import administrator_has_one
from fieldsmith.meta.compile import compile_model
from fieldsmith.workspace import Work, Workspace


def examine(workspace: Workspace) -> list[Problem]:
    """Everything wrong, each with its cure; empty when all is well. Changes nothing."""
    out: list[Problem] = []
    with workspace.read(snapshot=True) as work:
        for difference in drift(work.connection, work.schema, workspace.store.attic(work.connection)):
            missing = difference.kind == "missing"
            backup = _m("Restore a backup, or export the data and import it into a new workspace.")
            hint = _m("Restore a backup, or run “fieldsmith doctor --repair”.") if missing else backup
            out.append(Problem("schema_drift", difference.message, "/" + difference.name, hint))
        out += [Problem("damaged", message, "", _m("Restore a backup.")) for message in damage(work.connection)]
        stored = workspace.store.load(work.connection)
        out += compile_model(stored.layers, stored.names, workspace.types, workspace.publishing.validators, stored.revision).problems
        out += _broken_log(work)
        for id, sha256, name in work.connection.execute(sa.select(fs_file.c.id, fs_file.c.sha256, fs_file.c.name)):
            if not workspace.files.path(sha256).is_file():
                message = _m("The content of file {id} (“{name}”) is missing.", id=id, name=name)
                out.append(Problem("missing_file", message, f"/files/{id}", _m("Restore the folder “files” from a backup.")))
    if not (files("fieldsmith.ui") / "dist" / "manifest.json").is_file():
        out.append(Problem("no_front_end", _m("The styles and scripts of the pages are missing."), "/ui", _m("Run “make install”.")))
    return out


def advise(workspace: Workspace) -> list[Message]:
    """What is not wrong, but better otherwise."""
    with workspace.read() as work:
        guarded = administrator_has_one(work.connection, work.schema)
    return [] if guarded else [_m("No administrator has a second factor. Whoever learns one password has everything: set one up under “My settings”.")]


def _broken_log(work: Work) -> list[Problem]:
    found = work.audit.verify(OPERATOR)
    if found.reason is None:
        return []
    hint = _m("Somebody changed the log past Fieldsmith. Keep a copy of the database, and compare it with the backups.")
    return [Problem("broken_audit_log", found.reason, f"/audit/{found.broken}", hint)]
