"""What Stripe takes for a dispute; two monthly gifts may have begun from one form, through two checkouts."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("dispute") as table:
        table.add_column(sa.Column("fee_minor", sa.Integer(), nullable=False, server_default="0"))
    # SQLite makes the table anew: nothing refers to a row of it yet, for no gift was monthly before this.
    with op.batch_alter_table("monthly_gift") as table:
        table.drop_constraint(op.f("uq_monthly_gift_donation_id"), type_="unique")
        table.create_index(op.f("ix_monthly_gift_donation_id"), ["donation_id"])


def downgrade() -> None:
    with op.batch_alter_table("monthly_gift") as table:
        table.drop_index(op.f("ix_monthly_gift_donation_id"))
        table.create_unique_constraint(op.f("uq_monthly_gift_donation_id"), ["donation_id"])
    op.drop_column("dispute", "fee_minor")
