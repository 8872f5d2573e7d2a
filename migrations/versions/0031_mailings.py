"""Mailings to supporters: their texts, their mails in the outbox, and what ended a subscription."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _add_tables()
    op.create_index(op.f("ix_mailing_campaign_id_id"), "mailing", ["campaign_id", "id"])
    op.create_index(op.f("ix_mailing_state_available_at"), "mailing", ["state", "available_at"])
    op.create_index(op.f("ix_mailing_update_id"), "mailing", ["update_id"])
    with op.batch_alter_table("outbox_message") as batch:
        batch.add_column(sa.Column("mailing_id", BIG, nullable=True))
        batch.create_unique_constraint(
            op.f("uq_outbox_message_mailing_id_recipient_key"), ["mailing_id", "recipient_key"]
        )
        batch.create_index(
            op.f("ix_outbox_message_mailing_id_state_available_at_id"), ["mailing_id", "state", "available_at", "id"]
        )
    # On SQLite the table is made anew, with numbers that are never given twice: links in mails name them for years.
    with op.batch_alter_table("subscription", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("ended_by_mailing_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_subscription_ended_by_mailing_id_mailing"), "mailing", ["ended_by_mailing_id"], ["id"]
        )
        batch.drop_index(op.f("ix_subscription_campaign_id"))
        batch.create_index(op.f("ix_subscription_campaign_id_id"), ["campaign_id", "id"])
        batch.create_index(op.f("ix_subscription_ended_by_mailing_id"), ["ended_by_mailing_id"])


def _add_tables() -> None:
    op.create_table(
        "mail_pace",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("free_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_pace")),
    )
    op.create_table(
        "mailing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("update_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("donors", sa.String(40), nullable=False),
        *(sa.Column(name, UtcDateTime(), nullable=True) for name in ("send_at", "started_at", "made_at", "finished_at")),
        sa.Column("cursor", BIG, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("made", "sent", "refused", "left_out")),
        sa.Column("counted_at", UtcDateTime(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("available_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_mailing_campaign_id_campaign")),
        sa.ForeignKeyConstraint(
            ["update_id"], ["campaign_update.id"], name=op.f("fk_mailing_update_id_campaign_update")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
        sa.UniqueConstraint("public_id", name=op.f("uq_mailing_public_id")),
    )
    op.create_table(
        "mailing_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_text_mailing_id_mailing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_text")),
        sa.UniqueConstraint("mailing_id", "language", name=op.f("uq_mailing_text_mailing_id_language")),
    )


def downgrade() -> None:
    with op.batch_alter_table("subscription") as batch:
        batch.drop_index(op.f("ix_subscription_ended_by_mailing_id"))
        batch.drop_index(op.f("ix_subscription_campaign_id_id"))
        batch.create_index(op.f("ix_subscription_campaign_id"), ["campaign_id"])
        batch.drop_constraint(op.f("fk_subscription_ended_by_mailing_id_mailing"), type_="foreignkey")
        batch.drop_column("ended_by_mailing_id")
    with op.batch_alter_table("outbox_message") as batch:
        batch.drop_index(op.f("ix_outbox_message_mailing_id_state_available_at_id"))
        batch.drop_constraint(op.f("uq_outbox_message_mailing_id_recipient_key"), type_="unique")
        batch.drop_column("mailing_id")
    for table in ("mailing_text", "mailing", "mail_pace"):
        op.drop_table(table)
