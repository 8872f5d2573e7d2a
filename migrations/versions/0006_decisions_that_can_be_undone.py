"""Decisions of moderators, kept for as long as they may be undone."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_decision_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_campaign_id_actor_id"), "decision", ["campaign_id", "actor", "id"])
    op.create_index(op.f("ix_decision_created_at"), "decision", ["created_at"])
    op.create_table(
        "decided_signature",
        sa.Column("decision_id", BIG, nullable=False),
        sa.Column("signature_id", BIG, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("held_for", sa.String(40), nullable=True),
        sa.Column("comment_state", sa.String(40), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decided_signature_decision_id_decision"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_decided_signature_signature_id_signature"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("decision_id", "signature_id", name=op.f("pk_decided_signature")),
    )
    op.create_index(op.f("ix_decided_signature_signature_id"), "decided_signature", ["signature_id"])


def downgrade() -> None:
    op.drop_table("decided_signature")
    op.drop_table("decision")
