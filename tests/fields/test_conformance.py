"""The cases of tests/conformance/fields, run against coercers, marshmallow fields, text readers and displayers.

A case is `raw` with what the API gives back (`json`), or the code and part of the `error`. `{"$float": "nan"}`, `{"$repeat": ["x", 9]}`,
`{"$join": […]}`, `{"$power": 40}` and `{"$nest": 9}` stand for values JSON cannot say or nobody wants to read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import marshmallow
import pytest

from fieldsmith.base.text import Words
from fieldsmith.fields.base import Field, Invalid, Reader
from fieldsmith.fields.registry import field_types
from fieldsmith.fields.schema import marshmallow_field, problems_of
from fieldsmith.fields.values import ExternalKey
from tests.fields.sample import field_of, scope

FILES = sorted((Path(__file__).parents[1] / "conformance" / "fields").glob("*.json"))
DOCUMENTS = {path.stem: json.loads(path.read_text("utf-8")) for path in FILES}
TYPES = field_types()
SCOPE = scope()


def cases(group: str) -> list[Any]:
    found = ((name, document, case) for name, document in DOCUMENTS.items() for case in document.get(group, ()))
    return [pytest.param(document, case, id=f"{name}-{number}") for number, (name, document, case) in enumerate(found)]


def meant(value: Any) -> Any:
    """`value` with the `$` forms replaced by what they stand for."""
    if isinstance(value, list):
        return [meant(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"$float": text}:
            return float(text)
        case {"$power": exponent}:
            return 10**exponent
        case {"$repeat": [text, times]}:
            return text * times
        case {"$join": parts}:
            return "".join(meant(parts))
        case {"$nest": depth}:
            out: list[Any] = []
            for _ in range(depth - 1):
                out = [out]
            return out
    return {key: meant(item) for key, item in value.items()}


def field(document: Any, case: Any) -> Field:
    return field_of(document["type"], {**document.get("options", {}), **case.get("options", {})})


def encoded(item: Field, value: Any) -> Any:
    encode = TYPES[item.type].encoder(item)
    return value if value is None or encode is None else encode(value)


@pytest.mark.parametrize(("document", "case"), cases("cases"))
def test_coercer_and_marshmallow_give_what_the_case_says(document: Any, case: Any) -> None:
    item = field(document, case)
    coerce, load = TYPES[item.type].coercer(item, SCOPE), marshmallow_field(TYPES[item.type], item, SCOPE).deserialize
    raw = meant(case["raw"])
    if "error" in case:
        with pytest.raises(Invalid) as invalid:
            coerce(raw)
        with pytest.raises(marshmallow.ValidationError) as refused:
            load(raw)
        assert (invalid.value.code, invalid.value.part) == (case["error"], case.get("part", ""))
        assert [(problem.code, problem.pointer.strip("/")) for problem in problems_of(refused.value)] == [(case["error"], case.get("part", ""))]
        assert invalid.value.hint is not None
        return
    value = coerce(raw)
    assert value == load(raw)
    if "key" in case:
        expected = [ExternalKey(*key) for key in case["key"]] if isinstance(case["key"][0], list) else ExternalKey(*case["key"])
        assert (list(value) if isinstance(expected, list) else value) == expected
    else:
        assert encoded(item, value) == meant(case["json"])


VALUES = [param for param in cases("cases") if "json" in param.values[1]]


@pytest.mark.parametrize(("document", "case"), VALUES)
def test_values_come_back_from_json_storage_and_text(document: Any, case: Any) -> None:
    item = field(document, case)
    kind = TYPES[item.type]
    coerce = kind.coercer(item, SCOPE)
    value = coerce(meant(case["raw"]))
    columns = kind.columns(item)
    packed = kind.packer(item)(value)
    assert len(packed) == len(columns)
    if columns:
        assert kind.unpacker(item)(packed) == value
    if value is not None:
        assert coerce(json.loads(json.dumps(encoded(item, value)))) == value
        assert coerce(kind.text_reader(item, SCOPE)(kind.export_text(item)(value))) == value


@pytest.mark.parametrize(("document", "case"), cases("text"))
def test_text_of_a_file_is_read_as_the_case_says(document: Any, case: Any) -> None:
    item = field(document, case)
    kind = TYPES[item.type]

    def read() -> Any:
        reader = kind.text_reader(item, SCOPE, date_format=case.get("date_format"), locale=case.get("locale"))
        return kind.coercer(item, SCOPE)(reader(case["text"]))

    if "error" in case:
        with pytest.raises(Invalid) as invalid:
            read()
        assert invalid.value.code == case["error"]
    else:
        assert encoded(item, read()) == case["json"]


@pytest.mark.parametrize(("document", "case"), cases("shown"))
def test_people_see_what_the_case_says(document: Any, case: Any) -> None:
    item = field(document, case)
    kind = TYPES[item.type]
    reader = Reader(case["locale"], case["locale"][:7], "Europe/Berlin", Words("en", str).gettext)
    assert kind.displayer(item, SCOPE, reader)(kind.coercer(item, SCOPE)(case["raw"])) == case["text"]


@pytest.mark.parametrize(("document", "case"), cases("changes"))
def test_inactive_choices_stay_but_do_not_arrive(document: Any, case: Any) -> None:
    item = field(document, case)
    kind = TYPES[item.type]
    coerce, check = kind.coercer(item, SCOPE), kind.change_check(item, SCOPE)
    assert check is not None
    try:
        check(coerce(case["value"]), coerce(case["old"]))
        code = None
    except Invalid as invalid:
        code = invalid.code
    assert code == case["error"]


def test_every_type_has_cases() -> None:
    assert set(TYPES) == {document["type"] for document in DOCUMENTS.values()}


def test_there_are_many_cases() -> None:
    assert sum(len(document[group]) for document in DOCUMENTS.values() for group in ("cases", "text", "shown", "changes") if group in document) >= 250
