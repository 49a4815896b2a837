"""Tables of the hand-written sales application, as the ORM sees them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

STAGES = ("prospecting", "qualification", "needs_analysis", "proposal", "negotiation", "won", "lost")
TYPES = ("new_business", "existing_business", "renewal", "replacement")
SOURCES = (
    *("website", "referral", "partner", "cold_call", "campaign", "trade_show", "social_media"),
    *("advertisement", "inbound_email", "existing_customer", "other"),
)
LOSS_REASONS = ("price", "competitor", "no_budget", "no_decision", "other")

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Money(sa.types.TypeDecorator[Decimal]):
    """Exact amounts on both databases: NUMERIC on PostgreSQL, whole cents on SQLite, which has no decimals."""

    impl = sa.Numeric(18, 2)
    cache_ok = True

    @property
    def python_type(self) -> type[Decimal]:
        return Decimal

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.BigInteger() if dialect.name == "sqlite" else sa.Numeric(18, 2))

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Any:
        return int(value.scaleb(2)) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        return Decimal(value).scaleb(-2) if value is not None and dialect.name == "sqlite" else value


class Base(DeclarativeBase):
    """Root of the mapped classes."""


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)


class Session(Base):
    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    csrf: Mapped[str]
    expires_at: Mapped[datetime]
    user: Mapped[User] = relationship()


class Token(Base):
    __tablename__ = "tokens"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    revoked_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(index=True)


class Contact(Base):
    __tablename__ = "contacts"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"), index=True)


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str]


class Campaign(Base):
    __tablename__ = "campaigns"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str]


class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str]


OPPORTUNITY_TAGS = sa.Table(
    "opportunity_tags",
    Base.metadata,
    sa.Column("opportunity_id", sa.ForeignKey("opportunities.id"), primary_key=True),
    sa.Column("tag_id", sa.ForeignKey("tags.id"), primary_key=True, index=True),
)


def _live_index(name: str, *columns: Any) -> sa.Index:
    """An index over the rows that lists show."""
    live = sa.text("deleted_at IS NULL")
    return sa.Index(f"opportunities_by_{name}", *columns, sqlite_where=live, postgresql_where=live)


class Opportunity(Base):
    __tablename__ = "opportunities"
    __table_args__ = (
        _live_index("amount", sa.text("amount DESC"), sa.text("id DESC")),
        *(_live_index(name, name, "id") for name in ("close_date", "stage", "name", "modified_at")),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contacts.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey("products.id"), index=True)
    amount: Mapped[Decimal | None] = mapped_column(Money())
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    stage: Mapped[str] = mapped_column(default="prospecting")
    probability: Mapped[int | None]
    engaged_on: Mapped[date | None]
    close_date: Mapped[date | None]
    type: Mapped[str | None]
    lead_source: Mapped[str | None]
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaigns.id"), index=True)
    next_step: Mapped[str | None]
    loss_reason: Mapped[str | None]
    competitor: Mapped[str | None]
    external_id: Mapped[str | None] = mapped_column(unique=True)
    description: Mapped[str | None]
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    modified_at: Mapped[datetime]
    modified_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)
    deleted_at: Mapped[datetime | None]

    account: Mapped[Account | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    product: Mapped[Product | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    owner: Mapped[User] = relationship(foreign_keys=owner_id)
    created_by: Mapped[User] = relationship(foreign_keys=created_by_id)
    modified_by: Mapped[User] = relationship(foreign_keys=modified_by_id)
    lines: Mapped[list[OpportunityLine]] = relationship(order_by="OpportunityLine.id")
    quotes: Mapped[list[Quote]] = relationship(order_by="Quote.id.desc()")
    orders: Mapped[list[Order]] = relationship(order_by="Order.order_date.desc()")
    tags: Mapped[list[Tag]] = relationship(secondary=OPPORTUNITY_TAGS, order_by="Tag.name")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # read once by the mapper


class OpportunityLine(Base):
    __tablename__ = "opportunity_lines"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    opportunity_id: Mapped[int] = mapped_column(sa.ForeignKey("opportunities.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey("products.id"))
    name: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Money())
    unit_price: Mapped[Decimal | None] = mapped_column(Money())
    discount: Mapped[Decimal | None] = mapped_column(Money())
    amount: Mapped[Decimal | None] = mapped_column(Money())
    product: Mapped[Product | None] = relationship()


class Quote(Base):
    __tablename__ = "quotes"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    opportunity_id: Mapped[int] = mapped_column(sa.ForeignKey("opportunities.id"), index=True)
    name: Mapped[str]
    number: Mapped[str]
    status: Mapped[str]
    total: Mapped[Decimal | None] = mapped_column(Money())
    valid_until: Mapped[date | None]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    opportunity_id: Mapped[int] = mapped_column(sa.ForeignKey("opportunities.id"), index=True)
    number: Mapped[str]
    status: Mapped[str]
    order_date: Mapped[date | None]
    total: Mapped[Decimal | None] = mapped_column(Money())


class History(Base):
    __tablename__ = "history"
    __table_args__ = (sa.Index("history_record", "opportunity_id", "id"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    opportunity_id: Mapped[int] = mapped_column(sa.ForeignKey("opportunities.id"))
    version: Mapped[int]
    at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    via: Mapped[str]
    changes: Mapped[str]
    user: Mapped[User] = relationship()
