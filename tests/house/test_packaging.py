"""What setup.cfg says is what the folders hold; the lock pins it; nothing names a registry."""

from __future__ import annotations

import configparser
import re
import sys
from importlib.metadata import packages_distributions

from tests.house.source import PACKAGE, ROOT, imports, product_files

SHIPPED_FOLDERS = {"ui": "fieldsmith.ui", "metadata": "fieldsmith.metadata", "locales": "fieldsmith.locales", "plugins": "fieldsmith_plugins"}

# Used without an import of ours: PostgreSQL's driver is named in the URL, brotli by the front-end build.
INDIRECT = {"psycopg"}


def _setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def _names(text: str) -> set[str]:
    """Distribution names of a requirement list, normalised."""
    found = (re.match(r"[A-Za-z0-9._-]+", line.strip()) for line in text.splitlines())
    return {_normal(match[0]) for match in found if match}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_packages_are_the_folders() -> None:
    folders = {"fieldsmith", *SHIPPED_FOLDERS.values()}
    folders |= {".".join(path.parent.relative_to(PACKAGE.parent).parts) for path in PACKAGE.rglob("__init__.py")}
    folders |= {".".join(["fieldsmith_plugins", *path.parent.relative_to(ROOT / "plugins").parts]) for path in (ROOT / "plugins").rglob("__init__.py")}
    assert set(_setup()["options"]["packages"].split()) == folders


def test_every_folder_with_code_is_a_package() -> None:
    bare = {str(path.parent.relative_to(ROOT)) for path in PACKAGE.rglob("*.py") if not (path.parent / "__init__.py").exists()}
    assert not bare


def test_platform_does_not_shadow_the_standard_library() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_shipped_data_folders_can_be_installed() -> None:
    assert all((ROOT / folder / "__init__.py").exists() for folder in SHIPPED_FOLDERS)


def test_run_time_requirements_are_the_imports() -> None:
    declared = _names(_setup()["options"]["install_requires"])
    imported = {target.split(".")[0] for path in product_files() for _, target in imports(path)} - set(sys.stdlib_module_names)
    owners = {module: {_normal(name) for name in names} for module, names in packages_distributions().items()}
    used = [owners[module] for module in imported - {"fieldsmith", "fieldsmith_plugins"}]
    assert [names for names in used if not names & declared] == [], "imported but not in install_requires"
    assert declared - set().union(*used) - INDIRECT == set(), "in install_requires but never imported"


def test_the_lock_pins_every_requirement_with_hashes() -> None:
    setup = _setup()
    wanted = _names(setup["options"]["install_requires"]) | _names(setup["options.extras_require"]["dev"])
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {match.lower() for match in re.findall(r"^([A-Za-z0-9._-]+)==[^\s]+ \\\n    --hash=sha256:", lock, re.MULTILINE)}
    assert wanted <= pinned, f"run `make lock`; not pinned: {sorted(wanted - pinned)}"
    assert len(pinned) == len(re.findall(r"^[A-Za-z0-9._-]+==", lock, re.MULTILINE))


def test_no_lock_names_a_registry() -> None:
    for name in ("requirements.lock", "ui/package-lock.json"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"--(extra-)?index-url|--find-links|\"resolved\"|://[a-z.]*(pypi|npmjs)", text), name
