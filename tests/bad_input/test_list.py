"""`docs/bad_input.md` names only tests there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_list_names_tests_there_are() -> None:
    listed = re.findall(r"`(tests/[a-z_/0-9]+\.py)::(test_[a-z_0-9]+)`", (ROOT / "docs" / "bad_input.md").read_text("utf-8"))
    assert len(listed) > 60
    assert [f"{file}::{name}" for file, name in listed if f"def {name}(" not in (ROOT / file).read_text("utf-8")] == []
