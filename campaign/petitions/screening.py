"""Screening: what makes a confirmed signature wait for a moderator. Held, never refused, and unseen by the signer."""

from datetime import timedelta
from functools import lru_cache

from disposable_email_domains import blocklist
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaign.core.addresses import address_domain
from campaign.petitions.models import Signal, Signature

BURST_LIMIT = 20
BURST_WINDOW = timedelta(minutes=10)


@lru_cache(maxsize=1)
def _throwaway_domains() -> frozenset[str]:
    return frozenset(blocklist)


def screen(session: Session, signature: Signature) -> Signal | None:
    """The reason to hold this signature, or None. Reads at most `BURST_LIMIT` + 1 index entries."""
    if signature.honeypot:
        return Signal.HONEYPOT
    if _is_throwaway(signature.email or ""):
        return Signal.THROWAWAY_DOMAIN
    if _is_burst(session, signature):
        return Signal.BURST
    return None


def _is_throwaway(email: str) -> bool:
    """True for the domain of a throw-away mail service, or one below it."""
    labels = address_domain(email).split(".")
    return any(".".join(labels[start:]) in _throwaway_domains() for start in range(len(labels) - 1))


def _is_burst(session: Session, signature: Signature) -> bool:
    """True where the signer's network sent more than the limit in the ten minutes up to this form."""
    before = (
        select(Signature.id)
        .where(
            Signature.campaign_id == signature.campaign_id,
            Signature.network_hash == signature.network_hash,
            Signature.created_at > signature.created_at - BURST_WINDOW,
            Signature.created_at <= signature.created_at,
        )
        .limit(BURST_LIMIT + 1)
        .subquery()
    )
    return (
        signature.network_hash is not None
        and (session.scalar(select(func.count()).select_from(before)) or 0) > BURST_LIMIT
    )
