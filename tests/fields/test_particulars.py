"""What single types do beyond reading, showing and storing values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from email_validator import validate_email

from fieldsmith.base.text import Words
from fieldsmith.fields.auto_number import format_number
from fieldsmith.fields.base import Invalid, Reader
from fieldsmith.fields.currency import currency_codes
from fieldsmith.fields.registry import field_types
from fieldsmith.fields.text import sanitised
from fieldsmith.fields.values import ExternalKey, Link, Money, RecordRef
from tests.fields.sample import field_of, scope

TYPES = field_types()
SCOPE = scope()
DAY = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("pattern", "number", "text"),
    [
        ("OPP-{YYYY}-{00000}", 42, "OPP-2026-00042"),
        ("{000}", 12345, "12345"),
        ("{YY}{MM}{DD}/{0}", 7, "260105/7"),
        ("№ {0000}", 1, "№ 0001"),
    ],
)
def test_numbers_are_written_by_their_pattern(pattern: str, number: int, text: str) -> None:
    assert format_number(pattern, number, DAY) == text


@pytest.mark.parametrize("pattern", ["OPP", "{YYYY}", "{000}{000}", "{yyyy}-{000}", "{}", "{000", "000}", "{0{0}0}", "{" + "0" * 19 + "}"])
def test_patterns_that_cannot_number_are_refused(pattern: str) -> None:
    (problem,) = TYPES["auto_number"].option_problems(field_of("auto_number", {"pattern": pattern}))
    assert problem[0] == "pattern"


def test_nobody_writes_an_auto_number() -> None:
    assert not TYPES["auto_number"].writable
    assert [name for name, kind in TYPES.items() if kind.always_unique] == ["auto_number", "external_id"]


@pytest.mark.parametrize("name", ["integer", "decimal"])
def test_crossed_limits_are_a_problem(name: str) -> None:
    assert [key for key, _, _ in TYPES[name].option_problems(field_of(name, {"min": 5, "max": 4}))] == ["min"]
    assert not TYPES[name].option_problems(field_of(name, {"min": 4, "max": 4}))


def test_an_unreadable_limit_is_a_problem() -> None:
    assert [key for key, _, _ in TYPES["decimal"].option_problems(field_of("decimal", {"max": "ten"}))] == ["max"]


def test_money_of_another_currency_carries_its_company_amount() -> None:
    value = TYPES["currency"].coercer(field_of("currency"), SCOPE)({"amount": "100.01", "currency": "EUR"})
    assert value == Money(Decimal("100.01"), "EUR", Decimal("108.01"))


def test_a_changed_rate_alone_is_no_change() -> None:
    kind = TYPES["currency"]
    old, new = Money(Decimal(1), "EUR", Decimal("1.08")), Money(Decimal(1), "EUR", Decimal("1.10"))
    assert kind.same(old, new)
    assert not kind.same(old, None)
    assert not kind.same(old, Money(Decimal(1), "USD", Decimal(1)))


def test_money_stays_within_what_is_stored_in_company_currency_too() -> None:
    with pytest.raises(Invalid) as error:
        TYPES["currency"].coercer(field_of("currency"), SCOPE)({"amount": "9900000000000000", "currency": "EUR"})
    assert (error.value.code, error.value.part) == ("out_of_range", "amount")


def test_currencies_of_today_are_known() -> None:
    assert {"USD", "EUR", "CNY", "TWD", "GBP", "CHF"} <= currency_codes()
    assert not {"DEM", "XXX", "XTS"} & currency_codes()


@pytest.mark.parametrize(
    ("name", "default", "value"),
    [
        ("boolean", None, False),
        ("boolean", True, True),
        ("choice", "open", "open"),
        ("text", None, None),
        ("decimal", 5, Decimal("5.00")),
        ("date", None, None),
    ],
)
def test_defaults_are_canonical(name: str, default: Any, value: Any) -> None:
    assert TYPES[name].default_value(field_of(name, default=default), SCOPE) == value


def test_a_faulty_default_is_told() -> None:
    with pytest.raises(Invalid):
        TYPES["choice"].default_value(field_of("choice", default="gone"), SCOPE)


def test_a_boolean_without_a_value_is_stored_as_false() -> None:
    kind = TYPES["boolean"]
    (column,) = kind.columns(field_of("boolean"))
    assert (column.nullable, column.default, kind.packer(field_of("boolean"))(None)) == (False, False, (False,))


@pytest.mark.parametrize(
    "address",
    ["Ana@Mail.Example.com", "a.b@mail.example.com", "-x-@mail.example.com", "a..b@mail.example.com", "a" * 65 + "@mail.example.com", '"q"@mail.example.com'],
)
def test_a_kept_domain_changes_no_answer(address: str) -> None:
    coerce = TYPES["email"].coercer(field_of("email"), SCOPE)
    coerce("first@mail.example.com")
    coerce("First@Mail.Example.com")
    try:
        expected = validate_email(address, check_deliverability=False).normalized
    except ValueError:
        with pytest.raises(Invalid):
            coerce(address)
    else:
        assert coerce(address) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<p onclick=x>a<b>c",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        'a<svg></p><style><a id="</style><img src=1 onerror=x>">',
        '<p hx-on::load="x" data-hx-get=/x>b</p>',
    ],
)
def test_sanitised_html_has_no_attribute_that_acts_and_is_stable(html: str) -> None:
    once = sanitised(html)
    assert not any(word in once for word in ("onerror", "onclick", "hx-", "style", "svg", "img"))
    assert sanitised(once) == once


@pytest.mark.parametrize("name", ["lookup", "file", "image"])
def test_links_are_written_with_their_label(name: str) -> None:
    encode = TYPES[name].encoder(field_of(name))
    assert encode is not None
    assert encode(Link(7, "Acme")) == {"id": 7, "label": "Acme"}
    assert encode(7) == {"id": 7, "label": None}


def test_a_link_is_shown_by_its_label() -> None:
    show = TYPES["lookup"].displayer(field_of("lookup"), SCOPE, Reader("en_US", "en", "UTC"))
    assert (show(Link(7, "Acme")), show(Link(7, None)), show(7)) == ("Acme", "#7", "#7")


def test_links_to_several_entities_name_theirs() -> None:
    kind, item = TYPES["polymorphic_lookup"], field_of("polymorphic_lookup")
    encode = kind.encoder(item)
    assert encode is not None
    assert encode(Link(7, "Acme", "account")) == {"entity": "account", "id": 7, "label": "Acme"}
    assert kind.coercer(item, SCOPE)(Link(7, "Acme", "account")) == RecordRef("account", 7)


def test_many_links_are_ascending_and_external_keys_follow() -> None:
    raw = [{"external_id": {"code": "B"}}, 9, {"id": 3}, 9, {"external_id": {"code": "B"}}]
    assert TYPES["many_to_many"].coercer(field_of("many_to_many"), SCOPE)(raw) == (3, 9, ExternalKey("code", "B"))


def test_yes_and_no_are_said_in_the_readers_language() -> None:
    chinese = Words("zh_Hans", {"Yes": "是", "No": "否"}.__getitem__)
    show = TYPES["boolean"].displayer(field_of("boolean"), SCOPE, Reader("zh_Hans_CN", "zh_Hans", "UTC", chinese.gettext))
    assert (show(True), show(False)) == ("是", "否")


def test_rich_text_is_found_by_its_words() -> None:
    assert TYPES["rich_text"].search_text("<p>one<br>two</p><p>three</p>") == "one two three"


def test_a_phone_is_found_with_and_without_the_country_code() -> None:
    assert TYPES["phone"].search_text("+12125550100") == "12125550100 2125550100"


def test_choices_are_checked_only_where_some_are_inactive() -> None:
    assert TYPES["text"].change_check(field_of("text"), SCOPE) is None
    assert TYPES["choice"].change_check(field_of("choice"), SCOPE) is not None
