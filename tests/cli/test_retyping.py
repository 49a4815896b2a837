"""`fieldsmith retype`: tried, refused, mapped and done."""

from __future__ import annotations

from collections.abc import Callable

from fieldsmith.base.context import OPERATOR
from fieldsmith.workspace import Workspace
from tests.cli.conftest import Cli
from tests.cli.test_packages import change

MARK = {"op": "add", "path": "/fields/mark", "value": {"type": "text"}}


def test_a_type_is_changed_with_its_values(cli: Cli, workspace: Workspace, written: Callable[[str, str], str]) -> None:
    change(workspace, ("entity", "account", [MARK]))
    rows = [{"name": "Acme", "mark": "1.234,5"}, {"name": "Beta", "mark": "n/a"}]
    workspace.write(lambda work: work.records.create_many(OPERATOR, "account", rows))
    said = ("retype", "account", "mark", "decimal", "--option", "scale=1", "--locale", "de")
    dry = cli.json(*said, "--dry-run")
    assert (dry["converted"], dry["failed"], dry["values"]) == (1, 1, {"n/a": 1})
    assert cli(*said, "--dry-run").exit_code == 0
    assert cli.fails(*said) == [("does_not_convert", "/map/n~1a")]
    workspace.retyping.at_once = 0
    assert cli.json(*said, "--map", written("map.json", '{"n/a": null}')) == {"id": 1, "revision": 3, "converted": 1, "rounded": 0, "blank": 1}
    assert str(workspace.write(lambda work: work.records.get(OPERATOR, "account", 1)).values["mark"]) == "1234.5"


def test_what_is_no_option_is_refused(cli: Cli) -> None:
    assert cli.fails("retype", "account", "name", "decimal", "--option", "scale") == [("bad_option", "/option")]
