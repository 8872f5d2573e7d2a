"""What people say who pass a campaign on."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "share_text",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_share_text_says_something")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_share_text_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("campaign_id", "way", name=op.f("pk_share_text")),
    )


def downgrade() -> None:
    op.drop_table("share_text")
