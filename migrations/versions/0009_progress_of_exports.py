"""Which columns an export has, how far it is, and the moment that it shows."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("export") as table:
        table.add_column(sa.Column("columns", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("rows_done", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("rows_total", sa.Integer(), nullable=True))
        table.add_column(sa.Column("size", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("as_of", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("export") as table:
        for name in ("columns", "rows_done", "rows_total", "size", "as_of"):
            table.drop_column(name)
