"""Why somebody may, or may not, do something with a record: each right with the rule path in the order it is evaluated.

    subject = subject_of(work, 7)
    found = explain(work, actor, subject, "opportunity", 12)
    found.answers["update"].allowed, found.answers["update"].because

Yes and no come from the very `Policy` and `Guard` that every read and write goes through; the sentences tell the parts of the same
condition, each asked of the database. Called by the API, `fieldsmith explain access` and the studio. Reads only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from fieldsmith.access.sight import Sight
from fieldsmith.base.context import SYSTEM, Actor
from fieldsmith.base.errors import Forbidden, NotFound
from fieldsmith.base.text import Message, _m
from fieldsmith.db import system
from fieldsmith.db.folding import fold
from fieldsmith.meta.model import Entity
from fieldsmith.meta.roles import RIGHTS, FieldRight, Right
from fieldsmith.meta.system_fields import USER
from fieldsmith.records.evaluate import Transaction
from fieldsmith.records.explaining_fields import field_right
from fieldsmith.records.explaining_rows import Check, Rows
from fieldsmith.records.explaining_words import may, may_not

FieldUse = Literal["none", "masked", "read", "update"]


@dataclass(frozen=True, slots=True)
class Subject:
    """Of whom it is asked: as they would act, and whether they may sign in at all (None: they have no login)."""

    actor: Actor
    active: bool | None = True

    @property
    def id(self) -> int | None:
        return self.actor.id


@dataclass(frozen=True, slots=True)
class Answer:
    """One right: `because` are the deciding sentences, `checks` everything that is looked at, in order; `sql` is the condition on rows, "" for none."""

    right: Right
    allowed: bool
    because: tuple[Message, ...]
    checks: tuple[Check, ...]
    sql: str = ""

    @property
    def sentence(self) -> Message:
        """The answer in one line."""
        reasons = self.because or (_m("–"),)
        told = reasons[0]
        for more in reasons[1:]:
            told = _m("{first} {second}", first=told, second=more)
        return (may if self.allowed else may_not)(self.right, told)


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """What the subject may do with one field of the record, and why."""

    use: FieldUse
    because: Message


@dataclass(frozen=True, slots=True)
class Explained:
    """Without `id` the answers are about the entity: rows are told as far as roles say."""

    subject: Subject
    entity: Entity
    id: int | None
    answers: Mapping[Right, Answer]
    fields: Mapping[str, FieldAnswer]


def subject_of(work: Transaction, user_id: int) -> Subject:
    """A user as they would act, with their own time zone. Raises `NotFound` for a user record that is not there."""
    company = work.runtime.schema.model.company
    person = work.queries.one(SYSTEM, USER, user_id).values
    login, held = system.fs_login, system.fs_user_role
    row = work.connection.execute(sa.select(login.c.name, login.c.active).where(login.c.user_id == user_id)).first()
    name = str(person.get("name") or (row.name if row is not None else f"#{user_id}"))
    zone = str(person.get("time_zone") or company.timezone)
    if row is None or not row.active:
        return Subject(Actor("user", user_id, name, (), timezone=zone), None if row is None else False)
    roles = tuple(work.connection.execute(sa.select(held.c.role).where(held.c.user_id == user_id).order_by(held.c.role)).scalars())
    return Subject(Actor("user", user_id, name, roles, timezone=zone))


def subject_named(work: Transaction, name: str) -> Subject:
    """By login name, in any case, else by the number of the user. Raises `NotFound`."""
    found = work.connection.execute(sa.select(system.fs_login.c.user_id).where(system.fs_login.c.name_fold == fold(name.strip()))).scalar()
    if found is None and name.isascii() and name.isdigit() and len(name) < 19:
        found = int(name)
    if found is None:
        raise NotFound(_m("There is no login “{name}”.", name=name[:100]))
    return subject_of(work, found)


def explain(work: Transaction, reader: Actor, subject: Subject, entity: str, id: int | None = None, rights: Sequence[Right] = RIGHTS) -> Explained:
    """What `subject` may do with the record, or with records of the entity, as told to `reader`.

    Raises `Forbidden` when `reader` asks about another without administering, `NotFound` where `reader` may not see the record.
    Readers who ask for themselves are told no values and names they may not see.
    """
    require_may_ask(work, reader, subject.id)
    found = work.queries.entity(reader, entity)
    if id is not None:
        work.queries.one(reader, entity, id)
    rows = Rows(work, reader, subject.actor)
    reading = _answer(work, rows, subject, "read", found, id, None)
    answers = {right: reading if right == "read" else _answer(work, rows, subject, right, found, id, reading) for right in rights}
    return Explained(subject, found, id, answers, _fields(work, subject.actor, found, reading, answers.get("update")))


def require_may_ask(work: Transaction, reader: Actor, user: int | None) -> None:
    """Raises `Forbidden`: of others only administrators may know."""
    if user != reader.id and not work.runtime.policy.is_administrator(reader):
        raise Forbidden(_m("Only administrators may ask what others may do."))


def may_use(work: Transaction, actor: Actor, right: Right, entity: str, id: int | None) -> bool:
    """What is enforced: the entity right, and that reading and the right itself reach the record."""
    if not work.runtime.policy.allows(actor, right, entity):
        return False
    return id is None or all(id in work.queries.reaches(actor, needed, entity, [id]) for needed in dict.fromkeys(("read", right)))


def _answer(work: Transaction, rows: Rows, subject: Subject, right: Right, entity: Entity, id: int | None, reading: Answer | None) -> Answer:
    actor = subject.actor
    allowed = may_use(work, actor, right, entity.name, id)
    barred = _login_check(subject)
    if barred is not None:
        return Answer(right, allowed, (barred.sentence,), (barred,))
    checks = rows.checks(entity, right, id)
    if id is not None and reading is not None and not reading.allowed:
        first = Check(False, _m("{name} may not see the record at all.", name=actor.name), needed=True)
        return Answer(right, allowed, (first.sentence, *reading.because), (first, *checks), rows.sql(entity, right))
    return Answer(right, allowed, deciding(checks, allowed), tuple(checks), rows.sql(entity, right))


def deciding(checks: Sequence[Check], allowed: bool) -> tuple[Message, ...]:
    """The sentences that decide: what fails of what is needed; else every way that fails, or the first that leads there."""
    failing = [check for check in checks if check.needed and check.holds is False]
    if failing:
        return tuple(sentence for check in failing for sentence in check.told)
    ways = [check for check in checks if not check.needed]
    if allowed:
        leading = next((check for check in ways if check.holds), None)
        return leading.told if leading is not None else checks[-1].told
    return tuple(sentence for check in ways for sentence in check.told)


def _login_check(subject: Subject) -> Check | None:
    if subject.active is None:
        return Check(False, _m("{name} has no login, so nothing is allowed.", name=subject.actor.name), needed=True)
    if not subject.active:
        return Check(False, _m("The login of {name} is suspended, so nothing is allowed.", name=subject.actor.name), needed=True)
    return None


def _fields(work: Transaction, actor: Actor, entity: Entity, reading: Answer, updating: Answer | None) -> dict[str, FieldAnswer]:
    sight = work.runtime.policy.sight(actor)
    out: dict[str, FieldAnswer] = {}
    for item in entity.fields.values():
        if not reading.allowed:
            out[item.name] = FieldAnswer("none", reading.sentence)
            continue
        right, because = field_right(work.runtime.policy, actor, work.runtime.schema.model, entity, item)
        assert right == _seen(sight, entity.name, item.name)
        fixed = item.read_only or (item.system and item.name != "owner") or not work.runtime.schema.model.type_of(item).writable
        if right != "edit":
            out[item.name] = FieldAnswer(right, because)
        elif fixed:
            out[item.name] = FieldAnswer("read", _m("{field} is filled by the system; nobody changes it.", field=item.label))
        elif updating is None or not updating.allowed:
            out[item.name] = FieldAnswer("read", updating.sentence if updating is not None else because)
        else:
            out[item.name] = FieldAnswer("update", because)
    return out


def _seen(sight: Sight, entity: str, field: str) -> FieldRight:
    if sight.hides(entity, field):
        return "none"
    if sight.masks(entity, field):
        return "masked"
    return "read" if sight.locks(entity, field) else "edit"
