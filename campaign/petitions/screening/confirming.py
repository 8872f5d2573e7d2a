"""Screening one signature at the moment when its link is pressed."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from campaign.petitions.models import Signal, Signature
from campaign.petitions.screening.findings import Finding
from campaign.petitions.screening.mailboxes import is_throwaway
from campaign.petitions.screening.rates import find_burst


def screen(session: Session, signature: Signature) -> list[Finding]:
    """All that is to be noticed about this signature now."""
    return list(_findings(session, signature))


def _findings(session: Session, signature: Signature) -> Iterator[Finding]:
    if signature.honeypot:
        yield Finding(Signal.HONEYPOT)
    if is_throwaway(signature.email or ""):
        yield Finding(Signal.THROWAWAY_DOMAIN)
    if burst := find_burst(session, signature):
        yield burst
