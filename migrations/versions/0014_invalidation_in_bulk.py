"""Invalidation in bulk, what the public is told of it, and the domain of each address."""

from functools import lru_cache

import sqlalchemy as sa
from alembic import op

from campaign.core.addresses import address_domain
from campaign.core.database import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BATCH = 5_000
TOOK = "invalidation_id IS NOT NULL"


def upgrade() -> None:
    _create_tables()
    op.add_column("signature", sa.Column("email_domain", sa.Text(), nullable=True))
    op.add_column("signature", sa.Column("removal_reason", sa.String(40), nullable=True))
    op.add_column("signature", sa.Column("invalidation_id", sa.Integer(), nullable=True))
    _fill_domains()
    _tell_of_earlier_removals()
    op.create_index(op.f("ix_signature_campaign_id_email_domain_id"), "signature", ["campaign_id", "email_domain", "id"])
    op.create_index(op.f("ix_signature_campaign_id_network_hash_id"), "signature", ["campaign_id", "network_hash", "id"])
    op.create_index(
        op.f("ix_signature_invalidation_id_id"), "signature", ["invalidation_id", "id"],
        sqlite_where=sa.text(TOOK), postgresql_where=sa.text(TOOK),
    )


def _create_tables() -> None:
    op.create_table(
        "invalidation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("conditions_forgotten_at", UtcDateTime(), nullable=True),
        sa.Column("newest_id", BIG, nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("sample", sa.JSON(), nullable=False),
        sa.Column("previewed_by", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("reason_class", sa.String(40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("took_confirmed", sa.Integer(), nullable=False),
        sa.Column("took_held", sa.Integer(), nullable=False),
        sa.Column("stopped_by", sa.Text(), nullable=False),
        sa.Column("stopped_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("restored_by", sa.Text(), nullable=False),
        sa.Column("restore_reason", sa.Text(), nullable=False),
        sa.Column("restore_started_at", UtcDateTime(), nullable=True),
        sa.Column("gave_back_confirmed", sa.Integer(), nullable=False),
        sa.Column("gave_back_held", sa.Integer(), nullable=False),
        sa.Column("left", sa.JSON(), nullable=False),
        sa.Column("restored_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("available_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_invalidation_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invalidation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invalidation_public_id")),
    )
    op.create_index(op.f("ix_invalidation_state_available_at"), "invalidation", ["state", "available_at"])
    op.create_index(op.f("ix_invalidation_campaign_id_id"), "invalidation", ["campaign_id", "id"])
    op.create_table(
        "removal",
        sa.Column("campaign_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("hour", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_removal_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("campaign_id", "hour", "reason", name=op.f("pk_removal")),
    )


def _fill_domains() -> None:
    """A domain is worked out once, however many addresses it has."""
    table = sa.table("signature", sa.column("id", BIG), sa.column("email", sa.Text()), sa.column("email_domain", sa.Text()))
    domain_of = lru_cache(maxsize=100_000)(lambda domain: address_domain(f"a@{domain}"))
    connection, last = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(table.c.id, table.c.email).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
    ).all():
        found = [{"row": row.id, "domain": domain_of(row.email.rpartition("@")[2])} for row in rows if row.email]
        if found:
            connection.execute(
                table.update().where(table.c.id == sa.bindparam("row")).values(email_domain=sa.bindparam("domain")), found
            )
        last = rows[-1].id


def _tell_of_earlier_removals() -> None:
    """So far a person looked at each."""
    op.execute("UPDATE signature SET removal_reason = 'checked' WHERE state = 'invalidated'")
    table = sa.table(
        "signature", sa.column("campaign_id", sa.Integer()), sa.column("state", sa.Text()),
        sa.column("state_changed_at", UtcDateTime()),
    )
    removal = sa.table(
        "removal", sa.column("campaign_id", sa.Integer()), sa.column("hour", UtcDateTime()), sa.column("reason", sa.Text()),
        sa.column("removed", sa.Integer()), sa.column("restored", sa.Integer()),
    )
    removed: dict = {}
    rows = op.get_bind().execute(sa.select(table.c.campaign_id, table.c.state_changed_at).where(table.c.state == "invalidated"))
    for campaign_id, at in rows:
        key = campaign_id, at.replace(minute=0, second=0, microsecond=0)
        removed[key] = removed.get(key, 0) + 1
    op.bulk_insert(removal, [
        {"campaign_id": campaign_id, "hour": hour, "reason": "checked", "removed": count, "restored": 0}
        for (campaign_id, hour), count in removed.items()
    ])


def downgrade() -> None:
    op.drop_index(op.f("ix_signature_invalidation_id_id"), "signature")
    op.drop_index(op.f("ix_signature_campaign_id_network_hash_id"), "signature")
    op.drop_index(op.f("ix_signature_campaign_id_email_domain_id"), "signature")
    op.drop_table("removal")
    for column in ("invalidation_id", "removal_reason", "email_domain"):
        op.drop_column("signature", column)
    op.drop_table("invalidation")
