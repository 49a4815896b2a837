"""docs/reference/ is what the code says today, and shipped metadata is what its own rules ask for."""

from __future__ import annotations

import json
import re

import pytest

from docs.build_reference import REFERENCE, pages, problem_codes, words_of
from fieldsmith.base.settings import KNOWN
from fieldsmith.expr.check_state import AGGREGATES
from fieldsmith.expr.functions import functions
from fieldsmith.fields.registry import field_types
from tests.house.source import ROOT


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


def test_reference_pages_are_fresh(made: dict[str, str]) -> None:
    stale = [name for name, text in made.items() if not (REFERENCE / name).exists() or (REFERENCE / name).read_text(encoding="utf-8") != text]
    assert not stale, f"run `make docs`: {stale} differ from the code"


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("settings.md", {setting.key for setting in KNOWN}),
        ("field-types.md", set(field_types())),
        ("problems.md", set(problem_codes())),
        ("documents.md", {path.stem for path in (ROOT / "metadata" / "schemas").glob("*.json")}),
    ],
)
def test_everything_has_a_heading(made: dict[str, str], page: str, names: set[str]) -> None:
    assert names <= set(re.findall(r"^## (\S+)$", made[page], re.MULTILINE))


@pytest.mark.parametrize("page", ["expressions.md", "expressions.zh_Hans.md", "expressions.zh_Hant.md"])
def test_every_function_has_a_heading_in_every_language(made: dict[str, str], page: str) -> None:
    assert {name for name in functions() if name.isupper()} | AGGREGATES <= set(re.findall(r"^### (\S+)$", made[page], re.MULTILINE))


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_pages_are_written_by_the_catalogues(language: str) -> None:
    assert words_of(language).gettext("Sign in first.") != "Sign in first."
    assert words_of(language).gettext("Nobody ever said this.") == "Nobody ever said this."


def test_every_key_of_a_document_is_explained() -> None:
    bare = []
    for path in sorted((ROOT / "metadata" / "schemas").glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        for part in [schema, *schema.get("$defs", {}).values()]:
            bare += [f"{path.name}: {key}" for key, value in part.get("properties", {}).items() if not value.get("description") and "$ref" not in value]
    assert not bare, "\n".join(bare)


def test_relative_links_of_the_docs_lead_somewhere() -> None:
    broken = []
    for page in [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} → {target}")
    assert not broken, "\n".join(broken)
