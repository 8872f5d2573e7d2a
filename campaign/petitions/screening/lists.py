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


@dataclass(frozen=True)
class _Sought:
    """What of a signature is looked up: keys of entries, and what patterns are held against."""

    keys: frozenset[str]
    domains: tuple[str, ...]
    spellings: tuple[str, ...]

    def fits(self, subject: ListSubject, pattern: str) -> bool:
        """True where the pattern says so of the domain, or of the address."""
        texts = self.domains if subject is ListSubject.DOMAIN else self.spellings
        return any(_compiled(pattern).fullmatch(text) for text in texts)


def standing_of(session: Session, signature: Signature, *, confirmed_from: str | None = None) -> Standing:
    """Look the signature up in both lists: one read of an index, and the few patterns there are."""
    sought = _sought(signature)
    more = {network_key(confirmed_from)} if confirmed_from else set()
    return _standing(sought, _listed(session, signature.campaign_id, sought.keys | more), confirmed_from)


def standings_of(session: Session, campaign_id: int, signatures: Sequence[Signature]) -> dict[int, Standing]:
    """`standing_of` for many signatures of a campaign at once, by their ids."""
    sought = {signature.id: _sought(signature) for signature in signatures}
    keys = frozenset().union(*(one.keys for one in sought.values()))
    listed: _Listed = _listed(session, campaign_id, keys) if signatures else []
    return {row_id: _standing(one, listed, None) for row_id, one in sought.items()}


def _sought(signature: Signature) -> _Sought:
    email = signature.email
    domains = domains_above(email) if email else []
    keys = {PATTERN_KEY, address_entry_key(signature.email_key), *map(domain_key, domains)}
    if signature.network_hash:
        keys.add(network_key(signature.network_hash))
    # As typed as well: the normalised address has lost its tag.
    spellings = (normalise_address(email), email.casefold()) if email else ()
    return _Sought(frozenset(keys), tuple(domains), spellings)


def _listed(session: Session, campaign_id: int, keys: frozenset[str]) -> _Listed:
    return session.execute(
        select(ScreeningEntry.listing, ScreeningEntry.subject, ScreeningEntry.pattern, ScreeningKey.key)
        .join(ScreeningKey, ScreeningKey.entry_id == ScreeningEntry.id)
        .where(ScreeningKey.campaign_id == campaign_id, ScreeningKey.key.in_(keys))
    ).all()


def _standing(sought: _Sought, listed: _Listed, confirmed_from: str | None) -> Standing:
    found: dict[Listing, set[ListSubject]] = {listing: set() for listing in Listing}
    for listing, subject, pattern, key in listed:
        # Where the link was pressed from is none of its own keys, so it blocks nobody.
        if key in sought.keys and (pattern is None or sought.fits(subject, pattern)):
            found[listing].add(subject)
    elsewhere = network_key(confirmed_from) if confirmed_from else None
    return Standing(
        tuple(subject for subject in ListSubject if subject in found[Listing.BLOCKED]),
        tuple(subject for subject in ListSubject if subject in found[Listing.ALLOWED]),
        confirmed_from_allowed=any(row.key == elsewhere and row.listing is Listing.ALLOWED for row in listed),
    )


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
