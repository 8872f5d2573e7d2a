"""The demo's seed: the same at every run, true in its counts, in step with the sandbox, and never in production."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, Update
from campaign.cli.demo import DEMO_PASSWORD, commands, seed_demo
from campaign.cli.seed import texts
from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.donations.models import Donation, Payment
from campaign.petitions.models import Signal, Signature, SignatureSignal, SignatureState
from campaign.petitions.screening import holding, screen
from campaign.settings import Settings
from campaign.staff.models import StaffUser
from campaign.supporters.models import Supporter
from tests.conftest import empty_database
from tests.integration.sandbox.process import SandboxProcess

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
