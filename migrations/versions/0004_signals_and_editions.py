"""What was noticed about signatures, and an edition that every decision raises."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signature_signal",
        sa.Column("signature_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("signal", sa.String(40), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_signature_signal_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["signature.id"],
            name=op.f("fk_signature_signal_signature_id_signature"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("signature_id", "signal", name=op.f("pk_signature_signal")),
    )
    op.create_index(
        op.f("ix_signature_signal_campaign_id_signal_signature_id"),
        "signature_signal",
        ["campaign_id", "signal", "signature_id"],
    )
    with op.batch_alter_table("signature") as table:
        table.add_column(sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    with op.batch_alter_table("signature") as table:
        table.drop_column("edition")
    op.drop_table("signature_signal")
