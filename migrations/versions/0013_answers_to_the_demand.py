"""What who is asked has answered, to each point of the demand and in full."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("demand_id", sa.Integer(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_answer_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["demand_id"], ["demand.id"], name=op.f("fk_answer_demand_id_demand")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_answer")),
    )
    op.create_table(
        "answered_point",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_answered_point_number_positive")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_answered_point_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "number", name=op.f("pk_answered_point")),
    )


def downgrade() -> None:
    op.drop_table("answered_point")
    op.drop_table("answer")
