"""`place_of`: the page of the studio where a part of the metadata is edited; problems, uses and differences link to it.

place_of("entity", "deal", "/fields/amount/label")     # /studio/entity/deal/fields/amount
place_of_path("choices/stage/values/won")              # /studio/choices/stage
"""

from __future__ import annotations

from collections.abc import Mapping

from fieldsmith.base.problems import Problem
from fieldsmith.meta.documents import OWNED_KINDS
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.studio.customising import value_at
from fieldsmith.web.current import LANGUAGES

_OWNED: Mapping[str, str] = {"layout": "layouts", "view": "views", "rule": "rules", "record_type": "record-types", "sharing_rule": "sharing"}
_SINGLE: Mapping[str, str] = {"company": "company", "package": "packages/"}
_HOME = "/studio/"


def place_of(kind: str, name: str, pointer: str = "") -> str:
    """The address of the editor of `kind`/`name`, nearest to the part at `pointer`; the studio's first page for kinds without one."""
    if kind in OWNED_KINDS:
        entity, dot, own = name.partition(".")
        return f"{_HOME}entity/{entity}/{_OWNED[kind]}/{own}" if dot else f"{_HOME}entities/"
    if kind == "entity":
        return _of_entity(name, pointer.split("/")[1:])
    if kind == "choices":
        return _of_choices(name, pointer.split("/")[1:])
    if kind in ("tab", "app"):
        return f"{_HOME}navigation/{kind}s/{name}"
    if kind == "role":
        return _of_role(name, pointer.split("/")[1:])
    if kind == "translation":
        language = next((language for language in LANGUAGES if name.endswith(language.lower())), "")
        return f"{_HOME}translations/{language}"
    return _HOME + _SINGLE.get(kind, "")


def place_in(documents: Mapping[Key, Effective], kind: str, name: str, pointer: str = "") -> str | None:
    """`place_of` for what `documents` have: of a member that is not there its document's page, None without the document."""
    found = documents.get((kind, name))
    if found is None:
        return None
    member = "/".join(pointer.split("/")[:3])
    return place_of(kind, name, pointer if value_at(found.body, member)[1] else "")


def place_of_path(path: str) -> str:
    """`place_of` for a path as uses and plans have it: `entity/deal/fields/amount`."""
    kind, _, rest = path.partition("/")
    name, slash, pointer = rest.partition("/")
    return place_of(kind, name, slash + pointer)


def path_in(documents: Mapping[Key, Effective], path: str) -> str | None:
    """`place_in` for a path as uses and plans have it."""
    kind, _, rest = path.partition("/")
    name, slash, pointer = rest.partition("/")
    return place_in(documents, kind, name, slash + pointer)


def document_of(problem: Problem) -> tuple[str, str] | None:
    """Kind and name of the document a problem is in (`custom/entity/deal.json`, or `entity/deal`)."""
    parts = (problem.document or "").removesuffix(".json").split("/")
    return (parts[-2], parts[-1]) if len(parts) >= 2 and parts[-1] != "package" else None


def _of_choices(name: str, parts: list[str]) -> str:
    base = f"{_HOME}choices/{name}"
    if parts[:1] == ["depends_on"]:
        return f"{base}/dependencies"
    return f"{base}/values/{parts[1]}" if parts[:1] == ["values"] and len(parts) > 1 else base


def _of_role(name: str, parts: list[str]) -> str:
    base = f"{_HOME}roles/{name}"
    if parts[0:1] in (["entities"], ["field_rights"], ["restrict"]):
        return f"{base}/entity/{parts[1]}" if len(parts) > 1 else base
    return f"{base}/settings" if parts and parts[0] else base


def _of_entity(name: str, parts: list[str]) -> str:
    base = f"{_HOME}entity/{name}/"
    if parts[:1] == ["fields"]:
        return f"{base}fields/{parts[1]}" if len(parts) > 1 else base
    return f"{base}settings" if parts and parts[0] else base
