"""What an address tells: the domain of a throw-away mail service, or the mailbox of somebody who signed before."""

from collections.abc import Sequence
from functools import lru_cache

from disposable_email_domains import blocklist
from sqlalchemy import Row, select
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
    return sum(
        _is_same(signature, email, name)
        for row_id, email, name, confirmed_at in others
        if email and confirmed_at and row_id != signature.id
    )


def count_earlier_mailboxes(session: Session, campaign_id: int, signatures: Sequence[Signature]) -> dict[int, int]:
    """`count_same_mailbox` for many stored signatures in one read: of those stored before each, by its id.

    It reads no more than 50 for each of them, so of a mailbox in thousands of spellings it counts a part.
    """
    keys = {row.mailbox_key for row in signatures if row.mailbox_key is not None and row.email}
    query = select(Signature.mailbox_key, Signature.id, Signature.email, Signature.name_folded).where(
        Signature.campaign_id == campaign_id,
        Signature.mailbox_key.in_(keys),
        Signature.email.is_not(None),
        Signature.confirmed_at.is_not(None),
    )
    others: dict[str | None, list[Row[str | None, int, str | None, str | None]]] = {}
    for other in session.execute(query.limit(_READ * len(keys))):
        others.setdefault(other.mailbox_key, []).append(other)
    return {row.id: min(_count_before(row, others.get(row.mailbox_key, ())), _READ) for row in signatures}


def _count_before(signature: Signature, others: Sequence[Row[str | None, int, str | None, str | None]]) -> int:
    return sum(_is_same(signature, one.email or "", one.name_folded) for one in others if one.id < signature.id)


def _is_same(signature: Signature, email: str, name: str | None) -> bool:
    return name == signature.name_folded or without_tag(email) == without_tag(signature.email or "")
