"""Who is blocked and who is allowed: networks, domains, addresses with wildcards.

Blocked beats allowed beats limits. A network or a whole address is stored as its keyed hash alone. A blocked network
goes after 30 days, as every trace of a network does; an allowed one is the word of an organisation (a library, a
school) and stays until somebody takes it out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from campaign.core.addresses import normalise_address
from campaign.petitions.models import Listing, ListSubject, ScreeningEntry, ScreeningKey, Signature
from campaign.petitions.screening.mailboxes import domains_above

PATTERN_KEY = "pattern"

_Listed = Sequence[Row[Listing, ListSubject, str | None, str]]


@dataclass(frozen=True)
class Standing:
    """By what a signature is blocked and by what it is allowed."""

    blocked: tuple[ListSubject, ...] = ()
    allowed: tuple[ListSubject, ...] = ()
    confirmed_from_allowed: bool = False

    @property
    def knows_the_address(self) -> bool:
        """True where the domain or the address itself is allowed."""
        return ListSubject.DOMAIN in self.allowed or self.knows_the_person

    @property
    def knows_the_person(self) -> bool:
        """True where the address itself is allowed."""
        return ListSubject.ADDRESS in self.allowed


def network_key(network_hash: str) -> str:
    """What an entry for a network is found by."""
    return f"network:{network_hash}"


def domain_key(domain: str) -> str:
    """What an entry for a domain, and all below it, is found by; the domain as `address_domain` gives it."""
    return f"domain:{domain}"


def address_entry_key(email_key: str) -> str:
    """What an entry for one address is found by."""
    return f"address:{email_key}"


def standing_of(session: Session, signature: Signature, *, confirmed_from: str | None = None) -> Standing:
    """Look the signature up in both lists: one read of an index, and the few patterns there are."""
    keys = _keys(signature) | ({network_key(confirmed_from)} if confirmed_from else set())
    return _standing(signature, _listed(session, signature.campaign_id, keys), confirmed_from)


def standings_of(session: Session, campaign_id: int, signatures: Sequence[Signature]) -> dict[int, Standing]:
    """`standing_of` for many signatures of a campaign at once, by their ids."""
    keys = {key for signature in signatures for key in _keys(signature)}
    listed: _Listed = _listed(session, campaign_id, keys) if signatures else []
    return {signature.id: _standing(signature, listed, None) for signature in signatures}


def _keys(signature: Signature) -> set[str]:
    keys = {PATTERN_KEY, address_entry_key(signature.email_key)}
    keys |= {domain_key(domain) for domain in domains_above(signature.email)} if signature.email else set()
    return keys | ({network_key(signature.network_hash)} if signature.network_hash else set())


def _listed(session: Session, campaign_id: int, keys: set[str]) -> _Listed:
    return session.execute(
        select(ScreeningEntry.listing, ScreeningEntry.subject, ScreeningEntry.pattern, ScreeningKey.key)
        .join(ScreeningKey, ScreeningKey.entry_id == ScreeningEntry.id)
        .where(ScreeningKey.campaign_id == campaign_id, ScreeningKey.key.in_(keys))
    ).all()


def _standing(signature: Signature, listed: _Listed, confirmed_from: str | None) -> Standing:
    own, email = _keys(signature), signature.email or ""
    found: dict[Listing, set[ListSubject]] = {listing: set() for listing in Listing}
    for listing, subject, pattern, key in listed:
        # Where the link was pressed from is none of its own keys, so it blocks nobody.
        if key in own and (pattern is None or _fits(pattern, subject, email)):
            found[listing].add(subject)
    elsewhere = network_key(confirmed_from) if confirmed_from else None
    return Standing(
        tuple(subject for subject in ListSubject if subject in found[Listing.BLOCKED]),
        tuple(subject for subject in ListSubject if subject in found[Listing.ALLOWED]),
        confirmed_from_allowed=any(row.key == elsewhere and row.listing is Listing.ALLOWED for row in listed),
    )


def _fits(pattern: str, subject: ListSubject, email: str) -> bool:
    if not email:
        return False
    compiled = _compiled(pattern)
    if subject is ListSubject.DOMAIN:
        return any(compiled.fullmatch(domain) for domain in domains_above(email))
    # As typed as well: the normalised address has lost its tag.
    return any(compiled.fullmatch(text) for text in (normalise_address(email), email.casefold()))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
