"""Declined cards, what stands before giving after a burst of them, and puzzles that are spent."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "decline",
        sa.Column("id", BIG, nullable=False),
        sa.Column("donation_id", BIG, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("declined_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_decline_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["donation_id"], ["donation.id"], name=op.f("fk_decline_donation_id_donation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decline")),
    )
    op.create_index(op.f("ix_decline_donation_id"), "decline", ["donation_id"])
    op.create_index(op.f("ix_decline_declined_at"), "decline", ["declined_at"])
    op.create_table(
        "giving_guard",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("puzzle_until", UtcDateTime(), nullable=False),
        sa.Column("pause_until", UtcDateTime(), nullable=True),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_giving_guard_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_giving_guard")),
    )
    op.create_index(op.f("ix_giving_guard_campaign_id"), "giving_guard", ["campaign_id"])
    op.create_table(
        "spent_puzzle",
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("signature", name=op.f("pk_spent_puzzle")),
    )
    op.create_index(op.f("ix_spent_puzzle_expires_at"), "spent_puzzle", ["expires_at"])


def downgrade() -> None:
    for table in ("spent_puzzle", "giving_guard", "decline"):
        op.drop_table(table)
