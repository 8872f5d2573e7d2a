"""Rollups and confirmation delays, made of the signatures that there are; deltas say what statistics ask."""

import sqlalchemy as sa
from alembic import op

from campaign.core.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MEASURES = ("sent", "forgotten", "pressed", "counted", "held", "removed")
STEPS = (
    5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1200, 1800, 3600, 7200, 14400, 28800, 43200,
    86400, 172800, 345600,
)  # fmt: skip


def upgrade() -> None:
    _fold_all()
    op.create_table(
        "signature_rollup",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(40), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in MEASURES),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_signature_rollup_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "dimension", "hour", "value", name=op.f("pk_signature_rollup")),
    )
    op.create_table(
        "confirmation_delay",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_confirmation_delay_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "source", "seconds", name=op.f("pk_confirmation_delay")),
    )
    with op.batch_alter_table("tally_delta") as table:
        table.add_column(sa.Column("country", sa.Text(), nullable=False))
        table.add_column(sa.Column("source", sa.Text(), nullable=False))
        table.add_column(sa.Column("domain", sa.Text(), nullable=True))
        table.add_column(sa.Column("network_hash", sa.Text(), nullable=True))
        table.add_column(sa.Column("signed_at", UtcDateTime(), nullable=False))
        table.add_column(sa.Column("confirmed_at", UtcDateTime(), nullable=True))
    _roll_up()


def downgrade() -> None:
    _fold_all()
    with op.batch_alter_table("tally_delta") as table:
        for name in ("country", "source", "domain", "network_hash", "signed_at", "confirmed_at"):
            table.drop_column(name)
    op.drop_table("confirmation_delay")
    op.drop_table("signature_rollup")


def _fold_all() -> None:
    """The deltas that wait do not say enough for the rollups, which are made of the signatures below."""
    op.execute(
        "INSERT INTO signature_tally (campaign_id, state, count) "
        "SELECT campaign_id, state, sum(change) FROM ("
        "SELECT campaign_id, to_state AS state, 1 AS change FROM tally_delta "
        "UNION ALL SELECT campaign_id, from_state, -1 FROM tally_delta"
        ") AS moved WHERE state IS NOT NULL GROUP BY campaign_id, state "
        "ON CONFLICT (campaign_id, state) DO UPDATE SET count = signature_tally.count + excluded.count"
    )
    op.execute("DELETE FROM tally_delta")


def _roll_up() -> None:
    form, press = _epoch("created_at"), _epoch("COALESCE(confirmed_at, created_at)")
    for dimension, value in (("all", "''"), ("source", "source"), ("country", "country")):
        hours = [(f"{form} / 3600", f"{press} / 3600")] + ([("0", "0")] if dimension != "all" else [])
        for form_hour, press_hour in hours:
            op.execute(
                "INSERT INTO signature_rollup "
                "(campaign_id, dimension, hour, value, sent, forgotten, pressed, counted, held, removed) "
                f"SELECT campaign_id, '{dimension}', hour, value, "
                "sum(sent), 0, sum(pressed), sum(counted), sum(held), sum(removed) FROM ("
                f"SELECT campaign_id, {form_hour} AS hour, {value} AS value, "
                "1 AS sent, 0 AS pressed, 0 AS counted, 0 AS held, 0 AS removed FROM signature "
                f"UNION ALL SELECT campaign_id, {press_hour}, {value}, 0, "
                f"CASE WHEN confirmed_at IS NULL THEN 0 ELSE 1 END, {_is('confirmed')}, {_is('held')}, "
                f"{_is('invalidated')} FROM signature WHERE confirmed_at IS NOT NULL OR state <> 'pending'"
                ") AS moved GROUP BY campaign_id, hour, value"
            )
    took = f"({_epoch('confirmed_at')} - {_epoch('created_at')})"
    steps = " ".join(f"WHEN {took} <= {step} THEN {step}" for step in STEPS)
    op.execute(
        "INSERT INTO confirmation_delay (campaign_id, source, seconds, count) "
        f"SELECT campaign_id, source, CASE {steps} ELSE 691200 END AS seconds, count(*) FROM signature "
        "WHERE confirmed_at IS NOT NULL GROUP BY campaign_id, source, seconds"
    )


def _is(state: str) -> str:
    return f"CASE WHEN state = '{state}' THEN 1 ELSE 0 END"


def _epoch(moment: str) -> str:
    if op.get_bind().dialect.name == "sqlite":
        return f"CAST(strftime('%s', substr({moment}, 1, 19)) AS INTEGER)"
    return f"CAST(floor(extract(epoch FROM {moment})) AS BIGINT)"
