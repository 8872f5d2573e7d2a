"""What was held before signals were kept gets its signal, without numbers."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "INSERT INTO signature_signal (signature_id, signal, campaign_id, holds, detail, created_at) "
        "SELECT id, held_for, campaign_id, true, '{}', COALESCE(confirmed_at, state_changed_at) FROM signature "
        "WHERE held_for IS NOT NULL AND held_for <> 'moderator'"
    )


def downgrade() -> None:
    """Nothing: the signals say no more than `held_for` does."""
