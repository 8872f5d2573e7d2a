"""What the demo shows: true in its counts, and nothing a reader must not see. Seeded once, and only looked at."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, CampaignState, Demand, Update, UpdateKind, UpdateState
from campaign.cli.demo import DEMO_LOGINS, DEMO_PASSWORD, seed_demo
from campaign.cli.seed import others, texts
from campaign.core import clock
from campaign.core.database import db
from campaign.core.text import clean_block
from campaign.donations.gateway import Gateway
from campaign.donations.models import Donation, DonationState, Payment
from campaign.mail.models import OutboxMessage
from campaign.petitions import tally
from campaign.petitions.models import CommentState, Signal, Signature, SignatureState, TallyDelta
from campaign.petitions.screening import holding, screen
from campaign.settings import Settings
from campaign.staff.models import StaffUser
from campaign.supporters.models import Consent, Subscription, Supporter
from campaign.worker.reconciling import reconcile
from tests.conftest import empty_database
from tests.integration.sandbox.process import KEY, SandboxProcess


@pytest.fixture(scope="module")
def sandbox(session_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A running sandbox that calls nobody, another one for each engine."""
    process = SandboxProcess(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3")
    yield process
    process.close()


@pytest.fixture(scope="module")
def site(session_app: Flask, sandbox: SandboxProcess) -> Iterator[Flask]:
    """A demo whose gifts are in the sandbox's book."""
    settings: Settings = session_app.extensions["settings"]
    with session_app.app_context():
        seed_demo(settings.model_copy(update={"stripe_api_base": sandbox.url}))
    yield session_app
    with session_app.app_context():
        empty_database()


@pytest.fixture
def seeded(site: Flask) -> Iterator[Campaign]:
    """Its main campaign."""
    with site.app_context():
        yield db.session.scalars(select(Campaign).where(Campaign.slug == texts.SLUG)).one()
        db.session.rollback()


def test_counts_equal_the_rows_in_every_state(seeded: Campaign) -> None:
    rows = db.session.execute(
        select(Signature.campaign_id, Signature.state, func.count()).group_by(Signature.campaign_id, Signature.state)
    ).all()
    for campaign_id in db.session.scalars(select(Campaign.id)):
        expected = dict.fromkeys(SignatureState, 0) | {state: n for owner, state, n in rows if owner == campaign_id}
        assert tally.counts(db.session(), campaign_id) == expected
    assert db.session.scalar(select(func.count()).select_from(TallyDelta)) == 0
    assert all(tally.counts(db.session(), seeded.id).values())


def test_each_signature_looks_as_its_state_demands(seeded: Campaign) -> None:
    signatures = db.session.scalars(select(Signature)).all()
    by_state = Counter(row.state for row in signatures)
    assert 2_500 < by_state[SignatureState.CONFIRMED] < 3_000
    held = [row for row in signatures if row.state is SignatureState.HELD]
    assert {row.held_for for row in held} == {
        Signal.BLOCKED_ADDRESS, Signal.HONEYPOT, Signal.THROWAWAY_DOMAIN, Signal.BURST, Signal.QUICK_CONFIRMATION,
        Signal.SAME_MAILBOX, Signal.NAME, Signal.COMMENT_PHONE, Signal.COMMENT_ADDRESS, Signal.COMMENT_WORDS,
        Signal.MODERATOR,
    }  # fmt: skip
    assert Counter(row.held_for for row in held)[Signal.BURST] == 40
    assert all(row.held_for is None for row in signatures if row.state is SignatureState.CONFIRMED)
    removed = [row for row in signatures if row.state is SignatureState.INVALIDATED]
    assert all(row.decision_reason and row.state_before for row in removed)
    gone = [row for row in signatures if row.state is SignatureState.WITHDRAWN]
    assert all((row.name, row.email, row.network_hash) == (None, None, None) for row in gone)
    assert all((row.confirmed_at is None) == (row.state is SignatureState.PENDING) for row in signatures if row.email)
    assert {row.comment_state for row in signatures} == {None, *CommentState}
    assert all(row.name_folded == row.name.casefold() for row in signatures if row.name)


def test_time_runs_forward_and_ends_now(seeded: Campaign) -> None:
    now = clock.now()
    signatures = db.session.scalars(
        select(Signature).where(Signature.campaign_id == seeded.id).order_by(Signature.id)
    ).all()
    assert seeded.published_at is not None
    for row in signatures:
        assert seeded.published_at < row.created_at <= (row.confirmed_at or now) <= now
        assert row.created_at <= row.state_changed_at <= now
    assert [row.id for row in signatures] == [row.id for row in sorted(signatures, key=lambda row: row.created_at)]
    assert now - signatures[0].created_at > timedelta(days=9)
    demands = {row.id: row.created_at for row in db.session.scalars(select(Demand))}
    assert len({row.demand_id for row in signatures}) == 2
    assert all(demands[row.demand_id] <= row.created_at for row in signatures)
    trail = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.at for entry in trail] == sorted(entry.at for entry in trail)
    assert sum(entry.action.startswith("signature.") for entry in trail) > 100


def test_screening_would_hold_the_burst_and_nobody_who_counts(seeded: Campaign) -> None:
    """What was held for its network, and only that, is what screening itself takes for a burst."""
    session = db.session()
    rows = session.scalars(
        select(Signature).where(Signature.campaign_id == seeded.id, Signature.confirmed_at.is_not(None))
    ).all()
    busiest = Counter(row.network_hash for row in rows if row.network_hash).most_common(2)
    assert busiest[0][1] == 60
    assert busiest[1][1] < 10
    burst = [row for row in rows if row.network_hash == busiest[0][0]]
    assert [holding(screen(session, row, now=clock.now())) for row in burst] == [row.held_for for row in burst]


def test_updates_are_of_every_kind_and_what_they_say_is_true(seeded: Campaign) -> None:
    updates = db.session.scalars(select(Update).where(Update.campaign_id == seeded.id)).all()
    published = [update for update in updates if update.state is UpdateState.PUBLISHED]
    assert {update.kind for update in published} == set(UpdateKind)
    assert {update.state for update in updates} == set(UpdateState)
    assert len({update.delivery.stage for update in published if update.delivery}) == 2
    milestone = next(update for update in published if update.kind is UpdateKind.MILESTONE)
    assert milestone.title == "More than 1,000 of you have signed"
    confirmed = select(func.count()).where(
        Signature.campaign_id == seeded.id, Signature.confirmed_at < milestone.published_at
    )
    assert (db.session.scalar(confirmed.where(Signature.state == SignatureState.CONFIRMED)) or 0) > 1_000
    closed = db.session.scalars(select(Campaign).where(Campaign.state == CampaignState.CLOSED)).one()
    handed_over = db.session.scalars(
        select(Update).where(Update.campaign_id == closed.id, Update.kind == UpdateKind.MILESTONE)
    ).one()
    assert handed_over.title == "200 signatures handed over"
    signed = select(func.count()).where(
        Signature.campaign_id == closed.id,
        Signature.confirmed_at < handed_over.published_at,
        Signature.state == SignatureState.CONFIRMED,
    )
    assert (db.session.scalar(signed) or 0) >= 200


def test_those_who_asked_for_news_are_subscribed(seeded: Campaign) -> None:
    asked = db.session.execute(
        select(Signature.email_key, Signature.consent_version).where(
            Signature.wants_updates.is_(True), Signature.confirmed_at.is_not(None)
        )
    ).all()
    consents = db.session.execute(
        select(Supporter.email_key, Consent.wording_version).join(Consent, Consent.supporter_id == Supporter.id)
    ).all()
    assert len(asked) > 500
    assert sorted(map(tuple, asked)) == sorted(map(tuple, consents))
    ended = db.session.scalars(select(Subscription.ended_at)).all()
    assert len(ended) == len(asked)
    assert 0 < sum(moment is not None for moment in ended) < len(ended) / 10


def test_the_staff_can_sign_in_with_what_is_printed(seeded: Campaign) -> None:
    people = {user.email: user for user in db.session.scalars(select(StaffUser))}
    assert {(email, next(iter(user.roles_everywhere()))) for email, user in people.items()} == set(DEMO_LOGINS)
    assert all(PasswordHasher().verify(user.password or "", DEMO_PASSWORD) for user in people.values())


def test_the_public_pages_show_it(site: Flask, seeded: Campaign) -> None:
    client = site.test_client()
    page = client.get(f"/campaigns/{texts.SLUG}")
    assert page.status_code == 200
    for words in (texts.TITLE, texts.FUNDRAISER_LABEL, "on paper"):
        assert words in page.text
    older = client.get(f"/campaigns/{texts.SLUG}/updates")  # the campaign's page shows the newest four alone
    assert "First shipment in use: 24 satellite terminals" in older.text
    for hidden in ("Second shipment received", "Your questions about taking in a family", "ring me on"):
        assert hidden not in page.text
    with client.get(f"/pictures/{texts.PICTURE}") as picture:
        assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    home = client.get("/").text
    assert texts.TITLE in home
    assert str(others.FRESH["title"]) in home
    assert "The council has agreed" in client.get(f"/campaigns/{others.CLOSED['slug']}").text
    assert client.get(f"/campaigns/{others.DRAFT['slug']}").status_code == 404


def test_addresses_are_nobodys_and_nobody_is_written_to(seeded: Campaign) -> None:
    columns = (Signature.email, Donation.email, Supporter.email, StaffUser.email)
    found = [email for column in columns for email in db.session.scalars(select(column).where(column.is_not(None)))]
    assert len(found) > 3_500
    assert [email for email in found if not email.endswith((".example", "@example.org"))] == []
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_our_book_agrees_with_stripes(seeded: Campaign, sandbox: SandboxProcess) -> None:
    gateway = Gateway(KEY, sandbox.url)
    donations = {row.id: row for row in db.session.scalars(select(Donation))}
    payments = db.session.scalars(select(Payment)).all()
    for payment in payments:
        donation = donations[payment.donation_id]
        standing = gateway.standing(donation.checkout_session or "")
        assert standing is not None
        assert standing.donation == donation.public_id
        assert standing.paid is not None
        assert (standing.paid.payment_intent, standing.paid.amount_minor, standing.paid.currency) == (
            payment.payment_intent, donation.amount_minor, donation.currency,
        )  # fmt: skip
        assert (sum(word.amount_minor for word in standing.paid.refunds), standing.paid.paid_at) == (
            payment.refunded_minor,
            payment.paid_at,
        )
    found = reconcile(gateway, days=30)
    assert (found.settled, found.unmatched) == (0, 0)
    donations = {row.id: row for row in db.session.scalars(select(Donation))}
    payments = db.session.scalars(select(Payment)).all()
    sums = sandbox.state_now()["sums"]["gbp"]
    assert sums["charges"] == len(payments) > 200
    assert sums["gross"] - sums["refunded"] == sum(row.amount_minor - row.refunded_minor for row in payments)
    unpaid = donations.keys() - {payment.donation_id for payment in payments}
    assert {donations[row_id].state for row_id in unpaid} == {DonationState.EXPIRED, DonationState.FAILED}
    refunded = {donation.state for donation in donations.values()} & {
        DonationState.REFUNDED, DonationState.PARTIALLY_REFUNDED,
    }  # fmt: skip
    assert len(refunded) == 2


def test_saving_a_campaign_as_it_is_would_change_no_words(seeded: Campaign) -> None:
    """The form cleans what it is sent, so texts that are not clean would be changed by opening and saving them."""
    texts_kept = [*db.session.scalars(select(Demand.text)), *db.session.scalars(select(Campaign.story))]
    assert len(texts_kept) > 6
    assert [text for text in texts_kept if clean_block(text) != text] == []
