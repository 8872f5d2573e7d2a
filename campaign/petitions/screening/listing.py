"""Putting networks, domains and addresses on a campaign's lists, and taking them off."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from campaign.audit.trail import record
from campaign.campaigns.models import Campaign
from campaign.core.addresses import (
    AddressRefused,
    address_domain,
    address_key,
    check_address,
    keyed_hash,
    normalise_address,
)
from campaign.core.database import insert_into
from campaign.core.errors import DomainError, NotFound
from campaign.core.networks import RangeRefused, RangeTooWide, range_hashes
from campaign.petitions.models import Listing, ListSubject, ScreeningEntry, ScreeningKey
from campaign.petitions.screening.lists import PATTERN_KEY, address_entry_key, domain_key, network_key

BLOCKED_NETWORK_LIFE = timedelta(days=30)
MOST_ENTRIES = 500
MOST_PATTERNS = 100  # each is tried on every signature
MOST_STARS = 3  # more would let one address keep the matching busy
_DOMAIN_PATTERN = re.compile(r"(?:[a-z0-9*](?:[a-z0-9*-]*[a-z0-9*])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


class EntryProblem(StrEnum):
    """Why an entry is refused; the door has a sentence for each."""

    NO_NETWORK = "no_network"
    NETWORK_TOO_WIDE = "network_too_wide"
    NO_DOMAIN = "no_domain"
    NO_ADDRESS = "no_address"
    TOO_MANY_STARS = "too_many_stars"
    NOTE_MISSING = "note_missing"
    LIST_FULL = "list_full"


class EntryRefused(DomainError):
    """This cannot stand on a list; `problem` says why."""

    def __init__(self, problem: EntryProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True)
class _Wanted:
    """What becomes of what was typed. `canonical` is the same for two spellings of one thing."""

    canonical: str
    shown: str
    keys: tuple[str, ...]
    pattern: str | None = None


def add_entry(
    session: Session,
    campaign_id: int,
    listing: Listing,
    subject: ListSubject,
    typed: str,
    *,
    note: str,
    hash_key: str,
    actor: str,
    now: datetime,
) -> int:
    """Put something on a list, or renew what stands there already; gives the entry's id. Raises EntryRefused.

    A network is known by its note alone, so it needs one.
    """
    wanted = _READERS[subject](typed.strip(), hash_key)
    return _store(session, campaign_id, listing, subject, wanted, note=note, hash_key=hash_key, actor=actor, now=now)


def list_network(
    session: Session,
    campaign_id: int,
    listing: Listing,
    network_hash: str,
    *,
    note: str,
    hash_key: str,
    actor: str,
    now: datetime,
) -> int:
    """As `add_entry` for the network of a signature, which nobody but its hash is known of."""
    wanted = _Wanted(canonical=network_hash, shown="", keys=(network_key(network_hash),))
    return _store(
        session, campaign_id, listing, ListSubject.NETWORK, wanted, note=note, hash_key=hash_key, actor=actor, now=now
    )


def _store(
    session: Session,
    campaign_id: int,
    listing: Listing,
    subject: ListSubject,
    wanted: _Wanted,
    *,
    note: str,
    hash_key: str,
    actor: str,
    now: datetime,
) -> int:
    if subject is ListSubject.NETWORK and not note:
        raise EntryRefused(EntryProblem.NOTE_MISSING)
    _refuse_if_full(session, campaign_id, wanted)
    expires = listing is Listing.BLOCKED and subject is ListSubject.NETWORK
    statement = insert_into(session, ScreeningEntry).values(
        campaign_id=campaign_id,
        listing=listing,
        subject=subject,
        shown=wanted.shown,
        pattern=wanted.pattern,
        note=note,
        fingerprint=keyed_hash(hash_key, f"{subject.value} entry", wanted.canonical),
        created_by=actor,
        created_at=now,
        expires_at=now + BLOCKED_NETWORK_LIFE if expires else None,
    )
    renewed = {name: statement.excluded[name] for name in ("note", "created_by", "created_at", "expires_at")}
    entry_id: int = session.scalars(
        statement.on_conflict_do_update(
            index_elements=["campaign_id", "listing", "fingerprint"], set_=renewed
        ).returning(ScreeningEntry.id)
    ).one()
    keys = [{"campaign_id": campaign_id, "key": key, "entry_id": entry_id} for key in wanted.keys]
    session.execute(insert_into(session, ScreeningKey).on_conflict_do_nothing(), keys)
    record(
        session, actor=actor, action="screening.listed", object_type="screening_entry", object_id=entry_id, now=now,
        campaign_id=campaign_id, listing=listing.value, subject=subject.value,
    )  # fmt: skip
    return entry_id


def _refuse_if_full(session: Session, campaign_id: int, wanted: _Wanted) -> None:
    entries = select(func.count()).where(ScreeningEntry.campaign_id == campaign_id)
    full = (session.scalar(entries) or 0) >= MOST_ENTRIES
    if wanted.pattern is not None and not full:
        full = (session.scalar(entries.where(ScreeningEntry.pattern.is_not(None))) or 0) >= MOST_PATTERNS
    if full:
        raise EntryRefused(EntryProblem.LIST_FULL)


def remove_entry(session: Session, campaign_id: int, entry_id: int, *, actor: str, now: datetime) -> None:
    """Take an entry off its list. Raises NotFound where this campaign has no such entry."""
    entry = session.scalar(
        select(ScreeningEntry).where(ScreeningEntry.id == entry_id, ScreeningEntry.campaign_id == campaign_id)
    )
    if entry is None:
        raise NotFound("There is no such entry.")
    record(
        session, actor=actor, action="screening.unlisted", object_type="screening_entry", object_id=entry_id, now=now,
        campaign_id=campaign_id, listing=entry.listing.value, subject=entry.subject.value,
    )  # fmt: skip
    session.execute(delete(ScreeningEntry).where(ScreeningEntry.id == entry_id))


def list_entries(session: Session, campaign_id: int) -> Sequence[ScreeningEntry]:
    """All entries of a campaign, of which there are MOST_ENTRIES at most: the blocked first, the newest first."""
    return session.scalars(
        select(ScreeningEntry)
        .where(ScreeningEntry.campaign_id == campaign_id)
        .order_by(ScreeningEntry.listing.desc(), ScreeningEntry.id.desc())
    ).all()


def forget_address(session: Session, campaign_id: int, email_key: str) -> None:
    """Take the address of a person who is forgotten off the lists."""
    found = select(ScreeningKey.entry_id).where(
        ScreeningKey.campaign_id == campaign_id, ScreeningKey.key == address_entry_key(email_key)
    )
    session.execute(delete(ScreeningEntry).where(ScreeningEntry.id.in_(found)))


def list_expired(session: Session, *, now: datetime) -> Sequence[int]:
    """Ids of entries that have been kept for long enough: networks 30 days after they were blocked, addresses of
    persons 30 days after their campaign took its last signature."""
    over = [Campaign.closed_at < now - BLOCKED_NETWORK_LIFE, Campaign.withdrawn_at < now - BLOCKED_NETWORK_LIFE]
    return session.scalars(
        select(ScreeningEntry.id)
        .join(Campaign, Campaign.id == ScreeningEntry.campaign_id)
        .where(
            (ScreeningEntry.expires_at < now)
            | (ScreeningEntry.subject.in_((ListSubject.ADDRESS, ListSubject.NETWORK)) & (over[0] | over[1]))
        )
        .limit(MOST_ENTRIES)
    ).all()


def delete_entries(session: Session, ids: Sequence[int]) -> int:
    """Delete these entries; gives how many."""
    session.execute(delete(ScreeningEntry).where(ScreeningEntry.id.in_(ids)))
    return len(ids)


def _read_network(typed: str, hash_key: str) -> _Wanted:
    try:
        hashes = range_hashes(hash_key, typed)
    except RangeTooWide:
        raise EntryRefused(EntryProblem.NETWORK_TOO_WIDE) from None
    except RangeRefused:
        raise EntryRefused(EntryProblem.NO_NETWORK) from None
    canonical = hashes[0] if len(hashes) == 1 else " ".join(hashes)
    return _Wanted(canonical=canonical, shown="", keys=tuple(map(network_key, hashes)))


def _read_domain(typed: str, _hash_key: str) -> _Wanted:
    domain = typed.casefold().removeprefix("@").strip(".")
    if "*" in domain:
        return _read_pattern(domain, _DOMAIN_PATTERN.fullmatch(domain) is not None, EntryProblem.NO_DOMAIN)
    try:
        domain = address_domain(check_address(f"a@{domain}"))
    except AddressRefused:
        raise EntryRefused(EntryProblem.NO_DOMAIN) from None
    if "." not in domain:
        raise EntryRefused(EntryProblem.NO_DOMAIN)
    return _Wanted(canonical=domain, shown=domain, keys=(domain_key(domain),))


def _read_address(typed: str, hash_key: str) -> _Wanted:
    if "*" in typed:
        local, _, domain = typed.casefold().rpartition("@")
        fine = bool(local) and " " not in typed and _DOMAIN_PATTERN.fullmatch(domain) is not None
        return _read_pattern(f"{local}@{domain}", fine, EntryProblem.NO_ADDRESS)
    try:
        address = check_address(typed)
    except AddressRefused:
        raise EntryRefused(EntryProblem.NO_ADDRESS) from None
    local, _, domain = normalise_address(address).rpartition("@")
    key = address_key(hash_key, address)
    return _Wanted(canonical=key, shown=f"{local[:1]}…@{domain}", keys=(address_entry_key(key),))


def _read_pattern(text: str, fine: bool, problem: EntryProblem) -> _Wanted:
    if not fine:
        raise EntryRefused(problem)
    if text.count("*") > MOST_STARS:
        raise EntryRefused(EntryProblem.TOO_MANY_STARS)
    return _Wanted(canonical=text, shown=text, keys=(PATTERN_KEY,), pattern=text)


_READERS = {
    ListSubject.NETWORK: _read_network,
    ListSubject.DOMAIN: _read_domain,
    ListSubject.ADDRESS: _read_address,
}
