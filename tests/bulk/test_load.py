"""Loading rows: values, lookups, matching, what is refused and what stays."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.errors import Forbidden, NotFound
from fieldsmith.bulk import load as loading
from tests.bulk.loading import Files, counts
from tests.desk import user
from tests.tiny import FILLED

LOOKUP = {"name": {"field": "text"}, "box": {"field": "lookup", "lookup": {"by": "name"}}}
MAKE = {"name": {"field": "text"}, "box": {"field": "lookup", "lookup": {"by": "name", "create": True}}}


def test_a_good_file_is_taken_whole(files: Files) -> None:
    assert counts(files.load("box", "name,code\nA,1\nB,2\n")) == (2, 0, 0, 0)
    assert files.desk.rows("box", "name", "code") == [("A", "1"), ("B", "2")]
    assert not files.rejects.exists()


def test_a_second_import_changes_nothing(files: Files) -> None:
    data = "text,weight,currency,date,boolean,choice\nA,1.50,12.5,2026-01-02,true,small\nB,2,,,,\n"
    files.load("thing", data, match="weight")
    with files.desk.unchanged():
        assert counts(files.load("thing", data, match="weight")) == (0, 0, 2, 0)


@pytest.mark.parametrize(("match", "value"), [("weight", "1.5"), ("born", "2000-01-02"), ("external_id", "A")])
def test_rows_are_matched_by_any_unique_field(files: Files, match: str, value: str) -> None:
    files.desk.make("thing", **{"text": "old", match: value})  # type: ignore[arg-type]
    assert counts(files.load("thing", f"text,{match}\nnew,{value}\n", match=match)) == (0, 1, 0, 0)
    assert files.desk.rows("thing", "text") == [("new",)]


def test_a_key_that_comes_again_changes_what_the_first_made(files: Files) -> None:
    assert counts(files.load("box", "name,code\nA,1\nB,2\nC,1\n", match="code")) == (2, 1, 0, 0)
    assert files.desk.rows("box", "name", "code") == [("C", "1"), ("B", "2")]


def test_rows_without_a_key_are_new(files: Files) -> None:
    assert counts(files.load("box", "name,code\nA,\nB,\n", match="code")) == (2, 0, 0, 0)


@pytest.mark.parametrize(("match", "value"), [("id", "99"), ("auto_number", "N-0099")])
def test_a_record_named_by_what_the_platform_gives_must_be_there(files: Files, match: str, value: str) -> None:
    assert counts(files.load("thing", f"text,{match}\nA,{value}\nB,\n", match=match)) == (1, 0, 0, 1)
    assert files.places == [("2", match)]


@pytest.mark.parametrize("match", ["id", "auto_number"])
def test_records_are_matched_by_what_the_platform_gave(files: Files, match: str) -> None:
    id = files.desk.make("thing", text="A")
    value = files.desk.json("thing", id)[match]
    assert counts(files.load("thing", f"text,{match}\nB,{value}\n", match=match)) == (0, 1, 0, 0)


def test_a_unique_clash_inside_a_batch_refuses_just_that_row(files: Files) -> None:
    files.desk.make("box", code="taken")
    rows = "".join(f"n{at},{at}\n" for at in range(40))
    assert counts(files.load("box", f"name,code\n{rows}x,7\ny,taken\nz,z\n")) == (41, 0, 0, 2)
    assert files.places == [("42", "code"), ("43", "code")]


def test_a_change_that_clashes_refuses_just_that_row(files: Files) -> None:
    for name, code in (("A", "1"), ("B", "2")):
        files.desk.make("box", name=name, code=code)
    assert counts(files.load("box", "id,code\n1,2\n2,3\n", match="id")) == (0, 1, 0, 1)
    assert files.desk.rows("box", "code") == [("1",), ("3",)]


BAD: list[tuple[str, str]] = [
    *(("date", text) for text in ("31/02/2026", "2023-02-29", "03/04/26", "20260102")),
    *(("decimal", text) for text in ("NaN", "Infinity", "1e40", "1.234,56", "9" * 40, "x")),
    ("integer", "9223372036854775808"),
    ("boolean", "maybe"),
    ("choice", "old"),
    ("choice", "nonsense"),
    ("url", "javascript:alert(1)"),
    ("email", "ana@"),
    ("currency", "12 JPY"),
    ("currency", "12 XXX1"),
    ("text", "x" * 256),
]


def test_what_cannot_be_read_is_refused_with_row_column_and_reason(files: Files) -> None:
    fields = sorted({field for field, _ in BAD} - {"text"})
    rows = [",".join([text if field == "text" else "ok", *(f'"{text}"' if name == field else "" for name in fields)]) for field, text in BAD]
    files.load("thing", "\n".join([",".join(["text", *fields]), *rows, "good" + "," * len(fields)]))
    assert files.desk.rows("thing", "text", *fields) == [("good", False, *[None] * (len(fields) - 1))]
    assert sorted(files.places, key=lambda place: int(place[0])) == [(str(at), field) for at, (field, _) in enumerate(BAD, 2)]
    assert all(row[2] for row in files.rejected)


def test_dates_and_amounts_are_read_by_format_and_locale(files: Files) -> None:
    columns = {"t": {"field": "text"}, "d": {"field": "date", "date_format": "d/M/yyyy"}, "m": {"field": "decimal"}}
    files.load("thing", 't;d;m\nA;3/4/2026;"1.234,56"\n', columns=columns, locale="de")
    assert files.desk.rows("thing", "date", "decimal") == [("2026-04-03", "1234.56")]


def test_a_refused_row_is_kept_as_it_was_and_may_be_corrected(files: Files) -> None:
    files.load("thing", 'text,integer,url\n"=A,1",x,\n')
    assert files.rejected[0][3:] == ["'=A,1", "x", ""]
    header, row = files.rejects.read_text("utf-8-sig").splitlines()
    assert counts(files.load("thing", f"{header}\n{row.replace(',x,', ',7,')}\n")) == (1, 0, 0, 0)
    assert files.desk.rows("thing", "text", "integer") == [("=A,1", 7)]


def test_a_row_longer_than_the_header_is_refused_a_shorter_one_is_blank_at_its_end(files: Files) -> None:
    assert counts(files.load("box", "name,code\nA,1,2\nB\n")) == (1, 0, 0, 1)
    assert files.places == [("2", "")]


def test_texts_are_replaced_and_constants_and_templates_fill(files: Files) -> None:
    box = files.desk.make("box", code="K")
    columns = {"Name": {"field": "text", "values": {"GTXPro": "GTX Pro", "-": None}}, "S": {"field": "choice", "values": {"L": "large"}}}
    more: dict[str, Any] = {"constants": {"integer": 7, "kin": None, "lookup": {"external_id": {"code": "K"}}}, "templates": {"url": "https://example.com/{S}"}}
    assert counts(files.load("thing", "Name,S\nGTXPro,L\n-,\n", columns=columns, **more)) == (1, 0, 0, 1)
    assert files.desk.rows("thing", "text", "choice", "integer", "lookup") == [("GTX Pro", "large", 7, {"id": box, "label": None})]


def test_lookups_are_found_by_name(files: Files) -> None:
    for name in ("A", "B", "B", "-C"):
        files.desk.make("box", name=name)
    assert counts(files.load("thing", "name,box\n1,A\n2,B\n3,Z\n4,\n5,'-C\n", columns=LOOKUP)) == (3, 0, 0, 2)
    assert [row[0] and row[0]["label"] for row in files.desk.rows("thing", "lookup")] == ["A", None, "-C"]
    assert files.places == [("3", "box"), ("4", "box")]


def test_missing_lookups_are_made_once(files: Files) -> None:
    outcome = files.load("thing", "name,box\n1,é\n2,e\u0301\n3,é\n4," + "x" * 256 + "\n", columns=MAKE)
    assert (counts(outcome), outcome.made) == ((3, 0, 0, 1), {"box": 1})
    assert files.desk.rows("box", "name") == [("é",)]


def test_lookups_to_the_same_entity_are_linked_when_all_rows_are_there(files: Files) -> None:
    columns = {"name": {"field": "text"}, "key": {"field": "external_id"}, "kin": {"field": "kin", "lookup": {"by": "text"}}}
    data = "name,key,kin\nA,1,C\nB,2,\nC,3,B\nD,4,Z\n"
    assert files.load("thing", data, columns=columns, match="external_id").linked == 2
    assert [row[0] and row[0]["label"] for row in files.desk.rows("thing", "kin")] == ["C", None, "B", None]
    assert files.places == [("5", "kin")]
    with files.desk.unchanged():
        assert files.load("thing", data, columns=columns, match="external_id").linked == 0


def test_of_two_rows_of_one_record_the_later_link_counts(files: Files) -> None:
    columns = {"name": {"field": "text"}, "key": {"field": "external_id"}, "kin": {"field": "kin", "lookup": {"by": "text"}}}
    files.load("thing", "name,key,kin\nA,1,\nB,2,\nC,3,A\nC,3,B\n", columns=columns, match="external_id")
    assert files.desk.rows("thing", "kin")[2] == ({"id": 2, "label": "B"},)


def test_an_inactive_choice_may_stay(files: Files) -> None:
    id = files.desk.make("thing", text="A", external_id="1", choice="small")
    with files.desk.workspace.database.write() as connection:
        table = files.desk.workspace.runtime().schema.table("thing")
        column = files.desk.workspace.runtime().schema.columns(files.desk.workspace.runtime().model.entities["thing"].fields["choice"])[0]
        connection.execute(table.update().where(table.c.id == id).values({column.name: "old"}))
    assert counts(files.load("thing", "external_id,text,choice\n1,B,old\n2,C,old\n", match="external_id")) == (0, 1, 0, 1)


def test_a_dry_run_says_everything_and_keeps_nothing(files: Files) -> None:
    files.desk.make("box", code="1")
    with files.desk.unchanged():
        outcome = files.load("box", "name,code\nA,1\nB,2\nC,2\nD,x\n", match="code", dry_run=True)
    assert counts(outcome) == (2, 2, 0, 0)


def test_imported_rows_belong_to_who_imports_unless_said(files: Files) -> None:
    ana, ben = (files.desk.make("user", name=name) for name in ("Ana", "Ben"))
    columns: dict[str, Any] = {"name": {"field": "name"}, "o": {"field": "owner"}}
    files.load("box", "name\nA\n", user(ana, "clerk"))
    files.load("box", "name,o\nB,Ben\n", user(ana, "clerk"), columns)
    assert [row[0]["id"] for row in files.desk.rows("box", "owner")] == [ana, ben]
    assert {(row["via"], row["actor_id"]) for row in files.desk.table("fs_history")[2:]} == {("import", ana)}


def test_an_import_needs_the_rights_of_what_it_does(files: Files) -> None:
    part = {"name": {"field": "name"}, "serial": {"field": "serial"}}
    made = {"name": {"field": "name"}, "b": {"field": "box", "lookup": {"by": "name", "create": True}}}
    hidden = {"name": {"field": "text"}, "v": {"field": "secret"}}
    for entity, roles, columns, match, kind in (
        ("box", "reader", {"name": {"field": "name"}}, None, Forbidden),
        ("screw", "loader", {"name": {"field": "name"}}, None, Forbidden),
        ("part", "loader", part, "serial", Forbidden),
        ("part", "loader", made, None, Forbidden),
        ("thing", "clerk", hidden, None, NotFound),
        ("vault", "clerk", {"name": {"field": "name"}}, None, NotFound),
    ):
        with files.desk.unchanged(), pytest.raises(kind):
            files.load(entity, "name,serial,b,v\nA,,,\n", user(1, roles), columns, match=match)


class Killed(Exception):
    pass


def test_an_import_killed_in_the_middle_and_run_again_ends_the_same(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "CHUNK", 3)
    columns = {"name": {"field": "text"}, "key": {"field": "external_id"}, "kin": {"field": "kin", "lookup": {"by": "text"}}, "box": MAKE["box"]}
    data = "name,key,kin,box\n" + "".join(f"n{at},{at},n{9 - at},b{at % 2}\n" for at in range(10))

    def kill(read: int, size: int) -> None:
        if len(files.desk.ids("thing")) == 6:
            raise Killed

    with pytest.raises(Killed):
        files.load("thing", data, columns=columns, match="external_id", progress=kill)
    assert len(files.desk.ids("thing")) == 6
    assert counts(files.load("thing", data, columns=columns, match="external_id")) == (4, 0, 6, 0)
    told = [(f"n{at}", f"n{9 - at}", f"b{at % 2}") for at in range(10)]
    assert [(row[0], row[1]["label"], row[2]["label"]) for row in files.desk.rows("thing", "text", "kin", "lookup")] == told
    assert len(files.desk.ids("box")) == 2


GUARDED = ["=1+1", "+1", "-1", "@x", " =1", "'x", "'=1", '"', "a,b", "two\nlines", "北京"]


def test_exports_are_guarded_and_read_back_without_a_change(files: Files) -> None:
    for at, name in enumerate(GUARDED):
        box = files.desk.make("box", name=f"{name} {at}")
        files.desk.make("thing", **{**FILLED, "text": name, "external_id": str(at), "weight": at, "born": None, "email": None, "lookup": box})
    exported = files.export("thing")
    assert not any(cell[:1] in ("=", "@") for line in exported.splitlines() for cell in line.split(","))
    for match in ("id", "external_id", "auto_number"):
        with files.desk.unchanged():
            assert counts(files.load("thing", exported, match=match)) == (0, 0, len(GUARDED), 0)


def test_numbers_are_exported_as_numbers(files: Files) -> None:
    files.desk.make("thing", text="A", decimal="-1.5", integer=-7, currency="12.5")
    assert files.export("thing", "decimal", "integer", "currency").splitlines()[1] == "-1.50,-7,12.50"


def test_an_export_needs_its_right_and_known_columns(files: Files) -> None:
    for entity, kind in (("box", Forbidden), ("nonsense", NotFound)):
        with pytest.raises(kind):
            files.export(entity, actor=user(1, "reader"))
    with pytest.raises(NotFound):
        files.export("vault", actor=user(1, "clerk"))
