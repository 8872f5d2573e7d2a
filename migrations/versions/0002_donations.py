"""Note when Stripe's word was applied, and payments that are not what was asked.

Revision: 0002_donations, after 0001.
"""

import sqlalchemy as sa
from alembic import op

import campaign.core.database

revision = '0002_donations'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('donation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('told_at', campaign.core.database.UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table('payment', schema=None) as batch_op:
        # The default is for the rows that are there already, and goes again.
        batch_op.add_column(sa.Column('mismatched', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.alter_column('mismatched', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_column('mismatched')
    with op.batch_alter_table('donation', schema=None) as batch_op:
        batch_op.drop_column('told_at')
