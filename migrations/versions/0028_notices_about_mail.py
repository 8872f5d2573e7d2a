"""What comes back about mail that was sent, and how much was sent when."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mail_notice",
        sa.Column("id", KEY, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("notice_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Enum("hard_bounce", "soft_bounce", "complaint", name="noticekind", native_enum=False, length=40), nullable=False),
        sa.Column("recipient_key", sa.Text(), nullable=False),
        sa.Column("outbox_id", KEY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("happened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_notice")),
        sa.UniqueConstraint("provider", "notice_key", name=op.f("uq_mail_notice_provider_notice_key")),
    )
    op.create_index(op.f("ix_mail_notice_received_at_kind"), "mail_notice", ["received_at", "kind"])
    op.create_index(op.f("ix_mail_notice_recipient_key"), "mail_notice", ["recipient_key"])
    op.create_index(op.f("ix_outbox_message_sent_at"), "outbox_message", ["sent_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_message_sent_at"), table_name="outbox_message")
    op.drop_table("mail_notice")
