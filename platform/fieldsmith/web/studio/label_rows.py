"""Every label of the draft with its words: what the translations grid shows, counts, exports and takes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fieldsmith.base.text import Message, _m
from fieldsmith.meta.check_words import label_paths
from fieldsmith.meta.documents import OWNED_KINDS
from fieldsmith.meta.labels import label_from_name, plural_of
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.customising import value_at
from fieldsmith.web.studio import translated
from fieldsmith.web.studio.desk import Desk, shown

PICK_LISTS, NAVIGATION, REST = "choices", "navigation", "rest"
_GROUPS: Mapping[str, str] = {"choices": PICK_LISTS, "tab": NAVIGATION, "app": NAVIGATION}
_TITLES: Mapping[str, Message] = {PICK_LISTS: _m("Pick lists"), NAVIGATION: _m("Navigation"), REST: _m("Roles, packages, company")}
_NAMED = frozenset({"entity", "choices", "view", "rule", "app", "role", "record_type", "sharing_rule"})  # called after their name where they say no label
_MEMBERS = frozenset({"fields", "values", "sections", "tabs"})
_UNTRANSLATED = frozenset({"company/company/label"})


@dataclass(frozen=True, slots=True)
class LabelRow:
    """`path` as translations name it, `source` what the document says; `group` is an entity or one of the groups above. `spare`: a plural
    whose singular is translated, which languages without plurals do without."""

    path: str
    group: str
    source: str
    text: str
    spare: bool = False

    @property
    def missing(self) -> bool:
        return not self.text and not self.spare


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many of `total` labels have words."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means all."""
        return 100 if self.total == 0 else self.done * 100 // self.total


def rows(now: Desk, language: str) -> list[LabelRow]:
    """In the order of the documents. A draft with problems shows the labels of what is published."""
    words = translated.words_in(now, language)
    documents = now.documents if now.bench.sound else now.bench.published
    out = []
    for document in documents.values():
        if document.kind in ("translation", "import_map"):
            continue
        for path, source in _labels(document):
            spare = path.endswith("/plural") and path.removesuffix("plural") + "label" in words
            out.append(LabelRow(path, group_of(document.kind, document.name), source, words.get(path, ""), spare))
    return out


def completeness(listed: Sequence[LabelRow]) -> tuple[Completeness, dict[str, Completeness]]:
    """Of all, and by group."""
    by_group: dict[str, list[LabelRow]] = {}
    for row in listed:
        by_group.setdefault(row.group, []).append(row)
    return _counted(listed), {group: _counted(found) for group, found in by_group.items()}


def group_of(kind: str, name: str) -> str:
    """The group that the labels of a document belong to: its entity, or pick lists, navigation and the rest."""
    if kind == "entity":
        return name
    return name.partition(".")[0] if kind in OWNED_KINDS else _GROUPS.get(kind, REST)


def group_title(now: Desk, group: str) -> str:
    """What the reader calls a group."""
    if group in _TITLES:
        return _TITLES[group].render(now.words)
    known = now.model.entities.get(group)
    return shown(None if known is None else known.label, label_from_name(group), now.words)


def _labels(document: Effective) -> Iterator[tuple[str, str]]:
    base = f"{document.kind}/{document.name}"
    for path in label_paths(document):
        if path in _UNTRANSLATED:
            continue
        place = path[len(base) :]
        said, there = value_at(document.body, place)
        source = str(said) if there and said else _made(document, place)
        if source:
            yield path, source


def _made(document: Effective, place: str) -> str:
    """The words of a label that the document does not say, where people read them all the same."""
    parts = place.split("/")[1:]
    if parts == ["plural"]:
        return plural_of(str(document.body.get("label") or label_from_name(document.name)))
    if parts == ["label"] and document.kind in _NAMED:
        return label_from_name(document.name.rpartition(".")[2])
    return label_from_name(parts[1]) if len(parts) == 3 and parts[2] == "label" and parts[0] in _MEMBERS else ""


def _counted(listed: Sequence[LabelRow]) -> Completeness:
    return Completeness(sum(not row.missing for row in listed), len(listed))
