"""The container: one process may hold several workspaces, threads share one, a model is compiled once per revision."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.base.errors import BadInput
from tests.conftest import NOW, MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import custom
from tests.tiny import TINY


def test_workspaces_in_one_process_know_nothing_of_each_other(make_workspace: MakeWorkspace) -> None:
    one, other = (Desk(make_workspace("core")) for _ in range(2))
    one.make("tag", name="a")
    one.workspace.publish(SYSTEM, [custom({"choices": [{"name": "more", "values": [{"name": "x"}]}]})], "test")
    assert (other.ids("tag"), other.workspace.runtime().model.revision) == ([], 1)


def test_a_new_workspace_has_an_empty_model(make_workspace: MakeWorkspace) -> None:
    model = make_workspace().runtime().model
    assert (model.revision, list(model.entities)) == (0, [])


def test_threads_share_one_compiled_model(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace("core", TINY)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(workspace.runtime())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_a_transaction_has_one_moment(tiny: Desk) -> None:
    with tiny.workspace.read() as work:
        assert work.now == NOW
    assert tiny.get("box", tiny.make("box"))["created_at"] == datetime(2026, 11, 22, 9, 30)


def test_what_is_built_once_per_revision_is_kept(tiny: Desk) -> None:
    runtime = tiny.workspace.runtime()
    assert runtime.keep("key", object) is runtime.keep("key", object)
    assert runtime.shape("box") is runtime.shape("box")
    with pytest.raises(KeyError):
        runtime.shape("nonsense")


def test_a_writing_transaction_that_fails_is_undone(tiny: Desk) -> None:
    with tiny.unchanged(), pytest.raises(BadInput):
        tiny.workspace.write(lambda work: (work.records.create(OPERATOR, "box", {}), work.records.create(OPERATOR, "thing", {})))


def test_a_snapshot_shows_one_moment(tiny: Desk) -> None:
    tiny.make("box")
    with tiny.workspace.read(snapshot=True) as work:
        before = work.records.get(OPERATOR, "box", 1).version
        tiny.change("box", 1, name="changed")
        assert work.records.get(OPERATOR, "box", 1).version == before
    assert tiny.get("box", 1)["version"] == 2
