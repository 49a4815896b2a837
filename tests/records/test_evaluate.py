"""Trying expressions out: both engines give one answer, with the caller's rights, and every step is told."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.records.evaluate import CONTEXTS, Evaluated, check_expression, evaluate
from tests.conftest import MakeWorkspace
from tests.desk import Desk, user
from tests.shop import SHOP
from tests.tiny import FILLED

ORDER = [
    ("name", "A"),
    ("stage", "paid"),
    ("LABEL(stage)", "Paid"),
    ("stage in ('open', 'lost')", False),
    ("total", "150.1"),
    ("line_count", 2),
    ("net", "135.09"),
    ("net / 3", "45.03"),
    ("2 / 3", "0.66666667"),
    ("total * total * total", "3381754.501"),
    ("10 ^ 30 * 10 ^ 7", 10**37),
    ("10 ^ 30 * 10 ^ 9", None),
    ("-total", "-150.1"),
    ("title", "A (2)"),
    ("overdue", False),
    ("customer", "customer"),
    ("customer.name & ' ' & name", "Ann A"),
    ("customer.rank", "gold"),
    ("TYPE(customer)", "customer"),
    ("paid_on", "2026-01-31"),
    ("ADDMONTHS(paid_on, 1)", "2026-02-28"),
    ("DAYSBETWEEN(paid_on, TODAY())", 295),
    ("NOW()", "2026-11-22T09:30:00Z"),
    ("ENDOF(NOW(), 'day')", "2026-11-22T23:59:59.999999Z"),
    ("due", "2026-12-06"),
    ("created_at", "2026-11-22T09:30:00Z"),
    ("reason", None),
    ("ISBLANK(reason)", True),
    ("blank", None),
    ("COUNT(lines)", 3),
    ("SUM(lines.net where not cancelled)", "150.1"),
    ("AVG(lines.price)", "35.03333333"),
    ("MAX(lines.name)", "nut"),
    ("MIN(lines.price where quantity > parent.line_count + 90)", None),
    ("COUNT(customer.orders)", 1),
    ("IF(total > 100, 'big', 'small')", "big"),
    ("UPPER(customer.name) = 'ANN'", True),
    ("user", None),
    ("ISBLANK(owner)", True),
]


@pytest.fixture
def shop(make_workspace: MakeWorkspace) -> Desk:
    return Desk(make_workspace("core", SHOP))


def _order(shop: Desk) -> tuple[int, int]:
    """A customer and their order of two lines that count and one that does not."""
    customer = shop.make("customer", name="Ann", discount="10")
    order = shop.make("order", name="A", customer=customer, stage="paid", paid_on="2026-01-31")
    shop.make("line", name="bolt", order=order, quantity=5, price="30.00")
    shop.make("line", name="nut", order=order, quantity=1, price="0.10")
    shop.make("line", name="bolt", order=order, quantity=1, price="75.00", cancelled=True)
    return customer, order


def tried(desk: Desk, entity: str, source: str, actor: Actor = OPERATOR, **more: Any) -> Evaluated:
    with desk.workspace.read() as work:
        return evaluate(work, actor, entity, source, **more)


def wrong(desk: Desk, entity: str, source: str, actor: Actor = OPERATOR, **more: Any) -> list[Problem]:
    with pytest.raises(BadInput) as caught:
        tried(desk, entity, source, actor, **more)
    return list(caught.value.problems)


def test_both_engines_give_the_same_answer(shop: Desk) -> None:
    customer, order = _order(shop)
    for source, expected in ORDER:
        wanted = customer if expected == "customer" and source == "customer" else expected
        for engine in ("python", "sql"):
            assert (source, tried(shop, "order", source, id=order, engine=engine).value) == (source, wanted)


@pytest.mark.parametrize(
    ("source", "type_", "expected"),
    [
        ("text", "text", "Straße"),
        ("rich_text", "text", "Hi"),
        ("integer", "integer", -9223372036854775808),
        ("integer - 1", "integer", -9223372036854775809),
        ("decimal", "decimal", "-1234.5"),
        ("percent", "decimal", "12.5"),
        ("currency", "decimal", "13.5"),
        ("currency.amount", "decimal", "12.5"),
        ("currency.currency", "text", "EUR"),
        ("boolean", "boolean", True),
        ("date", "date", "2024-02-29"),
        ("datetime", "datetime", "2026-11-22T09:30:00.123456Z"),
        ("time", "time", "23:59:59.999999"),
        ("duration", "integer", -5400),
        ("person_name.last", "text", "Lopez"),
        ("address.country", "text", "US"),
        ("rating", "integer", 5),
        ("choice", "choice", "large"),
        ("multi_choice", "set", ["small", "large"]),
        ("INCLUDES(multi_choice, 'large')", "boolean", True),
        ("lookup", "record", "box"),
        ("polymorphic_lookup", "record", "vault"),
        ("TYPE(polymorphic_lookup)", "text", "vault"),
        ("ISBLANK(many_to_many)", "boolean", False),
        ("ISBLANK(file)", "boolean", True),
        ("COUNT(many_to_many)", "integer", 1),
        ("external_id", "text", "A-7"),
        ("weight", "decimal", "7.25"),
    ],
)
@pytest.mark.parametrize("engine", ["python", "sql"])
def test_every_type_is_written_the_same(tiny: Desk, engine: str, source: str, type_: str, expected: Any) -> None:
    box, vault = tiny.make("box", name="B"), tiny.make("vault", name="V")
    thing = tiny.make("thing", **FILLED, lookup=box, polymorphic_lookup={"entity": "vault", "id": vault}, many_to_many=[box])
    found = tried(tiny, "thing", source, id=thing, engine=engine)
    wanted = box if source == "lookup" else {"entity": "vault", "id": vault} if source == "polymorphic_lookup" else expected
    assert found.value == wanted
    assert found.type.kind.value == type_


@pytest.mark.parametrize("source", ["text", "decimal", "currency", "boolean", "date", "multi_choice", "polymorphic_lookup", "COUNT(many_to_many)", "lookup"])
def test_blanks_are_null_but_conditions_and_counts(tiny: Desk, source: str) -> None:
    thing = tiny.make("thing", text="x")
    answers = [tried(tiny, "thing", source, id=thing, engine=engine).value for engine in ("python", "sql")]
    assert answers[0] == answers[1] == {"text": "x", "boolean": False, "COUNT(many_to_many)": 0}.get(source)


@pytest.mark.parametrize("engine", ["python", "sql"])
def test_steps_come_in_the_order_of_evaluation(shop: Desk, engine: str) -> None:
    _, order = _order(shop)
    found = tried(shop, "order", "IF(total > 100 and stage not in ('lost'), total * 2, 0)", id=order, engine=engine, explain=True)
    assert found.steps is not None
    assert [(step.source, step.value) for step in found.steps] == [
        ("total", "150.1"),
        ("100", 100),
        ("total > 100", True),
        ("stage", "paid"),
        ("'lost'", "lost"),
        ("stage not in ('lost')", True),
        ("total > 100 and stage not in ('lost')", True),
        ("total", "150.1"),
        ("2", 2),
        ("total * 2", "300.2"),
        ("0", "0"),
        ("IF(total > 100 and stage not in ('lost'), total * 2, 0)", "300.2"),
    ]
    assert all("IF(total > 100 and stage not in ('lost'), total * 2, 0)"[step.start : step.end] == step.source for step in found.steps)


@pytest.mark.parametrize("engine", ["python", "sql"])
def test_what_is_inside_an_aggregate_is_no_step(shop: Desk, engine: str) -> None:
    _, order = _order(shop)
    found = tried(shop, "order", "SUM(lines.price where quantity > 1) + 1", id=order, engine=engine, explain=True)
    assert [(step.source, step.value) for step in found.steps or ()] == [
        ("SUM(lines.price where quantity > 1)", "30"),
        ("1", "1"),
        ("SUM(lines.price where quantity > 1) + 1", "31"),
    ]


def test_long_texts_are_cut_in_steps_only(shop: Desk) -> None:
    found = tried(shop, "order", f"SUBSTITUTE('{'a' * 100}', 'a', '{'b' * 100}')", explain=True)
    assert isinstance(found.value, str) and found.steps is not None
    assert (len(found.value), len(str(found.steps[-1].value))) == (10_000, 1_001)


def test_without_a_record_fields_are_blank(shop: Desk) -> None:
    assert tried(shop, "order", "1 + 1").value == 2
    assert tried(shop, "order", "ISBLANK(name) and COUNT(lines) = 0 and not overdue").value is True
    assert tried(shop, "order", "1 + 1", engine="sql").value == 2
    assert [problem.pointer for problem in wrong(shop, "order", "name & 'x'", engine="sql")] == ["/id"]
    assert [problem.pointer for problem in wrong(shop, "order", "COUNT(lines)", engine="sql")] == ["/id"]


def test_values_that_nobody_saved_yet(shop: Desk) -> None:
    customer, order = _order(shop)
    with shop.unchanged():
        assert tried(shop, "line", "doubled", values={"quantity": 3, "price": "2.50"}).value == "15"
        assert tried(shop, "line", "order.customer.name", values={"order": order}).value == "Ann"
        assert tried(shop, "order", "net", id=order, values={"customer": None}).value == "150.1"
        assert tried(shop, "order", "name", id=order, values={"stage": "lost"}).value == "A"
        assert tried(shop, "order", "created_at <= NOW() and COUNT(lines) = 0", values={}).value is True
        assert tried(shop, "order", "customer.turnover", values={"customer": customer}).value == "150.1"


def test_values_try_a_change_out(shop: Desk) -> None:
    _, order = _order(shop)
    change = {"stage": "lost", "name": "A"}
    assert tried(shop, "order", "old.stage = 'paid' and stage = 'lost'", id=order, values=change).value is True
    assert tried(shop, "order", "CHANGED(stage) and not CHANGED(name) and not ISNEW()", id=order, values=change).value is True
    assert tried(shop, "order", "ISNEW() and CHANGED(stage) and ISBLANK(old.stage)", values=change).value is True


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"quantity": "many"}, ("not_integer", "/values/quantity")),
        ({"quantty": 1}, ("unknown_field", "/values/quantty")),
        ({"net": "5"}, ("read_only", "/values/net")),
        ({"order": 10**12}, ("not_found", "/values/order")),
        ({"order": {"id": "first"}}, ("not_reference", "/values/order")),
    ],
)
def test_values_are_read_as_a_save_reads_them(shop: Desk, values: dict[str, Any], problem: tuple[str, str]) -> None:
    assert [(found.code, found.pointer) for found in wrong(shop, "line", "1", values=values)] == [problem]


def test_the_database_computes_with_stored_records_only(shop: Desk) -> None:
    _, order = _order(shop)
    [problem] = wrong(shop, "order", "name", id=order, values={"name": "B"}, engine="sql")
    assert (problem.code, problem.pointer) == ("not_stored", "/values") and problem.hint is not None


def test_too_many_steps_for_the_database(shop: Desk) -> None:
    deep = "(" * 50 + "1" + " + 1)" * 50
    assert [problem.code for problem in wrong(shop, "order", deep, engine="sql", explain=True)] == ["too_many_steps"]
    assert tried(shop, "order", deep, engine="sql").value == tried(shop, "order", deep, explain=True).value == 51


@pytest.mark.parametrize(
    "source",
    [
        " + ".join(["line_count"] * 55),
        " / ".join(["line_count"] * 55),
        " & ".join(["name"] * 55),
        "(" * 50 + "1" + " + line_count)" * 50,
        "IF(line_count > 1, " * 50 + "1" + ", 0)" * 50,
        "IF(" * 50 + "overdue" + ", overdue, true)" * 50,
        "not (" * 50 + "overdue" + ")" * 50,
        "UPPER(" * 50 + "name" + ")" * 50,
        "ADDDAYS(" * 50 + "created_at" + ", 1)" * 50,
        " or ".join(["line_count = 7"] * 55),
        "SUM(lines.price where " + "not (" * 40 + "cancelled" + ")" * 40 + ")",
    ],
    ids=["+", "/", "&", "brackets", "IF", "IF condition", "not", "UPPER", "ADDDAYS", "or", "where"],
)
def test_the_deepest_give_the_same_answer(shop: Desk, source: str) -> None:
    _, order = _order(shop)
    assert tried(shop, "order", source, id=order).value == tried(shop, "order", source, id=order, engine="sql").value is not None


@pytest.mark.parametrize(("source", "place"), [("amout", (1, 1)), ("1 +\n  'a'", (2, 3)), ("lines", (1, 1)), ("IF(", (1, 4))])
def test_problems_of_the_expression(shop: Desk, source: str, place: tuple[int, int]) -> None:
    with pytest.raises(ExpressionError) as caught:
        tried(shop, "order", source)
    [problem] = caught.value.problems
    assert ((problem.line, problem.column), problem.pointer) == (place, "/expression")


def test_only_records_and_names_the_caller_may_see(tiny: Desk) -> None:
    vault = tiny.make("vault", name="V", pin="1234")
    thing = tiny.make("thing", text="A", secret=vault)
    clerk = user(1, "clerk")
    assert tried(tiny, "thing", "secret.pin", id=thing).value == "1234"
    for engine in ("python", "sql"):
        [hidden], [unknown] = wrong(tiny, "thing", "secret.pin", clerk, id=thing, engine=engine), wrong(tiny, "thing", "nobody.pin", clerk, engine=engine)
        assert str(hidden.message).replace("“secret”", "“nobody”") == str(unknown.message)
    with pytest.raises(NotFound):
        tried(tiny, "vault", "1", clerk)
    with pytest.raises(NotFound):
        tried(tiny, "thing", "1", clerk, id=thing + 1)
    assert [problem.code for problem in wrong(tiny, "thing", "1", clerk, values={"secret": vault})] == ["not_found"]
    tiny.delete("thing", thing)
    with pytest.raises(NotFound):
        tried(tiny, "thing", "1", id=thing)


@pytest.mark.parametrize("engine", ["python", "sql"])
def test_the_acting_user_zone_and_language(shop: Desk, engine: str) -> None:
    ana = shop.make("user", name="Ana", email="ana@example.com")
    far = Actor("operator", ana, "ana", timezone="Pacific/Kiritimati", language="zh_Hans")
    assert tried(shop, "order", "user.name & TEXT(HOUR(NOW()))", far, engine=engine).value == "Ana23"
    assert tried(shop, "order", "user", far, engine=engine).value == ana


@pytest.mark.parametrize(
    ("context", "source", "type_"),
    [
        ("any", "total * 2", "decimal"),
        ("any", "stage", "choice"),
        ("filter", "total > 2", "boolean"),
        ("condition", "total > 2", "boolean"),
        ("formula", "SUM(lines.net)", "decimal"),
        ("rule", "CHANGED(stage) and old.stage = 'paid'", "boolean"),
        ("default", "ADDDAYS(TODAY(), 7)", "date"),
    ],
)
def test_contexts_that_allow_it(shop: Desk, context: str, source: str, type_: str) -> None:
    with shop.workspace.read() as work:
        found = check_expression(work, OPERATOR, "order", source, context)
    assert (found.type and found.type.kind.value, found.problems) == (type_, ())


@pytest.mark.parametrize(
    ("context", "source"),
    [("any", "ISNEW()"), ("filter", "total"), ("condition", "name"), ("formula", "old.stage"), ("rule", "total"), ("default", "COUNT(lines)")],
)
def test_contexts_that_refuse_it(shop: Desk, context: str, source: str) -> None:
    with shop.workspace.read() as work:
        found = check_expression(work, OPERATOR, "order", source, context)
    assert found.type is None and found.problems[0].pointer == "/expression"


def test_an_unknown_context(shop: Desk) -> None:
    with shop.workspace.read() as work, pytest.raises(BadInput) as caught:
        check_expression(work, OPERATOR, "order", "1", "filtr")
    [problem] = caught.value.problems
    assert (problem.code, problem.pointer, str(problem.hint)) == ("unknown_context", "/context", "Did you mean “filter”?")
    assert all(name in str(problem.message) for name in CONTEXTS)
