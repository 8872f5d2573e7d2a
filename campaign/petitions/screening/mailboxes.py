"""What an address tells: the domain of a throw-away mail service, or the mailbox of somebody who signed before."""

from functools import lru_cache

from disposable_email_domains import blocklist
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.core.addresses import address_domain, without_tag
from campaign.petitions.models import Signature

_READ = 50


@lru_cache(maxsize=1)
def _throwaway_domains() -> frozenset[str]:
    return frozenset(blocklist)


def is_throwaway(email: str) -> bool:
    """True for the domain of a throw-away mail service, or one below it."""
    return any(domain in _throwaway_domains() for domain in domains_above(email))


def domains_above(email: str) -> list[str]:
    """The address's domain and those above it, but for the last label alone."""
    labels = address_domain(email).split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def count_same_mailbox(session: Session, signature: Signature) -> int:
    """How many confirmed their signature with what may be another spelling of this address; reads the first 50.

    An address with another tag is the same mailbox. With other dots it may be somebody else's, so the name must be the
    same as well.
    """
    if signature.mailbox_key is None or not signature.email:
        return 0
    others = session.execute(
        select(Signature.id, Signature.email, Signature.name_folded, Signature.confirmed_at)
        .where(
            Signature.campaign_id == signature.campaign_id,
            Signature.mailbox_key == signature.mailbox_key,
        )
        .order_by(Signature.id)
        .limit(_READ)
    )
    own = without_tag(signature.email)
    return sum(
        name == signature.name_folded or without_tag(email) == own
        for row_id, email, name, confirmed_at in others
        if email and confirmed_at and row_id != signature.id
    )
