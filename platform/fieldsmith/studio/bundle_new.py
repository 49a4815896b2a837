"""A new package to begin with: one entity, how it is shown and listed, its tab, its words in Chinese. Sound as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.canonical import canonical_text
from fieldsmith.meta.check import FORMAT
from fieldsmith.meta.layers import CUSTOM
from fieldsmith.meta.packages import MANIFEST
from fieldsmith.meta.schemas import SchemaSet

_SAID = ("label", "plural", "name", "state", "due", "notes", "open", "done", "main", "all")
_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh_Hans": dict(zip(_SAID, ["示例", "示例", "名称", "状态", "截止日期", "备注", "进行中", "已完成", "详情", "全部"], strict=True)),
    "zh_Hant": dict(zip(_SAID, ["範例", "範例", "名稱", "狀態", "截止日期", "備註", "進行中", "已完成", "詳情", "全部"], strict=True)),
}
_README = """# {name}

A package for Fieldsmith. Every file is one document; the names of folders are their kinds.

    fieldsmith package check .     # every problem, with file, line and cure
    fieldsmith package diff .      # what applying it would change
    fieldsmith package apply .     # tables and the new revision, together or not at all

- `entity/{entity}.json` says what a record has. Add a field there, and to `layout/{entity}.default.json` where it shall stand.
- `choices/` are pick lists, `view/` saved lists, `tab/` what the navigation offers.
- `translation/` holds the words of all of it in Chinese, by their paths.
- Raise `version` in `package.json` with every release. Rename things with `"was": ["old_name"]`: data and what others built on it follow.

`fieldsmith package seal .` writes `package.sum`; who changes a file afterwards is refused.
"""


def new_package(name: str, folder: Path, schemas: SchemaSet, types: Mapping[str, FieldType]) -> list[Path]:
    """Write the files into `folder`, which must not hold anything yet. Raises `BadInput`."""
    if not _is_name(name) or name == CUSTOM:
        message = _m("“{name}” cannot be the name of a package.", name=name[:100])
        hint = _m("A name is at most 48 small letters, digits and underscores, and begins with a letter.")
        raise BadInput([Problem("bad_name", message, "/name", hint)], message)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = _m("{folder} holds something else. Name an empty or new folder.", folder=str(folder))
        raise BadInput([Problem("folder_not_empty", message)], message)
    written = []
    for path, text in _texts(name, schemas, types).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="\n")
        written.append(file)
    return written


def _is_name(name: str) -> bool:
    return len(name) <= 48 and name[:1].isalpha() and all(sign.isascii() and (sign.islower() or sign.isdigit() or sign == "_") for sign in name)


def _texts(name: str, schemas: SchemaSet, types: Mapping[str, FieldType]) -> dict[str, str]:
    entity = f"{name[:42]}_item"
    label = name.replace("_", " ").capitalize()
    state = f"{entity[:42]}_state"
    documents: dict[str, tuple[str, dict[str, Any]]] = {
        MANIFEST: ("package", {"format": FORMAT, "name": name, "version": "0.1.0", "requires": ["core"], "label": label}),
        f"choices/{state}.json": ("choices", {"name": state, "values": [{"name": "open", "label": "Open"}, {"name": "done", "label": "Done"}]}),
        f"entity/{entity}.json": ("entity", _entity(entity, state, label)),
        f"layout/{entity}.default.json": (
            "layout",
            {"name": "default", "entity": entity, "sections": [{"name": "main", "label": "Details", "fields": ["name", "state", "due", "notes"]}]},
        ),
        f"view/{entity}.all.json": ("view", {"name": "all", "entity": entity, "label": "All", "columns": ["name", "state", "due"], "sort": ["name"]}),
        f"tab/{entity}.json": ("tab", {"name": entity, "entity": entity, "view": "all"}),
    }
    for language, words in _WORDS.items():
        key = f"{name[:37]}_{language.lower()}"
        documents[f"translation/{key}.json"] = ("translation", {"name": key, "language": language, "labels": _labels(entity, state, words, name, label)})
    texts = {path: canonical_text(kind, body, schemas, types) for path, (kind, body) in documents.items()}
    return {"README.md": _README.format(name=name, entity=entity), **texts}


def _entity(entity: str, state: str, label: str) -> dict[str, Any]:
    return {
        "name": entity,
        "label": f"{label} item",
        "plural": f"{label} items",
        "features": ["comments", "history"],
        "fields": [
            {"name": "name", "type": "text", "label": "Name", "required": True},
            {"name": "state", "type": "choice", "label": "State", "choices": state, "default": "open"},
            {"name": "due", "type": "date", "label": "Due date"},
            {"name": "notes", "type": "long_text", "label": "Notes"},
        ],
    }


def _labels(entity: str, state: str, words: Mapping[str, str], name: str, label: str) -> dict[str, str]:
    base = f"entity/{entity}"
    return {
        f"{base}/label": words["label"],
        f"{base}/plural": words["plural"],
        **{f"{base}/fields/{field}/label": words[field] for field in ("name", "state", "due", "notes")},
        f"package/{name}/label": words["label"],
        **{f"choices/{state}/values/{value}/label": words[value] for value in ("open", "done")},
        f"layout/{entity}.default/sections/main/label": words["main"],
        f"view/{entity}.all/label": words["all"],
    }
