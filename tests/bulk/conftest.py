"""Files to import, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bulk.loading import Files
from tests.desk import Desk


@pytest.fixture
def files(tiny: Desk, tmp_path: Path) -> Files:
    return Files(tiny, tmp_path)
