"""What tests make anew hundreds of times though it never differs: the code of templates and of the builders of routes.

A server makes them once; each test has an application of its own, for which that took 0.3 s of 0.4 s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class _Kept(BytecodeCache):
    """The code of templates, found by the digest of their source."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        found = self._code.get((bucket.key, bucket.checksum))
        if found is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def make_once(patch: pytest.MonkeyPatch) -> None:
    """From here on templates and routes are compiled once in this process."""
    patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": _Kept()})
    compiled: dict[Any, Callable[..., tuple[str, str]]] = {}
    plain: Callable[[Rule, bool], Callable[..., tuple[str, str]]] = vars(Rule)["_compile_builder"]

    def kept(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:
            return plain(rule, append_unknown)
        key = (rule.rule, tuple(vars(rule)["_trace"]), append_unknown)
        if key not in compiled:
            compiled[key] = plain(rule, append_unknown)
        return compiled[key]

    patch.setattr(Rule, "_compile_builder", kept)
