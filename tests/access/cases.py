"""The access case of every address of the site and of every command. Whoever adds one says here who may use it; `tests/house/test_access_cases.py`
fails for one without a case, and `tests/access/test_cases.py` drives each as nobody, as the wrong person and as the right one.

PUBLIC            whoever comes; tells nothing of records, people or metadata, leads on to what asks, or asks for a proof of its own (password, set-up link)
OWN               who is signed in, about themselves only; records and names in it as far as they may see them
READ … REVEAL     who has that right on the entity, in a scope that reaches the record; all others get 404 (may not even read) or 403
METADATA          who is signed in; without the entities and fields they may not see
ADMINISTRATORS    administrators
STUDIO            administrators, and for the entities named in their role's `studio` delegated ones (`cases_studio`)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tests.access.cases_studio import STUDIO

PUBLIC = """
GET /studio/entities/
GET /studio/audit/verify
GET /favicon.ico
GET /health/live
GET /health/ready
GET /login
POST /login
GET /login/code
POST /login/code
GET /login/forgot
GET /login/reset
POST /login/reset
GET /metrics
GET /setup
POST /setup
GET /static/<name>
GET /static/theme.css
"""
OWN = """
POST /studio/preview/leave
POST /studio/access/leave
GET /
GET /api/v1/search
GET /help/expressions
POST /logout
GET /me
POST /me
GET /me/confirm
POST /me/confirm
POST /me/login
POST /me/password
POST /me/preferences
GET /me/second-factor
POST /me/second-factor
POST /me/second-factor/begin
POST /me/second-factor/codes
POST /me/second-factor/off
POST /me/sessions/<token_hash>/end
POST /me/sessions/end-others
POST /me/tokens
POST /me/tokens/<int(max=9223372036854775807):token_id>/revoke
GET /palette
GET /search
"""
READ = """
GET /<entity>/
GET /<entity>/<int(max=9223372036854775807):id>
GET /<entity>/<int(max=9223372036854775807):id>/files/<int(max=9223372036854775807):file>
GET /<entity>/<int(max=9223372036854775807):id>/related/<name>
GET /<entity>/cards
GET /<entity>/filter
GET /<entity>/lookup
GET /api/v1/records/<entity>
GET /api/v1/records/<entity>/<int:id>
GET /api/v1/records/<entity>/<int:id>/access
"""
CREATE = """
POST /<entity>/form
GET /<entity>/new
POST /<entity>/new
POST /api/v1/records/<entity>
"""
UPDATE = """
POST /<entity>/<int(max=9223372036854775807):id>/take
GET /<entity>/<int(max=9223372036854775807):id>/edit
POST /<entity>/<int(max=9223372036854775807):id>/edit
POST /<entity>/<int(max=9223372036854775807):id>/form
GET /<entity>/<int(max=9223372036854775807):id>/move
POST /<entity>/<int(max=9223372036854775807):id>/move
POST /<entity>/<int(max=9223372036854775807):id>/path
PATCH /api/v1/records/<entity>/<int:id>
POST /api/v1/records/<entity>/bulk
PUT /api/v1/records/<entity>/by/<field>/<path:value>
"""
DELETE = """
GET /<entity>/<int(max=9223372036854775807):id>/delete
POST /<entity>/<int(max=9223372036854775807):id>/delete
POST /<entity>/<int(max=9223372036854775807):id>/restore
DELETE /api/v1/records/<entity>/<int:id>
POST /api/v1/records/<entity>/<int:id>/actions/<action>
"""
HISTORY = """
GET /<entity>/<int(max=9223372036854775807):id>/history
GET /api/v1/records/<entity>/<int:id>/history
GET /api/v1/records/<entity>/<int:id>/timeline
"""
SHARE = """
GET /<entity>/<int(max=9223372036854775807):id>/sharing
POST /<entity>/<int(max=9223372036854775807):id>/sharing
POST /<entity>/<int(max=9223372036854775807):id>/sharing/<int(max=9223372036854775807):share>
POST /<entity>/<int(max=9223372036854775807):id>/sharing/<int(max=9223372036854775807):share>/remove
GET /api/v1/records/<entity>/<int:id>/shares
POST /api/v1/records/<entity>/<int:id>/shares
PATCH /api/v1/records/<entity>/<int:id>/shares/<int:share>
DELETE /api/v1/records/<entity>/<int:id>/shares/<int:share>
"""
REVEAL = """
POST /<entity>/<int(max=9223372036854775807):id>/reveal
POST /api/v1/records/<entity>/<int:id>/actions/reveal
"""
METADATA = """
GET /api/docs
GET /api/docs/<name>
GET /api/v1/metadata/<kind>
GET /api/v1/metadata/<kind>/<name>
GET /api/v1/metadata/entity/<entity>/fields/<field>/choices
GET /api/v1/openapi.json
POST /api/v1/expressions/check
POST /api/v1/expressions/complete
POST /api/v1/expressions/evaluate
"""
ADMINISTRATORS = """
GET /api/v1/audit
GET /api/v1/audit/export
GET /api/v1/audit/verify
GET /api/v1/changesets
POST /api/v1/changesets
GET /api/v1/changesets/<int:id>
DELETE /api/v1/changesets/<int:id>
PUT /api/v1/changesets/<int:id>/<kind>/<name>
PATCH /api/v1/changesets/<int:id>/<kind>/<name>
DELETE /api/v1/changesets/<int:id>/<kind>/<name>
GET /api/v1/changesets/<int:id>/check
POST /api/v1/changesets/<int:id>/package
GET /api/v1/changesets/<int:id>/plan
POST /api/v1/changesets/<int:id>/publish
GET /api/v1/metadata/<kind>/<name>/uses
POST /api/v1/metadata/entity/<entity>/fields/<field>/retype
GET /api/v1/packages
GET /api/v1/packages/<name>
POST /api/v1/packages/apply
POST /api/v1/packages/plan
GET /api/v1/retired
GET /api/v1/retired/<int:uid>/export
POST /api/v1/retired/<int:uid>/purge
GET /api/v1/retypes
GET /api/v1/retypes/<int:id>
DELETE /api/v1/retypes/<int:id>
POST /api/v1/retypes/<int:id>/resume
POST /api/v1/retypes/<int:id>/undo
GET /api/v1/revisions
GET /api/v1/revisions/<int:number>
POST /api/v1/revisions/<int:number>/rollback
POST /demo/load
POST /demo/remove
"""
_BY_CASE = {
    "PUBLIC": PUBLIC,
    "OWN": OWN,
    "READ": READ,
    "CREATE": CREATE,
    "UPDATE": UPDATE,
    "DELETE": DELETE,
    "HISTORY": HISTORY,
    "SHARE": SHARE,
    "REVEAL": REVEAL,
    "METADATA": METADATA,
    "ADMINISTRATORS": ADMINISTRATORS,
    "STUDIO": STUDIO,
}
ROUTES: Mapping[str, str] = MappingProxyType({line: case for case, lines in _BY_CASE.items() for line in lines.split("\n") if line})
"""`METHOD rule` → case."""

_COMMANDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AS": ("import", "export", "query", "eval"),
        "OPERATOR": (
            "init",
            "serve",
            "doctor",
            "shell",
            "user add",
            "user suspend",
            "user resume",
            "user sign-out",
            "user reset-link",
            "user reset-totp",
            "explain access",
            "token new",
            "package list",
            "package check",
            "package diff",
            "package apply",
            "package export",
            "package new",
            "package seal",
            "revision list",
            "revision show",
            "revision rollback",
            "retype",
            "retired list",
            "retired export",
            "retired purge",
            "audit list",
            "audit verify",
            "audit export",
            "audit prune",
            "audit seal",
        ),
        "NO DATA": ("config", "translate extract", "translate compile", "translate status"),
    }
)
"""AS: with `--as` by that person's rights, else the operator. OPERATOR: whoever may read the workspace folder. NO DATA: opens no workspace."""
COMMANDS: Mapping[str, str] = MappingProxyType({command: case for case, commands in _COMMANDS.items() for command in commands})
"""Command → case."""
