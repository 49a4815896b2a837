"""CSV files as they come: encodings, delimiters, line ends found out; rows with their line numbers.

The dialect is sniffed from the first piece, the rest is streamed, so a file of a million rows costs no memory. What cannot
be read is a `Problem` that says where.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m

MAX_COLUMNS = 1_000
MAX_CELL = 1_000_000
_HEAD = 1 << 18
_ROWS_BETWEEN_LOOKS = 256  # asking how far the file is read costs as much as a cell
_DELIMITERS = ",;\t|"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file whose dialect is known. `header` are the trimmed column names of its first row."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    size: int

    def rows(self) -> Iterator[tuple[int, list[str], int]]:
        """(row number as a spreadsheet counts, cells, bytes read so far); blank rows are passed over.

        Raises `BadInput` naming the row where the file cannot be read on.
        """
        with self.path.open("rb") as raw, io.TextIOWrapper(raw, self.encoding, newline="") as text:
            cells = _reader(text, self.delimiter)
            number = at = 0
            try:
                for number, row in enumerate(cells, start=1):
                    if not number % _ROWS_BETWEEN_LOOKS:
                        at = raw.tell()
                    if number > 1 and any(row):
                        yield number, row, at
            except UnicodeError as error:
                raise _unreadable(self._undecodable(number + 1), error) from error
            except csv.Error as error:
                raise _unreadable(number + 1, error) from error

    def _undecodable(self, read: int) -> int:
        """The row that cannot be decoded. Decoding runs ahead of `read` by a buffer, so look again, a wrong byte marked."""
        with self.path.open(encoding=self.encoding, errors="backslashreplace" if "16" in self.encoding else "surrogateescape", newline="") as text:
            for number, row in enumerate(_reader(text, self.delimiter), start=1):
                if any("\udc80" <= sign <= "\udcff" for cell in row for sign in cell):
                    return number
        return read


def open_csv(path: Path) -> CsvFile:
    """Find out encoding, delimiter and header. Raises `BadInput` for what is no table."""
    if path.exists() and not path.is_file():
        hint = _m("Save the table as a file first; it is read twice.")
        raise _bad("unreadable_file", _m("“{name}” cannot be read: it is a folder, a pipe or a device.", name=path.name), hint)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        message = _m("The file “{name}” cannot be read: {reason}.", name=path.name, reason=error.strerror or "")
        raise _bad("unreadable_file", message, _m("Check its path and the rights on it.")) from error
    encoding = _encoding(head)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    if not text.strip():
        raise _bad("empty_file", _m("The file “{name}” is empty.", name=path.name), _m("Export it again, with a header row."))
    if "\0" in text:
        raise _bad("not_a_table", _m("The file “{name}” is not text.", name=path.name), _m("Save the table as CSV, then import that."))
    delimiter = _delimiter(text)
    try:
        first = next(_reader(io.StringIO(text, newline=""), delimiter))
    except csv.Error as error:
        raise _unreadable(1, error) from error
    header = tuple(cell.strip() for cell in first)
    if len(header) > MAX_COLUMNS:
        message = _m("The file has {count} columns; at most {limit} can be read.", count=len(header), limit=MAX_COLUMNS)
        raise _bad("too_many_columns", message, _m("Split the file."))
    return CsvFile(path, encoding, delimiter, header, size)


def _reader(text: Iterator[str] | io.TextIOBase, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_CELL)
    return csv.reader(text, delimiter=delimiter, strict=True)


def _encoding(head: bytes) -> str:
    """By byte order mark; else UTF-8, else GB18030 (which Chinese spreadsheets write), else Windows-1252."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    for name in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(name)().decode(head)
        except UnicodeDecodeError:
            continue
        return name
    return "cp1252"


def _delimiter(text: str) -> str:
    """The sign that splits the first row, outside quotes, into most cells."""
    line = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", 1)[0]
    counts: dict[str, int] = {sign: 0 for sign in _DELIMITERS}
    quoted = False
    for sign in line:
        if sign == '"':
            quoted = not quoted
        elif not quoted and sign in counts:
            counts[sign] += 1
    return max(counts, key=lambda sign: counts[sign])


def _unreadable(row: int, error: Exception) -> BadInput:
    message = _m("Row {row} cannot be read: {reason}.", row=row, reason=str(error))
    problem = Problem("unreadable_row", message, "", _m("Look for an unclosed quote or a wrong encoding in that row."), line=row)
    return BadInput([problem], _m("The file cannot be read."))


def _bad(code: str, message: Message, hint: Message) -> BadInput:
    return BadInput([Problem(code, message, "", hint)], message)
