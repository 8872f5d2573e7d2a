"""Goals with their history, and numbers of signatures at which the staff is written to."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "goal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("reached_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("count > 0", name=op.f("ck_goal_count_positive")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_goal_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
    )
    op.create_index(op.f("ix_goal_campaign_id"), "goal", ["campaign_id"])
    op.execute(
        "INSERT INTO goal (campaign_id, count, note, set_at) "
        "SELECT id, goal, '', COALESCE(published_at, created_at) FROM campaign ORDER BY id"
    )
    op.create_table(
        "threshold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("reached_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("count > 0", name=op.f("ck_threshold_count_positive")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_threshold_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threshold")),
        sa.UniqueConstraint("campaign_id", "count", name=op.f("uq_threshold_campaign_id_count")),
    )
    op.create_table(
        "threshold_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("threshold_id", sa.Integer(), nullable=False),
        sa.Column("staff_user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_user_id"], ["staff_user.id"], name=op.f("fk_threshold_notice_staff_user_id_staff_user")
        ),
        sa.ForeignKeyConstraint(
            ["threshold_id"], ["threshold.id"], name=op.f("fk_threshold_notice_threshold_id_threshold")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threshold_notice")),
        sa.UniqueConstraint("threshold_id", "staff_user_id", name=op.f("uq_threshold_notice_threshold_id_staff_user_id")),
    )


def downgrade() -> None:
    op.drop_table("threshold_notice")
    op.drop_table("threshold")
    op.drop_table("goal")
