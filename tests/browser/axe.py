"""axe-core on the page at hand. Playwright hands it to the page past the content security policy, which stays in force."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(str(files("fieldsmith.ui"))) / "node_modules" / "axe-core" / "axe.min.js"


def faults(page: Page) -> list[str]:
    """What axe finds serious or critical, each as one line."""
    page.evaluate(AXE.read_text("utf-8"))
    result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations'], elementRef: false})")
    bad = [found for found in result["violations"] if found["impact"] in {"serious", "critical"}]
    return [
        f"{page.url} {found['id']}: {node['html'][:160]} {node['failureSummary'].splitlines()[-1].strip()[:200]}" for found in bad for node in found["nodes"]
    ]
