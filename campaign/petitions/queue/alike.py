"""Which signatures are like some others: those that wait for the same reason, and where it is a network, from it."""

from collections.abc import Sequence

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from campaign.petitions.models import Signal, Signature
from campaign.petitions.queue.filters import Likeness
from campaign.petitions.queue.narrowing import alike

# These say something of the network. Of two who are held for another reason, that reason is what is alike.
_OF_NETWORK = frozenset({None, Signal.BURST, Signal.BLOCKED_NETWORK, Signal.MODERATOR})


def find_likenesses(session: Session, campaign_id: int, ids: Sequence[int]) -> dict[int, Likeness]:
    """What each of these signatures shares with others; those that nothing is known of to share are left out."""
    rows = session.execute(
        select(Signature.id, Signature.state, Signature.held_for, Signature.network_hash)
        .where(Signature.campaign_id == campaign_id, Signature.id.in_(ids))
        .order_by(Signature.id)
    )
    found = {}
    for row in rows:
        network_hash = row.network_hash if row.held_for in _OF_NETWORK else None
        if row.held_for is not None or network_hash is not None:
            found[row.id] = Likeness(row.state, row.held_for, network_hash)
    return found


def count_alike(session: Session, campaign_id: int, likenesses: Sequence[Likeness], *, most: int) -> list[int]:
    """How many signatures share each, counted to `most`, in one statement."""
    parts = [
        select(literal(place), func.count()).select_from(alike(campaign_id, [one]).ids(most).subquery())
        for place, one in enumerate(likenesses)
    ]
    sizes = dict(session.execute(union_all(*parts)).all()) if parts else {}
    return [sizes[place] for place in range(len(parts))]
