"""Revisions, addresses that a campaign had, its wordings of consent, its theme, and the secret link to a draft."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TEXTS = ("privacy_text", "consent_name", "consent_updates", "theme_name", "logo_text", "theme_colour", "theme_accent")
NUMBERS = ("consent_version", "preview_version")


def upgrade() -> None:
    # Defaults for the rows that are there already; they go again.
    with op.batch_alter_table("campaign") as table:
        for name in TEXTS:
            table.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        for name in NUMBERS:
            table.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("preview_open", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("campaign") as table:
        for name in (*TEXTS, *NUMBERS, "preview_open"):
            table.alter_column(name, server_default=None)
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_revision_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("campaign_id", "edition", name=op.f("uq_revision_campaign_id_edition")),
    )
    op.create_table(
        "campaign_slug",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_slug_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_campaign_slug")),
    )
    op.create_index(op.f("ix_campaign_slug_campaign_id"), "campaign_slug", ["campaign_id"])
    op.execute("INSERT INTO campaign_slug (slug, campaign_id) SELECT slug, id FROM campaign")
    op.create_table(
        "consent_wording",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_text", sa.Text(), nullable=False),
        sa.Column("updates_text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_consent_wording_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("campaign_id", "version", name=op.f("pk_consent_wording")),
    )


def downgrade() -> None:
    op.drop_table("consent_wording")
    op.drop_table("campaign_slug")
    op.drop_table("revision")
    with op.batch_alter_table("campaign") as table:
        for name in (*TEXTS, *NUMBERS, "preview_open"):
            table.drop_column(name)
