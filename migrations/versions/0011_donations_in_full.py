"""Payments with their fees, refunds, disputes, monthly gifts, what moved a donation, and what a person must look at.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("campaign") as table:
        table.add_column(sa.Column("other_currencies", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("monthly_amounts", sa.Text(), nullable=False, server_default="3,5,10,20"))
    with op.batch_alter_table("donation") as table:
        table.add_column(sa.Column("message_state", sa.String(40), nullable=True))
        table.add_column(sa.Column("in_memory_of", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE donation SET message_state = 'awaiting' WHERE message <> ''")
    with op.batch_alter_table("stripe_event") as table:
        table.add_column(sa.Column("object_type", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("ignored_reason", sa.Text(), nullable=False, server_default=""))
        table.create_index(op.f("ix_stripe_event_received_at"), ["received_at"])
    _create_monthly_gifts()
    _widen_payments()
    _create_what_follows_payments()
    _create_oversight()


def _widen_payments() -> None:
    """Before refunds and disputes are there: SQLite makes the table anew, which nothing may refer to."""
    with op.batch_alter_table("payment") as table:
        table.add_column(sa.Column("monthly_gift_id", BIG, nullable=True))
        for name in ("charge", "invoice", "balance_transaction", "settled_currency"):
            table.add_column(sa.Column(name, sa.Text(), nullable=True))
        table.add_column(sa.Column("disputed_minor", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("fee_minor", sa.Integer(), nullable=True))
        table.add_column(sa.Column("net_minor", sa.Integer(), nullable=True))
        for name in ("charge", "invoice", "balance_transaction"):
            table.create_unique_constraint(op.f(f"uq_payment_{name}"), [name])
        table.create_foreign_key(
            op.f("fk_payment_monthly_gift_id_monthly_gift"), "monthly_gift", ["monthly_gift_id"], ["id"]
        )
        table.create_index(op.f("ix_payment_monthly_gift_id"), ["monthly_gift_id"])
        table.create_index(op.f("ix_payment_campaign_id_paid_at"), ["campaign_id", "paid_at"])
    # A disputed payment was not counted at all.
    op.execute("UPDATE payment SET disputed_minor = amount_minor - refunded_minor WHERE disputed")
    with op.batch_alter_table("payment") as table:
        table.drop_column("disputed")
    # A receipt is now that of a payment; until here each donation had one at most that was as asked for.
    op.execute(
        "UPDATE outbox_message SET object_id = (SELECT max(payment.id) FROM payment"
        " WHERE payment.donation_id = outbox_message.object_id AND NOT payment.mismatched)"
        " WHERE kind = 'donation_receipt' AND EXISTS (SELECT 1 FROM payment"
        " WHERE payment.donation_id = outbox_message.object_id AND NOT payment.mismatched)"
    )


def _create_monthly_gifts() -> None:
    op.create_table(
        "monthly_gift",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("donation_id", BIG, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("renews_at", UtcDateTime(), nullable=True),
        sa.Column("cancel_asked_at", UtcDateTime(), nullable=True),
        sa.Column("canceled_at", UtcDateTime(), nullable=True),
        sa.Column("canceled_by", sa.Text(), nullable=False),
        sa.Column("state_changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_monthly_gift_amount_positive")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_monthly_gift_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["donation_id"], ["donation.id"], name=op.f("fk_monthly_gift_donation_id_donation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_gift")),
        sa.UniqueConstraint("donation_id", name=op.f("uq_monthly_gift_donation_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_monthly_gift_public_id")),
        sa.UniqueConstraint("subscription", name=op.f("uq_monthly_gift_subscription")),
    )
    op.create_index(op.f("ix_monthly_gift_campaign_id_state"), "monthly_gift", ["campaign_id", "state"])
    op.create_index(op.f("ix_monthly_gift_email_key"), "monthly_gift", ["email_key"])
    op.create_table(
        "monthly_gift_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("monthly_gift_id", BIG, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("available_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["monthly_gift_id"], ["monthly_gift.id"], name=op.f("fk_monthly_gift_change_monthly_gift_id_monthly_gift")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_gift_change")),
        sa.UniqueConstraint("public_id", name=op.f("uq_monthly_gift_change_public_id")),
    )
    op.create_index(op.f("ix_monthly_gift_change_monthly_gift_id"), "monthly_gift_change", ["monthly_gift_id"])
    op.create_index(op.f("ix_monthly_gift_change_state_available_at"), "monthly_gift_change", ["state", "available_at"])
    op.create_table(
        "failed_renewal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("monthly_gift_id", BIG, nullable=False),
        sa.Column("invoice", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("failed_at", UtcDateTime(), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["monthly_gift_id"], ["monthly_gift.id"], name=op.f("fk_failed_renewal_monthly_gift_id_monthly_gift")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_renewal")),
        sa.UniqueConstraint("invoice", name=op.f("uq_failed_renewal_invoice")),
    )
    op.create_index(op.f("ix_failed_renewal_monthly_gift_id"), "failed_renewal", ["monthly_gift_id"])


def _create_what_follows_payments() -> None:
    op.create_table(
        "refund",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("payment_id", BIG, nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=True),
        sa.Column("form_key", sa.Text(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("state_changed_at", UtcDateTime(), nullable=False),
        sa.Column("available_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount_positive")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id_payment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("form_key", name=op.f("uq_refund_form_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_refund_public_id")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_refund_stripe_id")),
    )
    op.create_index(op.f("ix_refund_payment_id"), "refund", ["payment_id"])
    op.create_index(op.f("ix_refund_state"), "refund", ["state"])
    op.create_table(
        "dispute",
        sa.Column("id", BIG, nullable=False),
        sa.Column("payment_id", BIG, nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_by", UtcDateTime(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("state_changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_dispute_payment_id_payment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_dispute_stripe_id")),
    )
    op.create_index(op.f("ix_dispute_payment_id"), "dispute", ["payment_id"])
    op.create_index(op.f("ix_dispute_state"), "dispute", ["state"])
    op.create_table(
        "donation_move",
        sa.Column("id", BIG, nullable=False),
        sa.Column("donation_id", BIG, nullable=False),
        sa.Column("from_state", sa.String(40), nullable=True),
        sa.Column("to_state", sa.String(40), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["donation_id"], ["donation.id"], name=op.f("fk_donation_move_donation_id_donation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donation_move")),
    )
    op.create_index(op.f("ix_donation_move_donation_id"), "donation_move", ["donation_id"])


def _create_oversight() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("donation_id", BIG, nullable=True),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["donation_id"], ["donation.id"], name=op.f("fk_alarm_donation_id_donation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_alarm_kind_subject")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alarm_public_id")),
    )
    op.create_index(op.f("ix_alarm_donation_id"), "alarm", ["donation_id"])
    op.create_index(op.f("ix_alarm_resolved_at_id"), "alarm", ["resolved_at", "id"])
    op.create_table(
        "unmatched_object",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stripe_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmatched_object")),
        sa.UniqueConstraint("stripe_id", name=op.f("uq_unmatched_object_stripe_id")),
    )
    op.create_index(op.f("ix_unmatched_object_resolved_at_id"), "unmatched_object", ["resolved_at", "id"])
    op.create_table(
        "sync_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("missed_events", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("available_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_run")),
        sa.UniqueConstraint("slot", name=op.f("uq_sync_run_slot")),
    )
    op.create_index(op.f("ix_sync_run_state_available_at"), "sync_run", ["state", "available_at"])


def downgrade() -> None:
    for name in ("sync_run", "unmatched_object", "alarm", "donation_move", "dispute", "refund"):
        op.drop_table(name)
    op.execute(
        "UPDATE outbox_message SET object_id = (SELECT payment.donation_id FROM payment"
        " WHERE payment.id = outbox_message.object_id) WHERE kind = 'donation_receipt'"
        " AND EXISTS (SELECT 1 FROM payment WHERE payment.id = outbox_message.object_id)"
    )
    with op.batch_alter_table("payment") as table:
        table.add_column(sa.Column("disputed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE payment SET disputed = (disputed_minor > 0)")
    with op.batch_alter_table("payment") as table:
        table.drop_constraint(op.f("fk_payment_monthly_gift_id_monthly_gift"), type_="foreignkey")
        for name in ("charge", "invoice", "balance_transaction"):
            table.drop_constraint(op.f(f"uq_payment_{name}"), type_="unique")
        table.drop_index(op.f("ix_payment_monthly_gift_id"))
        table.drop_index(op.f("ix_payment_campaign_id_paid_at"))
        for name in (
            "monthly_gift_id",
            "charge",
            "invoice",
            "balance_transaction",
            "settled_currency",
            "disputed_minor",
            "fee_minor",
            "net_minor",
        ):
            table.drop_column(name)
    for name in ("failed_renewal", "monthly_gift_change", "monthly_gift"):
        op.drop_table(name)
    with op.batch_alter_table("stripe_event") as table:
        table.drop_index(op.f("ix_stripe_event_received_at"))
        table.drop_column("ignored_reason")
        table.drop_column("object_type")
    # Not in a batch: SQLite would make these tables anew, and others refer to them.
    op.drop_column("donation", "in_memory_of")
    op.drop_column("donation", "message_state")
    op.drop_column("campaign", "monthly_amounts")
    op.drop_column("campaign", "other_currencies")
