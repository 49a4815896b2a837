"""What editors offer at a cursor, written `|` in these sources, and the signature of the call around it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from fieldsmith.expr.completion import Completion, complete, signature_at
from fieldsmith.expr.types import BOOLEAN, INTEGER
from fieldsmith.expr.vocabulary import Place
from tests.expr.check_world import STAGE, TABLE, VOCABULARY, SmallVocabulary


def offered(marked: str, vocabulary: SmallVocabulary = VOCABULARY, **place: Any) -> list[Completion]:
    position = marked.index("|")
    source = marked.replace("|", "", 1)
    return complete(source, position, Place(place.pop("entity", "deal"), **place), vocabulary, TABLE)


def texts(found: list[Completion]) -> list[str]:
    return [each.text for each in found]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # names by their beginning
        ("amo|", ["amount"]),
        ("1 + AMO|", ["amount"]),
        ("clo|", ["closed_on"]),
        ("IF(won, amo|, 1)", ["amount"]),
        ("not w|", ["won"]),
        ("le|", ["LEFT(", "LEN("]),
        ("us|", ["user"]),
        ("bl|", ["blank"]),
        # paths
        ("account.|", ["id", "name", "parent_account", "owner", "budget", "file"]),
        ("account.na|", ["name"]),
        ("account.parent_account.bu| + 1", ["budget"]),
        ("user.te|", ["team"]),
        ("user.team.|", ["id", "name"]),
        ("address.|", ["city", "country"]),
        ("amount.cu|", ["currency"]),
        ("about.|", []),
        ("name.|", []),
        ("lines.|", ["id", "deal", "total", "quantity", "cancelled", "due_on", "kind", "product", "buyer", "address"]),
        # choices
        ('stage = "|', ["open", "won", "lost"]),
        ('stage = "w|', ["won"]),
        ('stage <> "w|"', ["won"]),
        ("stage = 'l|", ["lost"]),
        ('stage in ("won", "|', ["open", "won", "lost"]),
        ('stage not in ("|', ["open", "won", "lost"]),
        ('won and (stage = "|', ["open", "won", "lost"]),
        ("stage = wo|", ['"won"', "won"]),
        ('SWITCH(stage, "|', ["open", "won", "lost"]),
        ('SWITCH(stage, "won", 1, "lo|', ["lost"]),
        ('SWITCH(stage, "won", "|', []),
        ('IF(won, stage, "|', ["open", "won", "lost"]),
        ('INCLUDES(tags, "|', ["open", "won", "lost"]),
        ('COUNT(lines where kind = "|', ["open", "won", "lost"]),
        ('COUNT(lines where parent.size = "|', ["small", "large"]),
        ('name = "|', []),
        ('"|', []),
        ('stage = "a"" -- |', []),
        # lists
        ("COUNT(|", ["lines", "partners", "account", "owner"]),
        ("SUM(li|", ["lines"]),
        ("SUM(lines.to|", ["total"]),
        ("COUNT(account.de|", ["deals"]),
        ("MAX(lin|", ["lines"]),
        ("COUNT(lines where ca|", ["cancelled"]),
        ("COUNT(lines where pa|", ["parent"]),
        ("COUNT(lines where parent.am|", ["amount"]),
        ("COUNT(lines where CO|", ["COALESCE("]),
        # keywords after a value
        ("won |", ["and", "or", "in", "not in"]),
        ("won a|", ["and"]),
        ("LEN(name) |", ["and", "or", "in", "not in"]),
        ("COUNT(lines |", ["where", "and", "or", "in", "not in"]),
        ('stage = "won" o|', ["or"]),
        # nothing
        ("12|", []),
        ("won -- and am|", []),
        ("zzz|", []),
        ("zzz.y|", []),
    ],
)
def test_offers(source: str, expected: list[str]) -> None:
    assert texts(offered(source)) == expected


@pytest.mark.parametrize("before", ["", "1 + ", "IF(", "won and ", "(", "stage = 'won' or ", "-- why\n"])
def test_where_a_value_begins_everything_is_offered(before: str) -> None:
    found = offered(f"{before}|")
    kinds = {each.kind for each in found}
    assert kinds >= {"field", "root", "function", "keyword"}
    assert {"amount", "user", "IF(", "SUM(", "not", "blank"} <= set(texts(found))
    assert not {"old", "parent", "params", "ISNEW(", "SOUNDEX(", "lines", "partners"} & set(texts(found))


def test_the_place_says_what_there_is() -> None:
    changes = texts(offered("|", changes=True))
    assert {"old", "ISNEW(", "CHANGED("} <= set(changes)
    everybody = texts(offered("|", acting=False, aggregates=False))
    assert not {"user", "TODAY(", "SUM("} & set(everybody)
    assert "SOUNDEX(" in texts(offered("|", sql=False))
    assert texts(offered("params.m|", params={"most": INTEGER})) == ["most"]
    assert texts(offered("par|", params={"most": INTEGER})) == ["params"]
    assert texts(offered("am|", entity=None)) == []


def test_the_wanted_choice_is_offered() -> None:
    assert texts(offered('"|', expects=STAGE)) == ["open", "won", "lost"]
    assert texts(offered('IF(won, "|', expects=STAGE)) == ["open", "won", "lost"]
    assert texts(offered('"|', expects=BOOLEAN)) == []


def test_hidden_fields_are_not_offered() -> None:
    hidden = SmallVocabulary(hidden=frozenset({"deal.amount", "account.name"}))
    assert texts(offered("amo|", hidden)) == []
    assert texts(offered("account.na|", hidden)) == []


def test_labels_are_searched_and_details_say_the_type() -> None:
    [found] = offered('stage = "op|')
    assert (found.kind, found.text, str(found.label), str(found.detail)) == ("choice", "open", "Open", "a choice")
    [found] = offered("amo|")
    assert (found.kind, str(found.label), str(found.detail)) == ("field", "Amount", "a decimal number")
    [found] = offered("SWI|")
    assert (found.kind, found.detail) == ("function", "SWITCH(value, case, result, …, [default])")
    [found] = offered("address.ci|")
    assert found.kind == "part"
    [found] = offered("COUNT(li|")
    assert (found.kind, str(found.label)) == ("list", "Line")


@pytest.mark.parametrize(
    ("source", "text", "replaced"),
    [
        ("1 + am|", "amount", "1 + amount"),
        ("am|out + 1", "amount", "amount + 1"),
        ("account.na| = 1", "name", "account.name = 1"),
        ("account.|nm", "name", "account.name"),
        ('stage = "w|"', "won", 'stage = "won"'),
        ('stage = "|lost"', "won", 'stage = "won"'),
        ("stage = |", '"won"', 'stage = "won"'),
        ("LE|", "LEN(", "LEN("),
        ("won an|", "and", "won and"),
    ],
)
def test_what_is_replaced(source: str, text: str, replaced: str) -> None:
    found = next(each for each in offered(source) if each.text == text)
    plain = source.replace("|", "")
    assert plain[: found.span.start] + found.text + plain[found.span.end :] == replaced


@pytest.mark.parametrize(
    ("source", "name", "argument", "parameter"),
    [
        ("LEFT(|", "LEFT", 0, 0),
        ("LEFT(name, |", "LEFT", 1, 1),
        ("LEFT(name, 1, |", "LEFT", 2, None),
        ("left(name|, 2)", "LEFT", 0, 0),
        ("IF(won, LEN(na|), 1)", "LEN", 0, 0),
        ("IF(won, LEN(name)|, 1)", "IF", 1, 1),
        ("IF(won, (1 + |", "IF", 1, 1),
        ("IF(stage in ('won', |", "IF", 0, 0),
        ('LEFT("a, (b", |', "LEFT", 1, 1),
        ("SWITCH(stage, 'won', 1, 'lost', |", "SWITCH", 4, 2),
        ("COALESCE(1, 2, 3|", "COALESCE", 2, 0),
        ("SUM(lines.total where |", "SUM", 0, 0),
    ],
)
def test_the_signature_around_a_cursor(source: str, name: str, argument: int, parameter: int | None) -> None:
    found = signature_at(source.replace("|", ""), source.index("|"), TABLE)
    assert found is not None
    assert (found.name, found.argument, found.parameter) == (name, argument, parameter)


def test_signatures_show_their_parameters() -> None:
    found = signature_at("SWITCH(", 7, TABLE)
    assert found is not None
    assert found.parameters == ("value", "case", "result, …", "[default]")


@pytest.mark.parametrize("source", ["|", "amount + |", "LEN(name) |", "(1 + |", "nope(|", "stage in ('won', |"])
def test_outside_of_calls_there_is_no_signature(source: str) -> None:
    assert signature_at(source.replace("|", ""), source.index("|"), TABLE) is None


@pytest.mark.parametrize(
    "junk",
    ["(" * 9000, '"' * 9001, "'a" * 4000, "a." * 5000, "))))((((", "in (in (in (", "where where", "IF(" * 3000, "\0\ud800", "-- " * 3000, "1.2.3.e", ". . ."],
)
def test_any_junk_is_answered_at_once(junk: str) -> None:
    started = time.perf_counter()
    for position in (0, len(junk) // 2, len(junk), len(junk) + 5, -1):
        complete(junk, position, Place("deal"), VOCABULARY, TABLE)
        signature_at(junk, position, TABLE)
    assert time.perf_counter() - started < 2
