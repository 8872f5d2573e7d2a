"""Readers report comments."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import BigKey, UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

REASONS = ("personal", "abuse", "danger", "spam", "other")


def upgrade() -> None:
    op.create_table(
        "comment_report",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("signature_id", BigKey, nullable=False),
        sa.Column("reason", sa.Enum(*REASONS, name="reportreason", native_enum=False, length=40), nullable=False),
        sa.Column("reader_key", sa.Text(), nullable=True),
        sa.Column("reported_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_comment_report_campaign_id_campaign")),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_comment_report_signature_id_signature"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_report")),
        sa.UniqueConstraint("signature_id", "reader_key", name=op.f("uq_comment_report_signature_id_reader_key")),
    )  # fmt: skip
    op.create_index(
        op.f("ix_comment_report_campaign_id_settled_at_signature_id"),
        "comment_report",
        ["campaign_id", "settled_at", "signature_id"],
    )
    op.create_index(op.f("ix_comment_report_reported_at"), "comment_report", ["reported_at"])


def downgrade() -> None:
    op.drop_table("comment_report")
