"""Retention by each campaign's policy: what is due, what is not, what a dry run says, and a run that is broken off."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from campaign.audit.models import AuditEntry, DataDeed, DeedKind
from campaign.campaigns.models import Campaign, CampaignState
from campaign.core import clock
from campaign.core.addresses import address_key
from campaign.core.database import db, transaction
from campaign.core.errors import ChangedMeanwhile
from campaign.donations.models import Donation, DonationState
from campaign.petitions.models import Signature, SignatureState
from campaign.privacy import policies, retention
from campaign.privacy.models import DataAccess, RetentionReport, RetentionStep, RetentionWalk
from campaign.privacy.policies import Policy
from campaign.settings import Settings
from campaign.supporters.models import Supporter
from campaign.supporters.subscribing import subscribe, unsubscribe
from campaign.worker.retention import forget
from tests.factories import make_campaign, make_signature, reread
from tests.integration.privacy.conftest import Open, count
from tests.integration.public.conftest import make_donation, make_monthly_gift

S = SignatureState


def make_closed(days: int, **more: object) -> Campaign:
    """A campaign that ended so many days ago."""
    return make_campaign(state=CampaignState.CLOSED, closed_at=clock.now() - timedelta(days=days), **more)


def report() -> dict[str, int]:
    db.session.rollback()
    rows = db.session.execute(select(RetentionReport.step, func.sum(RetentionReport.forgotten)).group_by("step"))
    return {step: int(done) for step, done in rows}


def run() -> None:
    while forget():
        pass


def test_signers_of_a_campaign_that_is_over_are_forgotten_on_its_day_and_not_before(app: Flask) -> None:
    over, young, running = make_closed(366), make_closed(364), make_campaign()
    for campaign in (over, young, running):
        for _ in range(3):
            make_signature(campaign, comment="Because.", show_name=True)
    assert {(one.campaign.id, one.step, one.count) for one in due()} == {(over.id, RetentionStep.SIGNATURES, 3)}
    run()
    assert due() == []
    rows = db.session.execute(select(Signature.campaign_id, Signature.email, Signature.email_key, Signature.comment))
    left = [row.campaign_id for row in rows if row.email and row.comment]
    assert sorted(set(left)) == sorted([young.id, running.id])
    keys = db.session.scalars(select(Signature.email_key).where(Signature.campaign_id == over.id)).all()
    assert all(key.startswith("gone:") for key in keys)
    assert count(over.id) == 3
    assert report() == {"signatures": 3}
    make_signature(over, email="late@example.org")  # an import after the end goes with the next run
    run()
    assert report() == {"signatures": 4}


def due() -> list[retention.Due]:
    db.session.rollback()
    campaigns = db.session.scalars(select(Campaign)).all()
    return retention.list_due(db.session(), campaigns, now=clock.now(), most=None)


def test_a_run_that_is_broken_off_goes_on_where_it_was(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    campaign = make_closed(400)
    ids = [make_signature(campaign).id for _ in range(5)]
    kept = policies.kept_by(db.session(), campaign)
    first = retention.list_batch(db.session(), kept, RetentionStep.SIGNATURES, now=clock.now())
    with transaction() as session:
        assert retention.forget_batch(session, campaign.id, RetentionStep.SIGNATURES, first, now=clock.now()) == 2
        session.rollback()  # the machine dies before the batch is stored
    assert report() == {}
    assert forget() == 2
    assert db.session.scalars(select(RetentionWalk.cursor)).one() == ids[1]
    with transaction() as session:  # another worker had read the same batch
        assert retention.forget_batch(session, campaign.id, RetentionStep.SIGNATURES, first, now=clock.now()) == 0
    run()
    assert report() == {"signatures": 5}
    assert db.session.scalar(select(func.count(Signature.id)).where(Signature.email.is_not(None))) == 0


def test_a_policy_can_be_shortened_once_people_rely_on_it_and_never_lengthened(app: Flask) -> None:
    draft, published = make_campaign(state=CampaignState.DRAFT), make_closed(40)

    def set_days(campaign: Campaign, days: int, was: int) -> None:
        with transaction() as session:
            found = session.get_one(Campaign, campaign.id)
            policies.set_policy(session, found, Policy(signature_days=days), was=was, actor="ed", now=clock.now())

    set_days(draft, 900, 0)
    make_signature(published)
    assert due() == []
    set_days(published, 30, 0)
    with pytest.raises(ChangedMeanwhile):
        set_days(published, 20, 0)
    with pytest.raises(policies.KeptLonger):
        set_days(published, 31, 1)
    assert [one.count for one in due()] == [1]
    db.session.rollback()
    [_, entry] = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    assert (entry.action, entry.details["after"]["signature_days"]) == ("retention.changed", 30)


def test_those_who_withdrew_are_forgotten_after_a_month_and_their_address_stays_taken(app: Flask) -> None:
    campaign, now = make_campaign(), clock.now()
    old = make_signature(campaign, state=S.WITHDRAWN, state_changed_at=now - timedelta(days=31))
    new = make_signature(campaign, state=S.WITHDRAWN, state_changed_at=now - timedelta(days=29))
    key = old.email_key
    run()
    assert (reread(old).name, reread(old).email_key) == (None, key)
    assert reread(new).name is not None
    assert report() == {"withdrawn": 1}


def test_donors_are_forgotten_when_the_law_lets_us_and_who_never_paid_sooner(app: Flask) -> None:
    campaign, now = make_campaign(), clock.now()
    ages = {"old": 8 * 366, "young": 6 * 366, "unpaid": 91, "fresh": 89}
    gifts = {
        name: make_donation(
            campaign, form_key=name, email_key=name, created_at=now - timedelta(days=days),
            state=DonationState.SUCCEEDED if days > 1000 else DonationState.EXPIRED,
        )
        for name, days in ages.items()
    }  # fmt: skip
    running = make_donation(campaign, form_key="m", email_key="m", created_at=now - timedelta(days=3000))
    make_monthly_gift(running)
    run()
    names = {name: reread(gift).name for name, gift in gifts.items()}
    assert names == {"old": "", "young": "Ada Lovelace", "unpaid": "", "fresh": "Ada Lovelace"}
    assert reread(running).name == "Ada Lovelace"
    assert report() == {"gifts": 1, "unpaid_gifts": 1}
    assert db.session.scalar(select(func.sum(Donation.amount_minor))) == 5000


def test_supporters_go_with_their_last_subscription(app: Flask, settings: Settings) -> None:
    ended, running, over = make_campaign(), make_campaign(), make_closed(366)
    people = {"left": [ended], "both": [ended, running], "over": [over], "stays": [running]}
    for name, campaigns in people.items():
        for campaign in campaigns:
            with transaction() as session:
                key = address_key(settings.hash_key, f"{name}@example.org")
                subscribe(
                    session, campaign_id=campaign.id, email=f"{name}@example.org", email_key=key, language="en",
                    wording_version="1", channel="signature", now=clock.now(),
                )  # fmt: skip
                if campaign is ended:
                    unsubscribe(session, campaign_id=campaign.id, email_key=key, now=clock.now() - timedelta(days=31))
    run()
    db.session.rollback()
    assert sorted(db.session.scalars(select(Supporter.email))) == ["both@example.org", "stays@example.org"]
    assert report() == {"subscriptions": 2, "supporters": 1}


def test_links_and_proofs_go_when_nobody_can_ask_for_them_any_more(app: Flask, open_page: Open) -> None:
    campaign = make_campaign()
    make_signature(campaign, email="a@example.org")
    open_page("a@example.org").do("withdraw")
    with time_machine.travel(clock.now() + timedelta(days=15)):
        run()
        assert db.session.scalar(select(func.count(DataAccess.id))) == 0
        assert db.session.scalars(select(DataDeed.kind)).all() == [DeedKind.WITHDRAWN]
    with time_machine.travel(clock.now() + timedelta(days=3 * 366)):
        run()
        assert db.session.scalar(select(func.count(DataDeed.id))) == 0


def test_the_command_says_what_it_would_do_and_does_it(app: Flask) -> None:
    campaign = make_closed(400)
    make_signature(campaign)
    runner = app.test_cli_runner()
    dry = runner.invoke(args=["privacy", "retention", "--dry-run"])
    assert dry.output == f"{campaign.slug}: 1 signatures\n"
    assert report() == {}
    assert "1 forgotten" in runner.invoke(args=["privacy", "retention"]).output
    assert "Nothing is due." in runner.invoke(args=["privacy", "retention"]).output
    told = runner.invoke(args=["privacy", "report", "--campaign", campaign.slug])
    assert told.output == f"{clock.now().date()} {campaign.slug}: 1 signatures\n"
    assert runner.invoke(args=["privacy", "report", "--campaign", "nothing"]).exit_code == 1


def test_the_privacy_page_says_how_long_each_open_campaign_keeps_what_and_leads_to_ones_own_page(app: Flask) -> None:
    campaign = make_campaign()
    page = app.test_client().get("/privacy").text
    assert f"<b>{campaign.title}</b>: 365 days after the campaign ends, nobody will know who signed." in page
    assert 'href="/my-data"' in page
