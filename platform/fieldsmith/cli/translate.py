"""The catalogues of a source checkout: `extract` from sources, `compile` to .mo, `status` of each language.

Called by the command group `translate`. Not for labels of metadata: those are translation documents.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m

LANGUAGES = ("en", "zh_Hans", "zh_Hant")
METHODS = (("platform/fieldsmith/**.py", "python"), ("ui/templates/**.html", "jinja2"))
KEYWORDS: Mapping[str, tuple[int, ...] | None] = {"_m": None, "_": None, "gettext": None, "ngettext": (1, 2)}

_CHANGING_HEADERS = tuple(f'"{name}'.encode() for name in ("POT-", "PO-", "Last-", "Language-Team", "Report-", "Generated-", "Project-"))


@dataclass(frozen=True, slots=True)
class Status:
    """How far one catalogue is; `missing` are English texts without a translation, `unsure` those marked fuzzy."""

    language: str
    total: int
    missing: tuple[str, ...]
    unsure: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.missing and not self.unsure


def source_root() -> Path:
    """The checkout this program runs from. Raises `BadInput` for an installed copy, which has no sources to read."""
    root = Path(__file__).resolve().parents[3]
    if not (root / "locales" / "en").is_dir():
        message = _m("Translations are made in a source checkout, and this copy of Fieldsmith is installed without one.")
        raise BadInput([Problem("no_sources", message, hint=_m("Clone the project, run `make install` there and try again."))])
    return root


def extract(root: Path) -> list[Status]:
    """Read every message from the sources and update each catalogue; translations that still fit are kept."""
    fresh = _read_sources(root)
    for language in LANGUAGES:
        path = _path(root, language)
        old = _load(path, language) if path.exists() else Catalog(locale=language, project="Fieldsmith", fuzzy=False)
        old.update(fresh, no_fuzzy_matching=True)
        old.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_po(old))
    return status(root)


def compile_catalogues(root: Path) -> list[Path]:
    """Write the .mo file beside each .po file; messages marked fuzzy are left out."""
    written = []
    for language in LANGUAGES:
        path = _path(root, language)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, _load(path, language))
        written.append(path.with_suffix(".mo"))
    return written


def status(root: Path) -> list[Status]:
    """One `Status` per language; English, the language of the sources, is always complete."""
    out = []
    for language in LANGUAGES:
        messages = [message for message in _load(_path(root, language), language) if message.id]
        blank = [str(message.id) for message in messages if not message.string]
        unsure = [str(message.id) for message in messages if message.fuzzy]
        out.append(Status(language, len(messages), () if language == "en" else tuple(blank), tuple(unsure)))
    return out


def _read_sources(root: Path) -> Catalog:
    catalogue = Catalog(project="Fieldsmith", copyright_holder="the Fieldsmith authors", fuzzy=False)
    for name, line, message, comments, context in extract_from_dir(root, list(METHODS), keywords=KEYWORDS):
        catalogue.add(message, None, [(Path(name).as_posix(), line)], auto_comments=comments, context=context)
    return catalogue


def _path(root: Path, language: str) -> Path:
    return root / "locales" / language / "LC_MESSAGES" / "messages.po"


def _load(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _po(catalogue: Catalog) -> bytes:
    """Sorted by text and without line numbers or dates, so that a change of code does not stir the file."""
    catalogue.header_comment = f"# Fieldsmith in {catalogue.locale_identifier}. Apache-2.0, like the rest of the project."
    out = io.BytesIO()
    write_po(out, catalogue, width=140, sort_output=True, no_location=True, ignore_obsolete=True)
    return b"".join(line for line in out.getvalue().splitlines(keepends=True) if not line.startswith(_CHANGING_HEADERS))
