"""CSV files as they come."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldsmith.base.errors import BadInput
from fieldsmith.bulk.reader import MAX_CELL, MAX_COLUMNS, open_csv


def rows(folder: Path, data: bytes) -> list[tuple[int, list[str]]]:
    path = folder / "data.csv"
    path.write_bytes(data)
    file = open_csv(path)
    return [(1, list(file.header)), *((number, cells) for number, cells, _ in file.rows())]


TABLE = [(1, ["name", "city"]), (2, ["Straße", "北京"])]
TEXT = "name,city\nStraße,北京\n"
READ: dict[str, bytes] = {
    "plain": TEXT.encode(),
    "bom": TEXT.encode("utf-8-sig"),
    "utf-16 little": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "utf-16 big": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "gb18030": TEXT.encode("gb18030"),
    "crlf": TEXT.replace("\n", "\r\n").encode(),
    "lone cr": TEXT.replace("\n", "\r").encode(),
    "no end": TEXT.strip().encode(),
    "semicolons": TEXT.replace(",", ";").encode(),
    "tabs": TEXT.replace(",", "\t").encode(),
    "bars": TEXT.replace(",", "|").encode(),
    "quotes": '"name", "city"\n"Straße",北京'.replace(", ", ",").encode(),
    "wide header": b" name ,city \n" + "Straße,北京".encode(),
}


@pytest.mark.parametrize("data", READ.values(), ids=READ)
def test_encodings_delimiters_and_line_ends_are_found_out(tmp_path: Path, data: bytes) -> None:
    assert rows(tmp_path, data) == TABLE


def test_windows_text_is_read(tmp_path: Path) -> None:
    assert rows(tmp_path, "name,city\nM\xfcller \x80,K\xf6ln\n".encode("latin-1"))[1][1][1] == "Köln"


def test_cells_may_hold_lines_delimiters_and_quotes(tmp_path: Path) -> None:
    assert rows(tmp_path, b'a;b\n"1,\n2";"say ""hi"""\n') == [(1, ["a", "b"]), (2, ["1,\n2", 'say "hi"'])]


def test_blank_rows_are_passed_over_but_counted(tmp_path: Path) -> None:
    assert [number for number, _ in rows(tmp_path, b"a,b\n\n1,2\n,\n3,4\n")] == [1, 3, 5]


REFUSED: dict[str, tuple[bytes, str, int | None]] = {
    "nothing": (b"", "empty_file", None),
    "blanks": (b" \n\n", "empty_file", None),
    "open quote": (b'a,b\n1,2\n3,"4\n5,6\n', "unreadable_row", 3),
    "quote inside": (b'a,b\n1,"2"x\n', "unreadable_row", 2),
    "nul": (b"a,b\n1,\x00\n", "not_a_table", None),
    "spreadsheet": (b"PK\x03\x04\x00\x00", "not_a_table", None),
    "columns": (b"a," * 100_000, "too_many_columns", None),
    "cell": (b"a\n1\n" + b"x" * (MAX_CELL + 1), "unreadable_row", 3),
    "late wrong byte": (b"a\n" + b"x\n" * 200_000 + b"\xff\xff\n" + b"x\n" * 9, "unreadable_row", 200_002),
    "half a sign": ("a\nb\n".encode("utf-16") + b"x", "unreadable_row", 3),
}


@pytest.mark.parametrize(("data", "code", "row"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_table_is_refused_with_its_row(tmp_path: Path, data: bytes, code: str, row: int | None) -> None:
    with pytest.raises(BadInput) as caught:
        rows(tmp_path, data)
    [problem] = caught.value.problems
    assert (problem.code, problem.line) == (code, row)
    assert problem.hint is not None


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_opened_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        open_csv(tmp_path / name)


def test_as_many_columns_as_allowed_are_read(tmp_path: Path) -> None:
    assert len(rows(tmp_path, b",".join([b"a"] * MAX_COLUMNS))[0][1]) == MAX_COLUMNS
