"""Webhooks that come at the same time are stored together, each once, and none is answered before it is stored."""

import threading
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from campaign.core.database import db
from campaign.donations.models import StripeEvent
from campaign.donations.standing import Notice
from campaign.hooks.gathering import Gatherer

NOTICE = Notice("evt_0", "charge.refunded", "charge", "pi_1")


def test_thirty_at_once_share_transactions(app: Flask) -> None:
    gatherer = Gatherer()
    found: list[bool] = []

    def tell(number: int) -> None:
        with app.app_context():
            gatherer.store(replace(NOTICE, event_id=f"evt_{number // 2}"))  # each comes twice
            stored = select(StripeEvent.id).where(StripeEvent.event_id == f"evt_{number // 2}")
            found.append(db.session.scalar(stored) is not None)

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 30
    rows = db.session.execute(select(StripeEvent.event_id, StripeEvent.received_at)).all()
    assert len(rows) == 15
    assert len({moment for _, moment in rows}) < 10  # transactions


def test_what_fails_is_told_and_does_not_stay_behind(app: Flask) -> None:
    gatherer = Gatherer()
    with pytest.raises(DBAPIError):
        gatherer.store(replace(NOTICE, event_id=None))  # type: ignore[arg-type]
    gatherer.store(NOTICE)
    assert db.session.scalars(select(StripeEvent.event_id)).all() == ["evt_0"]
    db.session.rollback()
