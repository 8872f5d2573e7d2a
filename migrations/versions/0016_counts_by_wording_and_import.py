"""Imports, and counts by the wording that was signed and by the import that brought it."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_imports()
    with op.batch_alter_table("signature") as table:
        table.add_column(sa.Column("origin", sa.String(40), nullable=False, server_default="online"))
        table.add_column(sa.Column("import_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_signature_import_id_signature_import"), "signature_import", ["import_id"], ["id"]
        )
    with op.batch_alter_table("tally_delta") as table:
        table.add_column(sa.Column("demand_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("import_id", sa.Integer(), nullable=False, server_default="0"))
    # Which wording these few moves were of is not known. One for all of them, taken off its tally below: the sums hold.
    op.execute(
        "UPDATE tally_delta SET demand_id = "
        "(SELECT min(demand.id) FROM demand WHERE demand.campaign_id = tally_delta.campaign_id)"
    )
    with op.batch_alter_table("tally_delta") as table:
        table.alter_column("demand_id", existing_type=sa.Integer(), nullable=False)
        table.create_foreign_key(op.f("fk_tally_delta_demand_id_demand"), "demand", ["demand_id"], ["id"])
    op.drop_table("signature_tally")
    op.create_table(
        "signature_tally",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("demand_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_signature_tally_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["demand_id"], ["demand.id"], name=op.f("fk_signature_tally_demand_id_demand")),
        sa.PrimaryKeyConstraint("campaign_id", "demand_id", "import_id", "state", name=op.f("pk_signature_tally")),
    )
    _count("campaign_id, demand_id, 0, state")


def downgrade() -> None:
    op.drop_table("signature_tally")
    op.create_table(
        "signature_tally",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_signature_tally_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("campaign_id", "state", name=op.f("pk_signature_tally")),
    )
    _count("campaign_id, state")
    with op.batch_alter_table("tally_delta") as table:
        table.drop_column("import_id")
        table.drop_column("demand_id")
    with op.batch_alter_table("signature") as table:
        table.drop_column("import_id")
        table.drop_column("origin")
    op.drop_table("signature_import")


def _count(columns: str) -> None:
    """The tally such that, with the moves that wait, it equals the signatures."""
    keys = columns.replace(" 0,", "")
    op.execute(
        f"INSERT INTO signature_tally ({columns.replace('0', 'import_id')}, count) "
        f"SELECT {columns}, sum(change) FROM ("
        "SELECT campaign_id, demand_id, state, 1 AS change FROM signature "
        "UNION ALL SELECT campaign_id, demand_id, to_state, -1 FROM tally_delta "
        "UNION ALL SELECT campaign_id, demand_id, from_state, 1 FROM tally_delta"
        f") AS counted WHERE state IS NOT NULL GROUP BY {keys}"
    )


def _make_imports() -> None:
    op.create_table(
        "signature_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("demand_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(40), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("collected_on", sa.Date(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=False),
        sa.Column("columns_ignored", sa.JSON(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=True),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_good", sa.Integer(), nullable=True),
        sa.Column("rows_imported", sa.Integer(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("available_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_signature_import_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(["demand_id"], ["demand.id"], name=op.f("fk_signature_import_demand_id_demand")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature_import")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signature_import_public_id")),
    )
    op.create_index(op.f("ix_signature_import_campaign_id"), "signature_import", ["campaign_id"])
    op.create_index(op.f("ix_signature_import_state_available_at"), "signature_import", ["state", "available_at"])
