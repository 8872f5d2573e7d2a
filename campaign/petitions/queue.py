"""The moderators' list of signatures: filters and keyset pages, newest first, each on an index."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from campaign.core.addresses import AddressRefused, address_key, check_address
from campaign.core.paging import Page, page_of
from campaign.petitions.models import CommentState, Signal, Signature, SignatureState

PAGE_SIZE = 50
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; None or empty leaves a filter out. `countries` are codes that `search` may mean."""

    state: SignatureState | None = None
    search: str = ""
    countries: tuple[str, ...] = ()
    flag: Signal | None = None
    source: str = ""
    country: str = ""
    comment: CommentState | None = None


def list_signatures(
    session: Session, campaign_id: int, filters: Filters, *, hash_key: str, after: int | None = None
) -> Page[Signature]:
    """A page of signatures, newest first, those after the row `after`."""
    query = (
        select(Signature)
        .where(Signature.campaign_id == campaign_id, *_conditions(filters, hash_key))
        .order_by(Signature.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if after is not None:
        query = query.where(Signature.id < after)
    return page_of(session.scalars(query).all(), PAGE_SIZE)


def _conditions(filters: Filters, hash_key: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.state is not None:
        found.append(Signature.state == filters.state)
    if filters.flag is not None:
        found.append(Signature.held_for == filters.flag)
    if filters.comment is not None:
        found.append(Signature.comment_state == filters.comment)
    if filters.comment is CommentState.AWAITING and filters.state is None:
        # A comment is worth reading once its signature counts.
        found.append(Signature.state == SignatureState.CONFIRMED)
    if filters.source:
        found.append(Signature.source == filters.source)
    if filters.country:
        found.append(Signature.country == filters.country)
    if filters.search:
        found.append(_matches(filters, hash_key))
    return found


def _matches(filters: Filters, hash_key: str) -> ColumnElement[bool]:
    """An address matches as a whole, a name by how it begins, a country by its code."""
    if "@" in filters.search:
        try:
            return Signature.email_key == address_key(hash_key, check_address(filters.search))
        except AddressRefused:
            return Signature.email_key == ""
    folded = filters.search.casefold()
    # A range and not LIKE: both engines compare this column byte by byte, so the index answers it.
    name = and_(Signature.name_folded >= folded, Signature.name_folded < folded + _LAST_CHARACTER)
    return or_(name, Signature.country.in_(filters.countries)) if filters.countries else name


def count_awaiting_comments(session: Session, campaign_ids: Sequence[int]) -> dict[int, int]:
    """How many comments of confirmed signatures wait for a decision, for each of the campaigns."""
    rows = session.execute(
        select(Signature.campaign_id, func.count())
        .where(
            Signature.campaign_id.in_(campaign_ids),
            Signature.comment_state == CommentState.AWAITING,
            Signature.state == SignatureState.CONFIRMED,
        )
        .group_by(Signature.campaign_id)
    )
    return dict.fromkeys(campaign_ids, 0) | dict(rows.all())
