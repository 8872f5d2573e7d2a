"""Index what moderators look for.

Revision: 0003, after 0002_donations.
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002_donations'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_signature_campaign_id_comment_state_id'))
        batch_op.drop_index(batch_op.f('ix_signature_campaign_id_name_folded'))
        batch_op.drop_index(batch_op.f('ix_signature_campaign_id_state_held_for_id'))
        batch_op.create_index(batch_op.f('ix_signature_campaign_id_comment_state_state_id'), ['campaign_id', 'comment_state', 'state', 'id'], unique=False, sqlite_where=sa.text('comment_state IS NOT NULL'), postgresql_where=sa.text('comment_state IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_signature_campaign_id_held_for_id'), ['campaign_id', 'held_for', 'id'], unique=False, sqlite_where=sa.text('held_for IS NOT NULL'), postgresql_where=sa.text('held_for IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_signature_campaign_id_id'), ['campaign_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_signature_campaign_id_name_folded_id'), ['campaign_id', 'name_folded', 'id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('signature', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_signature_campaign_id_name_folded_id'))
        batch_op.drop_index(batch_op.f('ix_signature_campaign_id_id'))
        batch_op.drop_index(batch_op.f('ix_signature_campaign_id_held_for_id'), sqlite_where=sa.text('held_for IS NOT NULL'), postgresql_where=sa.text('held_for IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_signature_campaign_id_comment_state_state_id'), sqlite_where=sa.text('comment_state IS NOT NULL'), postgresql_where=sa.text('comment_state IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_signature_campaign_id_state_held_for_id'), ['campaign_id', 'state', 'held_for', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_signature_campaign_id_name_folded'), ['campaign_id', 'name_folded'], unique=False)
        batch_op.create_index(batch_op.f('ix_signature_campaign_id_comment_state_id'), ['campaign_id', 'comment_state', 'id'], unique=False)
