"""Second chapter of the demo data: opportunities in every stage, with the quotes and orders that came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fieldsmith.bulk.demo_people import Account, Cast, Contact, Product
from fieldsmith.bulk.demo_story import Ref, Story

_STAGES: Sequence[tuple[str, int, int]] = (  # stage, probability, how many opportunities
    ("prospecting", 10, 8),
    ("qualification", 20, 9),
    ("needs_analysis", 35, 8),
    ("proposal", 60, 9),
    ("negotiation", 80, 7),
    ("won", 100, 19),
    ("lost", 0, 12),
)
_LOSSES = ("price", "competitor", "no_budget", "no_decision", "timing")
_SOURCES = ("website", "referral", "partner", "campaign", "trade_show", "existing_customer")
_TYPES = ("new_business", "new_business", "existing_business", "renewal", "replacement")
_TERMS = ("prepaid", "net_15", "net_30", "net_30", "net_60")
_ORDER_STATUSES = ("confirmed", "processing", "shipped", "delivered", "completed", "completed")


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity with its lines as rows without parent. `closed` is days from today of the close date."""

    ref: Ref
    name: str
    stage: str
    closed: int
    account: Account
    contact: Contact
    lines: tuple[Mapping[str, Any], ...]

    @property
    def subtotal(self) -> Decimal:
        return sum((line["amount"] for line in self.lines), Decimal(0))


def tell_sales(story: Story, cast: Cast) -> tuple[Deal, ...]:
    stages = [(stage, probability) for stage, probability, count in _STAGES for _ in range(count)]
    story.random.shuffle(stages)
    deals = tuple(_deal(story, cast, stage, probability) for stage, probability in stages)
    story.add("opportunity_line", ({**line, "opportunity": deal.ref} for deal in deals for line in deal.lines))
    quoted = [deal for deal in deals if deal.lines and (deal.stage in ("proposal", "negotiation", "won") or (deal.stage == "lost" and story.chance(50)))]
    quotes = story.add("quote", [_quote(story, cast, deal) for deal in quoted])
    story.add("quote_line", ({**line, "quote": quote} for deal, quote in zip(quoted, quotes, strict=True) for line in deal.lines))
    ordered = [(deal, quote) for deal, quote in zip(quoted, quotes, strict=True) if deal.stage == "won"]
    orders = story.add("order", [_order(story, cast, deal, quote) for deal, quote in ordered])
    story.add("order_line", ({**line, "order": order} for (deal, _), order in zip(ordered, orders, strict=True) for line in deal.lines))
    return deals


def _deal(story: Story, cast: Cast, stage: str, probability: int) -> Deal:
    account = story.random.choice(cast.accounts)
    contact = story.random.choice(account.contacts)
    kind = story.pick("opportunities")
    wanted = [product for product in cast.products if product.code in kind.get("products", (product.code,))]
    lines = _lines(story, wanted) if stage != "prospecting" or story.chance(40) else ()
    over = stage in ("won", "lost")
    closed = story.random.randint(-300, -2) if over else story.random.randint(-10, 150)
    main = lines[0]["name"] if lines else story.random.choice(wanted).name
    name = kind["name"].format(company=account.name, product=main)
    source = story.random.choice(_SOURCES)
    row = {
        "name": name,
        "owner": account.owner,
        "account": account.ref,
        "contact": contact.ref,
        "product": lines[0]["product"] if len(lines) == 1 else None,
        "amount": sum((line["amount"] for line in lines), Decimal(0)) if lines else None,
        "stage": stage,
        "probability": probability,
        "engaged_on": story.day(closed - 120, closed - 20) if over else story.day(-90, -1) if stage != "prospecting" else None,
        "close_date": story.day(closed, closed) if stage != "prospecting" or story.chance(50) else None,
        "type": story.random.choice(_TYPES),
        "lead_source": source,
        "campaign": story.random.choice(cast.campaigns) if source == "campaign" else None,
        "next_step": None if over else story.pick("next_steps"),
        "loss_reason": story.random.choice(_LOSSES) if stage == "lost" else None,
        "competitor": story.pick("competitors") if story.chance(30) else None,
        "tags": [story.random.choice(cast.tags)] if story.chance(15) else None,
    }
    [ref] = story.add("opportunity", [row])
    return Deal(ref, name, stage, closed, account, contact, lines)


def _lines(story: Story, products: Sequence[Product]) -> tuple[Mapping[str, Any], ...]:
    lines = []
    for product in story.random.sample(products, min(story.random.choice((1, 1, 2, 3)), len(products))):
        quantity = story.random.choice((1, 2, 3, 5, 8, 10, 20))
        discount = story.random.choice((0, 0, 0, 5, 10, 15))
        amount = story.share(product.price * quantity, 100 - discount)
        lines.append(
            {"name": product.name, "product": product.ref, "quantity": quantity, "unit_price": product.price, "discount": discount or None, "amount": amount}
        )
    return tuple(lines)


def _document(story: Story, cast: Cast, deal: Deal) -> dict[str, Any]:
    """What a quote and an order share: the parties and the sums."""
    tax = story.share(deal.subtotal, story.source["tax_percent"])
    shipping = story.money(0 if deal.subtotal > story.money(5000) else 45)
    return {
        "owner": deal.account.owner,
        "account": deal.account.ref,
        "contact": deal.contact.ref,
        "opportunity": deal.ref,
        "price_list": cast.price_list,
        "payment_terms": story.random.choice(_TERMS),
        "subtotal": deal.subtotal,
        "tax": tax,
        "shipping": shipping,
        "total": deal.subtotal + tax + shipping,
        "billing_address": deal.account.address,
        "shipping_address": deal.account.address,
    }


def _quote(story: Story, cast: Cast, deal: Deal) -> dict[str, Any]:
    status = {"won": "accepted", "lost": "rejected", "negotiation": "presented"}.get(deal.stage) or story.random.choice(("draft", "in_review", "presented"))
    sent = min(deal.closed - 15, -1)
    return {
        **_document(story, cast, deal),
        "name": deal.name,
        "status": status,
        "quote_date": story.day(sent, sent),
        "valid_until": story.day(sent + 30, sent + 30),
    }


def _order(story: Story, cast: Cast, deal: Deal, quote: Ref) -> dict[str, Any]:
    status = story.random.choice(_ORDER_STATUSES) if deal.closed < -20 else "confirmed"
    return {
        **_document(story, cast, deal),
        "subject": deal.name,
        "quote": quote,
        "status": status,
        "purchase_order": f"PO-{story.random.randrange(10000, 99999)}" if story.chance(60) else None,
        "order_date": story.day(deal.closed, deal.closed),
        "delivery_date": story.day(deal.closed + 14, deal.closed + 28),
    }
