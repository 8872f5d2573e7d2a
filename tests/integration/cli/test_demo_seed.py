"""The demo's seed: the same at every run, true in its counts, in step with the sandbox, and never in production."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, CampaignState, Demand, Update, UpdateKind, UpdateState
from campaign.cli.demo import DEMO_LOGINS, DEMO_PASSWORD, commands, seed_demo
from campaign.cli.seed import others, texts
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations.gateway import Gateway
from campaign.donations.models import Donation, DonationState, Payment
from campaign.mail.models import OutboxMessage
from campaign.petitions import tally
from campaign.petitions.models import CommentState, Signal, Signature, SignatureSignal, SignatureState, TallyDelta
from campaign.petitions.screening import holding, screen
from campaign.settings import Settings
from campaign.staff.models import StaffUser
from campaign.supporters.models import Consent, Subscription, Supporter
from campaign.worker.reconciling import reconcile
from tests.conftest import empty_database
from tests.integration.sandbox.process import KEY, SandboxProcess

LATER = timedelta(hours=5, minutes=17)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    """A running sandbox that knows nothing yet and calls nobody."""
    process = SandboxProcess(tmp_path / "sandbox.sqlite3")
    yield process
    process.close()


@pytest.fixture
def at_sandbox(settings: Settings, sandbox: SandboxProcess) -> Settings:
    return settings.model_copy(update={"stripe_api_base": sandbox.url})


@pytest.fixture
def seeded(app: Flask, settings: Settings) -> Campaign:
    """The main campaign of a demo without gifts: no sandbox answers."""
    seed_demo(settings)
    return main_campaign()


def main_campaign() -> Campaign:
    return db.session.scalars(select(Campaign).where(Campaign.slug == texts.SLUG)).one()


def snapshot() -> dict[str, list[Any]]:
    """Everything but dates and the database's own numbers, in an order that depends on neither."""
    signature = select(
        Signature.email_key, Signature.name, Signature.email, Signature.country, Signature.postcode, Signature.state,
        Signature.held_for, Signature.source, Signature.comment, Signature.show_name, Signature.decision_reason,
    )  # fmt: skip
    donation = select(
        Donation.public_id, Donation.checkout_session, Donation.email, Donation.state, Donation.amount_minor,
        Donation.message, Donation.form_key, Payment.payment_intent, Payment.refunded_minor,
    ).outerjoin(Payment, Payment.donation_id == Donation.id)  # fmt: skip
    update = select(Update.public_id, Update.title, Update.state)
    found = {
        "signatures": [tuple(row) for row in db.session.execute(signature.order_by(Signature.email_key))],
        "donations": [tuple(row) for row in db.session.execute(donation.order_by(Donation.public_id))],
        "updates": [tuple(row) for row in db.session.execute(update.order_by(Update.public_id))],
        "supporters": list(db.session.scalars(select(Supporter.email).order_by(Supporter.email_key))),
    }
    db.session.rollback()
    return found


def test_every_run_is_the_same_but_for_its_dates(app: Flask, at_sandbox: Settings, sandbox: SandboxProcess) -> None:
    """Also where the sandbox knows the gifts already, as after a run that was killed before it wrote anything."""
    seed_demo(at_sandbox)
    first, moment = snapshot(), main_campaign().published_at
    told = sandbox.state_now()["sums"]
    empty_database()
    clock.set_offset(int(LATER.total_seconds()))
    try:
        seed_demo(at_sandbox)
    finally:
        clock.set_offset(0)
    assert len(first["signatures"]) > 3_000
    assert len(first["donations"]) > 250
    assert snapshot() == first
    assert main_campaign().published_at > moment  # type: ignore[operator]
    assert sandbox.state_now()["sums"] == told


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


def test_the_signals_kept_are_those_that_screening_finds(seeded: Campaign) -> None:
    """But for a sample's throw-away domain, which no list knows, and mails, of which the demo has none."""
    session = db.session()
    kept: dict[int, dict[Signal, tuple[bool, dict[str, int]]]] = {}
    for row in session.scalars(select(SignatureSignal).where(SignatureSignal.campaign_id == seeded.id)):
        kept.setdefault(row.signature_id, {})[row.signal] = (row.holds, row.detail)
    assert {signal for found in kept.values() for signal in found} >= {Signal.COMMENT_LINK, Signal.BLOCKED_DOMAIN}
    with transaction() as writing:
        writing.execute(delete(SignatureSignal))  # what was noticed before counts as well
    unknown = {Signal.THROWAWAY_DOMAIN, Signal.QUICK_CONFIRMATION}
    for signature_id, signals in kept.items():
        found = screen(db.session(), db.session.get_one(Signature, signature_id), now=clock.now())
        assert {one.signal: (one.holds, one.detail) for one in found} == {
            signal: told for signal, told in signals.items() if signal not in unknown
        }
    honest = [row for row in some_who_count(seeded) if row.id not in kept]
    assert len(honest) > 50
    # The first of two spellings of a mailbox would be found by the second, had it come later.
    assert {holding(screen(db.session(), row, now=clock.now())) for row in honest} <= {None, Signal.SAME_MAILBOX}


def some_who_count(campaign: Campaign) -> list[Signature]:
    """Every fortieth of those who count."""
    query = select(Signature).where(Signature.campaign_id == campaign.id, Signature.state == SignatureState.CONFIRMED)
    return list(db.session.scalars(query.order_by(Signature.id)))[::40]


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


def test_addresses_are_nobodys_and_nobody_is_written_to(app: Flask, at_sandbox: Settings) -> None:
    seed_demo(at_sandbox)
    columns = (Signature.email, Donation.email, Supporter.email, StaffUser.email)
    found = [email for column in columns for email in db.session.scalars(select(column).where(column.is_not(None)))]
    assert len(found) > 3_500
    assert [email for email in found if not email.endswith((".example", "@example.org"))] == []
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


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


def test_our_book_agrees_with_stripes(app: Flask, at_sandbox: Settings, sandbox: SandboxProcess) -> None:
    seed_demo(at_sandbox)
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


def test_a_sandbox_that_refuses_leaves_an_empty_site(
    app: Flask, at_sandbox: Settings, sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    seed_demo(at_sandbox)
    charge = db.session.scalars(select(Payment.payment_intent)).first()
    empty_database()
    sandbox.kill()
    sandbox.state.unlink()
    sandbox.start()
    other = {"session": "cs_test_other", "payment_intent": charge, "charge": "ch_other"}
    sandbox.control("import", {"gifts": [{**other, "amount": 500, "currency": "gbp", "created": 1}]})
    with pytest.raises(click.ClickException, match="does not take the demo's gifts"):
        seed_demo(at_sandbox)
    for model in (Campaign, StaffUser, Signature, AuditEntry):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_without_a_sandbox_there_are_no_gifts_and_it_says_so(
    app: Flask, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    seed_demo(settings)
    assert "so the demo has no gifts" in capsys.readouterr().err
    assert db.session.scalar(select(func.count()).select_from(Donation)) == 0


def test_production_is_refused(app: Flask, settings: Settings) -> None:
    with pytest.raises(click.ClickException, match="not seeded in production"):
        seed_demo(settings.model_copy(update={"campaign_env": "production"}))
    assert db.session.scalar(select(Campaign.id)) is None


def test_the_command_seeds_once_and_refuses_a_second_time(app: Flask) -> None:
    runner = app.test_cli_runner()
    first = runner.invoke(commands, ["seed"])
    assert (first.exit_code, DEMO_PASSWORD in first.stdout) == (0, True), first.output
    rows = db.session.scalar(select(func.count()).select_from(Signature))
    db.session.rollback()
    second = runner.invoke(commands, ["seed"])
    assert second.exit_code != 0
    assert "There are campaigns already." in second.stderr
    assert "Traceback" not in second.stderr
    assert db.session.scalar(select(func.count()).select_from(Signature)) == rows


def test_the_staff_can_sign_in_with_what_is_printed(seeded: Campaign) -> None:
    people = {user.email: user for user in db.session.scalars(select(StaffUser))}
    assert {(email, next(iter(user.roles_everywhere()))) for email, user in people.items()} == set(DEMO_LOGINS)
    assert all(PasswordHasher().verify(user.password or "", DEMO_PASSWORD) for user in people.values())


def test_the_public_pages_show_it(app: Flask, client: FlaskClient, seeded: Campaign) -> None:
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
