"""Signature and what was noticed about it: columns, constraints and plain predicates."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.addresses import address_domain
from campaign.core.database import Base, BigKey, state_column
from campaign.petitions.models.imports import Origin
from campaign.petitions.models.removals import RemovalReason

# Compared byte by byte on both engines, so that a prefix search is a range on the index.
ByteOrderedText = Text().with_variant(Text(collation="C"), "postgresql")


class SignatureState(StrEnum):
    """Only `confirmed` counts. The moves between them are in `transitions.py`."""

    PENDING = "pending"
    HELD = "held"
    CONFIRMED = "confirmed"
    INVALIDATED = "invalidated"
    WITHDRAWN = "withdrawn"


class CommentState(StrEnum):
    AWAITING = "awaiting"
    PUBLISHED = "published"
    REFUSED = "refused"


class Signal(StrEnum):
    """What was noticed about a signature: it is held for it or only marked.

    The first that holds, in this order, is the reason that stands in `held_for`. The staff's pages have the sentence
    for each, with the numbers of its `detail`.
    """

    BLOCKED_ADDRESS = "blocked_address"
    BLOCKED_DOMAIN = "blocked_domain"
    BLOCKED_NETWORK = "blocked_network"
    HONEYPOT = "honeypot"
    THROWAWAY_DOMAIN = "throwaway_domain"
    BURST = "burst"
    QUICK_CONFIRMATION = "quick_confirmation"
    SAME_MAILBOX = "same_mailbox"
    NAME = "name"
    COMMENT_PHONE = "comment_phone"
    COMMENT_ADDRESS = "comment_address"
    COMMENT_LINK = "comment_link"
    COMMENT_WORDS = "comment_words"
    COUNTRY_SURGE = "country_surge"
    CAMPAIGN_SURGE = "campaign_surge"
    MODERATOR = "moderator"


def _where(condition: str, *columns: str) -> Index:
    """An index of the rows that meet a condition, on both engines."""
    return Index(None, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


def _domain(context: DefaultExecutionContext) -> str | None:
    """The domain of the address that is being inserted."""
    email: str | None = context.get_current_parameters().get("email")  # type: ignore[no-untyped-call]
    return address_domain(email) if email else None


class Signature(Base):
    """One person's signature under one version of the demand.

    `email_key` is the keyed hash of the normalised address; with the campaign it is unique, and it stays when the
    person is forgotten. Name and address are empty once they are.
    """

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("campaign_id", "email_key"),
        Index(None, "campaign_id", "id"),
        Index(None, "campaign_id", "state", "id"),
        # Few signatures are held or have a comment; the others, and so most inserts, do not touch these two.
        _where("held_for IS NOT NULL", "campaign_id", "held_for", "state", "id"),
        _where("comment_state IS NOT NULL", "campaign_id", "comment_state", "state", "id"),
        Index(None, "campaign_id", "network_hash", "created_at"),
        Index(None, "campaign_id", "mailbox_key", "id"),
        # In the order of ids, so that an invalidation walks through them in batches.
        Index(None, "campaign_id", "network_hash", "id"),
        Index(None, "campaign_id", "email_domain", "id"),
        _where("invalidation_id IS NOT NULL", "invalidation_id", "id"),
        Index(None, "campaign_id", "name_folded", "id"),
        Index(None, "campaign_id", "source", "id"),
        Index(None, "campaign_id", "country", "id"),
        Index(None, "campaign_id", "created_at", "id"),
        Index(None, "campaign_id", "show_name", "state", "confirmed_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    demand_id: Mapped[int] = mapped_column(ForeignKey("demand.id"))
    state: Mapped[SignatureState] = mapped_column(state_column(SignatureState), default=SignatureState.PENDING)
    state_before: Mapped[SignatureState | None] = mapped_column(
        state_column(SignatureState), doc="set while invalidated: where restoring leads back to"
    )
    name: Mapped[str | None]
    name_folded: Mapped[str | None] = mapped_column(ByteOrderedText, doc="the name case-folded, for prefix search")
    email: Mapped[str | None] = mapped_column(doc="as typed: mail goes there")
    email_key: Mapped[str]
    mailbox_key: Mapped[str | None] = mapped_column(doc="keyed hash of the address without dots and tags; see `core`")
    email_domain: Mapped[str | None] = mapped_column(default=_domain, doc="of `email`; set with it by every insert")
    country: Mapped[str]
    postcode: Mapped[str] = mapped_column(default="")
    comment: Mapped[str] = mapped_column(default="")
    comment_state: Mapped[CommentState | None] = mapped_column(state_column(CommentState))
    show_name: Mapped[bool] = mapped_column(default=False)
    wants_updates: Mapped[bool] = mapped_column(default=False)
    consent_version: Mapped[str] = mapped_column(doc="which wording the boxes had; agreed to at `created_at`")
    language: Mapped[str]
    origin: Mapped[Origin] = mapped_column(state_column(Origin), default=Origin.ONLINE, server_default=Origin.ONLINE)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("signature_import.id"), doc="the file that brought it")
    source: Mapped[str] = mapped_column(default="", doc="the article that brought the reader")
    network_hash: Mapped[str | None] = mapped_column(doc="keyed hash of the network; goes after 30 days")
    honeypot: Mapped[bool] = mapped_column(default=False, doc="the field that people do not see was filled in")
    held_for: Mapped[Signal | None] = mapped_column(state_column(Signal))
    decision_reason: Mapped[str] = mapped_column(default="", doc="what the moderator wrote last")
    # No foreign key: invalidations are never deleted, and SQLite could not drop the column again.
    invalidation_id: Mapped[int | None] = mapped_column(
        doc="which Invalidation took it out last, None for a person; stays when it is put back"
    )
    removal_reason: Mapped[RemovalReason | None] = mapped_column(
        state_column(RemovalReason), doc="for which public reason it was taken out last; stays when it is put back"
    )
    token_version: Mapped[int] = mapped_column(default=1, doc="raising it voids the links mailed so far")
    edition: Mapped[int] = mapped_column(default=1, server_default="1", doc="raised by every move and decision")
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    state_changed_at: Mapped[datetime]


class SignatureSignal(Base):
    """One thing that was noticed about a signature. Most signatures have none."""

    __tablename__ = "signature_signal"
    __table_args__ = (Index(None, "campaign_id", "signal", "signature_id"),)

    signature_id: Mapped[int] = mapped_column(ForeignKey("signature.id", ondelete="CASCADE"), primary_key=True)
    signal: Mapped[Signal] = mapped_column(state_column(Signal), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    holds: Mapped[bool] = mapped_column(default=False, doc="whether it held the signature, or only marks it")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, doc="numbers for its sentence; nothing personal")
    created_at: Mapped[datetime]
