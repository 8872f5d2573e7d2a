"""Find signatures by the time of their form, and by state and the reason they are held for."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

HELD = {"sqlite_where": sa.text("held_for IS NOT NULL"), "postgresql_where": sa.text("held_for IS NOT NULL")}


def upgrade() -> None:
    columns = ["campaign_id", "created_at", "id"]
    op.create_index(op.f("ix_signature_campaign_id_created_at_id"), "signature", columns)
    columns = ["campaign_id", "held_for", "state", "id"]
    op.create_index(op.f("ix_signature_campaign_id_held_for_state_id"), "signature", columns, **HELD)
    op.drop_index(op.f("ix_signature_campaign_id_held_for_id"), table_name="signature")


def downgrade() -> None:
    columns = ["campaign_id", "held_for", "id"]
    op.create_index(op.f("ix_signature_campaign_id_held_for_id"), "signature", columns, **HELD)
    op.drop_index(op.f("ix_signature_campaign_id_held_for_state_id"), table_name="signature")
    op.drop_index(op.f("ix_signature_campaign_id_created_at_id"), table_name="signature")
