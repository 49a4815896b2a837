"""Writes docs/reference/ from the code: settings, field types, document kinds, problem codes, commands, expressions. Run by `make docs`.

`pages()` is compared with the files by tests/house; nothing here is imported by the product.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from babel.messages.pofile import read_po

from fieldsmith.base.settings import KNOWN, PREFIX
from fieldsmith.base.text import Words
from fieldsmith.cli.main import main as commands
from fieldsmith.cli.translate import LANGUAGES
from fieldsmith.expr import reference
from fieldsmith.expr.functions import functions
from fieldsmith.fields.registry import field_types

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
NAMES = {"en": "English", "zh_Hans": "简体中文", "zh_Hant": "繁體中文"}
MADE = "<!-- Made from the code by `make docs`; do not edit. -->"


def pages() -> dict[str, str]:
    """File name → Markdown."""
    made = {
        "settings.md": _settings(),
        "field-types.md": _field_types(),
        "documents.md": _documents(),
        "problems.md": _problems(),
        "commands.md": _commands(),
    }
    for language in LANGUAGES:
        made[_in_language(language)] = _expressions(words_of(language))
    return {name: "\n".join(text).rstrip() + "\n" for name, text in made.items()}


def words_of(language: str) -> Words:
    """`language` by its catalogue as it stands, compiled or not; what is not translated yet is English."""
    with (ROOT / "locales" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)

    def gettext(text: str) -> str:
        found = catalogue.get(text)
        return found.string if found is not None and isinstance(found.string, str) and found.string and not found.fuzzy else text

    return Words(language, gettext)


def _in_language(language: str) -> str:
    return "expressions.md" if language == "en" else f"expressions.{language}.md"


def _expressions(words: Words) -> Iterator[str]:
    links = " · ".join(f"[{NAMES[language]}]({_in_language(language)})" for language in LANGUAGES)
    yield from (f"# {reference.TITLE.render(words)}", "", MADE, "", links, "")
    yield from (reference.INTRODUCTION.render(words), "", reference.ABOUT_EXAMPLES.render(words), "")
    for section in reference.sections(functions()):
        yield from (f"## {section.title.render(words)}", "")
        for entry in section.entries:
            yield from _entry(entry, words)


def _entry(entry: reference.Entry, words: Words) -> Iterator[str]:
    told = [message.render(words) for message in (entry.help, entry.gives, *entry.notes) if message is not None]
    shown = entry.name if entry.name.isupper() else f"`{entry.signature}`"
    yield from (f"### {shown}", "")
    if entry.name.isupper():
        yield from (f"`{entry.signature}`", "")
    yield from (" ".join(told), "")
    yield f"| {reference.EXAMPLE.render(words)} | {reference.ANSWER.render(words)} |"
    yield "| --- | --- |"
    for source, answer in entry.examples:
        yield f"| `{source}` | {reference.BLANK.render(words) if answer is None else f'`{answer}`'} |"
    yield ""


def _settings() -> Iterator[str]:
    yield from ("# Settings", "", MADE, "")
    yield "Each setting is an environment variable and a key of `fieldsmith.toml` in the home; the variable wins."
    yield "`fieldsmith config` prints where each value came from."
    yield from ("", "## home", "", "The workspace folder: database, files, settings. `FIELDSMITH_HOME` or the option `--home`; the default is `./var`.", "")
    for setting in KNOWN:
        yield from (f"## {setting.key}", "", str(setting.help), "")
        given = ", ".join(map(str, setting.default)) if isinstance(setting.default, tuple) else setting.default
        default = "made or derived when absent" if given is None else "nothing" if given == "" else f"`{given}`"
        yield from (f"Variable `{PREFIX}{setting.key.upper()}` · key `{setting.key}` · default {default}", "")


def _field_types() -> Iterator[str]:
    common = {"name", "type", "label", "help", "required", "unique", "indexed", "default", "default_expression", "read_only"}
    yield from ("# Field types", "", MADE, "", f"Keys of every field: {', '.join(f'`{key}`' for key in sorted(common))}. Each type adds its own.", "")
    for name, kind in field_types().items():
        yield from (f"## {name}", "", f"**{kind.title}.** {kind.help}", "")
        able = [
            word
            for word, yes in (("unique", kind.can_be_unique), ("name field", kind.can_be_name), ("sortable", kind.sortable), ("searchable", kind.searchable))
            if yes
        ]
        yield f"Can be: {', '.join(able) or 'shown and filtered'}. Operators: {', '.join(f'`{operator}`' for operator in kind.operators)}."
        yield ""
        yield from _properties(kind.option_properties, kind.required_options)


def _properties(properties: Mapping[str, Any], required: tuple[str, ...] | list[str]) -> Iterator[str]:
    if not properties:
        return
    yield from ("| key | value | says |", "| --- | --- | --- |")
    for key, schema in properties.items():
        yield f"| `{key}`{' (required)' if key in required else ''} | {_shape(schema)} | {str(schema.get('description', '')).replace('|', chr(92) + '|')} |"
    yield ""


def _shape(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " · ".join(f"`{value}`" for value in schema["enum"])
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1].removesuffix(".json").replace("_", " ")
    kind = schema.get("type", "any")
    text = " or ".join(kind) if isinstance(kind, list) else str(kind)
    limits = [
        f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"), ("maxItems", "at most")) if key in schema
    ]
    return " ".join([text, *limits, *([f"default `{schema['default']}`"] if "default" in schema else [])])


def _documents() -> Iterator[str]:
    yield from ("# Document kinds", "", MADE, "")
    yield "A document is one JSON object in `<package>/<kind>/<name>.json`."
    yield "Its JSON Schema lies in `metadata/schemas/` and is the law; this page is made from it."
    yield ""
    for path in sorted((ROOT / "metadata" / "schemas").glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        yield from (f"## {path.stem}", "", str(schema.get("description", "")), "")
        parts = schema.get("$defs", {})
        whole = parts.get("whole", schema)
        yield from _properties(whole.get("properties", {}), whole.get("required", []))
        for name, part in parts.items():
            if name != "whole" and "properties" in part:
                yield from (f"### {path.stem}: {name.replace('_', ' ')}", "", str(part.get("description", "")), "")
                yield from _properties(part["properties"], part.get("required", []))


def _problems() -> Iterator[str]:
    yield from ("# Problem codes", "", MADE, "")
    yield "What a person can put right, in the API (`errors`), in checks and with `--json`: `{code, document?, pointer, line?, column?, message, hint?}`."
    yield "Codes are stable; sentences may get better."
    yield ""
    for code, sentences in sorted(problem_codes().items()):
        yield from (f"## {code}", "")
        yield from (f"- {sentence}" for sentence in sorted(sentences))
        yield ""


def problem_codes() -> dict[str, set[str]]:
    """Code → its English sentences, read from the sources: a code always stands right before its message."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "platform" / "fieldsmith").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for scope in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)] + [tree]:
            if getattr(scope, "name", "") == "option_problems":
                continue
            for code, sentences in _coded(scope):
                found.setdefault(code, set()).update(sentences)
    return found


def _coded(scope: ast.FunctionDef | ast.Module) -> Iterator[tuple[str, list[str]]]:
    inside = (
        list(ast.walk(scope))
        if isinstance(scope, ast.FunctionDef)
        else [sub for node in scope.body if not isinstance(node, ast.ClassDef | ast.FunctionDef) for sub in ast.walk(node)]
    )
    bound: dict[str, list[str]] = {}
    for node in inside:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _sentences(node.value, {}):
            bound.setdefault(node.targets[0].id, []).extend(_sentences(node.value, {}))
    for node in inside:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Setting", "Operator"):
            continue
        items = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
        for first, second in itertools.pairwise(items):
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and re.fullmatch(r"[a-z][a-z0-9_]{2,}", first.value):
                sentences = _sentences(second, bound)
                if sentences:
                    yield first.value, sentences


def _sentences(node: ast.expr, bound: Mapping[str, list[str]]) -> list[str]:
    """The English of `_m("…")`, of a name bound to it, or of both sides of a choice."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_m" and node.args and isinstance(node.args[0], ast.Constant):
        return [str(node.args[0].value)]
    if isinstance(node, ast.Name):
        return bound.get(node.id, [])
    if isinstance(node, ast.IfExp):
        return [*_sentences(node.body, bound), *_sentences(node.orelse, bound)]
    return []


def _commands() -> Iterator[str]:
    yield from ("# Commands", "", MADE, "", "`fieldsmith --help` says the same. Errors go to stderr; exit code 1 is bad input, 2 wrong usage.", "")
    yield from _command(commands, click.Context(commands, info_name="fieldsmith"))


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield from (f"## {context.command_path}", "", " ".join((command.help or "").split()), "")
    if not isinstance(command, click.Group):
        yield from (f"    {command.get_usage(context).removeprefix('Usage: ')}", "")
    options = [item for item in command.params if isinstance(item, click.Option) and not item.hidden]
    yield from (f"- `{', '.join(item.opts)}` {item.help or ''}".rstrip() for item in options)
    yield from [""] if options else []
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _command(inner, click.Context(inner, info_name=name, parent=context))


def write() -> None:
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
