"""Pages and the shell round them, rendered once and kept, with holes for what differs per request.

Rendering the same frame anew for every request costs more than the rest of most pages. Only `page` uses this. What is personal
(name, form token, address, notices) never stays in a kept text: it is put into the holes each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from fieldsmith.web import current

PERSONAL = ("csrf_token", "user_name", "user_initials", "here", "shell_key", "navigation", "studio_link", "preview_bar")
"""Values of the frame that differ between requests which share a kept text."""

_SHARED = (
    *("language", "language_tag", "languages", "theme", "theme_sheet"),
    *("htmx_config", "company_name", "company_initial", "creation"),
)
"""Values of the frame a kept text may hold: the same for everybody under its key. A template that names another fails at once."""

_MARK = re.compile("\x00([a-z_]+)\x00")
_BETWEEN = "\x00#between#\x00"


@dataclass(frozen=True, slots=True)
class Kept:
    """Text and the names of the holes between, alternating, text first and last."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Kept:
        return cls(tuple(_MARK.split(text)))

    def filled(self, values: Mapping[str, Any]) -> Markup:
        """The text with `values` in its holes; escaped unless they are markup."""
        out = list(self.parts)
        for at in range(1, len(out), 2):
            out[at] = str(escape(values[out[at]]))
        return Markup("".join(out))


def in_shell(template: str, frame: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    """A whole page: the blocks of `template` rendered now, the shell from what is kept."""
    blocks = _blocks(template, {**frame, **context})
    return _around(*blocks, frame)


def kept_in_shell(template: str, key: Hashable, holes: Mapping[str, Any], frame: Mapping[str, Any], context: Callable[[], Mapping[str, Any]]) -> str:
    """As `in_shell`, but the blocks are kept too: under `template`, `key` and language. `context` is asked when they are rendered."""

    def build() -> tuple[Kept, Kept]:
        title, content = _blocks(template, {**_shared(frame), **context(), **{name: mark(name) for name in holes}})
        return Kept.of(title), Kept.of(content)

    title, content = current.work().runtime.keep(("kept page", template, key, frame["language"]), build)
    values = {**frame, **holes}
    return _around(title.filled(values), content.filled(values), frame)


def mark(name: str) -> Markup:
    """Stands in a text to be kept where the value `name` goes."""
    return Markup(f"\x00{name}\x00")


def _blocks(template: str, context: Mapping[str, Any]) -> tuple[str, str]:
    text = current_app.jinja_env.get_template(template).render({**context, "layout": "blocks.html", "between": _BETWEEN})
    title, _, content = text.partition(_BETWEEN)
    return title, content


def _around(title: str, content: str, frame: Mapping[str, Any]) -> str:
    key = ("kept shell", frame["language"], frame["theme"], frame["theme_sheet"], frame["creation"])
    shell: Kept = current.work().runtime.keep(key, lambda: _shell(frame))
    return shell.filled({**frame, "page_title": Markup(title), "page_content": Markup(content)})


def _shell(frame: Mapping[str, Any]) -> Kept:
    context = {**_shared(frame), "layout": "shell.html", "notices": list, "page_title": mark("page_title"), "page_content": mark("page_content")}
    return Kept.of(current_app.jinja_env.get_template("kept_shell.html").render(context))


def _shared(frame: Mapping[str, Any]) -> dict[str, Any]:
    field = Markup('<input type="hidden" name="csrf_token" value="{}">').format(mark("csrf_token"))
    return {**{name: frame[name] for name in _SHARED}, **{name: mark(name) for name in PERSONAL}, "csrf_field": lambda: field}
