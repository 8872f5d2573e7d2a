"""Gifts in cash, by cheque and by bank transfer."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import BigKey, UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "offline_gift",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=True),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("voided_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_offline_gift_amount_positive")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_offline_gift_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offline_gift")),
        sa.UniqueConstraint("form_key", name=op.f("uq_offline_gift_form_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_offline_gift_public_id")),
    )
    op.create_index(op.f("ix_offline_gift_campaign_id_given_on"), "offline_gift", ["campaign_id", "given_on"])


def downgrade() -> None:
    op.drop_table("offline_gift")
