"""Every word a person sees can be translated, and is: in English, 简体中文 and 繁體中文."""

from __future__ import annotations

import ast
import re
import string
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from fieldsmith.cli.translate import KEYWORDS, LANGUAGES, METHODS
from tests.house.source import PACKAGE, ROOT, product_files, tree, where

TEMPLATES = sorted((ROOT / "ui" / "templates").rglob("*.html"))
MARKERS = {"_m", "_", "gettext", "ngettext", "lazy_gettext"}
SPOKEN_ATTRIBUTES = {"alt", "aria-label", "aria-description", "label", "placeholder", "title", "data-confirm", "data-label"}
# Names are not translated: the product's, and each language's own.
NAMES = {"Fieldsmith", "English", "简体中文", "繁體中文", "Ctrl", "K", "Esc", "API", "CSV", "JSON"}

SILENT = {"code", "kbd", "pre", "script", "style"}
SWITCHES = {"autofocus", "checked", "disabled", "hidden", "required", "selected"}


def _words(text: str) -> list[str]:
    """Words of letters; attributes that a macro writes (`aria-invalid="true"`, `required`) and class names (`is-invalid`) are none."""
    bare = re.sub(r"""[\w-]+="[^"]*"|[a-z]+(-[a-z]+)+|#[0-9a-f]{6}""", " ", text.replace("\0", " "))
    return [word for word in re.findall(r"[^\W\d_]{2,}", bare) if word not in NAMES and word not in SWITCHES]


class _Bare(HTMLParser):
    """Collects literal words outside of tags, and in attributes that are read out. `\\0` stands for an expression."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self.found += [(self.getpos()[0], word) for name, value in attrs if name in SPOKEN_ATTRIBUTES for word in _words(value or "")]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found += [(self.getpos()[0], word) for word in _words(data)]


def _skeleton(source: str) -> str:
    """The template's own HTML: expressions, statements and comments replaced, line breaks kept."""
    out: list[str] = []
    for _, kind, value in jinja2.Environment().lex(source):
        if kind == "data":
            out.append(value)
        else:
            out.append("\n" * value.count("\n"))
            out.append("\0" if kind in {"variable_end", "raw_begin"} else "")
    return "".join(out)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "ui")))
def test_templates_hold_no_bare_text(path: Path) -> None:
    parser = _Bare()
    parser.feed(_skeleton(path.read_text(encoding="utf-8")))
    assert not parser.found, "\n".join(where(path, line, word) for line, word in parser.found)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "ui")))
def test_templates_mark_whole_sentences(path: Path) -> None:
    parsed = jinja2.Environment(extensions=["jinja2.ext.do", "jinja2.ext.i18n"]).parse(path.read_text(encoding="utf-8"))
    calls = [call for call in parsed.find_all(jinja2.nodes.Call) if isinstance(call.node, jinja2.nodes.Name) and call.node.name in MARKERS]
    wrong = [where(path, call.lineno, "a computed message id") for call in calls if not (call.args and isinstance(call.args[0], jinja2.nodes.Const))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", product_files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_messages_are_plain_text_with_their_parameters(path: Path) -> None:
    """`_m("No entity {name}.", name=n)`: a literal, whose placeholders are exactly the keywords."""
    wrong = []
    for node in ast.walk(tree(path)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_m"):
            continue
        first = node.args[0] if node.args else None
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
            wrong.append(where(path, node.lineno, "the message is not a literal"))
            continue
        given = {keyword.arg for keyword in node.keywords}
        wanted = _placeholders(first.value) if given else set()
        if None not in given and wanted != given:
            wrong.append(where(path, node.lineno, f"placeholders {sorted(wanted)} but parameters {sorted(map(str, given))}"))
    assert not wrong, "\n".join(wrong)


def _placeholders(text: str) -> set[str]:
    """Names in `{braces}` and in `%(percent)s` form."""
    braces = {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    return braces | set(re.findall(r"%\((\w+)\)s", text))


def _catalogue(language: str) -> Catalog:
    with (ROOT / "locales" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def _texts(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def _source_ids() -> set[str]:
    found = extract_from_dir(ROOT, list(METHODS), keywords=KEYWORDS)
    return {text for _, _, message, _, _ in found for text in ([message] if isinstance(message, str) else message) if text}


def test_catalogues_hold_exactly_the_sources_messages() -> None:
    ids = _source_ids()
    for language in LANGUAGES:
        known = {text for message in _catalogue(language) if message.id for text in _texts(message)}
        assert not ids - known, f"{language} lacks {sorted(ids - known)[:10]}: run `fieldsmith translate extract`"
        assert not known - ids, f"{language} keeps {sorted(known - ids)[:10]}: run `fieldsmith translate extract`"


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_catalogues_are_complete(language: str) -> None:
    missing = [str(message.id) for message in _catalogue(language) if message.id and (message.fuzzy or not message.string)]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_translations_keep_the_placeholders(language: str) -> None:
    wrong = []
    for message in _catalogue(language):
        texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
        wanted = set().union(*map(_placeholders, _texts(message)))
        wrong += [f"{message.id!r} → {text!r}" for text in texts if message.id and text and _placeholders(text) != wanted]
    assert not wrong, "\n".join(wrong)
