"""OutboxMessage: a mail to be written and sent. The row holds kind and ids; text and links are made at sending."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from campaign.core.database import Base, BigKey, state_column
from campaign.core.leases import Leased


class MailKind(StrEnum):
    """Every mail there is; each has a folder of that name in `templates/mail/`, but a test looks like what it tries."""

    CONFIRM_SIGNATURE = "confirm_signature"
    ALREADY_SIGNED = "already_signed"
    DONATION_RECEIPT = "donation_receipt"
    THRESHOLD_REACHED = "threshold_reached"
    RENEWAL_FAILED = "renewal_failed"
    GIVING_LINK = "giving_link"
    CARD_TESTING = "card_testing"
    MY_DATA_LINK = "my_data_link"
    MAILING = "mailing"
    MAILING_TEST = "mailing_test"
    PREFERENCES_LINK = "preferences_link"
    STAFF_DIGEST = "staff_digest"
    STAFF_ALERT = "staff_alert"


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DROPPED = "dropped"  # no longer to be sent when its turn came
    FAILED = "failed"  # refused for good, or could not be built


# From here on mails wait for a rate and go through a queue of their own, so that none that a person waits for stands
# behind them.
BULK = 9

PRIORITY = {
    MailKind.CONFIRM_SIGNATURE: 0,
    MailKind.ALREADY_SIGNED: 0,
    MailKind.DONATION_RECEIPT: 1,
    MailKind.THRESHOLD_REACHED: 1,
    MailKind.RENEWAL_FAILED: 1,
    MailKind.GIVING_LINK: 0,
    MailKind.CARD_TESTING: 0,
    MailKind.MY_DATA_LINK: 0,
    MailKind.MAILING: BULK,
    MailKind.MAILING_TEST: 1,
    MailKind.PREFERENCES_LINK: 0,
    MailKind.STAFF_DIGEST: 1,
    MailKind.STAFF_ALERT: 0,
}


# They may name the campaign whatever its mails to readers do.
FOR_STAFF = frozenset({MailKind.THRESHOLD_REACHED, MailKind.CARD_TESTING, MailKind.STAFF_DIGEST, MailKind.STAFF_ALERT})
# The same whatever a campaign does: those, and mails that belong to none and name none.
NEVER_DISCREET = FOR_STAFF | {MailKind.MY_DATA_LINK, MailKind.PREFERENCES_LINK}


class OutboxMessage(Leased, Base):
    """`object_id` is the id of what the mail is about; `recipient_key` the keyed hash of the address it goes to."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(None, "state", "priority", "available_at"),
        Index(None, "recipient_key", "created_at"),
        Index(None, "kind", "object_id"),
        Index(None, "sent_at"),
        # Nobody is ever queued twice for the same mailing, however often its list is made.
        UniqueConstraint("mailing_id", "recipient_key"),
        # In the order in which they are taken.
        Index(None, "mailing_id", "state", "available_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[MailKind] = mapped_column(state_column(MailKind))
    object_id: Mapped[int] = mapped_column(BigKey)
    recipient_key: Mapped[str]
    language: Mapped[str]
    priority: Mapped[int]
    state: Mapped[MailState] = mapped_column(state_column(MailState), default=MailState.QUEUED)
    message_id: Mapped[str] = mapped_column(doc="the Message-ID's left side; the same at every attempt")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="", doc="what the mail server said last; holds no address")
    mailing_id: Mapped[int | None] = mapped_column(BigKey, doc="the mailing it is one of, if it is")


class NoticeKind(StrEnum):
    HARD_BOUNCE = "hard_bounce"  # there is no such mailbox
    SOFT_BOUNCE = "soft_bounce"  # not this time
    COMPLAINT = "complaint"  # its owner called the mail unwanted


class MailNotice(Base):
    """What a provider, or a plain mail, told of one mail. `notice_key` is the teller's own name for it, used once."""

    __tablename__ = "mail_notice"
    __table_args__ = (
        UniqueConstraint("provider", "notice_key"),
        Index(None, "received_at", "kind"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    provider: Mapped[str]
    notice_key: Mapped[str]
    kind: Mapped[NoticeKind] = mapped_column(state_column(NoticeKind))
    recipient_key: Mapped[str] = mapped_column(index=True)
    outbox_id: Mapped[int | None] = mapped_column(BigKey, doc="the mail, where the notice says which; it may be gone")
    reason: Mapped[str] = mapped_column(default="", doc="what the other server said; holds no address")
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]


class Suppression(Base):
    """A mailbox that is not written to any more: its keyed hash, and why."""

    __tablename__ = "suppression"

    recipient_key: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    created_at: Mapped[datetime]


class MailPace(Base):
    """When the next mail of a queue may go: one row, locked by workers in turn, so that its rate holds for all."""

    __tablename__ = "mail_pace"

    name: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[datetime]
