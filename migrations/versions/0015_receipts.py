"""Receipts with consecutive numbers; payments that were there before get theirs in the order in which they came."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("payment_id", BIG, nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_receipt_payment_id_payment")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_receipt")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_receipt_payment_id")),
    )
    op.create_table(
        "receipt_counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_counter")),
    )
    op.execute(
        "INSERT INTO receipt (number, payment_id, issued_at) "
        "SELECT row_number() OVER (ORDER BY id), id, paid_at FROM payment WHERE NOT mismatched"
    )
    op.execute("INSERT INTO receipt_counter (id, last) SELECT 1, count(*) FROM receipt")


def downgrade() -> None:
    op.drop_table("receipt_counter")
    op.drop_table("receipt")
