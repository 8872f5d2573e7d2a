"""`flask stripe …`: what to do when webhooks were lost, or one could not be applied."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import NotFound
from campaign.donations import events, queries, reconciling
from campaign.donations.gateway import Gateway, GatewayError
from campaign.settings import current_settings
from campaign.worker.payments import apply_all
from campaign.worker.reconciling import LONGEST_DAYS, run_slot

commands = AppGroup("stripe", help="Events and payments at Stripe.")


@contextmanager
def _gateway() -> Iterator[Gateway]:
    settings = current_settings()
    try:
        yield Gateway(settings.stripe_secret_key, settings.stripe_api)
    except GatewayError as error:
        raise click.ClickException(f"Stripe could not be asked ({type(error).__name__}: {error}).") from None


@commands.command()
@click.argument("event")
def replay(event: str) -> None:
    """Apply EVENT (evt_…) again; one that never reached us is fetched from Stripe."""
    with _gateway() as gateway:
        try:
            with transaction() as session:
                events.replay(session, event, now=clock.now())
        except NotFound:
            notice = gateway.notice(event)
            if notice is None:
                raise click.ClickException(f"There is no event {event}, here or at Stripe.") from None
            with transaction() as session:
                events.store(session, [notice], now=clock.now())
        apply_all(gateway)
    stored = queries.get_event(db.session(), event)
    if stored.error:
        raise click.ClickException(f"{event} could not be applied and will be tried again: {stored.error}")
    click.echo(f"{event} {stored.state}")


@commands.command()
@click.option("--days", type=click.IntRange(1, LONGEST_DAYS), default=LONGEST_DAYS, help="how far to look back")
def sync(days: int) -> None:
    """Compare with Stripe: fetch what never reached us, settle what is open, list what matches nothing."""
    now = clock.now()
    slot = f"command {now.isoformat()}"
    with transaction() as session:
        # Leased to this command: a worker takes it over only if it dies.
        reconciling.ask(session, slot, days=days, asked_by="command", now=now, available_at=now + reconciling.LEASE)
    with _gateway() as gateway:
        found = run_slot(gateway, slot)
    click.echo(
        f"{found.missed_events} events were missing, {found.applied} applied, {found.settled} gifts settled, "
        f"{found.unmatched} objects match nothing of ours"
    )
