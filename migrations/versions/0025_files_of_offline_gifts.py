"""Files of offline gifts, each known by its bytes."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "offline_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("gift_count", sa.Integer(), nullable=False),
        sa.Column("stored_by", sa.Text(), nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.Column("taken_back_at", UtcDateTime(), nullable=True),
        sa.Column("taken_back_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_offline_file_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offline_file")),
        sa.UniqueConstraint("campaign_id", "sha256", name=op.f("uq_offline_file_campaign_id_sha256")),
        sa.UniqueConstraint("public_id", name=op.f("uq_offline_file_public_id")),
    )
    with op.batch_alter_table("offline_gift") as table:
        table.add_column(sa.Column("file_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_offline_gift_file_id_offline_file"), "offline_file", ["file_id"], ["id"])
        table.create_index(op.f("ix_offline_gift_file_id"), ["file_id"])


def downgrade() -> None:
    with op.batch_alter_table("offline_gift") as table:
        table.drop_index(op.f("ix_offline_gift_file_id"))
        table.drop_constraint(op.f("fk_offline_gift_file_id_offline_file"), type_="foreignkey")
        table.drop_column("file_id")
    op.drop_table("offline_file")
