"""My data: links to it, what was done with it, requests to the staff, and how long things are kept."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "data_deed",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("in_ledger_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_deed")),
        sa.UniqueConstraint("public_id", name=op.f("uq_data_deed_public_id")),
    )
    op.create_index(op.f("ix_data_deed_person_key_id"), "data_deed", ["person_key", "id"])
    op.create_index(op.f("ix_data_deed_in_ledger_at_id"), "data_deed", ["in_ledger_at", "id"])
    op.create_index(op.f("ix_data_deed_at"), "data_deed", ["at"])
    op.create_table(
        "data_access",
        sa.Column("id", BIG, nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_access")),
        sa.UniqueConstraint("email_key", name=op.f("uq_data_access_email_key")),
    )
    op.create_index(op.f("ix_data_access_asked_at"), "data_access", ["asked_at"])
    op.create_table(
        "data_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_data_request_public_id")),
    )
    op.create_index(op.f("ix_data_request_state_due_on"), "data_request", ["state", "due_on"])
    op.create_index(op.f("ix_data_request_email_key"), "data_request", ["email_key"])
    op.create_index(op.f("ix_data_request_closed_at"), "data_request", ["closed_at"])
    op.create_table(
        "retention_policy",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signature_days", sa.Integer(), nullable=False),
        sa.Column("supporter_days", sa.Integer(), nullable=False),
        sa.Column("gift_days", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("signature_days > 0", name=op.f("ck_retention_policy_signature_days_positive")),
        sa.CheckConstraint("supporter_days > 0", name=op.f("ck_retention_policy_supporter_days_positive")),
        sa.CheckConstraint("gift_days > 0", name=op.f("ck_retention_policy_gift_days_positive")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_retention_policy_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_retention_policy")),
    )
    op.create_table(
        "retention_walk",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_retention_walk_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_retention_walk")),
    )
    op.create_table(
        "retention_report",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("forgotten", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_retention_report_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("day", "campaign_id", "step", name=op.f("pk_retention_report")),
    )
    op.add_column("offline_gift", sa.Column("email_key", sa.Text(), nullable=True))
    op.create_index(op.f("ix_offline_gift_email_key"), "offline_gift", ["email_key"])


def downgrade() -> None:
    op.drop_index(op.f("ix_offline_gift_email_key"), table_name="offline_gift")
    op.drop_column("offline_gift", "email_key")
    for table in (
        "retention_report", "retention_walk", "retention_policy", "data_request", "data_access", "data_deed",
    ):  # fmt: skip
        op.drop_table(table)
