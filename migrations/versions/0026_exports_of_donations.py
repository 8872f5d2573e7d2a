"""What an export is a list of: signatures, or donations."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("export") as table:
        table.add_column(sa.Column("subject", sa.String(40), nullable=False, server_default="signatures"))


def downgrade() -> None:
    with op.batch_alter_table("export") as table:
        table.drop_column("subject")
