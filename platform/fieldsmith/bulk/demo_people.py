"""First chapter of the demo data: colleagues, what is sold, and the companies and people it is sold to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fieldsmith.bulk.demo_story import Ref, Story

CONTACTS_PER_ACCOUNT = (1, 4)
LEADS = 40
_LEAD_STATUSES = ("new", "new", "contacted", "contacted", "nurturing", "qualified", "unqualified")
_SOURCES = ("website", "referral", "partner", "cold_call", "campaign", "trade_show", "social_media", "inbound_email")
_ACCOUNT_TYPES = ("customer", "customer", "customer", "prospect", "prospect", "partner", "former_customer")


@dataclass(frozen=True, slots=True)
class Product:
    """`price` in company currency."""

    ref: Ref
    code: str
    name: str
    price: Any


@dataclass(frozen=True, slots=True)
class Contact:
    ref: Ref
    name: str


@dataclass(frozen=True, slots=True)
class Account:
    ref: Ref
    name: str
    owner: Ref
    address: Mapping[str, str]
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what the later chapters are about. Sellers own accounts, helpers own cases."""

    sellers: tuple[Ref, ...]
    marketer: Ref
    helpers: tuple[Ref, ...]
    tags: tuple[Ref, ...]
    products: tuple[Product, ...]
    price_list: Ref
    campaigns: tuple[Ref, ...]
    accounts: tuple[Account, ...]
    leads: tuple[Ref, ...]


def tell_people(story: Story) -> Cast:
    users = _colleagues(story)
    tags = story.add("tag", story.source["tags"], unique="name")
    products, price_list = _catalogue(story)
    campaigns = _campaigns(story, users[5])
    sellers = tuple(users[1:5])
    accounts = _accounts(story, sellers, tags)
    leads = _leads(story, sellers, products, campaigns)
    return Cast(sellers, users[5], tuple(users[6:]), tuple(tags), tuple(products), price_list, tuple(campaigns), tuple(accounts), tuple(leads))


def _colleagues(story: Story) -> list[Ref]:
    teams = story.add("team", ({"name": name} for name in story.source["teams"]), unique="name")

    def row(person: Mapping[str, Any], manager: Ref | None) -> dict[str, Any]:
        name = story.source["full_name"].format(**person)
        return {"name": name, "title": person["title"], "team": teams[person["team"]], "manager": manager}

    people = story.source["users"]
    chiefs = [at for at, person in enumerate(people) if "manager" not in person]
    refs = dict(zip(chiefs, story.add("user", (row(people[at], None) for at in chiefs)), strict=True))
    others = [at for at in range(len(people)) if at not in refs]
    refs |= dict(zip(others, story.add("user", (row(people[at], refs[people[at]["manager"]]) for at in others)), strict=True))
    return [refs[at] for at in range(len(people))]


def _catalogue(story: Story) -> tuple[list[Product], Ref]:
    sold = story.source["products"]
    prices = [story.money(item["price"]) for item in sold]
    rows = [{**item, "price": price, "cost": story.share(price, 62)} for item, price in zip(sold, prices, strict=True)]
    refs = story.add("product", rows, unique="code")
    lists = story.add("price_list", ({"name": name, "valid_from": story.day(-200, -200)} for name in story.source["price_lists"]), unique="name")
    for price_list, percent in zip(lists, (100, 80), strict=True):
        story.add(
            "price_list_entry",
            ({"price_list": price_list, "product": ref, "price": story.share(price, percent)} for ref, price in zip(refs, prices, strict=True)),
        )
    return [Product(ref, item["code"], item["name"], price) for ref, item, price in zip(refs, sold, prices, strict=True)], lists[0]


def _campaigns(story: Story, owner: Ref) -> list[Ref]:
    rows = []
    for at, campaign in enumerate(story.source["campaigns"]):
        start = -150 + at * 45
        status = "completed" if start < -60 else "in_progress" if start <= 0 else "planned"
        budget = story.money(2000 + 1500 * at)
        rows.append(
            {
                **campaign,
                "owner": owner,
                "status": status,
                "start_date": story.day(start, start),
                "end_date": story.day(start + 40, start + 40),
                "budget": budget,
                "actual_cost": story.share(budget, 90) if status == "completed" else None,
                "expected_revenue": budget * 8,
                "expected_response": 5 + at,
                "number_sent": 400 + 150 * at if status != "planned" else None,
            }
        )
    return story.add("campaign", rows)


def _accounts(story: Story, sellers: tuple[Ref, ...], tags: list[Ref]) -> list[Account]:
    companies = story.source["companies"]
    owners = [sellers[at % len(sellers)] for at in range(len(companies))]
    addresses = [_address(story, company) for company in companies]

    def row(at: int, parent: Ref | None) -> dict[str, Any]:
        company = companies[at]
        return {
            "name": company["name"],
            "owner": owners[at],
            "parent_account": parent,
            "type": story.random.choice(_ACCOUNT_TYPES),
            "industry": company["industry"],
            "rating": story.random.choice(("hot", "warm", "cold")),
            "phone": story.source["phone"].format(area=company["area"], number=100 + at),
            "email": f"info@{company['domain']}.example.com",
            "website": f"https://{company['domain']}.example.com",
            "employees": company["employees"],
            "annual_revenue": story.money(company["employees"] * story.random.randint(90, 310) * 1000),
            "founded_year": company["founded"],
            "billing_address": addresses[at],
            "shipping_address": addresses[at],
            "tags": [story.random.choice(tags)] if story.chance(40) else None,
        }

    parents = [at for at, company in enumerate(companies) if "parent" not in company]
    refs = dict(zip(parents, story.add("account", [row(at, None) for at in parents]), strict=True))
    children = [at for at in range(len(companies)) if at not in refs]
    refs |= dict(zip(children, story.add("account", [row(at, refs[companies[at]["parent"]]) for at in children]), strict=True))
    return [
        Account(refs[at], company["name"], owners[at], addresses[at], _contacts(story, company, refs[at], owners[at], addresses[at], tags))
        for at, company in enumerate(companies)
    ]


def _address(story: Story, company: Mapping[str, Any]) -> dict[str, str]:
    return {**{part: company[part] for part in ("street", "city", "state", "postal_code") if part in company}, "country": story.source["country"]}


def _person(story: Story) -> tuple[Mapping[str, str], str, str]:
    """The parts of a name, the name as it is said, and the local part of the e-mail address."""
    (first, first_latin), (last, last_latin) = story.pick("first_names"), story.pick("last_names")
    parts = {"first": first, "last": last}
    return parts, story.source["full_name"].format(**parts), f"{first_latin}.{last_latin}"


def _contacts(story: Story, company: Mapping[str, Any], account: Ref, owner: Ref, address: Mapping[str, str], tags: list[Ref]) -> tuple[Contact, ...]:
    rows, names = [], []
    for title in story.random.sample(story.source["titles"], story.random.randint(*CONTACTS_PER_ACCOUNT)):
        parts, name, local = _person(story)
        names.append(name)
        rows.append(
            {
                **title,
                "name": parts,
                "account": account,
                "owner": owner,
                "email": f"{local}@{company['domain']}.example.com",
                "phone": story.source["phone"].format(area=company["area"], number=story.random.randrange(200, 1000)),
                "mobile": story.source["mobile"].format(area=company["area"], number=story.random.randrange(1000, 9999)) if story.chance(60) else None,
                "lead_source": story.random.choice(_SOURCES) if story.chance(70) else None,
                "birthday": story.day(-22000, -9000) if story.chance(30) else None,
                "email_opt_out": True if story.chance(8) else None,
                "mailing_address": address,
                "tags": [story.random.choice(tags)] if story.chance(20) else None,
            }
        )
    return tuple(Contact(ref, name) for ref, name in zip(story.add("contact", rows), names, strict=True))


def _leads(story: Story, sellers: tuple[Ref, ...], products: list[Product], campaigns: list[Ref]) -> list[Ref]:
    rows = []
    for at in range(LEADS):
        company = story.source["companies"][at % len(story.source["companies"])]
        parts, _, local = _person(story)
        source = story.random.choice(_SOURCES)
        rows.append(
            {
                "name": parts,
                "company": story.source["lead_companies"][at % len(story.source["lead_companies"])],
                "title": story.pick("titles")["title"],
                "owner": story.random.choice(sellers),
                "status": story.random.choice(_LEAD_STATUSES),
                "lead_source": source,
                "rating": story.random.choice(("hot", "warm", "cold", None)),
                "email": f"{local}@mail.example.com",
                "phone": story.source["phone"].format(area=company["area"], number=1100 + at),
                "industry": company["industry"],
                "employees": story.random.choice((5, 12, 30, 80, 150)),
                "campaign": story.random.choice(campaigns) if source == "campaign" else None,
                "product_interest": story.random.choice(products).ref if story.chance(70) else None,
                "budget": story.money(story.random.randint(2, 40) * 1000) if story.chance(50) else None,
                "address": {**_address(story, company), "street": None},
            }
        )
    return story.add("lead", rows)
