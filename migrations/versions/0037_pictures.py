"""Pictures of campaigns and of their updates."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("people", sa.String(length=40), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("focus_x", sa.Integer(), nullable=False),
        sa.Column("focus_y", sa.Integer(), nullable=False),
        sa.Column("is_leading", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "focus_x BETWEEN 0 AND 100 AND focus_y BETWEEN 0 AND 100", name=op.f("ck_picture_focus_within")
        ),
        sa.CheckConstraint("alt <> ''", name=op.f("ck_picture_said_in_words")),
        sa.CheckConstraint("people <> 'agreed' OR agreement <> ''", name=op.f("ck_picture_agreement_noted")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_picture_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("public_id", name=op.f("uq_picture_public_id")),
    )
    op.create_index(op.f("ix_picture_campaign_id"), "picture", ["campaign_id"])
    op.create_index(op.f("ix_picture_digest"), "picture", ["digest"])
    op.create_index(
        "uq_picture_leading", "picture", ["campaign_id"], unique=True,
        sqlite_where=sa.text("is_leading"), postgresql_where=sa.text("is_leading"),
    )  # fmt: skip
    with op.batch_alter_table("campaign_update") as table:
        table.add_column(sa.Column("picture_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_campaign_update_picture_id_picture"), "picture", ["picture_id"], ["id"])
        table.create_index(op.f("ix_campaign_update_picture_id"), ["picture_id"])


def downgrade() -> None:
    with op.batch_alter_table("campaign_update") as table:
        table.drop_index(op.f("ix_campaign_update_picture_id"))
        table.drop_constraint(op.f("fk_campaign_update_picture_id_picture"), type_="foreignkey")
        table.drop_column("picture_id")
    op.drop_table("picture")
