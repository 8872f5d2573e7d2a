"""One filter of the list in three ways: to count by its index, to walk by its index, and to sift rows found otherwise.

Neither engine is left to choose among indexes: SQLite keeps no statistics of single values, and PostgreSQL takes
filters for independent of each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    exists,
    false,
    literal,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute

from campaign.core.addresses import AddressRefused, address_key, check_address
from campaign.petitions.models import Signal, Signature, SignatureSignal, SignatureState
from campaign.petitions.queue.filters import Filters, Likeness

MOST_WALKED = 100_000
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class Part:
    """Ids that one index finds. Where `in_order`, it has them in the order of the list; else they must be sorted."""

    ids: Select[int]
    in_order: bool = True


@dataclass(frozen=True)
class Narrowing:
    """A filter: the parts whose ids together meet it, and the condition that says so of a row found otherwise.

    `by_signals`: the ids are found among the signals.
    """

    parts: Sequence[Part]
    sift: ColumnElement[bool]
    by_signals: bool = False

    @property
    def in_order(self) -> bool:
        """Whether walking it needs no sorting."""
        return all(part.in_order for part in self.parts)

    def ids(self, limit: int) -> Select[int]:
        """Up to so many different ids, in no order."""
        if len(self.parts) == 1:
            return self.parts[0].ids.limit(limit)
        return select(_together([part.ids.limit(limit) for part in self.parts]).c.id).limit(limit)

    def walk(self, sifts: Sequence[ColumnElement[bool]], limit: int, after: int | None) -> Select[int]:
        """The newest ids, those below `after`, that meet the other conditions too."""
        key: Any = SignatureSignal.signature_id if self.by_signals else Signature.id
        parts = []
        for part in self.parts:
            ids = part.ids if after is None else part.ids.where(key < after)
            # The sum keeps either engine from walking the campaign in the order of ids to spare itself the sorting.
            # What must be sorted has at most MOST_WALKED rows; the limit keeps the sifting behind the sorting.
            ids = ids.order_by(key.desc()) if part.in_order else ids.order_by((key + 0).desc()).limit(MOST_WALKED)
            parts.append((sifted(ids, sifts) if sifts else ids).limit(limit))
        if len(parts) == 1:
            return parts[0]
        found = _together(parts)
        return select(found.c.id).order_by(found.c.id.desc()).limit(limit)


def sifted(ids: Select[int], sifts: Sequence[ColumnElement[bool]]) -> Select[int]:
    """Those of the ids whose signatures meet the conditions, in the same order.

    Each row is looked up by its key. A join would leave it to PostgreSQL to read the whole table instead, which it
    does where it expects many rows and finds few.
    """
    rows = ids.subquery()
    looked_up = select(literal(1)).where(Signature.id == rows.c.id, *sifts).limit(1).scalar_subquery()
    return select(rows.c.id).where(looked_up.is_not(None))


def narrowings(campaign_id: int, filters: Filters, *, hash_key: str) -> Iterator[Narrowing]:
    """All filters but the state, whose size is known without counting."""
    ours = select(Signature.id).where(Signature.campaign_id == campaign_id)
    if filters.comment is not None:
        yield _comment(ours, filters)
    if filters.source:
        yield _equal(ours, Signature.source, filters.source)
    if filters.country:
        yield _equal(ours, Signature.country, filters.country)
    if filters.flag is Signal.MODERATOR:  # noticed by nobody, so no signal is kept
        yield _moderators(ours)
    elif filters.flag is not None:
        yield _signal(campaign_id, filters.flag)
    if "@" in filters.search:
        yield _equal(ours, Signature.email_key, searched_key(filters.search, hash_key))
    elif filters.search:
        yield _search(ours, filters.search, filters.countries)
    if filters.network_hash is not None:
        yield _equal(ours, Signature.network_hash, filters.network_hash)
    if filters.like is not None:
        yield alike(campaign_id, filters.like)
    if filters.since is not None:
        part = Part(ours.where(Signature.created_at >= filters.since), in_order=False)
        yield Narrowing([part], Signature.created_at >= filters.since)


def everything(campaign_id: int, state: SignatureState | None) -> Narrowing:
    """The campaign's signatures, of one state or of all."""
    ours = select(Signature.id).where(Signature.campaign_id == campaign_id)
    return Narrowing([Part(ours)], true()) if state is None else _equal(ours, Signature.state, state)


def alike(campaign_id: int, like: Sequence[Likeness]) -> Narrowing:
    """Those that meet one of these; none of these is met by nobody."""
    ours = select(Signature.id).where(Signature.campaign_id == campaign_id)
    parts = [_alike_part(ours, one) for one in like] or [Part(ours.where(false()))]
    return Narrowing(parts, or_(false(), *(_alike_sift(one) for one in like)))


def _equal(ours: Select[int], column: InstrumentedAttribute[Any], value: Any) -> Narrowing:
    return Narrowing([Part(ours.where(column == value))], column == value)


def _comment(ours: Select[int], filters: Filters) -> Narrowing:
    # A comment is worth reading, and is shown, once its signature counts.
    state = filters.state or SignatureState.CONFIRMED
    part = Part(ours.where(Signature.comment_state == filters.comment, Signature.state == state))
    sift = and_(Signature.comment_state == filters.comment, Signature.state == state)
    return Narrowing([part], sift)


def _moderators(ours: Select[int]) -> Narrowing:
    held_for = Signature.held_for
    return Narrowing([Part(ours.where(held_for == Signal.MODERATOR), in_order=False)], held_for == Signal.MODERATOR)


def _signal(campaign_id: int, signal: Signal) -> Narrowing:
    kept = SignatureSignal
    ids = select(kept.signature_id.label("id")).where(kept.campaign_id == campaign_id, kept.signal == signal)
    sift = exists().where(kept.signature_id == Signature.id, kept.signal == signal)
    return Narrowing([Part(ids)], sift, by_signals=True)


def _search(ours: Select[int], search: str, countries: Sequence[str]) -> Narrowing:
    """A name matches by how it begins, a country by its code.

    One OR over both would be answered by walking the campaign from its newest row until enough are found.
    """
    start, end = search.casefold(), search.casefold() + _LAST_CHARACTER
    # A range and not LIKE: both engines compare this column byte by byte, so the index answers it.
    names = ours.where(Signature.name_folded >= start, Signature.name_folded < end)
    name = Signature.name_folded
    return Narrowing(
        [Part(names, in_order=False), *(Part(ours.where(Signature.country == code)) for code in countries)],
        or_(and_(name >= start, name < end), *(Signature.country == code for code in countries)),
    )


def _alike_part(ours: Select[int], one: Likeness) -> Part:
    if one.network_hash is not None:
        return Part(ours.where(Signature.network_hash == one.network_hash, _alike_sift(one)))
    return Part(ours.where(Signature.held_for == one.held_for, Signature.state == one.state))


def _alike_sift(one: Likeness) -> ColumnElement[bool]:
    given = [(Signature.held_for, one.held_for), (Signature.network_hash, one.network_hash)]
    values = [column == value for column, value in given if value is not None]
    return and_(Signature.state == one.state, *values)


def _together(parts: Sequence[Select[int]]) -> Subquery:
    return union(*(select(part.subquery().c.id) for part in parts)).subquery()


def searched_key(search: str, hash_key: str) -> str:
    """The key of an address that is looked for, which matches as a whole; what is no address matches nothing."""
    try:
        return address_key(hash_key, check_address(search))
    except AddressRefused:
        return ""
