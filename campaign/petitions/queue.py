"""The moderators' list of signatures: filters and keyset pages, newest first.

Each filter by itself is answered by an index, in the order of the page. A search looks up the names and every country
on an index of its own and brings the ids together, so it reads what matches and never the whole campaign. Of several
filters together, the database takes one index and holds the rows found there against the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Subquery, and_, func, literal, select, union, union_all
from sqlalchemy.orm import Session

from campaign.core.addresses import AddressRefused, address_key, check_address
from campaign.core.paging import Page, page_of
from campaign.petitions.models import CommentState, Signal, Signature, SignatureState

PAGE_SIZE = 50
MOST_COUNTED = 100
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
    conditions = [Signature.campaign_id == campaign_id, *_conditions(filters)]
    if after is not None:
        conditions.append(Signature.id < after)
    query = select(Signature).order_by(Signature.id.desc()).limit(PAGE_SIZE + 1)
    if "@" in filters.search:
        query = query.where(*conditions, Signature.email_key == _address_key(filters.search, hash_key))
    elif filters.search:
        found = _searched_ids(conditions, filters)
        query = query.join(found, found.c.id == Signature.id)
    else:
        query = query.where(*conditions)
    return page_of(session.scalars(query).all(), PAGE_SIZE)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.state is not None:
        found.append(Signature.state == filters.state)
    if filters.flag is not None:
        found.append(Signature.held_for == filters.flag)
    if filters.comment is not None:
        found.append(Signature.comment_state == filters.comment)
    if filters.comment is not None and filters.state is None:
        # A comment is worth reading, and is shown, once its signature counts.
        found.append(Signature.state == SignatureState.CONFIRMED)
    if filters.source:
        found.append(Signature.source == filters.source)
    if filters.country:
        found.append(Signature.country == filters.country)
    return found


def _address_key(search: str, hash_key: str) -> str:
    """An address matches as a whole; what is no address matches nothing."""
    try:
        return address_key(hash_key, check_address(search))
    except AddressRefused:
        return ""


def _searched_ids(conditions: Sequence[ColumnElement[bool]], filters: Filters) -> Subquery:
    """The page's ids: a name matches by how it begins, a country by its code.

    One OR over both would be answered by walking the campaign from its newest row until enough are found.
    """
    folded = filters.search.casefold()
    # A range and not LIKE: both engines compare this column byte by byte, so the index answers it.
    name = and_(Signature.name_folded >= folded, Signature.name_folded < folded + _LAST_CHARACTER)
    by_name = select(Signature.id).where(*conditions, name)
    # The sum keeps either engine from walking the campaign in the order of ids to spare itself the sorting.
    parts = [by_name.order_by((Signature.id + 0).desc()).limit(PAGE_SIZE + 1).subquery()]
    for code in filters.countries:
        by_country = select(Signature.id).where(*conditions, Signature.country == code)
        parts.append(by_country.order_by(Signature.id.desc()).limit(PAGE_SIZE + 1).subquery())
    together = union(*(select(part.c.id) for part in parts)).subquery()
    return select(together.c.id).order_by(together.c.id.desc()).limit(PAGE_SIZE + 1).subquery()


def count_awaiting_comments(session: Session, campaign_ids: Sequence[int]) -> dict[int, int]:
    """How many comments of confirmed signatures wait for a decision, for each campaign; counted to MOST_COUNTED."""
    found = dict.fromkeys(campaign_ids, 0)
    parts = [select(literal(one), func.count()).select_from(_awaiting(one)) for one in found]
    if parts:
        found |= dict(session.execute(union_all(*parts)).all())
    return found


def _awaiting(campaign_id: int) -> Subquery:
    """The newest first: they are those that nobody has read yet."""
    conditions = _conditions(Filters(comment=CommentState.AWAITING))
    query = select(Signature.id).where(Signature.campaign_id == campaign_id, *conditions)
    return query.order_by(Signature.id.desc()).limit(MOST_COUNTED).subquery()
