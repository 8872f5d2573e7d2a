"""Keyset pages of the list, newest first, and how many there are in all where that is cheap to say.

Of several filters, the one that finds the fewest rows is looked up by its index, and the rows found there are sifted by
the others. Which one that is, is counted and not guessed, to a limit; so what is read is bounded whatever is asked.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, literal, select, true, union_all
from sqlalchemy.orm import Session

from campaign.core.paging import Page, page_of
from campaign.petitions.models import Signal, Signature, SignatureSignal, SignatureState
from campaign.petitions.queue.filters import Filters
from campaign.petitions.queue.narrowing import MOST_WALKED, Narrowing, everything, narrowings, searched_key, sifted

PAGE_SIZE = 50
MOST_SIFTED = 5_000


@dataclass(frozen=True)
class QueuePage(Page[Signature]):
    """A page, and how many rows there are on all pages: `total`, or None where only a count of them all would say.

    With `is_more`, there are more than `total`.
    """

    total: int | None
    is_more: bool = False


@dataclass(frozen=True)
class _Plan:
    """Newest ids as many as were asked for, and the total as in QueuePage."""

    ids: Select[int]
    total: int | None
    is_more: bool = False


@dataclass(frozen=True)
class Asked:
    """Which list: of a campaign, narrowed by filters. `counts` is the campaign's tally; the key finds addresses."""

    campaign_id: int
    filters: Filters
    counts: Mapping[SignatureState, int]
    hash_key: str


def list_signatures(session: Session, asked: Asked, *, after: int | None = None) -> QueuePage:
    """A page of signatures, newest first, those after the row `after`."""
    plan = _plan(session, asked, after=after)
    ids = plan.ids.subquery()
    query = select(Signature).join(ids, ids.c.id == Signature.id).order_by(Signature.id.desc())
    page = page_of(session.scalars(query).all(), PAGE_SIZE)
    return QueuePage(page.items, page.next, plan.total, plan.is_more)


def find_by_address(session: Session, campaign_id: int, address: str, *, hash_key: str) -> int | None:
    """The id of the signature given with an email address; a campaign has no two."""
    key = searched_key(address, hash_key)
    return session.scalar(select(Signature.id).where(Signature.campaign_id == campaign_id, Signature.email_key == key))


def list_editions(session: Session, asked: Asked, *, most: int) -> dict[int, int] | None:
    """All signatures that the filters leave, id → edition; None where they are more than `most`."""
    ids = _plan(session, asked, most + 1).ids.subquery()
    rows = session.execute(select(Signature.id, Signature.edition).join(ids, ids.c.id == Signature.id)).all()
    return {row.id: row.edition for row in rows} if len(rows) <= most else None


def _plan(session: Session, asked: Asked, limit: int = PAGE_SIZE + 1, after: int | None = None) -> _Plan:
    filters, counts = asked.filters, asked.counts
    found = list(narrowings(asked.campaign_id, filters, hash_key=asked.hash_key))
    state = filters.state if filters.comment is None else None  # a comment's index holds the state as well
    all_of_state = everything(asked.campaign_id, state)
    if not found:
        return _Plan(all_of_state.walk([], limit, after), sum(counts.values()) if state is None else counts[state])
    if state is not None:
        found = [*found, all_of_state]
    sizes = _sizes(session, found, MOST_SIFTED + 1)
    least, others = _least(found, sizes)
    if min(sizes) <= MOST_SIFTED:
        few = sifted(least.ids(MOST_SIFTED), others)
        total = session.scalar(select(func.count()).select_from(few.subquery())) if others else min(sizes)
        ids = few.subquery()
        newest = select(ids.c.id).where(true() if after is None else ids.c.id < after).order_by(ids.c.id.desc())
        return _Plan(newest.limit(limit), total)
    sizes = _sizes(session, found, MOST_WALKED + 1)
    least, others = _least(found, sizes)
    if min(sizes) > MOST_WALKED and not least.in_order:
        # So many that they are among the newest too: sorting them all would take longer.
        least, others = all_of_state, [each.sift for each in found if each is not all_of_state]
    is_more = min(sizes) > MOST_WALKED
    total = None if len(found) > 1 else min(*sizes, MOST_WALKED)
    return _Plan(least.walk(others, limit, after), total, is_more)


def _sizes(session: Session, found: Sequence[Narrowing], limit: int) -> list[int]:
    """How many rows each filter finds, counted to the limit, in one statement."""
    parts = [
        select(literal(place), func.count()).select_from(each.ids(limit).subquery()) for place, each in enumerate(found)
    ]
    sizes = dict(session.execute(union_all(*parts)).all())
    return [sizes[place] for place in range(len(found))]


def _least(found: Sequence[Narrowing], sizes: Sequence[int]) -> tuple[Narrowing, list[ColumnElement[bool]]]:
    """The filter that finds the fewest, and the conditions of the others."""
    place = sizes.index(min(sizes))
    return found[place], [each.sift for other, each in enumerate(found) if other != place]


def list_signals(session: Session, ids: Sequence[int]) -> dict[int, list[SignatureSignal]]:
    """What was noticed about each of these signatures, what held it first."""
    found: dict[int, list[SignatureSignal]] = {}
    order = list(Signal)
    rows = session.scalars(select(SignatureSignal).where(SignatureSignal.signature_id.in_(ids))).all()
    for row in sorted(rows, key=lambda row: (not row.holds, order.index(row.signal))):
        found.setdefault(row.signature_id, []).append(row)
    return found


def sealed(editions: Mapping[int, int]) -> str:
    """How many signatures, and a digest of which in which edition: what was shown is what is decided about."""
    rows = ",".join(f"{row_id}.{edition}" for row_id, edition in sorted(editions.items()))
    return f"{len(editions)}.{hashlib.sha256(rows.encode()).hexdigest()[:16]}"
