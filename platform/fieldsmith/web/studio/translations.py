"""`/studio/translations/`: how complete each language is, and a grid of every label with its words in one language.

GET  …/                        completeness by language and entity
GET  …/<language>              the grid: q, group, missing=1, page; POST saves the inputs of a page
GET  …/<language>.csv          path, English and words, for a translator
POST …/<language>/import       such a file back: rows whose words differ go into the draft
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.bulk.cells import unguarded
from fieldsmith.bulk.export import guarded
from fieldsmith.web import page
from fieldsmith.web.page import number
from fieldsmith.web.studio import label_rows, translated
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.label_rows import Completeness, LabelRow

PAGE = 100
_BASE = "/studio/translations/"
_INPUT = "w:"
_HEADER = ("path", "english", "words")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows the grid shows, as the address says."""

    words: str = ""
    group: str = ""
    missing: bool = False
    page: int = 1

    def url(self, language: str, **change: Any) -> str:
        """The address with another page or filter."""
        said = {"q": self.words, "group": self.group, "missing": "1" if self.missing else "", "page": str(self.page), **change}
        kept = {name: value for name, value in said.items() if value and (name, value) != ("page", "1")}
        return f"{_BASE}{language}" + (f"?{urlencode(kept)}" if kept else "")


def register(app: Flask) -> None:
    app.add_url_rule(_BASE, "studio_translations", overview)
    app.add_url_rule(f"{_BASE}<language>", "studio_translation", grid)
    app.add_url_rule(f"{_BASE}<language>", "studio_save_translation", save, methods=["POST"])
    app.add_url_rule(f"{_BASE}<language>.csv", "studio_export_translation", export)
    app.add_url_rule(f"{_BASE}<language>/import", "studio_import_translation", take_in, methods=["POST"])


def overview() -> Response:
    """`GET /studio/translations/`."""
    now = desk()
    whole: dict[str, Completeness] = {}
    groups: dict[str, dict[str, Completeness]] = {}
    for language, _ in translated.OTHERS:
        whole[language], by_group = label_rows.completeness(label_rows.rows(now, language))
        for group, found in by_group.items():
            groups.setdefault(group, {})[language] = found
    titled = sorted(((group, label_rows.group_title(now, group)) for group in groups), key=lambda pair: pair[1].casefold())
    return render("studio/translations.html", now, others=translated.OTHERS, whole=whole, groups=titled, by_group=groups)


def grid(language: str) -> Response:
    """`GET /studio/translations/<language>`; the name of a translation document leads to the language it is in."""
    now = desk()
    document = now.documents.get(("translation", language))
    if document is not None and document.body.get("language") in dict(translated.OTHERS):
        return page.go(f"{_BASE}{document.body['language']}")
    return _page(now, _language(language), _wanted())


def save(language: str) -> Response:
    """`POST /studio/translations/<language>`: every input that differs."""
    now, wanted = desk(), _wanted()
    name = _language(language)
    sent = {path.removeprefix(_INPUT): text.strip() for path, text in request.form.items() if path.startswith(_INPUT)}
    changed = _differing(label_rows.rows(now, name), sent)
    try:
        _say(now, name, changed)
    except BadInput as wrong:
        return _page(now, name, wanted, sent, wrong, 422)
    _told(len(changed))
    return page.go(wanted.url(name))


def export(language: str) -> Response:
    """`GET …/<language>.csv`: UTF-8 with a mark, so that spreadsheets read it; cells that they would run get an apostrophe."""
    now = desk()
    name = _language(language)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADER)
    writer.writerows([row.path, guarded(row.source), guarded(row.text)] for row in _chosen(label_rows.rows(now, name), _wanted()))
    headers = {"Content-Disposition": f'attachment; filename="translations-{name}.csv"', "Cache-Control": "no-store"}
    return Response("\ufeff" + out.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


def take_in(language: str) -> Response:
    """`POST …/<language>/import`: a file as exported. Blank words are left as they are; unknown paths are counted and told."""
    now = desk()
    name = _language(language)
    listed = label_rows.rows(now, name)
    try:
        sent = _read(request.files["file"].read() if "file" in request.files else b"")
        changed = _differing(listed, {path: text for path, text in sent.items() if text})
        _say(now, name, changed)
    except BadInput as wrong:
        return _page(now, name, _wanted(), {}, wrong, 422)
    _told(len(changed))
    unknown = len(sent.keys() - {row.path for row in listed})
    if unknown:
        page.notify(_m("Rows whose path names no label were left out: {count}.", count=number(unknown)), "warning")
    return page.go(f"{_BASE}{name}")


def _language(language: str) -> str:
    known = dict(translated.OTHERS)
    if language not in known:
        raise NotFound(_m("Screens do not speak “{language}”. Use one of: {known}.", language=language[:50], known=", ".join(known)))
    return language


def _wanted() -> Wanted:
    args = request.args
    text = args.get("page", "1")
    at = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return Wanted(args.get("q", "").strip()[:100], args.get("group", "")[:60], args.get("missing") == "1", max(at, 1))


def _chosen(listed: Sequence[LabelRow], wanted: Wanted) -> list[LabelRow]:
    words = wanted.words.casefold()
    return [
        row
        for row in listed
        if (not wanted.missing or row.missing)
        and wanted.group in ("", row.group)
        and (not words or any(words in said.casefold() for said in (row.path, row.source, row.text)))
    ]


def _differing(listed: Sequence[LabelRow], sent: Mapping[str, str]) -> dict[str, str]:
    return {row.path: sent[row.path] for row in listed if row.path in sent and sent[row.path] != row.text}


def _say(now: Desk, language: str, changed: Mapping[str, str]) -> None:
    long = [Problem("too_long", _m("Write at most {most} characters.", most=_LONGEST), f"/{path}") for path, text in changed.items() if len(text) > _LONGEST]
    if long:
        raise BadInput(long)
    said = translated.said(now, {(language, path): text for path, text in changed.items()})
    if said:
        now.say(said)


def _told(count: int) -> None:
    if count:
        page.notify(_m("Words changed in the draft: {count}.", count=number(count)))
    else:
        page.notify(_m("Nothing was changed."), "info")


def _read(content: bytes) -> dict[str, str]:
    """Words by path. Raises `BadInput` for what is no such file."""
    cure = _m("Save it as CSV in UTF-8 with the columns {names}.", names=", ".join(_HEADER))
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if not {"path", "words"} <= set(reader.fieldnames or ()):
            raise BadInput([Problem("bad_file", _m("This is not a file of translations."), "/file", cure)])
        return {row["path"]: unguarded((row["words"] or "").strip()) for row in reader if row["path"]}
    except (UnicodeDecodeError, csv.Error):
        raise BadInput([Problem("bad_file", _m("This file cannot be read."), "/file", cure)]) from None


def _page(now: Desk, language: str, wanted: Wanted, typed: Mapping[str, str] | None = None, wrong: BadInput | None = None, status: int = 200) -> Response:
    listed = label_rows.rows(now, language)
    chosen = _chosen(listed, wanted)
    pages = max(1, -(-len(chosen) // PAGE))
    at = min(wanted.page, pages)
    whole, by_group = label_rows.completeness(listed)
    groups = sorted(((group, label_rows.group_title(now, group)) for group in by_group), key=lambda pair: pair[1].casefold())
    return render(
        "studio/translations_grid.html",
        now,
        status,
        language_code=language,
        language_name=dict(translated.OTHERS)[language],
        rows=chosen[(at - 1) * PAGE : at * PAGE],
        count=len(chosen),
        at=at,
        pages=pages,
        wanted=wanted,
        before=wanted.url(language, page=str(at - 1)) if at > 1 else None,
        after=wanted.url(language, page=str(at + 1)) if at < pages else None,
        address=wanted.url(language),
        whole=whole,
        groups=groups,
        typed=typed or {},
        wrong=[] if wrong is None else [_sentence(problem) for problem in wrong.problems],
    )


def _sentence(problem: Problem) -> str:
    return " ".join(filter(None, (page.say(problem.message), page.say(problem.hint))))
