"""Large tables: the new column is filled in chunks while people go on working, and swapped in at the end."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import Conflict
from fieldsmith.studio.retyping_job import Job
from tests.studio.conftest import Studio
from tests.studio.test_removals import sound
from tests.studio.test_retyping import noted, start


@pytest.fixture
def job(studio: Studio) -> Job:
    """A job over ten records, none of which is carried over yet."""
    studio.desk.workspace.retyping.at_once = 3
    noted(studio, *(str(number) for number in range(10)))
    return start(studio, "integer")


def notes(studio: Studio) -> list[Any]:
    return [row[0] for row in studio.desk.rows("crate", "note")]


def test_until_the_swap_everything_is_as_it_was(studio: Studio, job: Job) -> None:
    assert (job.state, job.last, job.upto) == ("filling", 0, 10)
    between = studio.desk.workspace.retyping.jobs.step(4)
    assert between is not None and (between.state, between.last) == ("filling", 4)
    assert notes(studio)[:2] == ["0", "1"] and studio.desk.workspace.runtime().model.entities["crate"].fields["note"].type == "text"
    studio.desk.workspace.retyping.jobs.run()
    done = studio.desk.workspace.retyping.get(OPERATOR, job.id)
    assert (done.state, done.converted, done.revision) == ("done", 10, studio.desk.workspace.runtime().model.revision)
    assert notes(studio) == list(range(10)) and sound(studio.desk)


def test_what_is_saved_meanwhile_is_carried_over(studio: Studio, job: Job) -> None:
    jobs = studio.desk.workspace.retyping.jobs
    jobs.step(4)
    studio.desk.change("crate", 2, note="200")
    new = studio.desk.make("crate", name="new", note="300")
    studio.desk.delete("crate", 3)
    jobs.run()
    assert notes(studio) == [0, 200, 3, 4, 5, 6, 7, 8, 9, 300]
    assert studio.desk.restore("crate", 3).json["note"] == 2 and studio.desk.get("crate", new)["note"] == 300
    assert studio.desk.table("fs_retype_row") == []


def test_it_stops_for_what_does_not_convert_and_goes_on_when_that_is_mapped(studio: Studio, job: Job) -> None:
    retyping = studio.desk.workspace.retyping
    retyping.jobs.step(4)
    studio.desk.change("crate", 2, note="a lot")
    retyping.jobs.run()
    stopped = retyping.get(OPERATOR, job.id)
    assert stopped.state == "stopped" and [problem["pointer"] for problem in stopped.problems] == ["/map/a lot"]
    assert notes(studio)[1] == "a lot"
    retyping.resume(OPERATOR, job.id, {"a lot": 99}, False)
    retyping.jobs.run()
    assert notes(studio)[1] == 99


def test_what_did_not_convert_may_be_corrected_by_hand(studio: Studio, job: Job) -> None:
    retyping = studio.desk.workspace.retyping
    studio.desk.change("crate", 2, note="a lot")
    retyping.jobs.run()
    studio.desk.change("crate", 2, note="7")
    retyping.resume(OPERATOR, job.id, {}, False)
    retyping.jobs.run()
    assert notes(studio)[1] == 7


def test_a_job_given_up_leaves_nothing(studio: Studio, job: Job) -> None:
    desk = studio.desk
    retyping = desk.workspace.retyping
    retyping.jobs.step(4)
    assert retyping.cancel(OPERATOR, job.id).state == "cancelled"
    with desk.workspace.read() as work:
        columns = sa.inspect(work.connection).get_columns(work.model.entities["crate"].table)
    assert len([column["name"] for column in columns if column["name"].startswith("note_")]) == 1
    assert retyping.jobs.step(4) is None and notes(studio)[0] == "0" and sound(desk)
    with pytest.raises(Conflict):
        retyping.cancel(OPERATOR, job.id)
    assert start(studio, "integer").state == "filling"


def test_one_at_a_time(studio: Studio, job: Job) -> None:
    with pytest.raises(Conflict):
        start(studio, "decimal")


def test_others_may_publish_and_even_rename_it_meanwhile(studio: Studio, job: Job) -> None:
    studio.desk.workspace.retyping.jobs.step(4)
    studio.change(("entity", "crate", {"op": "rename", "path": "/fields/note", "value": "count"}))
    studio.desk.workspace.retyping.jobs.run()
    assert [row[0] for row in studio.desk.rows("crate", "count")] == list(range(10)) and sound(studio.desk)


def test_a_field_that_goes_meanwhile_ends_it(studio: Studio, job: Job) -> None:
    studio.change(("entity", "crate", {"op": "remove", "path": "/fields/note"}))
    studio.desk.workspace.retyping.jobs.run()
    assert studio.desk.workspace.retyping.get(OPERATOR, job.id).problems[0]["code"] == "field_gone"


def test_undoing_it_afterwards(studio: Studio, job: Job) -> None:
    workspace = studio.desk.workspace
    workspace.retyping.jobs.run()
    studio.desk.change("crate", 1, note=11)
    workspace.retyping.undo(OPERATOR, job.id)
    assert notes(studio)[:3] == ["11", "1", "2"] and sound(studio.desk)


def test_the_database_is_whole_while_it_runs(studio: Studio, job: Job) -> None:
    studio.desk.workspace.retyping.jobs.step(4)
    assert sound(studio.desk)
