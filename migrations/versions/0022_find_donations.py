"""Find a campaign's donations, newest first, by each filter of the staff's list."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

FILTERS = ((), ("state",), ("source",), ("currency",), ("frequency",))


def upgrade() -> None:
    for found_by in FILTERS:
        columns = ["campaign_id", *found_by, "created_at", "id"]
        op.create_index(op.f("ix_donation_" + "_".join(columns)), "donation", columns)


def downgrade() -> None:
    for found_by in FILTERS:
        columns = ["campaign_id", *found_by, "created_at", "id"]
        op.drop_index(op.f("ix_donation_" + "_".join(columns)), table_name="donation")
