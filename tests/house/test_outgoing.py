"""One door leads out: nothing in the product or its plugins opens a connection but `fieldsmith.outgoing`."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from tests.house.source import imports, module_name, product_files, python_files, room_of, tree, where

CLIENTS = {
    *("httpx", "httpcore", "requests", "urllib3", "aiohttp", "pycurl", "websocket", "websockets", "paramiko", "ldap3", "dns"),
    *("http.client", "urllib.request", "ftplib", "smtplib", "poplib", "imaplib", "nntplib", "telnetlib", "xmlrpc.client", "socket", "socketserver", "asyncio"),
}

# Modules past the door → what they may use, and why.
ALLOWED: Mapping[str, tuple[frozenset[str], str]] = {
    "fieldsmith.web.serve": (frozenset({"socket"}), "asks whether the address it is to listen at is free; connects to nothing"),
}


def _client(target: str) -> str | None:
    return next((name for name in CLIENTS if target == name or target.startswith(name + ".")), None)


def test_nothing_but_the_guarded_client_opens_connections() -> None:
    wrong = []
    ours = {path: module_name(path) for path in product_files() if room_of(module_name(path)) != "outgoing"}
    for path in [*ours, *python_files("plugins")]:
        allowed, _ = ALLOWED.get(ours.get(path, ""), (frozenset(), ""))
        wrong += [where(path, line, target) for line, target in imports(path) if _client(target) is not None and _client(target) not in allowed]
    assert not wrong, "call fieldsmith.outgoing instead:\n" + "\n".join(wrong)


def test_no_client_is_imported_by_its_name_at_run_time() -> None:
    wrong = []
    for path in [*product_files(), *python_files("plugins")]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
                wrong += [where(path, node.lineno, ast.unparse(node)) for part in node.args if isinstance(part, ast.Constant) and _client(str(part.value))]
    assert not wrong, "\n".join(wrong)


def test_every_allowance_is_used() -> None:
    used = {(module_name(path), _client(target)) for path in product_files() for _, target in imports(path)}
    assert [name for name, (names, _) in ALLOWED.items() for client in names if (name, client) not in used] == []
