"""The migration to payments in full keeps every gift, on both engines, forwards and back."""

from pathlib import Path
from typing import Any

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, insert, table, text
from sqlalchemy.sql.expression import column

from campaign.app import create_app
from campaign.core.database import db
from tests.conftest import ENGINES, make_database, make_settings, opened

AT = "2026-03-12 14:00:00+00:00"
BEFORE, AFTER = "0010", "0011"


def add(connection: Connection, name: str, /, **values: Any) -> None:
    connection.execute(insert(table(name, *(column(key) for key in values))).values(**values))


def add_gift(connection: Connection, number: int, *, refunded: int = 0, disputed: bool = False) -> None:
    add(
        connection, "donation", id=number, public_id=f"gift-{number}", campaign_id=1, state="succeeded",
        frequency="once", amount_minor=1000, fee_cover_minor=0, currency="GBP", name="Ada", email="ada@example.org",
        email_key="k", message="Hello" if number == 10 else "", show_name=False, wants_updates=False,
        consent_version="1", language="en", source="", form_key=f"f{number}", created_at=AT, state_changed_at=AT,
    )  # fmt: skip
    add(
        connection, "payment", id=number + 90, donation_id=number, campaign_id=1, payment_intent=f"pi_{number}",
        amount_minor=1000, refunded_minor=refunded, disputed=disputed, mismatched=False, currency="GBP", paid_at=AT,
    )  # fmt: skip
    add(
        connection, "outbox_message", id=number, kind="donation_receipt", object_id=number, recipient_key="k",
        language="en", priority=1, state="queued", message_id=f"m{number}", created_at=AT, available_at=AT, attempts=0,
        error="",
    )  # fmt: skip


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]


@pytest.mark.parametrize("engine", ENGINES)
def test_gifts_survive_the_way_there_and_back(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    app = create_app(make_settings(tmp_path, make_database(engine, tmp_path, request, "migrated_gifts")))
    with opened(app):
        upgrade(revision=BEFORE)
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            add(
                connection, "campaign", id=1, slug="a", state="published", title="A", short_name="A", summary="",
                story="", target="", goal=1, country="GB", currency="GBP", takes_donations=True,
                donation_minimum_minor=200, suggested_amounts="10", names_to_target=False, picture_alt="",
                picture_credit="", embed_hosts="", fundraiser_label="", created_at=AT, updated_at=AT, edition=1,
            )  # fmt: skip
            add_gift(connection, 10)
            add_gift(connection, 11, refunded=300)
            add_gift(connection, 12, refunded=100, disputed=True)
        upgrade(revision=AFTER)
        with db.engine.connect() as connection:
            sums = rows(connection, "SELECT id, refunded_minor, disputed_minor, fee_minor FROM payment ORDER BY id")
            assert sums == [(100, 0, 0, None), (101, 300, 0, None), (102, 100, 900, None)]
            assert rows(connection, "SELECT object_id FROM outbox_message ORDER BY id") == [(100,), (101,), (102,)]
            assert rows(connection, "SELECT message_state FROM donation ORDER BY id") == [
                ("awaiting",),
                (None,),
                (None,),
            ]
            assert rows(connection, "SELECT monthly_amounts FROM campaign") == [("3,5,10,20",)]
        downgrade(revision=BEFORE)
        with db.engine.connect() as connection:
            contested = [(bool(flag),) for (flag,) in rows(connection, "SELECT disputed FROM payment ORDER BY id")]
            assert contested == [(False,), (False,), (True,)]
            assert rows(connection, "SELECT object_id FROM outbox_message ORDER BY id") == [(10,), (11,), (12,)]
