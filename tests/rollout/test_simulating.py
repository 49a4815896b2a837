"""A draft simulated: who gains, who loses, how many records; the numbers against those counted by reading. On both databases."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import BadInput, Forbidden, NotFound
from fieldsmith.identity.acting import everybody
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.meta.roles import Right
from fieldsmith.query import row_shifts
from fieldsmith.rollout import simulating
from fieldsmith.rollout.simulated import PersonShift, Simulation
from fieldsmith.rollout.simulating import simulate
from fieldsmith.workspace import Workspace
from tests.access.test_rows import WORLD, World, scoped
from tests.conftest import MakeWorkspace
from tests.desk import Desk

Numbers = tuple[int, int, int, int]
"""Before, after, gained, lost."""
OWN = {"op": "change", "path": "/entities/deal", "value": scoped("all")}


class Drafts:
    """People of `tests.access.test_rows` with logins, and drafts about them."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.desk = Desk(workspace)
        self.world = World(self.desk)
        for name, roles in (("ana", ("team",)), ("ben", ("own",)), ("cy", ("own",)), ("dan", ("east",))):
            self.login(getattr(self.world, name), name, *roles)

    def login(self, id: int, name: str, *roles: str) -> None:
        passwords = Passwords(self.workspace.settings)
        self.workspace.write(lambda work: Users(work.connection, work.model, work.schema, passwords, work.now).add(OPERATOR, id, name, roles, None))

    def draft(self, *edits: tuple[str, str, Any]) -> int:
        """(kind, name, one operation, or a whole document); `None` retires."""
        sets = self.workspace.changesets
        id = sets.open(OPERATOR, "test")
        for kind, name, said in edits:
            if said is None:
                sets.retire(OPERATOR, id, kind, name)
            elif "op" in said:
                assert not sets.change(OPERATOR, id, kind, name, {"operations": [said]}).problems
            else:
                assert not sets.put(OPERATOR, id, kind, name, said).problems
        return id

    def simulated(self, *edits: tuple[str, str, Any]) -> Simulation:
        return simulate(self.workspace, OPERATOR, self.draft(*edits))

    def told(self, *edits: tuple[str, str, Any], entity: str = "deal", right: Right = "read") -> dict[str, Numbers]:
        """By person, the numbers of `right`; they are compared with what is read before and after publishing."""
        id = self.draft(*edits)
        found = simulate(self.workspace, OPERATOR, id)
        before = self.read(entity, right)
        self.workspace.changesets.publish(OPERATOR, id, self.workspace.changesets.plan(OPERATOR, id).hash)
        after = self.read(entity, right)
        told = {person.actor.name: numbers for person in found.people if (numbers := numbers_of(person, entity, right)) is not None}
        real = {name: (len(was), len(after[name]), len(after[name] - was), len(was - after[name])) for name, was in before.items() if was != after[name]}
        assert told == real
        return told

    def read(self, entity: str, right: Right) -> dict[str, frozenset[int]]:
        with self.workspace.read() as work:
            people = everybody(work.connection, work.schema)
        return {person.name: self._read(person, entity, right) for person in people}

    def _read(self, person: Actor, entity: str, right: Right) -> frozenset[int]:
        with self.workspace.read() as work:
            if not work.runtime.policy.allows(person, right, entity):
                return frozenset()
            seen = frozenset(self.desk.ids(entity, actor=person))
            return seen & work.queries.reaches(person, right, entity, seen)


def numbers_of(person: PersonShift, entity: str, right: Right) -> Numbers | None:
    for item in person.entities:
        for line in item.rights:
            if (item.entity.name, line.right) == (entity, right) and line.rows is not None:
                return line.rows.before, line.rows.after, line.rows.gained, line.rows.lost
    return None


@pytest.fixture
def drafts(make_workspace: MakeWorkspace) -> Drafts:
    return Drafts(make_workspace("core", WORLD))


def test_a_wider_role_gains(drafts: Drafts) -> None:
    assert drafts.told(("role", "own", OWN)) == {"ben": (2, 4, 2, 0), "cy": (1, 4, 3, 0)}


def test_a_right_is_told_with_its_scope_and_its_own_numbers(drafts: Drafts) -> None:
    role = {"op": "change", "path": "/entities/deal", "value": {**scoped("own"), "delete": "all", "merge": "own"}}
    cy = drafts.simulated(("role", "own", role)).people[1]
    assert [(line.right, line.before, line.after, line.rows and line.rows.gained) for line in cy.entities[0].rights] == [
        ("delete", "own", "all", 0),
        ("merge", "none", "own", None),
    ], "whom one cannot read one cannot delete"
    assert drafts.told(("role", "own", {**OWN, "value": {"read": "all", "update": "own"}}), right="update") == {}


def test_a_restriction_takes_records_away(drafts: Drafts) -> None:
    only_west = {"op": "change", "path": "/restrict/deal", "value": {"records": "region = 'West'", "rights": ["update"]}}
    assert drafts.told(("role", "team", only_west)) == {"ana": (3, 2, 0, 1)}


def test_a_right_taken_away_loses_every_record(drafts: Drafts) -> None:
    only_west = {"op": "change", "path": "/restrict/deal", "value": {"rights": ["update"]}}
    found = drafts.simulated(("role", "team", only_west))
    [line] = [line for line in found.people[0].entities[0].rights if line.right == "update"]
    assert (line.before, line.after, line.rows) == ("team", "none", row_shifts.RowShift(3, 0, 0, 3))
    assert found.people[0].loses and not found.people[0].gains


def test_a_sharing_rule_gives_changes_and_ends(drafts: Drafts) -> None:
    rule = {"name": "big", "entity": "deal", "when": "amount >= 40", "to": {"users": ["ben"]}, "access": "read"}
    assert drafts.told(("sharing_rule", "deal.big", rule)) == {"ben": (2, 3, 1, 0)}
    assert drafts.told(("sharing_rule", "deal.big", {"op": "change", "path": "/when", "value": "amount < 40"})) == {"ben": (3, 3, 1, 1)}
    assert drafts.told(("sharing_rule", "deal.big", None)) == {"ben": (3, 2, 0, 1)}


def test_a_rule_for_a_team_is_told_of_those_in_it(drafts: Drafts) -> None:
    rule = {"name": "north", "entity": "deal", "when": "true", "to": {"teams": ["North"]}, "access": "edit"}
    assert drafts.told(("sharing_rule", "deal.north", rule), right="update") == {"ben": (1, 4, 3, 0), "cy": (1, 4, 3, 0)}


def test_details_follow_what_their_master_gains(drafts: Drafts) -> None:
    for deal in drafts.world.deals.values():
        drafts.desk.make("item", name="x", deal=deal)
    assert drafts.told(("role", "own", OWN), entity="item") == {"ben": (2, 4, 2, 0), "cy": (1, 4, 3, 0)}


def test_the_sharing_of_an_entity_carries_rights_without_scope(drafts: Drafts) -> None:
    for owner in (drafts.world.ana, drafts.world.ben, drafts.world.dan):
        drafts.desk.make("firm", name="x", owner=owner)
    found = drafts.told(("entity", "firm", {"op": "change", "path": "/sharing", "value": "read"}), entity="firm")
    assert found == {"ana": (1, 3, 2, 0), "ben": (1, 3, 2, 0), "cy": (0, 3, 3, 0)}


def test_a_formula_that_a_rule_reads_counts_with_its_new_meaning(drafts: Drafts) -> None:
    field = {"op": "add", "path": "/fields/grand", "value": {"type": "formula", "returns": "boolean", "expression": "amount > 100"}}
    rule = {"name": "grand", "entity": "deal", "when": "grand", "to": {"users": ["dan"]}}
    assert drafts.told(("entity", "deal", field), ("sharing_rule", "deal.grand", rule)) == {"dan": (2, 3, 1, 0)}
    assert drafts.told(("entity", "deal", {"op": "change", "path": "/fields/grand/expression", "value": "amount > 5"})) == {"dan": (3, 4, 1, 0)}


def test_a_new_required_field_is_told_to_be_blank_still(drafts: Drafts) -> None:
    field = {"op": "add", "path": "/fields/area", "value": {"type": "text", "required": True, "default": "North"}}
    rule = {"name": "area", "entity": "deal", "when": "area = 'North'", "to": {"users": ["ben"]}}
    found = drafts.simulated(("entity", "deal", field), ("sharing_rule", "deal.area", rule))
    assert [str(note) for note in found.notes] == ["“Area” of Deal gets its default where it is blank. The numbers take it for blank still."]


def test_fields_hidden_masked_and_shown(drafts: Drafts) -> None:
    rights = {"op": "change", "path": "/field_rights/deal", "value": {"amount": "none", "region": "masked"}}
    found = drafts.simulated(("role", "own", rights))
    shifts = {person.actor.name: [(item.field.name, item.before, item.after) for item in person.entities[0].fields] for person in found.people}
    hidden = [("region", "edit", "masked"), ("amount", "edit", "none")]
    assert shifts == {"ben": hidden, "cy": hidden}
    assert all(person.loses and not person.gains and not person.entities[0].rights for person in found.people)


def test_a_role_that_goes_takes_what_it_gave(drafts: Drafts) -> None:
    rule = {"name": "east", "entity": "deal", "when": "region = 'East'", "to": {"roles": ["west"]}}
    edits = (("role", "east", {"op": "change", "path": "/entities", "value": {}}), ("sharing_rule", "deal.east2", {**rule, "name": "east2"}))
    assert drafts.told(*edits) == {"dan": (2, 0, 0, 2)}


def test_somebody_becomes_an_administrator(drafts: Drafts) -> None:
    found = drafts.simulated(("role", "east", {"op": "change", "path": "/administrator", "value": True}))
    [dan] = found.people
    assert dan.administers == (False, True) and numbers_of(dan, "deal", "read") == (2, 4, 2, 0) and dan.gains and not dan.loses


def test_who_shapes_entities_is_told(drafts: Drafts) -> None:
    found = drafts.simulated(("role", "east", {"op": "change", "path": "/studio", "value": ["deal"]}))
    assert [person.shapes for person in found.people] == [(frozenset(), frozenset({"deal"}))]


def test_a_draft_without_a_word_of_access_changes_nothing(drafts: Drafts) -> None:
    label = ("entity", "deal", {"op": "change", "path": "/fields/region/label", "value": "Area"})
    plain = ("entity", "deal", {"op": "add", "path": "/fields/note", "value": {"type": "text"}})
    new = ("entity", "crate", {"name": "crate", "fields": [{"name": "name", "type": "text"}]})
    found = drafts.simulated(label, plain, new)
    assert (found.people, found.everybody, found.concerned) == ([], 4, 0)
    view = ("view", "deal.all", {"name": "all", "entity": "deal", "columns": ["name"]})
    assert drafts.simulated(view) == Simulation(), "nobody is even looked at"


CRATE: dict[str, Any] = {
    "name": "crate",
    "sharing": "private",
    "fields": [{"name": "name", "type": "text"}, {"name": "mark", "type": "choice", "choices": "crate_mark"}],
}
MARKS: dict[str, Any] = {"name": "crate_mark", "values": [{"name": "red"}, {"name": "green"}, {"name": "blue"}]}
MARKED: dict[str, Any] = {"name": "marked", "entity": "crate", "when": "mark = 'red'", "to": {"users": ["ben"]}}


@pytest.fixture
def crates(drafts: Drafts) -> Drafts:
    """Crates of the workspace's own making, the red one of which is shared with Ben."""
    rights = {"op": "change", "path": "/entities/crate", "value": ["read"]}
    edits = (("choices", "crate_mark", MARKS), ("entity", "crate", CRATE), ("sharing_rule", "crate.marked", MARKED), ("role", "own", rights))
    assert drafts.told(*edits, entity="crate") == {}, "there is none yet"
    for mark in ("red", "green", "blue"):
        drafts.desk.make("crate", name=mark, mark=mark)
    return drafts


def test_renamed_things_are_still_themselves(crates: Drafts) -> None:
    renamed = [("crate_mark", "/values/red", "rose", "choices"), ("crate", "/fields/mark", "sign", "entity"), ("crate", "", "chest", "entity")]
    edits = [(kind, name, {"op": "rename", "path": path, "value": value}) for name, path, value, kind in renamed]
    assert crates.simulated(*edits).people == []


def test_records_whose_values_become_others_are_counted_with_those(crates: Drafts) -> None:
    edits = ({"op": "remove", "path": "/values/green"}, {"op": "change", "path": "/values/red/was", "value": ["green"]})
    found = crates.told(*(("choices", "crate_mark", edit) for edit in edits), entity="crate")
    assert found == {"ben": (1, 2, 1, 0)}


def test_many_people_are_told_by_an_example_of_each_kind(drafts: Drafts) -> None:
    for at in range(simulating.MOST_PEOPLE):
        drafts.login(drafts.desk.make("user", name=f"P{at}"), f"p{at}", "own")
    found = drafts.simulated(("role", "own", OWN), ("role", "team", {**OWN}))
    assert (found.each, found.concerned, found.kinds, found.looked_at) == (False, simulating.MOST_PEOPLE + 3, 3, 3)
    told = [(person.actor.name, person.alike) for person in found.people]
    assert told == [("p0", simulating.MOST_PEOPLE), ("ben", 2), ("ana", 1)], "Ben and Cy are in the team a sharing rule names"


def test_who_cannot_sign_in_is_left_out(drafts: Drafts) -> None:
    passwords = Passwords(drafts.workspace.settings)
    drafts.login(drafts.desk.make("user", name="Boss"), "boss", "administrator")
    drafts.workspace.write(lambda work: Users(work.connection, work.model, work.schema, passwords, work.now).set_active(OPERATOR, drafts.world.cy, False))
    assert [person.actor.name for person in drafts.simulated(("role", "own", OWN)).people] == ["ben"]


def test_counting_ends_after_its_time(drafts: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "LONGEST", -1.0)
    found = drafts.simulated(("role", "own", OWN))
    assert not found.in_time and [person.actor.name for person in found.people] == ["ben", "cy"]
    assert all(line.rows is None and not line.counted for line in found.people[0].entities[0].rights if line.right in simulating.COUNTED)


def test_only_the_newest_records_are_looked_at(drafts: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "MOST_RECORDS", 2)
    [ben, _] = drafts.simulated(("role", "own", OWN)).people
    assert numbers_of(ben, "deal", "read") == (1, 2, 1, 0) and ben.entities[0].cut


def test_the_bin_is_not_counted(drafts: Drafts) -> None:
    drafts.desk.delete("deal", drafts.world.deals["dan"])
    assert drafts.told(("role", "own", OWN)) == {"ben": (2, 3, 1, 0), "cy": (1, 3, 2, 0)}


def test_nothing_of_a_simulation_stays(drafts: Drafts) -> None:
    id = drafts.draft(("role", "own", OWN), ("entity", "deal", {"op": "add", "path": "/fields/note", "value": {"type": "text"}}))
    with drafts.desk.unchanged():
        simulate(drafts.workspace, OPERATOR, id)


def test_faulty_drafts_and_others_are_refused(drafts: Drafts) -> None:
    sets = drafts.workspace.changesets
    faulty = sets.open(OPERATOR, "faulty")
    sets.change(OPERATOR, faulty, "role", "own", {"operations": [{"op": "change", "path": "/entities/nowhere", "value": ["read"]}]})
    with pytest.raises(BadInput):
        simulate(drafts.workspace, OPERATOR, faulty)
    with pytest.raises(NotFound):
        simulate(drafts.workspace, OPERATOR, 9999)
    with pytest.raises(Forbidden):
        simulate(drafts.workspace, Actor("user", drafts.world.ben, "ben", ("own",)), faulty)
