"""Exports of computed fields: numbers stay numbers for a spreadsheet, texts are guarded."""

from __future__ import annotations

import io

from fieldsmith.base.context import OPERATOR
from fieldsmith.bulk.export import export_csv
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.shop_front import SHOP_FRONT


def test_a_computed_number_is_written_as_one_and_a_computed_text_is_guarded(make_workspace: MakeWorkspace) -> None:
    shop = Desk(make_workspace("core", SHOP_FRONT))
    shop.make("line", name="=a", order=shop.make("order", name="A", due="2026-12-30"), quantity=-2, price="3")
    target = io.StringIO()
    with shop.workspace.read(snapshot=True) as work:
        export_csv(work, OPERATOR, "line", target, ("shout", "net", "worth", "size", "ready"))
    assert target.getvalue().splitlines() == ["shout,net,worth,size,ready", "'=A,-6.00,-6.00,small,2026-12-28"]
