"""The screens: pages, fragments and forms. Here the words matter most: no value, name or number that should not be there."""

from __future__ import annotations

import random

from tests.access.worlds import Row, Soul
from tests.access.worlds_expected import MASK
from tests.access.worlds_reading import a_row, an_entity, seen_rows
from tests.access.worlds_trial import SHOWN, Trial
from tests.access.worlds_writing import may_write, stored


def there(trial: Trial, soul: Soul, row: Row) -> bool:
    return not row.deleted and trial.oracle.sees(soul, row)


def record_pages(trial: Trial, soul: Soul, dice: random.Random) -> None:
    row = a_row(trial, dice)
    path = f"/{row.entity}/{row.id}"
    answer = trial.visit(soul, path)
    wanted = 200 if there(trial, soul, row) else 404
    assert answer.status_code == wanted or (row.deleted and trial.oracle.sees(soul, row)), trial.story(
        soul, f"is shown {answer.status_code} instead of {wanted}"
    )
    if wanted == 200 and trial.oracle.field(soul, row.entity, f"{row.entity}_note") == "masked" and row.values[f"{row.entity}_note"]:
        assert MASK in answer.text, trial.story(soul, "is shown no mask")
    for part in ("history", "edit", "delete", "move"):
        found = trial.visit(soul, f"{path}/{part}")
        assert trial.oracle.sees(soul, row) or found.status_code in (400, 403, 404), trial.story(soul, "is shown a part of what is not there")
    for field in trial.world.entities[row.entity]["fields"]:
        if field["type"] in ("rollup", "lookup"):
            trial.visit(soul, f"{path}/related/{field['name'].rpartition('_')[2]}")
    for name in ("qdeals", "qparts", "qslips", "qtales"):
        trial.visit(soul, f"{path}/related/{name}")


def list_pages(trial: Trial, soul: Soul, dice: random.Random) -> None:
    entity = an_entity(trial, dice)
    reads = trial.oracle.reads(soul, entity)
    view = next(view for view in trial.world.made.views if view["entity"] == entity)
    limits = [view["filter"]] if "filter" in view else []
    for query in ("", "?deleted=1", f"?show=board&group={entity}_size", "?exact=1"):
        answer = trial.visit(soul, f"/{entity}/{query}")
        assert reads or answer.status_code == 404, trial.story(soul, "is shown a list that is not there")
        if reads and answer.status_code == 200 and query == "":
            shown = {row.id for row in seen_rows(trial, soul, entity) if all(trial.oracle.holds(text, row, soul) for text in limits)}
            found = {row.id for row in trial.world.of(entity) if f'href="/{entity}/{row.id}"' in answer.text}
            assert found == shown, trial.story(soul, f"is shown {found} instead of {shown}", answer.text)
    for part in ("filter", "new", f"cards?show=board&group={entity}_size&column=red", f"lookup?field={entity}_about"):
        trial.visit(soul, f"/{entity}/{part}")


def views_with_hidden_filters(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """A view that filters on a hidden field is refused to that reader, never silently widened."""
    for view in trial.world.made.views:
        entity = view["entity"]
        if "filter" in view and trial.oracle.reads(soul, entity):
            path = trial.world.made.conditions[view["filter"]][0].split(".")
            names = [(entity, path[0])] if len(path) == 1 else [(entity, path[0]), ("qfirm", path[1])]
            if any(trial.oracle.field(soul, *name) not in SHOWN for name in names):
                answer = trial.visit(soul, f"/{entity}/?view=all")
                shown = [row for row in trial.world.of(entity) if f'href="/{entity}/{row.id}"' in answer.text]
                assert not shown, trial.story(soul, "is shown a view that filters on what is hidden")


def form_posts(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """What a form posts beyond what it shows is refused, like in the API."""
    row = a_row(trial, dice)
    name = f"{row.entity}_note"
    value, before = trial.world.marker("text"), stored(trial, row)
    wanted = may_write(trial, soul, row, name)
    trial.visit(soul, f"/{row.entity}/{row.id}/form", {name: value})
    answer = trial.visit(soul, f"/{row.entity}/{row.id}/edit", {name: value, "version": "1"})
    after = stored(trial, row)
    if wanted != 200:
        assert after == before, trial.story(soul, "changed by form what it may not", answer.text)
    elif after != before:
        row.put(name, value)
        trial.changed()


def moves(trial: Trial, soul: Soul, dice: random.Random) -> None:
    """A card to another column of the board."""
    row = a_row(trial, dice)
    name = f"{row.entity}_size"
    before, wanted = stored(trial, row), may_write(trial, soul, row, name)
    answer = trial.visit(soul, f"/{row.entity}/{row.id}/move", {"group": name, "to": "green", "version": "1"})
    after = stored(trial, row)
    assert wanted == 200 or after == before, trial.story(soul, "moved what it may not", answer.text)
    if after != before:
        row.put(name, "green")
        trial.changed()


def downloads(trial: Trial, soul: Soul, dice: random.Random) -> None:
    for row in trial.world.of("qfirm"):
        if row.file:
            answer = trial.visit(soul, f"/qfirm/{row.id}/files/{row.file}")
            wanted = 200 if there(trial, soul, row) and trial.oracle.field(soul, "qfirm", "qfirm_file") in SHOWN else 404
            assert answer.status_code == wanted, trial.story(soul, f"is answered {answer.status_code} instead of {wanted}")
            other = next((found for found in seen_rows(trial, soul, "qfirm") if found is not row), None)
            if other is not None:
                assert trial.visit(soul, f"/qfirm/{other.id}/files/{row.file}").status_code == 404, trial.story(soul, "gets it from another record")


def other_pages(trial: Trial, soul: Soul, dice: random.Random) -> None:
    for path in ("/", "/search?q=mk0", "/palette", "/user/"):
        trial.visit(soul, path)
    if trial.first_with(soul.roles):
        for path in ("/me", "/studio/", "/help/expressions", "/api/docs"):
            trial.visit(soul, path)


PAGES = (record_pages, list_pages, views_with_hidden_filters, form_posts, moves, downloads, other_pages)
