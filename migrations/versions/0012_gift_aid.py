"""Gift Aid: declarations, claims and their lines."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "gift_aid_declaration",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("donation_id", BIG, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("house", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("wording_version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("declared_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donation.id"], name=op.f("fk_gift_aid_declaration_donation_id_donation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_aid_declaration")),
        sa.UniqueConstraint("donation_id", name=op.f("uq_gift_aid_declaration_donation_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_gift_aid_declaration_public_id")),
    )
    op.create_table(
        "gift_aid_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("overclaimed_minor", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_aid_claim")),
        sa.UniqueConstraint("public_id", name=op.f("uq_gift_aid_claim_public_id")),
    )
    op.create_table(
        "gift_aid_claim_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", BIG, nullable=False),
        sa.Column("declaration_id", BIG, nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("adjusted_minor", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_gift_aid_claim_line_amount_positive")),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["gift_aid_claim.id"], name=op.f("fk_gift_aid_claim_line_claim_id_gift_aid_claim")
        ),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["gift_aid_declaration.id"],
            name=op.f("fk_gift_aid_claim_line_declaration_id_gift_aid_declaration"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_gift_aid_claim_line_payment_id_payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_aid_claim_line")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_gift_aid_claim_line_payment_id")),
    )
    for column in ("claim_id", "declaration_id"):
        op.create_index(op.f(f"ix_gift_aid_claim_line_{column}"), "gift_aid_claim_line", [column])


def downgrade() -> None:
    for table in ("gift_aid_claim_line", "gift_aid_claim", "gift_aid_declaration"):
        op.drop_table(table)
