"""The organisation is set on a page of its own; until it is, the environment's settings hold."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("legal_form", sa.Text(), nullable=False),
        sa.Column("charity_number", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("contact_note", sa.Text(), nullable=False),
        sa.Column("gift_aid", sa.Boolean(), nullable=False),
        sa.Column("footer_links", sa.JSON(), nullable=False),
        sa.Column("privacy_email", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("authority_url", sa.Text(), nullable=True),
        sa.Column("payment_years", sa.Integer(), nullable=True),
        sa.Column("money_note", sa.Text(), nullable=False),
        sa.Column("accessibility_checked_on", sa.Date(), nullable=True),
        sa.Column("accessibility_note", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_organisation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )


def downgrade() -> None:
    op.drop_table("organisation")
