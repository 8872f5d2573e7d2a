"""Updates are corrected and withdrawn with a note, and edited by one person at a time."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaign_update") as table:
        table.add_column(sa.Column("edition", sa.Integer(), server_default="1", nullable=False))
        table.add_column(sa.Column("withdrawn_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("withdrawal_note", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "update_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("corrected_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["update_id"], ["campaign_update.id"], name=op.f("fk_update_correction_update_id_campaign_update")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_update_correction")),
    )
    op.create_index(op.f("ix_update_correction_update_id"), "update_correction", ["update_id"])


def downgrade() -> None:
    op.drop_table("update_correction")
    with op.batch_alter_table("campaign_update") as table:
        for column in ("withdrawal_note", "withdrawn_at", "edition"):
            table.drop_column(column)
