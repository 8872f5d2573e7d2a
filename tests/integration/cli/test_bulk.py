"""Signatures in bulk: counted, with their statistics, findable, and never in production."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from campaign.cli.demo import commands
from campaign.core.addresses import address_domain, address_key, mailbox_key
from campaign.core.database import db
from campaign.petitions import queue, tally
from campaign.petitions.models import Dimension, Signature, SignatureSignal, SignatureState
from campaign.petitions.queue import Filters
from campaign.petitions.removals import list_standings
from campaign.reports.statistics import campaign_statistics
from campaign.settings import Settings
from tests.factories import make_campaign, make_signature
from tests.integration.petitions.test_rollups import everything, expected


def add(app: Flask, slug: str, count: int) -> Result:
    return app.test_cli_runner().invoke(args=["demo", "bulk", slug, "--signatures", str(count)])


def test_bulk_signatures_are_counted_and_told_of_by_the_statistics(app: Flask, settings: Settings) -> None:
    campaign, other = make_campaign(), make_campaign()
    make_signature(campaign)
    make_signature(other)
    for count in (400, 300):  # a second time, on top of what is there
        done = add(app, campaign.slug, count)
        assert (done.exit_code, done.output) == (0, f"{count} signatures were added to {campaign.slug}.\n")
    db.session.rollback()
    query = select(Signature.state, func.count()).where(Signature.campaign_id == campaign.id).group_by(Signature.state)
    rows = dict.fromkeys(SignatureState, 0) | {state: number for state, number in db.session.execute(query)}  # noqa: C416
    assert tally.counts(db.session(), campaign.id) == rows
    assert sum(rows.values()) == 701
    assert all(rows.values())
    assert everything(campaign) == expected(campaign)
    assert tally.counts(db.session(), other.id)[SignatureState.CONFIRMED] == 1
    found = campaign_statistics(db.session(), campaign.id, Dimension.SOURCE, Dimension.COUNTRY)
    assert len(found.countries) > 10
    assert len(found.sources) > 10
    held = db.session.scalar(select(func.count()).select_from(SignatureSignal).where(SignatureSignal.holds.is_(True)))
    assert held == rows[SignatureState.HELD]
    told = list_standings(db.session(), campaign.id)
    assert [one.out for one in told] == [rows[SignatureState.INVALIDATED]]


def test_bulk_signatures_look_like_those_that_people_gave(app: Flask, settings: Settings) -> None:
    campaign = make_campaign()
    assert add(app, campaign.slug, 200).exit_code == 0
    for one in db.session.scalars(select(Signature)):
        assert (one.confirmed_at is None) == (one.state is SignatureState.PENDING)
        assert (one.email is None) == (one.state is SignatureState.WITHDRAWN)
        if one.email:
            assert one.email_key == address_key(settings.hash_key, one.email)
            assert one.mailbox_key == mailbox_key(settings.hash_key, one.email)
            assert one.email_domain == address_domain(one.email)
            asked = queue.Asked(campaign.id, Filters(search=one.email), {}, settings.hash_key)
            seen = queue.list_signatures(db.session(), asked)
            assert [row.id for row in seen.items] == [one.id]


def test_bulk_says_what_it_will_not_do(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = add(app, "nothing", 1)
    assert (unknown.exit_code, unknown.stderr) == (1, "Error: There is no campaign nothing.\n")
    assert add(app, make_campaign().slug, 0).exit_code == 2
    monkeypatch.setitem(app.extensions, "settings", settings.model_copy(update={"campaign_env": "production"}))
    refused = add(app, make_campaign().slug, 1)
    assert refused.exit_code == 1
    assert "not added in production" in refused.stderr
    assert db.session.scalar(select(func.count()).select_from(Signature)) == 0
    assert "bulk" in commands.commands
