"""A one-use key for each tally that is entered, so that a double click enters one."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("collected_tally") as table:
        table.add_column(sa.Column("form_key", sa.Text(), nullable=True))
        table.create_unique_constraint(op.f("uq_collected_tally_form_key"), ["form_key"])


def downgrade() -> None:
    with op.batch_alter_table("collected_tally") as table:
        table.drop_constraint(op.f("uq_collected_tally_form_key"), type_="unique")
        table.drop_column("form_key")
