"""Last chapter of the demo data: cases, campaign members, activities and notes around the records told before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fieldsmith.bulk.demo_people import Cast
from fieldsmith.bulk.demo_sales import Deal
from fieldsmith.bulk.demo_story import Ref, Story, instant

CASES = 36
MEMBERS_PER_CAMPAIGN = 10
ACTIVITIES = 90
_CASE_STATUSES = ("new", "working", "working", "waiting_customer", "escalated", "resolved", "resolved", "closed", "closed")
_PRIORITIES = ("low", "medium", "medium", "medium", "high", "critical")
_ORIGINS = ("phone", "email", "email", "web", "chat")
_ANSWERS = ("sent", "opened", "responded", "registered", "declined")
_MINUTES = {"call": (5, 10, 15, 30), "meeting": (30, 60, 90)}


def tell_service(story: Story, cast: Cast, deals: Sequence[Deal]) -> None:
    _cases(story, cast)
    _members(story, cast)
    _activities(story, cast, deals)
    _notes(story, cast)


def _cases(story: Story, cast: Cast) -> None:
    rows = []
    for _ in range(CASES):
        account = story.random.choice(cast.accounts)
        known = story.pick("cases")
        status = story.random.choice(_CASE_STATUSES)
        done = status in ("resolved", "closed")
        opened = story.moment(-120, -20) if done else story.moment(-12, -1)
        rows.append(
            {
                "subject": known["subject"],
                "type": known["type"],
                "description": known["description"],
                "resolution": known["resolution"] if done else None,
                "status": status,
                "priority": story.random.choice(_PRIORITIES),
                "origin": story.random.choice(_ORIGINS),
                "owner": story.random.choice(cast.helpers),
                "account": account.ref,
                "contact": story.random.choice(account.contacts).ref,
                "product": story.random.choice(cast.products).ref if story.chance(70) else None,
                "due_at": instant(opened + timedelta(days=14)),
                "resolved_at": instant(opened + timedelta(days=story.random.randint(1, 12))) if done else None,
            }
        )
    story.add("case", rows)


def _members(story: Story, cast: Cast) -> None:
    people = [*cast.leads, *(contact.ref for account in cast.accounts for contact in account.contacts)]
    rows: list[dict[str, Any]] = []
    for campaign in cast.campaigns[:4]:
        for person in story.random.sample(people, MEMBERS_PER_CAMPAIGN):
            status = story.random.choice(_ANSWERS)
            answered = status in ("responded", "registered", "declined")
            rows.append(
                {
                    "campaign": campaign,
                    "member": _pointing(person),
                    "status": status,
                    "responded_on": story.day(-20, -1) if answered else None,
                    "owner": cast.marketer,
                }
            )
    story.add("campaign_member", rows)


def _activities(story: Story, cast: Cast, deals: Sequence[Deal]) -> None:
    rows = []
    for _ in range(ACTIVITIES):
        deal = story.random.choice(deals)
        about_deal = story.chance(60)
        account = deal.account if about_deal else story.random.choice(cast.accounts)
        contact = deal.contact if about_deal else story.random.choice(account.contacts)
        kind = story.random.choice(tuple(story.source["activities"]))
        moment = story.moment(-60, 21)
        past = moment.date() < story.today
        done = past and story.chance(85)
        minutes = story.random.choice(_MINUTES[kind]) if kind in _MINUTES else None
        rows.append(
            {
                "subject": story.random.choice(story.source["activities"][kind]).format(company=account.name, contact=contact.name),
                "kind": kind,
                "status": "completed" if done else "in_progress" if past else "not_started",
                "priority": story.random.choice(("low", "normal", "normal", "high")),
                "regarding": _pointing(deal.ref if about_deal else account.ref),
                "contact": contact.ref,
                "owner": None if not done and story.chance(40) else account.owner,  # blank: whoever loads the demo data
                "due_at": instant(moment),
                "starts_at": instant(moment) if minutes else None,
                "ends_at": instant(moment + timedelta(minutes=minutes)) if minutes else None,
                "duration": minutes * 60 if minutes else None,
                "completed_at": instant(moment + timedelta(minutes=minutes or 5)) if done else None,
                "direction": story.random.choice(("inbound", "outbound")) if kind in ("call", "email") else None,
                "location": story.pick("locations") if kind == "meeting" else None,
                "outcome": story.pick("outcomes") if done else None,
            }
        )
    story.add("activity", rows)


def _notes(story: Story, cast: Cast) -> None:
    accounts = story.random.sample(cast.accounts, 12)
    story.add("note", ({**story.pick("notes"), "regarding": _pointing(account.ref), "owner": account.owner} for account in accounts))


def _pointing(ref: Ref) -> dict[str, Any]:
    """A polymorphic lookup's value."""
    return {"entity": ref.entity, "id": ref}
