"""`flask stripe …`: what to do when webhooks were lost, or one could not be applied."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from flask.cli import AppGroup

from campaign.core import clock
from campaign.core.database import db, transaction
from campaign.core.errors import NotFound
from campaign.donations import events, queries
from campaign.donations.gateway import Gateway, GatewayError
from campaign.settings import current_settings
from campaign.worker.payments import apply_events, ask_again, fetch_missed_events

LONGEST_DAYS = 30  # how long Stripe keeps events

commands = AppGroup("stripe", help="Events and payments at Stripe.")


@contextmanager
def _gateway() -> Iterator[Gateway]:
    settings = current_settings()
    try:
        yield Gateway(settings.stripe_secret_key, settings.stripe_api)
    except GatewayError as error:
        raise click.ClickException(f"Stripe could not be asked ({type(error).__name__}: {error}).") from None


def _apply_all(gateway: Gateway) -> int:
    done = 0
    while step := apply_events(gateway):
        done += step
    return done


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
        _apply_all(gateway)
    stored = queries.get_event(db.session(), event)
    if stored.error:
        raise click.ClickException(f"{event} could not be applied and will be tried again: {stored.error}")
    click.echo(f"{event} {stored.state}")


@commands.command()
@click.option("--days", type=click.IntRange(1, LONGEST_DAYS), default=LONGEST_DAYS, help="how far to look back")
def sync(days: int) -> None:
    """Fetch events that never reached us, apply them, and ask about every donation that is still open."""
    with _gateway() as gateway:
        stored = fetch_missed_events(gateway, timedelta(days=days))
        applied = _apply_all(gateway)
        asked = ask_again(gateway)
    click.echo(f"{stored} events were missing, {applied} applied, {asked} open donations asked about")
