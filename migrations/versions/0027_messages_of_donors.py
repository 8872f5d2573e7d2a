"""Find the messages of donors by what was decided about them."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

WITH_MESSAGE = sa.text("message_state IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        op.f("ix_donation_campaign_id_message_state_id"), "donation", ["campaign_id", "message_state", "id"],
        sqlite_where=WITH_MESSAGE, postgresql_where=WITH_MESSAGE,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index(op.f("ix_donation_campaign_id_message_state_id"), table_name="donation")
