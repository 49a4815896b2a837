"""Files: contents on disk, and who may take one into a record."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from fieldsmith.base.errors import TooLarge
from fieldsmith.records.files import MAX_BYTES, FileStore, content, file_name
from tests.desk import Desk, user

ANA, BEN = 1, 2


@pytest.fixture
def people(tiny: Desk) -> Desk:
    assert [tiny.make("user", name=name) for name in ("Ana", "Ben")] == [ANA, BEN]
    return tiny


def test_a_file_is_taken_by_who_sent_it(people: Desk) -> None:
    ana = user(ANA, "clerk")
    file = people.upload(ana, "offer.pdf", b"%PDF-1")
    id = people.make("thing", ana, text="A", file=file)
    assert people.json("thing", id)["file"] == {"id": file, "name": "offer.pdf", "size": 6, "type": "application/pdf"}


def test_a_file_of_somebody_else_is_as_one_that_is_not_there(people: Desk) -> None:
    file = people.upload(user(ANA, "clerk"))
    with people.refuses(("not_found", "/file")):
        people.make("thing", user(BEN, "clerk"), text="A", file=file)


def test_a_file_belongs_to_one_record(people: Desk) -> None:
    file = people.upload()
    holder, other = people.make("thing", text="A", file=file), people.make("thing", text="B")
    with people.refuses(("not_found", "/image")):
        people.change("thing", other, image=file)
    assert people.change("thing", holder, text="C", file=file).version == 2


def test_two_fields_cannot_take_the_same_file(people: Desk) -> None:
    file = people.upload()
    with people.refuses(("not_found", "/image")):
        people.make("thing", text="A", file=file, image=file)


@pytest.mark.parametrize(
    "content", [b"<svg onload=alert(1)>", b"<html><script>", b"%PDF-1", b"PK\x03\x04", b"", b" \x89PNG\r\n\x1a\n", b"<?xml version='1.0'?><svg/>"]
)
def test_a_field_for_pictures_takes_only_what_is_one(people: Desk, content: bytes) -> None:
    file = people.upload(name="portrait.png", content=content)
    with people.refuses(("not_picture", "/image")):
        people.make("thing", text="A", image=file)
    assert people.make("thing", text="A", file=file)


def test_a_picture_that_is_also_something_else_is_kept_as_a_picture(people: Desk) -> None:
    file = people.upload(name="a.html", content=b"GIF89a/*<script>alert(1)</script>*/=1;")
    assert people.json("thing", people.make("thing", text="A", image=file))["image"]["type"] == "image/gif"


def test_a_file_is_read_through_its_record_only(people: Desk) -> None:
    file = people.upload(content=b"hello")
    holder = people.make("thing", text="A", file=file)
    with people.workspace.read() as work:
        uid = work.model.entities["thing"].uid
        found = content(work.connection, uid, holder, file)
        assert found is not None and people.workspace.files.path(found[1]).read_bytes() == b"hello"
        assert content(work.connection, uid, holder + 1, file) is None
        assert content(work.connection, uid + 1, holder, file) is None


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a.txt", "a.txt"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ("...", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("e\u0301.txt", "é.txt"),
        ("\u202egpj.exe", "gpj.exe"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("LPT¹.a.b", "_LPT¹.a.b"),
        ("console.txt", "console.txt"),
        (".pHaR", "pHaR"),
        ("a.php\x00.png", "a.php.png"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("..\\..\\x.dll", "x.dll"),
        ("/", "file"),
    ],
)
def test_names_are_made_fit_to_show(sent: str, shown: str) -> None:
    assert file_name(sent) == shown


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n.", "image/png"),
        (b"\xff\xd8\xff.", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF....WEBP", "image/webp"),
        (b"PK\x03\x04", "application/zip"),
        (b"<svg onload=alert(1)>", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_the_media_type_is_read_from_the_content(tmp_path: Path, data: bytes, kind: str) -> None:
    assert FileStore(tmp_path).put(io.BytesIO(data)) == (hashlib.sha256(data).hexdigest(), len(data), kind)


def test_a_file_too_large_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        FileStore(tmp_path).put(io.BytesIO(bytes(MAX_BYTES + 1)))
    assert list(tmp_path.iterdir()) == []
