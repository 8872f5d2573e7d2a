"""What screening is set to, the lists of who is blocked or allowed, and what two spellings of a mailbox share."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "screening_rules",
        sa.Column("campaign_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_screening_rules_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_screening_rules")),
    )
    op.create_table(
        "screening_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("listing", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_screening_entry_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_entry")),
        sa.UniqueConstraint(
            "campaign_id", "listing", "fingerprint", name=op.f("uq_screening_entry_campaign_id_listing_fingerprint")
        ),
    )
    op.create_table(
        "screening_key",
        sa.Column("campaign_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_screening_key_campaign_id_campaign")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["screening_entry.id"],
            name=op.f("fk_screening_key_entry_id_screening_entry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "key", "entry_id", name=op.f("pk_screening_key")),
    )
    op.create_index(op.f("ix_screening_key_entry_id"), "screening_key", ["entry_id"])
    op.add_column("signature", sa.Column("mailbox_key", sa.Text(), nullable=True))
    op.create_index(
        op.f("ix_signature_campaign_id_mailbox_key_id"), "signature", ["campaign_id", "mailbox_key", "id"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_signature_campaign_id_mailbox_key_id"), "signature")
    with op.batch_alter_table("signature") as table:
        table.drop_column("mailbox_key")
    op.drop_table("screening_key")
    op.drop_table("screening_entry")
    op.drop_table("screening_rules")
